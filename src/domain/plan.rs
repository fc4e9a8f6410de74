//! The plan: what Synod would do to each marked group, computed before it sends anything.
//!
//! This module holds the types of the plan, and `wish` those of the request. `rules` decides, `estimate` counts, `again` turns an
//! earlier operation into a request, `change` gives the origin and the destination of a group, `needs` lists what a plan must read,
//! and `recheck` re-evaluates items that waited for their turn. The rules are those of `docs/operations.md`.

pub mod again;
pub mod change;
pub mod estimate;
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

    /// Includes a row, or leaves it out: ticks a risky row or unticks it; swaps a row for which there is no room with the last
    /// *will do* row that can give way. Returns whether anything changed.
    pub fn toggle(&mut self, at: usize) -> bool {
        if !self.can_toggle(at) {
            return false;
        }
        match self.rows[at].head {
            Head::Risky => self.rows[at].ticked = !self.rows[at].ticked,
            Head::LeftOut => self.include(at),
            Head::Blocked if self.rows[at].is_surplus() => {
                if self.room(at).is_some_and(|room| room > 0) {
                    self.fit(at);
                } else if let Some(other) = self.gives_way_to(at) {
                    let rule = self.rows[at].reasons[0].clone();
                    self.fit(at);
                    self.rows[other].head = Head::Blocked;
                    self.rows[other].ticked = false;
                    self.rows[other].reasons.insert(0, rule);
                } else {
                    self.leave_out(at);
                }
            }
            Head::WillDo | Head::Blocked | Head::AlreadySo => self.leave_out(at),
        }
        true
    }

    /// Whether pressing the mark key on this row changes the plan as it stands.
    pub fn can_toggle(&self, at: usize) -> bool {
        self.rows.get(at).is_some_and(|row| match row.head {
            Head::Risky => row.ticked || self.room(at).is_none_or(|room| room > 0),
            Head::AlreadySo => false,
            Head::WillDo | Head::Blocked | Head::LeftOut => true,
        })
    }

    /// Whether pressing the mark key on a row for which there is no room brings it in.
    pub fn can_swap(&self, at: usize) -> bool {
        self.rows.get(at).is_some_and(Row::is_surplus)
            && (self.room(at).is_some_and(|room| room > 0) || self.gives_way_to(at).is_some())
    }

    /// Includes these rows as far as there is room, and ticks the risky ones; leaves them out if all are included. Returns whether
    /// anything changed.
    pub fn toggle_all(&mut self, rows: &[usize]) -> bool {
        let is_in = |row: &Row| matches!(row.head, Head::WillDo | Head::AlreadySo) || row.ticked;
        let can_be_in = |plan: &Self, at: usize| {
            let row = &plan.rows[at];
            is_in(row) || (plan.can_toggle(at) && matches!(row.head, Head::Risky | Head::LeftOut))
        };
        let open: Vec<usize> =
            rows.iter().copied().filter(|at| can_be_in(self, *at) && !is_in(&self.rows[*at])).collect();
        let turned = if open.is_empty() {
            rows.iter().copied().filter(|at| is_in(&self.rows[*at])).collect()
        } else {
            open
        };
        let mut has_changed = false;
        for at in turned {
            has_changed |= self.toggle(at);
        }
        if !has_changed {
            // None of them can be sent.
            for at in
                rows.iter().copied().filter(|at| self.rows[*at].head == Head::Blocked).collect::<Vec<_>>()
            {
                self.leave_out(at);
                has_changed = true;
            }
        }
        has_changed
    }

    fn leave_out(&mut self, at: usize) {
        let row = &mut self.rows[at];
        row.left_out_of = Some(row.head);
        row.head = Head::LeftOut;
        // The groups that would have taken its place do not fit any more.
        let source = self.rows[at].source().cloned();
        let has_limit =
            |source: &CommunityId| self.capacities.iter().any(|(target, _)| target.same_as(source));
        if let Some(source) = source.filter(has_limit) {
            let links = |row: &Row| {
                row.head == Head::WillDo && row.link_target().is_some_and(|target| target.same_as(&source))
            };
            while let Some(last) = self.rows.iter().rposition(links)
                && self.target_room(&self.rows[last]).is_some_and(|room| room < 0)
            {
                self.rows[last].head = Head::Blocked;
                self.rows[last].reasons.insert(0, Reason::OverLimit);
            }
        }
    }

    /// Takes back that a row was left out. If others have taken its place meanwhile, it does not fit.
    fn include(&mut self, at: usize) {
        let Some(head) = self.rows[at].left_out_of.take() else { return };
        self.rows[at].head = head;
        if head == Head::WillDo && self.room(at).is_some_and(|room| room < 0) {
            let is_taken = self.rows[at].link_target().is_none();
            let rule = if is_taken { Reason::LastSubgroup } else { Reason::OverLimit };
            self.rows[at].head = Head::Blocked;
            self.rows[at].reasons.insert(0, rule);
        }
    }

    /// Makes a row fit that was blocked only because there was no room. Its other risks remain; choosing it counts as ticking it.
    fn fit(&mut self, at: usize) {
        let row = &mut self.rows[at];
        row.reasons.remove(0);
        row.head = if row.reasons.is_empty() { Head::WillDo } else { Head::Risky };
        row.ticked = true;
    }

    /// The last *will do* row that can give way to a row that does not fit.
    fn gives_way_to(&self, at: usize) -> Option<usize> {
        let row = &self.rows[at];
        let is_last_rule = row.reasons.first() == Some(&Reason::LastSubgroup);
        self.rows.iter().rposition(|other| {
            // The last-subgroup rule applies per source, the limit per target.
            let is_alike = if is_last_rule {
                other.steps.first() == row.steps.first()
            } else {
                other.link_target() == row.link_target()
            };
            other.head == Head::WillDo && is_alike
        })
    }

    /// Leaves out these groups. Rows for which they make room fit again.
    pub fn exclude(&mut self, groups: &HashSet<GroupId>) {
        if groups.is_empty() {
            return;
        }
        for at in 0..self.rows.len() {
            let row = &self.rows[at];
            if groups.contains(&row.group) && !matches!(row.head, Head::AlreadySo | Head::LeftOut) {
                self.leave_out(at);
            }
        }
        for at in 0..self.rows.len() {
            if self.rows[at].is_surplus() && self.room(at).is_some_and(|room| room > 0) {
                self.fit(at);
                self.rows[at].ticked = false;
            }
        }
    }

    /// The groups of the rows that are like this.
    pub fn groups_of(&self, is_meant: impl Fn(&Row) -> bool) -> HashSet<GroupId> {
        self.rows.iter().filter(|row| is_meant(row)).map(|row| row.group.clone()).collect()
    }

    /// Copies what the operator ticked, swapped and left out in an older plan, wherever it still applies.
    pub fn take_choices(&mut self, older: &Self) {
        let places: HashMap<GroupId, usize> =
            self.rows.iter().zip(0..).map(|(row, at)| (row.group.clone(), at)).collect();
        let pairs = older.rows.iter().filter_map(|before| Some((before, *places.get(&before.group)?)));
        let left_out = older.rows.iter().filter(|before| before.head == Head::LeftOut);
        self.exclude(&left_out.map(|before| before.group.clone()).collect());
        for (before, at) in pairs {
            let row = &self.rows[at];
            // If the request is another one, others may have taken its place.
            let was_swapped_in = before.head == Head::WillDo
                && row.is_surplus()
                && (before.ticked || older.request == self.request);
            let was_ticked = before.head == Head::Risky
                && row.head == Head::Risky
                && before.ticked != row.ticked
                && before.reasons == row.reasons;
            if was_ticked || was_swapped_in {
                self.toggle(at);
            }
        }
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

    /// How many more rows like this one fit into the community that it goes to, and may be taken out of the one that it comes from;
    /// `None` if there is no limit.
    fn room(&self, at: usize) -> Option<isize> {
        let row = &self.rows[at];
        let sent = |is_alike: &dyn Fn(&Row) -> bool| {
            self.rows.iter().filter(|other| other.is_sent() && is_alike(other)).count().cast_signed()
        };
        let source = row.steps.first().filter(|step| matches!(step, Step::Unlink(_))).and_then(|step| {
            let is_source =
                |community: &CommunityId| matches!(step, Step::Unlink(source) if source.same_as(community));
            let (_, most) = self.most_taken.iter().find(|(community, _)| is_source(community))?;
            Some(most.cast_signed() - sent(&|other| other.steps.first() == Some(step)))
        });
        self.target_room(row).into_iter().chain(source).min()
    }

    /// How many more groups fit into the community that a row links to, after those that are linked and those that leave it.
    fn target_room(&self, row: &Row) -> Option<isize> {
        let target = row.link_target()?;
        let (_, capacity) = self.capacities.iter().find(|(community, _)| community.same_as(target))?;
        Some(capacity.limit.cast_signed() - self.size_after(target, capacity.now))
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

    /// These rows by the communities that they would be linked to; last those that would be linked to none.
    pub fn by_target(&self, rows: &[usize]) -> Vec<(Option<&CommunityId>, Vec<usize>)> {
        let mut groups: Vec<(Option<&CommunityId>, Vec<usize>)> =
            self.targets().into_iter().map(Some).chain([None]).map(|target| (target, Vec::new())).collect();
        let last = groups.len() - 1;
        let places: HashMap<&str, usize> = groups
            .iter()
            .zip(0..)
            .filter_map(|((target, _), at)| Some((target.as_ref()?.bare(), at)))
            .collect();
        for row in rows {
            let target = self.rows[*row].link_target();
            let at = target.and_then(|target| places.get(target.bare())).copied().unwrap_or(last);
            groups[at].1.push(*row);
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
