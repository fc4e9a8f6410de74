//! Decides which read-backs are due and which items each one serves. Pure; `readbacks::shows` interprets a read-back, and
//! `readbacks::read` performs it.

pub(super) mod read;
pub(super) mod shows;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::domain::{
    capability::Capabilities,
    event::SeenBefore,
    id::{CommunityId, GroupId},
    operation::Item,
    outcome::{Claim, Shows},
    plan::{Step, estimate::BETWEEN_LOOKS},
    time::Millis,
};

/// The maximum number of simultaneous read-backs, each at a different place.
const AT_ONCE: usize = 4;

/// The place that a read-back reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReadbackPlace {
    /// A community's listing.
    Community(CommunityId),
    Groups,
    Details(GroupId),
}

impl ReadbackPlace {
    /// The place where an item's step is read back.
    pub(super) fn of(item: &Item, is_seen_by_list: bool, capabilities: &Capabilities) -> Option<Self> {
        Some(match item.current_step()? {
            Step::Link(community) | Step::Unlink(community) => Self::Community(community.clone()),
            Step::Leave if is_seen_by_list => Self::Groups,
            Step::Join if capabilities.group_list_shows_membership => Self::Groups,
            Step::Leave | Step::Join => Self::Details(item.group.clone()),
            Step::LeaveCommunity(community) => Self::Details(community.as_group()),
        })
    }
}

/// A read-back to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Readback {
    pub(super) place: ReadbackPlace,
    pub(super) subjects: Vec<ReadbackSubject>,
}

/// An item that a read-back serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadbackSubject {
    pub(super) item: usize,
    pub(super) group: GroupId,
    pub(super) step: Step,
    /// The attempt that the read-back is for; it does not judge later attempts.
    pub(super) attempt: u32,
    pub(super) seen: SeenBefore,
    /// When the attempt ended: only answers that began after it count.
    pub(super) ended: Millis,
    /// An earlier step took it out of its community.
    pub(super) was_unlinked: bool,
    /// Another step follows, which acts on the group in the place where this step leaves it.
    pub(super) has_next_step: bool,
    /// Its details were inconclusive, so the list of groups is read.
    pub(super) is_seen_by_list: bool,
}

impl ReadbackSubject {
    pub(super) fn new(at: usize, item: &Item, ended: Millis, is_seen_by_list: bool) -> Option<Self> {
        Some(Self {
            item: at,
            group: item.group.clone(),
            step: item.current_step()?.clone(),
            attempt: item.attempts,
            seen: item.evidence,
            ended,
            was_unlinked: item.was_unlinked(),
            has_next_step: item.has_next_step(),
            is_seen_by_list,
        })
    }

    /// Whether the item is still at the same attempt and step as when the read-back began.
    pub(super) fn is_current(&self, item: &Item) -> bool {
        item.attempts == self.attempt && item.current_step() == Some(&self.step)
    }
}

/// The read-backs of an item since its attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Watch {
    /// When the attempt ended.
    pub(super) ended: Millis,
    /// How many of the due read-backs were done.
    pub(super) taken: usize,
    /// A read-back supported the wanted state.
    pub(super) was_shown_wanted: bool,
}

impl Watch {
    /// The read-backs that are due after an attempt that ended at this time.
    pub(super) fn since(ended: Millis) -> Self {
        Self { ended, ..Self::default() }
    }

    /// When the next read-back is due. If the gateway said yes but the last read-back did not show it, one more follows later: the
    /// gateway's listings may lag behind.
    pub(super) fn next_due(self, read_back: &[Duration], item: &Item) -> Millis {
        let last = read_back.last().copied().unwrap_or(BETWEEN_LOOKS);
        let after = match read_back.get(self.taken) {
            Some(after) => *after,
            None if doubts_a_yes(item.claim, item.shows) => last * 2,
            None => last,
        };
        self.ended + after
    }

    /// Whether all due read-backs were done, apart from the later one that may follow a yes.
    pub(super) fn has_had_its_looks(self, read_back: &[Duration]) -> bool {
        self.taken >= read_back.len()
    }

    /// Counts a read-back that began at this time. Returns whether it was the last one that is due after this result.
    pub(super) fn take(
        &mut self,
        begun: Millis,
        read_back: &[Duration],
        claim: Option<Claim>,
        shows: Shows,
    ) -> bool {
        let passed = read_back.iter().filter(|after| self.ended + **after <= begun).count();
        self.taken = self.taken.max(passed);
        let last = read_back.last().copied().unwrap_or(BETWEEN_LOOKS);
        let is_late = self.ended + last * 2 <= begun;
        self.taken >= read_back.len() && (is_late || !doubts_a_yes(claim, Some(shows)))
    }
}

/// Whether a read-back contradicts the gateway's answer.
fn doubts_a_yes(claim: Option<Claim>, shows: Option<Shows>) -> bool {
    claim == Some(Claim::Yes) && shows == Some(Shows::Unwanted)
}

/// The times and places of the read-backs in one operation.
#[derive(Debug)]
pub(super) struct Readbacks {
    /// The minimum interval between read-backs at one place.
    spacing: Duration,
    begun: BTreeMap<ReadbackPlace, Millis>,
    under_way: BTreeSet<ReadbackPlace>,
}

impl Readbacks {
    /// No read-backs yet. Those that read the list of groups in addition to a listing have a longer interval.
    pub(super) fn new(need_the_list: bool) -> Self {
        let spacing = if need_the_list { BETWEEN_LOOKS * 4 / 3 } else { BETWEEN_LOOKS };
        Self { spacing, begun: BTreeMap::new(), under_way: BTreeSet::new() }
    }

    /// When and where the next read-back is due; `waiting` gives the places, each with the time at which an item there is due.
    pub(super) fn next(
        &self,
        waiting: impl Iterator<Item = (ReadbackPlace, Millis)>,
    ) -> Option<(Millis, ReadbackPlace)> {
        if self.under_way.len() >= AT_ONCE {
            return None;
        }
        waiting
            .filter(|(place, _)| !self.under_way.contains(place))
            .map(|(place, due)| {
                let spaced = self.begun.get(&place).map_or(due, |begun| due.max(*begun + self.spacing));
                (spaced, place)
            })
            .min()
    }

    /// Records the start of a read-back.
    pub(super) fn begin(&mut self, place: &ReadbackPlace, now: Millis) {
        self.begun.insert(place.clone(), now);
        self.under_way.insert(place.clone());
    }

    /// Whether a read-back is under way at this place.
    pub(super) fn is_under_way(&self, place: &ReadbackPlace) -> bool {
        self.under_way.contains(place)
    }

    /// Records the end of a read-back.
    pub(super) fn end(&mut self, place: &ReadbackPlace) {
        self.under_way.remove(place);
    }

    /// Records that a read-back crashed at an unknown place: none counts as under way any more. Only a fault of this program could
    /// cause that, because the calls of the gateway are guarded; so no test can show it.
    pub(super) fn forget(&mut self) {
        self.under_way.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ_BACK: [Duration; 3] = [Duration::from_secs(3), Duration::from_secs(6), Duration::from_secs(9)];

    fn item(claim: Claim, shows: Option<Shows>) -> Item {
        let ordered =
            serde_json::json!({ "group": "g@g.us", "name": "g", "steps": ["leave"], "fate": "send" });
        let mut item = Item::from_order(serde_json::from_value(ordered).unwrap());
        (item.claim, item.shows) = (Some(claim), shows);
        item
    }

    #[test]
    fn a_look_counts_for_what_was_due_when_it_began() {
        let mut watch = Watch::since(Millis(1_000));
        let no = item(Claim::No, None);
        let take = |watch: &mut Watch, at| watch.take(Millis(at), &READ_BACK, no.claim, Shows::Unwanted);
        assert_eq!(watch.next_due(&READ_BACK, &no), Millis(4_000));
        assert!(!take(&mut watch, 3_999));
        assert_eq!(watch.next_due(&READ_BACK, &no), Millis(4_000));
        assert!(!take(&mut watch, 4_000));
        assert_eq!(watch.next_due(&READ_BACK, &no), Millis(7_000));
        assert!(take(&mut watch, 10_000));
    }

    #[test]
    fn a_yes_that_no_look_shows_is_looked_for_once_more_and_later() {
        let mut watch = Watch::since(Millis(1_000));
        let yes = Some(Claim::Yes);
        assert!(!watch.take(Millis(10_000), &READ_BACK, yes, Shows::Unwanted));
        assert_eq!(watch.next_due(&READ_BACK, &item(Claim::Yes, Some(Shows::Unwanted))), Millis(19_000));
        assert!(watch.take(Millis(19_000), &READ_BACK, yes, Shows::Unwanted));
        // A result that needs confirmation makes the next read-back due at once.
        assert_eq!(watch.next_due(&READ_BACK, &item(Claim::Yes, Some(Shows::Unconfirmed))), Millis(10_000));
        assert!(watch.take(Millis(10_000), &READ_BACK, yes, Shows::Unreadable));
    }

    #[test]
    fn a_readback_is_about_the_attempt_and_the_step_at_which_it_began() {
        let begun = item(Claim::Yes, None);
        let subject = ReadbackSubject::new(0, &begun, Millis(0), false).unwrap();
        assert!(subject.is_current(&begun));
        assert!(!subject.is_current(&Item { attempts: 1, ..begun.clone() }));
        assert!(!subject.is_current(&Item { steps: vec![Step::Join], ..begun }));
    }

    #[test]
    fn one_place_is_looked_at_once_in_three_seconds() {
        let place = ReadbackPlace::Groups;
        let mut looks = Readbacks::new(false);
        looks.begin(&place, Millis(0));
        assert_eq!(looks.next([(place.clone(), Millis(1_000))].into_iter()), None);
        looks.end(&place);
        assert_eq!(looks.next([(place.clone(), Millis(1_000))].into_iter()), Some((Millis(3_000), place)));
    }
}
