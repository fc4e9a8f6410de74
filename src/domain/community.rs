//! Communities, groups, and the contents of their listings.

mod groups;

pub use groups::{GroupRef, Groups, GroupsBuilder};
use serde::{Deserialize, Serialize};

use super::{
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    name::Name,
    time::Millis,
};

/// A community's listing: the subgroups that it showed, and when it was read.
/// A listing is built only if it has its essential part (`docs/gateways/ryzeapi.md`, 9.4: the announcement group always
/// appears); without it, the read is a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CommunityListing {
    pub community: CommunityId,
    /// The community's name, if the listing gives it.
    pub name: Option<Name>,
    /// When the read began: the listing proves nothing about attempts that ended after this.
    pub begun: Millis,
    /// The announcement group, which can be neither linked nor unlinked.
    pub announcements: Option<Subgroup>,
    pub subgroups: Vec<Subgroup>,
    /// The answer may be incomplete: its number of entries equals a limit that gateways are known to have, or it lacks too many
    /// entries that were there before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_cut: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A group that a community's listing showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Subgroup {
    pub id: GroupId,
    /// The group's name.
    pub name: Name,
}

impl Parent {
    /// The same without owning the id.
    pub fn by_ref(&self) -> Parent<&CommunityId> {
        match self {
            Self::Unknown => Parent::Unknown,
            Self::None => Parent::None,
            Self::Community(id) => Parent::Community(id),
        }
    }
}

impl Group {
    /// The same entry, with nothing concluded from it if it is the zero value of a gateway's library: such an entry has neither a
    /// name nor members, and its flags, role and parent only mean that nothing was read. It may be a community.
    #[must_use]
    pub fn without_zero_values(mut self) -> Self {
        if is_zero_value(&self.name, self.members) {
            forget(&mut self.parent, &mut self.kind, &mut self.role);
        }
        self
    }
}

fn is_zero_value(name: &Name, members: Option<u32>) -> bool {
    name.shown().is_empty() && members.unwrap_or(0) == 0
}

/// Resets the fields that a zero value only seems to give.
fn forget(parent: &mut Parent, kind: &mut GroupKind, role: &mut Role) {
    if *parent == Parent::None {
        *parent = Parent::Unknown;
    }
    if *kind == GroupKind::Ordinary {
        *kind = GroupKind::Unknown;
    }
    if *role == Role::Member {
        *role = Role::Unknown;
    }
}

impl CommunityListing {
    /// Whether a group that the listing lacks may be treated as absent: not if the listing lacks the announcement group, which
    /// both contracts promise, or if it may be incomplete.
    pub fn proves_absence(&self) -> bool {
        self.announcements.is_some() && !self.is_cut
    }

    /// Whether the listing shows this group as an ordinary subgroup.
    pub fn has(&self, group: &GroupId) -> bool {
        self.subgroups.iter().any(|subgroup| subgroup.id.same_as(group))
    }

    /// Whether this group is the community's announcement group.
    pub fn is_announcements(&self, group: &GroupId) -> bool {
        self.announcements.as_ref().is_some_and(|announcements| announcements.id.same_as(group))
    }
}

/// A group as a list of groups shows it, while the list is being read: a list keeps [`Groups`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Group {
    pub id: GroupId,
    /// The group's name.
    pub name: Name,
    /// Its number of members, if the list gives it.
    pub members: Option<u32>,
    /// The number's role in it, if the list gives it.
    pub role: Role,
    /// The community that it belongs to, if the list gives it.
    pub parent: Parent,
    /// Its kind, if the list gives it.
    pub kind: GroupKind,
}

/// The role of the instance's number in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[default]
    Unknown,
    /// A member without rights.
    Member,
    Admin,
}

/// The community that a group belongs to, according to a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Parent<Id = CommunityId> {
    /// The list does not say.
    #[default]
    Unknown,
    /// The list says that it is in none.
    None,
    /// The list names it.
    Community(Id),
}

/// The kind of a group, according to a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// The list does not say.
    #[default]
    Unknown,
    /// An ordinary group, in a community or not.
    Ordinary,
    /// A community's announcement group.
    Announcements,
    Community,
}

/// The list of groups of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupList {
    /// When the read began.
    pub begun: Millis,
    pub groups: Groups,
    /// Entries that could not be read as groups and were left out. Chats that are clearly not groups do not count.
    pub skipped: usize,
    /// The answer may be incomplete: its number of entries equals a limit that gateways are known to have, or it lacks too many
    /// entries that were there before.
    pub is_cut: bool,
}

impl GroupList {
    /// Whether a group that the list lacks may be treated as absent: not if the list is empty, if it has unreadable entries,
    /// since each may be that group, or if it may be incomplete.
    pub fn proves_absence(&self) -> bool {
        !self.groups.is_empty() && self.skipped == 0 && !self.is_cut
    }

    /// Whether it says of each group what it is, and which community it is in.
    pub fn says_places(&self) -> bool {
        let is_told = |group: GroupRef<'_>| match group.kind() {
            GroupKind::Unknown => false,
            GroupKind::Community => true,
            GroupKind::Announcements => matches!(group.parent(), Parent::Community(_)),
            GroupKind::Ordinary => group.parent() != Parent::Unknown,
        };
        self.proves_absence() && self.groups.iter().all(is_told)
    }

    /// The entry of a group, whatever suffix its id has.
    pub fn find(&self, group: &GroupId) -> Option<GroupRef<'_>> {
        self.groups.find_same(group.as_str())
    }

    /// The communities in the list.
    pub fn communities(&self) -> Vec<CommunityRef> {
        let listed = self.groups.iter().filter(|group| group.kind() == GroupKind::Community);
        listed
            .map(|group| CommunityRef {
                id: CommunityId::from(&group.to_id()),
                name: Some(group.name().to_name()).filter(|name| !name.shown().is_empty()),
            })
            .collect()
    }

    /// The listing of a community, for gateways whose list of groups contains the communities and says which groups are in which.
    pub fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        let own = self.find(&community.as_group());
        match own.map(GroupRef::kind) {
            Some(GroupKind::Ordinary | GroupKind::Announcements) => {
                return Err(Failure::new(FailureKind::NotACommunity));
            }
            None if self.proves_absence() => return Err(Failure::new(FailureKind::NotFound)),
            None => return Err(Failure::new(FailureKind::NoListing)),
            Some(GroupKind::Community | GroupKind::Unknown) => {}
        }
        let mut listing = CommunityListing {
            community: community.clone(),
            name: own.map(|own| own.name().to_name()).filter(|name| !name.shown().is_empty()),
            begun: self.begun,
            announcements: None,
            subgroups: Vec::new(),
            is_cut: self.is_cut || self.skipped > 0,
        };
        let is_in = |group: &GroupRef<'_>| matches!(group.parent(), Parent::Community(parent) if parent.same_as(community));
        for group in self.groups.iter().filter(is_in) {
            let subgroup = Subgroup { id: group.to_id(), name: group.name().to_name() };
            if group.kind() == GroupKind::Announcements {
                listing.announcements.get_or_insert(subgroup);
            } else {
                listing.subgroups.push(subgroup);
            }
        }
        let is_known = own.is_some_and(|own| own.kind() == GroupKind::Community);
        let is_empty = listing.announcements.is_none() && listing.subgroups.is_empty();
        if is_empty && !is_known { Err(Failure::new(FailureKind::NoListing)) } else { Ok(listing) }
    }

    /// Whether the list shows this group.
    pub fn has(&self, group: &GroupId) -> bool {
        self.groups.has(group)
    }
}

/// The gateway's details of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupDetails {
    pub id: GroupId,
    /// The group's name.
    pub name: Name,
    pub description: Option<Name>,
    pub members: Option<u32>,
    /// The number's role in it.
    pub role: Role,
    /// Its number of admins, if the member list was read.
    pub admins: Option<u32>,
    /// Whether the instance's number is among the members; `None` if unknown.
    pub own_number_listed: Option<bool>,
    /// The community that it belongs to.
    pub parent: Parent,
    pub kind: GroupKind,
    /// Whether the gateway gave an invite link. The link itself is a secret and is passed separately.
    pub has_invite_link: bool,
}

impl GroupDetails {
    /// Whether these are the zero value of a gateway's library: nothing was read, whatever the flags say.
    pub fn is_zero_value(&self) -> bool {
        is_zero_value(&self.name, self.members)
    }

    /// The same details, with nothing concluded from the zero values of a gateway's library, as for
    /// [`Group::without_zero_values`].
    #[must_use]
    pub fn without_zero_values(mut self) -> Self {
        if is_zero_value(&self.name, self.members) {
            forget(&mut self.parent, &mut self.kind, &mut self.role);
        }
        self
    }
}

/// A community as shown by a call that lists communities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CommunityRef {
    pub id: CommunityId,
    /// The community's name, if known.
    pub name: Option<Name>,
}
