//! Which roles are read in the background: those of the rows on the screen that no reading says, one at a time, and only while
//! nothing else needs the requests.

use std::{collections::HashSet, time::Duration};

use super::{effect::Ticket, instance::Instance, layout::Pane};
use crate::domain::{
    community::Role,
    directory::{Community, Entry, ROLE_LASTS},
    failure::Failure,
    id::GroupId,
    instance::ConnectionState,
    time::Millis,
};

/// After this many answers in a row that give no role, the gateway is not asked again until everything is refreshed.
const MOST_IN_VAIN: usize = 5;

/// How many roles to read before they are stored.
const AT_ONCE: usize = 16;

/// The background reading of an instance's roles.
#[derive(Clone, Debug, Default)]
pub struct RoleReading {
    /// The read that is running.
    running: Option<(Ticket, GroupId)>,
    /// The groups whose details gave no role.
    in_vain: HashSet<GroupId>,
    /// How many answers in a row gave no role.
    vain: usize,
    /// Roles that are not stored yet, and since when.
    unstored: usize,
    since: Option<Millis>,
}

impl RoleReading {
    /// Asks everything again.
    pub fn reset(&mut self) {
        (self.vain, self.in_vain) = (0, HashSet::new());
    }

    /// Whether this read is running.
    pub fn waits_for(&self, ticket: Ticket) -> bool {
        self.running.as_ref().is_some_and(|(running, _)| *running == ticket)
    }

    /// Whether any read is running.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn begin(&mut self, ticket: Ticket, group: GroupId) {
        self.running = Some((ticket, group));
    }

    /// Ends the running read before its answer.
    pub(super) fn stop(&mut self) -> Option<Ticket> {
        self.running.take().map(|(ticket, _)| ticket)
    }

    /// Records the answer of the running read: whether it gave a role.
    pub(super) fn take(&mut self, role: Result<Role, &Failure>, begun: Millis) {
        let Some((_, group)) = self.running.take() else { return };
        match role {
            Ok(Role::Unknown) | Err(_) => {
                self.in_vain.insert(group);
                self.vain += 1;
                if role.is_err_and(Failure::stops_everything) {
                    self.vain = MOST_IN_VAIN;
                }
            }
            Ok(Role::Member | Role::Admin) => {
                self.vain = 0;
                self.unstored += 1;
                self.since.get_or_insert(begun);
            }
        }
    }

    /// The start of the roles to store now: enough were read, or no more will be.
    pub(super) fn take_unstored(&mut self, is_last: bool) -> Option<Millis> {
        if self.unstored >= AT_ONCE || is_last && self.unstored > 0 {
            self.unstored = 0;
            return self.since.take();
        }
        None
    }
}

/// The group whose details give the number's role in a community.
fn group_of(instance: &Instance, community: &Community) -> Option<GroupId> {
    if instance.profile.capabilities.community_may_pass_for_group {
        return Some(community.id.as_group());
    }
    let announcements = community.listing.as_ref()?.announcements?;
    instance.directory.entry(announcements).map(Entry::to_id)
}

/// The next group to ask about: the first row on the screen whose role is not known, or was read too long ago.
pub(super) fn next(instance: &Instance, shown: &[Pane], now: Millis) -> Option<GroupId> {
    let reading = &instance.roles;
    let is_connected = matches!(&instance.link, super::instance::ConnectionStatus::Known(known)
        if known.state == ConnectionState::Connected);
    if reading.vain >= MOST_IN_VAIN || !is_connected {
        return None;
    }
    let directory = &instance.directory;
    let is_old = |begun: Millis| now.since(begun) > ROLE_LASTS;
    let is_wanted = |group: &GroupId, role: Role| {
        (role == Role::Unknown || directory.role_read(group).is_some_and(is_old))
            && !reading.in_vain.contains(group)
    };
    let community = |community: &Community| {
        let role = directory.role_in_community(community);
        group_of(instance, community).filter(|group| is_wanted(group, role))
    };
    shown.iter().find_map(|pane| match instance.group_list(*pane) {
        Some(rows) => rows.visible().find_map(|(_, slot)| {
            let group = directory.entry(*slot).filter(|_| instance.can_mark(*slot))?.to_id();
            is_wanted(&group, directory.role_at(*slot)).then_some(group)
        }),
        None if *pane == Pane::Communities => {
            let mut rows = instance.communities.rows.visible();
            rows.find_map(|(_, id)| directory.community(id).and_then(community))
        }
        None => None,
    })
}

/// How long to wait before each request: somebody who scrolls causes none.
pub const ROLE_PACE: Duration = Duration::from_millis(300);
