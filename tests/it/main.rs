//! One test binary, one file a concern.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

mod architecture;
mod cli;
mod config;
mod engine;
mod engine_limits;
mod engine_truth;
mod event_loop;
mod gateway_contract;
mod listing;
mod painter;
mod pty;
mod recovery;
mod simulator;
mod simulator_faults;
mod simulator_zapi;
mod store;
mod store_formats;
mod support;
mod survival;
