//! How an instance is connected to `WhatsApp`: the methods of a gateway, and its offers to the phone.

use std::time::Duration;

use super::{instance::Connection, name::Name, private::Private};

/// The methods of a gateway to connect an instance, and whether it lists its instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// It gives a QR code, or a code for the number to connect.
    pub gives_codes: bool,
    /// It can resume a session that it still has.
    pub reconnects: bool,
    /// One call lists the instances that the token may access.
    pub lists_instances: bool,
    /// How long `WhatsApp` accepts a QR code.
    pub qr_lasts: Duration,
    /// The maximum number of QR codes that Synod requests without a key press.
    pub most_qrs: u32,
}

impl Pairing {
    /// `WhatsApp`'s own figures, for gateways that document none: a code is replaced after about 20 s.
    pub const USUAL: Self = Self { most_qrs: 6, ..Self::NONE };

    /// A gateway without any of these methods.
    pub const NONE: Self = Self {
        gives_codes: false,
        reconnects: false,
        lists_instances: false,
        qr_lasts: Duration::from_secs(20),
        most_qrs: 0,
    };
}

/// The method to connect an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A QR code for the phone's camera.
    Qr,
    /// A code to type on the phone of this number, which is given in digits with its country code.
    Number(Private),
    /// The session that the gateway still has.
    Session,
}

/// The gateway's answer to a request to connect an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The text of a QR code for the phone's camera.
    Qr(Private),
    /// A QR code that is only an image, which cannot be drawn in a terminal.
    Picture,
    /// A code to type on the phone.
    Code(Private),
    /// It is connecting without any action on the phone.
    OnItsWay,
    /// The instance is already connected: nothing was requested.
    Connected(Connection),
}

/// An instance in the gateway's own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInstance {
    pub name: Name,
    /// Whether it is connected.
    pub connection: Connection,
}
