//! One test binary, one file a concern.

mod config;
mod event_loop;
mod painter;
mod pty;
mod simulator;
mod simulator_faults;
mod simulator_zapi;
mod support;
