//! Loading an instance: the request, the parts that arrive, and the data stored at the end.

use crate::{
    app::{
        effect::{Effect, Ticket, Work},
        instance::{ConnectionStatus, Instance},
        progress::WindowProgress,
        state::State,
    },
    domain::{community::CommunityRef, directory::Community, reading::Loaded, time::Millis},
};

/// Reads everything about the instance on the screen, or about all of them if all are shown.
pub(super) fn load(state: &mut State) -> Vec<Effect> {
    if state.wide().is_none() {
        return load_at(state, state.current);
    }
    (0..state.instances.len()).flat_map(|at| load_at(state, at)).collect()
}

/// Reads everything about an instance if nothing has been read from it yet.
pub(super) fn load_new(state: &mut State, at: usize) -> Vec<Effect> {
    let is_new = |instance: &Instance| instance.loading.is_none() && instance.directory.groups().is_none();
    if state.instances.get(at).is_some_and(is_new) { load_at(state, at) } else { Vec::new() }
}

/// Reads everything about an instance.
pub(super) fn load_at(state: &mut State, at: usize) -> Vec<Effect> {
    let (ticket, now) = (state.ticket(), state.now);
    let Some(instance) = state.instances.get_mut(at) else { return Vec::new() };
    let mut effects = Vec::new();
    if let Some(before) = instance.loading.take() {
        effects.push(Effect::Work(Work::Cancel(before.ticket)));
    }
    instance.loading = Some(WindowProgress::new(ticket, now, 0));
    super::roles::refresh(instance, now);
    effects.extend(Effect::cancel(instance.listings.reset()));
    let known = instance
        .directory
        .communities()
        .iter()
        .map(|community| CommunityRef { id: community.id.clone(), name: community.name.clone() });
    let known = known.collect();
    let held = instance.directory.groups().map(|list| list.groups.clone());
    effects.push(Effect::Work(Work::Load { ticket, instance: instance.key().clone(), known, held }));
    effects
}

pub(super) fn on_loaded(state: &mut State, ticket: Ticket, part: Loaded) -> Vec<Effect> {
    let waits = |instance: &&mut Instance| instance.loading.is_some_and(|load| load.ticket == ticket);
    let (started, again) = (state.started, state.ticket());
    let Some(instance) = state.instances.iter_mut().find(waits) else { return Vec::new() };
    // Names are not part of the count.
    if let Some(load) = instance.loading.as_mut().filter(|_| !matches!(part, Loaded::Name(..))) {
        load.done += 1;
    }
    match &part {
        Loaded::Connection(Ok(connection)) => instance.link = ConnectionStatus::Known(connection.clone()),
        Loaded::Connection(Err(failure)) | Loaded::Communities(Err(failure)) => {
            instance.link = ConnectionStatus::Failed(failure.clone());
        }
        Loaded::Done => {
            instance.loading = None;
            let (known, kept) = (confirmed(instance), keep_all(instance, started));
            return known.into_iter().chain(kept).chain(read_suspect(instance, again)).collect();
        }
        _ => {}
    }
    let is_of_one = matches!(part, Loaded::Community(..) | Loaded::Name(..));
    instance.learn(|directory| directory.take_loaded(part));
    if is_of_one {
        // It changes no other community, so how many listings there are to read stays the same.
        if let Some(load) = &mut instance.loading {
            load.total = load.total.max(load.done);
        }
        return Vec::new();
    }
    // The connection, the lists of groups and of communities, and the listings of the communities known so far.
    let (capabilities, directory) = (&instance.profile.capabilities, &instance.directory);
    let needs_no_listing =
        |known: &&Community| !capabilities.lists_every_subgroup && directory.is_told_by_list(known);
    let told = directory.communities().iter().filter(needs_no_listing).count();
    let total = 2 + usize::from(capabilities.lists_communities) + directory.communities().len() - told;
    if let Some(load) = &mut instance.loading {
        load.total = total.max(load.done);
    }
    Vec::new()
}

/// Reads data once more if too much of the earlier data is missing.
pub(super) fn read_suspect(instance: &mut Instance, ticket: Ticket) -> Option<Effect> {
    let scopes = instance.directory.suspect();
    if scopes.is_empty() {
        return None;
    }
    instance.refreshing = Some(ticket);
    let instance = instance.key().clone();
    Some(Effect::Work(Work::Read { ticket, instance, scopes, needs: None }))
}

/// Stores the communities that a listing or the list of groups shows.
fn confirmed(instance: &Instance) -> Vec<Effect> {
    let directory = &instance.directory;
    let is_shown = |known: &&Community| known.listing.is_some() || directory.is_told_by_list(known);
    let known = directory.communities().iter().filter(is_shown);
    let communities: Vec<CommunityRef> = known
        .map(|community| CommunityRef { id: community.id.clone(), name: community.name.clone() })
        .collect();
    if communities.is_empty() {
        return Vec::new();
    }
    let instance = instance.key().clone();
    vec![Effect::Work(Work::Remember { instance, communities, ordinary: Vec::new() })]
}

/// Stores the listings that were read since a point in time, to be shown at the next start.
pub(super) fn keep_listings(instance: &Instance, since: Millis) -> Option<Effect> {
    keep(instance, since, false)
}

/// The same with the list of groups. All listings follow it to other places.
pub(super) fn keep_all(instance: &Instance, since: Millis) -> Option<Effect> {
    let is_read = instance.directory.groups().is_some_and(|list| list.begun >= since);
    keep(instance, if is_read { Millis(i64::MIN) } else { since }, is_read)
}

fn keep(instance: &Instance, since: Millis, writes_list: bool) -> Option<Effect> {
    let read = instance.directory.last_read(since);
    let is_something = writes_list || !read.listings.is_empty();
    let instance = instance.key().clone();
    is_something.then_some(Effect::Work(Work::Keep { instance, read, writes_list }))
}
