//! Reads the roles of the rows on the screen in the background, and stores them.

use crate::{
    app::{
        effect::{Effect, Ticket, Work},
        instance::{ConnectionStatus, Instance},
        layout::Pane,
        modal::Modal,
        state::State,
    },
    domain::{
        community::{GroupDetails, Role},
        directory::{Community, Entry, KnownRole, ROLE_LASTS},
        failure::Failure,
        id::{CommunityId, GroupId},
        instance::{ConnectionState, InstanceKey},
        time::Millis,
    },
};

/// How many rows that a filter hides are considered for each frame.
const AT_ONCE: usize = 100;

/// Begins, continues or ends the reading of roles, once a frame shows which rows are visible.
pub(super) fn after_frame(state: &mut State) -> Vec<Effect> {
    if !state.reads_roles {
        return Vec::new();
    }
    let (is_free, now) = (is_free(state), state.now);
    let layout = state.layout();
    let shown: Vec<Pane> = Pane::ALL.into_iter().filter(|pane| layout.pane(*pane).is_some()).collect();
    let (current, is_wide) = (state.current, state.wide().is_some());
    let visible = visible_to_all(state, &shown);
    let tickets: Vec<Ticket> = (0..state.instances.len()).map(|_| state.ticket()).collect();
    let mut effects = Vec::new();
    for (at, instance) in state.instances.iter_mut().enumerate() {
        let is_wanted = is_free && (is_wide || at == current);
        if !is_wanted {
            effects.extend(Effect::cancel(instance.roles.stop()));
            effects.extend(store(instance, true));
            continue;
        }
        if instance.roles.is_running() {
            continue;
        }
        let next = match &visible {
            Some(visible) => next_of_all(instance, &visible[at], now),
            None => next(instance, &shown, now),
        };
        effects.extend(store(instance, next.is_none()));
        if let Some(group) = next {
            let ticket = tickets[at];
            instance.roles.begin(ticket, group.clone());
            let instance = instance.key().clone();
            effects.push(Effect::Work(Work::ReadRole { ticket, instance, group }));
        }
    }
    effects
}

/// Whether nothing else needs requests: no operation, plan, load, search or refresh. Instances may share the requests of a token.
fn is_free(state: &State) -> bool {
    let is_quiet = |instance: &Instance| {
        !instance.is_busy()
            && instance.loading.is_none()
            && instance.refreshing.is_none()
            && !instance.discovery.is_running()
    };
    let plans = |modal: &Modal| matches!(modal, Modal::Planning(_) | Modal::Plan(_) | Modal::Drift(_));
    state.instances.iter().all(is_quiet) && !state.modals.iter().any(plans)
}

/// The group whose details give the number's role in a community.
fn group_of(instance: &Instance, community: &Community) -> Option<GroupId> {
    if instance.profile.capabilities.community_may_pass_for_group {
        return Some(community.id.as_group());
    }
    let announcements = instance.directory.announcements_of(community)?;
    instance.directory.entry(announcements).map(Entry::to_id)
}

/// The groups whose details give the roles that the view over all instances shows, if that is on the screen: for each instance in
/// its own ids.
fn visible_to_all(state: &State, shown: &[Pane]) -> Option<Vec<Vec<GroupId>>> {
    let wide = state.wide()?;
    let view = &wide.view;
    let communities: Vec<CommunityId> = if shown.contains(&Pane::Communities) {
        view.communities.rows.visible().map(|(_, id)| id.clone()).collect()
    } else {
        Vec::new()
    };
    let rows = shown.iter().filter_map(|pane| view.group_list(*pane)).flat_map(|rows| rows.visible());
    // A filter that asks about roles hides exactly the rows without one.
    let slots = rows.map(|(_, slot)| *slot).chain(view.groups.without_role().take(AT_ONCE));
    let can_mark = slots.filter(|slot| view.can_mark(*slot));
    let groups: Vec<GroupId> =
        can_mark.filter_map(|slot| view.directory.entry(slot)).map(Entry::to_id).collect();
    let own = |(at, instance): (usize, &Instance)| {
        let communities = communities.iter().filter_map(|id| wide.own_community(at, id));
        let communities = communities.filter_map(|id| instance.directory.community(id));
        let communities = communities.filter_map(|community| group_of(instance, community));
        communities.chain(groups.iter().filter_map(|group| instance.own_group(group))).collect()
    };
    Some(state.instances.iter().enumerate().map(own).collect())
}

/// The next of its groups to ask an instance about.
fn next_of_all(instance: &Instance, groups: &[GroupId], now: Millis) -> Option<GroupId> {
    let is_wanted = |group: &&GroupId| is_wanted(instance, group, instance.directory.role_in(group), now);
    groups.iter().find(is_wanted).filter(|_| is_connected(instance)).cloned()
}

pub(super) fn is_connected(instance: &Instance) -> bool {
    matches!(&instance.link, ConnectionStatus::Known(known) if known.state == ConnectionState::Connected)
}

/// Whether a role is not known, or was read too long ago, and may be asked for.
fn is_wanted(instance: &Instance, group: &GroupId, role: Role, now: Millis) -> bool {
    let is_old = |begun: Millis| now.since(begun) > ROLE_LASTS;
    (role == Role::Unknown || instance.directory.role_read(group).is_some_and(is_old))
        && instance.roles.may_ask(group)
}

/// The next group to ask about: the first row on the screen whose role is not known, or was read too long ago, or that a filter
/// hides only because its role is not known.
fn next(instance: &Instance, shown: &[Pane], now: Millis) -> Option<GroupId> {
    if !is_connected(instance) {
        return None;
    }
    let directory = &instance.directory;
    let is_wanted = |group: &GroupId, role: Role| is_wanted(instance, group, role, now);
    let community = |community: &Community| {
        let role = directory.role_in_community(community);
        group_of(instance, community).filter(|group| is_wanted(group, role))
    };
    shown.iter().find_map(|pane| match instance.group_list(*pane) {
        Some(rows) => {
            // A filter that asks about roles hides exactly the rows without one.
            let hidden = (*pane == Pane::Groups).then(|| instance.groups.without_role());
            let mut slots = rows.visible().map(|(_, slot)| *slot).chain(hidden.into_iter().flatten());
            slots.find_map(|slot| {
                let group = directory.entry(slot).filter(|_| instance.can_mark(slot))?.to_id();
                is_wanted(&group, directory.role_at(slot)).then_some(group)
            })
        }
        None if *pane == Pane::Communities => {
            let mut rows = instance.communities.rows.visible();
            rows.find_map(|(_, id)| directory.community(id).and_then(community))
        }
        None => None,
    })
}

fn store(instance: &mut Instance, is_last: bool) -> Option<Effect> {
    let since = instance.roles.take_unstored(is_last)?;
    let roles = instance.directory.roles_since(since);
    Some(Effect::Work(Work::KeepRoles { instance: instance.key().clone(), roles }))
}

/// Handles the roles that earlier runs read.
pub(super) fn on_recalled(state: &mut State, instance: &InstanceKey, roles: Vec<KnownRole>) {
    let Some(instance) = state.instance_of_mut(instance) else { return };
    instance.learn_roles(|directory| roles.into_iter().for_each(|known| directory.learn_role(known)));
    // The view over all instances joins them too.
    instance.revision += 1;
}

/// Handles the details of one group.
pub(super) fn on_read(
    state: &mut State,
    ticket: Ticket,
    begun: Millis,
    details: &Result<Box<GroupDetails>, Failure>,
) {
    let waits = |instance: &Instance| instance.roles.waits_for(ticket);
    let Some(at) = state.instances.iter().position(waits) else { return };
    let instance = &mut state.instances[at];
    let role = match details {
        Ok(details) if details.own_number_listed == Some(false) => Ok(Role::Unknown),
        Ok(details) => Ok(details.role),
        Err(failure) => Err(failure),
    };
    instance.roles.take(role, begun);
    match details {
        Ok(details) if details.own_number_listed == Some(false) => {
            instance.learn(|directory| directory.take_details(details, begun));
        }
        Ok(details) => {
            instance.learn_roles(|directory| directory.take_details(details, begun));
            if let Some(wide) = &mut state.wide {
                wide.take_role(&state.instances, at, &details.id, begun);
            }
        }
        Err(_) => {}
    }
}

/// Forgets the roles that were read too long ago, before everything is read again.
pub(super) fn refresh(instance: &mut Instance, now: Millis) {
    instance.roles.reset();
    let oldest = Millis(now.0.saturating_sub(i64::try_from(ROLE_LASTS.as_millis()).unwrap_or(i64::MAX)));
    instance.learn(|directory| directory.forget_roles(oldest));
}
