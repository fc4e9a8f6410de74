//! An operation and its items in JSON: the bodies of `--json` events and of an export. `docs/json.md` documents the order of
//! their fields.

use std::collections::HashMap;

use serde::Serialize;

use super::json::{Why, line};
use crate::{
    clock,
    domain::{
        community::{CommunityRef, Subgroup},
        event::StopReason,
        id::{CommunityId, GroupId, OperationId},
        name::Name,
        operation::{Item, Operation, Phase, Summary, Totals},
        outcome::Outcome,
        plan::{Step, Verb, change::Change},
    },
};

/// The names of communities, for the ids in an operation.
#[derive(Clone, Debug, Default)]
pub struct CommunityNames(HashMap<String, Name>);

impl CommunityNames {
    /// The names of these communities; the first name of an id counts.
    pub fn new<'a>(known: impl IntoIterator<Item = &'a CommunityRef>) -> Self {
        let mut names = HashMap::new();
        for community in known {
            if let Some(name) = &community.name {
                names.entry(community.id.bare().to_owned()).or_insert_with(|| name.clone());
            }
        }
        Self(names)
    }

    /// The name of a community, if it is known.
    pub fn of(&self, id: &CommunityId) -> Option<&Name> {
        self.0.get(id.bare())
    }

    /// The name in its JSON form.
    pub fn exact(&self, id: Option<&CommunityId>) -> Option<&str> {
        id.and_then(|id| self.of(id)).map(Name::exact)
    }
}

/// An operation with its items, one event per line, including the line ends. `is_dead` says that it has not ended and that no
/// process runs it.
pub fn lines(instance: &str, operation: &Operation, names: &CommunityNames, is_dead: bool) -> String {
    let body = OperationBody::new(instance, operation).interrupted(is_dead);
    let mut out = line("operation", operation.created, body) + "\n";
    for item in &operation.items {
        let at = item.attempted.or(operation.ended).unwrap_or(operation.created);
        out.push_str(&line("item", at, ItemBody::new(operation, item, names)));
        out.push('\n');
    }
    out
}

/// An operation as a whole.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OperationBody<'a> {
    pub(crate) operation: Option<OperationId>,
    pub(crate) instance: &'a str,
    pub(crate) verb: Verb,
    pub(crate) community: Option<&'a CommunityId>,
    pub(crate) parent: Option<OperationId>,
    pub(crate) created: Option<String>,
    pub(crate) ended: Option<String>,
    #[cfg_attr(test, schemars(extend("enum" = ["waiting", "running", "paused", "stopping", "ended"])))]
    pub(crate) phase: &'static str,
    pub(crate) stopped: Option<Why>,
    pub(crate) interrupted: bool,
    pub(crate) items: usize,
    pub(crate) totals: TotalsBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<u8>,
    pub(crate) community_name: Option<&'a str>,
    /// Who began it, and on which machine.
    pub(crate) operator: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
}

impl<'a> OperationBody<'a> {
    /// The operation in its current state.
    pub fn new(instance: &'a str, operation: &'a Summary) -> Self {
        let phase = match &operation.phase {
            Phase::Waiting => "waiting",
            Phase::Running => "running",
            Phase::Paused(_) => "paused",
            Phase::Stopping(_) => "stopping",
            Phase::Ended(_) => "ended",
        };
        Self {
            operation: Some(operation.id),
            instance,
            verb: operation.verb,
            community: operation.target.as_ref().map(|target| &target.id),
            parent: operation.parent,
            created: Some(clock::rfc3339(operation.created)),
            ended: operation.ended.map(clock::rfc3339),
            phase,
            stopped: stopped(operation),
            interrupted: matches!(stop_of(operation), Some(StopReason::Interrupted)),
            items: operation.count,
            totals: TotalsBody::new(&operation.totals),
            exit_code: None,
            community_name: operation
                .target
                .as_ref()
                .and_then(|target| target.name.as_ref())
                .map(Name::exact),
            operator: operation.begun_by.as_ref().map(|writer| writer.operator.exact()),
            host: operation.begun_by.as_ref().map(|writer| writer.host.exact()),
        }
    }

    /// The same; also interrupted if no process runs it any more although it has not ended.
    #[must_use]
    pub fn interrupted(self, is_dead: bool) -> Self {
        Self { interrupted: self.interrupted || is_dead, ..self }
    }
}

fn stopped(operation: &Summary) -> Option<Why> {
    stop_of(operation).map(Why::stop)
}

fn stop_of(operation: &Summary) -> Option<&StopReason> {
    match &operation.phase {
        Phase::Stopping(why) | Phase::Ended(Some(why)) => Some(why),
        _ => None,
    }
}

/// The number of items per outcome.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TotalsBody {
    pub(crate) verified: usize,
    pub(crate) already_so: usize,
    pub(crate) contradicted: usize,
    pub(crate) refused: usize,
    pub(crate) unknown: usize,
    pub(crate) not_sent: usize,
    pub(crate) blocked: usize,
    pub(crate) open: usize,
}

impl TotalsBody {
    /// The totals of an operation.
    pub fn new(totals: &Totals) -> Self {
        Self {
            verified: totals.of(Outcome::Verified),
            already_so: totals.of(Outcome::AlreadySo),
            contradicted: totals.of(Outcome::Contradicted),
            refused: totals.of(Outcome::Refused),
            unknown: totals.of(Outcome::Unknown),
            not_sent: totals.of(Outcome::NotSent),
            blocked: totals.of(Outcome::Blocked),
            open: totals.queued + totals.under_way,
        }
    }
}

/// An item and its result. The order of its fields is documented.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ItemBody<'a> {
    pub(crate) operation: Option<OperationId>,
    pub(crate) verb: Verb,
    pub(crate) group: &'a GroupId,
    pub(crate) community: Option<&'a CommunityId>,
    pub(crate) from: Option<&'a CommunityId>,
    pub(crate) to: Option<&'a CommunityId>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) reason: Option<Why>,
    pub(crate) name: &'a str,
    pub(crate) community_name: Option<&'a str>,
    pub(crate) from_name: Option<&'a str>,
    pub(crate) to_name: Option<&'a str>,
    /// If a community is left: its groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) subgroups: Vec<SubgroupBody<'a>>,
}

/// A group that is left with its community.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SubgroupBody<'a> {
    group: &'a GroupId,
    name: &'a str,
}

/// The groups that are left with their community.
pub fn subgroups(subgroups: &[Subgroup]) -> Vec<SubgroupBody<'_>> {
    subgroups.iter().map(|Subgroup { id, name }| SubgroupBody { group: id, name: name.exact() }).collect()
}

impl<'a> ItemBody<'a> {
    /// An item of an operation.
    pub fn new(operation: &'a Operation, item: &'a Item, names: &'a CommunityNames) -> Self {
        let change = Change::of(&item.steps);
        let community = community(&item.steps, operation.target.as_ref());
        let (from, to) = (change.and_then(|change| change.from()), change.and_then(|change| change.to()));
        Self {
            operation: Some(operation.id),
            verb: operation.verb,
            group: &item.group,
            community,
            from,
            to,
            outcome: item.outcome,
            reason: item.reason.as_ref().map(Why::item),
            name: item.name.exact(),
            community_name: names.exact(community),
            from_name: names.exact(from),
            to_name: names.exact(to),
            subgroups: subgroups(&item.subgroups),
        }
    }
}

/// The community that an item ends in or comes from: the one in its last step.
pub fn community<'a>(steps: &'a [Step], target: Option<&'a CommunityRef>) -> Option<&'a CommunityId> {
    let of_step = steps.last().and_then(|last| step(last).community);
    of_step.or_else(|| target.map(|target| &target.id))
}

/// One request's worth of work.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepBody<'a> {
    #[serde(rename = "do")]
    #[cfg_attr(test, schemars(extend("enum" = ["link", "unlink", "leave", "join", "leave_community"])))]
    pub(crate) what: &'static str,
    pub(crate) community: Option<&'a CommunityId>,
}

/// A step in its JSON form.
pub fn step(step: &Step) -> StepBody<'_> {
    let (what, community) = match step {
        Step::Link(community) => ("link", Some(community)),
        Step::Unlink(community) => ("unlink", Some(community)),
        Step::Leave => ("leave", None),
        Step::Join => ("join", None),
        Step::LeaveCommunity(community) => ("leave_community", Some(community)),
    };
    StepBody { what, community }
}
