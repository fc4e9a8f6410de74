//! How the operator edits a plan: including rows, leaving them out, ticking and swapping them. It owns how much room each community
//! has while the plan changes. It judges no wish: `rules` does.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Head, Plan, Reason, Row, Step};
use crate::domain::id::{CommunityId, GroupId};

impl Plan {
    /// Includes a row, or leaves it out: ticks a risky row or unticks it; swaps a row for which there is no room with the last
    /// *will do* row that can give way. Returns whether anything changed.
    pub fn toggle(&mut self, at: usize) -> bool {
        at < self.rows.len() && Editor::of_row(self, at).toggle(at)
    }

    /// Whether pressing the mark key on this row changes the plan as it stands.
    pub fn can_toggle(&self, at: usize) -> bool {
        at < self.rows.len() && Room::of_row(self, at).can_toggle(&self.rows, at)
    }

    /// Whether pressing the mark key on a row for which there is no room brings it in.
    pub fn can_swap(&self, at: usize) -> bool {
        self.rows.get(at).is_some_and(Row::is_surplus) && Room::of_row(self, at).can_swap(&self.rows, at)
    }

    /// Whether including rows or leaving them out changes the requests.
    pub fn can_change(&self) -> bool {
        let may_be_sent = |row: &Row| matches!(row.head, Head::WillDo | Head::Risky | Head::LeftOut);
        let has_swap = || {
            let room = Room::of(self);
            (0..self.rows.len()).any(|at| room.can_swap(&self.rows, at))
        };
        self.rows.iter().any(may_be_sent) || (self.rows.iter().any(Row::is_surplus) && has_swap())
    }

    /// Includes these rows as far as there is room, and ticks the risky ones; leaves them out if all are included. Returns whether
    /// anything changed.
    pub fn toggle_all(&mut self, rows: &[usize]) -> bool {
        Editor::of(self).toggle_all(rows)
    }

    /// Leaves out those of these rows that are included, and includes the others, except those for which there is no room. Returns
    /// whether anything changed.
    pub fn invert(&mut self, rows: &[usize]) -> bool {
        let mut editor = Editor::of(self);
        let mut has_changed = false;
        for at in rows {
            has_changed |= !editor.plan.rows[*at].is_surplus() && editor.toggle(*at);
        }
        has_changed
    }

    /// Leaves out these groups. Rows for which they make room fit again.
    pub fn exclude(&mut self, groups: &HashSet<GroupId>) {
        if groups.is_empty() {
            return;
        }
        let mut editor = Editor::of(self);
        editor.leave_out_all(groups);
        for at in 0..editor.plan.rows.len() {
            if editor.plan.rows[at].is_surplus() && editor.room.left(at).is_some_and(|left| left > 0) {
                editor.fit(at);
                // Nobody chose it, and a remaining risk is not accepted: it is not sent, so it takes no room.
                editor.change(at, |row| row.ticked = false);
            }
        }
    }

    /// Blocks the last rows for which the communities have no room.
    pub(super) fn keep_within_limits(&mut self) {
        let mut editor = Editor::of(self);
        for community in 0..editor.room.traffic.len() {
            editor.block_surplus(community);
        }
    }

    /// Copies what the operator ticked, swapped and left out in an older plan, wherever it still applies.
    pub fn take_choices(&mut self, older: &Self) {
        let places: HashMap<GroupId, usize> =
            self.rows.iter().zip(0..).map(|(row, at)| (row.group.clone(), at)).collect();
        let pairs = older.rows.iter().filter_map(|before| Some((before, *places.get(&before.group)?)));
        let is_same_request = older.request == self.request;
        let mut editor = Editor::of(self);
        // The room that these rows make stays free: nobody has chosen other rows for it.
        editor.leave_out_all(&older.groups_of(|before| before.head == Head::LeftOut));
        for (before, at) in pairs {
            let row = &editor.plan.rows[at];
            // If the request is another one, others may have taken its place.
            let was_swapped_in =
                before.head == Head::WillDo && row.is_surplus() && (before.ticked || is_same_request);
            let was_ticked = before.head == Head::Risky
                && row.head == Head::Risky
                && before.ticked != row.ticked
                && before.reasons == row.reasons;
            if was_ticked || was_swapped_in {
                editor.toggle(at);
            }
        }
    }
}

impl Row {
    /// The community that the first step takes the group out of.
    fn origin(&self) -> Option<&CommunityId> {
        match self.steps.first() {
            Some(Step::Unlink(origin)) => Some(origin),
            _ => None,
        }
    }
}

/// What the rows of a plan, as it stands, do to a community.
#[derive(Default)]
struct Traffic {
    /// How many groups would fit in if no row changed anything; `None` if there is no known limit.
    free: Option<isize>,
    /// How many groups may be taken out; `None` if there is no limit.
    most_taken: Option<isize>,
    /// How many rows that are sent link to it.
    links: isize,
    /// How many *will do* rows take a group out of it next. A group whose unlink may be refused makes no room.
    leaves: isize,
    /// How many rows that are sent begin with taking a group out of it.
    taken: isize,
    /// The *will do* rows that link to it.
    coming: BTreeSet<usize>,
    /// The *will do* rows that begin with taking a group out of it.
    going: BTreeSet<usize>,
}

impl Traffic {
    fn left(&self) -> Option<isize> {
        Some(self.free? - self.links + self.leaves)
    }
}

/// The communities of a row, by their numbers.
#[derive(Clone, Copy)]
struct Ends {
    target: Option<usize>,
    source: Option<usize>,
    origin: Option<usize>,
}

/// How much room each community has, counted once and then kept up to date, so that a change of a row costs no search through the
/// others.
struct Room {
    traffic: Vec<Traffic>,
    /// The communities of each row.
    ends: Vec<Ends>,
}

impl Room {
    /// The room of all communities of a plan.
    fn of(plan: &Plan) -> Self {
        Self::of_some(plan, |_| true)
    }

    /// The room of the communities of one row: enough for a single change of that row.
    fn of_row(plan: &Plan, at: usize) -> Self {
        let row = &plan.rows[at];
        let own = [row.link_target(), row.source(), row.origin()];
        Self::of_some(plan, |community| own.iter().flatten().any(|own| own.same_as(community)))
    }

    fn of_some(plan: &Plan, is_meant: impl Fn(&CommunityId) -> bool) -> Self {
        let mut numbers = HashMap::new();
        let mut number = |community: Option<&'_ CommunityId>| {
            let community = community.filter(|community| is_meant(community))?;
            let next = numbers.len();
            Some(*numbers.entry(community.bare().to_owned()).or_insert(next))
        };
        let ends = |row: &Row| Ends {
            target: number(row.link_target()),
            source: number(row.source()),
            origin: number(row.origin()),
        };
        let ends: Vec<Ends> = plan.rows.iter().map(ends).collect();
        let traffic = numbers.iter().map(|_| Traffic::default()).collect();
        let mut room = Self { traffic, ends };
        for (community, capacity) in plan.capacities.iter().rev() {
            if let Some(number) = numbers.get(community.bare()) {
                let free = capacity.limit.cast_signed() - capacity.now.cast_signed();
                room.traffic[*number].free = Some(free);
            }
        }
        for (community, most) in plan.most_taken.iter().rev() {
            if let Some(number) = numbers.get(community.bare()) {
                room.traffic[*number].most_taken = Some(most.cast_signed());
            }
        }
        for (at, row) in plan.rows.iter().enumerate() {
            room.count(at, row, 1);
        }
        room
    }

    /// Counts a row in (1) or out (-1).
    fn count(&mut self, at: usize, row: &Row, by: isize) {
        let Ends { target, source, origin } = self.ends[at];
        let mark = |rows: &mut BTreeSet<usize>| if by > 0 { rows.insert(at) } else { rows.remove(&at) };
        let will_do = row.head == Head::WillDo;
        if let Some(target) = target.filter(|_| row.is_sent()) {
            self.traffic[target].links += by;
        }
        if let Some(origin) = origin.filter(|_| row.is_sent()) {
            self.traffic[origin].taken += by;
        }
        if let Some(source) = source.filter(|_| will_do) {
            self.traffic[source].leaves += by;
        }
        if let Some(target) = target.filter(|_| will_do) {
            mark(&mut self.traffic[target].coming);
        }
        if let Some(origin) = origin.filter(|_| will_do) {
            mark(&mut self.traffic[origin].going);
        }
    }

    /// How many more rows like this one fit into the community that it goes to, and may be taken out of the one that it comes from;
    /// `None` if there is no limit.
    fn left(&self, at: usize) -> Option<isize> {
        let Ends { target, origin, .. } = self.ends[at];
        let fit = target.and_then(|target| self.traffic[target].left());
        let may_go = origin.map(|origin| &self.traffic[origin]);
        let may_go = may_go.and_then(|origin| Some(origin.most_taken? - origin.taken));
        fit.into_iter().chain(may_go).min()
    }

    /// The last *will do* row that can give way to a row that does not fit.
    fn gives_way_to(&self, rows: &[Row], at: usize) -> Option<usize> {
        // The last-subgroup rule applies per source, the limit per target.
        let alike = if rows[at].reasons.first() == Some(&Reason::LastSubgroup) {
            &self.traffic[self.ends[at].origin?].going
        } else {
            &self.traffic[self.ends[at].target?].coming
        };
        alike.last().copied()
    }

    fn can_toggle(&self, rows: &[Row], at: usize) -> bool {
        match rows[at].head {
            Head::Risky => rows[at].ticked || self.left(at).is_none_or(|left| left > 0),
            Head::AlreadySo => false,
            Head::WillDo | Head::Blocked | Head::LeftOut => true,
        }
    }

    fn can_swap(&self, rows: &[Row], at: usize) -> bool {
        rows[at].is_surplus()
            && (self.left(at).is_some_and(|left| left > 0) || self.gives_way_to(rows, at).is_some())
    }
}

/// A plan while it is edited.
struct Editor<'a> {
    plan: &'a mut Plan,
    room: Room,
}

impl<'a> Editor<'a> {
    fn of(plan: &'a mut Plan) -> Self {
        Self { room: Room::of(plan), plan }
    }

    /// For a single change of one row.
    fn of_row(plan: &'a mut Plan, at: usize) -> Self {
        Self { room: Room::of_row(plan, at), plan }
    }

    /// Changes a row and keeps the counts up to date.
    fn change(&mut self, at: usize, how: impl FnOnce(&mut Row)) {
        let row = &mut self.plan.rows[at];
        self.room.count(at, row, -1);
        how(row);
        self.room.count(at, row, 1);
    }

    fn toggle(&mut self, at: usize) -> bool {
        if !self.room.can_toggle(&self.plan.rows, at) {
            return false;
        }
        let row = &self.plan.rows[at];
        match row.head {
            Head::Risky => self.change(at, |row| row.ticked = !row.ticked),
            Head::LeftOut => self.include(at),
            Head::Blocked if row.is_surplus() => {
                if self.room.left(at).is_some_and(|left| left > 0) {
                    self.fit(at);
                } else if let Some(other) = self.room.gives_way_to(&self.plan.rows, at) {
                    let rule = row.reasons[0].clone();
                    self.fit(at);
                    self.block(other, rule);
                } else {
                    self.leave_out(at);
                }
            }
            Head::WillDo | Head::Blocked | Head::AlreadySo => self.leave_out(at),
        }
        true
    }

    fn toggle_all(&mut self, rows: &[usize]) -> bool {
        let is_in = |row: &Row| matches!(row.head, Head::WillDo | Head::AlreadySo) || row.ticked;
        let all = &self.plan.rows;
        let is_open = |at: &usize| {
            !is_in(&all[*at])
                && matches!(all[*at].head, Head::Risky | Head::LeftOut)
                && self.room.can_toggle(all, *at)
        };
        let open: Vec<usize> = rows.iter().copied().filter(is_open).collect();
        let turned =
            if open.is_empty() { rows.iter().copied().filter(|at| is_in(&all[*at])).collect() } else { open };
        let mut has_changed = false;
        for at in turned {
            has_changed |= self.toggle(at);
        }
        if !has_changed {
            // None of them can be sent.
            for at in rows {
                if self.plan.rows[*at].head == Head::Blocked {
                    self.leave_out(*at);
                    has_changed = true;
                }
            }
        }
        has_changed
    }

    fn leave_out_all(&mut self, groups: &HashSet<GroupId>) {
        for at in 0..self.plan.rows.len() {
            let row = &self.plan.rows[at];
            if groups.contains(&row.group) && !matches!(row.head, Head::AlreadySo | Head::LeftOut) {
                self.leave_out(at);
            }
        }
    }

    fn leave_out(&mut self, at: usize) {
        self.change(at, |row| {
            row.left_out_of = Some(row.head);
            row.head = Head::LeftOut;
        });
        // The groups that would have taken its place do not fit any more.
        if let Some(source) = self.room.ends[at].source {
            self.block_surplus(source);
        }
    }

    /// Blocks the last rows for which a community has no room.
    fn block_surplus(&mut self, community: usize) {
        while self.room.traffic[community].left().is_some_and(|left| left < 0)
            && let Some(last) = self.room.traffic[community].coming.last().copied()
        {
            self.change(last, |row| {
                row.head = Head::Blocked;
                row.reasons.insert(0, Reason::OverLimit);
            });
        }
    }

    /// Includes a row that was left out. If others have taken its place meanwhile, it does not fit.
    fn include(&mut self, at: usize) {
        let Some(head) = self.plan.rows[at].left_out_of else { return };
        self.change(at, |row| {
            row.left_out_of = None;
            row.head = head;
        });
        if head == Head::WillDo && self.room.left(at).is_some_and(|left| left < 0) {
            let is_taken = self.plan.rows[at].link_target().is_none();
            let rule = if is_taken { Reason::LastSubgroup } else { Reason::OverLimit };
            self.change(at, |row| {
                row.head = Head::Blocked;
                row.reasons.insert(0, rule);
            });
        }
    }

    /// Makes a row fit that was blocked only because there was no room. Its other risks remain; choosing it counts as ticking it.
    fn fit(&mut self, at: usize) {
        self.change(at, |row| {
            row.reasons.remove(0);
            row.head = if row.reasons.is_empty() { Head::WillDo } else { Head::Risky };
            row.ticked = true;
        });
    }

    /// Lets a row give way to another.
    fn block(&mut self, at: usize, rule: Reason) {
        self.change(at, |row| {
            row.head = Head::Blocked;
            row.ticked = false;
            row.reasons.insert(0, rule);
        });
    }
}
