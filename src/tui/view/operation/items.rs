//! The rows of an operation, in its pane and in the window of operations: state, name, and the reason in full.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::outcome_style;
use crate::{
    app::list::List,
    domain::{
        operation::{Item, ItemState, Operation},
        time::Millis,
    },
    text::{
        Text,
        format::duration,
        shown_name,
        width::{pad, width, wrap},
    },
    tui::{
        theme::Theme,
        view::context::ViewContext,
        widget::pane::{line_of, row},
    },
};

/// The narrowest column in which a reason is wrapped. With less room, it begins below its row.
const NARROW: usize = 20;

/// How far a reason below its row is indented.
const INDENT: usize = 5;

/// The rows of an operation.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui::view) struct ItemRows<'a> {
    pub(in crate::tui::view) operation: &'a Operation,
    /// The items shown, by their indices.
    pub(in crate::tui::view) rows: &'a List<usize>,
    pub(in crate::tui::view) now: Millis,
}

/// The widths of the columns.
#[derive(Clone, Copy)]
struct Columns {
    states: usize,
    names: usize,
    /// The column with the reasons; `None` if they begin below their rows.
    reasons: Option<usize>,
    whole: usize,
}

/// An item as it is shown.
struct Shown<'a> {
    item: &'a Item,
    name: String,
    /// The lines of its reason.
    reason: Vec<String>,
}

impl<'a> ItemRows<'a> {
    /// How many lines the items of an operation take in this many columns; it measures only this many of them.
    pub(in crate::tui::view) fn height(
        operation: &'a Operation,
        now: Millis,
        columns: usize,
        most: usize,
        text: &Text,
    ) -> usize {
        let rows = List::default();
        let all = ItemRows { operation, rows: &rows, now };
        let items: Vec<(usize, &Item)> = operation.items.iter().take(most).enumerate().collect();
        let columns = all.columns(&items, columns, text);
        items.into_iter().map(|(_, item)| all.shown(item, columns, text).height(columns)).sum()
    }

    /// Draws the rows that fit, so that the one under the cursor is in sight.
    pub(in crate::tui::view) fn draw(
        self,
        has_focus: bool,
        look: ViewContext<'_>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let (columns, shown) = self.shown_in(area, look.text);
        let mut line = 0;
        for (at, one) in &shown {
            if line >= usize::from(area.height) {
                break;
            }
            let is_selected = *at == self.rows.cursor();
            one.draw((is_selected, has_focus), columns, look, line_of(area, line), area, buffer);
            line += one.height(columns);
        }
    }

    /// The row that each line of the area shows.
    pub(in crate::tui::view) fn lines(self, text: &Text, area: Rect) -> Vec<usize> {
        let (columns, shown) = self.shown_in(area, text);
        let lines = shown.iter().flat_map(|(at, one)| std::iter::repeat_n(*at, one.height(columns)));
        lines.take(usize::from(area.height)).collect()
    }

    /// The rows from the first one that is drawn. A reason takes the lines that it needs, so fewer rows may fit than there are lines.
    fn shown_in(self, area: Rect, text: &Text) -> (Columns, Vec<(usize, Shown<'a>)>) {
        let height = usize::from(area.height);
        let items: Vec<(usize, &Item)> = self
            .rows
            .visible()
            .filter_map(|(at, item)| Some((at, self.operation.items.get(*item)?)))
            .collect();
        let columns = self.columns(&items, usize::from(area.width), text);
        let mut shown: Vec<(usize, Shown<'_>)> =
            items.into_iter().map(|(at, item)| (at, self.shown(item, columns, text))).collect();
        let cursor = shown.iter().position(|(at, _)| *at == self.rows.cursor()).unwrap_or(0);
        let mut start = cursor;
        let mut taken = shown.get(cursor).map_or(0, |(_, one)| one.height(columns));
        while let Some((_, above)) = start.checked_sub(1).and_then(|above| shown.get(above)) {
            taken += above.height(columns);
            if taken > height {
                break;
            }
            start -= 1;
        }
        (columns, shown.split_off(start.min(shown.len())))
    }

    fn columns(self, items: &[(usize, &Item)], whole: usize, text: &Text) -> Columns {
        let states = text.states_width();
        let names = items.iter().map(|(_, item)| width(&shown_name(text, &item.name, item.group.tail(4))));
        let names = names.max().unwrap_or(0);
        // The marker, the sign and the gaps around the columns.
        let rest = whole.saturating_sub(states + 7);
        let has_reasons = items.iter().any(|(_, item)| !remark(item, self.now, text).is_empty());
        if !has_reasons {
            return Columns { states, names: names.min(rest + 2), reasons: None, whole };
        }
        let names = names.min((rest * 3 / 5).max(12));
        let reasons = Some(rest.saturating_sub(names)).filter(|room| *room >= NARROW);
        let names = if reasons.is_some() { names } else { rest + 2 };
        Columns { states, names, reasons, whole }
    }

    fn shown<'b>(self, item: &'b Item, columns: Columns, text: &Text) -> Shown<'b> {
        let name = shown_name(text, &item.name, item.group.tail(4)).into_owned();
        let remark = remark(item, self.now, text);
        let room = columns.reasons.unwrap_or(columns.whole.saturating_sub(INDENT + 1));
        let reason = if remark.is_empty() { Vec::new() } else { wrap(&remark, room) };
        Shown { item, name, reason }
    }
}

/// What an item waits for and for how long, or why it ended as it did.
fn remark(item: &Item, now: Millis, text: &Text) -> String {
    let sent = item.attempted.filter(|_| item.outcome.is_none() && item.state == ItemState::Sending);
    match sent.map(|sent| now.since(sent)) {
        Some(span) if span.as_secs() > 0 => {
            text.with("remark-sending-for", &[("span", duration(text, span).into())])
        }
        _ => text.item_remark(item),
    }
}

impl Shown<'_> {
    fn height(&self, columns: Columns) -> usize {
        match columns.reasons {
            Some(_) => self.reason.len().max(1),
            None => 1 + self.reason.len(),
        }
    }

    fn draw(
        &self,
        (is_selected, has_focus): (bool, bool),
        columns: Columns,
        look: ViewContext<'_>,
        first: Rect,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let ViewContext { theme, text, .. } = look;
        let style = item_style(self.item, theme);
        let (base, marker) = theme.row(is_selected);
        let marker = Span::styled(marker, if has_focus { base } else { theme.dim });
        let state = pad(&text.item_state(self.item), columns.states);
        let left = [
            marker,
            Span::styled(format!("{} ", Text::item_glyph(self.item)), style),
            Span::styled(format!("{state}  "), style),
        ];
        let name = Span::styled(pad(&self.name, columns.names), base);
        let words = |line: &String| Span::styled(line.clone(), reason_style(self.item, theme));
        let mut lines = self.reason.iter();
        let mut middle = vec![name];
        if columns.reasons.is_some() {
            middle.extend([Span::raw("  ")].into_iter().chain(lines.next().map(words)));
        }
        row(first, &left, &middle, None, buffer);
        let indent = match columns.reasons {
            Some(_) => columns.states + columns.names + 7,
            None => INDENT,
        };
        let mut last = first.y;
        for line in lines {
            let y = last + 1;
            if y >= area.bottom() {
                break;
            }
            row(Rect { y, ..first }, &[Span::raw(" ".repeat(indent))], &[words(line)], None, buffer);
            last = y;
        }
        if is_selected && has_focus {
            theme.bar(Rect { height: last - first.y + 1, ..first }, buffer);
        }
    }
}

fn item_style(item: &Item, theme: &Theme) -> Style {
    item.outcome.map_or(theme.pending, |outcome| outcome_style(outcome, theme))
}

/// A reason that somebody has to act on is as bright as the name.
fn reason_style(item: &Item, theme: &Theme) -> Style {
    if item.needs_somebody() { theme.text } else { theme.dim }
}
