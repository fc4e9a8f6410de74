//! Synod administers `WhatsApp` communities through an HTTP gateway.

pub mod app;
pub mod domain;
pub mod gateway;
pub mod tui;
//! Synod.
pub mod simulator;
