//! Pure types and decisions: what things are and what follows from them. No I/O, no async, no clock of its own.

pub mod id;
pub mod instance;
pub mod name;
pub mod settings;
pub mod time;
