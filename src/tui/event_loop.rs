//! The only loop of the terminal program: what wakes it, in which order, and when a frame is drawn. It knows neither
//! keys nor state; a [`Program`] folds events and draws, a [`Screen`] shows the result.
//!
//! The order is: signals, a frame that is due, background events, input, a held Esc, the ticker. Input is drained,
//! folded and drawn at once; background events share one frame per [`FRAME`]. Nothing wakes a program that waits.

mod parts;
mod pass;
mod wake;

pub use parts::{Exit, FRAME, Hold, OPENING, Program, Screen, Sources, TerminalEffect};
pub use pass::run;
