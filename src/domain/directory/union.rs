//! The communities and groups of several numbers as one directory. Ids are compared without their suffixes. Gateways may give a
//! community different ids; it is the same if its announcement group is the same. A fact that one number knows counts for all. If
//! several know it, the best role and the newest complete listing count.

use std::{collections::HashMap, sync::Arc};

use super::{Community, Directory, KnownRole, Listing, Moves, Slot};
use crate::domain::{
    community::{
        CommunityListing, CommunityRef, Group, GroupKind, GroupList, GroupRef, GroupsBuilder, Parent, Role,
        Subgroup,
    },
    id::{CommunityId, bare},
    time::Millis,
};

/// For communities by their ids without suffixes: the id under which the union knows each.
#[derive(Clone, Debug, Default)]
pub struct SameCommunities(HashMap<Box<str>, CommunityId>);

impl SameCommunities {
    fn of(parts: &[&Directory]) -> Self {
        let (mut same, mut by_announcements) = (HashMap::new(), HashMap::<String, CommunityId>::new());
        for part in parts {
            for known in &part.communities {
                let announcements = part.announcements_of(known);
                let Some(entry) = announcements.and_then(|slot| part.entry(slot)) else { continue };
                let first = by_announcements.entry(bare(entry.id()).to_owned());
                same.insert(known.id.bare().into(), first.or_insert_with(|| known.id.clone()).clone());
            }
        }
        Self(same)
    }

    /// Whether the union knows this community under another id.
    fn is_other(&self, id: &str) -> bool {
        self.0.get(bare(id)).is_some_and(|shown| shown.bare() != bare(id))
    }

    /// The id under which the union knows a community.
    pub fn shown<'a>(&'a self, id: &'a CommunityId) -> &'a CommunityId {
        self.0.get(id.bare()).unwrap_or(id)
    }
}

impl Directory {
    /// The union of several directories. It is for display: nothing is read into it, and it is made again when one of them changes.
    pub fn union(parts: &[&Self]) -> (Self, SameCommunities) {
        let (mut all, same) = (Self::default(), SameCommunities::of(parts));
        let mut known_as: HashMap<CommunityId, Vec<(&Self, &Community)>> = HashMap::new();
        for part in parts {
            for known in &part.communities {
                let id = same.shown(&known.id).clone();
                all.learn(CommunityRef { id: id.clone(), name: known.name.clone() }, known.known_from);
                known_as.entry(id).or_default().push((part, known));
            }
        }
        let lists: Vec<(&Self, &Arc<GroupList>)> =
            parts.iter().filter_map(|part| Some((*part, part.groups.as_ref()?))).collect();
        if !lists.is_empty() {
            let mut builder = GroupsBuilder::default();
            for group in &merged(&lists, &same) {
                builder.push(group);
            }
            all.take_groups(Arc::new(GroupList {
                begun: lists.iter().map(|(_, list)| list.begun).max().unwrap_or_default(),
                groups: builder.finish(),
                skipped: lists.iter().map(|(_, list)| list.skipped).sum(),
                is_cut: lists.iter().any(|(_, list)| list.is_cut),
            }));
        }
        let ids: Vec<_> = all.communities.iter().map(|known| known.id.clone()).collect();
        for id in ids {
            let known = || known_as.get(&id).into_iter().flatten().copied();
            let listed = known().filter_map(|(part, known)| Some((part, known, part.shown_in(known)?)));
            let best = listed.max_by_key(|(_, known, listing)| {
                (known.failure.is_none(), listing.proves_absence(), listing.subgroups.len(), listing.begun)
            });
            match best {
                Some((part, known, listing)) => {
                    all.take_listing(&as_read(part, &id, known, &listing));
                    if let Some(failure) = &known.failure {
                        all.take_listing_failure(&id, failure.clone());
                    }
                }
                None => {
                    if let Some(failure) = known().find_map(|(_, known)| known.failure.as_ref()) {
                        all.take_listing_failure(&id, failure.clone());
                    }
                }
            }
        }
        let failure = parts.iter().find_map(|part| part.groups_failure.as_ref());
        if let Some(failure) = failure.filter(|_| lists.is_empty()) {
            all.take_groups_failure(failure.clone());
        }
        for (id, known) in &known_as {
            let role = best_role(known.iter().map(|(part, known)| part.role_in_community(known)));
            all.learn_role(KnownRole { group: id.as_group(), role, begun: Millis::default() });
        }
        for group in parts.iter().flat_map(|part| &part.ordinary) {
            if all.index.community(group).is_none() && !same.is_other(group) {
                all.ordinary.insert(group.clone());
            }
        }
        all.reindex();
        (all, same)
    }

    /// Whether the number has left a group since the list of groups was read.
    pub fn has_left(&self, group: &str) -> bool {
        self.left.contains(bare(group))
    }

    /// Becomes another directory, as a change of this one. Returns the new slots of its groups, by their ids.
    pub fn turn_into(&mut self, mut other: Self) -> Moves {
        let moves = (0..self.slots.len()).map(|at| other.slot(&self.entry(Slot::at(at))?.to_id())).collect();
        other.index.rows_revision = self.index.rows_revision + 1;
        other.index.listings_revision = self.index.listings_revision + 1;
        other.roles.revision = self.roles.revision + 1;
        *self = other;
        moves
    }
}

/// The groups of all lists, each once, without those that a number has left since, and without the entries of communities that the
/// union knows under another id.
fn merged(lists: &[(&Directory, &Arc<GroupList>)], same: &SameCommunities) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (part, list) in lists {
        let is_shown = |group: &GroupRef<'_>| !part.has_left(group.id()) && !same.is_other(group.id());
        for found in list.groups.iter().filter(is_shown) {
            let role = part.role_at(Slot::at(found.place()));
            let Some(at) = places.get(bare(found.id())).copied() else {
                places.insert(bare(found.id()), groups.len());
                let mut group = found.to_group();
                group.role = role;
                if let Parent::Community(parent) = &mut group.parent {
                    *parent = same.shown(parent).clone();
                }
                groups.push(group);
                continue;
            };
            let known = &mut groups[at];
            known.members = known.members.or(found.members());
            if known.name.shown().is_empty() {
                known.name = found.name().to_name();
            }
            if rank(role) > rank(known.role) {
                known.role = role;
            }
            if known.kind == GroupKind::Unknown {
                known.kind = found.kind();
            }
            match (&known.parent, found.parent()) {
                (Parent::Unknown | Parent::None, Parent::Community(parent)) => {
                    known.parent = Parent::Community(same.shown(parent).clone());
                }
                (Parent::Unknown, Parent::None) => known.parent = Parent::None,
                _ => {}
            }
        }
    }
    groups
}

/// The best of several roles.
pub fn best_role(roles: impl Iterator<Item = Role>) -> Role {
    roles.max_by_key(|role| rank(*role)).unwrap_or_default()
}

fn rank(role: Role) -> u8 {
    match role {
        Role::Unknown => 0,
        Role::Member => 1,
        Role::Admin => 2,
    }
}

/// The listing in the form in which it was read.
fn as_read(part: &Directory, id: &CommunityId, known: &Community, listing: &Listing) -> CommunityListing {
    let subgroup = |slot| {
        let entry = part.entry(slot)?;
        Some(Subgroup { id: entry.to_id(), name: entry.name().to_name() })
    };
    CommunityListing {
        community: id.clone(),
        name: known.name.clone(),
        begun: listing.begun,
        announcements: listing.announcements.and_then(subgroup),
        subgroups: listing.subgroups.iter().copied().filter_map(subgroup).collect(),
        is_cut: listing.is_cut,
    }
}
