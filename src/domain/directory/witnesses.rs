//! Witnesses: entries of one reading that the next one lacks. One or two may be the work of another admin. If more than a tenth
//! vanish at once, and more than two, and Synod did not cause it, the newer reading is suspect: it counts as incomplete until
//! another reading agrees with it.

use std::{collections::HashSet, sync::Arc};

use hashbrown::{HashMap, HashSet as Set};

use super::{
    Directory,
    listing::Listing,
    slots::{Moves, Slot},
};
use crate::domain::{
    community::GroupList,
    id::{CommunityId, GroupId, bare},
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
pub(super) trait Entries: Clone {
    /// What identifies a group in it.
    type Id: ?Sized + PartialEq;

    /// How many groups it shows.
    fn count(&self) -> usize;

    /// Whether both show the same groups.
    fn has_same(&self, other: &Self) -> bool;

    /// Its groups that a newer reading lacks, in its own order.
    fn lost<'a>(&'a self, newer: &Self) -> Vec<&'a Self::Id>;

    /// Marks it as incomplete.
    fn doubt(&mut self);
}

impl Entries for Listing {
    type Id = Slot;

    fn count(&self) -> usize {
        self.subgroups.len()
    }

    fn has_same(&self, other: &Self) -> bool {
        self.subgroups == other.subgroups
    }

    fn lost<'a>(&'a self, newer: &Self) -> Vec<&'a Slot> {
        let shown: HashSet<&Slot> = newer.subgroups.iter().collect();
        self.subgroups.iter().filter(|slot| !shown.contains(slot)).collect()
    }

    fn doubt(&mut self) {
        self.is_cut = true;
    }
}

impl Entries for GroupList {
    type Id = str;

    fn count(&self) -> usize {
        self.groups.len()
    }

    fn has_same(&self, other: &Self) -> bool {
        self.groups.has_same_ids(&other.groups)
    }

    fn lost<'a>(&'a self, newer: &Self) -> Vec<&'a str> {
        let places = self.groups.places_in(&newer.groups);
        let gone = self.groups.iter().zip(places).filter(|(_, place)| place.is_none());
        gone.map(|(group, _)| group.id()).filter(|id| newer.groups.find_same(id).is_none()).collect()
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

impl Witnesses<Listing> {
    /// The slots of the groups that it refers to.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.trusted.iter().flat_map(|listing| listing.slots())
    }

    /// Follows groups to their new slots. `held` is the current listing before and after the moves.
    pub(super) fn follow(&mut self, moves: &Moves, held: Option<(&Arc<Listing>, &Arc<Listing>)>) {
        let Some(trusted) = &mut self.trusted else { return };
        *trusted = match held {
            Some((before, after)) if Arc::ptr_eq(before, trusted) => Arc::clone(after),
            _ => Arc::new(trusted.moved(moves)),
        };
    }
}

impl<T: Entries> Witnesses<T> {
    /// Takes a newer reading and returns it, marked as incomplete if it is suspect. `has_reason` says whether Synod knows why a
    /// group vanished.
    fn weigh(&mut self, held: Option<&T>, newer: Arc<T>, has_reason: impl Fn(&T::Id) -> bool) -> Arc<T> {
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
    fn suspects(&self, held: Option<&T>, newer: &T, has_reason: impl Fn(&T::Id) -> bool) -> bool {
        let Some(trusted) = self.trusted.as_deref().filter(|trusted| !trusted.has_same(newer)) else {
            return false;
        };
        let lost = trusted.lost(newer);
        let are_too_many = |lost: &[&T::Id], from: &T| {
            are_too_many(lost.iter().filter(|group| !has_reason(group)).count(), from.count())
        };
        if !are_too_many(&lost, trusted) {
            return false;
        }
        let Some(held) = held.filter(|_| self.is_doubted) else { return true };
        let is_any_back = trusted.lost(held).iter().any(|group| !lost.contains(group));
        is_any_back || are_too_many(&held.lost(newer), held)
    }
}

/// The groups that Synod asked the gateway to remove, so that their absence is expected. By ids without suffixes.
#[derive(Clone, Debug, Default)]
pub(super) struct TakenAway {
    unlinked: HashMap<Box<str>, Set<Box<str>>>,
    left: Set<Box<str>>,
}

impl TakenAway {
    fn was_left(&self, group: &str) -> bool {
        self.left.contains(bare(group))
    }

    fn was_taken_out(&self, community: &CommunityId, group: &str) -> bool {
        self.was_left(group)
            || self.unlinked.get(community.bare()).is_some_and(|groups| groups.contains(bare(group)))
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
                let shown = known.and_then(|known| known.listing.as_ref()).into_iter();
                let all = shown.flat_map(|listing| listing.slots()).filter_map(|slot| self.slots.get(slot));
                taken.left.extend(all.map(|group| bare(group.id()).into()));
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
                Ok(listing) => self.take_listing(listing),
                Err(failure) => self.take_listing_failure(community, failure.clone()),
            }
        }
        for details in readings.details.values().flatten() {
            self.take_details(details, readings.begun);
        }
        let mut again = readings.again.take();
        if let Some(again) = &again {
            for details in again.details.values().flatten() {
                self.take_details(details, again.begun);
            }
            again.group_list().cloned().into_iter().for_each(|list| self.take_groups(list));
            again.communities.values().flatten().for_each(|listing| self.take_listing(listing));
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
            Arc::make_mut(list).is_cut = true;
        }
        for listing in readings.communities.values_mut().flatten() {
            if self.community(&listing.community).is_some_and(|known| known.witnesses.is_doubted) {
                Arc::make_mut(listing).is_cut = true;
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
            slots: self.slots.clone(),
            communities: self.communities.clone(),
            ..Self::default()
        };
        for known in &mut unread.communities {
            (known.listing, known.failure) = (None, None);
        }
        unread.reindex();
        unread
    }

    /// Checks a newer listing of the community at a position. A listing that was taken and marked before is not a new one.
    pub(super) fn weighed_listing(&mut self, at: usize, listing: Arc<Listing>) -> Arc<Listing> {
        let known = &mut self.communities[at];
        let held = known.listing.as_deref();
        if held.is_some_and(|held| *held == *listing) {
            return listing;
        }
        let (taken, slots, id) = (&self.taken_away, &self.slots, &known.id);
        let has_reason =
            |slot: &Slot| slots.get(*slot).is_some_and(|group| taken.was_taken_out(id, group.id()));
        known.witnesses.weigh(held, listing, has_reason)
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
