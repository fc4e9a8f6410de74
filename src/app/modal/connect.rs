//! The window in which an instance is connected to `WhatsApp`. What it shows to the phone is a secret, and goes with it.

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

/// An instance is being connected.
#[derive(Clone, Debug)]
pub struct ConnectWindow {
    /// The instance.
    pub instance: InstanceKey,
    /// How it is connected.
    pub by: By,
    /// How far it is.
    pub stage: Stage,
    /// Bears the answers of the attempt that goes on.
    pub ticket: Option<Ticket>,
    /// What the gateway said of the instance last.
    pub seen: Option<Result<Connection, Failure>>,
}

/// How an instance is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// With a QR code for the phone's camera.
    Qr,
    /// With a code that is typed on the phone.
    Number,
    /// With the session that the gateway still has.
    Session,
}

/// How far connecting is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// The number is typed.
    Typing(Number),
    /// The gateway was asked.
    Asking,
    /// It offered something to the phone.
    Offered {
        /// What it offered.
        offer: Offer,
        /// Until when it is good, where that is documented.
        until: Option<Millis>,
    },
    /// The phone took it up; nothing is asked for until that has come to something.
    TakenUp,
    /// Nobody used what was offered, and nothing more is asked for by itself.
    Unused,
    /// It could not be done.
    Failed(Failure),
}

/// The field of a number; it shows itself to nobody but the screen.
#[derive(Clone, Default)]
pub struct Number {
    /// What is typed.
    pub input: Input,
    /// It was to be used, and is no number.
    pub is_wrong: bool,
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number(***)")
    }
}

impl Stage {
    /// Whether time that passes is on the screen.
    pub fn shows_time(&self) -> bool {
        matches!(self, Self::Offered { until: Some(_), .. })
    }
}
