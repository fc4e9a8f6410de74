//! The title of a pane, and lines cut to its width.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span, Text},
    widgets::{Paragraph, Widget},
};

use crate::text::width::{cut, width, wrap};

/// The minimum width of a title, whatever is beside it.
const LEAST_TITLE: usize = 16;

/// The minimum width of the name at its beginning.
const LEAST_NAME: usize = 9;

/// Draws the title of a pane, and optional text at its right end if there is room. Returns the area below it.
pub fn heading(area: Rect, title: Vec<Span<'_>>, right: Option<Line<'_>>, buffer: &mut Buffer) -> Rect {
    let room = usize::from(area.width.saturating_sub(2));
    // The title is shortened to make room for the text on the right, except for its beginning.
    let wanted = right.as_ref().map_or(0, Line::width);
    let left = fit(title, room.saturating_sub(wanted).max(LEAST_TITLE.min(room)));
    let taken = left.width();
    buffer.set_line(area.x, area.y, &left, area.width);
    if let Some(right) = right {
        // If there is no room for all of it, show its beginning.
        let wanted = right.width().min((room + 2).saturating_sub(taken));
        let x = area.right().saturating_sub(u16::try_from(wanted).unwrap_or(0));
        buffer.set_line(x, area.y, &right, area.right().saturating_sub(x));
    }
    Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area }
}

/// Joins spans into one line with a space on either side, cut to the available width.
fn fit(spans: Vec<Span<'_>>, room: usize) -> Line<'_> {
    let mut line = vec![Span::raw(" ")];
    let mut left = room;
    // The name is cut first: the text after it changes, and the name does not.
    let wanted: usize = spans.iter().map(Span::width).sum();
    let mut over = wanted.saturating_sub(room);
    for span in spans {
        let own = span.width().saturating_sub(std::mem::take(&mut over)).max(LEAST_NAME.min(span.width()));
        let content = cut(&span.content, own.min(left)).into_owned();
        left = left.saturating_sub(width(&content));
        line.push(Span::styled(content, span.style));
    }
    line.push(Span::raw(" "));
    Line::from(line)
}

/// Draws a row: text at the left, text at the right end, and between them text cut to the remaining width.
pub fn row(area: Rect, left: &[Span<'_>], middle: &[Span<'_>], right: Option<Span<'_>>, buffer: &mut Buffer) {
    let right: Vec<Span<'_>> = right.into_iter().collect();
    row_with(area, left, middle, &right, buffer);
}

/// The same with several parts at the right end.
pub fn row_with(area: Rect, left: &[Span<'_>], middle: &[Span<'_>], right: &[Span<'_>], buffer: &mut Buffer) {
    let end = area.right();
    let mut x = area.x;
    for span in left {
        x = buffer.set_span(x, area.y, span, end.saturating_sub(x)).0;
    }
    let right_width: usize = right.iter().map(|span| width(&span.content)).sum();
    let right_width = if right.is_empty() { 0 } else { u16::try_from(right_width).unwrap_or(0) + 1 };
    let stop = end.saturating_sub(right_width);
    for span in middle {
        let room = usize::from(stop.saturating_sub(x));
        if room == 0 {
            break;
        }
        let content = cut(&span.content, room);
        x = buffer.set_stringn(x, area.y, content, room, span.style).0;
    }
    if end >= right_width && area.width > right_width {
        let mut x = (end - right_width).saturating_add(1);
        for span in right {
            x = buffer.set_span(x, area.y, span, end.saturating_sub(x)).0;
        }
    }
}

/// Draws sentences, wrapped to the area. If they do not fit, the last line shows that something is missing.
pub fn prose(area: Rect, sentences: &str, style: Style, buffer: &mut Buffer) {
    let shown = area.intersection(buffer.area);
    let mut lines = wrap(sentences, usize::from(shown.width));
    if let Some(rest) = lines.get(usize::from(shown.height)..).filter(|rest| !rest.is_empty()) {
        let rest = rest.join(" ");
        lines.truncate(shown.height.into());
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} {rest}"), usize::from(shown.width)).into_owned();
        }
    }
    // Style only the words, not the empty cells around them, which would have to be sent for nothing.
    Paragraph::new(Text::styled(lines.join("\n"), style)).render(area, buffer);
}

/// Draws sentences as a pane shows them: wrapped, one column away from the border.
pub fn saying(inside: Rect, sentences: &str, style: Style, buffer: &mut Buffer) {
    let area = Rect { x: inside.x + 1.min(inside.width), width: inside.width.saturating_sub(2), ..inside };
    prose(area, sentences, style, buffer);
}

/// How many lines sentences take at this width, as [`prose`] wraps them.
pub fn wrapped(sentences: &str, columns: u16) -> u16 {
    u16::try_from(wrap(sentences, usize::from(columns)).len()).unwrap_or(u16::MAX)
}

/// The n-th line of an area.
pub fn line_of(area: Rect, at: usize) -> Rect {
    let offset = u16::try_from(at).unwrap_or(u16::MAX).min(area.height);
    Rect { y: area.y + offset, height: 1.min(area.height - offset), ..area }
}
