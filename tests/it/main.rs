//! One test binary, one file a concern.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what the helpers of tests cannot do ends the test")]

mod architecture;
mod config;
mod event_loop;
mod painter;
mod pty;
mod simulator;
mod simulator_faults;
mod simulator_zapi;
mod support;
