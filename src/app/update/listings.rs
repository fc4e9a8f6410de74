//! Reads the listing of the community under the cursor where the load has left it out, because the list of groups says which groups
//! are in each community.

use super::{loading, roles::is_connected};
use crate::{
    app::{
        effect::{Effect, Ticket, Work},
        instance::Instance,
        state::State,
    },
    domain::{id::CommunityId, reading::Readings},
};

/// Begins, continues or ends the reading of a listing, once a frame shows which community is under the cursor.
pub(super) fn after_frame(state: &mut State) -> Vec<Effect> {
    let wanted = wanted(state);
    let mut effects = Vec::new();
    for at in 0..state.instances.len() {
        let own = wanted.as_ref().filter(|(wanted, _)| *wanted == at).map(|(_, community)| community);
        let listings = &mut state.instances[at].listings;
        if own.is_some_and(|community| listings.is_reading(community)) {
            continue;
        }
        effects.extend(Effect::cancel(listings.stop()));
        if let Some(community) = own.cloned() {
            let ticket = state.ticket();
            let instance = &mut state.instances[at];
            instance.listings.begin(ticket, community.clone());
            let instance = instance.key().clone();
            effects.push(Effect::Work(Work::ReadListing { ticket, instance, community }));
        }
    }
    effects
}

/// The community under the cursor, with the index of the instance that is to read its listing.
fn wanted(state: &State) -> Option<(usize, CommunityId)> {
    let Some(wide) = state.wide() else {
        let community = state.instance()?.chosen()?.id.clone();
        return is_open(state.instance()?, &community).then_some((state.current, community));
    };
    let chosen = &wide.view.chosen()?.id;
    let own = |at: usize| Some((at, wide.own_community(at, chosen)?.clone()));
    let known: Vec<(usize, CommunityId)> = wide.in_community(chosen).into_iter().filter_map(own).collect();
    // The reading of one number is enough.
    let is_read = |(at, id): &(usize, CommunityId)| {
        let instance = &state.instances[*at];
        let known = instance.directory.community(id);
        known.is_some_and(|known| known.listing.is_some() && !instance.directory.is_told_by_list(known))
    };
    if known.iter().any(is_read) {
        return None;
    }
    known.into_iter().find(|(at, id)| is_open(&state.instances[*at], id))
}

/// Whether the listing of a community is to be read: only the list of groups, which is newer, shows its groups.
fn is_open(instance: &Instance, community: &CommunityId) -> bool {
    let is_quiet = instance.loading.is_none() && instance.refreshing.is_none();
    let known = instance.directory.community(community);
    is_quiet
        && is_connected(instance)
        && !instance.listings.was_read(community)
        && known.is_some_and(|known| instance.directory.is_told_by_list(known))
}

/// Handles the listing of a community; `None` if nothing waits for it.
pub(super) fn on_read(state: &mut State, ticket: Ticket, readings: &mut Readings) -> Option<Vec<Effect>> {
    let waits = |instance: &&mut Instance| instance.listings.waits_for(ticket);
    let (started, again) = (state.started, state.ticket());
    let instance = state.instances.iter_mut().find(waits)?;
    instance.listings.end();
    instance.take_readings(readings);
    let kept = loading::keep_listings(instance, started.max(readings.begun));
    Some(kept.into_iter().chain(loading::read_suspect(instance, again)).collect())
}
