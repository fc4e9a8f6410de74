//! How operations run, as plain numbers: pace, looks, limits and time-outs. It owns their defaults; reading them
//! from a file is the matter of `config`, keeping to them that of `engine` and `gateway`.

use std::time::Duration;

/// The settings of operations on one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationSettings {
    /// The least time between the starts of two calls.
    pub pace: Pace,
    /// When the listing is looked at, counted from the end of an attempt; in rising order, never empty.
    pub read_back: Vec<Duration>,
    /// How many ordinary subgroups a community can hold.
    pub subgroup_limit: usize,
    /// How long is waited for the gateway.
    pub timeout: Timeouts,
    /// How long everything pauses when `WhatsApp` throttles.
    pub throttle_pause: ThrottlePause,
    /// Whether invite links that were read before a leave are kept, for a later rejoin.
    pub keep_invite_links: bool,
}

/// The least time between the starts of two calls of a verb.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Between two links.
    pub link: Duration,
    /// Between two unlinks.
    pub unlink: Duration,
    /// Between two leaves.
    pub leave: Duration,
    /// The largest random part added to each pause, as a share of it: 0.25 is 25 %.
    pub jitter: f64,
}

/// How long is waited for the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection to stand.
    pub connect: Duration,
    /// For the answer to an ordinary request.
    pub request: Duration,
    /// For the answer to a listing, which may be long.
    pub list: Duration,
}

/// How long everything pauses when `WhatsApp` throttles: it doubles from the first to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottlePause {
    /// The first pause.
    pub first: Duration,
    /// The longest pause.
    pub most: Duration,
}

impl Default for OperationSettings {
    fn default() -> Self {
        Self {
            pace: Pace::default(),
            read_back: vec![Duration::from_secs(3), Duration::from_secs(6), Duration::from_secs(9)],
            subgroup_limit: 50,
            timeout: Timeouts::default(),
            throttle_pause: ThrottlePause::default(),
            keep_invite_links: true,
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self { link: second, unlink: second, leave: Duration::from_secs(3), jitter: 0.25 }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(65),
            list: Duration::from_secs(90),
        }
    }
}

impl Default for ThrottlePause {
    fn default() -> Self {
        Self { first: Duration::from_secs(30), most: Duration::from_secs(300) }
    }
}
