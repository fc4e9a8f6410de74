//! Synod administers `WhatsApp` communities through an HTTP gateway.

pub mod clock;
pub mod domain;
pub mod engine;
pub mod gateway;
pub mod store;
