//! Plans as files: the request, the action for each group, and the listing that justifies it. It owns the format, which
//! `docs/json.md` describes; it judges no plan.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json;
use crate::{
    clock,
    domain::{
        community::{CommunityListing, CommunityRef, Group, GroupRef},
        event::SeenBefore,
        id::{CommunityId, GroupId, OperationId},
        instance::InstanceKey,
        name::Name,
        plan::{Earlier, Head, Mark, Plan, Reason, Request, Row, Step, Task, Verb, Want, Wish},
        reading::Readings,
        time::Millis,
    },
};

/// The version of the format.
const VERSION: u32 = 1;
/// The value that distinguishes the file from any other JSON.
const KIND: &str = "synod_plan";

/// A plan in its file format.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanFile {
    v: u32,
    kind: String,
    made: String,
    made_ms: Millis,
    instance: OfInstance,
    verb: Verb,
    community: Option<CommunityRef>,
    leaves_community: bool,
    /// The operation that is retried, resumed or undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<OperationId>,
    send: usize,
    groups: Vec<OfGroup>,
    listing: Listing,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OfInstance {
    name: String,
    key: InstanceKey,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OfGroup {
    group: GroupId,
    name: Name,
    source: Option<CommunityId>,
    head: Head,
    ticked: bool,
    send: bool,
    steps: Vec<Step>,
    reasons: Vec<Reason>,
    /// The specific goal for this group, if it differs from that of the plan or continues an earlier operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again: Option<OfAgain>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OfAgain {
    verb: Verb,
    community: Option<CommunityId>,
    sent_before: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    may_be_others: bool,
    /// It continues no earlier operation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_new: bool,
}

impl OfAgain {
    fn new(wish: &Wish, common: Option<&Task>) -> Option<Self> {
        let is_common = || {
            let (group, name) = (wish.group.clone(), wish.name.clone());
            let mark = Mark { group, name, source: wish.source().cloned() };
            common.is_some_and(|common| Wish::of(common, mark) == *wish)
        };
        if wish.earlier.is_none() && is_common() {
            return None;
        }
        let is_new = wish.earlier.is_none();
        let Earlier { sent_before, may_be_others, .. } = wish.earlier.unwrap_or_default();
        let verb = match wish.want {
            Want::In(_) if wish.moves() => Verb::Move,
            Want::In(_) => Verb::Link,
            Want::InNone => Verb::Unlink,
            Want::Left => Verb::Leave,
            Want::Member => Verb::Rejoin,
            Want::CommunityLeft(_) => return None,
        };
        Some(Self { verb, community: wish.target().cloned(), sent_before, may_be_others, is_new })
    }

    fn earlier(&self) -> Option<Earlier> {
        let Self { sent_before, may_be_others, is_new, .. } = *self;
        (!is_new).then_some(Earlier { sent_before, may_be_others, left: false })
    }
}

/// A verb with its community; `None` if it needs one and has none.
fn task(verb: Verb, community: Option<&CommunityId>) -> Option<Task> {
    Some(match verb {
        Verb::Link => Task::Link(community?.clone()),
        Verb::Move => Task::Move(community?.clone()),
        Verb::Unlink => Task::Unlink,
        Verb::Leave => Task::Leave,
        Verb::Rejoin => Task::Rejoin,
    })
}

/// The readings that the plan relies on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Listing {
    begun: Millis,
    communities: Vec<Arc<CommunityListing>>,
    groups: Vec<Group>,
}

impl PlanFile {
    /// A plan and the readings that it was made from, on the named instance.
    pub fn new(instance: &str, plan: &Plan, readings: &Readings) -> Self {
        let request = &plan.request;
        let wishes = request.wishes_by_group();
        let wish = |row: &Row| wishes.get(&row.group).copied();
        let common = task(request.verb, request.target());
        let groups = plan.rows.iter().map(|row| OfGroup {
            group: row.group.clone(),
            name: row.name.clone(),
            source: wish(row).and_then(|wish| wish.source().cloned()),
            head: row.head,
            ticked: row.ticked,
            send: row.is_sent(),
            steps: row.steps.clone(),
            reasons: row.reasons.clone(),
            again: wish(row).and_then(|wish| OfAgain::new(wish, common.as_ref())),
        });
        let listed = readings.group_list().map(|list| list.groups.iter()).into_iter().flatten();
        let meant: std::collections::HashSet<&str> = plan.rows.iter().map(|row| row.group.as_str()).collect();
        Self {
            v: VERSION,
            kind: KIND.to_owned(),
            made: clock::rfc3339(plan.made),
            made_ms: plan.made,
            instance: OfInstance { name: instance.to_owned(), key: request.instance.clone() },
            verb: request.verb,
            community: request.target().map(|id| CommunityRef {
                id: id.clone(),
                name: plan.target.as_ref().and_then(|target| target.name.clone()),
            }),
            leaves_community: request.leaves_community(),
            parent: request.parent,
            send: plan.sent(),
            groups: groups.collect(),
            listing: Listing {
                begun: readings.begun,
                communities: readings.communities.values().flatten().cloned().collect(),
                groups: listed.filter(|group| meant.contains(group.id())).map(GroupRef::to_group).collect(),
            },
        }
    }

    /// The instance's name in the configuration that the plan was made with.
    pub fn instance_name(&self) -> &str {
        &self.instance.name
    }

    /// The instance that the plan was made for.
    pub fn instance_key(&self) -> &InstanceKey {
        &self.instance.key
    }

    /// The action of the plan.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The communities that the plan relies on.
    pub fn communities(&self) -> impl Iterator<Item = CommunityRef> {
        let targets = self.groups.iter().filter_map(|group| group.again.as_ref()?.community.as_ref());
        let sources = self.groups.iter().filter_map(|group| group.source.as_ref()).chain(targets);
        let sources = sources.map(|id| CommunityRef { id: id.clone(), name: None });
        self.community.clone().into_iter().chain(sources)
    }

    /// The plan as it was confirmed, for comparison with one that is made now.
    pub fn plan(&self) -> Plan {
        let row = |group: &OfGroup| Row {
            group: group.group.clone(),
            name: group.name.clone(),
            steps: group.steps.clone(),
            done: 0,
            head: group.head,
            left_out_of: None,
            reasons: group.reasons.clone(),
            remarks: Vec::new(),
            ticked: group.ticked,
            evidence: SeenBefore::default(),
            sent_before: false,
            subgroups: Vec::new(),
        };
        Plan {
            request: Request {
                instance: self.instance.key.clone(),
                verb: self.verb,
                wishes: self.groups.iter().filter_map(|group| self.wish(group)).collect(),
                parent: self.parent,
            },
            target: self.community.clone(),
            rows: self.groups.iter().map(row).collect(),
            capacity: None,
            capacities: Vec::new(),
            most_taken: Vec::new(),
            obstacle: None,
            made: self.made_ms,
        }
    }

    /// What the plan wants for a group; `None` if it lacks the community that the verb needs.
    fn wish(&self, group: &OfGroup) -> Option<Wish> {
        let community = self.community.as_ref().map(|community| &community.id);
        if self.leaves_community {
            return Some(Wish::community_left(community?.clone()));
        }
        let task = match &group.again {
            Some(again) => task(again.verb, again.community.as_ref())?,
            None => task(self.verb, community)?,
        };
        let mark =
            Mark { group: group.group.clone(), name: group.name.clone(), source: group.source.clone() };
        Some(Wish { earlier: group.again.as_ref().and_then(OfAgain::earlier), ..Wish::of(&task, mark) })
    }

    /// Parses a plan from the content of its file.
    pub fn parse(content: &str) -> Result<Self, PlanFileError> {
        let head: Version = serde_json::from_str(content).unwrap_or_default();
        if head.kind != KIND {
            return Err(PlanFileError::NoPlan);
        }
        if head.v != VERSION {
            return Err(PlanFileError::Version);
        }
        // The parser's own message repeats the file; the line number is enough.
        let file: Self =
            serde_json::from_str(content).map_err(|error| PlanFileError::Damaged { line: error.line() })?;
        if file.groups.iter().any(|group| file.wish(group).is_none()) {
            let line = content.lines().position(|line| line.contains("\"community\""));
            return Err(PlanFileError::Damaged { line: line.map_or(1, |line| line + 1) });
        }
        Ok(file)
    }

    /// The content of its file.
    pub fn content(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|json| format!("{}\n", json::plain(json)))
    }
}

/// Why a file does not contain a plan that can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanFileError {
    /// It is not a plan file.
    NoPlan,
    /// Another version of Synod wrote it.
    Version,
    /// It is a plan that was changed or truncated.
    Damaged {
        /// The line, from 1.
        line: usize,
    },
}

/// The part of a file that is read before anything else.
#[derive(Default, Deserialize)]
struct Version {
    v: u32,
    kind: String,
}
