//! Synod administers `WhatsApp` communities through an HTTP gateway.

pub mod domain;
pub mod gateway;
pub mod listing;
