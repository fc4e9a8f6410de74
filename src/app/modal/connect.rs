//! The window that connects an instance to `WhatsApp`. The code it shows is a secret, and is dropped with the window.

use tui_input::Input;

use crate::{
    app::{action::By, context::Context, effect::Ticket, modal::window::Window},
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

/// How far connecting has come.
#[derive(Clone, Debug)]
pub enum Stage {
    /// The operator is typing the phone number.
    Typing(Number),
    Asking,
    /// The gateway offered something to the phone.
    Offered {
        offer: Offer,
        /// When it expires, if that is documented.
        until: Option<Millis>,
    },
    /// The phone accepted the offer; nothing else is requested until the outcome is known.
    TakenUp,
    /// Nobody used the offer, and nothing more is requested automatically.
    Unused,
    Failed(Failure),
}

/// The field for a phone number; only the screen shows it.
#[derive(Clone, Default)]
pub struct Number {
    pub input: Input,
    /// Whether the operator tried to use it although it is not a valid number.
    pub is_wrong: bool,
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number(***)")
    }
}

impl Window for ConnectWindow {
    fn context(&self) -> Context {
        match self.stage {
            Stage::Typing(_) => Context::ConnectNumber,
            _ => Context::Connect,
        }
    }

    fn shows_time(&self) -> bool {
        // An offer to the phone expires.
        matches!(self.stage, Stage::Offered { until: Some(_), .. })
    }
}
