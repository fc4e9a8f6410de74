//! One test binary, one file a concern.

mod event_loop;
mod painter;
mod pty;
mod support;
mod simulator;
mod simulator_faults;
mod simulator_zapi;
mod config;
