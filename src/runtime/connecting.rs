//! Connects an instance: requests a code for the phone, polls until the instance is connected, and requests another QR
//! code when one expires. Each attempt is one request; a request without an answer is not repeated.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::{
    app::event::ConnectStep,
    clock::Clock,
    domain::{
        failure::Failure,
        instance::{Connection, ConnectionState},
        pairing::{Offer, Way},
    },
    gateway::{Gateway, Reads},
};

/// The interval between two polls of the connection.
const LOOK: Duration = Duration::from_secs(3);

/// How long to poll after offering a pairing code or resuming a session. The lifetime of neither is documented.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long a phone that accepted a code may take to connect the instance.
const GRACE: Duration = Duration::from_secs(60);

/// Connects an instance in this way and reports every step. It ends when the instance is connected, when connecting
/// failed, or when nobody used the offer. Dropping the future ends it too.
pub(super) async fn connect(
    gateway: &Gateway,
    clock: Clock,
    way: Way,
    mut tell: impl FnMut(ConnectStep) + Send,
) {
    let writes = match gateway.writes() {
        Ok(writes) => writes,
        Err(failure) => return tell(ConnectStep::Failed(failure)),
    };
    let pairing = gateway.capabilities().pairing;
    let is_qr = way == Way::Qr;
    let rounds = if is_qr { pairing.most_qrs.max(1) } else { 1 };
    for _ in 0..rounds {
        tell(ConnectStep::Asked);
        let offer = match writes.connect(&way).await {
            Ok(Offer::Connected(connection)) => return tell(ConnectStep::WasConnected(connection)),
            Ok(offer) => offer,
            Err(failure) => return tell(ConnectStep::Failed(failure)),
        };
        // A picture cannot be shown, so another one would not help either.
        let is_last = offer == Offer::Picture;
        let life = if is_qr { pairing.qr_lasts } else { PATIENCE };
        let until = (is_qr && !is_last).then(|| clock.now() + life);
        tell(ConnectStep::Offered { offer, until });
        if is_last {
            return;
        }
        if let Some(connection) = look(gateway.reads.as_ref(), life, &mut tell).await {
            return tell(ConnectStep::Connected(connection));
        }
    }
    tell(ConnectStep::Unused);
}

/// Polls until the instance is connected, or until this time is over and no phone has accepted the offer.
async fn look(
    gateway: &dyn Reads,
    life: Duration,
    tell: &mut (impl FnMut(ConnectStep) + Send),
) -> Option<Connection> {
    let begun = Instant::now();
    let (end, last) = (begun + life, begun + life + GRACE);
    // Some gateways report "connecting" as soon as they offer something, so only a change shows that a phone accepted.
    let was_connecting = is_connecting(&gateway.connection().await);
    loop {
        let next = Instant::now() + LOOK;
        sleep_until(next.min(if Instant::now() < end { end } else { last })).await;
        let seen = gateway.connection().await;
        if let Ok(connection) = &seen
            && connection.is_connected()
        {
            return Some(connection.clone());
        }
        let is_taken_up = is_connecting(&seen) && !was_connecting;
        tell(ConnectStep::Seen(seen));
        let time = Instant::now();
        if time >= last || (time >= end && !is_taken_up) {
            return None;
        }
        if time >= end {
            // Requesting another code now would restart what the phone is doing.
            tell(ConnectStep::TakenUp);
        }
    }
}

fn is_connecting(seen: &Result<Connection, Failure>) -> bool {
    seen.as_ref().is_ok_and(|connection| connection.state == ConnectionState::Connecting)
}
