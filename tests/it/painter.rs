//! The painter's output makes a terminal show exactly the drawn frame, with few bytes.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use ratatui::{Frame, Terminal};
use synod::tui::terminal::painter::Painter;

const COLUMNS: u16 = 12;
const ROWS: u16 = 4;

fn terminal(columns: u16, rows: u16) -> Terminal<Painter> {
    Terminal::new(Painter::new(Size::new(columns, rows))).unwrap()
}

/// Draws one frame and returns its bytes.
fn paint(terminal: &mut Terminal<Painter>, draw: impl FnOnce(&mut Frame<'_>)) -> String {
    terminal.draw(draw).unwrap();
    let bytes = terminal.backend().painted().to_owned();
    terminal.backend_mut().wipe();
    bytes
}

#[derive(Debug, Clone)]
struct Stroke {
    x: u16,
    y: u16,
    text: &'static str,
    style: Style,
}

fn colour() -> impl Strategy<Value = Color> {
    prop_oneof![
        Just(Color::Reset),
        Just(Color::Red),
        Just(Color::LightCyan),
        Just(Color::DarkGray),
        Just(Color::White),
        any::<u8>().prop_map(Color::Indexed),
        any::<[u8; 3]>().prop_map(|[red, green, blue]| Color::Rgb(red, green, blue)),
    ]
}

fn stroke() -> impl Strategy<Value = Stroke> {
    let text = prop::sample::select(vec!["a", "wörd", "│┌", "e\u{301}x", "   ", "Ação"]);
    // The modifiers that the emulator can distinguish.
    let modifiers = prop::sample::subsequence(
        vec![Modifier::BOLD, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED],
        0..4,
    );
    (0..COLUMNS, 0..ROWS, text, colour(), colour(), modifiers).prop_map(|(x, y, text, fg, bg, modifiers)| {
        let modifier = modifiers.into_iter().fold(Modifier::empty(), Modifier::union);
        // When a styled narrow character replaces a wide one, terminals differ in how they fill the other
        // half, and ratatui does not draw it again; so wide characters have a row of their own.
        let (x, text) = if y == ROWS - 1 { (x / 2 * 2, "日本") } else { (x, text) };
        Stroke { x, y, text, style: Style::new().fg(fg).bg(bg).add_modifier(modifier) }
    })
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

fn compare(screen: &vt100::Screen, buffer: &Buffer) {
    let mut covered = false;
    for y in 0..ROWS {
        for x in 0..COLUMNS {
            if std::mem::take(&mut covered) {
                continue;
            }
            let (drawn, seen) = (&buffer[(x, y)], screen.cell(y, x).unwrap());
            let symbol = if seen.contents().is_empty() { " " } else { seen.contents() };
            assert_eq!(symbol, drawn.symbol(), "at {x},{y}");
            assert_eq!((seen.fgcolor(), seen.bgcolor()), (shown(drawn.fg), shown(drawn.bg)), "at {x},{y}");
            let attributes = [seen.bold(), seen.italic(), seen.underline(), seen.inverse()];
            let wanted = [Modifier::BOLD, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED]
                .map(|modifier| drawn.modifier.contains(modifier));
            assert_eq!(attributes, wanted, "at {x},{y}");
            covered = seen.is_wide();
        }
    }
}

proptest! {
    #[test]
    fn property_frame_after_frame_the_terminal_shows_the_drawn_frame(
        frames in prop::collection::vec(prop::collection::vec(stroke(), 0..12), 1..5)
    ) {
        let mut terminal = terminal(COLUMNS, ROWS);
        let mut parser = vt100::Parser::new(ROWS, COLUMNS, 0);
        for strokes in frames {
            let mut drawn = Buffer::default();
            let bytes = paint(&mut terminal, |frame| {
                for Stroke { x, y, text, style } in &strokes {
                    frame.buffer_mut().set_string(*x, *y, text, *style);
                }
                drawn = frame.buffer_mut().clone();
            });
            parser.process(bytes.as_bytes());
            compare(parser.screen(), &drawn);
        }
    }
}

#[test]
fn each_attribute_is_set_and_ended_by_itself() {
    let mut terminal = terminal(4, 1);
    let bytes = paint(&mut terminal, |frame| {
        let buffer = frame.buffer_mut();
        let bold = Style::new().add_modifier(Modifier::BOLD);
        buffer.set_string(0, 0, "a", bold.add_modifier(Modifier::DIM));
        buffer.set_string(1, 0, "b", bold.fg(Color::Red));
        buffer.set_string(2, 0, "c", Style::new().fg(Color::Red));
        buffer.set_string(3, 0, "d", Style::new());
    });
    assert_eq!(bytes, "\x1b[1;1H\x1b[1;2ma\x1b[0;1;31mb\x1b[22mc\x1b[md");
}

#[test]
fn an_unchanged_frame_has_no_bytes() {
    let mut terminal = terminal(20, 3);
    let mut draw = || paint(&mut terminal, |frame| frame.render_widget("the same", frame.area()));
    assert!(!draw().is_empty());
    assert_eq!(draw(), "");
}

#[test]
fn a_resize_clears_without_asking_the_terminal() {
    let mut terminal = terminal(20, 3);
    paint(&mut terminal, |frame| frame.render_widget("x", frame.area()));
    terminal.backend_mut().set_size(Size::new(10, 2));
    terminal.resize(Rect::new(0, 0, 10, 2)).unwrap();
    let bytes = paint(&mut terminal, |frame| frame.render_widget("x", frame.area()));
    assert_eq!(bytes, "\x1b[2J\x1b[1;1Hx");
}

/// The marker and the weight of two rows change, as when the cursor moves in a list of communities.
#[test]
fn a_cursor_move_is_under_a_hundred_bytes() {
    let mut terminal = terminal(120, 40);
    let mut at = |cursor: usize| {
        paint(&mut terminal, |frame| {
            for (y, name) in (10u16..).zip(["Harbor Clinics north", "Schools of the north"]) {
                let selected = cursor == usize::from(y - 10);
                let bold = if selected { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
                frame.buffer_mut().set_string(0, y, if selected { "│▸" } else { "│ " }, Style::new());
                frame.buffer_mut().set_string(3, y, name, bold);
                frame.buffer_mut().set_string(25, y, "7/50", Style::new());
            }
        })
    };
    at(0);
    let bytes = at(1);
    let with_the_sync_pair = bytes.len() + 16;
    assert!(with_the_sync_pair <= 100, "{with_the_sync_pair}: {bytes:?}");
}

#[test]
fn a_narrow_character_in_the_place_of_a_wide_one_clears_both_its_halves() {
    let mut terminal = terminal(4, 1);
    paint(&mut terminal, |frame| {
        frame.buffer_mut().set_string(0, 0, "日x", Style::new());
    });
    let bytes = paint(&mut terminal, |frame| {
        frame.buffer_mut().set_string(0, 0, "a x", Style::new());
    });
    assert_eq!(bytes, "\x1b[1;1Ha ");
}
