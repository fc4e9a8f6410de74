//! The window for a file name, and the window with the command line of an operation.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{context::ViewContext, page, page::Page};
use crate::{
    app::{
        State,
        layout::Layout,
        modal::{
            Modal,
            file::{CommandWindow, FileProgress, FilePurpose, FileWindow},
        },
    },
    domain::{name::Name, operation::Form},
    tui::widget::{
        field,
        pane::{line_of, prose, row},
        window::open,
    },
};

/// Columns and rows of the window for a file name.
const SIZE: (u16, u16) = (72, 8);

pub(super) fn draw(
    state: &State,
    window: &FileWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let title = match window.purpose {
        FilePurpose::Plan => text.say("save-plan-title").into_owned(),
        FilePurpose::Compare => {
            let label = state.instance_of(&window.instance).map_or("", |one| one.profile.label.as_str());
            text.with("compare-title", &[("instance", label.into())])
        }
        FilePurpose::Operation(id) => {
            text.with("save-operation-title", &[("operation", id.to_string().into())])
        }
    };
    let inside = open(layout, SIZE, &title, theme, buffer);
    let label = Span::styled(format!("{} ", text.say("save-label")), theme.text);
    // Show the end of a long name, because that is where the operator types.
    let room = usize::from(inside.width).saturating_sub(label.width() + 1);
    let spans = field::spans(&window.field, theme);
    let taken: usize = spans.iter().map(Span::width).sum();
    let spans = if taken > room {
        vec![tail(window.name(), room, look), Span::styled(" ", theme.caret)]
    } else {
        spans
    };
    row(line_of(inside, 1), &[label], &spans, None, buffer);
    let (words, style) = match (&window.progress, window.purpose, window.form()) {
        (FileProgress::Working(_), FilePurpose::Compare, _) => {
            (text.say("compare-reading").into_owned(), theme.pending)
        }
        (FileProgress::Unreadable(why), ..) => (text.tell(why), theme.error),
        (FileProgress::Typing, FilePurpose::Compare, _) => (text.say("compare-file").into_owned(), theme.dim),
        (FileProgress::Working(_), ..) => (text.say("save-writing").into_owned(), theme.pending),
        (FileProgress::Taken(file), ..) => {
            let file = Name::new(file);
            (text.with("save-taken", &[("file", file.shown().into())]), theme.warning)
        }
        (FileProgress::Failed(why), ..) => (text.with("save-failed", &[("why", why.into())]), theme.error),
        (FileProgress::Typing, FilePurpose::Plan, _) => {
            let below = state.modals.iter().rev().find_map(Modal::as_plan);
            let numbers = below.map_or(1, |plan| plan.shares.len());
            let key = if numbers > 1 { "save-plans" } else { "save-plan" };
            (text.with(key, &[("count", numbers.into())]), theme.dim)
        }
        (FileProgress::Typing, FilePurpose::Operation(_), Form::Csv) => {
            (text.say("save-csv").into_owned(), theme.dim)
        }
        (FileProgress::Typing, FilePurpose::Operation(_), Form::Json) => {
            (text.say("save-json").into_owned(), theme.dim)
        }
    };
    let rest = Rect { y: inside.y + 3.min(inside.height), height: inside.height.saturating_sub(3), ..inside };
    prose(rest, &words, style, buffer);
}

/// The end of a name that is longer than its line.
fn tail<'a>(name: &str, room: usize, look: ViewContext<'_>) -> Span<'a> {
    let mut cells = 0;
    let from = name.char_indices().rev().take_while(|(_, character)| {
        cells += crate::text::width::width(character.encode_utf8(&mut [0; 4]));
        cells + 1 < room
    });
    let at = from.last().map_or(name.len(), |(at, _)| at);
    Span::styled(format!("…{}", &name[at..]), look.theme.input)
}

pub(super) fn draw_command(
    window: &CommandWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let title = look.text.say("command-title");
    page::draw(&title, &command_page(window, look, layout), &window.scroll, look, layout, buffer);
}

/// The lines of the window with the command line.
pub(super) fn command_page(window: &CommandWindow, look: ViewContext<'_>, layout: &Layout) -> Page {
    let mut page = Page::new(layout);
    page.prose(&window.words, look.theme.text);
    page
}
