//! Several plans as one, to be shown and confirmed together: the parts of a plan that several numbers carry out. All parts must have the
//! ids of one directory. The rules have judged each part. This module judges only the limits that the rows of all parts share: the room
//! of a community, and its last subgroup.

use std::collections::BTreeMap;

use super::{Capacity, Head, Plan, Reason, Row, Step, Verb};
use crate::domain::{capability::LastSubgroup, id::CommunityId};

impl Plan {
    /// These plans as one: their rows one after the other. A part that cannot run does not keep the others from running: its rows are
    /// blocked without a reason, and the part itself says why. Rows for which the other parts leave no room are blocked, too. `None` if
    /// there are no plans.
    pub fn joined(parts: Vec<Self>) -> Option<Self> {
        let runs = parts.iter().any(|part| part.obstacle.is_none());
        let is_alone = parts.len() == 1;
        let mut parts = parts.into_iter().map(|part| if runs { part.without_obstacle() } else { part });
        let mut all = parts.next()?;
        if is_alone {
            return Some(all);
        }
        all.request.parent = None;
        for part in parts {
            all.join(part);
        }
        let capacity = all.target.as_ref().and_then(|target| all.capacity_after(&target.id));
        all.capacity = all.capacity.and(capacity.map(|(capacity, _)| capacity));
        all.keep_within_limits();
        Some(all)
    }

    /// A community keeps at least one ordinary subgroup, even if each part takes only some of them. For a row that is unlinked from a
    /// community, `rule` returns the number of its subgroups, and what happens to the last one; `None` if that is not known.
    pub fn keep_last_subgroups(
        &mut self,
        rule: impl Fn(usize, &CommunityId) -> Option<(usize, LastSubgroup)>,
    ) {
        let mut sources: BTreeMap<&str, (&CommunityId, Vec<usize>)> = BTreeMap::new();
        for (at, row) in self.rows.iter().enumerate() {
            if let Some(Step::Unlink(source)) = row.steps.first()
                && matches!(row.head, Head::WillDo | Head::Risky)
            {
                sources.entry(source.bare()).or_insert_with(|| (source, Vec::new())).1.push(at);
            }
        }
        let comes = |to: &CommunityId| {
            let mut coming = self.rows.iter().filter(|row| row.head == Head::WillDo);
            coming.any(|row| row.link_target().is_some_and(|target| target.same_as(to)))
        };
        let judged = sources.into_values().filter_map(|(source, rows)| {
            let last = *rows.last()?;
            let (size, what) = rule(last, source)?;
            let is_emptied = rows.len() >= size && !comes(source);
            let is_judged =
                rows.iter().any(|at| self.rows[*at].reasons.contains(&Reason::LastSubgroupMayBeRefused));
            (is_emptied && !is_judged).then(|| (source.clone(), last, size, what))
        });
        for (source, last, size, what) in judged.collect::<Vec<_>>() {
            let (head, reason) = match what {
                LastSubgroup::Blocked => (Head::Blocked, Reason::LastSubgroup),
                LastSubgroup::Risky => (Head::Risky, Reason::LastSubgroupMayBeRefused),
            };
            if what == LastSubgroup::Blocked {
                self.most_taken.push((source, size.saturating_sub(1)));
            }
            self.rows[last].head = head;
            self.rows[last].reasons.insert(0, reason);
        }
    }

    /// The same with the choices that the operator made in these rows, which show its own rows as part of a joined plan.
    #[must_use]
    pub fn chosen_as(&self, rows: &[Row]) -> Self {
        let mut plan = self.clone();
        if plan.obstacle.is_none() {
            for (own, shown) in plan.rows.iter_mut().zip(rows) {
                (own.head, own.left_out_of, own.ticked) = (shown.head, shown.left_out_of, shown.ticked);
                own.reasons.clone_from(&shown.reasons);
            }
        }
        plan
    }

    fn without_obstacle(mut self) -> Self {
        if self.obstacle.take().is_some() {
            for row in self.rows.iter_mut().filter(|row| row.head != Head::AlreadySo) {
                row.head = Head::Blocked;
                row.reasons.clear();
            }
        }
        self
    }

    fn join(&mut self, part: Self) {
        if self.request.verb != part.request.verb {
            self.request.verb = Verb::Move;
        }
        self.request.wishes.extend(part.request.wishes);
        let is_same = match (&self.target, &part.target) {
            (Some(target), Some(other)) => target.id.same_as(&other.id),
            _ => false,
        };
        if !is_same {
            self.target = None;
        }
        self.rows.extend(part.rows);
        // If numbers know different numbers of groups in a community, the greatest one is nearest to the truth.
        let fuller = |known: &mut Capacity, other: Capacity| {
            if other.now > known.now {
                (known.now, known.at_least) = (other.now, other.at_least);
            }
            known.limit = known.limit.min(other.limit);
        };
        merge(&mut self.capacities, part.capacities, fuller);
        merge(&mut self.most_taken, part.most_taken, |known, other| *known = (*known).min(other));
        self.obstacle = self.obstacle.take().or(part.obstacle);
        self.made = self.made.min(part.made);
    }
}

/// Adds facts about communities to those that are known.
fn merge<T>(known: &mut Vec<(CommunityId, T)>, others: Vec<(CommunityId, T)>, both: impl Fn(&mut T, T)) {
    for (community, other) in others {
        match known.iter_mut().find(|(known, _)| known.same_as(&community)) {
            Some((_, known)) => both(known, other),
            None => known.push((community, other)),
        }
    }
}
