//! Synod administers `WhatsApp` communities through an HTTP gateway.

pub mod clock;
pub mod config;
pub mod domain;
pub mod telemetry;
pub mod text;
