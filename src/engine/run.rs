//! An operation in progress: its fold, the state that the fold does not keep, and the events that follow from an answer, a
//! read-back or a stop. Pure: the worker records the events and acts.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    breaker::Breaker,
    event_batch::EventBatch,
    index::Index,
    item::{self, Context},
    moment::Moment,
    rate_gate::RateGate,
    readbacks::{
        Readback, ReadbackPlace, ReadbackSubject, Readbacks, Watch, lists::ListUse, read::Taken, shows,
    },
};
use crate::{
    domain::{
        capability::Capabilities,
        event::{ItemReason, OperationEvent, Record, StopReason},
        failure::Failure,
        invite::InviteLink,
        operation::{Item, ItemState, Operation, Phase, changes},
        outcome::{Claim, Outcome, Shows, StepStanding, Verdict, judge},
        plan::Step,
        reading::{Scope, is_fresh},
        settings::OperationSettings,
        time::Millis,
    },
    gateway::Answer,
};

/// An operation in progress.
pub(super) struct Run {
    pub(super) operation: Operation,
    pub(super) capabilities: Capabilities,
    pub(super) settings: Arc<OperationSettings>,
    pub(super) notes: Vec<ItemNotes>,
    pub(super) looks: Readbacks,
    /// The item whose request is in flight.
    pub(super) writing: Option<usize>,
    /// The operator paused sending.
    pub(super) paused: bool,
    /// When sending was paused, for any reason.
    pub(super) held: Option<Millis>,
    /// The lists of groups from its read-backs.
    pub(super) lists: ListUse,
    /// Why its items may not be sent yet.
    pub(super) stage: Stage,
    /// The item whose invite link is being read.
    pub(super) preparing: Option<usize>,
    /// The invite link for the next item to join.
    pub(super) link: Option<(usize, InviteLink)>,
    /// The items, by what they wait for.
    pub(super) index: Index,
    breaker: Breaker,
}

/// Why the items of an operation may not be sent yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// They may be sent, as long as the plan is recent.
    #[default]
    Fresh,
    /// It waited for its turn, and must be checked against fresh listings before its first request.
    Unchecked,
    Checking,
    /// They may be sent: it was checked, or its first request was sent.
    Checked,
}

/// The state of an item that the fold does not keep.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about an item")]
pub(super) struct ItemNotes {
    pub(super) watch: Watch,
    /// It was put back, and is read back before it is sent again.
    pub(super) must_look: bool,
    /// Its details were inconclusive after it was left, so the list of groups is read.
    pub(super) is_seen_by_list: bool,
    /// The list of groups was withheld from its readback, so it waits until one is read.
    pub(super) waits_for_list: bool,
    /// It is ready to be sent: the invite link is stored, or was looked up.
    pub(super) is_prepared: bool,
}

impl ItemNotes {
    /// The state that an item's events alone give, for an operation that is taken over in its current state.
    fn of(item: &Item) -> Self {
        let ended = item.attempted.unwrap_or_default();
        // Its request was sent, and it waits for its turn again: the result of that request is unknown.
        let must_look = item.outcome.is_none() && item.state == ItemState::Queued && item.attempts > 0;
        Self { watch: Watch::since(ended), must_look, ..Self::default() }
    }
}

/// The result of a read-back for one item.
struct Sight {
    item: usize,
    shows: Shows,
    unread: Option<ItemReason>,
}

impl Run {
    pub(super) fn new(
        operation: Operation,
        capabilities: Capabilities,
        settings: Arc<OperationSettings>,
    ) -> Self {
        let notes = operation.items.iter().map(ItemNotes::of).collect();
        let index = Index::new(&operation);
        let unlinks = |item: &Item| item.steps.iter().any(|step| matches!(step, Step::Unlink(_)));
        let need_the_list = !capabilities.lists_every_subgroup && operation.items.iter().any(unlinks);
        Self {
            operation,
            capabilities,
            settings,
            notes,
            looks: Readbacks::new(need_the_list),
            writing: None,
            paused: false,
            held: None,
            lists: ListUse::default(),
            stage: Stage::default(),
            preparing: None,
            link: None,
            index,
            breaker: Breaker::default(),
        }
    }

    /// Applies records that are now durable.
    pub(super) fn take(&mut self, records: &[Record]) {
        for record in records {
            self.operation.apply(record);
            let (items, index) = (&self.operation.items, &mut self.index);
            changes(&record.event, record.at, |at, _| {
                if let Some(item) = items.get(at) {
                    index.place(at, item);
                }
            });
        }
    }

    /// Sending continues. After a long pause the rest is checked again, like a plan that waited.
    pub(super) fn release(&mut self, now: Millis) {
        let was_long = self.held.take().is_some_and(|since| !is_fresh(since, now));
        if was_long && self.stage == Stage::Checked {
            self.stage = Stage::Unchecked;
        }
    }

    /// Whether every item has its outcome.
    pub(super) fn is_done(&self) -> bool {
        self.writing.is_none() && self.operation.totals.finished() == self.operation.items.len()
    }

    /// The batch for a request that is about to be sent for an item.
    pub(super) fn sending(&self, at: usize, now: Millis) -> Option<(EventBatch, Step)> {
        let item = self.operation.items.get(at)?;
        let step = item.current_step()?.clone();
        let timeout_ms = u64::try_from(self.settings.timeout.request.as_millis()).ok();
        let event =
            OperationEvent::Sending { item: at, step: item.step, attempt: item.attempts + 1, timeout_ms };
        Some((EventBatch::of(&self.operation, now, event), step))
    }

    /// Records that the request was sent.
    pub(super) fn sent(&mut self, at: usize) {
        self.notes[at] = ItemNotes::default();
        self.writing = Some(at);
        self.stage = Stage::Checked;
    }

    /// Processes the end of the request in flight.
    pub(super) fn answered(
        &mut self,
        at: usize,
        answer: Answer,
        gate: &mut RateGate,
        moment: Moment,
    ) -> EventBatch {
        self.writing = None;
        self.notes[at].watch = Watch::since(moment.now);
        let mut batch = EventBatch::new(&self.operation, moment.now);
        if let Some(failure) = asks_to_wait(&answer) {
            self.put_back(&mut batch, at, failure, gate, moment);
            return batch;
        }
        gate.passed();
        let Answer { claim, failure } = answer;
        batch.push(&self.operation, OperationEvent::Answered { item: at, claim, failure: failure.clone() });
        if let Some(step) = self.operation.items[at].current_step() {
            let items = &self.operation.items;
            let rest = self.index.queued().map(|at| &items[at].steps[items[at].step..]);
            if let Some(why) = self.breaker.answered(step, claim, failure.as_ref(), rest) {
                self.stop_rest(&mut batch, &why);
            }
        }
        batch
    }

    fn put_back(
        &mut self,
        batch: &mut EventBatch,
        at: usize,
        failure: Failure,
        gate: &mut RateGate,
        moment: Moment,
    ) {
        self.notes[at].must_look = true;
        let goes_on = gate.asked_to_wait(&failure, &self.settings, moment);
        batch.push(&self.operation, OperationEvent::PutBack { item: at, failure: failure.clone() });
        if !goes_on {
            self.stop_rest(batch, &StopReason::Failure(failure));
        }
    }

    /// The batch that ends all sending.
    pub(super) fn stop(&self, why: &StopReason, now: Millis) -> EventBatch {
        let mut batch = EventBatch::new(&self.operation, now);
        self.stop_rest(&mut batch, why);
        batch
    }

    /// Ends the sending: finishes all items that wait for their turn, except those that were put back. Their request was sent, so
    /// they are read back first.
    pub(super) fn stop_rest(&self, batch: &mut EventBatch, why: &StopReason) {
        if matches!(batch.phase(), Phase::Stopping(_) | Phase::Ended(_)) {
            return;
        }
        // Items that the batch itself puts into the queue are waiting too.
        let mut waiting: BTreeSet<usize> = self.index.queued().collect();
        waiting.extend(batch.changed());
        waiting.retain(|at| {
            let item = batch.item(&self.operation, *at);
            item.state == ItemState::Queued && item.outcome.is_none() && !self.notes[*at].must_look
        });
        batch.push(&self.operation, OperationEvent::Stopping { why: why.clone() });
        for at in waiting {
            self.finish_unsent(batch, at, why);
        }
    }

    pub(super) fn finish_unsent(&self, batch: &mut EventBatch, at: usize, why: &StopReason) {
        let (outcome, reason) = item::unsent(batch.item(&self.operation, at), why);
        batch.push(&self.operation, OperationEvent::ItemFinished { item: at, outcome, reason });
    }

    /// Begins a read-back at a place, for all items that wait there now.
    pub(super) fn look(&mut self, place: &ReadbackPlace, now: Millis) -> (Readback, EventBatch) {
        let here = |at: usize, item: &Item| {
            self.waits_for_look(at, item) && self.place(at, item).as_ref() == Some(place)
        };
        let items = self.index.out().map(|at| (at, &self.operation.items[at]));
        let mut subjects: Vec<ReadbackSubject> = items
            .filter(|(at, item)| here(*at, item))
            .filter_map(|(at, item)| self.subject(at, item))
            .collect();
        let is_list_withheld = self.share_list(place, &mut subjects, now);
        let event =
            OperationEvent::LookBegan { items: subjects.iter().map(|subject| subject.item).collect() };
        (
            Readback { place: place.clone(), subjects, is_list_withheld },
            EventBatch::of(&self.operation, now, event),
        )
    }

    /// The places where settled items may be read back once more: all of them, or only those of items whose last read-back
    /// supported the wanted state and needs confirmation.
    pub(super) fn places_to_look_again(&self, only_unconfirmed: bool) -> BTreeSet<ReadbackPlace> {
        let items = self.index.improvable().map(|at| (at, &self.operation.items[at]));
        let asks = |item: &Item| !only_unconfirmed || item.shows.is_some_and(Shows::speaks_for);
        items.filter(|(_, item)| asks(item)).filter_map(|(at, item)| self.place(at, item)).collect()
    }

    /// A read-back at a place for all settled items there.
    pub(super) fn look_again(&self, place: &ReadbackPlace) -> Readback {
        let items = self.index.improvable().map(|at| (at, &self.operation.items[at]));
        let here = items.filter(|(at, item)| self.place(*at, item).as_ref() == Some(place));
        let mut subjects: Vec<_> = here.filter_map(|(at, item)| self.subject(at, item)).collect();
        self.lists.ask_details(&mut subjects);
        Readback { place: place.clone(), subjects, is_list_withheld: false }
    }

    /// The place where an item is read back.
    pub(super) fn place(&self, at: usize, item: &Item) -> Option<ReadbackPlace> {
        ReadbackPlace::of(item, self.notes[at].is_seen_by_list, &self.capabilities)
    }

    fn subject(&self, at: usize, item: &Item) -> Option<ReadbackSubject> {
        let ItemNotes { watch, is_seen_by_list, .. } = self.notes[at];
        ReadbackSubject::new(at, item, watch.ended, is_seen_by_list)
    }

    /// Processes the end of a read-back; `None` if it showed nothing and must be repeated.
    pub(super) fn looked(
        &mut self,
        taken: &Taken,
        gate: &mut RateGate,
        moment: Moment,
    ) -> Option<EventBatch> {
        self.looks.end(&taken.look.place);
        self.lists.end(&taken.look.place, taken.reads.fresh.group_list());
        match taken.held() {
            Some(failure) if gate.look_refused(failure, &self.settings, moment.budget, moment.now) => {
                return None;
            }
            Some(_) => {}
            None => gate.look_passed(),
        }
        let mut batch = EventBatch::new(&self.operation, moment.now);
        let sights = self.sights(taken);
        let seen = sights.iter().map(|sight| (sight.item, sight.shows)).collect();
        batch.push(&self.operation, OperationEvent::Looked { seen });
        for sight in sights {
            if let Some(why) = self.settle(&mut batch, sight, taken) {
                self.stop_rest(&mut batch, &why);
            }
        }
        if let Some(failure) = taken.failures().find(|failure| failure.stops_everything()) {
            self.stop_rest(&mut batch, &StopReason::Failure(failure.clone()));
        }
        Some(batch)
    }

    /// The results of a readback: for the items that waited for it, and for those whose outcome it improves.
    fn sights(&mut self, taken: &Taken) -> Vec<Sight> {
        let Taken { look, begun, reads } = taken;
        let mut sights = Vec::with_capacity(look.subjects.len());
        for subject in &look.subjects {
            let item = &self.operation.items[subject.item];
            if !subject.is_current(item) || !self.waits_for_look(subject.item, item) {
                continue;
            }
            let (shows, unread) = match shows::examine(subject, reads, &self.capabilities) {
                shows::ReadbackFinding::Found(shows, unread) => (shows, unread),
                shows::ReadbackFinding::Needs(Scope::Groups)
                    if look.is_list_withheld && taken.held().is_none() =>
                {
                    self.notes[subject.item].waits_for_list = true;
                    continue;
                }
                // The read-back was aborted.
                shows::ReadbackFinding::Needs(_) => {
                    (Shows::Unreadable, taken.failures().next().cloned().map(ItemReason::NoListing))
                }
            };
            sights.push(Sight { item: subject.item, shows, unread });
        }
        let queued = self.index.out().filter(|at| self.waits_for_another(*at, &self.operation.items[*at]));
        for at in self.index.improvable().chain(queued) {
            let item = &self.operation.items[at];
            // Both conditions only save time: an item elsewhere lacks its reads, and none of these was sent meanwhile.
            if self.notes[at].watch.ended >= *begun || self.place(at, item).as_ref() != Some(&look.place) {
                continue;
            }
            let found =
                self.subject(at, item).map(|subject| shows::examine(&subject, reads, &self.capabilities));
            // Only a result that supports the wanted state can settle it, or one that reverses such a result.
            if let Some(shows::ReadbackFinding::Found(shows, _)) = found
                && (shows.speaks_for()
                    || item.shows.is_some_and(Shows::speaks_for)
                    || is_read_now(item, shows))
            {
                sights.push(Sight { item: at, shows, unread: None });
            }
        }
        sights
    }

    /// Whether an item waits to be sent once more: a read-back that shows the wanted state makes that unnecessary.
    pub(super) fn waits_for_another(&self, at: usize, item: &Item) -> bool {
        let is_queued = item.state == ItemState::Queued && item.outcome.is_none();
        is_queued && item.attempts > 0 && !self.notes[at].must_look
    }

    /// Draws the conclusion from the result of a read-back for an item. Returns a reason to stop, if there is one.
    fn settle(&mut self, batch: &mut EventBatch, sight: Sight, taken: &Taken) -> Option<StopReason> {
        let Sight { item: at, shows, unread } = sight;
        let item = &self.operation.items[at];
        if batch.item(&self.operation, at).outcome.is_some()
            && item.outcome.is_none()
            && shows != Shows::Wanted
        {
            // The result of another item in the same read-back has ended the sending, including this item.
            return None;
        }
        let is_waiting_for_another = self.waits_for_another(at, item);
        let note = &mut self.notes[at];
        note.watch.was_shown_wanted |= shows.speaks_for();
        let mut before = item.shows;
        if item.current_step() == Some(&Step::Leave)
            && taken.reads.fresh.groups.is_some()
            && !note.is_seen_by_list
        {
            // Its details were inconclusive. Their earlier result and an absence from the list do not count as agreement.
            note.is_seen_by_list = true;
            before = None;
        }
        if std::mem::take(&mut note.waits_for_list) {
            note.watch.restart(taken.begun, &self.settings.read_back);
        }
        let is_last_look = note.watch.take(taken.begun, &self.settings.read_back, item.claim, shows);
        let standing = StepStanding {
            claim: item.claim,
            is_last_look,
            before,
            was_shown_wanted: note.watch.was_shown_wanted,
            silent_attempts: item.silent_attempts,
        };
        if item.outcome.is_some() || is_waiting_for_another {
            // It is settled, or about to be sent again: only the wanted state changes that.
            let is_settled =
                matches!(judge(standing, shows), Verdict::Settled(outcome) if outcome.is_as_wanted());
            if !is_settled {
                if let Some(outcome) = item.outcome.filter(|_| is_read_now(item, shows)) {
                    let reason = item::reason_as_shown(item, self.context(taken));
                    batch.push(&self.operation, OperationEvent::ItemFinished { item: at, outcome, reason });
                }
                return None;
            }
        }
        if item.outcome.is_some() {
            let event = OperationEvent::ItemFinished { item: at, outcome: Outcome::Verified, reason: None };
            batch.push(&self.operation, event);
            return None;
        }
        let contradicts = shows == Shows::Unwanted && note.watch.was_shown_wanted;
        let unread = unread.or(contradicts.then_some(ItemReason::AnswersDiffer));
        match judge(standing, shows) {
            Verdict::LookAgain => {
                let is_doubted = item.claim == Some(Claim::Yes)
                    && shows == Shows::Unwanted
                    && note.watch.has_had_its_looks(&self.settings.read_back);
                is_doubted.then(|| self.not_linked(at, taken)).flatten()
            }
            Verdict::AttemptAgain => {
                let was_put_back = std::mem::take(&mut note.must_look);
                if !self.finish_when_stopping(batch, at) && !was_put_back {
                    batch.push(&self.operation, OperationEvent::TryingAgain { item: at });
                }
                None
            }
            Verdict::Settled(outcome)
                if outcome.is_as_wanted()
                    && item.has_next_step()
                    && is_others_doing(item, unread.as_ref()) =>
            {
                // Somebody else took it out, or it is elsewhere by now: the next step does not continue from there.
                let is_refused = item.claim == Some(Claim::No);
                let outcome = if is_refused { Outcome::Refused } else { Outcome::NotSent };
                let reason = unread.or(Some(ItemReason::LeftStanding));
                batch.push(&self.operation, OperationEvent::ItemFinished { item: at, outcome, reason });
                None
            }
            Verdict::Settled(outcome) if outcome.is_as_wanted() && item.has_next_step() => {
                *note = ItemNotes::default();
                batch.push(&self.operation, OperationEvent::StepVerified { item: at });
                self.finish_when_stopping(batch, at);
                None
            }
            Verdict::Settled(outcome) => {
                note.must_look = false;
                self.finish(batch, at, outcome, unread, taken)
            }
        }
    }

    /// Finishes an item that would wait for its turn, if the operation is stopping. Returns whether it is.
    fn finish_when_stopping(&self, batch: &mut EventBatch, at: usize) -> bool {
        let Phase::Stopping(why) = batch.phase() else { return false };
        let why = why.clone();
        self.finish_unsent(batch, at, &why);
        true
    }

    fn finish(
        &mut self,
        batch: &mut EventBatch,
        at: usize,
        outcome: Outcome,
        unread: Option<ItemReason>,
        taken: &Taken,
    ) -> Option<StopReason> {
        let item = &self.operation.items[at];
        let context = self.context(taken);
        // This operation sent something for it, even if the last attempt was put back.
        let outcome =
            if outcome == Outcome::AlreadySo && item.was_sent { Outcome::Verified } else { outcome };
        let (outcome, reason) = match item::halted_by(item).filter(|_| outcome == Outcome::Refused) {
            Some(why) => item::unsent(item, &why),
            None => (outcome, item::reason(outcome, item, unread, context)),
        };
        batch.push(&self.operation, OperationEvent::ItemFinished { item: at, outcome, reason });
        let not_taken = match outcome {
            Outcome::Contradicted => true,
            Outcome::Refused => item.claim == Some(Claim::No) && item::has_no_words(item),
            _ => false,
        };
        not_taken.then(|| self.not_linked(at, taken)).flatten()
    }

    fn context<'a>(&'a self, taken: &'a Taken) -> Context<'a> {
        let (listing, subgroup_limit) = (taken.listing(), self.settings.subgroup_limit);
        Context { listing, capabilities: &self.capabilities, subgroup_limit }
    }

    /// Records that an item's link failed. Returns a reason to stop, if there is one.
    fn not_linked(&mut self, at: usize, taken: &Taken) -> Option<StopReason> {
        let is_full = self.context(taken).is_full();
        let Some(Step::Link(community)) = self.operation.items[at].current_step() else { return None };
        self.breaker.not_linked(community, at, is_full)
    }
}

/// Whether an item's reason says that nothing could be read, and this read-back does show something.
fn is_read_now(item: &Item, shows: Shows) -> bool {
    matches!(item.reason, Some(ItemReason::NoListing(_))) && shows == Shows::Unwanted
}

/// Whether somebody else probably caused the wanted state of a step that has a next step: the gateway refused the step, or the
/// group is in another community.
fn is_others_doing(item: &Item, unread: Option<&ItemReason>) -> bool {
    item.claim == Some(Claim::No) || matches!(unread, Some(ItemReason::MovedElsewhere(_)))
}

/// The failure of an answer that says that nothing was done and that the request may be sent again later.
fn asks_to_wait(answer: &Answer) -> Option<Failure> {
    let failure = answer.failure.as_ref().filter(|failure| failure.asks_to_wait());
    failure.filter(|_| answer.claim == Claim::No).cloned()
}
