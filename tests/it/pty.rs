//! The program in a terminal: how it starts, reads keys, survives sizes, and restores the terminal however it ends.

use std::time::{Duration, Instant};

use rstest::rstest;
use rustix::process::Signal;

use crate::support::process::skipped;
use crate::support::pty::{PROMPT, Pty, Setup, contains, modes_left_on, row_of, sequences};

/// The marker of the row under the cursor.
const MARKER: &str = "▸";

/// The number of times that a busy machine may spoil a question before the test gives up.
const ATTEMPTS: usize = 20;

/// The end of every frame.
const END_OF_FRAME: &str = "\x1b[?2026l";

/// The demo with its first screen shown.
fn demo(setup: Setup) -> Option<Pty> {
    let mut pty = setup.start()?;
    pty.until_text("Communities");
    Some(pty)
}

/// The position in the bytes at which the last of these texts ends.
fn last(bytes: &[u8], text: &str) -> Option<usize> {
    bytes.windows(text.len()).rposition(|window| window == text.as_bytes())
}

#[test]
fn q_quits_and_restores_the_terminal() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    assert!(modes_left_on(pty.bytes()).contains(&"1049".to_owned()), "the alternate screen is used");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
}

#[rstest]
#[case(Signal::TERM, 143)]
#[case(Signal::HUP, 129)]
#[case(Signal::INT, 130)]
#[case(Signal::QUIT, 131)]
fn a_signal_ends_it_and_restores_the_terminal(#[case] signal: Signal, #[case] code: i32) {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.signal(signal);
    assert_eq!(pty.exit_code(), code);
    pty.assert_given_back();
}

#[test]
fn a_panic_restores_the_terminal_before_its_message() {
    let Some(mut pty) = demo(Setup::demo().variable("SYNOD_PANIC_KEY", "%")) else { return };
    pty.send("%");
    assert_eq!(pty.exit_code(), 101);
    pty.assert_given_back();
    let left = last(pty.bytes(), "\x1b[?1049l").unwrap();
    let message = last(pty.bytes(), "the panic key was typed").expect("the panic says what happened");
    assert!(left < message);
    assert!(!contains(&pty.bytes()[left..], "\x1b[?2026h"), "nothing is drawn after it");
}

#[test]
fn it_ends_when_the_line_drops() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.hang_up();
    pty.signal(Signal::HUP);
    assert_eq!(pty.exit_code(), 129);
}

#[test]
fn it_ends_when_the_terminal_goes_away_without_a_signal() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.hang_up();
    assert_eq!(pty.exit_code(), 129);
}

#[test]
fn it_ends_when_the_terminal_goes_away_with_hangups_ignored() {
    let Some(mut pty) = demo(Setup::demo().ignore_hangup()) else { return };
    pty.hang_up();
    assert_eq!(pty.exit_code(), 129);
}

#[test]
fn the_first_frame_comes_with_the_screen_and_without_questions() {
    let Some(mut pty) = demo(Setup::demo().size(120, 40)) else { return };
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    let first: Vec<String> = sequences(pty.bytes()).into_iter().take(7).collect();
    // It is cleared as well: some terminals have no second screen, such as GNU screen, and a frame skips blank cells.
    assert_eq!(first, ["?1049h", "?2004h", "?25l", "?7l", "m", "?1004h", "2J"]);
    let asked = |sequence: &String| sequence.ends_with(['n', 'c', 't']) || sequence.ends_with("$p");
    assert_eq!(sequences(pty.bytes()).into_iter().find(asked), None, "a question to the terminal");
    assert!(!contains(pty.bytes(), "\x1b]"), "a question for a colour");
}

#[test]
fn a_repainted_screen_has_its_modes_again() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.mark();
    pty.send("\x0c");
    pty.until_bytes("\x1b[2J");
    let again: Vec<String> = sequences(pty.since_mark()).into_iter().collect();
    for mode in ["?2004h", "?25l", "?7l", "m"] {
        assert!(again.iter().any(|sequence| sequence == mode), "{mode} in {again:?}");
    }
    // A second one would lose what the first screen showed.
    assert!(!again.contains(&"?1049h".to_owned()), "{again:?}");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn help_opens_and_esc_closes_it() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.send("?");
    pty.until_text("Keys");
    pty.send("\x1b");
    pty.until("the help to close", |screen| !screen.contents().contains("Keys"));
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_suspended_program_gives_the_shell_its_terminal_and_repaints_when_it_is_back() {
    let Some(mut pty) = Setup::demo().start_shell() else { return };
    pty.until_bytes(PROMPT);
    let before = line_settings(&mut pty);

    pty.send("\"$SYNOD\" demo\r");
    pty.until("the demo", shows_the_demo);
    pty.mark();
    pty.send("\x1a");
    pty.until_bytes(PROMPT);
    assert_eq!(modes_left_on(pty.bytes()), Vec::<String>::new());
    assert_eq!(line_settings(&mut pty), before);

    pty.send("fg\r");
    pty.until("the demo again", shows_the_demo);
    pty.send("?");
    pty.until_text("Keys");
    pty.send("\x1b");
    pty.until("the help to close", |screen| !screen.contents().contains("Keys"));
    pty.mark();
    pty.send("q");
    pty.until_bytes(PROMPT);
    assert_eq!(modes_left_on(pty.bytes()), Vec::<String>::new());
    pty.send("echo the code is $?\r");
    pty.until_text("the code is 0");
    pty.send("exit\r");
}

/// Stopped from outside, and ended before it came to the front again: the terminal then belongs to the shell. The kernel
/// stops a background process that changes the terminal's settings, so the program would never end.
#[test]
fn ended_in_the_background_it_leaves_the_terminals_settings_to_the_shell() {
    let Some(mut pty) = Setup::demo().start_shell() else { return };
    pty.until_bytes(PROMPT);
    pty.send("sh -c 'echo $$ >\"$STAGE/pid\"; exec \"$SYNOD\" demo'\r");
    pty.until("the demo", shows_the_demo);
    pty.mark();
    pty.signal(Signal::STOP);
    pty.until_bytes(PROMPT);
    // The shell has no reason to set the terminal itself, which is still in raw mode: a line ends with a line feed.
    pty.mark();
    pty.send("stty sane -echo\n");
    pty.until_bytes(PROMPT);
    let before = line_settings(&mut pty);
    pty.mark();
    pty.send("kill -TERM %1; bg %1; wait %1; echo the code is $?.\r");
    // The shell no longer echoes the typed text, so this is the prompt after the command.
    pty.until_bytes(PROMPT);
    assert!(contains(pty.since_mark(), "the code is 143."), "{}", pty.since_mark().escape_ascii());
    assert_eq!(line_settings(&mut pty), before);
    pty.send("exit\r");
}

fn shows_the_demo(screen: &vt100::Screen) -> bool {
    screen.alternate_screen() && screen.contents().contains("Communities")
}

/// The terminal's settings while the shell runs a command.
fn line_settings(pty: &mut Pty) -> String {
    pty.mark();
    pty.send("echo =$(stty -g)=\r");
    pty.until_bytes(PROMPT);
    let said = String::from_utf8_lossy(pty.since_mark()).into_owned();
    let settings = said.lines().find(|line| line.starts_with('=') && line.contains(':'));
    settings.unwrap_or_else(|| panic!("stty says how the terminal is set: {said}")).trim().to_owned()
}

#[rstest]
#[case(1)]
#[case(10)]
#[case(15)]
fn an_arrow_key_survives_being_split(#[case] milliseconds: u64) {
    let gap = Duration::from_millis(milliseconds);
    let mut stretched = Duration::ZERO;
    // If a busy machine stretched a gap, the question was a different one, so the test asks the program again.
    for _ in 0..ATTEMPTS {
        let Some(mut pty) = demo(Setup::demo()) else { return };
        pty.until("a row under the cursor", |screen| row_of(screen, MARKER).is_some());
        let start = pty.row_of(MARKER).unwrap();
        let before = Instant::now();
        pty.send("\x1b");
        pty.watch(gap);
        pty.send("[B");
        stretched = before.elapsed();
        if stretched > gap + Duration::from_millis(5) {
            continue;
        }
        pty.until("the cursor to move down", |screen| row_of(screen, MARKER) == Some(start + 1));
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
        return;
    }
    skipped(&format!("the keys came {stretched:?} apart instead of {gap:?}, {ATTEMPTS} times"));
}

/// Answers that an earlier program requested, whole and in two pieces.
#[test]
fn late_answers_of_the_terminal_do_nothing() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.until("a row under the cursor", |screen| row_of(screen, MARKER).is_some());
    pty.send("\t\t");
    pty.until_text("▸");
    for answer in
        ["\x1bP>|XTerm(380)\x1b\\", "\x1bP>|tmux 3.4\x1b\\", "\x1b_Gi=31;OK a l y\x1b\\", "\x1b[>41;380;0c"]
    {
        pty.send(answer);
        let (one, two) = answer.split_at(answer.len() / 2);
        pty.send(one);
        pty.watch(Duration::from_millis(60));
        pty.send(two);
    }
    pty.send("?");
    pty.until_text("Keys");
    pty.send("\x1b");
    pty.until("the help to close", |screen| !screen.contents().contains("Keys"));
    let shown = pty.text();
    assert!(!shown.contains("Plan:") && !shown.contains("✔") && !shown.contains("marked"), "{shown}");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn a_locale_without_utf_8_and_a_flag_ask_for_ascii() {
    let plain = |setup: Setup| {
        let Some(mut pty) = demo(setup) else { return };
        pty.until_text("Communities 12");
        let shown = pty.text();
        assert!(!shown.contains(['│', '─', '┌', '▸', '●']), "{shown}");
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
    };
    for locale in ["C", "POSIX", "en_US.ISO-8859-1", ""] {
        plain(Setup::demo().variable("LANG", locale));
    }
    plain(Setup::demo().variable("LC_ALL", "C").variable("LANG", "C.UTF-8"));
    plain(Setup::program(vec!["demo".to_owned(), "--ascii".to_owned()]));
}

#[test]
fn over_ssh_an_arrow_key_may_be_split_for_longer() {
    for name in ["SSH_CONNECTION", "SSH_TTY"] {
        let Some(mut pty) = demo(Setup::demo().variable(name, "203.0.113.1 50000 203.0.113.2 22")) else {
            return;
        };
        pty.until("a row under the cursor", |screen| row_of(screen, MARKER).is_some());
        pty.send("?");
        pty.until_text("Keys");
        pty.send("\x1b");
        pty.watch(Duration::from_millis(50));
        pty.send("[B");
        pty.send("/zzzz");
        pty.until("the filter of the help, which has stayed open", |screen| {
            screen.contents().contains("zzzz") && screen.contents().contains("Keys")
        });
        pty.send("\x03\x03");
        pty.exit_code();
    }
}

/// More than one read returns.
#[test]
fn a_long_paste_arrives_whole_and_keys_work_after_it() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.send("/");
    pty.send(&format!("\x1b[200~{}zz\x1b[201~", "q".repeat(2998)));
    pty.until("the pasted text in the filter", |screen| screen.contents().contains("qqqq"));
    pty.send("\x1b");
    pty.until("the filter to clear", |screen| !screen.contents().contains("qqqq"));
    pty.send("?");
    pty.until_text("Keys");
    pty.send("\x1b");
    pty.until("the help to close", |screen| !screen.contents().contains("Keys"));
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[rstest]
#[case(1, 1)]
#[case(2, 2)]
#[case(20, 6)]
#[case(60, 15)]
#[case(80, 24)]
#[case(300, 100)]
fn it_starts_at_any_size(#[case] columns: u16, #[case] rows: u16) {
    let Some(mut pty) = Setup::demo().size(columns, rows).start() else { return };
    pty.until_bytes(END_OF_FRAME);
    // Another size than any of these, because a terminal reports nothing when its size stays the same.
    pty.resize(100, 30);
    pty.until_text("Communities");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
}

#[test]
fn it_works_at_any_size() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    for (columns, rows) in [(1, 1), (300, 100), (2, 2), (20, 6), (60, 15), (1, 100), (300, 1), (80, 24)] {
        pty.resize(columns, rows);
        pty.until_bytes(END_OF_FRAME);
    }
    pty.until_text("Communities");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn an_idle_program_writes_nothing() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    while pty.watch(Duration::from_millis(500)) > 0 {}
    assert_eq!(pty.watch(Duration::from_secs(1)), 0);
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn no_color_removes_colours_and_keeps_attributes() {
    let Some(mut pty) = demo(Setup::demo().variable("NO_COLOR", "1")) else { return };
    pty.send("?");
    pty.until_text("Keys");
    pty.send("\x1b");
    pty.until("the help to close", |screen| !screen.contents().contains("Keys"));
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    let looks: Vec<String> = sequences(pty.bytes())
        .into_iter()
        .filter_map(|sequence| sequence.strip_suffix('m').map(str::to_owned))
        .collect();
    assert!(looks.iter().any(|look| look.split(';').any(|code| code == "1")), "bold is kept: {looks:?}");
    for look in &looks {
        let coloured =
            |code: &str| code.parse::<u8>().is_ok_and(|code| (30..=49).contains(&code) || code >= 90);
        assert!(!look.split(';').any(coloured), "a colour: {look}");
        assert_ne!(look, ";", "this resets the attributes that stand before it");
    }
}

#[test]
fn colours_are_the_terminals_own() {
    let Some(mut pty) = demo(Setup::demo()) else { return };
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    for sequence in sequences(pty.bytes()) {
        let Some(look) = sequence.strip_suffix('m') else { continue };
        assert!(!look.contains("8;5;") && !look.contains("8;2;"), "not one of the sixteen: {look}");
    }
}
