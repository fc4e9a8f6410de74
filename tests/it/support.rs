//! What several concerns need to drive the program.

pub mod pty;
pub mod screen;
