//! An operation while it is carried out: its fold, what the fold does not keep, and the events that follow from an
//! answer, a look or a stop. Pure: the worker records the events and acts.

use std::sync::Arc;

use super::{
    breaker::Breaker,
    draft::Draft,
    gate::Gate,
    item::{self, Context},
    looks::{Look, Looks, Place, Subject, Watch, read::Taken, shows},
};
use crate::{
    domain::{
        budget::Budget,
        capability::Capabilities,
        community::GroupList,
        event::{Event, ItemReason, StopReason},
        failure::{Failure, FailureKind},
        operation::{Item, ItemState, Operation, Phase},
        outcome::{Claim, Outcome, Shows, Standing, Verdict, judge},
        plan::Step,
        settings::OperationSettings,
        time::Millis,
    },
    gateway::Answer,
};

/// An operation while it is carried out.
pub(super) struct Run {
    pub(super) operation: Operation,
    pub(super) capabilities: Capabilities,
    pub(super) settings: Arc<OperationSettings>,
    pub(super) books: Vec<Book>,
    pub(super) looks: Looks,
    /// The item for which a request is in flight.
    pub(super) writing: Option<usize>,
    /// The operator holds sending back.
    pub(super) paused: bool,
    /// The newest list of groups that a look has read.
    pub(super) groups: Option<Arc<GroupList>>,
    breaker: Breaker,
}

/// What the fold does not keep of an item.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Book {
    pub(super) watch: Watch,
    /// It was put back, and is looked at before it is sent again.
    pub(super) must_look: bool,
}

/// When something is judged, and what the gateway has left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Millis,
    pub(super) budget: Option<Budget>,
}

/// What a look showed of one item.
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
        let books = vec![Book::default(); operation.items.len()];
        Self {
            operation,
            capabilities,
            settings,
            books,
            looks: Looks::default(),
            writing: None,
            paused: false,
            groups: None,
            breaker: Breaker::default(),
        }
    }

    /// Whether nothing more is sent.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.operation.phase, Phase::Stopping(_) | Phase::Ended(_))
    }

    /// Whether every item has its outcome.
    pub(super) fn is_done(&self) -> bool {
        self.writing.is_none() && self.operation.totals.finished() == self.operation.items.len()
    }

    /// A request for an item is about to leave.
    pub(super) fn sending(&self, at: usize, now: Millis) -> Option<(Draft, Step)> {
        let item = self.operation.items.get(at)?;
        let step = item.current_step()?.clone();
        let event = Event::Sending { item: at, step: item.step, attempt: item.attempts + 1 };
        Some((Draft::of(&self.operation, now, event), step))
    }

    /// The request left.
    pub(super) fn sent(&mut self, at: usize, now: Millis) {
        self.books[at] = Book { watch: Watch { ended: now, taken: 0 }, must_look: false };
        self.writing = Some(at);
    }

    /// The request in flight ended.
    pub(super) fn answered(&mut self, at: usize, answer: Answer, gate: &mut Gate, moment: Moment) -> Draft {
        self.writing = None;
        self.books[at].watch = Watch { ended: moment.now, taken: 0 };
        let mut draft = Draft::new(&self.operation, moment.now);
        if let Some(failure) = asks_to_wait(&answer) {
            self.put_back(&mut draft, at, failure, gate, moment);
            return draft;
        }
        gate.passed();
        let Answer { claim, failure } = answer;
        draft.push(Event::Answered { item: at, claim, failure: failure.clone() });
        if self.is_stopping() {
            return draft;
        }
        if let Some(step) = self.operation.items[at].current_step() {
            let waits = |item: &&Item| item.state == ItemState::Queued && item.outcome.is_none();
            let rest = self.operation.items.iter().filter(waits).map(|item| &item.steps[item.step..]);
            if let Some(why) = self.breaker.answered(step, claim, failure.as_ref(), rest) {
                stop_rest(&mut draft, &why);
            }
        }
        draft
    }

    fn put_back(&mut self, draft: &mut Draft, at: usize, failure: Failure, gate: &mut Gate, moment: Moment) {
        self.books[at].must_look = true;
        let goes_on = if matches!(failure.kind, FailureKind::Throttled { .. }) {
            gate.throttled(&failure, &self.settings, moment.now)
        } else {
            gate.rate_limited(&failure, moment.budget, moment.now);
            true
        };
        draft.push(Event::PutBack { item: at, failure: failure.clone() });
        if let Phase::Stopping(why) = &self.operation.phase {
            finish_unsent(draft, at, why);
        } else if !goes_on {
            stop_rest(draft, &StopReason::Failure(failure));
        }
    }

    /// Nothing more is sent from now on.
    pub(super) fn stop(&self, why: &StopReason, now: Millis) -> Draft {
        let mut draft = Draft::new(&self.operation, now);
        stop_rest(&mut draft, why);
        draft
    }

    /// A look at a place begins, for all items that wait there now.
    pub(super) fn look(&self, place: &Place, now: Millis) -> (Look, Draft) {
        let here = |at: usize, item: &Item| {
            self.waits_for_look(at, item) && Place::of(item, &self.capabilities).as_ref() == Some(place)
        };
        let items = self.operation.items.iter().enumerate();
        let subjects: Vec<Subject> = items
            .filter(|(at, item)| here(*at, item))
            .filter_map(|(at, item)| Subject::new(at, item, self.books[at].watch.ended))
            .collect();
        let event = Event::LookBegan { items: subjects.iter().map(|subject| subject.item).collect() };
        (Look { place: place.clone(), subjects }, Draft::of(&self.operation, now, event))
    }

    /// A look ended; `None` when it told nothing and is taken again.
    pub(super) fn looked(&mut self, taken: &Taken, gate: &mut Gate, moment: Moment) -> Option<Draft> {
        self.looks.end(&taken.look.place);
        if let Some(Ok(list)) = &taken.reads.groups {
            self.groups = Some(Arc::clone(list));
        }
        match taken.held() {
            Some(failure) if gate.look_refused(failure, &self.settings, moment.budget, moment.now) => {
                return None;
            }
            Some(_) => {}
            None => gate.look_passed(),
        }
        let mut draft = Draft::new(&self.operation, moment.now);
        let sights = self.sights(taken);
        draft.push(Event::Looked { seen: sights.iter().map(|sight| (sight.item, sight.shows)).collect() });
        for sight in sights {
            if let Some(why) = self.settle(&mut draft, sight, taken) {
                stop_rest(&mut draft, &why);
            }
        }
        if let Some(failure) = taken.failures().find(|failure| failure.stops_everything()) {
            stop_rest(&mut draft, &StopReason::Failure(failure.clone()));
        }
        Some(draft)
    }

    /// What a look shows: of the items that waited for it, and of those that it settles for the better.
    fn sights(&self, taken: &Taken) -> Vec<Sight> {
        let Taken { look, begun, reads } = taken;
        let mut sights = Vec::with_capacity(look.subjects.len());
        for subject in &look.subjects {
            let item = &self.operation.items[subject.item];
            if !subject.is_current(item) || !self.waits_for_look(subject.item, item) {
                continue;
            }
            let (shows, unread) = match shows::examine(subject, reads, &self.capabilities) {
                shows::Finding::Found(shows, unread) => (shows, unread),
                // The look was broken off.
                shows::Finding::Needs(_) => {
                    (Shows::Unreadable, taken.failures().next().cloned().map(ItemReason::NoListing))
                }
            };
            sights.push(Sight { item: subject.item, shows, unread });
        }
        for (at, item) in self.operation.items.iter().enumerate() {
            let ended = self.books[at].watch.ended;
            let may_improve = item.outcome.is_some_and(Outcome::may_improve) && !item.has_next_step();
            if !(may_improve || self.waits_for_another(at, item))
                || ended >= *begun
                || Place::of(item, &self.capabilities).as_ref() != Some(&look.place)
            {
                continue;
            }
            let found = Subject::new(at, item, ended)
                .map(|subject| shows::examine(&subject, reads, &self.capabilities));
            if found == Some(shows::Finding::Found(Shows::Wanted, None)) {
                sights.push(Sight { item: at, shows: Shows::Wanted, unread: None });
            }
        }
        sights
    }

    /// Whether an item waits to be sent once more: a look that shows it as wanted spares that.
    pub(super) fn waits_for_another(&self, at: usize, item: &Item) -> bool {
        let is_queued = item.state == ItemState::Queued && item.outcome.is_none();
        is_queued && item.attempts > 0 && !self.books[at].must_look
    }

    /// Draws the conclusion from what a look showed of an item; why to stop, where that follows.
    fn settle(&mut self, draft: &mut Draft, sight: Sight, taken: &Taken) -> Option<StopReason> {
        let Sight { item: at, shows, unread } = sight;
        let item = &self.operation.items[at];
        if item.outcome.is_some() {
            draft.push(Event::ItemFinished { item: at, outcome: Outcome::Verified, reason: None });
            return None;
        }
        if draft.operation().items[at].outcome.is_some() && shows != Shows::Wanted {
            // What another item of the same look showed has ended the sending, and this one with it.
            return None;
        }
        let book = &mut self.books[at];
        let is_last = book.watch.take(taken.begun, &self.settings.read_back);
        let standing =
            Standing { claim: item.claim, is_last_look: is_last, silent_attempts: item.silent_attempts };
        match judge(standing, shows) {
            Verdict::LookAgain => None,
            Verdict::AttemptAgain => {
                let was_put_back = std::mem::take(&mut book.must_look);
                if let Phase::Stopping(why) = &draft.operation().phase {
                    let why = why.clone();
                    finish_unsent(draft, at, &why);
                } else if !was_put_back {
                    draft.push(Event::TryingAgain { item: at });
                }
                None
            }
            Verdict::Settled(outcome) if outcome.is_as_wanted() && item.has_next_step() => {
                *book = Book::default();
                draft.push(Event::StepVerified { item: at });
                if let Phase::Stopping(why) = &draft.operation().phase {
                    let why = why.clone();
                    finish_unsent(draft, at, &why);
                }
                None
            }
            Verdict::Settled(outcome) => {
                book.must_look = false;
                self.finish(draft, at, outcome, unread, taken)
            }
        }
    }

    fn finish(
        &mut self,
        draft: &mut Draft,
        at: usize,
        outcome: Outcome,
        unread: Option<ItemReason>,
        taken: &Taken,
    ) -> Option<StopReason> {
        let item = &self.operation.items[at];
        let listing = taken.reads.listing.as_ref().and_then(|read| read.as_ref().ok());
        let context = Context {
            listing: listing.map(AsRef::as_ref),
            capabilities: &self.capabilities,
            subgroup_limit: self.settings.subgroup_limit,
        };
        // Something was sent for it in this operation, even if the last attempt was put back.
        let outcome =
            if outcome == Outcome::AlreadySo && item.was_sent { Outcome::Verified } else { outcome };
        let reason = item::reason(outcome, item, unread, context);
        draft.push(Event::ItemFinished { item: at, outcome, reason });
        let Some(Step::Link(community)) = item.current_step() else { return None };
        let not_taken = match outcome {
            Outcome::Contradicted => true,
            Outcome::Refused => item.claim == Some(Claim::No) && item::has_no_words(item),
            _ => false,
        };
        not_taken.then(|| self.breaker.not_linked(community, context.is_full())).flatten()
    }
}

/// The failure of an answer that says that nothing was done and that it may be asked again later.
fn asks_to_wait(answer: &Answer) -> Option<Failure> {
    let waits = |failure: &&Failure| {
        matches!(failure.kind, FailureKind::RateLimited { .. } | FailureKind::Throttled { .. })
    };
    answer.failure.as_ref().filter(waits).filter(|_| answer.claim == Claim::No).cloned()
}

/// Ends the sending: all that waits for its turn is finished.
pub(super) fn stop_rest(draft: &mut Draft, why: &StopReason) {
    if matches!(draft.operation().phase, Phase::Stopping(_) | Phase::Ended(_)) {
        return;
    }
    let waits = |item: &Item| item.state == ItemState::Queued && item.outcome.is_none();
    let items = draft.operation().items.iter().enumerate();
    let waiting: Vec<usize> = items.filter(|(_, item)| waits(item)).map(|(at, _)| at).collect();
    draft.push(Event::Stopping { why: why.clone() });
    for at in waiting {
        finish_unsent(draft, at, why);
    }
}

fn finish_unsent(draft: &mut Draft, at: usize, why: &StopReason) {
    let (outcome, reason) = item::unsent(&draft.operation().items[at], why);
    draft.push(Event::ItemFinished { item: at, outcome, reason });
}
