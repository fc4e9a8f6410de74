//! Witnesses: entries of one reading that the next one lacks. One or two may be the work of another admin. If more than a tenth
//! vanish at once, and more than two, and Synod did not cause it, the newer reading is suspect: it counts as incomplete until
//! another reading agrees with it.

use std::{collections::HashSet, sync::Arc};

use hashbrown::{HashMap, HashSet as Set};

use super::Directory;
use crate::domain::{
    community::{CommunityListing, GroupList},
    id::{CommunityId, GroupId},
    operation::{Item, Operation},
    plan::Step,
    reading::{Readings, Scope},
};

/// How many entries may vanish at once in any case.
const FEW: usize = 2;

/// Whether more of the `of` entries vanished at once than other admins are likely to remove.
fn are_too_many(vanished: usize, of: usize) -> bool {
    vanished > FEW && vanished * 10 > of
}

/// A reading that shows groups, and may lack some.
pub(super) trait Entries: Clone + PartialEq {
    fn ids(&self) -> impl ExactSizeIterator<Item = &GroupId>;
    /// Returns a test of whether a group is shown.
    fn finder(&self) -> impl Fn(&GroupId) -> bool;
    /// Marks it as incomplete.
    fn doubt(&mut self);
}

impl Entries for CommunityListing {
    fn ids(&self) -> impl ExactSizeIterator<Item = &GroupId> {
        self.subgroups.iter().map(|subgroup| &subgroup.id)
    }

    fn finder(&self) -> impl Fn(&GroupId) -> bool {
        let shown: HashSet<&str> = self.ids().map(GroupId::bare).collect();
        move |group| shown.contains(group.bare())
    }

    fn doubt(&mut self) {
        self.is_cut = true;
    }
}

impl Entries for GroupList {
    fn ids(&self) -> impl ExactSizeIterator<Item = &GroupId> {
        self.groups.iter().map(|group| &group.id)
    }

    fn finder(&self) -> impl Fn(&GroupId) -> bool {
        |group| self.has(group)
    }

    fn doubt(&mut self) {
        self.is_cut = true;
    }
}

/// The state against which newer readings are checked.
#[derive(Clone, Debug)]
pub(super) struct Witnesses<T> {
    /// The last reading that was not suspect.
    trusted: Option<Arc<T>>,
    /// The current reading is suspect.
    is_doubted: bool,
}

impl<T> Default for Witnesses<T> {
    fn default() -> Self {
        Self { trusted: None, is_doubted: false }
    }
}

impl<T: Entries> Witnesses<T> {
    /// Takes a newer reading and returns it, marked as incomplete if it is suspect. `has_reason` says whether Synod knows why a
    /// group vanished.
    fn weigh(&mut self, held: Option<&T>, newer: Arc<T>, has_reason: impl Fn(&GroupId) -> bool) -> Arc<T> {
        self.is_doubted = self.suspects(held, &newer, has_reason);
        if !self.is_doubted {
            self.trusted = Some(Arc::clone(&newer));
            return newer;
        }
        let mut newer = Arc::unwrap_or_clone(newer);
        newer.doubt();
        Arc::new(newer)
    }

    /// Whether a newer reading lacks too much. If it lacks the same entries as the suspect one before it, and not many more, it
    /// agrees with that one.
    fn suspects(&self, held: Option<&T>, newer: &T, has_reason: impl Fn(&GroupId) -> bool) -> bool {
        let Some(trusted) = &self.trusted else { return false };
        if trusted.ids().eq(newer.ids()) {
            return false;
        }
        let has = newer.finder();
        let lacks_too_much = |from: &T| {
            let vanished = from.ids().filter(|group| !has(group) && !has_reason(group)).count();
            are_too_many(vanished, from.ids().len())
        };
        if !lacks_too_much(trusted) {
            return false;
        }
        let Some(held) = held.filter(|_| self.is_doubted) else { return true };
        let had = held.finder();
        let is_any_back = trusted.ids().any(|group| !had(group) && has(group));
        is_any_back || lacks_too_much(held)
    }
}

/// The groups that Synod asked the gateway to remove, so that their absence is expected. By ids without suffixes.
#[derive(Clone, Debug, Default)]
pub(super) struct TakenAway {
    unlinked: HashMap<Box<str>, Set<Box<str>>>,
    left: Set<Box<str>>,
}

impl TakenAway {
    fn was_left(&self, group: &GroupId) -> bool {
        self.left.contains(group.bare())
    }

    fn was_taken_out(&self, community: &CommunityId, group: &GroupId) -> bool {
        self.was_left(group)
            || self.unlinked.get(community.bare()).is_some_and(|groups| groups.contains(group.bare()))
    }
}

impl Directory {
    /// Records a request that was sent, because it may remove a group from listings and lists.
    pub fn learn_sent(&mut self, step: &Step, group: &GroupId) {
        let taken = &mut self.taken_away;
        match step {
            Step::Unlink(community) => {
                let groups = taken.unlinked.entry(community.bare().into()).or_default();
                groups.insert(group.bare().into());
            }
            Step::Link(community) => {
                if let Some(groups) = taken.unlinked.get_mut(community.bare()) {
                    groups.remove(group.bare());
                }
            }
            Step::Leave => _ = taken.left.insert(group.bare().into()),
            Step::Join => _ = taken.left.remove(group.bare()),
            Step::LeaveCommunity(community) => {
                taken.left.insert(community.bare().into());
                let known = self.communities.iter().find(|known| known.id.same_as(community));
                let listing = known.and_then(|known| known.listing.as_ref());
                let all =
                    listing.iter().flat_map(|listing| listing.subgroups.iter().chain(&listing.announcements));
                taken.left.extend(all.map(|subgroup| subgroup.id.bare().into()));
            }
        }
    }

    /// Records everything that an operation has sent.
    pub fn learn_operation(&mut self, operation: &Operation) {
        let sent = |item: &&Item| item.was_sent;
        for item in operation.items.iter().filter(sent) {
            for step in item.steps.iter().take(item.step + 1) {
                self.learn_sent(step, &item.group);
            }
        }
    }

    /// Takes all readings, and marks those that turn out to be suspect.
    pub fn take_readings(&mut self, readings: &mut Readings) {
        match &readings.groups {
            Some(Ok(list)) => self.take_groups(Arc::clone(list)),
            Some(Err(failure)) => self.take_groups_failure(failure.clone()),
            None => {}
        }
        for (community, read) in &readings.communities {
            match read {
                Ok(listing) => self.take_listing(Arc::clone(listing)),
                Err(failure) => self.take_listing_failure(community, failure.clone()),
            }
        }
        let mut again = readings.again.take();
        if let Some(again) = &again {
            again.group_list().cloned().into_iter().for_each(|list| self.take_groups(list));
            again.communities.values().flatten().cloned().for_each(|listing| self.take_listing(listing));
        }
        self.mark_suspect(readings);
        if let Some(again) = &mut again {
            self.mark_suspect(again);
        }
        readings.again = again;
    }

    fn mark_suspect(&self, readings: &mut Readings) {
        if self.witnesses.is_doubted
            && let Some(Ok(list)) = &mut readings.groups
        {
            Arc::make_mut(list).doubt();
        }
        for listing in readings.communities.values_mut().flatten() {
            if self.community(&listing.community).is_some_and(|known| known.witnesses.is_doubted) {
                Arc::make_mut(listing).doubt();
            }
        }
    }

    /// The suspect scopes, which deserve a second read.
    pub fn suspect(&self) -> Vec<Scope> {
        let list = self.witnesses.is_doubted.then_some(Scope::Groups);
        let communities = self.communities.iter().filter(|known| known.witnesses.is_doubted);
        list.into_iter().chain(communities.map(|known| Scope::Community(known.id.clone()))).collect()
    }

    /// The communities alone, without their readings. New readings are still compared with the earlier ones.
    #[must_use]
    pub fn unread(&self) -> Self {
        let mut unread = Self {
            witnesses: self.witnesses.clone(),
            taken_away: self.taken_away.clone(),
            ..Self::default()
        };
        unread.communities.clone_from(&self.communities);
        for known in &mut unread.communities {
            (known.listing, known.failure) = (None, None);
        }
        unread.reindex();
        unread
    }

    /// Checks a newer listing of the community at a position. A listing that was taken and marked before is not a new one.
    pub(super) fn weighed_listing(
        &mut self,
        at: usize,
        listing: Arc<CommunityListing>,
    ) -> Arc<CommunityListing> {
        let known = &mut self.communities[at];
        let held = known.listing.as_deref();
        if held.is_some_and(|held| *held == *listing) {
            return listing;
        }
        let (taken, id) = (&self.taken_away, &known.id);
        known.witnesses.weigh(held, listing, |group| taken.was_taken_out(id, group))
    }

    /// Checks a newer list of groups. A list that was taken and marked before is not a new one.
    pub(super) fn weighed_list(&mut self, list: Arc<GroupList>) -> Arc<GroupList> {
        let held = self.groups.as_deref();
        if held.is_some_and(|held| held.begun == list.begun && *held == *list) {
            return list;
        }
        let taken = &self.taken_away;
        self.witnesses.weigh(held, list, |group| taken.was_left(group))
    }
}
