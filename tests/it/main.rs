//! One test binary, one file a concern.

#![expect(clippy::unwrap_used, reason = "what the helpers of tests cannot do ends the test")]

mod gateway_contract;
mod listing;
mod support;
