//! The question whether to quit while something is running.

use super::window::Window;
use crate::app::context::Context;

/// The window with the question.
#[derive(Clone, Copy, Debug)]
pub struct Quit;

impl Window for Quit {
    fn context(&self) -> Context {
        Context::Quit
    }
}
