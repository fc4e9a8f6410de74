//! The wait of a read before it is repeated, or before its turn: the reason and the end.

use std::time::Duration;

use super::time::Millis;

/// Shorter waits are not reported.
pub const LEAST_WAIT: Duration = Duration::from_secs(2);

/// A wait of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub why: WaitReason,
    pub until: Millis,
}

/// Why a read waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// `WhatsApp` asks for fewer requests.
    Throttled,
    /// The gateway's request limit is used up, except for the part reserved for writes and the reads that verify them.
    Limit,
}

impl Wait {
    /// The remaining time, in whole seconds.
    pub fn left(&self, now: Millis) -> Duration {
        let left = self.until.since(now).as_millis().div_ceil(1000);
        Duration::from_secs(u64::try_from(left).unwrap_or(u64::MAX))
    }
}
