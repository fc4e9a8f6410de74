//! One test binary: a file per topic, and for the rooms in `architecture/unit_tests.rs` a file per file of `src`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

mod app;
mod architecture;
mod boundaries;
mod cli;
mod config;
mod config_edit;
mod contract;
mod contract_canary;
mod conventions;
mod deaths;
mod documents;
mod domain;
mod engine;
mod engine_evidence;
mod engine_limits;
mod engine_list_use;
mod engine_readbacks;
mod engine_reasons;
mod engine_truth;
mod event_loop;
mod export;
mod flows;
mod gateway_contract;
mod handover;
mod hostile;
mod ignored_signals;
mod languages;
mod listing;
mod mouse;
mod painter;
mod panes;
mod pictures;
mod pty;
mod reconnecting;
mod recovery;
mod screens;
mod scrub;
mod shared_store;
mod simulator;
mod simulator_answers;
mod simulator_faults;
mod simulator_others;
mod simulator_reads;
mod simulator_spellings;
mod simulator_worlds;
mod simulator_zapi;
mod state_files;
mod store;
mod store_formats;
mod store_links;
mod store_plans;
mod store_summaries;
mod support;
mod survival;
mod text;
mod themes;
mod tui;
mod writers;
mod zapi;
