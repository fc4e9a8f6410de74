//! Keys, reports, pastes and late answers, whole and in pieces.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use rstest::rstest;
use synod::{
    app::mouse::Mouse,
    tui::input::{
        Input,
        decoder::{Decoder, Patience},
    },
};
use tokio::time::Instant;

const ESC: u8 = 0x1b;
/// The longest time in which keys are taken for parts of an answer.
const DEAF: Duration = Duration::from_secs(10);

const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const NONE: KeyModifiers = KeyModifiers::NONE;

fn esc() -> Input {
    Input::Key(KeyCode::Esc.into())
}

/// The modifiers of a letter: capital letters have Shift set.
fn held(letter: char) -> KeyModifiers {
    if letter.is_uppercase() { SHIFT } else { NONE }
}

fn typed(letter: char) -> Input {
    Input::Key(KeyEvent::new(KeyCode::Char(letter), held(letter)))
}

fn alt(letter: u8) -> Input {
    let letter = char::from(letter);
    Input::Key(KeyEvent::new(KeyCode::Char(letter), held(letter) | KeyModifiers::ALT))
}

/// Feeds pieces with a pause before each, and finally lets everything expire.
fn feed<'a>(patience: Patience, pieces: impl IntoIterator<Item = (Duration, &'a [u8])>) -> Vec<Input> {
    let (mut decoder, mut now, mut out) = (Decoder::new(patience), Instant::now(), Vec::new());
    for (gap, piece) in pieces {
        now += gap;
        decoder.expire(now, false, &mut out);
        decoder.push(Input::Bytes(piece.to_vec()), now, &mut out);
    }
    now += patience.paste.max(patience.answer);
    decoder.expire(now, false, &mut out);
    assert_eq!(decoder.deadline(), None, "nothing is held for ever");
    let mut next = Vec::new();
    decoder.push(Input::Bytes(b"x".to_vec()), now, &mut next);
    assert_eq!(next, [typed('x')], "keys work again");
    out
}

/// Feeds the text byte by byte, with the same pause before each byte.
fn slowly(text: &str, gap: Duration) -> Vec<Input> {
    feed(Patience::LOCAL, text.as_bytes().chunks(1).map(|byte| (gap, byte)))
}

fn at_once(text: &str) -> Vec<Input> {
    feed(Patience::LOCAL, [(Duration::ZERO, text.as_bytes())])
}

#[rstest]
#[case("\x1b[A", KeyCode::Up, NONE)]
#[case("\x1b[D", KeyCode::Left, NONE)]
#[case("\x1b[H", KeyCode::Home, NONE)]
#[case("\x1b[1~", KeyCode::Home, NONE)]
#[case("\x1b[8~", KeyCode::End, NONE)]
#[case("\x1b[3~", KeyCode::Delete, NONE)]
#[case("\x1b[5~", KeyCode::PageUp, NONE)]
#[case("\x1b[15~", KeyCode::F(5), NONE)]
#[case("\x1b[24~", KeyCode::F(12), NONE)]
#[case("\x1b[Z", KeyCode::BackTab, SHIFT)]
#[case("\x1b[1;2B", KeyCode::Down, SHIFT)]
#[case("\x1b[1;5H", KeyCode::Home, KeyModifiers::CONTROL)]
#[case("\x1b[5;3~", KeyCode::PageUp, KeyModifiers::ALT)]
#[case("\x1b[[A", KeyCode::F(1), NONE)]
#[case("\x1b[R", KeyCode::F(3), NONE)]
#[case("\x1bOB", KeyCode::Down, NONE)]
#[case("\x1bO2B", KeyCode::Down, SHIFT)]
#[case("\x1bOP", KeyCode::F(1), NONE)]
#[case("\x1bOM", KeyCode::Enter, NONE)]
#[case("\x1b[105;5u", KeyCode::Char('i'), KeyModifiers::CONTROL)]
#[case("\x1b[27;5;105~", KeyCode::Char('i'), KeyModifiers::CONTROL)]
#[case("ç", KeyCode::Char('ç'), NONE)]
#[case("Ç", KeyCode::Char('Ç'), SHIFT)]
#[case("🔥", KeyCode::Char('🔥'), NONE)]
#[case("\r", KeyCode::Enter, NONE)]
#[case("\n", KeyCode::Char('j'), KeyModifiers::CONTROL)]
#[case("\x7f", KeyCode::Backspace, NONE)]
#[case("\x03", KeyCode::Char('c'), KeyModifiers::CONTROL)]
fn a_key_is_put_together(#[case] text: &str, #[case] code: KeyCode, #[case] modifiers: KeyModifiers) {
    let key = [Input::Key(KeyEvent::new(code, modifiers))];
    assert_eq!(at_once(text), key, "{text:?}");
    for gap in [0, 1, 10, 24] {
        assert_eq!(slowly(text, Duration::from_millis(gap)), key, "{text:?} with {gap} ms");
    }
}

#[test]
fn a_lone_esc_waits_25_ms_here_and_100_ms_over_a_network() {
    for (patience, milliseconds) in [(Patience::LOCAL, 25), (Patience::REMOTE, 100)] {
        let wait = Duration::from_millis(milliseconds);
        let (mut decoder, now, mut out) = (Decoder::new(patience), Instant::now(), Vec::new());
        decoder.push(Input::Bytes(vec![ESC]), now, &mut out);
        assert_eq!((decoder.deadline(), out.len()), (Some(now + wait), 0));
        decoder.expire(now + wait, false, &mut out);
        assert_eq!(out, [esc()]);
    }
    let pieces = [(Duration::ZERO, &b"\x1b"[..]), (Duration::from_millis(80), b"[B")];
    assert_eq!(feed(Patience::REMOTE, pieces), [Input::Key(KeyCode::Down.into())]);
    assert_eq!(feed(Patience::LOCAL, pieces), [esc(), typed('['), typed('B')]);
}

#[test]
fn a_key_may_pause_after_its_second_character() {
    for (one, two, expected) in [
        (&b"\x1b["[..], &b"G"[..], None),
        (b"\x1b[", b"B", Some(KeyCode::Down)),
        (b"\x1bO", b"B", Some(KeyCode::Down)),
    ] {
        let expected: Vec<Input> = expected.map(|code| Input::Key(code.into())).into_iter().collect();
        for pause in [60, 240] {
            let pieces = [(Duration::ZERO, one), (Duration::from_millis(pause), two)];
            assert_eq!(feed(Patience::LOCAL, pieces), expected, "{one:?} {two:?} after {pause} ms");
        }
        let late = [(Duration::ZERO, one), (Duration::from_millis(260), &b"x"[..])];
        assert_eq!(feed(Patience::LOCAL, late), [typed('x')], "Alt and {one:?} is no key");
    }
}

#[test]
fn unread_bytes_keep_it_waiting() {
    let (mut decoder, now, mut out) = (Decoder::new(Patience::LOCAL), Instant::now(), Vec::new());
    decoder.push(Input::Bytes(vec![ESC]), now, &mut out);
    let later = now + Patience::LOCAL.esc;
    decoder.expire(later, true, &mut out);
    decoder.push(Input::Bytes(b"[B".to_vec()), later, &mut out);
    assert_eq!(out, [Input::Key(KeyCode::Down.into())]);
}

#[test]
fn a_key_after_an_esc_is_separate() {
    assert_eq!(slowly("\x1bx", Duration::from_millis(1)), [esc(), typed('x')]);
    let alt = Input::Key(KeyEvent::new(KeyCode::Char('x'), KeyModifiers::ALT));
    assert_eq!(at_once("\x1bx"), [alt]);
    assert_eq!(slowly("\x1b[", Duration::from_millis(1)), [esc(), typed('[')]);
    assert_eq!(slowly("\x1b\x1b[B", Duration::from_millis(1)), [esc(), Input::Key(KeyCode::Down.into())]);
}

#[rstest]
#[case("\x1b[<0;5;7M", Some(Mouse::Press { column: 4, row: 6 }))]
#[case("\x1b[<4;300;100M", Some(Mouse::Press { column: 299, row: 99 }))]
#[case("\x1b[<64;9999;9999M", Some(Mouse::Wheel { column: 9998, row: 9998, down: false }))]
#[case("\x1b[<65;1;1M", Some(Mouse::Wheel { column: 0, row: 0, down: true }))]
#[case("\x1b[<0;5;7m", Some(Mouse::Release { column: 4, row: 6 }))]
#[case("\x1b[<2;5;7m", None)]
#[case("\x1b[<35;5;7M", None)]
#[case("\x1b[M !!", None)]
fn a_report_of_the_mouse_is_put_together(#[case] text: &str, #[case] mouse: Option<Mouse>) {
    let expected: Vec<Input> = mouse.map(Input::Mouse).into_iter().collect();
    for gap in [0, 1, 24] {
        assert_eq!(slowly(text, Duration::from_millis(gap)), expected, "{text:?} with {gap} ms");
    }
}

#[test]
fn a_paste_is_text_wherever_it_is_split() {
    let text = "\x1b[200~a\r\nyl\x1b[B\x1b[20\r ç\x1b[201~j";
    let expected = [Input::Paste("a\nyl\x1b[B\x1b[20\n ç".to_owned()), typed('j')];
    assert_eq!(at_once(text), expected);
    for split in 1..text.len() {
        let (one, two) = text.as_bytes().split_at(split);
        let pieces = [(Duration::ZERO, one), (Duration::from_millis(20), two)];
        assert_eq!(feed(Patience::LOCAL, pieces), expected, "split at {split}");
    }
    assert_eq!(at_once("\x1b[200~cut off"), [Input::Paste("cut off".to_owned())]);
}

#[rstest]
#[case::version("\x1bP>|XTerm(380)\x1b\\")]
#[case::tmux("\x1bP>|tmux 3.4\x1b\\")]
#[case::graphics("\x1b_Gi=31;OK\x1b\\")]
#[case::capability("\x1bP1+r544e=787465726d\x1b\\")]
#[case::setting("\x1bP1$r0 q\x1b\\")]
#[case::unit("\x1bP!|00000000\x1b\\")]
#[case::colour("\x1b]11;rgb:1010/1010/1010\x1b\\")]
#[case::colour_with_bell("\x1b]11;rgb:1010/1010/1010\x07")]
#[case::clipboard("\x1b]52;c;YWxsIHkncw==\x07")]
#[case::privacy_message("\x1b^lyXul\x1b\\")]
#[case::start_of_string("\x1bXlyXul\x1b\\")]
#[case::cursor("\x1b[12;40R")]
#[case::cursor_extended("\x1b[?12;40;1R")]
#[case::attributes("\x1b[?62;22c")]
#[case::secondary_attributes("\x1b[>41;380;0c")]
#[case::tertiary_attributes("\x1b[=1;2c")]
#[case::mode("\x1b[?2026;2$y")]
#[case::status("\x1b[0n")]
#[case::colours("\x1b[?997;1n")]
#[case::size("\x1b[8;24;80t")]
#[case::keyboard("\x1b[?1u")]
#[case::keys("\x1b[>4;2m")]
#[case::sixels("\x1b[?2;0;1024S")]
#[case::in_eight_bits("\u{90}>|x y\u{9c}\x1b\\")]
fn a_late_answer_gives_no_key_wherever_it_is_split_or_breaks_off(#[case] answer: &str) {
    assert_eq!(at_once(answer), []);
    assert_eq!(at_once(&format!("{answer}x")), [typed('x')]);
    for gap in [0, 1, 24] {
        assert_eq!(
            slowly(&format!("{answer}x"), Duration::from_millis(gap)),
            [typed('x')],
            "{answer:?}, {gap} ms"
        );
    }
    let bytes = answer.as_bytes();
    for split in 1..bytes.len() {
        let (one, two) = bytes.split_at(split);
        let wait = if one == [ESC] { 24 } else { 240 };
        let pieces = [(Duration::ZERO, one), (Duration::from_millis(wait), two), (Duration::ZERO, b"x")];
        assert_eq!(feed(Patience::LOCAL, pieces), [typed('x')], "{answer:?} split at {split}");
        if split > 2 || one.get(1).is_some_and(|lead| !matches!(lead, b'[' | b'O')) {
            let pieces = [(Duration::ZERO, one), (Patience::LOCAL.answer, b"x")];
            let mut expected = vec![typed('x')];
            if let [ESC, lead @ (b'P' | b']' | b'_' | b'^' | b'X')] = one {
                expected.insert(0, alt(*lead));
            } else if one == [0xc2, 0x90] {
                expected.insert(0, alt(b'P'));
            }
            assert_eq!(feed(Patience::LOCAL, pieces), expected, "{answer:?} broke off at {split}");
        }
    }
}

#[test]
fn an_answer_without_an_end_is_dropped_and_keys_work_again() {
    let mut endless = b"\x1bP".to_vec();
    endless.extend(vec![b'y'; 1 << 20]);
    let quiet = (Patience::LOCAL.rest + Duration::from_millis(1), &b"x"[..]);
    assert_eq!(feed(Patience::LOCAL, [(Duration::ZERO, &endless[..]), quiet]), [typed('x')]);
    let interrupt = Input::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert_eq!(at_once("\x1bP>|XTerm\x03"), [interrupt], "Ctrl-C is heard at once");
    assert_eq!(at_once("\x1bP>|XTerm\x1b[B"), [Input::Key(KeyCode::Down.into())]);
}

/// The beginnings of real terminals' answers.
const ANSWERS: &[(&str, &str)] = &[
    ("\x1bP>|", "\x1b\\"),
    ("\x1bP1+r", "\x1b\\"),
    ("\x1bP!|", "\x1b\\"),
    ("\x1b_Gi=31;", "\x1b\\"),
    ("\x1b]11;rgb:", "\x07"),
    ("\x1b]52;c;", "\x1b\\"),
    ("\x1b[?62;", "c"),
    ("\x1b[12;40", "R"),
];

#[test]
fn alt_with_a_letter_that_can_begin_an_answer_is_a_key() {
    for letter in *b"P]_^X" {
        let pieces = [(Duration::ZERO, &[ESC, letter][..]), (Duration::from_millis(260), b"j")];
        assert_eq!(feed(Patience::LOCAL, pieces), [alt(letter), typed('j')]);
        // A person is obeyed again soon, even after typing at once.
        let typed_on = [
            (Duration::ZERO, &[ESC, letter][..]),
            (Duration::from_millis(100), b"j"),
            (Duration::from_millis(260), b"k"),
        ];
        assert_eq!(feed(Patience::LOCAL, typed_on), [typed('k')]);
    }
    let esc_first =
        [(Duration::ZERO, &b"\x1b"[..]), (Duration::from_millis(30), b"P"), (Duration::ZERO, b"j")];
    assert_eq!(feed(Patience::LOCAL, esc_first), [esc(), typed('P'), typed('j')]);
}

#[test]
fn an_answer_that_pauses_after_its_first_characters_is_still_one() {
    for answer in [
        &b"\x1bP>|XTerm(380)\x1b\\"[..],
        b"\x1b]11;rgb:10/10/10\x07",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b[?62;22c",
        b"\x1b[12;40R",
    ] {
        for first in 1..=2 {
            let (one, two) = answer.split_at(first);
            let pieces = [(Duration::ZERO, one), (Duration::from_secs(4), two), (Duration::ZERO, b"x")];
            let keys = feed(Patience::LOCAL, pieces);
            let (rest, last) = keys.split_at(keys.len() - 1);
            assert_eq!(last, [typed('x')]);
            // The first characters looked like a key, and nothing else did.
            assert!(rest.iter().all(|key| *key == [esc(), alt(answer[1])][first - 1]), "{keys:?}");
        }
    }
    let late = [(Duration::ZERO, &b"\x1b"[..]), (Duration::from_secs(6), b"P>|x")];
    assert_eq!(feed(Patience::LOCAL, late).len(), 5, "keys again");
}

#[test]
fn an_answer_makes_the_program_deaf_for_ten_seconds_at_most() {
    let (mut decoder, mut now, mut out) = (Decoder::new(Patience::LOCAL), Instant::now(), Vec::new());
    decoder.push(Input::Bytes(b"\x1bP>|".to_vec()), now, &mut out);
    let begun = now;
    while out.is_empty() {
        now += Duration::from_millis(300);
        decoder.expire(now, false, &mut out);
        decoder.push(Input::Bytes(b"j".to_vec()), now, &mut out);
        assert!(now - begun < DEAF + Duration::from_secs(1), "deaf");
    }
    let mut decoder = Decoder::new(Patience::LOCAL);
    decoder.push(Input::Bytes(b"\x1bP>|".to_vec()), now, &mut out);
    out.clear();
    decoder.push(Input::Bytes(b"\x03".to_vec()), now, &mut out);
    assert_eq!(out.len(), 1, "Ctrl-C is heard at once");
}

/// A sequence that a terminal sends, and its meaning.
fn pieces() -> impl Strategy<Value = (Vec<u8>, Vec<Input>)> {
    let key = prop_oneof![
        "[ -~çé中🔥]".prop_map(|text| {
            let letter = text.chars().next().unwrap();
            (text.into_bytes(), vec![typed(letter)])
        }),
        prop::sample::select(vec![
            ("\x1b[A", KeyCode::Up),
            ("\x1b[6~", KeyCode::PageDown),
            ("\x1bOH", KeyCode::Home),
            ("\x1b[17~", KeyCode::F(6)),
            ("\r", KeyCode::Enter),
        ])
        .prop_map(|(bytes, code)| (bytes.as_bytes().to_vec(), vec![Input::Key(code.into())])),
        any::<bool>().prop_map(|has_focus| {
            let bytes = if has_focus { b"\x1b[I" } else { b"\x1b[O" };
            (bytes.to_vec(), vec![Input::Focus(has_focus)])
        }),
        "[a-zç \n]{0,8}".prop_map(|text| {
            (format!("\x1b[200~{text}\x1b[201~").into_bytes(), vec![Input::Paste(text)])
        }),
    ];
    let string = (prop::sample::select(vec!["P", "_", "^", "X", "]"]), "[ -~\t\r\né中]{0,24}")
        .prop_map(|(lead, text)| format!("\x1b{lead}{text}\x1b\\"));
    let colour = "[0-9;:a-z/?]{0,24}".prop_map(|text| format!("\x1b]{text}\x07"));
    let report = ("[?>=]", "[0-9;:]{0,12}", "[ !-/]{0,2}", "[@-~]")
        .prop_map(|(marker, numbers, between, last)| format!("\x1b[{marker}{numbers}{between}{last}"));
    let other = prop::sample::select(vec!["\x1b[12;40R", "\x1b[0n", "\x1b[8;24;80t", "\x1b[G", "\x1b\\"]);
    let answer = prop_oneof![string, colour, report, other.prop_map(str::to_owned)];
    prop_oneof![key, answer.prop_map(|text| (text.into_bytes(), Vec::new()))]
}

/// However long an answer is, and however it is split, nothing of it is a key.
#[test]
fn the_longest_answers_give_no_key() {
    let body = "q".repeat(70_000);
    let parameters = "1;".repeat(400);
    for answer in [
        format!("\u{1b}]52;c;{body}\u{7}"),
        format!("\u{1b}P{body}\u{1b}\\"),
        format!("\u{1b}[{parameters}n"),
    ] {
        let (mut decoder, mut out) = (Decoder::new(Patience::LOCAL), Vec::new());
        let now = Instant::now();
        for piece in answer.as_bytes().chunks(1_000) {
            decoder.push(Input::Bytes(piece.to_vec()), now, &mut out);
        }
        assert!(out.is_empty(), "{:?}", &out[..out.len().min(3)]);
        decoder.push(Input::Bytes(b"j".to_vec()), now, &mut out);
        assert_eq!(out.len(), 1, "what follows is a key again");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn property_keys_and_answers_are_distinguished_however_they_are_split(
        pieces in prop::collection::vec(pieces(), 0..8),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0u64..25), 0..12),
        is_remote in any::<bool>(),
    ) {
        let (bytes, expected): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
        let (bytes, expected) = (bytes.concat(), expected.concat());
        let mut places: Vec<(usize, u64)> =
            cuts.into_iter().map(|(at, gap)| (at.index(bytes.len() + 1), gap)).collect();
        places.sort_unstable();
        let patience = if is_remote { Patience::REMOTE } else { Patience::LOCAL };
        let (mut chunks, mut from) = (Vec::new(), 0);
        let mut gap = Duration::ZERO;
        for (at, next) in places {
            chunks.push((gap, &bytes[from..at]));
            // Over a network, the pauses are longer.
            (from, gap) = (at, Duration::from_millis(next * if is_remote { 4 } else { 1 }));
        }
        chunks.push((gap, &bytes[from..]));
        prop_assert_eq!(feed(patience, chunks), expected);
    }

    #[test]
    fn property_an_answer_gives_no_key_however_it_is_split_and_pauses(
        (start, end) in prop::sample::select(ANSWERS),
        body in "[0-9;/]{0,12}",
        letters in "[ -~]{0,24}",
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0u64..4_900), 0..3),
        is_remote in any::<bool>(),
    ) {
        // A letter would end a CSI.
        let letters = if start.starts_with("\x1b[") { "" } else { &letters };
        let answer = format!("{start}{body}{letters}{end}");
        // An answer that can be distinguished from a key has at least three characters: `Esc [ x`.
        let mut places: Vec<(usize, u64)> =
            cuts.into_iter().map(|(at, gap)| (3 + at.index(answer.len() - 2), gap)).collect();
        places.sort_unstable();
        let (mut chunks, mut from, mut gap) = (Vec::new(), 0, Duration::ZERO);
        for (at, next) in places {
            chunks.push((gap, &answer.as_bytes()[from..at]));
            (from, gap) = (at, Duration::from_millis(next));
        }
        chunks.push((gap, &answer.as_bytes()[from..]));
        chunks.push((Duration::ZERO, b"x"));
        let patience = if is_remote { Patience::REMOTE } else { Patience::LOCAL };
        prop_assert_eq!(feed(patience, chunks), [typed('x')]);
    }

    #[test]
    fn property_no_bytes_make_it_panic_or_wait_for_ever(
        chunks in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), 0u64..400), 0..20),
    ) {
        let chunks: Vec<_> = chunks.iter().map(|(bytes, gap)| (Duration::from_millis(*gap), &bytes[..])).collect();
        feed(Patience::LOCAL, chunks);
    }
}
