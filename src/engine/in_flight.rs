//! The last request of a Synod process that ended before the answer arrived. The gateway may still be working on it, so nothing
//! else is sent for the instance, or for its number under another name, until its time-out has passed since its recorded start, or
//! until a read-back shows its result. This module determines which requests these are and how long they count; the worker waits
//! and reads back.

use std::{collections::BTreeSet, time::Duration};

use super::{
    journal::{Journal, JournalError},
    readbacks::{
        Readback, ReadbackPlace, ReadbackSubject,
        read::Taken,
        shows::{self, ReadbackFinding},
    },
};
use crate::domain::{
    capability::Capabilities,
    event::OperationEvent,
    id::OperationId,
    instance::InstanceKey,
    operation::{Item, ItemState},
    outcome::{Claim, Outcome, Shows},
    settings::Timeouts,
    time::Millis,
};

/// The interval between read-backs.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
/// How long to wait after a read-back that was refused because of too many requests.
const AFTER_REFUSAL: Duration = Duration::from_secs(20);
/// The longest wait for a request, whatever the journal says.
const LONGEST: Duration = Duration::from_secs(3600);

/// The operation of a request, and the sequence number of the request's event in it.
pub(super) type RequestId = (OperationId, u64);

/// A request that another Synod sent and that has no answer.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) of: RequestId,
    /// When its answer can no longer arrive.
    pub(super) until: Millis,
    look: Option<Readback>,
    next_look: Millis,
    is_looked_at: bool,
    /// The last read-back did not show the group that an unlink or a leave was to remove.
    is_unconfirmed: bool,
}

impl InFlight {
    /// The newest requests of an instance and of its number that another Synod sent and that may still be in flight. `own` are the
    /// operations that this engine ran, `before` are the earlier results.
    ///
    /// A start in the future counts as now: the clock was set back, and the wait never exceeds the time-out.
    pub(super) async fn find(
        journal: &dyn Journal,
        instance: &InstanceKey,
        own: &BTreeSet<OperationId>,
        before: &[Self],
        capabilities: &Capabilities,
        now: Millis,
    ) -> Result<Vec<Self>, JournalError> {
        let mut found = Vec::new();
        for record in journal.last_sendings(instance, now).await? {
            let OperationEvent::Sending { item: at, step, attempt, timeout_ms } = record.event else {
                continue;
            };
            let timeout = timeout_ms.map_or_else(|| Timeouts::default().request, Duration::from_millis);
            let of = (record.operation, record.sequence);
            let until = match before.iter().find(|before| before.of == of) {
                Some(before) => before.until,
                None => record.at.min(now) + timeout.min(LONGEST),
            };
            if until <= now || own.contains(&record.operation) {
                continue;
            }
            let operation = journal.operation(&record.instance, record.operation).await?;
            let item = operation.as_ref().and_then(|operation| operation.items.get(at));
            let item = item.filter(|item| (item.step, item.attempts) == (step, attempt));
            let Some(item) = item.filter(|item| has_no_answer(item)) else { continue };
            let look = ReadbackPlace::of(item, false, capabilities)
                .zip(ReadbackSubject::new(at, item, now, false))
                .map(|(place, subject)| Readback { place, subjects: vec![subject], is_list_withheld: false });
            found.push(Self { of, until, look, next_look: now, is_looked_at: false, is_unconfirmed: false });
        }
        Ok(found)
    }

    /// When the next read-back is due, if it may not begin before `earliest`.
    pub(super) fn next_look(&self, earliest: Millis) -> Option<Millis> {
        let due = self.next_look.max(earliest);
        (self.look.is_some() && !self.is_looked_at && due < self.until).then_some(due)
    }

    /// Begins a read-back.
    pub(super) fn look(&mut self) -> Option<Readback> {
        self.is_looked_at = true;
        self.look.clone()
    }

    /// Processes a read-back. Returns whether it shows the result that the request asked for.
    pub(super) fn looked(&mut self, taken: &Taken, capabilities: &Capabilities, now: Millis) -> bool {
        self.looked_in_vain(now);
        if taken.held().is_some() {
            self.next_look = now + AFTER_REFUSAL;
        }
        let mut findings =
            taken.look.subjects.iter().map(|subject| shows::examine(subject, &taken.reads, capabilities));
        let shows = findings.find_map(|finding| match finding {
            ReadbackFinding::Found(shows, _) => Some(shows),
            ReadbackFinding::Needs(_) => None,
        });
        // Absence counts only if two consecutive read-backs agree.
        let was_unconfirmed = std::mem::replace(&mut self.is_unconfirmed, shows == Some(Shows::Unconfirmed));
        shows == Some(Shows::Wanted) || (was_unconfirmed && self.is_unconfirmed)
    }

    /// Records that a read-back ended without a result.
    pub(super) fn looked_in_vain(&mut self, now: Millis) {
        self.is_looked_at = false;
        self.next_look = now + BETWEEN_LOOKS;
    }
}

/// Whether the result of an item's last request is unknown, and no reading shows it.
fn has_no_answer(item: &Item) -> bool {
    let is_open = item.state == ItemState::Sending || item.claim == Some(Claim::Silence);
    is_open && !item.outcome.is_some_and(Outcome::is_as_wanted)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;

    use super::*;
    use crate::{
        domain::{event::SeenBefore, plan::Step, reading::Reading},
        engine::{
            readbacks::{ReadbackSubject, shows::ReadbackData},
            samples::{CAPABILITIES, community, group, item, listing},
        },
    };

    fn request() -> InFlight {
        let place = ReadbackPlace::Groups;
        InFlight {
            of: (OperationId(1), 1),
            until: Millis(10_000),
            look: Some(Readback { place, subjects: Vec::new(), is_list_withheld: false }),
            next_look: Millis(0),
            is_looked_at: false,
            is_unconfirmed: false,
        }
    }

    #[test]
    fn a_request_is_read_back_once_at_a_time_until_its_time_is_over() {
        let mut request = request();
        assert_eq!(request.next_look(Millis(0)), Some(Millis(0)));
        assert_eq!(request.next_look(Millis(9_999)), Some(Millis(9_999)), "the gate holds it back");
        assert_eq!(request.next_look(Millis(10_000)), None, "the gate holds it back for too long");
        assert!(request.look().is_some());
        assert_eq!(request.next_look(Millis(0)), None, "a readback is in progress");
        request.looked_in_vain(Millis(1_000));
        assert_eq!(request.next_look(Millis(0)), Some(Millis(6_000)));
        request.looked_in_vain(Millis(5_000));
        assert_eq!(request.next_look(Millis(0)), None, "its time is over by then");
    }

    #[test]
    fn a_request_that_no_listing_shows_is_not_read_back() {
        assert_eq!(InFlight { look: None, ..request() }.next_look(Millis(0)), None);
    }

    /// A read-back of an unlink by a listing that does or does not show the group.
    fn taken(is_listed: bool) -> Taken {
        let subject = ReadbackSubject {
            item: 0,
            group: group("g@g.us"),
            step: Step::Unlink(community()),
            attempt: 1,
            seen: SeenBefore::default(),
            ended: Millis(0),
            was_unlinked: false,
            has_next_step: false,
            is_seen_by_list: false,
            asks_details: false,
        };
        let listing = listing(Millis(1), if is_listed { &["h@g.us", "g@g.us"] } else { &["h@g.us"] });
        let mut reads = ReadbackData::default();
        reads.fresh.take(Reading::Community(community(), Ok(Arc::new(listing))));
        let place = ReadbackPlace::Community(community());
        let look = Readback { place, subjects: vec![subject], is_list_withheld: false };
        Taken { look, begun: Millis(1), reads }
    }

    #[test]
    fn a_group_must_be_absent_twice_in_succession_to_end_the_wait() {
        let mut request = request();
        let mut ends = |is_listed| request.looked(&taken(is_listed), &CAPABILITIES, Millis(2));
        assert_eq!([false, true, false, false].map(&mut ends), [false, false, false, true]);
    }

    #[rstest]
    #[case::being_sent(ItemState::Sending, None, None, true)]
    #[case::silent(ItemState::Accepted, Some(Claim::Silence), None, true)]
    #[case::silent_and_given_up(ItemState::Finished, Some(Claim::Silence), Some(Outcome::Unknown), true)]
    #[case::silent_and_shown(ItemState::Finished, Some(Claim::Silence), Some(Outcome::Verified), false)]
    #[case::accepted(ItemState::Accepted, Some(Claim::Yes), None, false)]
    #[case::refused(ItemState::Finished, Some(Claim::No), Some(Outcome::Refused), false)]
    #[case::not_sent(ItemState::Queued, None, None, false)]
    fn only_a_request_without_an_answer_may_be_in_flight(
        #[case] state: ItemState,
        #[case] claim: Option<Claim>,
        #[case] outcome: Option<Outcome>,
        #[case] may_be: bool,
    ) {
        let item = item(Step::Leave);
        assert_eq!(has_no_answer(&Item { state, claim, outcome, ..item }), may_be);
    }
}
