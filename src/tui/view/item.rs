//! The window with one item of an operation: its state, why it most likely failed, and its events.

use ratatui::buffer::Buffer;

use super::{context::ViewContext, operation, page, page::Page};
use crate::{
    app::{
        Context, State,
        action::{Action, FollowUp},
        layout::Layout,
        modal::item::{ItemWindow, Timeline},
    },
    domain::{
        event::OperationEvent,
        id::CommunityId,
        operation::{Item, Operation},
    },
    text::{DiagnosisKeys, Text, format::age, shown_name, width::width},
};

pub(super) fn draw(
    state: &State,
    window: &ItemWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let Some(instance) = state.instance_of(&window.instance) else { return };
    let Some((_, item)) = window.chosen(&instance.operations) else { return };
    let title = shown_name(look.text, &item.name, item.group.tail(4));
    page::draw(&title, &page(state, window, look, layout), &window.scroll, look, layout, buffer);
}

/// The lines of the window.
pub(super) fn page(state: &State, window: &ItemWindow, look: ViewContext<'_>, layout: &Layout) -> Page {
    let ViewContext { theme, text, .. } = look;
    let mut page = Page::new(layout);
    let Some(instance) = state.instance_of(&window.instance) else { return page };
    let Some((shown, item)) = window.chosen(&instance.operations) else { return page };
    page.fact(&text.say("fact-id"), item.group.as_str(), theme.text, look);
    let when = age(text, state.now.since(shown.created));
    let title = format!("{}, {when}", operation::title(shown, look));
    page.fact(&text.say("fact-operation"), &title, theme.text, look);
    let name_of = |id: &CommunityId| {
        let named = instance.directory.community(id).and_then(|known| known.name.as_ref());
        let target = shown.target.as_ref().filter(|target| target.id.same_as(id));
        text.name_or_tail(named.or_else(|| target.and_then(|target| target.name.as_ref())), id)
    };
    if let Some(change) = item.change() {
        page.fact(&text.say("fact-change"), &text.change(change, &name_of), theme.text, look);
    }
    let style = item.outcome.map_or(theme.pending, |outcome| operation::outcome_style(outcome, theme));
    let mut stands = format!("{} {}", Text::item_glyph(item), text.item_state(item));
    let remark = text.item_remark(item);
    if !remark.is_empty() {
        stands = format!("{stands}: {remark}");
    }
    page.fact(&text.say("fact-outcome"), &stands, style, look);
    diagnosis(&mut page, window, look);
    page.blank();
    timeline(&mut page, window, (shown, item), &name_of, look);
    page
}

fn diagnosis(page: &mut Page, window: &ItemWindow, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    if let Some(reading) = window.reading {
        let args = [("done", reading.done.into()), ("total", reading.total.into())];
        page.fact(&text.say("fact-looked"), &text.with("diagnosis-reading", &args), theme.pending, look);
    } else if let Some(diagnosis) = &window.diagnosis {
        let key = |action| look.label(Context::Item, action).unwrap_or_default();
        let keys = DiagnosisKeys {
            retry: &key(Action::FollowUp(FollowUp::Retry)),
            resume: &key(Action::FollowUp(FollowUp::Resume)),
            find: &look.label(Context::Panes, Action::FindCommunities).unwrap_or_default(),
        };
        let words = text.diagnosis(diagnosis, keys);
        let label = text.say(if diagnosis.names_a_cause() { "fact-diagnosis" } else { "fact-looked" });
        page.fact(&label, &words, theme.accent, look);
    }
}

fn timeline(
    page: &mut Page,
    window: &ItemWindow,
    (shown, item): (&Operation, &Item),
    name_of: &dyn Fn(&CommunityId) -> String,
    look: ViewContext<'_>,
) {
    let ViewContext { theme, text, .. } = look;
    page.prose(&text.say("timeline-title"), theme.title);
    let mut line = |at, words: &str, style| {
        let start = format!("{}  ", (look.time)(at));
        page.hanging(&start, theme.dim, words, style, width(&start));
    };
    line(shown.created, &text.say("timeline-confirmed"), theme.text);
    for record in window.records() {
        let Some(words) = text.happened(&record.event, window.item, item, name_of) else { continue };
        let style = match &record.event {
            OperationEvent::ItemFinished { outcome, .. } => operation::outcome_style(*outcome, theme),
            _ => theme.text,
        };
        line(record.at, &words, style);
    }
    match &window.timeline {
        Timeline::Reading(_) => page.prose(&text.say("history-reading"), theme.pending),
        Timeline::Failed(why) => {
            page.prose(&text.with("history-failed", &[("why", text.tell(why).into())]), theme.error);
        }
        Timeline::Read(_) => {}
    }
}
