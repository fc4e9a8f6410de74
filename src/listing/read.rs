//! Reads what a plan needs afresh, each part with its own success.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{SIDE_BY_SIDE, reserve::wait_for_budget};
use crate::{
    domain::reading::{Reading, Readings, Scope},
    gateway::{self, Gateway, Now},
};

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Reads that ended, well or not.
    pub done: usize,
    /// All reads.
    pub total: usize,
}

/// How often what was read may ask for more.
const ROUNDS: usize = 3;

/// Reads the scopes, at most four side by side, begun in their order; each may fail by itself. Then `more` is asked, in view
/// of what was read, what else is needed: what was not read yet, or what is to be read a second time.
///
/// When a failure would meet all the rest too, or the instance turns out not to be connected, the rest is not asked for and
/// gets the same failure. When `skip` is cancelled the result holds what was read by then, and what was not is absent.
/// Dropping the future ends it too. Details and probes, of which there are as many as groups, wait while the token's budget
/// is low.
pub async fn read(
    gateway: &Arc<dyn Gateway>,
    now: &Now,
    scopes: Vec<Scope>,
    more: impl Fn(&Readings) -> Vec<Scope> + Send,
    skip: &CancellationToken,
    mut progress: impl FnMut(Progress) + Send,
) -> Readings {
    let mut reader =
        Reader { gateway, now, skip, progress: Progress { done: 0, total: 0 }, tell: &mut progress };
    let mut readings = Readings { begun: now(), ..Readings::default() };
    let mut scopes = scopes;
    tracing::debug!(scopes = scopes.len(), "reading what a plan needs");
    for _ in 0..=ROUNDS {
        let (second, first): (Vec<_>, Vec<_>) = scopes.into_iter().partition(|scope| readings.has(scope));
        if !reader.read(first, &mut readings).await {
            return readings;
        }
        if !second.is_empty() {
            let mut again = Readings { begun: now(), ..Readings::default() };
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
    gateway: &'a Arc<dyn Gateway>,
    now: &'a Now,
    skip: &'a CancellationToken,
    progress: Progress,
    tell: &'a mut (dyn FnMut(Progress) + Send),
}

impl Reader<'_> {
    /// Reads these scopes; whether anything else is to be read after them.
    async fn read(&mut self, scopes: Vec<Scope>, readings: &mut Readings) -> bool {
        let (gateway, now) = (self.gateway, self.now);
        let mut open = BTreeSet::new();
        let scopes: Vec<Scope> = scopes.into_iter().filter(|scope| open.insert(scope.clone())).collect();
        self.progress.total += scopes.len();
        (self.tell)(self.progress);
        let mut reads = stream::iter(scopes)
            .map(|scope| async move {
                let reading = read_one(gateway, now, &scope).await;
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
            readings.take(reading);
            open.remove(&scope);
            self.progress.done += 1;
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

async fn read_one(gateway: &Arc<dyn Gateway>, now: &Now, scope: &Scope) -> Reading {
    // There are as many of these as groups were marked.
    if matches!(scope, Scope::Details(_) | Scope::Probe(_)) {
        wait_for_budget(gateway, now).await;
    }
    gateway::read(gateway.as_ref(), scope).await
}

/// Nothing more is needed than the scopes.
pub fn no_more(_: &Readings) -> Vec<Scope> {
    Vec::new()
}
