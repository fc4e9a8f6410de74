//! The search for communities that are not known yet: which groups are left to ask about, its progress and its cost.

use std::time::Duration;

use super::effect::Ticket;
use crate::domain::{
    budget::{Budget, RESERVE},
    capability::Capabilities,
    community::{GroupKind, GroupRef},
    directory::{Directory, Slot},
    failure::Failure,
    id::GroupId,
    reading::PROBE_PACE,
    time::Millis,
};

/// The search for communities in an instance.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The search that is running or paused.
    pub search: Option<Search>,
    /// How the last search ended.
    pub end: Option<SearchEnd>,
    /// The control sample: a known community that is asked about first, or any community that the search found.
    pub control: SearchBaseline,
}

impl Discovery {
    /// Whether a search is running now.
    pub fn is_running(&self) -> bool {
        self.search.as_ref().is_some_and(Search::is_running)
    }

    /// Ends the search, and returns it.
    pub fn end(&mut self, failure: Option<Failure>) -> Option<Search> {
        let search = self.search.take()?;
        self.end = Some(SearchEnd { asked: search.asked, found: search.found, failure });
        Some(search)
    }
}

/// The control sample of a search for communities: if the gateway lists nothing for a group, that means something only
/// if it does list a known community.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SearchBaseline {
    /// There is no control sample yet.
    #[default]
    Missing,
    /// This community is asked about first.
    Asked(GroupId),
    /// The gateway listed a community.
    Passed,
}

/// A search that is running or paused.
#[derive(Clone, Debug)]
pub struct Search {
    /// Identifies the answers; `None` while paused.
    pub ticket: Option<Ticket>,
    /// The groups still to ask about, likeliest first.
    pub left: Vec<GroupId>,
    /// How many groups were asked about.
    pub asked: usize,
    /// How many of those are communities.
    pub found: usize,
    /// How many of those got no answer.
    pub failed: usize,
}

/// How the last search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchEnd {
    /// How many groups were asked about.
    pub asked: usize,
    /// How many of those are communities.
    pub found: usize,
    /// Why it ended early, if it did.
    pub failure: Option<Failure>,
}

impl Search {
    /// A search that starts with these groups.
    pub fn new(ticket: Ticket, left: Vec<GroupId>) -> Self {
        Self { ticket: Some(ticket), left, asked: 0, found: 0, failed: 0 }
    }

    /// How many groups it asks about in total.
    pub fn total(&self) -> usize {
        self.asked + self.left.len()
    }

    /// Whether it is running now.
    pub fn is_running(&self) -> bool {
        self.ticket.is_some()
    }
}

/// The groups that may be communities, likeliest first: those that share their name with another group, because an
/// announcement group often has the name of its community.
pub fn candidates(directory: &Directory, capabilities: &Capabilities) -> Vec<GroupId> {
    let Some(list) = directory.groups().filter(|_| capabilities.community_may_pass_for_group) else {
        return Vec::new();
    };
    let name = |place: Option<usize>| Some(list.groups.get(place?)?.name().shown());
    // Equal names are neighbours.
    let is_alone = |group: &GroupRef<'_>| {
        let (place, own) = (group.place(), Some(group.name().shown()));
        name(place.checked_sub(1)) != own && name(place.checked_add(1)) != own
    };
    let doubtful = list.groups.iter().filter(|group| {
        group.kind() == GroupKind::Unknown
            && directory.is_ordinary_row(*group)
            && !directory.is_known_ordinary_at(Slot::at(group.place()))
    });
    let (alone, others): (Vec<_>, Vec<_>) = doubtful.partition(is_alone);
    others.into_iter().chain(alone).map(GroupRef::to_id).collect()
}

/// Roughly how long this many requests of a search take, in whole seconds: its pace, plus the waits for a budget that
/// other programs may use too.
pub fn time_for(requests: usize, budget: Option<Budget>, now: Millis) -> Duration {
    let time = exact_time_for(requests, budget, now);
    Duration::from_secs(time.as_secs() + u64::from(time.subsec_nanos() > 0))
}

fn exact_time_for(requests: usize, budget: Option<Budget>, now: Millis) -> Duration {
    let count = u32::try_from(requests).unwrap_or(u32::MAX);
    let paced = PROBE_PACE.saturating_mul(count);
    let Some(budget) = budget else { return paced };
    let reserve = RESERVE.min(budget.limit);
    let at_once = budget.remaining_at(now).saturating_sub(reserve);
    let a_period = (budget.limit - reserve).max(1);
    let Some(later) = count.checked_sub(at_once).filter(|later| *later > 0) else { return paced };
    let whole = (later - 1) / a_period;
    let last = later - whole * a_period;
    let waits = budget.resets_at.since(now) + Duration::from_secs(60).saturating_mul(whole);
    paced.max(waits + PROBE_PACE.saturating_mul(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_counts_the_pace_and_the_waits_for_the_budget() {
        let now = Millis(1_000_000);
        let budget = |remaining| {
            let resets_at = now + Duration::from_secs(30);
            Some(Budget { limit: 100, remaining, resets_at, told_by_gateway: true })
        };
        let seconds = |requests, budget| time_for(requests, budget, now).as_secs();
        assert_eq!(seconds(0, None), 0);
        assert_eq!(seconds(100, None), 70);
        assert_eq!(seconds(50, budget(100)), 35);
        // 40 now, ten after the reset.
        assert_eq!(seconds(50, budget(50)), 37);
        // Ten now, ninety in each of two periods, and ten in the one after those.
        assert_eq!(seconds(200, budget(20)), 30 + 120 + 7);
        assert!(time_for(usize::MAX, budget(0), now) > Duration::from_secs(3600));
    }
}
