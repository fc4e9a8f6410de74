//! The parts shared by several views.

pub mod field;
pub mod pane;
pub mod qr;
pub mod window;
