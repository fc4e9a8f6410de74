//! The terminal program: takes the terminal, runs the loop and restores the terminal. It knows nothing of gateways or
//! operations; the program that it runs decides what to show and what the keys mean.

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
