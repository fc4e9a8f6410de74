//! One test binary, one file a concern.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what tests share breaks off as tests do")]

mod engine;
mod engine_limits;
mod engine_truth;
mod store;
mod support;
