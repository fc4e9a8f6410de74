//! The operator's settings for operations, with their defaults.

use std::time::Duration;

/// How operations are paced, timed and bounded.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationSettings {
    /// The least time between the starts of requests that change something.
    pub pace: Pace,
    /// When to look at the listing after an attempt ended, ascending.
    pub read_back: Vec<Duration>,
    /// How many ordinary subgroups a community takes.
    pub subgroup_limit: usize,
    /// How long to wait for the gateway.
    pub timeout: Timeouts,
    /// How long to hold back when `WhatsApp` throttles.
    pub throttle_pause: ThrottlePause,
    /// Keep invite links that are read before a leave, for a way back.
    pub keep_invite_links: bool,
}

/// The least time between the starts of requests that change something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Between links.
    pub link: Duration,
    /// Between unlinks.
    pub unlink: Duration,
    /// Between leaves.
    pub leave: Duration,
    /// How much is added at random, as a part of the pace: 0.25 is up to a quarter.
    pub jitter: f64,
}

/// How long to wait for the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For an answer.
    pub request: Duration,
    /// For an answer that lists all groups.
    pub list: Duration,
}

/// How long to hold back when `WhatsApp` throttles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottlePause {
    /// The first time; doubled each time after.
    pub first: Duration,
    /// At most.
    pub most: Duration,
}

impl Default for OperationSettings {
    fn default() -> Self {
        Self {
            pace: Pace {
                link: Duration::from_secs(1),
                unlink: Duration::from_secs(1),
                leave: Duration::from_secs(3),
                jitter: 0.25,
            },
            read_back: [3, 6, 9].map(Duration::from_secs).to_vec(),
            subgroup_limit: 50,
            timeout: Timeouts {
                connect: Duration::from_secs(10),
                request: Duration::from_secs(65),
                list: Duration::from_secs(90),
            },
            throttle_pause: ThrottlePause { first: Duration::from_secs(30), most: Duration::from_secs(300) },
            keep_invite_links: true,
        }
    }
}
