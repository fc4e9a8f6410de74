//! One test binary, one file a concern.

mod simulator;
mod simulator_faults;
mod simulator_zapi;
