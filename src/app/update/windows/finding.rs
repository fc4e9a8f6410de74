//! The search for communities, and the window with the known ones.

use std::sync::Arc;

use super::{Handle, Reply, details};
use crate::{
    app::{
        action::{Action, Running},
        effect::{Effect, Ticket, Work},
        instance::{Address, Instance},
        layout::Pane,
        list::List,
        modal::{
            Modal,
            finding::{Adding, FindingWindow, Return, Told},
            window::{Scene, Window},
        },
        notice::Notice,
        search::{Search, SearchBaseline},
        state::State,
        update::loading::load_at,
    },
    domain::{
        base_url::BaseUrl,
        community::{CommunityListing, CommunityRef, GroupKind, Groups},
        directory::KnownFrom,
        failure::{Failure, FailureKind},
        history::HistorySubject,
        id::{CommunityId, GroupId},
        instance::InstanceKey,
        private::Private,
        reading::Probe,
    },
};

/// Opens the window with the communities of the current instance.
pub(crate) fn open(state: &mut State) -> Vec<Effect> {
    let Some(instance) = state.instance() else { return Vec::new() };
    let mut window = FindingWindow::new(instance.key().clone());
    window.settle(state.scene(&state.layout()));
    if let Some(chosen) = instance.communities.rows.selected() {
        window.communities.select(chosen);
    }
    state.modals.push(Modal::Finding(window));
    Vec::new()
}

impl Handle for FindingWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        if self.adding.is_some() {
            return Reply::Stay(on_adding(state, self, action));
        }
        let Some(at) = state.instances.iter().position(|instance| *instance.key() == self.instance) else {
            return Reply::CLOSE;
        };
        match action {
            Action::Cancel | Action::Quit => return Reply::CLOSE,
            Action::Accept => {
                choose(state, at, self);
                return Reply::CLOSE;
            }
            Action::FindCommunities | Action::Run(Running::Pause) => return Reply::Stay(go_on(state, at)),
            Action::Run(Running::Stop) => return Reply::Stay(stop(&mut state.instances[at])),
            Action::Details => {
                if let Some(community) = self.communities.selected().cloned() {
                    let subject = HistorySubject::Community(community);
                    return Reply::Stay(details::open(state, self.instance.clone(), subject));
                }
            }
            Action::Refresh => return Reply::Stay(load_at(state, at)),
            Action::AddCommunity => {
                self.adding = Some(Adding::default());
                self.result = None;
            }
            Action::ForgetCommunity => return Reply::Stay(forget(&mut state.instances[at], self)),
            Action::Go(motion) => self.communities.go(motion),
            _ => {}
        }
        Reply::STAY
    }
}

/// Moves the cursor of the left pane to the community under the window's cursor.
fn choose(state: &mut State, at: usize, window: &FindingWindow) {
    let Some(community) = window.communities.selected().cloned() else { return };
    let layout = state.layout();
    state.show(at);
    state.focus = Pane::Communities;
    let instance = &mut state.instances[at];
    instance.communities.rows.filter.clear();
    instance.make_stale();
    instance.settle(&layout);
    instance.communities.rows.select(&community);
    *instance.subgroups.rows = List::default();
    instance.make_stale();
}

/// Begins the search on an instance that was just added and has been read, if its gateway lists no communities and none is known.
/// Shows the search.
pub(crate) fn begin_for_added(state: &mut State) -> Vec<Effect> {
    let is_it = |instance: &Instance| state.added.as_ref() == Some(instance.key());
    let Some(at) = state.instances.iter().position(is_it) else { return Vec::new() };
    if state.instances[at].loading.is_some() {
        return Vec::new();
    }
    state.added = None;
    let instance = &state.instances[at];
    let is_needed = instance.profile.capabilities.community_may_pass_for_group
        && instance.directory.communities().is_empty()
        && !instance.candidates().is_empty();
    if !is_needed || at != state.current || !state.modals.is_empty() {
        return Vec::new();
    }
    let mut effects = open(state);
    effects.extend(go_on(state, at));
    effects
}

/// Starts, pauses or resumes the search.
fn go_on(state: &mut State, at: usize) -> Vec<Effect> {
    let ticket = state.ticket();
    let siblings = siblings(state, at);
    let Some(instance) = state.instances.get_mut(at) else { return Vec::new() };
    if let Some(search) = &mut instance.discovery.search
        && let Some(running) = search.ticket.take()
    {
        return vec![Effect::Work(Work::Cancel(running))];
    }
    let search = match instance.discovery.search.take() {
        Some(paused) => Search { ticket: Some(ticket), ..paused },
        None => Search::new(ticket, instance.candidates()),
    };
    if search.left.is_empty() {
        state.notice = Some(Notice::NothingToProbe);
        return Vec::new();
    }
    // An empty listing for a group means something only while the gateway does list a known community. So ask about one
    // first, each time the search starts or resumes.
    let known = instance.directory.communities().iter().find(|community| community.listing.is_some());
    let control = known.map(|community| community.id.as_group());
    let candidates = search.left.clone();
    instance.discovery.control = control.clone().map_or(SearchBaseline::Missing, SearchBaseline::Asked);
    instance.discovery.search = Some(search);
    instance.discovery.end = None;
    let instance = instance.key().clone();
    vec![Effect::Work(Work::Discover { ticket, instance, control, candidates, siblings })]
}

/// The other instances on the gateway of this one. Their numbers are often in the same communities.
fn siblings(state: &State, at: usize) -> Vec<InstanceKey> {
    let place = |instance: &Instance| {
        let Address { gateway, base_url, .. } = &instance.profile.address;
        (*gateway, BaseUrl::parse_allowing(base_url, true).map(|url| url.canonical()).ok())
    };
    let Some(own) = state.instances.get(at).map(place) else { return Vec::new() };
    let others = state.instances.iter().enumerate().filter(|(other, _)| *other != at);
    let beside = others.filter(|(_, other)| place(other) == own);
    beside.map(|(_, other)| other.key().clone()).collect()
}

/// Ends the search, whether it is running or paused.
fn stop(instance: &mut Instance) -> Vec<Effect> {
    let search = instance.discovery.end(None);
    Effect::cancel(search.and_then(|search| search.ticket))
}

/// Forgets the community under the cursor, and reports whether it will come back.
fn forget(instance: &mut Instance, window: &mut FindingWindow) -> Vec<Effect> {
    let Some(known) = window.communities.selected().and_then(|id| instance.directory.community(id)) else {
        return Vec::new();
    };
    let community = CommunityRef { id: known.id.clone(), name: known.name.clone() };
    let returns = if instance.profile.configured.iter().any(|named| named.id.same_as(&community.id)) {
        Return::Configured
    } else if is_listed(instance, &community.id) {
        Return::Listed
    } else {
        Return::Never
    };
    instance.learn(|directory| directory.forget(&community.id));
    let work = Work::Forget { instance: instance.key().clone(), community: community.id.clone() };
    window.result = Some(Told::Forgotten(community, returns));
    vec![Effect::Work(work)]
}

/// Whether the gateway lists communities by itself, or its list of groups shows this one.
fn is_listed(instance: &Instance, community: &CommunityId) -> bool {
    let groups = instance.directory.groups().map(|list| &list.groups);
    let is_itself_listed = |groups: &Groups| {
        groups.find_same(community.as_str()).is_some_and(|group| group.kind() == GroupKind::Community)
    };
    let is_named = |groups: &Groups| groups.communities().iter().any(|parent| parent.same_as(community));
    instance.profile.capabilities.lists_communities
        || groups.is_some_and(|groups| is_itself_listed(groups) || is_named(groups))
}

fn on_adding(state: &mut State, window: &mut FindingWindow, action: Action) -> Vec<Effect> {
    let Some(adding) = &mut window.adding else { return Vec::new() };
    let mut effects = Vec::new();
    match action {
        Action::Cancel => {
            effects = Effect::cancel(adding.ticket);
            window.adding = None;
        }
        Action::Edit(request) if adding.ticket.is_none() => {
            adding.input.handle(request);
        }
        Action::Accept if adding.ticket.is_none() => {
            if let Some(given) = Private::new(adding.input.value()) {
                let ticket = state.ticket();
                adding.ticket = Some(ticket);
                let instance = window.instance.clone();
                effects.push(Effect::Work(Work::FindCommunity { ticket, instance, given }));
            }
        }
        _ => {}
    }
    effects
}

/// Handles the listing of a community that the operator named. Only now is it accepted as a community.
pub(crate) fn on_found(
    state: &mut State,
    ticket: Ticket,
    result: Result<Arc<CommunityListing>, Failure>,
) -> Vec<Effect> {
    let layout = state.layout();
    let windows = state.modals.iter_mut().filter_map(|modal| match modal {
        Modal::Finding(window) => Some(window),
        _ => None,
    });
    let waits = |window: &&mut FindingWindow| {
        window.adding.as_ref().is_some_and(|adding| adding.ticket == Some(ticket))
    };
    let Some(window) = windows.into_iter().find_map(|window| Some(window).filter(waits)) else {
        return Vec::new();
    };
    let listing = match result {
        Ok(listing) => listing,
        Err(failure) => {
            window.result = Some(Told::NotAdded(failure));
            if let Some(adding) = &mut window.adding {
                adding.ticket = None;
            }
            return Vec::new();
        }
    };
    window.adding = None;
    let Some(instance) = state.instances.iter_mut().find(|instance| *instance.key() == window.instance)
    else {
        return Vec::new();
    };
    let was_known = instance.directory.community(&listing.community).is_some();
    instance.learn(|directory| {
        if !was_known {
            let named = CommunityRef { id: listing.community.clone(), name: listing.name.clone() };
            directory.learn(named, KnownFrom::Configuration);
        }
        directory.take_listing(&listing);
    });
    let (key, community) = (instance.key().clone(), named(instance, listing.community.clone()));
    let (instances, catalog, broken) = (&state.instances, &state.catalog, &state.broken);
    window.settle(Scene { instances, wide: None, broken, catalog, layout: &layout });
    window.communities.select(&community.id);
    window.result =
        Some(if was_known { Told::WasKnown(community.clone()) } else { Told::Added(community.clone()) });
    remember(key, vec![community], Vec::new())
}

fn named(instance: &Instance, id: CommunityId) -> CommunityRef {
    let name = instance.directory.community(&id).and_then(|known| known.name.clone());
    CommunityRef { id, name }
}

fn remember(instance: InstanceKey, communities: Vec<CommunityRef>, ordinary: Vec<GroupId>) -> Vec<Effect> {
    vec![Effect::Work(Work::Remember { instance, communities, ordinary })]
}

fn searching(state: &mut State, ticket: Ticket) -> Option<&mut Instance> {
    let waits = |instance: &&mut Instance| {
        instance.discovery.search.as_ref().is_some_and(|search| search.ticket == Some(ticket))
    };
    state.instances.iter_mut().find(waits)
}

/// Handles the probe of one group.
pub(crate) fn on_probed(state: &mut State, ticket: Ticket, group: &GroupId, probe: Probe) -> Vec<Effect> {
    let Some(instance) = searching(state, ticket) else { return Vec::new() };
    if instance.discovery.control == SearchBaseline::Asked(group.clone()) {
        if matches!(probe, Probe::Community(_)) {
            instance.discovery.control = SearchBaseline::Passed;
            return Vec::new();
        }
        // Without the control sample, no answer of the search can be trusted.
        let failure = match probe {
            Probe::Failed(failure) => failure,
            _ => Failure::new(FailureKind::NoListing),
        };
        instance.discovery.end(Some(failure.clone()));
        state.notice = Some(Notice::ProbeFailed(failure));
        return vec![Effect::Work(Work::Cancel(ticket))];
    }
    if let Some(search) = &mut instance.discovery.search {
        search.left.retain(|left| left != group);
        search.asked += 1;
        match &probe {
            Probe::Community(_) => search.found += 1,
            Probe::Failed(_) => search.failed += 1,
            Probe::Nothing(_) => {}
        }
    }
    let (communities, ordinary) = match &probe {
        Probe::Community(listing) => {
            instance.discovery.control = SearchBaseline::Passed;
            (vec![listing.community.clone()], Vec::new())
        }
        Probe::Nothing(_) if instance.discovery.control == SearchBaseline::Passed => {
            (Vec::new(), vec![group.clone()])
        }
        Probe::Nothing(_) | Probe::Failed(_) => return Vec::new(),
    };
    instance.learn(|directory| {
        directory.take_probe(&probe);
        for group in &ordinary {
            directory.learn_ordinary(group);
        }
    });
    let communities = communities.into_iter().map(|id| named(instance, id)).collect();
    remember(instance.key().clone(), communities, ordinary)
}

/// Handles the end of the search.
pub(crate) fn on_discovered(state: &mut State, ticket: Ticket, failure: Option<Failure>) {
    let Some(instance) = searching(state, ticket) else { return };
    let Some(search) = instance.discovery.end(failure.clone()) else { return };
    state.notice = Some(match failure {
        Some(failure) => Notice::ProbeFailed(failure),
        None => Notice::Probed(search.found),
    });
}
