//! The column at the right of a wide screen: the known facts about the row under the cursor, without a request. The window with the
//! details reads them afresh.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{context::ViewContext, details, operation, page::Page};
use crate::{
    app::{Context, State, action::Action, instance::Instance, layout::Pane},
    domain::{
        community::{GroupRef, Parent, Role},
        directory::{Community, Entry},
        id::OperationId,
        operation::Item,
        outcome::Outcome,
    },
    text::{Text, format::number, shown_name, words::outcome_glyph},
    tui::widget::pane::{heading, line_of},
};

pub(super) fn draw(state: &State, look: ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let Some(shown) = state.shown() else { return };
    let inside = Rect { width: area.width.saturating_sub(2), x: area.x + 1, ..area };
    let mut page = Page::of(usize::from(inside.width));
    let name = match state.focus {
        Pane::Communities => shown.chosen().map(|community| of_community(&mut page, shown, community, look)),
        Pane::Subgroups | Pane::Groups => {
            shown.selected_group(state.focus).map(|group| of_group(&mut page, state, shown, group, look))
        }
        Pane::Operation => item(state).map(|item| of_item(&mut page, item, look)),
    };
    let Some(name) = name else { return };
    let below = heading(area, vec![Span::styled(name, look.theme.title)], None, buffer);
    for (at, line) in page.lines.iter().take(usize::from(below.height)).enumerate() {
        let line_area = line_of(Rect { y: below.y, height: below.height, ..inside }, at);
        buffer.set_line(line_area.x, line_area.y, line, line_area.width);
    }
}

fn item(state: &State) -> Option<&Item> {
    let operating = state.operating()?;
    let operation = operating.current_whole()?;
    let is_shown = operating.operation.operation() == Some(operation.id);
    operation.items.get(*operating.operation.items.selected().filter(|_| is_shown)?)
}

fn of_community(page: &mut Page, shown: &Instance, community: &Community, look: ViewContext<'_>) -> String {
    let ViewContext { theme, text, .. } = look;
    page.fact(&text.say("fact-id"), community.id.as_str(), theme.text, look);
    let limit = shown.profile.settings.subgroup_limit;
    let capacity = shown.directory.size_of(community).map(|size| {
        let at_least = !shown.profile.capabilities.lists_every_subgroup;
        let key = if at_least { "fact-capacity-at-least" } else { "fact-capacity" };
        text.with(key, &[("size", size.into()), ("limit", limit.into())])
    });
    let unknown = text.say("fact-unknown");
    page.fact(&text.say("fact-groups"), capacity.as_deref().unwrap_or(&unknown), theme.text, look);
    let announcements = shown.directory.announcements_of(community);
    let announcements = announcements.and_then(|slot| shown.directory.entry(slot)).and_then(Entry::listed);
    if let Some(members) = announcements.and_then(GroupRef::members) {
        page.fact(&text.say("fact-members"), &number(text, members.into()), theme.text, look);
    }
    role(page, shown.directory.role_in_community(community), look);
    page.fact(&text.say("fact-known-from"), &text.known_from(community.known_from), theme.text, look);
    if let Some(failure) = &community.failure {
        page.blank();
        page.prose(&text.failure_and_advice(failure), theme.error);
    }
    more(page, look);
    text.name_or_tail(community.name.as_ref(), &community.id)
}

fn of_group(
    page: &mut Page,
    state: &State,
    shown: &Instance,
    group: Entry<'_>,
    look: ViewContext<'_>,
) -> String {
    let ViewContext { theme, text, .. } = look;
    page.fact(&text.say("fact-id"), group.id(), theme.text, look);
    let members = group.listed().and_then(GroupRef::members);
    let unknown = || text.say("fact-unknown").into_owned();
    let members = members.map_or_else(unknown, |members| number(text, members.into()));
    page.fact(&text.say("fact-members"), &members, theme.text, look);
    let id = group.to_id();
    role(page, shown.directory.role_in(&id), look);
    details::numbers(page, state, &id, look);
    let parent = shown.directory.parent_of(&id).map(|parent| {
        let known = shown.directory.community(parent).and_then(|known| known.name.as_ref());
        text.name_or_tail(known, parent)
    });
    let is_in_none = group.listed().is_some_and(|listed| listed.parent() == Parent::None);
    let parent = parent.unwrap_or_else(|| {
        text.say(if is_in_none { "fact-in-no-community" } else { "reason-in-no-community" }).into_owned()
    });
    page.fact(&text.say("fact-community"), &parent, theme.text, look);
    last_operation(page, shown.latest.get(&id).copied(), look);
    page.fact(&text.say("fact-invite"), &text.say("beside-invite-hidden"), theme.dim, look);
    more(page, look);
    text.name_or_tail(Some(group.name()), group.id())
}

fn of_item(page: &mut Page, item: &Item, look: ViewContext<'_>) -> String {
    let ViewContext { theme, text, .. } = look;
    page.fact(&text.say("fact-id"), item.group.as_str(), theme.text, look);
    let style = item.outcome.map_or(theme.pending, |outcome| operation::outcome_style(outcome, theme));
    let stands = format!("{} {}", Text::item_glyph(item), text.item_state(item));
    page.fact(&text.say("fact-outcome"), &stands, style, look);
    let remark = text.item_remark(item);
    if !remark.is_empty() {
        page.blank();
        page.prose(&remark, theme.text);
    }
    more(page, look);
    shown_name(text, &item.name, item.group.tail(4)).into_owned()
}

fn role(page: &mut Page, role: Role, look: ViewContext<'_>) {
    page.fact(&look.text.say("fact-role"), &look.text.role(role), look.theme.text, look);
}

fn last_operation(page: &mut Page, latest: Option<(OperationId, Outcome)>, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    let label = text.say("fact-operation");
    match latest {
        Some((operation, outcome)) => {
            let words = format!("#{operation} {} {}", outcome_glyph(outcome), text.outcome(outcome));
            page.fact(&label, &words, operation::outcome_style(outcome, theme), look);
        }
        None => page.fact(&label, &text.say("beside-no-operation"), theme.dim, look),
    }
}

/// The key that shows everything, read afresh.
fn more(page: &mut Page, look: ViewContext<'_>) {
    let Some(key) = look.label(Context::Panes, Action::Details) else { return };
    page.blank();
    page.prose(&look.text.with("beside-more", &[("key", key.into())]), look.theme.dim);
}
