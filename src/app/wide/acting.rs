//! Which number acts on a group of the view over all instances, and the marks, wishes and plans of that view in the ids of an instance.

use std::cmp::Reverse;

use super::Wide;
use crate::{
    app::instance::{ConnectionStatus, Instance},
    domain::{
        capability::Capabilities,
        community::Role,
        id::{CommunityId, GroupId},
        plan::{Mark, Origin, Plan, Step, Want, Wish},
        time::Millis,
    },
};

impl Wide {
    /// Puts the view on the screen. It takes over the marks of the instances.
    pub fn show(&mut self, instances: &[Instance], now: Millis) {
        self.is_shown = true;
        self.settle(instances, now);
        for (at, instance) in instances.iter().enumerate() {
            for mark in instance.marks.in_order() {
                let source = mark.source.map(|source| self.shown_community(at, &source).clone());
                let group = self.shown_group(&mark.group);
                self.view.marks.add(Mark { group, name: mark.name, source });
            }
        }
        self.view.make_stale();
    }

    /// Takes the view from the screen. It leaves the instances the marks that were made there, without those that were removed here.
    pub fn hide(&mut self, instances: &mut [Instance]) {
        self.is_shown = false;
        for instance in instances {
            let own = instance.marks.iter().map(|mark| (self.shown_group(&mark.group), mark.group.clone()));
            let (kept, gone): (Vec<_>, Vec<_>) =
                own.partition(|(shown, _)| self.view.marks.has(shown.as_str()));
            instance.unmark(gone.iter().map(|(_, own)| own));
            self.view.unmark(kept.iter().map(|(shown, _)| shown));
        }
    }

    /// The indices of the instances that a mark of this view was made for: those in which the group was marked.
    pub fn marked_for(&self, instances: &[Instance], group: &GroupId) -> Vec<usize> {
        let is_marked = |at: &usize| {
            let own = instances[*at].own_group(group);
            own.is_some_and(|own| instances[*at].marks.has(own.as_str()))
        };
        // Marks that were removed here are still in the instances.
        let holders = self.holders(group.as_str()).iter().filter(|_| self.view.marks.has(group.as_str()));
        holders.copied().filter(is_marked).collect()
    }

    /// The index of the instance that acts on a group, for a plan about these communities: one that is in the group and in the
    /// communities. One whose gateway has the calls comes before the others, then a connected one, then one for which the group was
    /// marked, then one that may be an admin everywhere, then one that is known to be. `None` if no instance is in all of them.
    pub fn acting(
        &self,
        instances: &[Instance],
        group: &GroupId,
        communities: &[&CommunityId],
        has_calls: impl Fn(&Capabilities) -> bool,
    ) -> Option<usize> {
        let own = |at: usize| communities.iter().map(move |community| self.own_community(at, community));
        let holders = self.holders(group.as_str()).iter().copied();
        let holders = holders.filter(|at| own(*at).all(|community| community.is_some()));
        let marked_for = self.marked_for(instances, group);
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
            let (members, admins) = (Reverse(count(Role::Member)), count(Role::Admin));
            let can = has_calls(&instance.profile.capabilities);
            (can, is_connected, marked_for.contains(at), members, admins)
        })
    }

    /// A mark of this view in the ids of an instance; `None` if that does not know the group.
    pub fn own_mark(&self, at: usize, instance: &Instance, mark: &Mark) -> Option<Mark> {
        let source = mark.source.as_ref().and_then(|source| self.own_community(at, source)).cloned();
        Some(Mark { group: instance.own_group(&mark.group)?, name: mark.name.clone(), source })
    }

    /// A wish of this view in the ids of an instance; `None` if the instance does not know the group or the community.
    pub fn own_wish(&self, at: usize, instance: &Instance, wish: &Wish) -> Option<Wish> {
        let own = |community: &CommunityId| self.own_community(at, community).cloned();
        let want = match &wish.want {
            Want::In(target) => Want::In(own(target)?),
            Want::CommunityLeft(_) => return None,
            other => other.clone(),
        };
        let from = match &wish.from {
            Origin::Only(source) => Origin::Only(own(source)?),
            other => other.clone(),
        };
        let group = instance.own_group(&wish.group)?;
        Some(Wish { group, name: wish.name.clone(), want, from, earlier: wish.earlier })
    }

    /// A plan of an instance in the ids of this view.
    pub fn shown_plan(&self, at: usize, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        let show = |community: &mut CommunityId| *community = self.shown_community(at, community).clone();
        plan.request.wishes.iter_mut().for_each(|wish| {
            wish.group = self.shown_group(&wish.group);
            if let Want::In(target) = &mut wish.want {
                show(target);
            }
            if let Origin::Only(source) = &mut wish.from {
                show(source);
            }
        });
        plan.target.iter_mut().for_each(|target| show(&mut target.id));
        plan.capacities.iter_mut().for_each(|(community, _)| show(community));
        plan.most_taken.iter_mut().for_each(|(community, _)| show(community));
        for row in &mut plan.rows {
            row.group = self.shown_group(&row.group);
            for step in &mut row.steps {
                match step {
                    Step::Link(community) | Step::Unlink(community) => show(community),
                    Step::Leave | Step::LeaveCommunity(_) | Step::Join => {}
                }
            }
        }
        plan
    }

    /// The id that a group of an instance has in this view.
    fn shown_group(&self, group: &GroupId) -> GroupId {
        self.view.own_group(group).unwrap_or_else(|| group.clone())
    }

    /// The id that a community of an instance has in this view.
    pub(super) fn shown_community<'a>(&'a self, at: usize, community: &'a CommunityId) -> &'a CommunityId {
        self.shown_ids.get(at).and_then(|ids| ids.get(community.bare())).unwrap_or(community)
    }
}
