//! Synod administers WhatsApp communities through an HTTP gateway: it plans, sends, and verifies each group.
//!
//! `bootstrap` puts the parts together. `tui` and `cli` show and ask; `runtime`, `listing` and `engine` do the work; `app` and
//! `domain` decide, purely; `gateway` and `store` reach outside. Imports point downward only: a test holds the table of
//! permitted imports (`tests/it/architecture`), and ARCHITECTURE.md gives the reasons.
//!
//! The library exists for the program, its tests and its benchmarks. Its API is not stable.

pub mod app;
pub mod bootstrap;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod export;
pub mod files;
pub mod gateway;
pub mod listing;
pub mod runtime;
pub mod scrub;
pub mod simulator;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod tui;
