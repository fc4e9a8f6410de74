//! Facts collected from a gateway's responses in addition to the requested data: for diagnostics only, never for decisions.

use std::time::Duration;

/// The facts from the responses of an instance so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// How this machine's clock compares with the gateway's, according to the newest response that had a date.
    pub clock: Option<ClockSkew>,
    /// Whether the phone behind the instance is online, if the gateway reports it.
    pub phone_is_online: Option<bool>,
}

/// The difference between this machine's clock and another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSkew {
    /// The response's date is between its request and its arrival, to the second.
    None,
    /// This machine's clock is ahead by at least this.
    Ahead(Duration),
    /// This machine's clock is behind by at least this.
    Behind(Duration),
}
