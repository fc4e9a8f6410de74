//! Connects an instance: asks for what the phone needs, looks until the instance is connected, and asks again when a QR
//! code is no longer good. Each attempt is one request; nothing is asked for again because an answer was missing.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use crate::{
    app::event::ConnectStep,
    domain::{
        failure::Failure,
        instance::{Connection, ConnectionState},
        pairing::{Offer, Way},
    },
    gateway::{Gateway, Now},
};

/// Between two looks at whether the instance is connected.
const LOOK: Duration = Duration::from_secs(3);

/// How long a code for a number, or a session that is taken up, is looked after. Neither's life is documented.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long a phone that took up a code may need until the instance is connected.
const GRACE: Duration = Duration::from_secs(60);

/// Connects an instance by this way, and tells every step. It ends when the instance is connected, when that failed, or
/// when nobody used what was offered; dropping it ends it too.
pub(super) async fn connect(
    gateway: &Arc<dyn Gateway>,
    now: &Now,
    way: Way,
    mut tell: impl FnMut(ConnectStep) + Send,
) {
    let pairing = gateway.capabilities().pairing;
    let is_qr = way == Way::Qr;
    let rounds = if is_qr { pairing.most_qrs.max(1) } else { 1 };
    for _ in 0..rounds {
        tell(ConnectStep::Asked);
        let offer = match gateway.connect(&way).await {
            Ok(Offer::Connected(connection)) => return tell(ConnectStep::WasConnected(connection)),
            Ok(offer) => offer,
            Err(failure) => return tell(ConnectStep::Failed(failure)),
        };
        // A picture cannot be shown, so that another would not help either.
        let is_last = offer == Offer::Picture;
        let life = if is_qr { pairing.qr_lasts } else { PATIENCE };
        let until = (is_qr && !is_last).then(|| now() + life);
        tell(ConnectStep::Offered { offer, until });
        if is_last {
            return;
        }
        if let Some(connection) = look(gateway, life, &mut tell).await {
            return tell(ConnectStep::Connected(connection));
        }
    }
    tell(ConnectStep::Unused);
}

/// Looks until the instance is connected, or until this time is over and no phone has taken up what was offered.
async fn look(
    gateway: &Arc<dyn Gateway>,
    life: Duration,
    tell: &mut (impl FnMut(ConnectStep) + Send),
) -> Option<Connection> {
    let begun = Instant::now();
    let (end, last) = (begun + life, begun + life + GRACE);
    // A gateway may call it connecting from the moment on in which it offered something; what tells of a phone is the change.
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
            // Asking for another code now would begin anew what the phone is in the middle of.
            tell(ConnectStep::TakenUp);
        }
    }
}

fn is_connecting(seen: &Result<Connection, Failure>) -> bool {
    seen.as_ref().is_ok_and(|connection| connection.state == ConnectionState::Connecting)
}
