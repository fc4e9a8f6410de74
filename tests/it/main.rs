//! One test binary, one file a concern.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

mod event_loop;
mod painter;
mod pty;
mod support;
