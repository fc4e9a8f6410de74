//! The painter's output makes a terminal show exactly the drawn frame, with few bytes.

use proptest::prelude::*;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use synod::tui::terminal::painter::Painter;

const COLUMNS: u16 = 14;
const ROWS: u16 = 5;

/// A painter and the size of its frames.
struct Canvas {
    painter: Painter,
    size: Size,
}

impl Canvas {
    fn new(columns: u16, rows: u16) -> Self {
        let size = Size::new(columns, rows);
        Self { painter: Painter::new(size), size }
    }

    /// Draws one frame and returns its bytes.
    fn paint<T>(&mut self, draw: impl FnOnce(&mut Buffer) -> T) -> String {
        let mut frame = Buffer::empty(Rect::from(self.size));
        draw(&mut frame);
        self.painter.paint(&mut frame).to_owned()
    }
}

#[derive(Debug, Clone)]
struct Stroke {
    x: u16,
    y: u16,
    text: &'static str,
    /// Whether the style applies to the rest of the row too, as that of a bar.
    is_bar: bool,
    style: Style,
}

const MODIFIERS: [Modifier; 5] =
    [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];

const TEXTS: &[&str] = &[
    "a",
    "wörd of",
    "│┌",
    "e\u{301}x",
    "   ",
    "              ",
    "Ação …",
    "日本",
    "a日b",
    "🌱",
    "❤\u{fe0f}b",
    "👩\u{200d}🔬",
    "🇧🇷 c",
];

fn colour() -> impl Strategy<Value = Color> {
    prop_oneof![
        4 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => Just(Color::LightCyan),
        1 => Just(Color::DarkGray),
        1 => Just(Color::White),
        1 => any::<u8>().prop_map(Color::Indexed),
        1 => any::<[u8; 3]>().prop_map(|[red, green, blue]| Color::Rgb(red, green, blue)),
    ]
}

fn stroke() -> impl Strategy<Value = Stroke> {
    let style = (colour(), colour(), prop::sample::subsequence(MODIFIERS.to_vec(), 0..3)).prop_map(
        |(foreground, background, modifiers)| {
            let modifier = modifiers.into_iter().fold(Modifier::empty(), Modifier::union);
            Style::new().fg(foreground).bg(background).add_modifier(modifier)
        },
    );
    (0..COLUMNS, 0..ROWS, prop::sample::select(TEXTS), any::<bool>(), style).prop_map(
        |(x, y, text, is_bar, style)| {
            // A cluster that the emulator shows part by part must not reach the next row.
            let x = if text.contains('\u{200d}') { x.min(COLUMNS - 6) } else { x };
            Stroke { x, y, text, is_bar, style }
        },
    )
}

/// The first frame, and what each later one draws over the one before it.
fn frames() -> impl Strategy<Value = Vec<Vec<Stroke>>> {
    prop::collection::vec(prop::collection::vec(stroke(), 0..12), 1..6)
}

fn draw(strokes: &[Stroke], buffer: &mut Buffer) {
    for Stroke { x, y, text, is_bar, style } in strokes {
        buffer.set_string(*x, *y, text, *style);
        if *is_bar {
            buffer.set_style(Rect::new(*x, *y, COLUMNS - x, 1), *style);
        }
    }
}

fn shown(colour: Color) -> vt100::Color {
    match colour {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::LightCyan => vt100::Color::Idx(14),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        other => panic!("{other} is not drawn here"),
    }
}

/// Compares what can be seen: a blank has neither weight nor, unless it is reversed or underlined, a foreground.
fn compare(screen: &vt100::Screen, buffer: &Buffer) {
    for y in 0..ROWS {
        let mut covered = 0;
        for x in 0..COLUMNS {
            let (drawn, seen) = (&buffer[(x, y)], screen.cell(y, x).unwrap());
            if x < covered {
                continue;
            }
            covered = x + drawn.cell_width();
            if drawn.cell_width() > 1 && drawn.symbol().chars().count() > 1 {
                // The emulator gives this cluster another width; the text after it must be right all the same.
                continue;
            }
            let symbol = if seen.contents().is_empty() { " " } else { seen.contents() };
            assert_eq!(symbol, drawn.symbol(), "at {x},{y}");
            assert_eq!(seen.bgcolor(), shown(drawn.bg), "background at {x},{y}");
            let mut attributes = [seen.bold(), seen.dim(), seen.italic(), seen.underline(), seen.inverse()];
            let wanted = MODIFIERS.map(|modifier| drawn.modifier.contains(modifier));
            if wanted[0] && wanted[1] {
                // The emulator knows one of them at a time.
                (attributes[0], attributes[1]) = (true, true);
            }
            assert_eq!(attributes[3..], wanted[3..], "at {x},{y}");
            if symbol != " " || wanted[3] || wanted[4] {
                assert_eq!(seen.fgcolor(), shown(drawn.fg), "foreground at {x},{y}");
                assert_eq!(attributes, wanted, "at {x},{y}");
            }
        }
    }
}

/// Whether the bytes contain only sequences that every terminal handles alike.
fn is_common(bytes: &str) -> bool {
    let mut pieces = bytes.split('\x1b');
    let has_other_controls =
        |text: &str| text.contains(|c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\x08'));
    !pieces.next().is_some_and(has_other_controls)
        && pieces.all(|piece| {
            let Some(sequence) = piece.strip_prefix('[') else { return false };
            let end = sequence.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
            end.starts_with(['H', 'G', 'C', 'D', 'B', 'K', 'm']) && !has_other_controls(end)
        })
}

proptest! {
    #[test]
    fn property_frame_after_frame_the_terminal_shows_the_drawn_frame(frames in frames()) {
        let mut canvas = Canvas::new(COLUMNS, ROWS);
        let mut parser = vt100::Parser::new(ROWS, COLUMNS, 0);
        for strokes in frames {
            let mut drawn = Buffer::default();
            let bytes = canvas.paint(|frame| {
                draw(&strokes, frame);
                drawn = frame.clone();
            });
            parser.process(bytes.as_bytes());
            compare(parser.screen(), &drawn);
            prop_assert!(is_common(&bytes), "{bytes:?}");
        }
    }

    /// The frames differ in a few cells, so that what lies between them matters.
    #[test]
    fn property_what_lies_between_two_changes_stays(first in frames(), changes in frames()) {
        let mut canvas = Canvas::new(COLUMNS, ROWS);
        let mut parser = vt100::Parser::new(ROWS, COLUMNS, 0);
        let mut drawn = Buffer::empty(Rect::from(canvas.size));
        for strokes in first.iter().chain(changes.iter()) {
            draw(strokes, &mut drawn);
            let bytes = canvas.paint(|frame| frame.clone_from(&drawn));
            parser.process(bytes.as_bytes());
            compare(parser.screen(), &drawn);
        }
    }
}

#[test]
fn each_attribute_is_set_and_ended_by_itself() {
    let bytes = Canvas::new(5, 1).paint(|frame| {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        frame.set_string(0, 0, "a", bold.add_modifier(Modifier::DIM));
        frame.set_string(1, 0, "b", bold.fg(Color::Red));
        frame.set_string(2, 0, "c", Style::new().fg(Color::Red));
        frame.set_string(3, 0, "d", Style::new());
    });
    assert_eq!(bytes, "\x1b[H\x1b[1;2ma\x1b[0;1;31mb\x1b[22mc\x1b[md");
}

#[test]
fn an_unchanged_frame_has_no_bytes() {
    let mut canvas = Canvas::new(20, 3);
    let mut paint = || canvas.paint(|frame| frame.set_string(0, 0, "the same", Style::new()));
    assert!(!paint().is_empty());
    assert_eq!(paint(), "");
}

#[test]
fn a_frame_of_another_size_clears_without_asking_the_terminal() {
    let mut canvas = Canvas::new(20, 3);
    canvas.paint(|frame| frame.set_string(0, 0, "x", Style::new()));
    canvas.size = Size::new(10, 2);
    let bytes = canvas.paint(|frame| frame.set_string(0, 0, "x", Style::new()));
    assert_eq!(bytes, "\x1b[m\x1b[2J\x1b[Hx");
}

#[test]
fn a_forgotten_frame_is_painted_again() {
    let mut canvas = Canvas::new(20, 3);
    let show = |frame: &mut Buffer| frame.set_string(0, 0, "x", Style::new());
    canvas.paint(show);
    canvas.painter.forget();
    assert_eq!(canvas.paint(show), "\x1b[m\x1b[2J\x1b[Hx");
}

/// The marker and the weight of two rows change, as when the cursor moves in a list of communities.
#[test]
fn a_cursor_move_is_under_a_hundred_bytes() {
    let mut canvas = Canvas::new(120, 40);
    let mut at = |cursor: usize| {
        canvas.paint(|frame| {
            for (y, name) in (10u16..).zip(["Harbor Clinics north", "Schools of the north"]) {
                let selected = cursor == usize::from(y - 10);
                let bold = if selected { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
                frame.set_string(0, y, if selected { "│▸" } else { "│ " }, Style::new());
                frame.set_string(3, y, name, bold);
                frame.set_string(25, y, "7/50", Style::new());
            }
        })
    };
    at(0);
    let bytes = at(1);
    let with_the_sync_pair = bytes.len() + 16;
    assert!(with_the_sync_pair <= 100, "{with_the_sync_pair}: {bytes:?}");
}

/// A page of a long list after 200 queued keys: every row has another name, address and number.
#[test]
fn a_page_of_other_rows_is_under_fourteen_hundred_bytes() {
    let mut canvas = Canvas::new(120, 40);
    let mut page = |first: usize| {
        canvas.paint(|frame| {
            for (y, group) in (2u16..38).zip(first..) {
                let dim = Style::new().add_modifier(Modifier::DIM);
                frame.set_string(1, y, "Academia Água Verde   ███▌ 38/50 ★ │", Style::new());
                frame.set_string(82, y, format!("  Ação de Natal {}º B", group / 50), Style::new());
                frame.set_string(105, y, format!("  …{:04}", group * 7919 % 10_000), dim);
                frame.set_string(113, y, format!("{:4}", group * 271 % 400), dim);
                frame.set_string(118, y, if group % 9 == 0 { "·" } else { "★" }, Style::new());
            }
        })
    };
    page(0);
    let bytes = page(200);
    assert!(bytes.len() <= 1_400, "{}: {bytes:?}", bytes.len());
}

/// What a frame writes after another one, both of one or more rows.
fn change(before: &[&str], after: &[&str]) -> String {
    let mut canvas = Canvas::new(60, 12);
    let show = |rows: &[&str], frame: &mut Buffer| {
        for (y, row) in (0..).zip(rows) {
            frame.set_string(0, y, row, Style::new());
        }
    };
    canvas.paint(|frame| show(before, frame));
    canvas.paint(|frame| show(after, frame))
}

#[test]
fn the_cursor_takes_the_shortest_way() {
    for (before, after, bytes) in [
        // Over a short gap by writing it, and over a longer one by a move.
        (&["one two three"][..], &["oNe two thrEe"][..], "\x1b[1;2HN\x1b[9CE"),
        (&["one i three"], &["ONE i Three"], "\x1b[HONE i T"),
        // To the next rows.
        (&["one", "two", "three"], &["One", "Two", "Three"], "\x1b[HO\r\nT\r\nT"),
        (&["one", "two", "three"], &["One", "two", "Three"], "\x1b[HO\r\n\nT"),
        (&["a name", "a name"], &["a nAme", "a nAme"], "\x1b[1;4HA\x1b[B\x08A"),
        // From the last column, where terminals differ about the column but not about the row.
        (&[EDGE, "two"], &[OTHER_EDGE, "Two"], "\x1b[1;60Hd\r\nT"),
        (&[EDGE, EDGE], &[OTHER_EDGE, OTHER_EDGE], "\x1b[1;60Hd\x1b[2;60Hd"),
        // After characters that may be wide, and so may have come to the end of the row.
        (&["", "two"], &["────", "Two"], "\x1b[H────\r\nT"),
        (&["", "two"], &[LINE, "Two"], &format!("\x1b[H{LINE}\r\nT")),
    ] {
        assert_eq!(change(before, after), bytes, "from {before:?} to {after:?}");
    }
}

const EDGE: &str = "123456789 123456789 123456789 123456789 123456789 123456789c";
const LINE: &str = "──────────────────────────────";
const OTHER_EDGE: &str = "123456789 123456789 123456789 123456789 123456789 123456789d";

#[test]
fn what_follows_a_cluster_begins_with_its_column() {
    assert_eq!(change(&["   one"], &["🇧🇷 One"]), "\x1b[H🇧🇷\x1b[3G O");
    assert_eq!(change(&["      one"], &["🌱🌱  One"]), "\x1b[H🌱\x1b[3G🌱\x1b[7GO");
}

/// One terminal gives the cluster one cell, another four.
#[test]
fn a_cluster_clears_its_cells_and_what_it_may_overwrite_is_written_again() {
    assert_eq!(change(&["abcdefg"], &["👩\u{200d}🔬cdefg"]), "\x1b[H  \x08\x08👩\u{200d}🔬\x1b[3Gcde");
}

/// A terminal that shows the parts of a cluster one after the other has written the digit over.
#[test]
fn what_a_cluster_may_overwrite_is_written_again_after_a_shorter_one() {
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    assert_eq!(
        change(&["👨\u{200d}👩\u{200d}🔬🇧🇷 1048/1099"], &[&format!("{family}🇧🇷 1048/1099")]),
        format!("\x1b[H  \x08\x08{family}\x1b[3G  \x08\x08🇧🇷\x1b[5G 1048/1")
    );
}

/// Some terminals show the first cluster over the cells of the second, and the second in fewer cells.
#[test]
fn a_cluster_clears_its_cells_after_one_that_may_overwrite_them() {
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    assert_eq!(
        change(&[], &[&format!("{family}ｶﾞ")]),
        format!("\x1b[H{family}\x1b[3G   \x08\x08\x08ｶﾞ\x1b[6G\x1b[K")
    );
    assert_eq!(change(&["क्षि"], &[" 1\u{fe0f}\u{20e3}"]), "\x1b[H   \x08\x081\u{fe0f}\u{20e3}\x1b[4G ");
}

#[test]
fn half_a_flag_may_be_wide() {
    assert_eq!(change(&["ab"], &["🇦b"]), "\x1b[H \x08🇦\x1b[2Gb");
}

#[test]
fn blanks_keep_the_style_of_their_neighbours() {
    let mut canvas = Canvas::new(30, 1);
    let bytes = canvas.paint(|frame| {
        let dim = Style::new().add_modifier(Modifier::DIM);
        frame.set_string(0, 0, "a", dim);
        frame.set_string(4, 0, "b", dim);
        frame.set_string(6, 0, " ", dim);
        frame.set_string(8, 0, "c", Style::new());
    });
    assert_eq!(bytes, "\x1b[H\x1b[2ma   b   \x1b[mc");
    assert_eq!(
        canvas.paint(|frame| {
            frame.set_string(0, 0, "a   b", Style::new().add_modifier(Modifier::DIM));
            frame.set_string(8, 0, "c", Style::new());
        }),
        "",
        "the style of a blank is not seen"
    );
}

#[test]
fn the_rest_of_a_row_is_cleared_at_once() {
    assert_eq!(change(&["one two three"], &["one"]), "\x1b[1;5H\x1b[K");
    assert_eq!(change(&["one two"], &["one t"]), "\x1b[1;6H  ");
}

#[test]
fn a_narrow_character_in_the_place_of_a_wide_one_clears_both_its_halves() {
    assert_eq!(change(&["日x"], &["a x"]), "\x1b[Ha ");
    assert_eq!(change(&["a日x"], &["日 x"]), "\x1b[H日\x1b[3G ");
}
