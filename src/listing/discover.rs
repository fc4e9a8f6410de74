//! The search for communities that nobody named: groups are asked, one after the other, whether they are communities.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::reserve::wait_for_budget;
use crate::{
    domain::{id::GroupId, reading::Probe},
    gateway::{Gateway, Now},
};

/// What asking one group gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The group.
    pub group: GroupId,
    /// Whether it is a community.
    pub probe: Probe,
    /// How many groups were asked so far.
    pub done: usize,
    /// How many are asked in all.
    pub total: usize,
}

/// Asks the candidates in their order, `pace` apart at least, and reports each answer; one request a group.
///
/// It waits while the token's budget is low. It ends when all are asked, when a failure would meet all the rest, and
/// when `stop` is cancelled. The groups that gave no answer are returned in their order: to go on later, ask those.
pub async fn discover(
    gateway: &Arc<dyn Gateway>,
    now: &Now,
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
            wait_for_budget(gateway, now).await;
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
