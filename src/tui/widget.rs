//! The parts that several views are made of.

pub mod field;
pub mod pane;
pub mod qr;
pub mod window;
