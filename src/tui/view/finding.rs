//! The window with the communities: the progress and cost of the search, the known communities and their sources, and
//! at the bottom the result of adding or forgetting one.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::context::ViewContext;
use crate::{
    app::{
        Context, State,
        action::{Action, Running},
        instance::Instance,
        layout::{FINDING_SIZE, Layout, finding_list},
        modal::finding::{FindingWindow, Return, Told},
        search::{Search, SearchBaseline, time_for},
    },
    domain::{
        community::CommunityRef,
        directory::{Community, KnownFrom},
        failure::{Failure, FailureKind},
    },
    text::format::duration,
    tui::widget::{
        field,
        pane::{line_of, prose, row, wrapped},
        window::open,
    },
};

/// The width of the bar that shows how many groups were asked about.
const BAR: usize = 24;

pub(super) fn draw(
    state: &State,
    window: &FindingWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let Some(instance) = state.instance_of(&window.instance) else { return };
    let title = text.with("finding-title", &[("instance", (&instance.profile.label).into())]);
    let inside = open(layout, FINDING_SIZE, &title, theme, buffer);
    let (above, rows) = finding_list(inside.height);
    let top = Rect { height: above.saturating_sub(u16::from(above > 3)), ..inside };
    let mut y = top.y;
    for (words, style) in searching(state, instance, window.candidates, look) {
        let height = wrapped(&words, top.width).min(top.bottom().saturating_sub(y));
        prose(Rect { y, height, ..top }, &words, style, buffer);
        y += height;
    }
    let list = Rect { y: inside.y + above, height: rows.min(inside.height.saturating_sub(above)), ..inside };
    if window.communities.rows().is_empty() {
        prose(list, &text.say("finding-none"), theme.dim, buffer);
    }
    for (at, id) in window.communities.visible() {
        if let Some(community) = instance.directory.community(id) {
            let line = line_of(list, at - window.communities.offset());
            draw_row(instance, community, at == window.communities.cursor(), look, line, buffer);
        }
    }
    let below = (above + rows + u16::from(above > 3)).min(inside.height);
    let bottom = Rect { y: inside.y + below, height: inside.height - below, ..inside };
    draw_bottom(instance, window, look, bottom, buffer);
}

/// The sentences about the search.
fn searching(
    state: &State,
    instance: &Instance,
    candidates: Option<usize>,
    look: ViewContext<'_>,
) -> Vec<(String, Style)> {
    let ViewContext { theme, text, .. } = look;
    let key = |action| look.label(Context::Finding, action).unwrap_or_default();
    if let Some(search) = &instance.discovery.search {
        return under_way(state, instance, search, look);
    }
    let mut lines = Vec::new();
    if let Some(end) = &instance.discovery.end {
        let (asked, found) = (("asked", end.asked.into()), ("found", end.found.into()));
        lines.push(match &end.failure {
            None => (text.with("finding-ended", &[asked, found]), theme.accent),
            Some(failure) => {
                let why = text.failure_and_advice(failure);
                (text.with("finding-ended-early", &[asked, ("why", why.into())]), theme.error)
            }
        });
    }
    if !instance.profile.capabilities.community_may_pass_for_group {
        let words = text.with("finding-lists", &[("key", key(Action::Refresh).into())]);
        lines.push((words, theme.text));
        return lines;
    }
    lines.push(match candidates {
        None => (text.say("finding-unread").into_owned(), theme.dim),
        Some(0) => (text.say("finding-known").into_owned(), theme.text),
        Some(count) => {
            let control = instance.directory.communities().iter().any(|known| known.listing.is_some());
            let requests = count + usize::from(control);
            let span = duration(text, time_for(requests, instance.budget, state.now));
            let args = [
                ("count", count.into()),
                ("requests", requests.into()),
                ("span", span.into()),
                ("key", key(Action::Run(Running::Pause)).into()),
            ];
            (text.with("finding-offer", &args), theme.text)
        }
    });
    lines.extend(budget(state, instance, look));
    lines
}

fn under_way(
    state: &State,
    instance: &Instance,
    search: &Search,
    look: ViewContext<'_>,
) -> Vec<(String, Style)> {
    let ViewContext { theme, text, .. } = look;
    let requests = search.left.len();
    let span = duration(text, time_for(requests, instance.budget, state.now));
    let pause = look.label(Context::Finding, Action::Run(Running::Pause)).unwrap_or_default();
    let args = [
        ("asked", search.asked.into()),
        ("total", search.total().into()),
        ("found", search.found.into()),
        ("span", span.into()),
        ("requests", requests.into()),
        ("key", pause.into()),
    ];
    let mut lines = Vec::new();
    if search.is_running() {
        let filled = (search.asked * BAR / search.total().max(1)).min(BAR);
        let bar = format!("{}{}", "▓".repeat(filled), "░".repeat(BAR - filled));
        lines.push((format!("{bar}  {}", text.with("finding-running", &args)), theme.pending));
        lines.push((asked_now(instance, search, look), theme.text));
    } else {
        lines.push((text.with("finding-paused", &args), theme.warning));
    }
    let mut last: Vec<String> = budget(state, instance, look).map(|(words, _)| words).into_iter().collect();
    if search.failed > 0 {
        last.push(text.with("finding-failed", &[("count", search.failed.into())]));
    }
    lines.push((last.join("   "), theme.dim));
    lines
}

fn asked_now(instance: &Instance, search: &Search, look: ViewContext<'_>) -> String {
    let text = look.text;
    if let SearchBaseline::Asked(group) = &instance.discovery.control {
        let known = instance.directory.as_community(group);
        let name = known.map(|known| text.name_or_tail(known.name.as_ref(), &known.id)).unwrap_or_default();
        return text.with("finding-control", &[("community", name.into())]);
    }
    let Some(group) = search.left.first() else { return String::new() };
    let name = text.name_or_tail(instance.name_of(group), group);
    text.with("finding-now", &[("group", name.into())])
}

fn budget(state: &State, instance: &Instance, look: ViewContext<'_>) -> Option<(String, Style)> {
    let ViewContext { theme, text, .. } = look;
    let budget = instance.budget?;
    let left = ("left", budget.remaining_at(state.now).into());
    let limit = ("limit", budget.limit.into());
    let is_running = instance.discovery.is_running();
    let words = if is_running && budget.resets_at > state.now {
        let span = duration(text, budget.resets_at.since(state.now));
        text.with("header-budget-resets", &[left, limit, ("span", span.into())])
    } else {
        text.with("header-budget", &[left, limit])
    };
    Some((words, theme.dim))
}

fn draw_row(
    instance: &Instance,
    community: &Community,
    is_selected: bool,
    look: ViewContext<'_>,
    line: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let (base, marker) = theme.row(is_selected);
    let is_configured = instance.profile.configured.iter().any(|named| named.id.same_as(&community.id));
    let from = text.say(match community.known_from {
        KnownFrom::Configuration if is_configured => "finding-from-configuration",
        KnownFrom::Configuration => "finding-from-screen",
        KnownFrom::Memory => "finding-from-memory",
        KnownFrom::Listing => "finding-from-listing",
        KnownFrom::Probe => "finding-from-probe",
    });
    let size = match (instance.directory.size_of(community), &community.failure) {
        (_, Some(failure)) => format!("! {}", text.failure(failure)),
        (Some(size), None) => text.with("finding-size", &[("count", size.into())]),
        (None, None) => text.say("finding-reading").into_owned(),
    };
    let name = text.name_or_tail(community.name.as_ref(), &community.id);
    let right = crate::text::width::cut(&size, usize::from(line.width) / 2).into_owned();
    let right = format!("{}  {}", right, crate::text::width::pad(&from, 13));
    let style = if community.failure.is_some() { theme.warning } else { theme.dim };
    row(
        line,
        &[Span::styled(format!("{marker} "), base)],
        &[Span::styled(name, base)],
        Some(Span::styled(right, style)),
        buffer,
    );
    if is_selected {
        theme.bar(line, buffer);
    }
}

fn draw_bottom(
    instance: &Instance,
    window: &FindingWindow,
    look: ViewContext<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let mut area = area;
    if let Some(adding) = &window.adding {
        let takes_links = instance.profile.capabilities.community_may_pass_for_group;
        let label = text.say(if takes_links { "finding-add" } else { "finding-add-id" });
        let mut spans = vec![Span::styled(format!("{label} "), theme.text)];
        if adding.ticket.is_some() {
            spans.push(Span::styled(text.say("finding-checking"), theme.pending));
        } else {
            spans.extend(field::spans(&adding.input, theme));
        }
        row(line_of(area, 0), &[], &spans, None, buffer);
        let taken = 1.min(area.height);
        area = Rect { y: area.y + taken, height: area.height - taken, ..area };
    }
    if let Some(told) = &window.result {
        let (words, style) = told_words(instance, told, look);
        prose(area, &words, style, buffer);
    }
}

fn told_words(instance: &Instance, told: &Told, look: ViewContext<'_>) -> (String, Style) {
    let ViewContext { theme, text, .. } = look;
    let say = |key, community: &CommunityRef| {
        let name = text.name_or_tail(community.name.as_ref(), &community.id);
        text.with(key, &[("community", name.into())])
    };
    match told {
        Told::Added(community) => (say("finding-added", community), theme.ok),
        Told::WasKnown(community) => (say("finding-was-known", community), theme.accent),
        Told::Forgotten(community, Return::Never) => (say("finding-forgotten", community), theme.accent),
        Told::Forgotten(community, Return::Configured) => {
            (say("finding-forgotten-configured", community), theme.warning)
        }
        Told::Forgotten(community, Return::Listed) => {
            (say("finding-forgotten-listed", community), theme.warning)
        }
        Told::NotAdded(failure) if is_no(failure) => {
            let takes_links = instance.profile.capabilities.community_may_pass_for_group;
            let copy = look.label(Context::Panes, Action::Copy).unwrap_or_default();
            let key = if takes_links { "finding-not-added" } else { "finding-not-added-id" };
            (text.with(key, &[("why", text.failure(failure).into()), ("copy", copy.into())]), theme.warning)
        }
        Told::NotAdded(failure) => {
            let why = text.failure_and_advice(failure);
            (text.with("finding-not-read", &[("why", why.into())]), theme.error)
        }
    }
}

/// Whether the gateway was asked and knows no such community.
fn is_no(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::NotFound
            | FailureKind::NotMember
            | FailureKind::NoListing
            | FailureKind::Refused
            | FailureKind::WrongRequest
    )
}
