//! The state of the screen, and [`update()`], the only function that changes it.
//!
//! Synchronous and pure: no I/O, no terminal, no clock except the timestamp on each input. Work to be done outside is
//! returned as [`Effect`](effect::Effect)s.

pub mod action;
pub mod applies;
pub mod broken;
pub mod command_catalog;
pub mod context;
pub mod effect;
pub mod entry;
pub mod event;
pub mod filter;
pub mod group_index;
pub mod instance;
pub mod layout;
pub mod list;
pub mod listing_reading;
pub mod modal;
pub mod mouse;
pub mod notice;
pub mod operations;
pub mod order;
pub mod panes;
pub mod presence;
pub mod progress;
pub mod reconfigured;
pub mod role_reading;
pub mod row_facts;
pub mod scroll;
pub mod search;
pub mod selection;
mod state;
mod update;
pub mod wide;

pub use context::Context;
pub use notice::Hurry;
pub use state::{State, Survival};
pub use update::{Incoming, after_frame, start, update};
