//! The search for unknown communities: it checks groups one after the other, and finds those that are communities.

use std::{collections::HashSet, time::Duration};

use tokio_util::sync::CancellationToken;

use super::reserve::wait_for_budget;
use crate::{
    clock::Clock,
    domain::{
        id::{CommunityId, GroupId},
        reading::Probe,
    },
    gateway::Reads,
};

/// The result of checking one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    pub group: GroupId,
    /// Whether it is a community.
    pub probe: Probe,
    /// How many groups were checked so far.
    pub done: usize,
    /// How many groups are checked in all.
    pub total: usize,
}

/// The candidates, first those that are known to be communities for other instances, otherwise in their order.
pub fn known_first<'a>(
    candidates: Vec<GroupId>,
    known: impl Iterator<Item = &'a CommunityId>,
) -> Vec<GroupId> {
    let known: HashSet<&str> = known.map(CommunityId::bare).collect();
    let (mut likely, others): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|group| known.contains(group.bare()));
    likely.extend(others);
    likely
}

/// Checks the candidates in order, at least `pace` apart, and reports each answer; one request per group.
///
/// It waits while the token's budget is low. It ends when all are checked, when a failure would affect all the rest, or when
/// `stop` is cancelled. It returns the groups without an answer in their order: pass them again to continue later.
pub async fn discover(
    gateway: &dyn Reads,
    clock: Clock,
    candidates: Vec<GroupId>,
    pace: Duration,
    stop: &CancellationToken,
    mut out: impl FnMut(Discovered) + Send,
) -> Vec<GroupId> {
    let total = candidates.len();
    let mut left = Vec::new();
    let mut candidates = candidates.into_iter().enumerate();
    for (at, group) in candidates.by_ref() {
        let started = tokio::time::Instant::now();
        let asked = async {
            wait_for_budget(gateway, clock).await;
            gateway.probe(&group).await
        };
        let probe = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            probe = asked => Some(probe),
        };
        let Some(probe) = probe else {
            left.push(group);
            break;
        };
        let failure = match &probe {
            Probe::Failed(failure) => Some(failure.clone()),
            Probe::Community(_) | Probe::Nothing(_) => None,
        };
        left.extend(failure.is_some().then(|| group.clone()));
        out(Discovered { group, probe, done: at + 1, total });
        if failure.is_some_and(|failure| failure.stops_everything()) {
            break;
        }
        if at + 1 < total {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(started + pace) => {}
            }
        }
    }
    left.extend(candidates.map(|(_, group)| group));
    left
}
