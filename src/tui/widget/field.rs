//! A text field in a line, with its caret.

use ratatui::text::Span;
use tui_input::Input;

use crate::{app::filter::Filter, tui::theme::Theme};

/// The content of a field: its text, with the caret where the next character is inserted.
pub fn spans<'a>(input: &'a Input, theme: &Theme) -> Vec<Span<'a>> {
    let text = input.value();
    let at = text.char_indices().nth(input.cursor()).map_or(text.len(), |(at, _)| at);
    let (before, after) = text.split_at(at);
    let mut rest = after.chars();
    let under = rest.next().map_or_else(|| " ".to_owned(), |character| character.to_string());
    vec![
        Span::styled(before, theme.input),
        Span::styled(under, theme.caret),
        Span::styled(rest.as_str(), theme.input),
    ]
}

/// A filter: its text, with the caret only while the field has the focus.
pub fn filter<'a>(filter: &'a Filter, theme: &Theme) -> Vec<Span<'a>> {
    let slash = Span::styled("/", theme.accent);
    if filter.is_open {
        std::iter::once(slash).chain(spans(&filter.input, theme)).collect()
    } else {
        vec![slash, Span::styled(filter.input.value(), theme.accent)]
    }
}
