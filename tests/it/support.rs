//! What several concerns need to drive the program.

pub(crate) mod pty;
pub(crate) mod screen;
//! What several concerns' tests stand on.

pub(crate) mod gateway;
