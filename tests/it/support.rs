//! What several concerns' tests stand on.

pub(crate) mod gateway;
pub(crate) mod pty;
pub(crate) mod screen;
