//! Pure types and decisions: what things are and what follows from them. No I/O, no async, no clock of its own.

pub mod budget;
pub mod capability;
pub mod command;
pub mod community;
pub mod diagnosis;
pub mod directory;
pub mod event;
pub mod evidence;
pub mod failure;
pub mod history;
pub mod id;
pub mod instance;
pub mod invite;
pub mod lookup;
pub mod name;
pub mod operation;
pub mod outcome;
pub mod pairing;
pub mod plan;
pub mod private;
pub mod reading;
pub mod sentence;
pub mod settings;
pub mod time;
pub mod vitals;
pub mod wait;
