//! The window with the lines of a pasted list that could not be marked, with their possible meanings.

use ratatui::buffer::Buffer;

use super::{context::ViewContext, page, page::Page};
use crate::{
    app::{
        layout::Layout,
        modal::pasted::{NotMarked, PastedWindow},
    },
    domain::{
        id::GroupId,
        lookup::{Candidate, LookupError},
        name::Name,
    },
    text::{Text, shown_name, width::cut},
};

/// The maximum width of a pasted line.
const MOST: usize = 60;

pub(super) fn draw(window: &PastedWindow, look: ViewContext<'_>, layout: &Layout, buffer: &mut Buffer) {
    let args = [("marked", window.marked.into()), ("left", window.left.len().into())];
    let title = look.text.with("pasted-title", &args);
    page::draw(&title, &page(window, look, layout), &window.scroll, look, layout, buffer);
}

/// The lines of the window.
pub(super) fn page(window: &PastedWindow, look: ViewContext<'_>, layout: &Layout) -> Page {
    let ViewContext { theme, text, .. } = look;
    let mut page = Page::new(layout);
    if window.is_unread {
        page.prose(&text.say("groups-unread"), theme.warning);
        page.blank();
    }
    for left in &window.left {
        let (words, candidates) = words(left, text);
        page.hanging("? ", theme.warning, &words, theme.text, 2);
        for candidate in candidates {
            page.hanging("    ", theme.dim, &named(candidate, text), theme.dim, 4);
        }
    }
    page
}

fn words<'a>(left: &'a NotMarked, text: &Text) -> (String, &'a [Candidate<GroupId>]) {
    let say = |key, given: &Name| text.with(key, &[("given", cut(given.shown(), MOST).into())]);
    match left {
        NotMarked::NotFound(LookupError::Unknown { given, near }) if near.is_empty() => {
            (say("pasted-unknown", given), near)
        }
        NotMarked::NotFound(LookupError::Unknown { given, near }) => (say("pasted-near", given), near),
        NotMarked::NotFound(LookupError::Ambiguous { given, candidates }) => {
            (say("pasted-ambiguous", given), candidates)
        }
        NotMarked::CannotMark(candidate) => (say("pasted-cannot-mark", &candidate.name), &[]),
    }
}

fn named(candidate: &Candidate<GroupId>, text: &Text) -> String {
    let name = shown_name(text, &candidate.name, candidate.id.tail(4));
    let words = format!("{} · {}", cut(&name, MOST), candidate.id);
    text.candidate(words, candidate.community.as_ref(), candidate.members)
}
