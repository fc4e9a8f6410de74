//! What tests share.

pub(crate) mod fake_gateway;
pub(crate) mod memory_journal;
pub(crate) mod rig;
