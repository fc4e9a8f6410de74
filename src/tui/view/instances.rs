//! The window with the instances: those in the configuration, broken entries of it, others that a gateway lists, and at the bottom
//! details of the one under the cursor.

use std::fmt::Write;

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::{context::ViewContext, header, operation};
use crate::{
    app::{
        Context, State,
        action::{Action, By, Marking},
        applies,
        broken::BrokenEntry,
        instance::{ConnectionStatus, Instance},
        layout::{Layout, instances_list},
        modal::instances::{InstanceRow, InstancesWindow, OtherInstance},
    },
    domain::{instance::Connection, operation::Phase},
    text::width::{pad, width},
    tui::widget::{
        pane::{line_of, prose, row, wrapped},
        window::open,
    },
};

/// The width of each column: label, gateway, status, phone number, budget. Columns that do not fit are omitted from the
/// end, and their content is shown at the bottom.
const COLUMNS: [u16; 5] = [20, 9, 31, 15, 9];

/// A line of the window, and the widths of its columns.
#[derive(Clone, Copy)]
struct RowPlace {
    line: Rect,
    columns: [u16; 5],
}

/// The widths of the columns: the names of the gateways fit.
fn columns(state: &State) -> [u16; 5] {
    let names = state.instances.iter().map(|instance| instance.profile.gateway);
    let longest = names.map(width).max().and_then(|longest| u16::try_from(longest + 1).ok());
    let [label, gateway, rest @ ..] = COLUMNS;
    let [status, number, budget] = rest;
    [label, gateway.max(longest.unwrap_or_default()), status, number, budget]
}

pub(super) fn draw(
    state: &State,
    window: &InstancesWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let inside = open(layout, window.size(), &look.text.say("instances-title"), look.theme, buffer);
    let list = Rect { height: instances_list(window.rows.rows().len(), inside.height), ..inside };
    let columns = columns(state);
    for (at, known) in window.rows.visible() {
        let line = line_of(list, at - window.rows.offset());
        let place = RowPlace { line, columns };
        let is_selected = at == window.rows.cursor();
        match known {
            InstanceRow::Configured(key) => {
                if let Some(instance) = state.instance_of(key) {
                    draw_configured(state, window, instance, is_selected, look, place, buffer);
                }
            }
            InstanceRow::Broken(at) => {
                if let Some(broken) = state.broken.get(*at) {
                    draw_broken(broken, is_selected, look, place, buffer);
                }
            }
            InstanceRow::Other(at) => {
                if let Some(other) = window.others.get(*at) {
                    draw_other(state, window, other, is_selected, look, place, buffer);
                }
            }
        }
    }
    let top = list.height + 1;
    let below = Rect { y: inside.y + top, height: inside.height.saturating_sub(top), ..inside };
    match (window.configured().and_then(|key| state.instance_of(key)), window.other()) {
        (Some(instance), _) => say_configured(state, window, instance, look, below, buffer),
        (None, Some(other)) => say_other(state, other, look, below, buffer),
        (None, None) => {
            if let Some(broken) = window.broken().and_then(|at| state.broken.get(at)) {
                say_broken(state, broken, look, below, buffer);
            }
        }
    }
}

/// The number of lines for an instance in the configuration.
const WRITTEN: u16 = 6;

type Cell = (String, Style);

fn draw_row(
    cells: [Cell; 5],
    last: &str,
    is_selected: bool,
    look: ViewContext<'_>,
    place: RowPlace,
    buffer: &mut Buffer,
) {
    let theme = look.theme;
    let RowPlace { line, columns } = place;
    let (base, marker) = theme.row(is_selected);
    let mut spans = Vec::new();
    let mut room = line.width.saturating_sub(2);
    for ((content, style), width) in cells.into_iter().zip(columns) {
        if room < width / 2 {
            break;
        }
        let width = width.min(room);
        room -= width;
        spans.push(Span::styled(pad(&content, usize::from(width.saturating_sub(1))), style));
        spans.push(Span::raw(" "));
    }
    if room > 12 {
        spans.push(Span::styled(last, theme.dim));
    }
    row(line, &[Span::styled(format!("{marker} "), base)], &spans, None, buffer);
    if is_selected {
        theme.bar(line, buffer);
    }
}

fn draw_configured(
    state: &State,
    window: &InstancesWindow,
    instance: &Instance,
    is_selected: bool,
    look: ViewContext<'_>,
    place: RowPlace,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let is_shown = state.instance().is_some_and(|shown| shown.key() == instance.key());
    let (glyph, words, style) = if window.is_asking(instance.key()) {
        ("◌", text.say("connection-asking").into_owned(), theme.pending)
    } else {
        header::link_words(instance, look)
    };
    let number = match &instance.link {
        ConnectionStatus::Known(connection) => number(connection),
        ConnectionStatus::Asking | ConnectionStatus::Failed(_) => "–".to_owned(),
    };
    let budget = instance.budget.map_or_else(
        || "–".to_owned(),
        |budget| format!("{}/{}", budget.remaining_at(state.now), budget.limit),
    );
    let label = if is_shown {
        text.with("instances-shown", &[("instance", (&instance.profile.label).into())])
    } else {
        instance.profile.label.clone()
    };
    let cells = [
        (label, theme.text),
        (instance.profile.gateway.to_owned(), theme.dim),
        (format!("{glyph} {words}"), style),
        (number, theme.text),
        (budget, theme.dim),
    ];
    draw_row(cells, &runs(state, instance, look), is_selected, look, place, buffer);
}

fn draw_broken(
    broken: &BrokenEntry,
    is_selected: bool,
    look: ViewContext<'_>,
    place: RowPlace,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let nothing = || ("–".to_owned(), theme.dim);
    let cells = [
        (broken.title.clone(), theme.text),
        (broken.gateway.unwrap_or("–").to_owned(), theme.dim),
        (format!("✗ {}", text.say("instances-broken")), theme.error),
        nothing(),
        nothing(),
    ];
    draw_row(cells, "", is_selected, look, place, buffer);
}

fn draw_other(
    state: &State,
    window: &InstancesWindow,
    other: &OtherInstance,
    is_selected: bool,
    look: ViewContext<'_>,
    place: RowPlace,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let (glyph, style) = header::connection_glyph(&other.connection, theme);
    let tick = match window.ticked.contains(&other.address) {
        true => "[x] ",
        false if applies::add_instance(state) => "[ ] ",
        false => "",
    };
    let gateway = state.instance_of(&other.listed_by).map_or("", |instance| instance.profile.gateway);
    let cells = [
        (format!("{tick}{}", shown(other)), theme.dim),
        (gateway.to_owned(), theme.dim),
        (format!("{glyph} {}", text.connection(&other.connection.state)), style),
        (number(&other.connection), theme.dim),
        ("–".to_owned(), theme.dim),
    ];
    draw_row(cells, &text.say("instances-not-configured"), is_selected, look, place, buffer);
}

fn shown(other: &OtherInstance) -> String {
    let name = other.name.shown();
    if name.is_empty() { quoted(other.name.exact()) } else { name.to_owned() }
}

fn number(connection: &Connection) -> String {
    connection.number.as_ref().map_or_else(|| "–".to_owned(), |number| number.shown().to_owned())
}

/// What an instance is doing, in a few words.
fn runs(state: &State, instance: &Instance, look: ViewContext<'_>) -> String {
    let text = look.text;
    let live = instance.current_operation().filter(|operation| !matches!(operation.phase, Phase::Ended(_)));
    if let Some(operation) = live {
        let open = operation.totals.queued + operation.totals.under_way;
        let open = text.with("operation-open", &[("count", open.into())]);
        return format!("{}, {open}", operation::title(operation, look).trim());
    }
    if let Some(done) = header::progress(state, instance, look, false).into_iter().next() {
        return done;
    }
    text.say("instances-idle").into_owned()
}

fn say_configured(
    state: &State,
    window: &InstancesWindow,
    instance: &Instance,
    look: ViewContext<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let key = |action| look.label(Context::Instances, action).unwrap_or_default();
    let is_connected =
        matches!(&instance.link, ConnectionStatus::Known(connection) if connection.is_connected());
    let mut lines: Vec<(String, Style)> = Vec::new();
    if let ConnectionStatus::Failed(failure) = &instance.link {
        if text.is_corrected_here(failure) {
            let args = [("edit", key(Action::EditInstance).into()), ("read", key(Action::Refresh).into())];
            lines.push((text.failure(failure), theme.error));
            lines.push((text.with("instances-broken-advice", &args), theme.text));
        } else {
            lines.push((text.failure_and_advice(failure), theme.error));
        }
    }
    let pairing = instance.profile.capabilities.pairing;
    if !is_connected && pairing.gives_codes && matches!(instance.link, ConnectionStatus::Known(_)) {
        let args = [
            ("qr", key(Action::Connect(By::Qr)).into()),
            ("number", key(Action::Connect(By::Number)).into()),
            ("session", key(Action::Connect(By::Session)).into()),
        ];
        lines.push((text.with("instances-connect", &args), theme.text));
    }
    lines.push((runs(state, instance, look), theme.text));
    if let Some((_, failure)) = window.unread.iter().find(|(key, _)| key == instance.key()) {
        let why = text.failure(failure);
        lines.push((text.with("instances-list-unread", &[("why", why.into())]), theme.warning));
    } else if !pairing.lists_instances {
        lines.push((text.say("instances-no-list").into_owned(), theme.dim));
    }
    let mut y = area.y;
    for (words, style) in lines {
        let height = wrapped(&words, area.width).min(area.bottom().saturating_sub(y));
        prose(Rect { y, height, ..area }, &words, style, buffer);
        y += height;
    }
}

/// Shows why an entry cannot be used, and what to do.
fn say_broken(state: &State, broken: &BrokenEntry, look: ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    let mut y = area.y;
    let why = text.tell(&broken.why);
    let why = why.lines().map(|line| (line.to_owned(), theme.error));
    let key = |action| look.label(Context::Instances, action).unwrap_or_default();
    let args = [("edit", key(Action::EditInstance).into()), ("read", key(Action::Refresh).into())];
    let is_changeable = applies::add_instance(state) && broken.is_valid && broken.place.is_some();
    let advice = if is_changeable { "instances-broken-advice" } else { "instances-broken-by-hand" };
    for (words, style) in why.chain([(text.with(advice, &args), theme.text)]) {
        let height = wrapped(&words, area.width).min(area.bottom().saturating_sub(y));
        prose(Rect { y, height, ..area }, &words, style, buffer);
        y += height;
    }
}

/// Shows what to write in the configuration for an instance that is not in it.
fn say_other(state: &State, other: &OtherInstance, look: ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    let by = state.instance_of(&other.listed_by).map_or("", |instance| instance.profile.label.as_str());
    if applies::add_instance(state) {
        let key = |action| look.label(Context::Instances, action).unwrap_or_default();
        let args = [
            ("instance", by.into()),
            ("tick", key(Action::Mark(Marking::Toggle)).into()),
            ("add", key(Action::AddInstance).into()),
        ];
        prose(area, &text.with("instances-listed", &args), theme.text, buffer);
        return;
    }
    let name = quoted(other.name.exact());
    let read = || look.label(Context::Instances, Action::Refresh).unwrap_or_default();
    let words = text.with("instances-how-to", &[("instance", by.into()), ("read", read().into())]);
    let used = wrapped(&words, area.width).min(area.height);
    if area.height - used < WRITTEN {
        // If there is no room for the lines, a sentence says the same.
        let gateway = quoted(other.address.gateway);
        let args = [
            ("gateway", gateway.into()),
            ("name", name.into()),
            ("instance", by.into()),
            ("read", read().into()),
        ];
        prose(area, &text.with("instances-how-to-short", &args), theme.text, buffer);
        return;
    }
    prose(Rect { height: used, ..area }, &words, theme.text, buffer);
    let written = [
        "[[instance]]".to_owned(),
        format!("name = {name}"),
        format!("gateway = {}", quoted(other.address.gateway)),
        format!("base_url = {}", quoted(&other.address.base_url)),
        format!("instance = {name}"),
        text.with("instances-token-line", &[("instance", by.into())]),
    ];
    let rest = Rect { y: area.y + used, height: area.height - used, ..area };
    for (at, words) in written.iter().enumerate().take(usize::from(rest.height)) {
        row(line_of(rest, at), &[], &[Span::styled(format!("  {words}"), theme.accent)], None, buffer);
    }
}

/// Quotes a text as the configuration writes it. All characters except plain ones are escaped before they reach the
/// terminal.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            // Right-to-left letters would reverse the line.
            '\u{a0}'..'\u{590}' | '\u{900}'..'\u{fb00}' if character.is_alphanumeric() => {
                quoted.push(character);
            }
            character => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_is_written_as_toml_reads_it_back() {
        for name in ["harbor", "a \"b\" \\c", "\u{1b}]0;x\u{7}", "Ação 🎶", "\u{202e}evil\n"] {
            let written = quoted(name);
            assert!(written.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{written:?}");
            let table: toml::Table = format!("name = {written}").parse().unwrap();
            assert_eq!(table["name"].as_str(), Some(name));
        }
    }
}
