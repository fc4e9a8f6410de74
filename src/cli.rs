//! The command line: what can be asked of the program without its screen.

pub mod args;
