//! Whether the operator is looking at the screen, as far as the terminal shows it.

use crate::domain::time::Millis;

/// Without reports of the focus, an operator who has pressed no key for this long counts as away.
const NO_KEY: Millis = Millis(60_000);

/// The last signs of the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Whether the terminal has the focus; `None` if it has never said so.
    has_focus: Option<bool>,
    /// The time of the last key, paste or press of the mouse.
    acted: Millis,
}

impl Presence {
    /// Takes a report of the terminal that it got or lost the focus.
    pub(super) fn take_focus(&mut self, has_focus: bool) {
        self.has_focus = Some(has_focus);
    }

    /// Takes note that the operator did something.
    pub(super) fn take_act(&mut self, now: Millis) {
        self.acted = now;
    }

    /// Whether the operator is probably looking at something else.
    pub fn is_away(&self, now: Millis) -> bool {
        match self.has_focus {
            Some(has_focus) => !has_focus,
            None => now.0.saturating_sub(self.acted.0) >= NO_KEY.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_terminal_says_decides() {
        let mut presence = Presence::default();
        presence.take_act(Millis(1_000));
        presence.take_focus(false);
        assert!(presence.is_away(Millis(1_000)));
        presence.take_focus(true);
        assert!(!presence.is_away(Millis(10_000_000)));
    }

    #[test]
    fn otherwise_the_last_key_decides() {
        let mut presence = Presence::default();
        presence.take_act(Millis(1_000));
        assert!(!presence.is_away(Millis(60_999)));
        assert!(presence.is_away(Millis(61_000)));
    }
}
