//! The remaining requests of a token.

use serde::{Deserialize, Serialize};

use super::time::Millis;

/// Below this many remaining requests, reading ahead waits for the reset and writes slow down, so that there is room for
/// read-backs.
pub const RESERVE: u32 = 10;

/// The remaining requests of a token, according to the gateway's headers or Synod's own count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The number of requests per period.
    pub limit: u32,
    /// Requests left in this period.
    pub remaining: u32,
    /// When the count resets.
    pub resets_at: Millis,
    /// Whether the gateway reported it; otherwise Synod counted its own requests.
    pub told_by_gateway: bool,
}

impl Budget {
    /// The requests that may be sent at this moment: the full limit once the period is over.
    pub fn remaining_at(&self, now: Millis) -> u32 {
        if now >= self.resets_at { self.limit } else { self.remaining }
    }
}
