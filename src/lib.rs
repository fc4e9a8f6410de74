//! Synod.
pub mod simulator;
