//! What a gateway's answers tell by the way, beside what was asked for: for a check-up, and for nothing that is decided.

use std::time::Duration;

/// The signs that the answers of an instance gave so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// How this machine's clock stands to the gateway's, by the newest answer that bore a date.
    pub clock: Option<ClockSkew>,
    /// Whether the phone behind the instance is online, where the gateway says so.
    pub phone_is_online: Option<bool>,
}

/// How far this machine's clock is off, measured on another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSkew {
    /// The answer's date lies between its request and its arrival, to the second.
    None,
    /// This machine's clock is ahead by at least this.
    Ahead(Duration),
    /// This machine's clock is behind by at least this.
    Behind(Duration),
}
