//! Asks the terminal whether its background is light. Used only for the theme `auto`, before the screen is taken.

use std::{env, time::Duration};

use terminal_colorsaurus::{QueryOptions, background_color};

/// How long to wait for the answer. A second question, which every terminal can answer, is sent with the first, so a
/// terminal that cannot answer the first shows that at once.
const PATIENCE: Duration = Duration::from_millis(100);

/// Whether the background is light; `None` if the terminal does not say. Terminals that would print the question, or
/// are known not to answer, are not asked.
pub fn is_light() -> Option<bool> {
    if !may_be_asked(&env::var("TERM").unwrap_or_default()) {
        return None;
    }
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    Some(background_color(options).ok()?.perceived_lightness() > 0.5)
}

fn may_be_asked(term: &str) -> bool {
    !matches!(term, "" | "dumb" | "linux")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_and_non_terminals_are_not_asked() {
        for (term, asked) in [("linux", false), ("dumb", false), ("", false), ("xterm-256color", true)] {
            assert_eq!(may_be_asked(term), asked, "{term}");
        }
    }
}
