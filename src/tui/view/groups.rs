//! The middle and right panes: groups that can be marked.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    communities,
    context::ViewContext,
    pane::{PaneView, count, cut_end, incomplete, role_sign, role_style, show_hits},
};
use crate::{
    app::{
        State,
        layout::{BESIDE_NAME, Pane, WHOLE_NAME},
        order::Shown,
    },
    domain::{community::GroupRef, directory::Slot, id::tail, time::Millis},
    text::{
        format,
        width::{pad, pad_left, width},
    },
    tui::widget::pane::{line_of, row_with, saying},
};

/// The width of the column with the numbers of members.
const MEMBERS: usize = 5;

/// The smallest and the greatest width of the column for the communities of the groups, with the gap before it.
const COMMUNITY: (u16, u16) = (18, 30);

pub(super) fn draw_subgroups(view: PaneView<'_>, area: Rect, buffer: &mut Buffer) {
    let PaneView { state, instance, look, .. } = view;
    let ViewContext { theme, text, .. } = look;
    let Some(community) = instance.chosen() else {
        let mut title = vec![view.name(text.say("pane-subgroups"))];
        title.extend(view.filter());
        view.heading(area, title, None, buffer);
        return;
    };
    let mut title = vec![view.name(text.name_or_tail(community.name.as_ref(), &community.id))];
    let listing = instance.directory.shown_in(community);
    if let Some(size) = listing.as_ref().map(|listing| listing.subgroups.len()) {
        let is_at_least = !instance.profile.capabilities.lists_every_subgroup;
        let limit = instance.profile.settings.subgroup_limit;
        let key = if is_at_least { "pane-capacity-at-least" } else { "pane-capacity" };
        let capacity = text.with(key, &[("size", size.into()), ("limit", limit.into())]);
        title.push(Span::styled(format!(" · {capacity}"), theme.dim));
    }
    let holders = state.wide().map(|wide| wide.in_community(&community.id));
    let labels = holders.and_then(|holders| view.labels(&holders));
    title.extend(labels.map(|labels| Span::styled(format!(" · {labels}"), theme.dim)));
    let is_cut = listing.as_ref().is_some_and(|listing| listing.is_cut);
    title.extend(incomplete(is_cut, look));
    title.extend(view.order());
    title.extend(view.filter());
    let read = listing.as_ref().and_then(|listing| age(state, listing.begun, look));
    let inside = view.heading(area, title, read, buffer);
    if let Some(failure) = &community.failure {
        let sentences = text.with("subgroups-failed", &[("why", text.failure_and_advice(failure).into())]);
        let above = instance.lines_above(Pane::Subgroups);
        let below = failed(&sentences, above, look, inside, buffer);
        rows(view, below, buffer);
        return;
    }
    let trouble = communities::trouble(instance, look).filter(|_| instance.loading.is_none());
    if let Some(sentences) = trouble.filter(|_| listing.is_none()) {
        saying(inside, &sentences, theme.error, buffer);
        return;
    }
    if listing.is_none() {
        saying(inside, &text.say("subgroups-reading"), theme.pending, buffer);
        return;
    }
    if let Some(problem) = view.problem() {
        saying(inside, &problem, theme.warning, buffer);
        return;
    }
    if instance.subgroups.rows.rows().is_empty() {
        let key = if instance.subgroups.rows.filter.is_empty() && !instance.only_marked {
            "subgroups-none"
        } else {
            "groups-hidden"
        };
        saying(inside, &text.with(key, &[("back", look.back().into())]), theme.dim, buffer);
        return;
    }
    rows(view, inside, buffer);
}

pub(super) fn draw_groups(view: PaneView<'_>, area: Rect, buffer: &mut Buffer) {
    let PaneView { state, instance, look, .. } = view;
    let ViewContext { theme, text, .. } = look;
    let key = match instance.groups.shown {
        _ if instance.only_marked => "pane-marked",
        Shown::All => "pane-all-groups",
        Shown::Standalone if instance.parents_are_known() => "pane-standalone",
        Shown::Standalone => "pane-in-no-known-community",
    };
    let shown = instance.groups.rows.rows().len();
    let mut title = vec![view.name(text.say(key))];
    title.extend(count(shown, instance.groups.total, look));
    let list = instance.directory.groups();
    title.extend(incomplete(list.is_some_and(|list| list.is_cut), look));
    title.extend(view.order());
    title.extend(view.filter());
    let read = list.and_then(|list| age(state, list.begun, look));
    let inside = view.heading(area, title, read, buffer);
    let failure = instance.directory.groups_failure();
    if let Some(failure) = failure {
        let sentences = text.with("groups-failed", &[("why", text.failure_and_advice(failure).into())]);
        let below = failed(&sentences, instance.lines_above(Pane::Groups), look, inside, buffer);
        rows(view, below, buffer);
        return;
    }
    if instance.directory.groups().is_none() {
        let is_reading = instance.loading.is_some();
        let key = if is_reading { "groups-reading" } else { "groups-unread" };
        saying(inside, &text.say(key), theme.pending, buffer);
        return;
    }
    if let Some(problem) = view.problem() {
        saying(inside, &problem, theme.warning, buffer);
        return;
    }
    if instance.groups.rows.rows().is_empty() {
        let is_whole = instance.groups.rows.filter.is_empty() && !instance.only_marked;
        let key = if is_whole { "groups-none" } else { "groups-hidden" };
        saying(inside, &text.with(key, &[("back", look.back().into())]), theme.dim, buffer);
        return;
    }
    rows(view, inside, buffer);
}

/// How long ago something was read, if an earlier run read it.
fn age<'a>(state: &State, begun: Millis, look: ViewContext<'a>) -> Option<Line<'a>> {
    (begun < state.started).then(|| {
        let age = format::age(look.text, state.now.since(begun));
        let read = look.text.with("pane-read", &[("age", age.into())]);
        Line::styled(format!(" {read} "), look.theme.pending)
    })
}

/// Explains why a read failed, in this many lines above the rows or, if there are none, in the whole pane. Returns the
/// area below.
fn failed(sentences: &str, above: u16, look: ViewContext<'_>, inside: Rect, buffer: &mut Buffer) -> Rect {
    let used = if above > 0 { above.min(inside.height) } else { inside.height };
    saying(Rect { height: used, ..inside }, sentences, look.theme.error, buffer);
    Rect { y: inside.y + used, height: inside.height - used, ..inside }
}

fn rows(view: PaneView<'_>, inside: Rect, buffer: &mut Buffer) {
    let PaneView { instance, pane, .. } = view;
    let Some(list) = instance.group_list(pane) else { return };
    for (at, slot) in list.visible() {
        let offset = at - list.offset();
        if offset >= usize::from(inside.height) {
            break;
        }
        let is_selected = at == list.cursor();
        draw_row(view, (at, is_selected), *slot, line_of(inside, offset), buffer);
    }
}

fn draw_row(
    view: PaneView<'_>,
    (at, is_selected): (usize, bool),
    slot: Slot,
    line: Rect,
    buffer: &mut Buffer,
) {
    let PaneView { instance, pane, look, .. } = view;
    let ViewContext { theme, text, .. } = look;
    let Some(group) = instance.directory.entry(slot) else { return };
    let base = theme.text;
    let marker = view.marker(is_selected);
    let members = group.listed().and_then(GroupRef::members);
    let members = members.map(|members| format::number(text, u64::from(members))).unwrap_or_default();
    let members = pad_left(&members, MEMBERS.max(width(&members)));
    let mut right = Vec::new();
    // If there is room, the other facts of a row have columns of their own beside the name.
    let holders = view.state.wide().map(|wide| wide.holders(group.id()));
    right.extend(holders.and_then(|holders| view.labels(holders)).map(|labels| format!("  {labels}")));
    let parent = instance.directory.parent_at(slot).filter(|_| pane == Pane::Groups);
    let parent = parent.and_then(|parent| instance.directory.community(parent));
    let parent = parent.map(|parent| text.name_or_tail(parent.name.as_ref(), &parent.id));
    let is_mixed = instance.groups.shown == Shown::All || instance.only_marked;
    let room = line.width.saturating_sub(WHOLE_NAME + BESIDE_NAME);
    let has_column = pane == Pane::Groups && room >= COMMUNITY.0 && is_mixed;
    if has_column {
        let cells = usize::from(room.min(COMMUNITY.1)) - 2;
        right.push(format!("  {}", pad(parent.as_deref().unwrap_or_default(), cells)));
    }
    let dim = |words: String| Span::styled(words, theme.dim);
    let mut right: Vec<Span<'_>> = right.into_iter().map(dim).collect();
    if !instance.can_mark(slot) {
        let name = text.say("announcements-group");
        right.push(dim(format!("{members}   ")));
        row_with(line, &[marker, dim("◆ ".to_owned())], &[Span::styled(name, theme.dim)], &right, buffer);
        view.cursor(is_selected, line, buffer);
        return;
    }
    let role = instance.directory.role_at(slot);
    right.push(dim(format!("{members} ")));
    right.push(Span::styled(format!("{} ", role_sign(role)), role_style(role, theme)));
    let is_marked = instance.marks.has(group.id());
    let sign = match (is_marked, instance.is_in_range(pane, at)) {
        (true, _) => "✔ ",
        (false, true) => "+ ",
        (false, false) => "  ",
    };
    let name_style: Style = if is_marked { base.patch(theme.marked) } else { base };
    let name = text.name_or_tail(Some(group.name()), group.id());
    let mut middle = vec![Span::styled(name, name_style)];
    if instance.has_twin(slot) {
        middle.push(dim(format!("  …{}", tail(group.id(), 4))));
    }
    if let Some(name) = parent.filter(|_| !has_column) {
        middle.push(dim(format!("  · {name}")));
    }
    let beside: usize = right.iter().map(Span::width).sum();
    // A style such as an underline would show even a blank.
    let sign_style = if sign.trim().is_empty() { theme.text } else { theme.marked };
    row_with(line, &[marker, Span::styled(sign, sign_style)], &middle, &right, buffer);
    view.cursor(is_selected, line, buffer);
    let found = Some(group.name()).filter(|name| !name.has_right_to_left());
    if let Some((name, filter)) = found.zip(instance.filter(pane)) {
        let x = line.x + 1 + u16::try_from(width(sign)).unwrap_or(0);
        let end = line.right().saturating_sub(u16::try_from(beside).unwrap_or(0) + 1);
        show_hits((name.shown(), filter), x, cut_end(name.shown(), x, end), line, look, buffer);
    }
}
