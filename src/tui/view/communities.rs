//! The left pane: the communities and how full they are.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, text::Span};
use unicode_segmentation::UnicodeSegmentation;

use super::context::ViewContext;
use crate::{
    app::{
        Context, State,
        action::Action,
        filter::Filter,
        instance::{ConnectionStatus, Instance},
        layout::Pane,
        order::SortBy,
    },
    domain::{
        directory::Community,
        failure::{Failure, FailureKind},
        instance::ConnectionState,
    },
    text::{format, width::width},
    tui::widget::{
        field,
        pane::{frame, line_of, row, saying},
    },
};

pub(super) fn draw(
    state: &State,
    instance: &Instance,
    look: ViewContext<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let has_focus = state.focus == Pane::Communities;
    let shown = instance.communities.rows.rows().len();
    let all = instance.directory.communities().len();
    let mut title = vec![Span::styled(text.say("pane-communities"), theme.title)];
    title.extend(count(shown, all, look));
    title.extend(order(instance, Pane::Communities, look));
    title.extend(filter(instance, Pane::Communities, look));
    let inside = frame(area, title, None, has_focus, theme, buffer);
    if all == 0 {
        nothing(instance, look, inside, buffer);
        return;
    }
    for (at, id) in instance.communities.rows.visible() {
        let Some(community) = instance.directory.community(id) else { continue };
        let line = line_of(inside, at - instance.communities.rows.offset());
        let is_selected = at == instance.communities.rows.cursor();
        draw_row(community, is_selected, instance, look, line, buffer);
    }
}

/// The number of rows shown, and the total if some are hidden.
pub(super) fn count(shown: usize, all: usize, look: ViewContext<'_>) -> Option<Span<'_>> {
    let shown_text = format::number(look.text, shown as u64);
    let content = if shown == all {
        format!(" {shown_text}")
    } else {
        let all = format::number(look.text, all as u64);
        format!(" {}", look.text.with("pane-count-of", &[("shown", shown_text.into()), ("all", all.into())]))
    };
    (all > 0).then(|| Span::styled(content, look.theme.dim))
}

/// The order of a pane's rows, if it is not the default. With a filter it is `None`: the best match comes
/// first.
pub(super) fn order<'a>(instance: &Instance, pane: Pane, look: ViewContext<'a>) -> Option<Span<'a>> {
    if instance.filter(pane).is_some_and(|filter| filter.is_open || !filter.is_empty()) {
        return None;
    }
    let by = if pane == Pane::Communities { instance.communities.sort } else { instance.groups.sort };
    let order = match by {
        SortBy::Name => return None,
        SortBy::Size => look.text.say("sorted-by-size"),
        SortBy::Role => look.text.say("sorted-by-role"),
        SortBy::Capacity => look.text.say("sorted-by-capacity"),
    };
    Some(Span::styled(format!(" · {order}"), look.theme.dim))
}

/// The part of a pane's title that says that the list may be incomplete.
pub(super) fn incomplete(is_cut: bool, look: ViewContext<'_>) -> Option<Span<'_>> {
    is_cut.then(|| Span::styled(format!(" · {}", look.text.say("pane-incomplete")), look.theme.warning))
}

/// Highlights the letters of a name that the filter matched, in a row already drawn; the name begins at `x`.
pub(super) fn show_hits(
    (name, filter): (&str, &Filter),
    x: u16,
    end: u16,
    line: Rect,
    look: ViewContext<'_>,
    buffer: &mut Buffer,
) {
    let hits = filter.hits(name);
    let mut hits = hits.iter().copied().peekable();
    let mut at = x;
    for (place, cluster) in (0..).zip(name.graphemes(true)) {
        if hits.peek().is_none() {
            return;
        }
        let next = at.saturating_add(u16::try_from(width(cluster)).unwrap_or(0));
        if next > end {
            return;
        }
        if hits.next_if_eq(&place).is_some() {
            let cells = Rect { x: at, width: next - at, ..line };
            buffer.set_style(cells, look.theme.accent.add_modifier(Modifier::UNDERLINED));
        }
        at = next;
    }
}

/// A pane's filter, for its title.
pub(super) fn filter<'a>(instance: &'a Instance, pane: Pane, look: ViewContext<'a>) -> Vec<Span<'a>> {
    let Some(filter) = instance.filter(pane) else { return Vec::new() };
    if filter.is_open {
        let mut spans = vec![Span::styled("  /", look.theme.accent)];
        spans.extend(field::spans(&filter.input, look.theme));
        return spans;
    }
    if filter.is_empty() {
        return Vec::new();
    }
    vec![Span::styled("  /", look.theme.accent), Span::styled(filter.input.value(), look.theme.accent)]
}

fn draw_row(
    community: &Community,
    is_selected: bool,
    instance: &Instance,
    look: ViewContext<'_>,
    line: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let (style, marker) = theme.row(is_selected);
    let limit = instance.profile.settings.subgroup_limit;
    let is_complete = community.listing.as_ref().is_none_or(|listing| !listing.is_cut);
    let (size, size_style) = match (community.size(), &community.failure) {
        (Some(size), None) if !is_complete => (format!("! {size}/{limit}"), theme.warning),
        (Some(size), None) if size >= limit => (format!("{size}/{limit}"), theme.warning),
        (Some(size), None) => (format!("{size}/{limit}"), theme.dim),
        (Some(size), Some(_)) => (format!("! {size}/{limit}"), theme.warning),
        (None, Some(_)) => ("! ?".to_owned(), theme.error),
        (None, None) => ("…".to_owned(), theme.dim),
    };
    let name = text.name_or_tail(community.name.as_ref(), &community.id);
    let right = format!("{size} ");
    let end = line.right().saturating_sub(u16::try_from(width(&right)).unwrap_or(0) + 1);
    row(
        line,
        &[Span::styled(format!("{marker} "), style)],
        &[Span::styled(name, style)],
        Some(Span::styled(right, size_style)),
        buffer,
    );
    if let Some(name) = community.name.as_ref().filter(|name| !name.has_right_to_left()) {
        let filter = &instance.communities.rows.filter;
        show_hits(
            (name.shown(), filter),
            line.x + 2,
            cut_end(name.shown(), line.x + 2, end),
            line,
            look,
            buffer,
        );
    }
}

/// The end of the visible letters of a name that begins at `x`. If the name is cut, its last cell holds something else.
pub(super) fn cut_end(name: &str, x: u16, end: u16) -> u16 {
    let is_cut = width(name) > usize::from(end.saturating_sub(x));
    end.saturating_sub(u16::from(is_cut))
}

/// Explains why nothing could be read, and what to do.
fn cannot(instance: &Instance, failure: &Failure, look: ViewContext<'_>) -> String {
    let why = look.text.failure_and_advice(failure);
    // These need a change in the configuration, which is only read at the next start.
    if matches!(
        failure.kind,
        FailureKind::TokenRefused
            | FailureKind::UnknownInstance
            | FailureKind::Banned
            | FailureKind::Tls
            | FailureKind::ProxyAuth
    ) {
        return look.text.with("communities-failed", &[("why", why.into())]);
    }
    let key = |action| look.label(Context::Panes, action).unwrap_or_default();
    let refresh = key(Action::Refresh);
    if failure.kind == FailureKind::NotConnected && instance.profile.capabilities.pairing.gives_codes {
        let instances = key(Action::Instances);
        let args = [("why", why.into()), ("refresh", refresh.into()), ("instances", instances.into())];
        return look.text.with("communities-not-connected", &args);
    }
    look.text.with("communities-failed-again", &[("why", why.into()), ("refresh", refresh.into())])
}

/// Explains why there are no communities, and what to do.
fn nothing(instance: &Instance, look: ViewContext<'_>, inside: Rect, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    let key = |action| look.label(Context::Panes, action).unwrap_or_default();
    let args = [("key", key(Action::FindCommunities).into()), ("refresh", key(Action::Refresh).into())];
    let (sentences, style) = match trouble(instance, look) {
        Some(sentences) => (sentences, theme.error),
        None if instance.loading.is_some() => (text.say("communities-reading").into_owned(), theme.pending),
        None if instance.profile.capabilities.lists_communities => {
            (text.with("communities-none", &args), theme.text)
        }
        None => (text.with("communities-unknown", &args), theme.text),
    };
    saying(inside, &sentences, style, buffer);
}

/// Why the instance cannot be read, and what to do about it.
pub(super) fn trouble(instance: &Instance, look: ViewContext<'_>) -> Option<String> {
    match &instance.link {
        ConnectionStatus::Failed(failure) => Some(cannot(instance, failure, look)),
        ConnectionStatus::Known(connection) if connection.state == ConnectionState::Banned => {
            Some(cannot(instance, &Failure::new(FailureKind::Banned), look))
        }
        ConnectionStatus::Known(connection)
            if matches!(connection.state, ConnectionState::NotConnected(_)) =>
        {
            Some(cannot(instance, &Failure::new(FailureKind::NotConnected), look))
        }
        _ => None,
    }
}
