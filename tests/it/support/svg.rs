//! A screen as a picture: SVG that looks the same everywhere. Lines, bars and positions do not depend on the font.

use std::fmt::Write;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use synod::text::width::width;

/// The size of a cell.
const CELL: (f32, f32) = (8.4, 18.0);
/// The margin around the screen.
const MARGIN: f32 = 12.0;

/// The default colours of a terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paper {
    pub(crate) background: &'static str,
    pub(crate) foreground: &'static str,
    pub(crate) edge: &'static str,
}

/// The look of a run of cells.
#[derive(Clone, Copy, PartialEq)]
struct Ink {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Ink {
    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Foreground and background as SVG colours; the background only if it differs from the page.
    fn colours(self, paper: Paper) -> (String, Option<String>) {
        let name = |colour: Color| (colour != Color::Reset).then(|| colour.to_string().to_lowercase());
        let fg = name(self.fg).unwrap_or_else(|| paper.foreground.to_owned());
        if self.modifier.contains(Modifier::REVERSED) {
            return (name(self.bg).unwrap_or_else(|| paper.background.to_owned()), Some(fg));
        }
        (fg, name(self.bg))
    }
}

/// The content of a run's cells.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Wide,
    Line,
    Shade,
}

fn kind(symbol: &str) -> Kind {
    match symbol {
        "─" | "│" | "┌" | "┐" | "└" | "┘" | "┴" => Kind::Line,
        "█" | "▌" | "▓" | "░" => Kind::Shade,
        _ if width(symbol) > 1 => Kind::Wide,
        _ => Kind::Text,
    }
}

/// Draws a screen whose colours are `#rrggbb` throughout.
pub(crate) fn svg(buffer: &Buffer, title: &str, paper: Paper) -> String {
    let (columns, rows) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    let (wide, high) = (columns * CELL.0 + 2.0 * MARGIN, rows * CELL.1 + 2.0 * MARGIN);
    let Paper { background, foreground, edge } = paper;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide:.0} {high:.0}\" width=\"{wide:.0}\" height=\"{high:.0}\" role=\"img\">\n\
         <title>{}</title>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\" fill=\"{background}\" stroke=\"{edge}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" fill=\"{foreground}\" xml:space=\"preserve\">\n",
        escaped(title),
        wide - 1.0,
        high - 1.0,
    );
    for (row, cells) in (0_u16..).zip(buffer.content().chunks(usize::from(buffer.area.width))) {
        line(&mut out, row, cells, paper);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn line(out: &mut String, row: u16, cells: &[Cell], paper: Paper) {
    let mut at = 0;
    while let Some(first) = cells.get(at) {
        let (ink, first_kind) = (Ink::of(first), kind(first.symbol()));
        let mut end = at + width(first.symbol()).max(1);
        if first_kind != Kind::Wide {
            let alike = |cell: &&Cell| Ink::of(cell) == ink && kind(cell.symbol()) == first_kind;
            end = at + cells[at..].iter().take_while(alike).count();
        }
        let end = end.min(cells.len());
        run(out, (row, at), &cells[at..end], (ink, first_kind), paper);
        at = end;
    }
}

fn run(
    out: &mut String,
    (row, column): (u16, usize),
    cells: &[Cell],
    (ink, kind): (Ink, Kind),
    paper: Paper,
) {
    let x = |column: usize| MARGIN + f32::from(u16::try_from(column).unwrap()) * CELL.0;
    let (left, top) = (x(column), MARGIN + f32::from(row) * CELL.1);
    let (fg, bg) = ink.colours(paper);
    if let Some(bg) = bg {
        let wide = x(column + cells.len()) - left;
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.0}\" width=\"{wide:.1}\" height=\"{:.0}\" fill=\"{bg}\"/>",
            CELL.1
        );
    }
    match kind {
        Kind::Line => lines(out, (left, top), cells, &fg),
        Kind::Shade => {
            for (at, cell) in cells.iter().enumerate() {
                let opacity = if cell.symbol() == "░" { 0.3 } else { 0.9 };
                let part = if cell.symbol() == "▌" { 0.5 } else { 1.0 };
                let _ = writeln!(
                    out,
                    "<rect x=\"{:.1}\" y=\"{:.0}\" width=\"{:.1}\" height=\"12\" fill=\"{fg}\" opacity=\"{opacity}\"/>",
                    x(column + at),
                    top + 3.0,
                    CELL.0 * part
                );
            }
        }
        Kind::Text | Kind::Wide => {
            let content: String = if kind == Kind::Wide {
                cells[0].symbol().to_owned()
            } else {
                cells.iter().map(Cell::symbol).collect()
            };
            words(out, (left, top), &content, x(column + cells.len()) - left, (ink, &fg));
        }
    }
}

/// A text of known width, without the blanks around it unless they are underlined.
fn words(out: &mut String, (left, top): (f32, f32), content: &str, wide: f32, (ink, fg): (Ink, &str)) {
    let is_underlined = ink.modifier.contains(Modifier::UNDERLINED);
    if content.trim().is_empty() && !is_underlined {
        return;
    }
    let before = content.len() - content.trim_start().len();
    let (content, left, wide) = if is_underlined {
        (content, left, wide)
    } else {
        let cell = CELL.0 * f32::from(u16::try_from(before).unwrap());
        let trimmed = content.trim();
        let after = CELL.0 * f32::from(u16::try_from(content.len() - before - trimmed.len()).unwrap());
        (trimmed, left + cell, wide - cell - after)
    };
    let mut looks = String::new();
    for (modifier, look) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::DIM, " opacity=\"0.65\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if ink.modifier.contains(modifier) {
            looks.push_str(look);
        }
    }
    let _ = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{wide:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fg}\"{looks}>{}</text>",
        top + 13.5,
        escaped(content)
    );
}

/// The lines of borders, each through the middle of its cell; the lines of a row form one path.
fn lines(out: &mut String, (left, top): (f32, f32), cells: &[Cell], fg: &str) {
    let (half, down) = (CELL.0 / 2.0, CELL.1 / 2.0);
    let mut path = String::new();
    let mut start: Option<f32> = None;
    let middle = top + down;
    for (at, cell) in (0_u16..).zip(cells) {
        let x = left + f32::from(at) * CELL.0;
        let (begins, ends, vertical) = match cell.symbol() {
            "─" => (None, None, None),
            "┴" => (None, None, Some((top, middle))),
            "┌" => (Some(x + half), None, Some((middle, top + CELL.1))),
            "└" => (Some(x + half), None, Some((top, middle))),
            "┐" => (None, Some(x + half), Some((middle, top + CELL.1))),
            "┘" => (None, Some(x + half), Some((top, middle))),
            _ => (None, Some(x), Some((top, top + CELL.1))),
        };
        if let Some(ends) = ends {
            if let Some(start) = start.take() {
                let _ = write!(path, "M{start:.1} {middle:.1}H{ends:.1}");
            } else if cell.symbol() != "│" {
                let _ = write!(path, "M{x:.1} {middle:.1}H{ends:.1}");
            }
        } else {
            start = start.or(Some(begins.unwrap_or(x)));
        }
        if let Some((from, to)) = vertical {
            let _ = write!(path, "M{:.1} {from:.1}V{to:.1}", x + half);
        }
    }
    if let Some(start) = start {
        let end = left + CELL.0 * f32::from(u16::try_from(cells.len()).unwrap());
        let _ = write!(path, "M{start:.1} {middle:.1}H{end:.1}");
    }
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{fg}\"/>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
