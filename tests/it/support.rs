//! What several concerns' tests stand on.

pub(crate) mod gateway;
