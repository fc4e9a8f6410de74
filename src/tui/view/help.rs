//! The help window: the rows of the catalog, those of the present context first, and a field to search them.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::context::ViewContext;
use crate::{
    app::{
        State,
        command_catalog::{HelpLine, HelpRow},
        layout::{HelpLayout, Layout},
        modal::help::Help,
    },
    text::width::pad,
    tui::widget::{
        field,
        pane::{line_of, prose, row},
        window::open,
    },
};

/// The width of the column with the keys.
pub(super) const KEYS: usize = 22;

pub(super) fn draw(
    state: &State,
    window: &Help,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let inside = open(layout, HelpLayout::of(layout).size, &text.say("help-title"), theme, buffer);
    let mut list = inside;
    if window.has_field() {
        row(line_of(inside, 0), &[], &field::filter(&window.filter, theme), None, buffer);
        list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    }
    if window.lines.rows().is_empty() {
        prose(list, &text.with("help-none", &[("back", look.back().into())]), theme.dim, buffer);
        return;
    }
    let height = usize::from(list.height).max(1);
    let shown = window.lines.offset() + height * window.columns;
    let below = window.lines.rows().len().saturating_sub(shown);
    if below > 0 {
        let words = format!(" {} ", text.with("plan-more", &[("count", below.into())]));
        buffer.set_stringn(inside.x, inside.bottom(), words, usize::from(inside.width), theme.dim);
    }
    let column = list.width / u16::try_from(window.columns).unwrap_or(1).max(1);
    for (at, line) in window.lines.visible() {
        let at = at - window.lines.offset();
        let left = column * u16::try_from(at / height).unwrap_or(u16::MAX);
        let part = Rect { x: list.x.saturating_add(left), width: column, ..list };
        let area = line_of(part.intersection(list), at % height);
        match window.page.get(*line) {
            Some(HelpLine::Heading(words)) => {
                row(area, &[], &[Span::styled(words, theme.title)], None, buffer);
            }
            Some(HelpLine::Row(at)) => {
                let Some(HelpRow { keys, words, .. }) = state.catalog.help.get(*at) else { continue };
                help_row(area, keys, words, look, buffer);
            }
            Some(HelpLine::Part(at, part)) => {
                let Some(HelpRow { keys, lines, .. }) = state.catalog.help.get(*at) else { continue };
                let keys = if *part == 0 { keys } else { "" };
                help_row(area, keys, lines.get(*part).map_or("", String::as_str), look, buffer);
            }
            Some(HelpLine::Blank) | None => {}
        }
    }
}

fn help_row(area: Rect, keys: &str, words: &str, look: ViewContext<'_>, buffer: &mut Buffer) {
    let keys = Span::styled(pad(&format!("  {keys}"), KEYS), look.theme.key);
    row(area, &[keys], &[Span::styled(words, look.theme.text)], None, buffer);
}
