//! Support for the tests of several topics.

pub(crate) mod cut_journal;
pub(crate) mod documents;
pub(crate) mod domain;
pub(crate) mod fake_gateway;
pub(crate) mod gateway;
pub(crate) mod harness;
pub(crate) mod line;
pub(crate) mod memory_journal;
pub(crate) mod planning;
pub(crate) mod postgres;
pub(crate) mod prelude;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod pty;
pub(crate) mod rig;
pub(crate) mod screen;
pub(crate) mod shared;
pub(crate) mod simulated;
pub(crate) mod svg;
pub(crate) mod transport;
pub(crate) mod worlds;
