//! Synod administers `WhatsApp` communities through an HTTP gateway.

pub mod app;
pub mod bootstrap;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod gateway;
pub mod listing;
pub mod runtime;
pub mod simulator;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod tui;
