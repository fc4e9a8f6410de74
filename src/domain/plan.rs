//! The plan: what Synod would do to each marked group, computed before it sends anything.
//!
//! This module holds the types of the plan, and `wish` those of the request. `rules` decides, `edit` lets the operator change the
//! plan, `estimate` counts, `again` turns an earlier operation into a request, `change` gives the origin and the destination of a
//! group, `needs` lists the reads of a plan, `joined` makes one plan of the plans of several numbers, and `recheck` re-evaluates items
//! that waited for their turn. `docs/operations.md` describes the rules.

pub mod again;
pub mod change;
mod edit;
pub mod estimate;
mod joined;
mod needs;
pub mod reason;
pub mod recheck;
mod rules;
pub mod verb;
mod wish;

pub use needs::Needs;
pub use reason::Reason;
pub use verb::{Step, Verb};
pub use wish::{Earlier, Mark, Origin, Request, Task, Want, Wish};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{
    capability::Capabilities,
    community::{CommunityRef, Subgroup},
    directory::Directory,
    event::{Fate, Order, OrderItem, SeenBefore},
    failure::Failure,
    id::{CommunityId, GroupId, OperationId},
    name::Name,
    reading::Readings,
    time::Millis,
};

/// The inputs of a plan.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    pub readings: &'a Readings,
    pub directory: &'a Directory,
    /// The gateway's capabilities.
    pub capabilities: &'a Capabilities,
    /// How many ordinary subgroups a community can hold.
    pub subgroup_limit: usize,
    /// Groups in operations that are running or waiting.
    pub busy: &'a BTreeMap<GroupId, OperationId>,
    /// The operator skipped the checks that were still outstanding.
    pub skipped: bool,
    pub now: Millis,
}

/// What Synod would do to each marked group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub request: Request,
    /// The target's name, if there is a target.
    pub target: Option<CommunityRef>,
    /// One row per marked group, in the order of the marks.
    pub rows: Vec<Row>,
    /// The target's capacity, for links and moves.
    pub capacity: Option<Capacity>,
    /// The capacity of every community that groups would be linked to, if its listing could be read.
    pub capacities: Vec<(CommunityId, Capacity)>,
    /// How many groups may be taken out of a community that must keep one, if more were asked for.
    pub most_taken: Vec<(CommunityId, usize)>,
    /// The reason why the whole plan cannot run.
    pub obstacle: Option<Obstacle>,
    /// When the plan was made.
    pub made: Millis,
}

/// One group of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub group: GroupId,
    pub name: Name,
    /// The steps of the group, starting with those already done.
    pub steps: Vec<Step>,
    /// How many of the steps the earlier operation has already done, if this plan follows one up.
    pub done: usize,
    /// The heading that the row belongs under.
    pub head: Head,
    /// If the operator left it out: the heading that it would belong under.
    pub left_out_of: Option<Head>,
    /// All the reasons for the heading, most important first.
    pub reasons: Vec<Reason>,
    /// Remarks that do not affect the heading.
    pub remarks: Vec<Remark>,
    /// Whether the operator ticked it, or swapped it in.
    pub ticked: bool,
    /// Evidence that may prove a leave later.
    pub evidence: SeenBefore,
    /// The earlier operation that this one retries or resumes has already sent something for it.
    pub sent_before: bool,
    /// If a community is left: its groups, which are left with it.
    pub subgroups: Vec<Subgroup>,
}

/// The headings of a plan. The names are part of the plan file's format and of the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Head {
    WillDo,
    /// It will be sent only if the operator ticks it.
    Risky,
    /// It is never sent.
    Blocked,
    /// There is nothing to send.
    AlreadySo,
    /// The operator left it out.
    LeftOut,
}

impl Head {
    /// All headings, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::WillDo, Self::Risky, Self::Blocked, Self::LeftOut, Self::AlreadySo];
}

/// A remark on a row that does not affect its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// There is no invite link, so there is no way back.
    NoWayBack,
    /// The role of the number in the group is unknown.
    RoleUnknown,
    /// The number also leaves this many subgroups.
    LeavesSubgroups(usize),
}

/// Why a whole plan cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Synod is in read-only mode.
    ReadOnly,
    /// The gateway would refuse everything.
    Gateway(Failure),
    /// The target's listing could not be read.
    TargetUnread(Failure),
}

/// How full a community is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The current number of ordinary subgroups.
    pub now: usize,
    /// The listing may be incomplete, so the number is a minimum.
    pub at_least: bool,
    pub limit: usize,
}

impl Row {
    /// Whether the plan, as it stands, sends this row.
    pub fn is_sent(&self) -> bool {
        match self.head {
            Head::WillDo => true,
            Head::Risky => self.ticked,
            Head::Blocked | Head::AlreadySo | Head::LeftOut => false,
        }
    }

    /// Whether it is blocked only because not all rows fit.
    pub fn is_surplus(&self) -> bool {
        self.head == Head::Blocked
            && matches!(self.reasons.first(), Some(Reason::OverLimit | Reason::LastSubgroup))
    }

    /// Whether it is blocked because the group is in another community, from which it could be moved.
    pub fn is_elsewhere(&self) -> bool {
        self.head == Head::Blocked && matches!(self.reasons.first(), Some(Reason::InOtherCommunity(_)))
    }
}

impl Plan {
    /// Whether nothing that was read says which community a group is in, or that it is in none.
    pub fn is_unplaced(group: &GroupId, directory: &Directory) -> bool {
        needs::is_unplaced(group, directory)
    }

    /// Whether Synod first searches all communities for a group that is to be linked and whose place is unknown. If there are
    /// many communities, the search would use up the token's budget for minutes, so the place stays unknown.
    pub fn seeks(group: &GroupId, directory: &Directory) -> bool {
        needs::is_unplaced(group, directory) && directory.communities().len() <= needs::MOST_SOUGHT
    }

    /// Puts every marked group under its heading.
    pub fn make(request: Request, basis: Basis<'_>) -> Self {
        rules::make(request, basis)
    }

    /// The verb whose consequences the plan has: if no row that it sends needs both steps of a move, it only links or unlinks.
    pub fn effect(&self) -> Verb {
        let left = self
            .rows
            .iter()
            .filter(|row| row.is_sent())
            .map(|row| &row.steps[row.done.min(row.steps.len())..]);
        let moves = left.clone().any(|steps| matches!(steps, [Step::Unlink(_), Step::Link(_)]));
        match (self.request.verb, left.flatten().next()) {
            (Verb::Move, Some(Step::Link(_))) if !moves => Verb::Link,
            (Verb::Move, Some(Step::Unlink(_))) if !moves => Verb::Unlink,
            (verb, _) => verb,
        }
    }

    /// The rows under a heading.
    pub fn under(&self, head: Head) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().filter(move |(_, row)| row.head == head)
    }

    /// How many groups the plan sends as it stands.
    pub fn sent(&self) -> usize {
        if self.obstacle.is_some() { 0 } else { self.rows.iter().filter(|row| row.is_sent()).count() }
    }

    /// How many groups the plan changes as it stands; a community that is left counts with its groups instead of itself.
    pub fn changed(&self) -> usize {
        if self.request.leaves_community() && self.sent() > 0 {
            self.rows.iter().filter(|row| row.is_sent()).map(|row| row.subgroups.len()).sum()
        } else {
            self.sent()
        }
    }

    /// The groups of the rows that are like this.
    pub fn groups_of(&self, is_meant: impl Fn(&Row) -> bool) -> HashSet<GroupId> {
        self.rows.iter().filter(|row| is_meant(row)).map(|row| row.group.clone()).collect()
    }

    /// Whether this plan would send exactly what the other would.
    pub fn would_send_the_same(&self, other: &Self) -> bool {
        self.sent_rows().eq(other.sent_rows())
    }

    /// Whether this plan would send nothing that the other would not.
    pub fn sends_part_of(&self, other: &Self) -> bool {
        let others: HashMap<&GroupId, _> = other.sent_rows().map(|row| (row.0, row)).collect();
        self.sent_rows().all(|row| others.get(row.0) == Some(&row))
    }

    /// The rows that are sent, in what makes them differ.
    fn sent_rows(&self) -> impl Iterator<Item = (&GroupId, &[Step], usize)> {
        let is_sent = |row: &&Row| self.obstacle.is_none() && row.is_sent();
        self.rows.iter().filter(is_sent).map(|row| (&row.group, &row.steps[..], row.subgroups.len()))
    }

    /// The size of a community after the plan as it stands. A group whose unlink may be refused makes no room.
    fn size_after(&self, community: &CommunityId, now: usize) -> isize {
        let is_here = |id: Option<&CommunityId>| id.is_some_and(|id| id.same_as(community));
        let links = self.rows.iter().filter(|row| row.is_sent() && is_here(row.link_target()));
        let leaves = self.rows.iter().filter(|row| row.head == Head::WillDo && is_here(row.source()));
        now.cast_signed() + links.count().cast_signed() - leaves.count().cast_signed()
    }

    /// The communities that rows would be linked to, in the order of the rows.
    pub fn targets(&self) -> Vec<&CommunityId> {
        targets(&self.rows)
    }

    /// These rows by the communities that their groups belong in, in the order of the rows; last those that belong in none. A row
    /// that links nothing, since its group is already there or is blocked, stands with the others of its community.
    pub fn by_target(&self, rows: &[usize]) -> Vec<(Option<&CommunityId>, Vec<usize>)> {
        let wishes = self.request.wishes_by_group();
        let wanted = |row: &Row| wishes.get(&row.group).copied().and_then(Wish::target);
        let targets: Vec<Option<&CommunityId>> =
            self.rows.iter().map(|row| row.link_target().or_else(|| wanted(row))).collect();
        let mut groups: Vec<(Option<&CommunityId>, Vec<usize>)> = Vec::new();
        let mut places: HashMap<Option<&str>, usize> = HashMap::new();
        for target in targets.iter().filter(|target| target.is_some()).chain([&None]) {
            places.entry(target.map(CommunityId::bare)).or_insert_with(|| {
                groups.push((*target, Vec::new()));
                groups.len() - 1
            });
        }
        for row in rows {
            groups[places[&targets[*row].map(CommunityId::bare)]].1.push(*row);
        }
        groups.retain(|(_, rows)| !rows.is_empty());
        groups
    }

    /// The capacity of a community before and after the plan as it stands.
    pub fn capacity_after(&self, community: &CommunityId) -> Option<(Capacity, usize)> {
        let (_, capacity) = self.capacities.iter().find(|(known, _)| known.same_as(community))?;
        Some((*capacity, self.size_after(community, capacity.now).try_into().unwrap_or_default()))
    }

    /// The same for every community that rows would be linked to, in the order of the rows.
    pub fn capacities_after(&self) -> Vec<(&CommunityId, Capacity, usize)> {
        let mut sizes: HashMap<&str, isize> = HashMap::new();
        for row in &self.rows {
            if let Some(target) = row.link_target().filter(|_| row.is_sent()) {
                *sizes.entry(target.bare()).or_default() += 1;
            }
            if let Some(source) = row.source().filter(|_| row.head == Head::WillDo) {
                *sizes.entry(source.bare()).or_default() -= 1;
            }
        }
        let capacities: HashMap<&str, Capacity> =
            self.capacities.iter().rev().map(|(known, capacity)| (known.bare(), *capacity)).collect();
        let after = |target| {
            let capacity = *capacities.get(CommunityId::bare(target))?;
            let change = sizes.get(target.bare()).copied().unwrap_or_default();
            let size = capacity.now.cast_signed() + change;
            Some((target, capacity, size.try_into().unwrap_or_default()))
        };
        self.targets().into_iter().filter_map(after).collect()
    }

    /// How many groups would be linked.
    pub fn links(&self) -> usize {
        self.rows.iter().filter(|row| row.is_sent() && row.link_target().is_some()).count()
    }

    /// The order that the engine carries out.
    pub fn order(&self) -> Order {
        let items = self.rows.iter().map(Row::order).collect();
        Order { verb: self.request.verb, target: self.target.clone(), parent: self.request.parent, items }
    }

    /// The groups that are sent.
    pub fn sent_groups(&self) -> BTreeSet<&GroupId> {
        self.rows.iter().filter(|row| row.is_sent()).map(|row| &row.group).collect()
    }
}

/// The communities that rows would be linked to, in the order of the rows.
fn targets(rows: &[Row]) -> Vec<&CommunityId> {
    let mut seen = HashSet::new();
    rows.iter().filter_map(Row::link_target).filter(|target| seen.insert(target.bare())).collect()
}

impl Row {
    /// The community that the row would be linked to.
    pub fn link_target(&self) -> Option<&CommunityId> {
        self.steps.iter().find_map(|step| match step {
            Step::Link(community) => Some(community),
            _ => None,
        })
    }

    /// The community that the next step takes the group out of.
    fn source(&self) -> Option<&CommunityId> {
        match self.steps.get(self.done) {
            Some(Step::Unlink(source)) => Some(source),
            _ => None,
        }
    }

    fn order(&self) -> OrderItem {
        let first = || self.reasons.first().cloned();
        let (fate, reason) = match self.head {
            Head::AlreadySo => (Fate::AlreadySo, first()),
            Head::LeftOut => (Fate::LeftOut, Some(Reason::LeftOut)),
            Head::Blocked => (Fate::Blocked, first()),
            Head::Risky if !self.ticked => {
                (Fate::Blocked, first().map(|why| Reason::NotTicked(Box::new(why))))
            }
            Head::WillDo | Head::Risky => (Fate::Send, None),
        };
        OrderItem {
            group: self.group.clone(),
            name: self.name.clone(),
            steps: self.steps.clone(),
            done: self.done,
            fate,
            reason,
            evidence: self.evidence,
            sent_before: self.sent_before,
            subgroups: self.subgroups.clone(),
        }
    }
}
