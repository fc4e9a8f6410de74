//! The left pane: the communities and how full they are.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{
    context::ViewContext,
    pane::{PaneView, count, cut_end, role_sign, role_style, show_hits},
};
use crate::{
    app::{
        Context,
        action::Action,
        instance::{ConnectionStatus, Instance},
        layout::{BESIDE_NAME, GAUGE, WHOLE_NAME},
    },
    domain::{
        directory::Community,
        failure::{Failure, FailureKind},
        instance::ConnectionState,
    },
    text::width::{pad, pad_left, width},
    tui::widget::pane::{line_of, row_with, saying},
};

pub(super) fn draw(view: PaneView<'_>, area: Rect, buffer: &mut Buffer) {
    let PaneView { instance, look, .. } = view;
    let shown = instance.communities.rows.rows().len();
    let all = instance.directory.communities().len();
    let mut title = vec![view.name(look.text.say("pane-communities"))];
    title.extend(count(shown, all, look));
    title.extend(view.order());
    title.extend(view.filter());
    let inside = view.heading(area, title, None, buffer);
    if all == 0 {
        nothing(instance, look, inside, buffer);
        return;
    }
    if let Some(problem) = view.problem() {
        saying(inside, &problem, look.theme.warning, buffer);
        return;
    }
    let gauge = gauge_cells(inside.width, longest_name(instance, look));
    for (at, id) in instance.communities.rows.visible() {
        let Some(community) = instance.directory.community(id) else { continue };
        let line = line_of(inside, at - instance.communities.rows.offset());
        let is_selected = at == instance.communities.rows.cursor();
        draw_row(community, (is_selected, gauge), view, line, buffer);
    }
}

/// The width of the column with the numbers of groups, for `50/50`.
const SIZES: usize = 5;

fn draw_row(
    community: &Community,
    (is_selected, cells): (bool, usize),
    view: PaneView<'_>,
    line: Rect,
    buffer: &mut Buffer,
) {
    let PaneView { instance, look, .. } = view;
    let ViewContext { theme, text, .. } = look;
    let limit = instance.profile.settings.subgroup_limit;
    let directory = &instance.directory;
    let is_complete = directory.shown_in(community).is_none_or(|listing| !listing.is_cut);
    let known = directory.size_of(community);
    let (size, style) = match (known, &community.failure) {
        (Some(size), None) if !is_complete => (format!("! {size}/{limit}"), theme.warning),
        (Some(size), None) if size >= limit => (format!("{size}/{limit}"), theme.warning),
        (Some(size), None) => (format!("{size}/{limit}"), theme.dim),
        (Some(size), Some(_)) => (format!("! {size}/{limit}"), theme.warning),
        (None, Some(_)) => ("! ?".to_owned(), theme.error),
        (None, None) => ("…".to_owned(), theme.dim),
    };
    let role = directory.role_in_community(community);
    let mut right = Vec::new();
    if let Some(size) = known {
        let full = if size >= limit { theme.warning } else { theme.ok };
        right.push(Span::styled(gauge(size, limit, cells), full));
    }
    right.push(Span::styled(format!(" {} ", pad_left(&size, SIZES.max(width(&size)))), style));
    right.push(Span::styled(format!("{} ", role_sign(role)), role_style(role, theme)));
    let name = text.name_or_tail(community.name.as_ref(), &community.id);
    let beside: usize = right.iter().map(Span::width).sum();
    let end = line.right().saturating_sub(u16::try_from(beside).unwrap_or(0) + 1);
    let left = [view.marker(is_selected), Span::raw(" ")];
    row_with(line, &left, &[Span::styled(name, theme.text)], &right, buffer);
    view.cursor(is_selected, line, buffer);
    if let Some(name) = community.name.as_ref().filter(|name| !name.has_right_to_left()) {
        let filter = &instance.communities.rows.filter;
        let cut = cut_end(name.shown(), line.x + 2, end);
        show_hits((name.shown(), filter), line.x + 2, cut, line, look, buffer);
    }
}

/// With more communities than this, their names are not measured.
const MEASURED: usize = 200;

/// The width of the longest name of a community, as far as the gauge has to leave room for it.
fn longest_name(instance: &Instance, look: ViewContext<'_>) -> u16 {
    let communities = instance.directory.communities();
    if communities.len() > MEASURED {
        return WHOLE_NAME;
    }
    let widths = communities.iter().map(|one| width(&look.text.name_or_tail(one.name.as_ref(), &one.id)));
    u16::try_from(widths.max().unwrap_or(0)).unwrap_or(WHOLE_NAME).min(WHOLE_NAME)
}

/// The room for the gauge that shows how full a community is, in a pane of this width beside names of this width.
fn gauge_cells(pane: u16, names: u16) -> usize {
    pane.saturating_sub(BESIDE_NAME + names).min(GAUGE.1).into()
}

/// How full a community is, in half cells: any group shows, and only a full community fills it. With too little room, nothing.
fn gauge(size: usize, limit: usize, room: usize) -> String {
    let cells = if room < usize::from(GAUGE.0) { 0 } else { room };
    let most = 2 * cells;
    let halves =
        if size >= limit { most } else { (size * most).div_ceil(limit.max(1)).min(most.saturating_sub(1)) };
    let bar = format!("{}{}", "█".repeat(halves / 2), if halves % 2 == 1 { "▌" } else { "" });
    pad(&bar, room)
}

/// Explains why nothing could be read, and what to do.
fn cannot(instance: &Instance, failure: &Failure, look: ViewContext<'_>) -> String {
    let why = look.text.failure_and_advice(failure);
    if look.text.is_corrected_here(failure) {
        return why;
    }
    // Reading again would fail in the same way.
    if matches!(
        failure.kind,
        FailureKind::TokenRefused
            | FailureKind::UnknownInstance
            | FailureKind::NoInstance
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
