//! The terminal program: takes the terminal, runs the loop and gives the terminal back.
//! It knows nothing of gateways or operations; what is shown and what keys mean comes from the program it runs.

pub mod ascii;
pub mod background;
pub mod event_loop;
pub mod input;
pub mod keymap;
pub mod panic_key;
pub mod program;
pub mod signals;
pub mod terminal;
pub mod theme;
pub mod typing;
pub mod view;
mod watchdog;
pub mod widget;
