//! A read that waits before it is asked for again, or for its turn: why, and until when.

use std::time::Duration;

use super::time::Millis;

/// Shorter waits are not reported.
pub const LEAST_WAIT: Duration = Duration::from_secs(2);

/// A wait of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Why it waits.
    pub why: WaitReason,
    /// When it goes on.
    pub until: Millis,
}

/// Why a read waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// `WhatsApp` asks for fewer requests.
    Throttled,
    /// The gateway's limit of requests is used up, but for what is kept for writes and the reads that verify them.
    Limit,
}

impl Wait {
    /// How long it still takes, in whole seconds.
    pub fn left(&self, now: Millis) -> Duration {
        let left = self.until.since(now).as_millis().div_ceil(1000);
        Duration::from_secs(u64::try_from(left).unwrap_or(u64::MAX))
    }
}
