//! The window with the details of one group or community: the data from the lists, the data read afresh, its invite
//! link on request, and its history in the journal.

use ratatui::buffer::Buffer;

use super::{context::ViewContext, operation::outcome_style, page, page::Page};
use crate::{
    app::{
        Context, State,
        action::{Action, InWindow},
        instance::Instance,
        layout::Layout,
        modal::details::{DetailsWindow, History, Invite},
    },
    domain::{
        community::{GroupDetails, GroupKind, GroupRef, Parent, Role},
        directory::Community,
        history::{HistorySubject, Past},
        id::{CommunityId, GroupId, tail},
        name::{Name, NameRef},
        outcome::Outcome,
    },
    text::{
        Text,
        format::{age, number},
        shown_name,
        words::outcome_glyph,
    },
};

pub(super) fn draw(
    state: &State,
    window: &DetailsWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let Some(instance) = state.instance_of(&window.instance) else { return };
    let title = match &window.subject {
        HistorySubject::Group(group) => group_name(instance, window, group, look.text),
        HistorySubject::Community(id) => {
            let known = instance.directory.community(id).and_then(|known| known.name.as_ref());
            look.text.name_or_tail(known, id)
        }
    };
    page::draw(&title, &page(state, window, look, layout), &window.scroll, look, layout, buffer);
}

/// The lines of the window.
pub(super) fn page(state: &State, window: &DetailsWindow, look: ViewContext<'_>, layout: &Layout) -> Page {
    let mut page = Page::new(layout);
    let Some(instance) = state.instance_of(&window.instance) else { return page };
    page.fact(&look.text.say("fact-id"), window.subject.id(), look.theme.text, look);
    match &window.subject {
        HistorySubject::Group(group) => of_group(&mut page, state, instance, window, group, look),
        HistorySubject::Community(id) => {
            if let Some(community) = instance.directory.community(id) {
                of_community(&mut page, state, instance, window, community, look);
            }
        }
    }
    read(&mut page, window, look);
    page.blank();
    past(&mut page, state, window, look);
    page
}

fn details(window: &DetailsWindow) -> Option<&GroupDetails> {
    window.details.as_ref()?.as_ref().ok()
}

fn group_name(instance: &Instance, window: &DetailsWindow, group: &GroupId, text: &Text) -> String {
    let name = details(window).map(|details| details.name.by_ref()).or_else(|| instance.name_of(group));
    text.name_or_tail(name, group)
}

/// A name, and its original form if it had to be cleaned.
fn name(page: &mut Page, name: NameRef<'_>, tail: &str, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    page.fact(&text.say("fact-name"), &shown_name(text, name, tail), theme.text, look);
    if name.was_cleaned() {
        page.fact(&text.say("fact-as-given"), &text.exact(name), theme.warning, look);
    }
}

fn of_group(
    page: &mut Page,
    state: &State,
    instance: &Instance,
    window: &DetailsWindow,
    group: &GroupId,
    look: ViewContext<'_>,
) {
    let ViewContext { theme, text, .. } = look;
    let (directory, details) = (&instance.directory, details(window));
    if let Some(known) = details.map(|details| details.name.by_ref()).or_else(|| instance.name_of(group)) {
        name(page, known, group.tail(4), look);
    }
    let unknown = || text.say("fact-unknown").into_owned();
    let members = details.and_then(|details| details.members).or_else(|| instance.members_of(group));
    let mut members = members.map_or_else(unknown, |members| number(text, members.into()));
    if let Some(admins) = details.and_then(|details| details.admins) {
        members = text.with("fact-members-admins", &[("members", members.into()), ("admins", admins.into())]);
    }
    page.fact(&text.say("fact-members"), &members, theme.text, look);
    let role = details.map(|details| details.role).filter(|role| *role != Role::Unknown);
    let role = match details {
        Some(details) if details.own_number_listed == Some(false) => text.say("role-none"),
        _ => text.role(role.unwrap_or_else(|| directory.role_in(group))),
    };
    page.fact(&text.say("fact-role"), &role, theme.text, look);
    numbers(page, state, group, look);
    page.fact(&text.say("fact-community"), &parent(instance, details, group, look), theme.text, look);
    page.fact(&text.say("fact-kind"), &kind(instance, details, group, text), theme.text, look);
    page.fact(&text.say("fact-known-from"), &group_source(state, instance, group, text), theme.text, look);
    if let Some(description) = details.and_then(|details| details.description.as_ref())
        && !description.shown().is_empty()
    {
        let words = crate::text::width::cut(description.shown(), 600);
        page.fact(&text.say("fact-description"), &words, theme.text, look);
    }
    let kept = match &instance.links {
        links if links.open.contains(group) => "fact-link-kept",
        links if links.closed.contains(group) => "fact-link-closed",
        _ => "fact-link-not-kept",
    };
    page.fact(&text.say("fact-way-back"), &text.say(kept), theme.text, look);
    invite(page, window, look);
}

fn parent(
    instance: &Instance,
    details: Option<&GroupDetails>,
    group: &GroupId,
    look: ViewContext<'_>,
) -> String {
    let text = look.text;
    let named = |id: &CommunityId| {
        let known = instance.directory.community(id).and_then(|known| known.name.as_ref());
        format!("{} · {id}", text.name_or_tail(known, id))
    };
    let listed = instance.directory.group(group).map(GroupRef::parent);
    match details.map(|details| &details.parent) {
        Some(Parent::Community(id)) => named(id),
        Some(Parent::None) => text.say("fact-in-no-community").into_owned(),
        Some(Parent::Unknown) | None => match (instance.directory.parent_of(group), listed) {
            (Some(id), _) => named(id),
            (None, Some(Parent::None)) => text.say("fact-in-no-community").into_owned(),
            (None, _) => text.say("reason-in-no-community").into_owned(),
        },
    }
}

fn kind(instance: &Instance, details: Option<&GroupDetails>, group: &GroupId, text: &Text) -> String {
    let directory = &instance.directory;
    let said = details.map_or(GroupKind::Unknown, |details| details.kind);
    let kind = if said != GroupKind::Unknown {
        said
    } else if directory.is_announcements(group) {
        GroupKind::Announcements
    } else if directory.as_community(group).is_some() {
        GroupKind::Community
    } else if directory.is_known_ordinary(group) {
        GroupKind::Ordinary
    } else {
        GroupKind::Unknown
    };
    text.kind(kind).into_owned()
}

/// The source of a group's data, and its age.
fn group_source(state: &State, instance: &Instance, group: &GroupId, text: &Text) -> String {
    let directory = &instance.directory;
    let ago = |begun| age(text, state.now.since(begun));
    let list = directory.groups().filter(|_| directory.group(group).is_some());
    let listing = directory.communities().iter().find_map(|community| {
        let listing = community.listing.as_ref()?;
        directory.shows(listing, group).then_some((community, listing))
    });
    let mut sources = Vec::new();
    if let Some(list) = list {
        sources.push(text.with("known-from-groups", &[("age", ago(list.begun).into())]));
    }
    if let Some((community, listing)) = listing {
        let community = text.name_or_tail(community.name.as_ref(), &community.id);
        let args = [("community", community.into()), ("age", ago(listing.begun).into())];
        sources.push(text.with("known-from-community", &args));
    }
    if sources.is_empty() { text.say("known-from-journal").into_owned() } else { sources.join("; ") }
}

fn of_community(
    page: &mut Page,
    state: &State,
    instance: &Instance,
    window: &DetailsWindow,
    community: &Community,
    look: ViewContext<'_>,
) {
    let ViewContext { theme, text, .. } = look;
    if let Some(known) = &community.name {
        name(page, known.by_ref(), community.id.tail(4), look);
    }
    let limit = instance.profile.settings.subgroup_limit;
    let directory = &instance.directory;
    let capacity = directory.size_of(community).map(|size| {
        let at_least = !instance.profile.capabilities.lists_every_subgroup;
        let key = if at_least { "fact-capacity-at-least" } else { "fact-capacity" };
        text.with(key, &[("size", size.into()), ("limit", limit.into())])
    });
    let unknown = text.say("fact-unknown");
    page.fact(&text.say("fact-groups"), capacity.as_deref().unwrap_or(&unknown), theme.text, look);
    let listing = community.listing.as_ref();
    let announcements = directory.announcements_of(community);
    if let Some(announcements) = announcements.and_then(|slot| directory.entry(slot)) {
        let mut words = shown_name(text, announcements.name(), tail(announcements.id(), 4)).into_owned();
        words = format!("{words} · {}", announcements.id());
        if let Some(members) = announcements.listed().and_then(GroupRef::members) {
            words = format!("{words} · {}", text.with("fact-of-members", &[("count", members.into())]));
        }
        page.fact(&text.say("announcements-group"), &words, theme.text, look);
    }
    if instance.profile.capabilities.community_may_pass_for_group {
        let role = details(window).map_or(Role::Unknown, |details| details.role);
        page.fact(&text.say("fact-role"), &text.role(role), theme.text, look);
    }
    page.fact(&text.say("fact-known-from"), &text.known_from(community.known_from), theme.text, look);
    let age = listing.map(|listing| age(text, state.now.since(listing.begun)));
    let read = age.map_or_else(
        || text.say("fact-listing-never").into_owned(),
        |age| text.with("fact-listing-read", &[("age", age.into())]),
    );
    page.fact(&text.say("fact-listing"), &read, theme.text, look);
    if listing.is_some_and(|listing| listing.is_cut) {
        page.fact("", &text.say("fact-listing-incomplete"), theme.warning, look);
    }
    if let Some(failure) = &community.failure {
        let why = text.failure_and_advice(failure);
        page.fact("", &text.with("subgroups-failed", &[("why", why.into())]), theme.error, look);
    }
}

fn invite(page: &mut Page, window: &DetailsWindow, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    let key = |action| look.label(Context::Details, action).unwrap_or_default();
    let ask = key(Action::InWindow(InWindow::InviteLink));
    let label = text.say("fact-invite");
    match &window.invite {
        Invite::Hidden => {
            page.fact(&label, &text.with("invite-hidden", &[("key", ask.into())]), theme.dim, look);
        }
        Invite::Reading(_) => page.fact(&label, &text.say("invite-reading"), theme.pending, look),
        Invite::None => page.fact(&label, &text.say("invite-none"), theme.text, look),
        Invite::Failed(failure) => {
            let why = text.failure_and_advice(failure);
            page.fact(&label, &text.with("invite-failed", &[("why", why.into())]), theme.error, look);
        }
        Invite::Shown(link) => {
            // It comes from the gateway, like any name.
            page.fact(&label, Name::new(link.expose()).shown(), theme.accent, look);
            let args = [("copy", key(Action::Copy).into()), ("key", ask.into())];
            page.fact("", &text.with("invite-shown", &args), theme.warning, look);
        }
    }
}

/// The progress of the fresh read, or why it failed.
fn read(page: &mut Page, window: &DetailsWindow, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    let label = text.say("fact-details");
    if let Some(reading) = window.reading {
        let args = [("done", reading.done.into()), ("total", reading.total.into())];
        page.fact(&label, &text.with("details-reading", &args), theme.pending, look);
        return;
    }
    let key = look.label(Context::Details, Action::Refresh).unwrap_or_default();
    match &window.details {
        Some(Err(failure)) => {
            let args = [("why", text.failure_and_advice(failure).into()), ("key", key.into())];
            page.fact(&label, &text.with("details-failed", &args), theme.error, look);
        }
        _ => page.fact(&label, &text.with("details-read", &[("key", key.into())]), theme.dim, look),
    }
}

/// The history from the journal.
fn past(page: &mut Page, state: &State, window: &DetailsWindow, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    page.prose(&text.say("history-title"), theme.title);
    match &window.history {
        History::Failed(why) => {
            page.prose(&text.with("history-failed", &[("why", text.tell(why).into())]), theme.error);
        }
        History::Reading(_) if window.past.is_empty() => {
            page.prose(&text.say("history-reading"), theme.pending);
        }
        _ if window.past.is_empty() => page.prose(&text.say("history-none"), theme.dim),
        _ => {}
    }
    for past in &window.past {
        of_operation(page, state, past, look);
    }
}

fn of_operation(page: &mut Page, state: &State, past: &Past, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    let task = text.task(past.verb, past.count, past.target.as_ref(), past.leaves_community);
    let when = age(text, state.now.since(past.at));
    let title = format!("#{} {task}, {when}", past.operation);
    let Some(item) = &past.item else {
        page.hanging("  ", theme.text, &title, theme.text, 2);
        let counted = Outcome::ALL.into_iter().filter(|outcome| past.totals.of(*outcome) > 0);
        let counts: Vec<String> = counted
            .map(|outcome| {
                let count = number(text, past.totals.of(outcome) as u64);
                format!("{} {count} {}", outcome_glyph(outcome), text.outcome(outcome))
            })
            .collect();
        if !counts.is_empty() {
            page.hanging("    ", theme.dim, &counts.join("  "), theme.dim, 4);
        }
        return;
    };
    let style = item.outcome.map_or(theme.pending, |outcome| outcome_style(outcome, theme));
    let state = crate::text::width::pad(&text.item_state(item), 13);
    let start = format!("{} {state} ", Text::item_glyph(item));
    page.hanging(&start, style, &title, theme.text, crate::text::width::width(&start));
    let remark = text.item_remark(item);
    if !remark.is_empty() {
        page.hanging("    ", theme.dim, &remark, theme.dim, 4);
    }
}

/// In the view over all instances: the ones in a group, with their roles.
pub(super) fn numbers(page: &mut Page, state: &State, group: &GroupId, look: ViewContext<'_>) {
    let ViewContext { theme, text, .. } = look;
    let Some(wide) = state.wide() else { return };
    let holders = wide.holders(group.as_str()).iter().filter_map(|at| state.instances.get(*at));
    let described = |instance: &Instance| {
        let role = instance.own_group(group).map_or(Role::Unknown, |own| instance.directory.role_in(&own));
        match role {
            Role::Unknown => instance.profile.label.clone(),
            role => format!("{} ({})", instance.profile.label, text.role(role)),
        }
    };
    let words: Vec<String> = holders.map(described).collect();
    page.fact(&text.say("fact-numbers"), &words.join(", "), theme.text, look);
}
