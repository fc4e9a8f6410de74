//! What an operation did, told from the state that it led to: for a journal that lacks more records than the worker has kept. It leaves out
//! how earlier attempts failed and the reads in between, and nothing that the state shows.

use crate::domain::{
    event::{OperationEvent, Record},
    operation::{Item, ItemState, Operation, Phase},
    outcome::Claim,
    time::Millis,
};

/// The records that bring an operation from an earlier state to a later one. There are never more of them than the records that they
/// stand for, so their numbers stay below those of the later state.
pub(super) fn retell(earlier: &Operation, later: &Operation, now: Millis) -> Vec<Record> {
    let mut retelling = Retelling { told: earlier.clone(), records: Vec::new() };
    if retelling.told.phase == Phase::Waiting && later.phase != Phase::Waiting {
        retelling.tell(now, OperationEvent::Started);
    }
    for (at, item) in later.items.iter().enumerate().filter(|(at, item)| earlier.items[*at] != **item) {
        retelling.tell_attempts(at, item, now);
    }
    retelling.tell_looks(later, now);
    for (at, item) in later.items.iter().enumerate() {
        let told = &retelling.told.items[at];
        if let Some(outcome) = item.outcome
            && (told.outcome, &told.reason) != (item.outcome, &item.reason)
        {
            let reason = item.reason.clone();
            retelling.tell(now, OperationEvent::ItemFinished { item: at, outcome, reason });
        }
    }
    retelling.tell_phase(later, now);
    retelling.records
}

struct Retelling {
    /// The state after the records so far.
    told: Operation,
    records: Vec<Record>,
}

impl Retelling {
    fn tell(&mut self, at: Millis, event: OperationEvent) {
        let (instance, operation) = (self.told.instance.clone(), self.told.id);
        let sequence = self.told.next_sequence;
        let record = Record { instance, operation, sequence, at, writer: None, event };
        self.told.apply(&record);
        self.records.push(record);
    }

    /// The requests for an item, and their answers.
    fn tell_attempts(&mut self, at: usize, item: &Item, now: Millis) {
        let when = item.attempted.unwrap_or(now);
        let sending = |step, attempt| OperationEvent::Sending { item: at, step, attempt, timeout_ms: None };
        for step in self.told.items[at].step..item.step {
            let attempt = self.told.items[at].attempts.max(1);
            if self.told.items[at].attempts == 0 {
                self.tell(when, sending(step, attempt));
            }
            self.tell(when, OperationEvent::StepVerified { item: at });
        }
        while self.lacks_silence(at, item) {
            let told = &self.told.items[at];
            if told.state != ItemState::Sending {
                let attempt = told.attempts + 1;
                self.tell(when, sending(item.step, attempt));
            }
            let failure = None;
            self.tell(when, OperationEvent::Answered { item: at, claim: Claim::Silence, failure });
        }
        if self.told.items[at].attempts < item.attempts {
            self.tell(when, sending(item.step, item.attempts));
        }
        let told = &self.told.items[at];
        match (item.claim, &item.failure) {
            (Some(claim), failure) if told.claim != item.claim => {
                let failure = failure.clone();
                self.tell(when, OperationEvent::Answered { item: at, claim, failure });
            }
            (None, Some(failure)) if told.failure.as_ref() != Some(failure) => {
                self.tell(when, OperationEvent::PutBack { item: at, failure: failure.clone() });
            }
            _ => {}
        }
        if item.state == ItemState::Queued && self.told.items[at].state != ItemState::Queued {
            self.tell(when, OperationEvent::TryingAgain { item: at });
        }
    }

    /// Whether an earlier attempt at the step of an item ended in silence, and that is not told yet.
    fn lacks_silence(&self, at: usize, item: &Item) -> bool {
        let told = &self.told.items[at];
        let is_answered = (told.attempts, told.claim) == (item.attempts, item.claim);
        let follows = item.claim == Some(Claim::Silence) && !is_answered;
        told.silent_attempts + u32::from(follows) < item.silent_attempts
    }

    fn tell_looks(&mut self, later: &Operation, now: Millis) {
        let pairs = || self.told.items.iter().zip(&later.items).enumerate();
        let began = |(told, item): (&Item, &Item)| {
            (told.state, item.state) == (ItemState::Accepted, ItemState::Checking)
        };
        let items: Vec<usize> = pairs().filter(|(_, pair)| began(*pair)).map(|(at, _)| at).collect();
        let shown = |(at, (told, item)): (usize, (&Item, &Item))| {
            Some((at, item.shows.filter(|_| told.shows != item.shows)?))
        };
        let seen: Vec<_> = pairs().filter_map(shown).collect();
        if !items.is_empty() {
            self.tell(now, OperationEvent::LookBegan { items });
        }
        if !seen.is_empty() {
            self.tell(now, OperationEvent::Looked { seen });
        }
    }

    fn tell_phase(&mut self, later: &Operation, now: Millis) {
        let why = match &later.phase {
            phase if *phase == self.told.phase => None,
            Phase::Running => Some(OperationEvent::Resumed),
            Phase::Paused(why) => Some(OperationEvent::Paused { why: why.clone() }),
            Phase::Stopping(why) => Some(OperationEvent::Stopping { why: why.clone() }),
            Phase::Ended(Some(why)) if !matches!(self.told.phase, Phase::Stopping(_)) => {
                Some(OperationEvent::Stopping { why: why.clone() })
            }
            Phase::Waiting | Phase::Ended(_) => None,
        };
        if let Some(event) = why {
            self.tell(now, event);
        }
        if let Some(ended) = later.ended.filter(|_| self.told.ended.is_none()) {
            self.tell(ended, OperationEvent::Ended);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, test_runner::Config as ProptestConfig};

    use super::*;
    use crate::{
        domain::{
            event::{ItemReason, PauseReason, StopReason},
            failure::{Failure, FailureKind},
            id::OperationId,
            instance::InstanceKey,
            outcome::{Outcome, Shows},
        },
        engine::samples::moving,
    };

    /// One of the events that may follow for an item, or for the operation.
    fn next(operation: &Operation, at: usize, dice: u8) -> OperationEvent {
        let item = &operation.items[at];
        let failure = || Failure::new(FailureKind::Refused).saying("no");
        let finished = |outcome, reason| OperationEvent::ItemFinished { item: at, outcome, reason };
        let shows = [Shows::Wanted, Shows::Unconfirmed, Shows::Unwanted, Shows::Unreadable];
        let looked = OperationEvent::Looked { seen: vec![(at, shows[usize::from(dice % 4)])] };
        match (dice / 4 % 8, item.state) {
            (0, _) => OperationEvent::Paused { why: PauseReason::Operator },
            (1, _) if dice < 5 => OperationEvent::Stopping { why: StopReason::Operator },
            (1, _) => OperationEvent::Resumed,
            (2, ItemState::Queued) => finished(Outcome::NotSent, Some(ItemReason::Stopped)),
            (_, ItemState::Queued) => OperationEvent::Sending {
                item: at,
                step: item.step,
                attempt: item.attempts + 1,
                timeout_ms: None,
            },
            (2, ItemState::Sending) => OperationEvent::PutBack { item: at, failure: failure() },
            (side, ItemState::Sending) => {
                let claim = [Claim::Yes, Claim::No, Claim::Silence][usize::from(side % 3)];
                OperationEvent::Answered { item: at, claim, failure: (claim == Claim::No).then(failure) }
            }
            (2 | 3, ItemState::Finished) => looked,
            (_, ItemState::Finished) => finished(Outcome::Verified, None),
            (2, _) => OperationEvent::LookBegan { items: vec![at] },
            (3, _) => OperationEvent::TryingAgain { item: at },
            (4, _) if item.has_next_step() => OperationEvent::StepVerified { item: at },
            (5, _) => finished(Outcome::Unknown, None),
            _ => looked,
        }
    }

    #[test]
    fn a_request_under_way_that_ended_in_silence_is_not_told_as_another_one() {
        let sending = |attempt| OperationEvent::Sending { item: 0, step: 0, attempt, timeout_ms: None };
        let silence = OperationEvent::Answered { item: 0, claim: Claim::Silence, failure: None };
        let events = [sending(2), silence, OperationEvent::TryingAgain { item: 0 }, sending(3)];
        let records = (1..).zip(events).map(|(sequence, event)| {
            let (instance, operation) = (InstanceKey::new("one"), OperationId(1));
            Record { instance, operation, sequence, at: Millis(5), writer: None, event }
        });
        let states: Vec<Operation> = records
            .scan(moving(1), |operation, record| {
                operation.apply(&record);
                Some(operation.clone())
            })
            .collect();
        let told: Vec<_> =
            retell(&states[0], &states[3], Millis(9)).into_iter().map(|record| record.event).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(matches!(told[1], OperationEvent::Sending { attempt: 3, .. }), "{told:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn property_what_is_told_leads_to_the_same_state_in_fewer_records(
            dice in proptest::collection::vec((0_usize..3, any::<u8>()), 0..60),
            known in 0_usize..60,
        ) {
            let mut later = moving(3);
            let mut earlier = later.clone();
            for (place, (at, chance)) in dice.into_iter().enumerate() {
                let event = if place == 0 { OperationEvent::Started } else { next(&later, at, chance) };
                let (instance, operation) = (later.instance.clone(), later.id);
                let (sequence, when) = (later.next_sequence, Millis(i64::try_from(place).unwrap()));
                later.apply(&Record { instance, operation, sequence, at: when, writer: None, event });
                if place < known {
                    earlier = later.clone();
                }
            }
            let records = retell(&earlier, &later, Millis(99));
            for record in &records {
                prop_assert_eq!(record.sequence, earlier.next_sequence);
                earlier.apply(record);
            }
            prop_assert!(earlier.next_sequence <= later.next_sequence, "{:?}", records);
            earlier.next_sequence = later.next_sequence;
            prop_assert_eq!(earlier, later);
        }
    }
}
