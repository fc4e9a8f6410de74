//! What an instance has: its communities, its groups, and which belong together as far as anything read says.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    community::{CommunityListing, CommunityRef, Group, GroupKind, GroupList, Parent, Role},
    failure::Failure,
    id::{CommunityId, GroupId},
    name::Name,
    time::Millis,
};

/// Where a community is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownFrom {
    /// The operator named it in the configuration or on the screen.
    Configuration,
    /// It was confirmed before and remembered.
    Memory,
    /// A listing showed it.
    Listing,
    /// A probe found it.
    Probe,
}

/// A community and what was last read of it.
#[derive(Clone, Debug)]
pub struct Community {
    /// Its id, as the gateway takes it.
    pub id: CommunityId,
    /// Its name, as far as anything read gives it.
    pub name: Option<Name>,
    /// Where it is known from.
    pub known_from: KnownFrom,
    /// The last listing that could be read.
    pub listing: Option<Arc<CommunityListing>>,
    /// Why the newest read of its listing failed, where it did.
    pub failure: Option<Failure>,
}

impl Community {
    /// How many ordinary subgroups the last listing showed.
    pub fn size(&self) -> Option<usize> {
        self.listing.as_ref().map(|listing| listing.subgroups.len())
    }
}

/// Whether a name tells anything: one of nothing visible never takes another's place.
fn is_told(name: &Name) -> bool {
    !name.shown().is_empty()
}

/// The communities and groups of one instance, joined.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    communities: Vec<Community>,
    groups: Option<Arc<GroupList>>,
    groups_failure: Option<Failure>,
    by_id: HashMap<GroupId, usize>,
    parents: HashMap<GroupId, CommunityId>,
    announcements: HashSet<GroupId>,
    ordinary: HashSet<GroupId>,
}

impl Directory {
    /// The communities, in the order in which they became known.
    pub fn communities(&self) -> &[Community] {
        &self.communities
    }

    /// The community of that id.
    pub fn community(&self, id: &CommunityId) -> Option<&Community> {
        self.communities.iter().find(|community| community.id.same_as(id))
    }

    /// The last list of groups that could be read.
    pub fn groups(&self) -> Option<&Arc<GroupList>> {
        self.groups.as_ref()
    }

    /// Why the newest read of the list of groups failed, where it did.
    pub fn groups_failure(&self) -> Option<&Failure> {
        self.groups_failure.as_ref()
    }

    /// The group of that id in the last list of groups.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        let at = *self.by_id.get(id)?;
        self.groups.as_ref()?.groups.get(at)
    }

    /// The community that a group is in, as far as anything read says.
    pub fn parent_of(&self, group: &GroupId) -> Option<&CommunityId> {
        self.parents.get(group)
    }

    /// Whether a group is a community's announcements group.
    pub fn is_announcements(&self, group: &GroupId) -> bool {
        self.announcements.contains(group)
            || self.group(group).is_some_and(|group| group.kind == GroupKind::Announcements)
    }

    /// The community that a group is itself, where it is one.
    pub fn as_community(&self, group: &GroupId) -> Option<&Community> {
        self.communities.iter().find(|community| group.is_community(&community.id))
    }

    /// Whether something read showed that a group is an ordinary one: a field of the list, a community's listing,
    /// or a probe.
    pub fn is_known_ordinary(&self, group: &GroupId) -> bool {
        self.ordinary.contains(group)
            || self.parents.contains_key(group)
            || self.group(group).is_some_and(|group| {
                group.kind == GroupKind::Ordinary || matches!(group.parent, Parent::Community(_))
            })
    }

    /// What the number is in a group, as far as the list of groups says.
    pub fn role_in(&self, group: &GroupId) -> Role {
        self.group(group).map_or(Role::Unknown, |group| group.role)
    }

    /// Whether a group belongs into a list of groups that people act on: neither a community itself nor an
    /// announcements group.
    pub fn is_ordinary_row(&self, group: &Group) -> bool {
        group.kind != GroupKind::Community
            && !self.is_announcements(&group.id)
            && self.as_community(&group.id).is_none()
    }

    /// Makes a community known; once, and never forgetting a name for an empty one.
    pub fn learn(&mut self, community: CommunityRef, known_from: KnownFrom) {
        let community = CommunityRef { name: community.name.filter(is_told), ..community };
        self.ordinary.retain(|group| !group.is_community(&community.id));
        if let Some(known) = self.communities.iter_mut().find(|known| known.id.same_as(&community.id)) {
            if community.name.is_some() {
                known.name = community.name;
            }
            known.known_from = known.known_from.min(known_from);
            return;
        }
        self.communities.push(Community {
            id: community.id,
            name: community.name,
            known_from,
            listing: None,
            failure: None,
        });
        self.index();
    }

    /// Forgets a community that turned out to be none, or that the number has left.
    pub fn forget(&mut self, community: &CommunityId) {
        self.communities.retain(|known| !known.id.same_as(community));
        self.index();
    }

    /// Remembers that a probe found a group to be an ordinary one.
    pub fn learn_ordinary(&mut self, group: GroupId) {
        self.ordinary.insert(group);
    }

    /// Takes a newer list of groups; communities that it shows become known.
    pub fn take_groups(&mut self, list: Arc<GroupList>) {
        if self.groups.as_ref().is_some_and(|held| held.begun > list.begun) {
            return;
        }
        self.groups_failure = None;
        for group in &list.groups {
            if group.kind == GroupKind::Community {
                let found = CommunityRef { id: CommunityId::from(&group.id), name: Some(group.name.clone()) };
                self.learn_quietly(found, KnownFrom::Listing);
            }
            if let Parent::Community(parent) = &group.parent {
                self.learn_quietly(CommunityRef { id: parent.clone(), name: None }, KnownFrom::Listing);
            }
        }
        for community in &mut self.communities {
            // Its own entry knows better than its announcements group, which may be called otherwise.
            if let Some(entry) = list.groups.iter().find(|group| group.id.is_community(&community.id))
                && is_told(&entry.name)
            {
                community.name = Some(entry.name.clone());
            }
        }
        self.groups = Some(list);
        self.index();
    }

    /// Records that the list of groups could not be read.
    pub fn take_groups_failure(&mut self, failure: Failure) {
        self.groups_failure = Some(failure);
    }

    /// Takes a newer listing of a community.
    pub fn take_listing(&mut self, listing: Arc<CommunityListing>) {
        self.learn_quietly(
            CommunityRef { id: listing.community.clone(), name: listing.name.clone() },
            KnownFrom::Listing,
        );
        let entry = self.groups.as_ref().and_then(|list| {
            let entry = list.groups.iter().find(|group| group.id.is_community(&listing.community))?;
            Some(entry.name.clone()).filter(is_told)
        });
        let Some(known) = self.communities.iter_mut().find(|known| known.id.same_as(&listing.community))
        else {
            return;
        };
        if known.listing.as_ref().is_some_and(|held| held.begun > listing.begun) {
            return;
        }
        if known.name.is_none() {
            let announced = listing.announcements.as_ref().map(|announcements| announcements.name.clone());
            known.name = entry.or(announced.filter(is_told));
        }
        known.failure = None;
        known.listing = Some(listing);
        self.index();
    }

    /// Records that a community's listing could not be read; what was read before stays.
    pub fn take_listing_failure(&mut self, community: &CommunityId, failure: Failure) {
        if let Some(known) = self.communities.iter_mut().find(|known| known.id.same_as(community)) {
            known.failure = Some(failure);
        }
    }

    fn learn_quietly(&mut self, community: CommunityRef, known_from: KnownFrom) {
        let community = CommunityRef { name: community.name.filter(is_told), ..community };
        self.ordinary.retain(|group| !group.is_community(&community.id));
        let known = self.communities.iter_mut().find(|known| known.id.same_as(&community.id));
        match known {
            Some(known) if community.name.is_some() => known.name = community.name,
            Some(_) => {}
            None => self.communities.push(Community {
                id: community.id,
                name: community.name,
                known_from,
                listing: None,
                failure: None,
            }),
        }
    }

    /// Makes the look-ups anew from what was read.
    fn index(&mut self) {
        self.by_id.clear();
        self.parents.clear();
        self.announcements.clear();
        let read_at: HashMap<&CommunityId, Millis> = self
            .communities
            .iter()
            .filter_map(|community| Some((&community.id, community.listing.as_ref()?.begun)))
            .collect();
        if let Some(list) = &self.groups {
            for (at, group) in list.groups.iter().enumerate() {
                self.by_id.insert(group.id.clone(), at);
                // A community's own listing, where it is newer, knows better than a field of the list.
                if let Parent::Community(parent) = &group.parent
                    && read_at.get(parent).is_none_or(|begun| *begun < list.begun)
                    && group.kind != GroupKind::Announcements
                {
                    self.parents.insert(group.id.clone(), parent.clone());
                }
            }
        }
        for community in &self.communities {
            let Some(listing) = &community.listing else { continue };
            if let Some(announcements) = &listing.announcements {
                self.announcements.insert(announcements.id.clone());
            }
            let list_says_otherwise = |group: &GroupId| {
                let list = self.groups.as_ref().filter(|list| list.begun > listing.begun)?;
                let group = list.groups.get(*self.by_id.get(group)?)?;
                (group.parent == Parent::None).then_some(())
            };
            for subgroup in &listing.subgroups {
                if list_says_otherwise(&subgroup.id).is_none() {
                    self.parents.insert(subgroup.id.clone(), community.id.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::community::Subgroup;

    fn id() -> CommunityId {
        CommunityId::parse("1@g.us").unwrap()
    }

    fn entry(name: &str, begun: i64) -> Arc<GroupList> {
        let group = Group {
            id: id().as_group(),
            name: Name::new(name),
            members: None,
            role: Role::Unknown,
            parent: Parent::Unknown,
            kind: GroupKind::Community,
        };
        Arc::new(GroupList { begun: Millis(begun), groups: vec![group], skipped: 0 })
    }

    fn listing(name: Option<&str>, announcements: &str, begun: i64) -> Arc<CommunityListing> {
        let announcements =
            Subgroup { id: GroupId::parse("2@g.us").unwrap(), name: Name::new(announcements) };
        Arc::new(CommunityListing {
            community: id(),
            name: name.map(Name::new),
            begun: Millis(begun),
            announcements: Some(announcements),
            subgroups: Vec::new(),
        })
    }

    #[test]
    fn an_empty_name_is_never_taken_over() {
        let mut directory = Directory::default();
        let name = |directory: &Directory| {
            directory.communities()[0].name.as_ref().map(|name| name.shown().to_owned())
        };
        directory.learn(CommunityRef { id: id(), name: Some(Name::new("")) }, KnownFrom::Memory);
        directory.take_groups(entry(" ", 1));
        directory.take_listing(listing(None, "", 2));
        assert_eq!(name(&directory), None);
        directory.take_listing(listing(None, "News", 3));
        assert_eq!(name(&directory).as_deref(), Some("News"));
        directory.take_groups(entry("Harbor", 4));
        directory.take_groups(entry("", 5));
        directory.take_listing(listing(Some(""), "News", 6));
        directory.learn(CommunityRef { id: id(), name: Some(Name::new("\u{200b}")) }, KnownFrom::Probe);
        assert_eq!(name(&directory).as_deref(), Some("Harbor"));
    }
}
