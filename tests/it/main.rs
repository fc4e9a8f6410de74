//! One test binary, one file a concern.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what the helpers of tests cannot do ends the test")]

mod architecture;
mod config;
