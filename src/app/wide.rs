//! All instances in one view: their communities and groups as one, and the numbers that each is known to. It has the panes and
//! marks of an instance, but no gateway, no operations, and no plans: those belong to the instances.

use std::{cmp::Reverse, collections::HashMap, time::Duration};

use super::instance::{Address, ConnectionStatus, Instance, Profile};
use crate::domain::{
    capability::Capabilities,
    community::{GroupRef, Role},
    directory::{Community, Directory, Entry, KnownFrom, KnownRole, best_role},
    id::{CommunityId, GroupId, bare},
    instance::InstanceKey,
    plan::{Mark, Origin, Want, Wish},
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
            let is_it = |(known_to, id): &(usize, CommunityId)| *known_to == at && id.same_as(&community.id);
            let shown = self.own_ids.iter().find(|(_, ids)| ids.iter().any(is_it));
            let Some((shown, ids)) = shown else { continue };
            let role = |(at, id): &(usize, CommunityId)| {
                let directory = &instances[*at].directory;
                directory.community(id).map_or(Role::Unknown, |known| directory.role_in_community(known))
            };
            let role = best_role(ids.iter().map(role));
            let shown = self.view.directory.communities().iter().find(|known| known.id.bare() == &**shown);
            known.extend(shown.map(|known| KnownRole { group: known.id.as_group(), role, begun }));
        }
        self.view.learn_roles(|directory| known.into_iter().for_each(|known| directory.learn_role(known)));
    }

    /// The id that a community of this view has in an instance, if that knows the community.
    pub fn own_community(&self, at: usize, community: &CommunityId) -> Option<&CommunityId> {
        let ids = self.own_ids.get(community.bare())?;
        ids.iter().find(|(known_to, _)| *known_to == at).map(|(_, id)| id)
    }

    /// A mark of this view in the ids of an instance; `None` if that does not know the group.
    pub fn own_mark(&self, at: usize, instance: &Instance, mark: &Mark) -> Option<Mark> {
        let source = mark.source.as_ref().and_then(|source| self.own_community(at, source)).cloned();
        Some(Mark { group: instance.own_group(&mark.group)?, name: mark.name.clone(), source })
    }

    /// A wish of one instance's plan in the ids of another; `None` if the other does not know what it names.
    pub fn handed_over(&self, wish: &Wish, from: usize, to: usize, instances: &[Instance]) -> Option<Wish> {
        let own = |community: &CommunityId| {
            let is_it = |(at, id): &&(usize, CommunityId)| *at == from && id.same_as(community);
            let ids = self.own_ids.values().find(|ids| ids.iter().any(|known| is_it(&known)))?;
            ids.iter().find(|(at, _)| *at == to).map(|(_, id)| id.clone())
        };
        let want = match &wish.want {
            Want::In(target) => Want::In(own(target)?),
            Want::CommunityLeft(_) => return None,
            other => other.clone(),
        };
        let from = match &wish.from {
            Origin::Only(source) => Origin::Only(own(source)?),
            other => other.clone(),
        };
        let group = instances.get(to)?.own_group(&wish.group)?;
        Some(Wish { group, name: wish.name.clone(), want, from, earlier: None })
    }

    /// The indices of the instances that know a community.
    pub fn in_community(&self, community: &CommunityId) -> Vec<usize> {
        self.own_ids.get(community.bare()).into_iter().flatten().map(|(at, _)| *at).collect()
    }

    /// The indices of the instances that know a group.
    pub fn holders(&self, id: &str) -> &[usize] {
        self.holders.get(bare(id)).map_or(&[], Vec::as_slice)
    }

    /// The index of the instance that acts on a mark, for a plan with this target: one that is in the group, in the community where
    /// it was marked, and in the target. A connected one comes before the others, then one that may be an admin everywhere, then
    /// one that is known to be. `None` if no instance is in all of them.
    pub fn acting(
        &self,
        instances: &[Instance],
        group: &GroupId,
        communities: &[&CommunityId],
    ) -> Option<usize> {
        let own = |at: usize| communities.iter().map(move |community| self.own_community(at, community));
        let holders = self.holders(group.as_str()).iter().copied();
        let holders = holders.filter(|at| own(*at).all(|community| community.is_some()));
        // Of equals, the first counts.
        holders.rev().max_by_key(|at| {
            let instance = &instances[*at];
            let is_connected = match &instance.link {
                ConnectionStatus::Known(known) => known.is_connected(),
                ConnectionStatus::Asking => true,
                ConnectionStatus::Failed(_) => false,
            };
            let known = own(*at).flatten().filter_map(|id| instance.directory.community(id));
            let roles = known.map(|known| instance.directory.role_in_community(known));
            let roles: Vec<Role> = roles.chain([instance.directory.role_in(group)]).collect();
            let count = |role: Role| roles.iter().filter(|known| **known == role).count();
            (is_connected, Reverse(count(Role::Member)), count(Role::Admin))
        })
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

/// What all instances have in common: the view promises nothing that one of them cannot.
fn profile(first: &Profile, instances: &[Instance]) -> Profile {
    let all = |has: fn(&Capabilities) -> bool| instances.iter().all(|one| has(&one.profile.capabilities));
    let capabilities = Capabilities {
        lists_communities: all(|one| one.lists_communities),
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
        gateway: "",
        capabilities,
        settings: OperationSettings { subgroup_limit, ..first.settings.clone() },
        configured: Vec::new(),
        address: Address { gateway: "", base_url: String::new(), instance: None },
    }
}
