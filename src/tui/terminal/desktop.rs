//! How a terminal shows a message on the desktop. No terminal can be asked, so its name decides; one with an unknown name gets
//! the bell alone, which most mark the window or tab with.

use std::env;

/// The sequence for a message, for the terminal in the environment; empty if it is the plain console.
pub(super) fn notification(text: &str) -> String {
    sequence(text, |name| env::var(name).ok())
}

fn sequence(text: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let term = variable("TERM").unwrap_or_default();
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    // A control character would end the sequence, and a semicolon its field.
    let plain: String =
        text.chars().map(|sign| if sign.is_control() || sign == ';' { ' ' } else { sign }).collect();
    let begins = |starts: &[&str]| starts.iter().any(|start| term.starts_with(start));
    // tmux and screen pass on none of these sequences, whatever the outer terminal is. They do report a bell.
    let is_within = begins(&["tmux", "screen"]) || program == "tmux";
    match () {
        () if matches!(&*term, "" | "dumb" | "linux" | "cons25") || begins(&["vt", "con"]) => String::new(),
        () if is_within => BELL.to_owned(),
        () if begins(&["xterm-kitty"]) => format!("\x1b]99;;{plain}\x1b\\{BELL}"),
        () if begins(&["foot", "rxvt"]) => format!("\x1b]777;notify;Synod;{plain}\x1b\\{BELL}"),
        () if begins(&["xterm-ghostty", "wezterm"])
            || matches!(&*program, "iTerm.app" | "WezTerm" | "ghostty") =>
        {
            format!("\x1b]9;{plain}\x1b\\{BELL}")
        }
        () => BELL.to_owned(),
    }
}

const BELL: &str = "\x07";

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("xterm-kitty", "", "\x1b]99;;#14 done\x1b\\\x07")]
    #[case("foot-extra", "", "\x1b]777;notify;Synod;#14 done\x1b\\\x07")]
    #[case("rxvt-unicode-256color", "", "\x1b]777;notify;Synod;#14 done\x1b\\\x07")]
    #[case("xterm-ghostty", "", "\x1b]9;#14 done\x1b\\\x07")]
    #[case("xterm-256color", "iTerm.app", "\x1b]9;#14 done\x1b\\\x07")]
    #[case::unknown("xterm-256color", "", "\x07")]
    #[case::inside_tmux("tmux-256color", "WezTerm", "\x07")]
    #[case::inside_screen("screen.xterm-kitty", "", "\x07")]
    #[case::console("linux", "", "")]
    #[case::serial("vt220", "", "")]
    #[case::dumb("dumb", "", "")]
    #[case::none("", "", "")]
    fn each_terminal_gets_what_it_understands(
        #[case] term: &str,
        #[case] program: &str,
        #[case] expected: &str,
    ) {
        let variable = |name: &str| match name {
            "TERM" => Some(term.to_owned()),
            "TERM_PROGRAM" => Some(program.to_owned()),
            _ => None,
        };
        assert_eq!(sequence("#14 done", variable), expected);
    }

    #[test]
    fn a_message_ends_neither_the_sequence_nor_its_field() {
        let kitty = |_: &str| Some("xterm-kitty".to_owned());
        assert_eq!(sequence("a;b\x1b\\c\x07d\u{9c}e", kitty), "\x1b]99;;a b \\c d e\x1b\\\x07");
    }
}
