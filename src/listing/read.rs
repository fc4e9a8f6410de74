//! Reads afresh the parts that a plan needs; each part succeeds or fails on its own.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{SIDE_BY_SIDE, reserve::wait_for_budget};
use crate::{
    clock::Clock,
    domain::reading::{Reading, Readings, Scope},
    gateway::{self, Reads},
};

/// The progress of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadProgress {
    /// Finished reads, successful or not.
    pub done: usize,
    pub total: usize,
}

/// How often the results may ask for more.
const ROUNDS: usize = 3;

/// Reads the scopes, at most four concurrently, started in their order; each may fail on its own. Then `more` gets the results
/// and returns what else is needed: scopes that were not read yet, or scopes to read a second time.
///
/// If a failure would affect all the rest too, or the instance is not connected, the rest is not read and gets the same
/// failure. When `skip` is cancelled, the result contains the reads that were finished by then; the rest is absent. Dropping the
/// future ends the reading too. Details and probes, which are as numerous as groups, wait while the token's budget is low.
pub async fn read(
    gateway: &dyn Reads,
    clock: Clock,
    scopes: Vec<Scope>,
    more: impl Fn(&Readings) -> Vec<Scope> + Send,
    skip: &CancellationToken,
    mut progress: impl FnMut(ReadProgress) + Send,
) -> Readings {
    let mut reader =
        Reader { gateway, clock, skip, progress: ReadProgress { done: 0, total: 0 }, tell: &mut progress };
    let mut readings = Readings { begun: clock.now(), ..Readings::default() };
    let mut scopes = scopes;
    tracing::debug!(scopes = scopes.len(), "reading what a plan needs");
    for _ in 0..=ROUNDS {
        let (second, first): (Vec<_>, Vec<_>) = scopes.into_iter().partition(|scope| readings.has(scope));
        if !reader.read(first, &mut readings).await {
            return readings;
        }
        if !second.is_empty() {
            let mut again = Readings { begun: clock.now(), ..Readings::default() };
            let is_complete = reader.read(second, &mut again).await;
            readings.again = Some(Box::new(again));
            if !is_complete {
                return readings;
            }
        }
        scopes = more(&readings);
        if scopes.is_empty() {
            break;
        }
    }
    readings
}

struct Reader<'a> {
    gateway: &'a dyn Reads,
    clock: Clock,
    skip: &'a CancellationToken,
    progress: ReadProgress,
    tell: &'a mut (dyn FnMut(ReadProgress) + Send),
}

impl Reader<'_> {
    /// Reads these scopes; returns whether anything else should be read after them.
    async fn read(&mut self, scopes: Vec<Scope>, readings: &mut Readings) -> bool {
        let (gateway, clock) = (self.gateway, self.clock);
        let mut open = BTreeSet::new();
        let scopes: Vec<Scope> = scopes.into_iter().filter(|scope| open.insert(scope.clone())).collect();
        self.progress.total += scopes.len();
        // One list of groups answers for all of these.
        let is_derived = |scope: &Scope| gateway::is_in_groups(gateway, scope);
        let (derived, mut scopes): (Vec<_>, Vec<_>) = scopes.into_iter().partition(is_derived);
        if !derived.is_empty() && !open.contains(&Scope::Groups) {
            scopes.push(Scope::Groups);
        }
        (self.tell)(self.progress);
        let mut reads = stream::iter(scopes)
            .map(|scope| async move {
                let reading = read_one(gateway, clock, &scope).await;
                (scope, reading)
            })
            .buffer_unordered(SIDE_BY_SIDE);
        loop {
            let next = tokio::select! {
                biased;
                () = self.skip.cancelled() => return false,
                next = reads.next() => next,
            };
            let Some((scope, reading)) = next else { return true };
            let end = reading.end_of_all();
            if let Reading::Groups(groups) = &reading {
                for scope in &derived {
                    readings.take(gateway::derived(scope, groups));
                    self.progress.done += usize::from(open.remove(scope));
                }
            }
            readings.take(reading);
            self.progress.done += usize::from(open.remove(&scope));
            (self.tell)(self.progress);
            if let Some(failure) = end {
                for scope in open {
                    readings.take(Reading::failed(&scope, &failure));
                }
                return false;
            }
        }
    }
}

async fn read_one(gateway: &dyn Reads, clock: Clock, scope: &Scope) -> Reading {
    // There are as many of these as marked groups.
    if matches!(scope, Scope::Details(_) | Scope::Probe(_)) {
        wait_for_budget(gateway, clock).await;
    }
    // Here, nothing is left that the list of groups answers for.
    gateway::read_one(gateway, scope).await
}

/// Asks for nothing beyond the scopes.
pub fn no_more(_: &Readings) -> Vec<Scope> {
    Vec::new()
}
