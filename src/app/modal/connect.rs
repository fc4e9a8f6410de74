//! The window that connects an instance to `WhatsApp`. The code it shows is a secret, and is dropped with the window.

use tui_input::Input;

use crate::{
    app::effect::Ticket,
    domain::{
        failure::Failure,
        instance::{Connection, InstanceKey},
        pairing::Offer,
        time::Millis,
    },
};

/// The window in which an instance is being connected.
#[derive(Clone, Debug)]
pub struct ConnectWindow {
    /// The instance.
    pub instance: InstanceKey,
    /// The method of connecting.
    pub by: By,
    /// How far it has come.
    pub stage: Stage,
    /// Identifies the answers of the current attempt.
    pub ticket: Option<Ticket>,
    /// The last connection status from the gateway.
    pub seen: Option<Result<Connection, Failure>>,
}

/// The method of connecting an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// With a QR code for the phone's camera.
    Qr,
    /// With a code that is entered on the phone.
    Number,
    /// With the session that the gateway still holds.
    Session,
}

/// How far connecting has come.
#[derive(Clone, Debug)]
pub enum Stage {
    /// The operator is typing the phone number.
    Typing(Number),
    /// The gateway was asked.
    Asking,
    /// The gateway offered something to the phone.
    Offered {
        /// The offer.
        offer: Offer,
        /// When it expires, if that is documented.
        until: Option<Millis>,
    },
    /// The phone accepted the offer; nothing else is requested until the outcome is known.
    TakenUp,
    /// Nobody used the offer, and nothing more is requested automatically.
    Unused,
    /// Connecting failed.
    Failed(Failure),
}

/// The field for a phone number; only the screen shows it.
#[derive(Clone, Default)]
pub struct Number {
    /// The text typed.
    pub input: Input,
    /// Whether the operator tried to use it although it is not a valid number.
    pub is_wrong: bool,
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number(***)")
    }
}

impl Stage {
    /// Whether the screen shows passing time.
    pub fn shows_time(&self) -> bool {
        matches!(self, Self::Offered { until: Some(_), .. })
    }
}
