//! The window that connects an instance: the code for the phone, how long it is valid, and the last connection status.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::context::ViewContext;
use crate::{
    app::{
        Context, State,
        action::{Action, By},
        layout::{CONNECT_SIZE, Layout},
        modal::connect::{ConnectWindow, Number, Stage},
    },
    domain::{pairing::Offer, private::Private, time::Millis},
    text::format::duration,
    tui::widget::{
        field,
        pane::{line_of, prose, row, wrapped},
        qr::Qr,
        window::open,
    },
};

/// The height of the window without a QR code.
const LOW: u16 = 14;

/// The minimum number of columns for the text beside a QR code.
const BESIDE: u16 = 24;

pub(super) fn draw(
    state: &State,
    window: &ConnectWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let text = look.text;
    let label = state.instance_of(&window.instance).map_or("", |instance| instance.profile.label.as_str());
    let title = text.with("connect-title", &[("instance", label.into())]);
    if let Stage::Offered { offer: Offer::Qr(secret), until } = &window.stage {
        draw_qr(state, window, secret, *until, &title, look, layout, buffer);
        return;
    }
    let inside = open(layout, (76, LOW), &title, look.theme, buffer);
    if let Stage::Typing(number) = &window.stage {
        draw_number(number, look, inside, buffer);
        return;
    }
    let mut page = Page { area: below(inside, 1), buffer };
    say(window, look, &mut page);
    page.gap();
    page.seen(window, look);
}

/// An area without this many of its first lines.
fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y + lines, height: area.height - lines, ..area }
}

/// Writes lines one below the other.
struct Page<'a> {
    area: Rect,
    buffer: &'a mut Buffer,
}

impl Page<'_> {
    fn say(&mut self, words: &str, style: Style) {
        let lines = wrapped(words, self.area.width).min(self.area.height);
        // A paragraph's style fills its whole area, so limit the area to its lines.
        prose(Rect { height: lines, ..self.area }, words, style, self.buffer);
        self.skip(lines);
    }

    fn gap(&mut self) {
        self.skip(1);
    }

    fn skip(&mut self, lines: u16) {
        self.area = below(self.area, lines);
    }

    fn seen(&mut self, window: &ConnectWindow, look: ViewContext<'_>) {
        let ViewContext { theme, text, .. } = look;
        match &window.seen {
            Some(Ok(connection)) => {
                let state = text.connection(&connection.state);
                self.say(&text.with("connect-seen", &[("state", state.into())]), theme.dim);
            }
            Some(Err(failure)) => {
                let why = text.failure(failure);
                self.say(&text.with("connect-unseen", &[("why", why.into())]), theme.warning);
            }
            None => {}
        }
    }
}

fn key(look: ViewContext<'_>, by: By) -> String {
    look.label(Context::Connect, Action::Connect(by)).unwrap_or_default()
}

fn say(window: &ConnectWindow, look: ViewContext<'_>, page: &mut Page<'_>) {
    let ViewContext { theme, text, .. } = look;
    match &window.stage {
        Stage::Asking => page.say(&text.say("connect-asking"), theme.pending),
        Stage::TakenUp => page.say(&text.say("connect-taken-up"), theme.pending),
        Stage::Unused => {
            let key = look.label(Context::Connect, Action::Refresh).unwrap_or_default();
            page.say(&text.with("connect-unused", &[("key", key.into())]), theme.warning);
        }
        Stage::Failed(failure) => {
            let why = text.failure_and_advice(failure);
            page.say(&text.with("connect-failed", &[("why", why.into())]), theme.error);
        }
        Stage::Offered { offer: Offer::Picture, .. } => {
            let key = key(look, By::Number);
            page.say(&text.with("connect-picture", &[("key", key.into())]), theme.warning);
        }
        Stage::Offered { offer: Offer::Code(code), .. } => {
            page.say(&text.say("connect-code"), theme.text);
            page.gap();
            page.say(&spaced(code), theme.title);
            page.gap();
            page.say(&text.with("connect-closes", &[("back", look.back().into())]), theme.dim);
        }
        Stage::Offered { .. } => page.say(&text.say("connect-on-its-way"), theme.pending),
        Stage::Typing(_) => {}
    }
}

/// Formats a code as phones show its field: in two halves. Drops characters other than letters and digits, because they
/// are not part of a code.
fn spaced(code: &Private) -> String {
    let plain: Vec<char> = code.expose().chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let half = plain.len().div_ceil(2).max(1);
    plain.chunks(half).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join(" - ")
}

fn draw_number(number: &Number, look: ViewContext<'_>, inside: Rect, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    prose(
        Rect { height: 2.min(inside.height), ..below(inside, 1) },
        &text.say("connect-number"),
        theme.text,
        buffer,
    );
    row(line_of(inside, 3), &[], &field::spans(&number.input, theme), None, buffer);
    let (words, style) = if number.is_wrong {
        ("connect-number-wrong", theme.error)
    } else {
        ("connect-number-what", theme.dim)
    };
    prose(below(inside, 5), &text.say(words), style, buffer);
}

#[expect(clippy::too_many_arguments, reason = "what a view needs, and the code")]
fn draw_qr(
    state: &State,
    window: &ConnectWindow,
    secret: &Private,
    until: Option<Millis>,
    title: &str,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let room = layout.window(CONNECT_SIZE.0, CONNECT_SIZE.1).inside();
    let room = (room.width.saturating_sub(2), room.height);
    let Some(qr) = Qr::of(secret.expose()) else { return too_large(None, title, look, layout, buffer) };
    let (columns, rows) = qr.size();
    if columns > room.0 || rows > room.1 {
        return too_large(Some((columns, rows)), title, look, layout, buffer);
    }
    let is_beside = room.0 >= columns + 2 + BESIDE;
    let height = if is_beside { rows } else { room.1 };
    let width = if is_beside { CONNECT_SIZE.0 } else { columns + 4 };
    let inside = open(layout, (width, height + 2), title, theme, buffer);
    qr.draw(inside, buffer);
    let (x, y) = if is_beside { (columns + 2, 1) } else { (0, rows) };
    let area = Rect {
        x: inside.x + x,
        y: inside.y + y,
        width: inside.width.saturating_sub(x),
        height: inside.height.saturating_sub(y),
    };
    let mut page = Page { area, buffer };
    if let Some(until) = until {
        let span = duration(text, until.since(state.now));
        page.say(&text.with("connect-lasts", &[("span", span.into())]), theme.accent);
    }
    page.say(&text.say("connect-qr"), theme.text);
    page.seen(window, look);
    page.gap();
    page.say(&text.with("connect-closes", &[("back", look.back().into())]), theme.dim);
}

/// Explains how much room the code needs, and what to do instead.
fn too_large(
    needs: Option<(u16, u16)>,
    title: &str,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let inside = open(layout, (76, LOW), title, theme, buffer);
    let key = key(look, By::Number);
    let words = match needs {
        // The window's border, one column on either side, and the lines above and below it.
        Some((columns, rows)) => text.with(
            "connect-no-room",
            &[
                ("columns", u32::from(columns + 4).into()),
                ("rows", u32::from(rows + 4).into()),
                ("wide", u32::from(layout.screen.width).into()),
                ("high", u32::from(layout.screen.height).into()),
                ("key", key.into()),
            ],
        ),
        None => text.with("connect-picture", &[("key", key.into())]),
    };
    prose(below(inside, 1), &words, theme.warning, buffer);
}
