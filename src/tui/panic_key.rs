//! A key that makes the program panic, to test that the terminal is restored even then. It is off unless the hidden
//! environment variable `SYNOD_PANIC_KEY` contains a character.

use std::env;

use crossterm::event::KeyCode;

use super::input::Input;

/// The character that causes a panic when typed, if any.
#[derive(Debug, Clone, Copy, Default)]
pub struct PanicKey(Option<char>);

impl PanicKey {
    /// Reads `SYNOD_PANIC_KEY`; only its first character counts.
    pub fn from_environment() -> Self {
        Self(env::var("SYNOD_PANIC_KEY").ok().and_then(|key| key.chars().next()))
    }

    /// Does nothing unless this input is the key.
    ///
    /// # Panics
    ///
    /// If it is the key, on purpose.
    #[expect(clippy::panic, reason = "this is how tests reach the panic hook of the running program")]
    pub fn check(self, input: &Input) {
        if let (Some(wanted), Input::Key(key)) = (self.0, input)
            && key.code == KeyCode::Char(wanted)
        {
            panic!("the panic key was typed");
        }
    }
}
