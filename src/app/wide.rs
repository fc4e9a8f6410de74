//! All instances in one view: their communities and groups as one, and the numbers that know each of them. It has the panes and
//! marks of an instance, but no gateway and no operations: those belong to the instances. `acting` chooses the numbers that act, and
//! gives marks, wishes and plans the ids of this view or of an instance.

mod acting;

use std::{collections::HashMap, time::Duration};

use super::instance::{Address, Instance, Profile};
use crate::domain::{
    capability::Capabilities,
    community::{GroupRef, Role},
    directory::{Community, Directory, Entry, KnownFrom, KnownRole, best_role},
    id::{CommunityId, GroupId, bare},
    instance::{EntryPlace, InstanceKey},
    settings::OperationSettings,
    time::Millis,
};

/// How many groups are joined at once on every change.
const LARGE: usize = 20_000;

/// How often more groups are joined while they are being read or changed.
const MOMENT: Duration = Duration::from_secs(2);

/// The view over all instances.
#[derive(Clone, Debug)]
pub struct Wide {
    /// The panes, in the form of an instance.
    pub view: Instance,
    /// Whether it is on the screen.
    pub is_shown: bool,
    /// The revisions of the instances from which it was made.
    made_from: Vec<u64>,
    /// When it was made.
    made_at: Option<Millis>,
    /// The indices of the instances that know a group, by its id without suffix.
    holders: HashMap<Box<str>, Vec<usize>>,
    /// The ids that a community has in the instances that know it, by its id here without suffix.
    own_ids: HashMap<Box<str>, Vec<(usize, CommunityId)>>,
    /// The ids that the communities of each instance have here, by their ids there without suffix.
    shown_ids: Vec<HashMap<Box<str>, CommunityId>>,
}

impl Wide {
    /// The view over these instances, before it is shown; `None` for a single instance.
    pub fn new(instances: &[Instance]) -> Option<Self> {
        let [first, _, ..] = instances else { return None };
        let view = Instance::new(profile(&first.profile, instances));
        Some(Self {
            view,
            is_shown: false,
            made_from: Vec::new(),
            made_at: None,
            holders: HashMap::new(),
            own_ids: HashMap::new(),
            shown_ids: Vec::new(),
        })
    }

    /// The same view over other instances; it keeps its marks, filters and cursors. `None` for a single instance.
    #[must_use]
    pub fn over(mut self, instances: &[Instance]) -> Option<Self> {
        let [first, _, ..] = instances else { return None };
        self.view.profile = profile(&first.profile, instances);
        (self.made_from, self.made_at) = (Vec::new(), None);
        self.settle(instances, Millis::default());
        Some(self)
    }

    /// Brings it up to date with the instances. While many groups are being read or changed, it waits a moment: joining them takes
    /// time proportional to their number.
    pub fn settle(&mut self, instances: &[Instance], now: Millis) {
        let revisions: Vec<u64> = instances.iter().map(|instance| instance.revision).collect();
        let is_recent = self.made_at.is_some_and(|made| now.since(made) < MOMENT);
        if revisions == self.made_from || is_recent && is_large(instances) && is_changing(instances) {
            return;
        }
        (self.made_from, self.made_at) = (revisions, Some(now));
        let parts: Vec<&Directory> = instances.iter().map(|instance| &*instance.directory).collect();
        let (union, same) = Directory::union(&parts);
        self.view.replace(union);
        self.holders.clear();
        self.own_ids.clear();
        self.shown_ids.clear();
        for (at, part) in parts.iter().enumerate() {
            let groups = part.groups().into_iter().flat_map(|list| list.groups.iter());
            let groups = groups.map(GroupRef::id).filter(|id| !part.has_left(id));
            let listed = part.communities().iter().filter_map(|known| known.listing.as_ref());
            let listed = listed.flat_map(|listing| listing.slots());
            let listed = listed.filter_map(|slot| part.entry(slot)).map(Entry::id);
            for id in groups.chain(listed) {
                let holders = self.holders.entry(bare(id).into()).or_default();
                if holders.last() != Some(&at) {
                    holders.push(at);
                }
            }
            // One from the configuration is known once a reading shows it.
            let is_seen = |known: &&Community| {
                known.listing.is_some()
                    || known.known_from != KnownFrom::Configuration
                    || part.is_shown_by_list(known)
            };
            for known in part.communities().iter().filter(is_seen) {
                let ids = self.own_ids.entry(same.shown(&known.id).bare().into()).or_default();
                ids.push((at, known.id.clone()));
            }
            let shown = |known: &Community| (known.id.bare().into(), same.shown(&known.id).clone());
            self.shown_ids.push(part.communities().iter().map(shown).collect());
        }
    }

    /// Takes a role that an instance has read in one of its groups. The rest of the view stays as it is.
    pub fn take_role(&mut self, instances: &[Instance], at: usize, group: &GroupId, begun: Millis) {
        let Some(instance) = instances.get(at).filter(|_| self.made_at.is_some()) else { return };
        let mut known = Vec::new();
        if let Some(shown) = self.view.own_group(group) {
            let holders = self.holders(group.as_str()).iter();
            let roles = holders.map(|holder| instances[*holder].directory.role_in(group));
            known.push(KnownRole { role: best_role(roles), group: shown, begun });
        }
        let directory = &instance.directory;
        let shows_role = |community: &&Community| {
            let announcements = directory.announcements_of(community).and_then(|slot| directory.entry(slot));
            community.id.as_group().same_as(group)
                || announcements.is_some_and(|entry| bare(entry.id()) == group.bare())
        };
        for community in directory.communities().iter().filter(shows_role) {
            let shown = self.shown_community(at, &community.id);
            let Some(ids) = self.own_ids.get(shown.bare()) else { continue };
            let role = |(at, id): &(usize, CommunityId)| {
                let directory = &instances[*at].directory;
                directory.community(id).map_or(Role::Unknown, |known| directory.role_in_community(known))
            };
            let role = best_role(ids.iter().map(role));
            known.push(KnownRole { group: shown.as_group(), role, begun });
        }
        self.view.learn_roles(|directory| known.into_iter().for_each(|known| directory.learn_role(known)));
    }

    /// The id that a community of this view has in an instance, if that knows the community.
    pub fn own_community(&self, at: usize, community: &CommunityId) -> Option<&CommunityId> {
        let ids = self.own_ids.get(community.bare())?;
        ids.iter().find(|(known_to, _)| *known_to == at).map(|(_, id)| id)
    }

    /// The indices of the instances that know a community.
    pub fn in_community(&self, community: &CommunityId) -> Vec<usize> {
        self.own_ids.get(community.bare()).into_iter().flatten().map(|(at, _)| *at).collect()
    }

    /// The indices of the instances that know a group.
    pub fn holders(&self, id: &str) -> &[usize] {
        self.holders.get(bare(id)).map_or(&[], Vec::as_slice)
    }
}

impl Instance {
    /// A group in this instance's own ids, if it knows the group.
    pub fn own_group(&self, group: &GroupId) -> Option<GroupId> {
        Some(self.directory.entry(self.directory.slot(group)?)?.to_id())
    }
}

fn is_large(instances: &[Instance]) -> bool {
    let groups = |instance: &Instance| instance.directory.groups().map_or(0, |list| list.groups.len());
    instances.iter().map(groups).sum::<usize>() > LARGE
}

/// Whether more changes follow, after which it is brought up to date in any case.
fn is_changing(instances: &[Instance]) -> bool {
    instances.iter().any(|instance| instance.loading.is_some() || instance.is_busy())
}

/// The abilities that all instances share. A link or an unlink needs only one instance that has the call.
fn profile(first: &Profile, instances: &[Instance]) -> Profile {
    let all = |has: fn(&Capabilities) -> bool| instances.iter().all(|one| has(&one.profile.capabilities));
    let capabilities = Capabilities {
        lists_communities: all(|one| one.lists_communities),
        // Each group's own number acts, so one that can is enough.
        links: instances.iter().any(|one| one.profile.capabilities.links),
        unlinks: instances.iter().any(|one| one.profile.capabilities.unlinks),
        listings_from_groups: all(|one| one.listings_from_groups),
        announcements_in_listing: all(|one| one.announcements_in_listing),
        leaves_communities: all(|one| one.leaves_communities),
        community_may_pass_for_group: !all(|one| !one.community_may_pass_for_group),
        lists_every_subgroup: all(|one| one.lists_every_subgroup),
        group_list_shows_membership: all(|one| one.group_list_shows_membership),
        ..first.capabilities
    };
    let limits = instances.iter().map(|one| one.profile.settings.subgroup_limit);
    let subgroup_limit = limits.min().unwrap_or(first.settings.subgroup_limit);
    Profile {
        key: InstanceKey::new("*"),
        label: String::new(),
        entry: EntryPlace { label: String::new(), line: 0, version: 0 },
        gateway: "",
        capabilities,
        settings: OperationSettings { subgroup_limit, ..first.settings.clone() },
        configured: Vec::new(),
        address: Address { gateway: "", base_url: String::new(), instance: None, is_insecure: false },
    }
}
