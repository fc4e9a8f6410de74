//! How an instance is connected to `WhatsApp`: the ways that a gateway has, and what it offers to the phone.

use std::time::Duration;

use super::{instance::Connection, name::Name, private::Private};

/// What a gateway can do to connect an instance, and the instances that it lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// It gives a QR code, or a code for the number that is to be connected.
    pub gives_codes: bool,
    /// It can take up a session that it still has.
    pub reconnects: bool,
    /// One call lists the instances that the token may speak for.
    pub lists_instances: bool,
    /// After this time `WhatsApp` takes a QR code no more.
    pub qr_lasts: Duration,
    /// So many QR codes are asked for without anybody touching a key.
    pub most_qrs: u32,
}

impl Pairing {
    /// A gateway that can do nothing of the kind.
    pub const NONE: Self = Self {
        gives_codes: false,
        reconnects: false,
        lists_instances: false,
        qr_lasts: Duration::from_secs(20),
        most_qrs: 0,
    };
}

/// How an instance is to be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A QR code for the phone's camera.
    Qr,
    /// A code to be typed on the phone of this number, in digits with its country.
    Number(Private),
    /// With the session that the gateway still has.
    Session,
}

/// What a gateway answers to being asked to connect an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The text that a QR code for the phone's camera has to hold.
    Qr(Private),
    /// A QR code that came as a picture alone, which cannot be drawn in a terminal.
    Picture,
    /// A code to be typed on the phone.
    Code(Private),
    /// It is on its way without anything to be done on the phone.
    OnItsWay,
    /// The instance is connected already: nothing was asked for.
    Connected(Connection),
}

/// An instance as the gateway's own list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInstance {
    /// Its name on the gateway.
    pub name: Name,
    /// Whether it is connected.
    pub connection: Connection,
}
