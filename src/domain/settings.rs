//! The settings of operations as plain numbers: pace, read-backs, limits and time-outs. It owns their defaults; `config` reads
//! them from a file, and `engine` and `gateway` apply them.

use std::time::Duration;

/// The settings of operations on one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationSettings {
    /// The minimum time between the starts of two calls.
    pub pace: Pace,
    /// When to read back the listing, counted from the end of an attempt; ascending, never empty.
    pub read_back: Vec<Duration>,
    /// How many ordinary subgroups a community can hold.
    pub subgroup_limit: usize,
    /// How long to wait for the gateway.
    pub timeout: Timeouts,
    /// How long everything pauses if `WhatsApp` throttles.
    pub throttle_pause: ThrottlePause,
    /// Whether invite links that were read before a leave are stored, for a later rejoin.
    pub keep_invite_links: bool,
    /// How long to wait before a lost connection to the store is opened again.
    pub reconnect: Reconnect,
}

/// What running operations do when their terminal goes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnHangup {
    /// Over SSH they go on, because lines drop; in a local terminal they stop, because people close a window to stop a program.
    #[default]
    Auto,
    /// They go on without a terminal until they have ended.
    Finish,
    /// They stop after the request in flight.
    Stop,
}

impl OnHangup {
    /// The value with this name in the configuration and on the command line.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "finish" => Some(Self::Finish),
            "stop" => Some(Self::Stop),
            _ => None,
        }
    }

    /// Whether running operations go on without their terminal.
    pub fn finishes(self, is_remote: bool) -> bool {
        match self {
            Self::Auto => is_remote,
            Self::Finish => true,
            Self::Stop => false,
        }
    }
}

/// The minimum time between the starts of two calls of the same verb.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    pub link: Duration,
    pub unlink: Duration,
    pub leave: Duration,
    /// The largest random addition to each pause, as a fraction of it: 0.25 is 25 %.
    pub jitter: f64,
}

/// How long to wait for the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection to be established.
    pub connect: Duration,
    /// For the answer to an ordinary request.
    pub request: Duration,
    /// For the answer to a listing, which may be long.
    pub list: Duration,
}

/// How long everything pauses if `WhatsApp` throttles: the pause doubles from the first to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottlePause {
    pub first: Duration,
    pub most: Duration,
}

/// How long to wait before each attempt to open a lost connection again: the wait doubles from the first to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    pub first: Duration,
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
            reconnect: Reconnect::default(),
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

impl Default for Reconnect {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), most: Duration::from_secs(15) }
    }
}

impl Default for ThrottlePause {
    fn default() -> Self {
        Self { first: Duration::from_secs(30), most: Duration::from_secs(300) }
    }
}
