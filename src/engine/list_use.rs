//! When the readbacks of unlinks read the list of groups. A long list costs more than many small requests, so it is read only if
//! it serves enough items. The details of single groups replace it for a few items; the others wait for a list that serves them all.
//! Pure.

use std::time::Duration;

use super::{
    readbacks::{ReadbackPlace, ReadbackSubject, lists::ALONE},
    run::Run,
};
use crate::domain::{
    community::{GroupRef, Parent},
    plan::Step,
    time::Millis,
};

/// How long an item waits for the list after its attempt, while others are sent.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

impl Run {
    /// The items that wait for the list of groups, and for which no list since their attempt answers. If such a list lacks the
    /// group of an item, the details of the group answer.
    fn lacking(&self) -> impl Iterator<Item = usize> {
        self.index.out().filter(|at| self.lacks_list(*at))
    }

    fn lacks_list(&self, at: usize) -> bool {
        let (item, note) = (&self.operation.items[at], &self.notes[at]);
        let newest = self.lists.newest.as_ref().filter(|list| list.begun >= note.watch.ended);
        let parent = newest.and_then(|list| list.find(&item.group)).map(GroupRef::parent);
        let is_contradicted = matches!((parent, item.current_step()),
            (Some(Parent::Community(named)), Some(Step::Unlink(source))) if named.same_as(source));
        note.waits_for_list && (newest.is_none() || is_contradicted)
    }

    /// When an item can be read back that is due at this time; `None` while another readback reads the list for it.
    pub(super) fn due_with_list(&self, at: usize, due: Millis, is_list_due: bool) -> Option<Millis> {
        match self.lists.reader {
            _ if !self.lacks_list(at) => Some(due),
            Some(_) => None,
            None if is_list_due => Some(due),
            None => Some(due.max(self.notes[at].watch.ended + PATIENCE)),
        }
    }

    /// Whether a readback at this place reads the list now; `asking` counts its own items that need the list. It does if the list is
    /// worth its cost, if an item has waited too long, or if nothing more is sent and no other readback adds items.
    pub(super) fn is_list_due(&self, here: Option<&ReadbackPlace>, asking: usize, now: Millis) -> bool {
        let is_old = |at: usize| self.notes[at].watch.ended + PATIENCE <= now;
        let adds = |at: usize| {
            let item = &self.operation.items[at];
            let is_due = self.waits_for_look(at, item) && !self.notes[at].waits_for_list;
            is_due && self.place(at, item).as_ref() != here
        };
        self.lists.is_worth_it(self.lacking().count() + asking)
            || self.lacking().any(is_old)
            || !(self.sends_more() || self.index.out().any(adds))
    }

    /// Decides how a readback of these items learns whether the number is still in their groups: by the list of groups, by details,
    /// or later. Removes the items that wait. Returns whether the list is withheld.
    pub(super) fn share_list(
        &mut self,
        place: &ReadbackPlace,
        subjects: &mut Vec<ReadbackSubject>,
        now: Millis,
    ) -> bool {
        let is_unlink = |subject: &ReadbackSubject| matches!(subject.step, Step::Unlink(_));
        let asks = |run: &Self, subject: &ReadbackSubject| {
            is_unlink(subject) && !run.notes[subject.item].waits_for_list
        };
        let asking = subjects.iter().filter(|subject| asks(self, subject)).count();
        let is_community = matches!(place, ReadbackPlace::Community(_));
        let has_list_anyway =
            self.capabilities.lists_every_subgroup || self.capabilities.listings_from_groups;
        if !is_community || has_list_anyway || self.lists.is_worth_it(asking.max(1)) {
            return false;
        }
        let is_due = self.lists.reader.is_none() && self.is_list_due(Some(place), asking, now);
        // At the end, a few late items need no list of their own.
        let before = if is_due { 0 } else { self.lists.alone };
        let left = ALONE.saturating_sub(before);
        if is_due && (asking > left || self.lacking().next().is_some()) {
            self.lists.reader = Some(place.clone());
            return false;
        }
        subjects.retain(|subject| !self.lacks_list(subject.item));
        // A group that is moved is in no community meanwhile, so its next step does not wait for others.
        let mut alone = before;
        for subject in subjects.iter_mut().filter(|subject| asks(self, subject)) {
            subject.asks_details = subject.has_next_step || alone < ALONE;
            alone += usize::from(!subject.has_next_step && subject.asks_details);
        }
        self.lists.alone = self.lists.alone.max(alone);
        true
    }
}
