//! What several concerns need to drive the program.

pub(crate) mod pty;
pub(crate) mod screen;
