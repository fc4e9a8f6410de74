//! One call to the gateway for one step of an item.

use std::future::Future;

use tracing::Instrument;

use crate::{
    domain::{
        failure::{Failure, FailureKind},
        id::GroupId,
        invite::InviteLink,
        plan::Step,
    },
    gateway::{Answer, Gateway},
};

/// Sends a step once and returns the answer; a call that panics counts as silence.
pub(super) async fn send(gateway: Gateway, step: Step, group: GroupId, link: Option<InviteLink>) -> Answer {
    let call = async move {
        let writes = match gateway.writes() {
            Ok(writes) => writes,
            Err(failure) => return Answer::no(failure),
        };
        match &step {
            Step::Link(community) => writes.link(community, &group).await,
            Step::Unlink(community) => writes.unlink(community, &group).await,
            Step::Leave => writes.leave(&group).await,
            Step::LeaveCommunity(community) => writes.leave_community(community).await,
            Step::Join => match link {
                Some(link) => writes.join(&group, &link).await,
                // The worker never sends this step without a link.
                None => Answer::no(Failure::new(FailureKind::Unsupported)),
            },
        }
    };
    guarded(call).await.unwrap_or_else(Answer::silence)
}

/// Runs a call in its own task. If it panics, the request may have been sent, but there is no answer.
pub(super) async fn guarded<T: Send + 'static>(
    call: impl Future<Output = T> + Send + 'static,
) -> Result<T, Failure> {
    tokio::spawn(call.in_current_span()).await.map_err(|_| {
        Failure::new(FailureKind::Dropped).saying("the call to the gateway broke down inside Synod")
    })
}
