//! The form for an entry of the configuration, the question whether to remove one, and the screen without an instance. A secret is shown
//! as dots.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::context::ViewContext;
use crate::{
    app::{
        Context, State,
        action::Action,
        entry::{EntryField, EntryTrouble, SecretOrigin},
        layout::Layout,
        modal::entry::{EntryProgress, EntryWindow, RemovalWindow, TextField},
    },
    domain::failure::{Failure, FailureKind},
    text::width::{pad, width},
    tui::widget::{
        field,
        pane::{prose, row, wrapped},
        window::open,
    },
};

/// Columns and rows of the form.
const SIZE: (u16, u16) = (84, 18);

/// Columns of the question whether to remove an entry.
const REMOVAL: u16 = 66;

/// The columns of the fields' names.
const LABELS: usize = 14;

/// The maximum number of dots for a secret: they hide its length.
const DOTS: usize = 24;

pub(super) fn draw(window: &EntryWindow, look: ViewContext<'_>, layout: &Layout, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    let title = match &window.old {
        Some(old) => text.with("entry-title-change", &[("instance", (&old.place.label).into())]),
        None => text.say("entry-title-add").into_owned(),
    };
    let inside = open(layout, SIZE, &title, theme, buffer);
    let fields = window.fields();
    let mut y = inside.y;
    let roomy = usize::from(inside.height) > fields.len() + 6;
    if window.is_first && roomy {
        let words = text.say("entry-welcome");
        let height = wrapped(&words, inside.width).min(3);
        prose(Rect { y, height, ..inside }, &words, theme.text, buffer);
        y += height + 1;
    }
    if let EntryProgress::Reading(_) = window.progress {
        prose(Rect { y, height: 1, ..inside }, &text.say("entry-reading"), theme.pending, buffer);
        return;
    }
    for field in fields {
        if y < inside.bottom() {
            draw_field(window, field, look, Rect { y, height: 1, ..inside }, buffer);
        }
        y += 1;
    }
    y += u16::from(roomy);
    let mut say = |words: &str, style: Style| {
        let height = wrapped(words, inside.width).min(inside.bottom().saturating_sub(y));
        prose(Rect { y, height, ..inside }, words, style, buffer);
        y += height;
    };
    match &window.progress {
        EntryProgress::Trying(_) => say(&text.say("entry-trying"), theme.pending),
        EntryProgress::Refused(refusal) => {
            let words = match &refusal.why {
                EntryTrouble::Missing => {
                    let key = look.label(Context::Entry, Action::Accept).unwrap_or_default();
                    text.with("entry-missing", &[("key", key.into())])
                }
                EntryTrouble::Wrong(why) => text.tell(why),
                EntryTrouble::Refused(failure) => refused(failure, look),
                EntryTrouble::NotConnected(connection) => {
                    text.with("entry-not-connected", &[("state", text.connection(&connection.state).into())])
                }
            };
            words.lines().for_each(|line| say(line, theme.error));
            if let Some(key) = look
                .label(Context::Entry, Action::InWindow(crate::app::action::InWindow::SaveAnyway))
                .filter(|_| refusal.may_pass())
            {
                say(&text.with("entry-save-anyway", &[("key", key.into())]), theme.text);
            }
        }
        EntryProgress::Editing | EntryProgress::Reading(_) => say(&help(window, look), theme.dim),
    }
}

/// Why the gateway does not accept the entry, and what to do.
fn refused(failure: &Failure, look: ViewContext<'_>) -> String {
    let text = look.text;
    let key = match failure.kind {
        FailureKind::TokenRefused => "init-token-refused",
        FailureKind::UnknownInstance => "init-instance-unknown",
        FailureKind::Unreachable => return text.say("entry-unreachable").into_owned(),
        _ => {
            let why = text.failure_and_advice(failure);
            return text.with("entry-not-tried", &[("why", why.into())]);
        }
    };
    text.with(key, &[("why", text.failure(failure).into())])
}

/// One line about the field with the focus.
fn help(window: &EntryWindow, look: ViewContext<'_>) -> String {
    let text = look.text;
    let usual = window.choice().and_then(|choice| choice.usual_address.as_deref()).unwrap_or_default();
    let origin = window.text(window.focus).map_or(SecretOrigin::Typed, |field| field.origin);
    let by_origin = match origin {
        SecretOrigin::Typed => None,
        SecretOrigin::Variable => Some("entry-help-variable"),
        SecretOrigin::File => Some("entry-help-file"),
        SecretOrigin::Command => Some("entry-help-command"),
        SecretOrigin::Kept => Some("entry-help-kept"),
    };
    let key = match (window.focus, by_origin) {
        (_, Some(key)) => key,
        (EntryField::Gateway, _) => "entry-help-gateway",
        (EntryField::Name, _) if !window.has_plain_instance() => "entry-help-name-needed",
        (EntryField::Name, _) => "entry-help-name",
        (field, _) => window.help(field).unwrap_or("entry-help-name"),
    };
    text.with(key, &[("usual", usual.into())])
}

fn draw_field(
    window: &EntryWindow,
    field: EntryField,
    look: ViewContext<'_>,
    line: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let is_focused = window.focus == field && !window.is_waiting();
    let is_wrong =
        matches!(&window.progress, EntryProgress::Refused(refusal) if refusal.field == Some(field));
    let name = text.say(match field {
        EntryField::Gateway => "entry-gateway",
        EntryField::Address => "entry-address",
        EntryField::Instance => "entry-instance",
        EntryField::Token => "entry-token",
        EntryField::ClientToken => "entry-client-token",
        EntryField::Name => "entry-name",
    });
    let (marker, style) = match (is_wrong, is_focused) {
        (true, _) => ("✗", theme.error),
        (false, true) => ("▸", theme.accent),
        (false, false) => (" ", theme.text),
    };
    let left = Span::styled(format!("{marker} {} ", pad(&name, LABELS)), style);
    let room = usize::from(line.width).saturating_sub(left.width() + 1);
    let Some(own) = window.text(field) else {
        let name = window.choice().map_or("", |choice| choice.name);
        let style = if is_focused { theme.input } else { theme.text };
        row(line, &[left], &[Span::styled(format!("‹ {name} ›"), style)], None, buffer);
        return;
    };
    let mut spans = Vec::new();
    if window.is_secret(field) {
        let origin = text.say(match own.origin {
            SecretOrigin::Typed => "entry-origin-typed",
            SecretOrigin::Variable => "entry-origin-variable",
            SecretOrigin::File => "entry-origin-file",
            SecretOrigin::Command => "entry-origin-command",
            SecretOrigin::Kept => "entry-origin-kept",
        });
        spans.push(Span::styled(format!("{origin} "), theme.dim));
    }
    let room = room.saturating_sub(spans.iter().map(Span::width).sum());
    spans.extend(content(window, field, own, is_focused, room, look));
    row(line, &[left], &spans, None, buffer);
}

/// What a field contains, with the caret if it takes the keys.
fn content<'a>(
    window: &'a EntryWindow,
    field: EntryField,
    own: &'a TextField,
    is_focused: bool,
    room: usize,
    look: ViewContext<'_>,
) -> Vec<Span<'a>> {
    let theme = look.theme;
    let value = own.input.value();
    let caret = || Span::styled(" ", theme.caret);
    let is_hidden = window.is_secret(field) && own.is_hidden();
    if own.origin == SecretOrigin::Kept {
        return is_focused.then(caret).into_iter().collect();
    }
    if is_hidden {
        let dots = value.chars().count().min(DOTS).min(room.saturating_sub(1));
        let dots = Span::styled("•".repeat(dots), theme.input);
        return [dots].into_iter().chain(is_focused.then(caret)).collect();
    }
    if value.is_empty() {
        let usual = match field {
            EntryField::Address => {
                window.choice().map_or("", |choice| choice.usual_address.as_deref().unwrap_or_default())
            }
            EntryField::Name if !window.is_secret(EntryField::Instance) => window.instance.input.value(),
            _ => "",
        };
        let usual = Span::styled(usual.to_owned(), theme.dim);
        return is_focused.then(caret).into_iter().chain([usual]).collect();
    }
    if !is_focused {
        return vec![Span::styled(value, theme.text)];
    }
    let spans = field::spans(&own.input, theme);
    if Line::from(spans.clone()).width() <= room {
        return spans;
    }
    // The end of a long text, because that is where the operator types.
    let mut cells = 0;
    let from = value.char_indices().rev().take_while(|(_, character)| {
        cells += width(character.encode_utf8(&mut [0; 4]));
        cells + 2 < room
    });
    let at = from.last().map_or(value.len(), |(at, _)| at);
    vec![Span::styled(format!("…{}", &value[at..]), theme.input), caret()]
}

pub(super) fn draw_removal(
    window: &RemovalWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let key = look.label(Context::Removal, Action::Confirm).unwrap_or_default();
    let args =
        [("instance", (&window.entry.place.label).into()), ("key", key.into()), ("back", look.back().into())];
    let words = text.with("removal-ask", &args);
    // Without the border, and the column on either side.
    let lines = wrapped(&words, layout.window(REMOVAL, 1).width.saturating_sub(4));
    let inside = open(layout, (REMOVAL, lines + 4), &text.say("removal-title"), theme, buffer);
    let top = u16::from(inside.height > lines);
    let area = Rect { y: inside.y + top, height: inside.height - top, ..inside };
    prose(area, &words, theme.text, buffer);
}

/// The screen if there is no instance at all.
pub(super) fn draw_none(state: &State, look: ViewContext<'_>, layout: &Layout, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    let label = |context, action| look.label(context, action).unwrap_or_default();
    let args = [
        ("open", label(Context::Panes, Action::Instances).into()),
        ("add", label(Context::Instances, Action::AddInstance).into()),
        ("quit", label(Context::Panes, Action::Quit).into()),
    ];
    let key = if state.broken.is_empty() { "entry-none" } else { "entry-none-usable" };
    let area = Rect {
        x: 2,
        y: 2,
        width: layout.screen.width.saturating_sub(4),
        height: layout.screen.height.saturating_sub(4),
    };
    prose(area.intersection(buffer.area), &text.with(key, &args), theme.text, buffer);
}
