//! The roles that details of groups gave, for lists of groups that do not say them.
//!
//! Each role has the time of its read. A newer list of groups that says the role replaces it.

use std::time::Duration;

use hashbrown::HashMap;

use super::{Community, Directory, Entry, Slot};
use crate::domain::{
    community::{GroupDetails, GroupList, GroupRef, Role},
    id::{GroupId, bare},
    time::Millis,
};

/// How long a role that was read counts. It is read again after that.
pub const ROLE_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// A role, and when its read began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRole {
    pub group: GroupId,
    pub role: Role,
    pub begun: Millis,
}

/// The roles from details, by the ids of the groups without suffixes.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    by_group: HashMap<Box<str>, KnownRole>,
    /// See [`Directory::roles_revision`].
    pub(super) revision: u64,
}

impl Roles {
    pub(super) fn of(&self, id: &str) -> Role {
        if self.by_group.is_empty() {
            return Role::Unknown;
        }
        self.by_group.get(bare(id)).map_or(Role::Unknown, |known| known.role)
    }

    /// Forgets the roles that a newer list says. Returns the groups.
    fn replace(&mut self, list: &GroupList) -> Vec<GroupId> {
        let is_newer = |known: &mut KnownRole| {
            known.begun <= list.begun
                && list.find(&known.group).is_some_and(|group| group.role() != Role::Unknown)
        };
        self.by_group.extract_if(|_, known| is_newer(known)).map(|(_, known)| known.group).collect()
    }
}

impl Directory {
    /// Takes the number's role from the details of a group. Details without a role say nothing; if they say that the number is not
    /// in the group, it has no role there.
    pub fn take_details(&mut self, details: &GroupDetails, begun: Millis) {
        if details.own_number_listed == Some(false) {
            if self.role_read(&details.id).is_some_and(|read| read <= begun) {
                self.forget_role(&details.id);
            }
        } else if !details.is_zero_value() {
            self.learn_role(KnownRole { group: details.id.clone(), role: details.role, begun });
        }
    }

    /// Records a role, unless a newer reading is known.
    pub fn learn_role(&mut self, known: KnownRole) {
        let is_older = |other: &KnownRole| other.begun > known.begun;
        let listed = self.groups.as_ref().filter(|list| list.begun >= known.begun);
        let is_listed = listed
            .and_then(|list| list.find(&known.group))
            .is_some_and(|group| group.role() != Role::Unknown);
        if known.role == Role::Unknown
            || is_listed
            || self.roles.by_group.get(known.group.bare()).is_some_and(is_older)
        {
            return;
        }
        if let Some(slot) = self.slot(&known.group) {
            self.index.set_role(slot, known.role);
        }
        self.roles.revision += 1;
        self.roles.by_group.insert(known.group.bare().into(), known);
    }

    pub(super) fn forget_role(&mut self, group: &GroupId) {
        if self.roles.by_group.remove(group.bare()).is_none() {
            return;
        }
        self.roles.revision += 1;
        if let Some(slot) = self.slot(group) {
            self.index.set_role(slot, Role::Unknown);
        }
    }

    /// Forgets the roles that were read before a point in time.
    pub fn forget_roles(&mut self, before: Millis) {
        let is_old = |known: &&KnownRole| known.begun < before;
        let old: Vec<GroupId> =
            self.roles.by_group.values().filter(is_old).map(|known| known.group.clone()).collect();
        for group in &old {
            self.forget_role(group);
        }
    }

    /// Forgets the roles that a newer list of groups says itself.
    pub(super) fn replace_roles(&mut self) {
        let Some(list) = self.groups.clone().filter(|_| !self.roles.by_group.is_empty()) else { return };
        self.roles.revision += 1;
        for group in self.roles.replace(&list) {
            if let Some(slot) = self.slot(&group) {
                self.index.set_role(slot, Role::Unknown);
            }
        }
    }

    /// Changes whenever details give another role, or such a role is forgotten.
    pub fn roles_revision(&self) -> u64 {
        self.roles.revision
    }

    /// The roles that details gave since a point in time.
    pub fn roles_since(&self, since: Millis) -> Vec<KnownRole> {
        self.roles.by_group.values().filter(|known| known.begun >= since).cloned().collect()
    }

    /// When the role in a group was read, if only its details say it.
    pub fn role_read(&self, group: &GroupId) -> Option<Millis> {
        self.roles.by_group.get(group.bare()).map(|known| known.begun)
    }

    /// The number's role in the group in a slot: according to its details or, if these are older or not read, the list of groups.
    pub fn role_at(&self, slot: Slot) -> Role {
        match self.index.role(slot) {
            Role::Unknown => self.entry(slot).and_then(Entry::listed).map_or(Role::Unknown, GroupRef::role),
            role => role,
        }
    }

    /// The number's role in a group, as [`Self::role_at`]. The group may have no slot.
    pub fn role_in(&self, group: &GroupId) -> Role {
        self.slot(group).map_or_else(|| self.roles.of(group.as_str()), |slot| self.role_at(slot))
    }

    /// The number's role in a group, according to the list of groups alone.
    pub fn listed_role(&self, group: &GroupId) -> Role {
        self.group(group).map_or(Role::Unknown, GroupRef::role)
    }

    /// The number's role in a community: its role in the community's own group or in its announcement group.
    pub fn role_in_community(&self, community: &Community) -> Role {
        match (self.role_in(&community.id.as_group()), self.announcements_of(community)) {
            (Role::Unknown, Some(announcements)) => self.role_at(announcements),
            (role, _) => role,
        }
    }
}
