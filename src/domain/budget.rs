//! The requests that a token has left.

use serde::{Deserialize, Serialize};

use super::time::Millis;

/// Below this many requests left reading ahead waits for the reset and writes slow down, so that looks still fit.
pub const RESERVE: u32 = 10;

/// What is left of a token's requests, as the gateway's headers or our own count tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Requests that a full period holds.
    pub limit: u32,
    /// Requests left in this period.
    pub remaining: u32,
    /// When the count starts anew.
    pub resets_at: Millis,
    /// Whether the gateway said so; otherwise we counted our own requests.
    pub told_by_gateway: bool,
}

impl Budget {
    /// The requests that may be sent at this moment: all of them once the period is over.
    pub fn remaining_at(&self, now: Millis) -> u32 {
        if now >= self.resets_at { self.limit } else { self.remaining }
    }
}
