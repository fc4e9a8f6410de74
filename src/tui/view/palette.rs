//! The command palette: every action by its name, with its key and the matched letters highlighted.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::Span,
};
use unicode_segmentation::UnicodeSegmentation;

use super::context::ViewContext;
use crate::{
    app::{
        State,
        command_catalog::{Command, Found},
        layout::{Layout, PALETTE_SIZE},
        modal::palette::Palette,
    },
    text::{
        format,
        width::{cut, width},
    },
    tui::widget::{
        field,
        pane::{line_of, prose, row},
        window::open,
    },
};

pub(super) fn draw(
    state: &State,
    window: &Palette,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let inside = open(layout, PALETTE_SIZE, &text.say("palette-title"), theme, buffer);
    let mut typed = vec![Span::styled(":", theme.accent)];
    typed.extend(field::spans(&window.input, theme));
    let count = format::number(text, window.found.rows().len() as u64);
    row(line_of(inside, 0), &[], &typed, Some(Span::styled(count, theme.dim)), buffer);
    let list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    if window.found.rows().is_empty() {
        prose(list, &text.with("palette-none", &[("back", look.back().into())]), theme.dim, buffer);
        return;
    }
    // All names share one column width, so nothing jumps while the operator types.
    let names = state.catalog.commands.iter().map(|command| width(command.name)).max().unwrap_or(0);
    for (at, found) in window.found.visible() {
        let Some(command) = state.catalog.commands.get(found.at) else { continue };
        let line = line_of(list, at - window.found.offset());
        draw_row(command, found, (names, at == window.found.cursor()), look, line, buffer);
    }
}

fn draw_row(
    command: &Command,
    found: &Found,
    (names, is_selected): (usize, bool),
    look: ViewContext<'_>,
    line: Rect,
    buffer: &mut Buffer,
) {
    let theme = look.theme;
    let (style, marker) = theme.row(is_selected);
    let key = Span::styled(command.key.as_str(), theme.key);
    let beside = width(marker) + 1 + names + 2 + width(&command.key) + 1;
    let words = cut(&command.words, usize::from(line.width).saturating_sub(beside));
    let text = format!("{}  {words}", command.name);
    let mut spans = lettered(&text, &found.letters, style, style.patch(theme.accent));
    // Pad the column after the name, before the spaces that separate it from the description.
    let name_ends = command.name.graphemes(true).count();
    let words = spans.split_off(name_ends.min(spans.len()));
    spans.push(Span::raw(" ".repeat(names.saturating_sub(width(command.name)))));
    spans.extend(words);
    row(line, &[Span::styled(format!("{marker} "), style)], &spans, Some(key), buffer);
    if is_selected {
        theme.bar(line, buffer);
    }
}

/// A text cluster by cluster. Matched clusters are underlined too, because the row under the cursor may be equally
/// bold.
fn lettered<'a>(text: &'a str, letters: &[u32], style: Style, matched: Style) -> Vec<Span<'a>> {
    let matched = matched.add_modifier(Modifier::UNDERLINED);
    let is_matched = |at: usize| u32::try_from(at).is_ok_and(|at| letters.binary_search(&at).is_ok());
    let clusters = text.graphemes(true).enumerate();
    clusters
        .map(|(at, cluster)| Span::styled(cluster, if is_matched(at) { matched } else { style }))
        .collect()
}
