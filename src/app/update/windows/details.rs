//! The window with a row's details: the reads for it, their results, and its keys.

use super::{Handle, Reply};
use crate::{
    app::{
        action::{Action, InWindow},
        effect::{Effect, Terminal, Ticket, Work},
        instance::Instance,
        layout::Pane,
        modal::{
            Modal,
            details::{DetailsWindow, History, Invite, Reading},
        },
        notice::Notice,
        scroll::Scroll,
        state::State,
        wide::Wide,
    },
    domain::{
        community::CommunityRef,
        directory::KnownFrom,
        failure::Failure,
        history::{HistorySubject, Past},
        instance::InstanceKey,
        invite::InviteLink,
        message::Message,
        reading::{Readings, Scope},
    },
};

/// Opens the details of the row under the cursor in the focused pane.
pub(crate) fn open_row(state: &mut State) -> Vec<Effect> {
    let focus = state.focus;
    let Some(shown) = state.shown() else { return Vec::new() };
    let subject = match focus {
        Pane::Communities => shown.communities.rows.selected().cloned().map(HistorySubject::Community),
        Pane::Subgroups | Pane::Groups => {
            shown.selected_group(focus).map(|group| HistorySubject::Group(group.to_id()))
        }
        Pane::Operation => None,
    };
    let found = subject.and_then(|subject| match state.wide() {
        None => Some((shown.key().clone(), subject)),
        Some(wide) => one_that_knows(wide, &state.instances, &subject),
    });
    found.map_or_else(Vec::new, |(key, subject)| open(state, key, subject))
}

/// The instance that would act on a group or community of the view over all instances, and the subject in that one's own ids.
fn one_that_knows(
    wide: &Wide,
    instances: &[Instance],
    subject: &HistorySubject,
) -> Option<(InstanceKey, HistorySubject)> {
    let (instance, subject) = match subject {
        HistorySubject::Community(community) => {
            let at = *wide.in_community(community).first()?;
            (&instances[at], HistorySubject::Community(wide.own_community(at, community)?.clone()))
        }
        HistorySubject::Group(group) => {
            let instance = &instances[wide.acting(instances, group, &[], |_| true)?];
            (instance, HistorySubject::Group(instance.own_group(group)?))
        }
    };
    Some((instance.key().clone(), subject))
}

/// Opens the details of a group or community of an instance.
pub(crate) fn open(state: &mut State, instance: InstanceKey, subject: HistorySubject) -> Vec<Effect> {
    let ticket = state.ticket();
    let mut window = Box::new(DetailsWindow {
        instance: instance.clone(),
        subject: subject.clone(),
        reading: None,
        details: None,
        history: History::Reading(ticket),
        past: Vec::new(),
        invite: Invite::Hidden,
        scroll: Scroll::default(),
    });
    let mut effects = read(state, &mut window);
    effects.push(Effect::Work(Work::ReadHistory { ticket, instance, subject }));
    state.modals.push(Modal::Details(window));
    effects
}

/// Reads the gateway's data afresh.
fn read(state: &mut State, window: &mut DetailsWindow) -> Vec<Effect> {
    let ticket = state.ticket();
    let Some(instance) = state.instance_of(&window.instance) else { return Vec::new() };
    let scopes = scopes(instance, &window.subject);
    window.reading = Some(Reading { ticket, done: 0, total: scopes.len() });
    vec![Effect::Work(Work::Read { ticket, instance: window.instance.clone(), scopes, needs: None })]
}

fn scopes(instance: &Instance, subject: &HistorySubject) -> Vec<Scope> {
    match subject {
        HistorySubject::Group(group) => vec![Scope::Details(group.clone())],
        HistorySubject::Community(community) => {
            let mut scopes = vec![Scope::Community(community.clone())];
            // A group's details can describe a community only if the gateway treats communities as groups.
            if instance.profile.capabilities.community_may_pass_for_group {
                scopes.push(Scope::Details(community.as_group()));
            }
            scopes
        }
    }
}

impl Handle for DetailsWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel | Action::Quit => return Reply::Close(Effect::cancel(self.tickets())),
            Action::Go(motion) => self.scroll.go(motion),
            Action::Refresh if self.reading.is_none() => return Reply::Stay(read(state, self)),
            Action::InWindow(InWindow::InviteLink) => return Reply::Stay(ask_for_link(state, self)),
            Action::Copy => return Reply::Stay(copy(state, self)),
            _ => {}
        }
        Reply::STAY
    }
}

/// Requests the invite link, or hides it again.
fn ask_for_link(state: &mut State, window: &mut DetailsWindow) -> Vec<Effect> {
    let HistorySubject::Group(group) = &window.subject else {
        state.notice = Some(Notice::OnlyGroupsHaveLinks);
        return Vec::new();
    };
    match &window.invite {
        Invite::Shown(_) => {
            window.invite = Invite::Hidden;
            Vec::new()
        }
        Invite::Reading(_) => Vec::new(),
        Invite::Hidden | Invite::None | Invite::Failed(_) => {
            let ticket = state.ticket();
            window.invite = Invite::Reading(ticket);
            let (instance, group) = (window.instance.clone(), group.clone());
            vec![Effect::Work(Work::ReadInvite { ticket, instance, group })]
        }
    }
}

/// Copies the link while it is shown, otherwise the id.
fn copy(state: &mut State, window: &DetailsWindow) -> Vec<Effect> {
    if let Invite::Shown(link) = &window.invite {
        state.notice = Some(Notice::CopiedLink);
        return vec![Effect::Terminal(Terminal::CopySecret(link.clone()))];
    }
    let id = window.subject.id().to_owned();
    state.notice = Some(Notice::Copied(id.clone()));
    vec![Effect::Terminal(Terminal::Copy(id))]
}

/// The first open window that satisfies a predicate.
fn find(state: &mut State, is_meant: impl Fn(&DetailsWindow) -> bool) -> Option<&mut DetailsWindow> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::Details(window) if is_meant(window) => Some(&mut **window),
        _ => None,
    })
}

fn waits(window: &DetailsWindow, ticket: Ticket) -> bool {
    window.reading.is_some_and(|reading| reading.ticket == ticket)
}

/// Handles the readings for a window. Returns whether a window was waiting for them.
pub(crate) fn on_read(state: &mut State, ticket: Ticket, readings: &mut Readings) -> bool {
    let Some(window) = find(state, |window| waits(window, ticket)) else { return false };
    window.reading = None;
    let key = window.instance.clone();
    let mut name = None;
    match &window.subject {
        HistorySubject::Group(group) => window.details = readings.details.get(group).cloned(),
        HistorySubject::Community(community) => {
            window.details = readings.details.get(&community.as_group()).cloned();
            if let Some(Ok(details)) = &window.details {
                name = Some(CommunityRef { id: community.clone(), name: Some(details.name.clone()) });
            }
        }
    }
    if let Some(instance) = state.instance_of_mut(&key) {
        if let Some(named) = name
            && instance.directory.community(&named.id).is_some()
        {
            instance.learn(|directory| directory.learn(named, KnownFrom::Probe));
        }
        instance.take_readings(readings);
    }
    true
}

/// Handles the journal's entries.
pub(crate) fn on_history(state: &mut State, ticket: Ticket, past: Result<Vec<Past>, Message>) {
    if let Some(window) = find(state, |window| window.history == History::Reading(ticket)) {
        window.history = past.map_or_else(History::Failed, History::Read);
    }
}

/// Handles an invite link. If the window that requested it is closed, the link is dropped.
pub(crate) fn on_invite(state: &mut State, ticket: Ticket, link: Result<Option<InviteLink>, Failure>) {
    if let Some(window) = find(state, |window| window.invite == Invite::Reading(ticket)) {
        window.invite = match link {
            Ok(Some(link)) => Invite::Shown(link),
            Ok(None) => Invite::None,
            Err(failure) => Invite::Failed(failure),
        };
    }
}
