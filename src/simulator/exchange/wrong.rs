//! Well-formed but false answers to reads: an older state, missing entries, another community's listing. Also the actions of
//! other admins meanwhile.

use std::collections::HashMap;

use super::super::Inner;
use super::super::description::{On, Then};
use super::super::faults::Hit;
use super::super::state::{Moment, WorldPlace};
use super::{Answer, Asked, Done, Exchange, Target, View};

/// The time of each instance's first read of each listing: no answer may show an earlier state.
#[derive(Debug, Default)]
pub(crate) struct FirstReads {
    times: HashMap<(Option<usize>, On, String), i64>,
}

impl FirstReads {
    fn of(&mut self, asked: &Asked, now: i64) -> i64 {
        let about = asked.community.as_ref().or(asked.groups.first());
        let id = about.map(|target| target.id.clone()).unwrap_or_default();
        *self.times.entry((asked.number, asked.ask.verb(), id)).or_insert(now)
    }

    /// From now on the next read of a listing counts as its first.
    pub(crate) fn forget(&mut self) {
        self.times.clear();
    }
}

impl Exchange<'_> {
    /// The answer after the request was performed; a fault may falsify a read.
    pub(super) fn answer(&self, asked: &Asked, done: &Done, flaw: Option<&Hit>) -> Answer {
        let now = self.simulator.now();
        let mut guard = self.simulator.lock();
        let inner = &mut *guard;
        let first_read = inner.first_reads.of(asked, now);
        let view = flaw.map_or(View::plain(now), |hit| View::flawed(hit, now, first_read));
        self.dialect.answer(inner, asked, done, &view)
    }

    /// A read that a fault falsifies.
    pub(super) fn wrong_read(&self, hit: &Hit) -> Answer {
        let mut asked = self.asked.clone();
        match hit.then {
            Then::EmptyListing => {
                let empty = self.dialect.empty_listing(&self.simulator.lock(), &asked);
                return empty.unwrap_or_else(|| self.answer(&asked, &Done::Read, None));
            }
            Then::OtherCommunity => {
                asked.community = other_community(&self.simulator.lock(), &asked, hit).or(asked.community);
            }
            _ => {}
        }
        self.answer(&asked, &Done::Read, Some(hit))
    }
}

/// The community whose listing is returned instead: the one that the fault names, or another one that the number is in.
fn other_community(inner: &Inner, asked: &Asked, hit: &Hit) -> Option<Target> {
    let id = hit.to.clone().or_else(|| {
        let asked_for = asked.community.as_ref().map(|community| community.id.as_str());
        inner.state.another_community(asked.number(), asked_for)
    })?;
    Some(Target { given: id.clone(), id, by_code: false })
}

/// Another admin moves, links or unlinks the groups that the fault names.
pub(super) fn by_another(inner: &mut Inner, hit: &Hit, now: i64) {
    let to = match hit.to.as_deref().and_then(|id| inner.state.place(id)) {
        Some(WorldPlace::Community(community)) => Some(community),
        _ => None,
    };
    for id in hit.named.iter().flatten() {
        let Some(WorldPlace::Group(group)) = inner.state.place(id) else { continue };
        // A group that is already in a community cannot be linked to another one, only moved.
        let is_free = inner.state.parent(group, Moment::Now).is_none();
        if is_free || hit.then != Then::LinkedByAnother {
            inner.state.put(group, to, now);
        }
    }
}
