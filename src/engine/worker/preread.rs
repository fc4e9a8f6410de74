//! The reads of a worker before it sends: the check of a plan that waited for its turn, and the invite links that are stored
//! before a leave and used to join again. These reads run in parallel with the request in flight. The links are never shown.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Flight, Lost, Worker};
use crate::{
    domain::{
        directory::Directory,
        event::{ItemReason, OperationEvent, StopReason},
        failure::{Failure, FailureKind},
        id::GroupId,
        invite::InviteLink,
        outcome::Outcome,
        plan::{Needs, Reason, Step, recheck},
        reading::{Readings, Scope},
    },
    engine::{
        EngineEvent,
        attempt::guarded,
        event_batch::EventBatch,
        moment::Moment,
        readbacks::read::Taken,
        run::{Run, Stage},
    },
    listing,
};

/// How many of the newest operations of an instance are searched for communities where others may have put its groups.
const NEWEST: usize = 20;

/// The result of a read before sending.
pub(super) enum Preread {
    /// Everything the check of an operation needs, and the communities that other operations on its groups name.
    Checked(Box<(Readings, Directory)>),
    /// The invite link of an item's group.
    Link(usize, Result<Option<InviteLink>, Failure>),
    /// A read-back of the result of another Synod's last request.
    LastRequest(Box<Taken>),
}

impl Worker {
    /// Starts to read what the remaining items are checked against.
    pub(super) fn check(&mut self, run: &mut Run, flight: &mut Flight) {
        run.stage = Stage::Checking;
        let (operation, capabilities) = (run.operation.clone(), run.capabilities);
        let (gateway, journal, key) =
            (self.gateway.clone(), Arc::clone(&self.journal), self.instance.clone());
        let clock = self.clock;
        flight.preread.spawn(async move {
            // Without them the check sees less, but the rest of it still counts.
            let others = journal.operations(&key, NEWEST).await.unwrap_or_default();
            let known = recheck::known(&operation, &others);
            let needs = recheck::needs(&operation, &known, &capabilities);
            let scopes = needs.as_ref().map_or_else(|| vec![Scope::Connection], Needs::first);
            let more =
                |readings: &Readings| needs.as_ref().map_or_else(Vec::new, |needs| needs.more(readings));
            let never = CancellationToken::new();
            let readings = listing::read(gateway.reads.as_ref(), clock, scopes, more, &never, |_| ()).await;
            Preread::Checked(Box::new((readings, known)))
        });
    }

    /// Fetches the data that an item needs before it is sent.
    pub(super) async fn prepare(
        &mut self,
        run: &mut Run,
        flight: &mut Flight,
        at: usize,
    ) -> Result<(), Lost> {
        let item = &run.operation.items[at];
        let group = item.group.clone();
        if item.current_step() == Some(&Step::Join) {
            return self.look_link_up(run, at, &group).await;
        }
        run.preparing = Some(at);
        let gateway = self.gateway.clone();
        flight.preread.spawn(async move {
            let link = guarded(async move { gateway.invite_link(&group).await }).await;
            Preread::Link(at, link.and_then(|link| link))
        });
        Ok(())
    }

    async fn look_link_up(&mut self, run: &mut Run, at: usize, group: &GroupId) -> Result<(), Lost> {
        let kept = self.journal.kept_link(&self.instance, group).await;
        if let Some(link) = kept.map_err(|error| Lost { events: Vec::new(), error })? {
            run.notes[at].is_prepared = true;
            run.link = Some((at, link));
            return Ok(());
        }
        let reason = Some(ItemReason::Plan(Reason::NoInviteLink));
        let event = OperationEvent::ItemFinished { item: at, outcome: Outcome::Blocked, reason };
        self.commit(run, EventBatch::of(&run.operation, self.clock.now(), event)).await
    }

    pub(super) async fn take_preread(&mut self, run: &mut Run, preread: Option<Preread>) -> Result<(), Lost> {
        match preread {
            Some(Preread::Checked(read)) => self.checked(run, &read.0, &read.1).await,
            Some(Preread::Link(at, link)) => self.keep_link(run, at, link).await,
            Some(Preread::LastRequest(taken)) => {
                self.looked_for_last_request(run, &taken);
                Ok(())
            }
            // The task crashed: it gave no result, and is tried again. Only a fault of this program could cause that, so no test can.
            None => {
                let now = self.clock.now();
                self.state.last_request.iter_mut().for_each(|request| request.looked_in_vain(now));
                run.preparing = None;
                if run.stage == Stage::Checking {
                    run.stage = Stage::Unchecked;
                }
                Ok(())
            }
        }
    }

    /// Stores the link of a group that is about to be left. The worker leaves the group even if it has no link, or if the link
    /// cannot be read: the plan said so.
    async fn keep_link(
        &mut self,
        run: &mut Run,
        at: usize,
        link: Result<Option<InviteLink>, Failure>,
    ) -> Result<(), Lost> {
        run.preparing = None;
        let moment = self.moment();
        match link {
            Ok(Some(link)) => {
                let group = run.operation.items[at].group.clone();
                let kept = self.journal.keep_link(&self.instance, &group, &link).await;
                kept.map_err(|error| Lost { events: Vec::new(), error })?;
            }
            Err(failure) if failure.stops_everything() => {
                return self.commit(run, run.stop(&StopReason::Failure(failure), moment.now)).await;
            }
            Err(failure) if failure.asks_to_wait() => return self.wait_or_stop(run, failure, moment).await,
            Ok(None) | Err(_) => {}
        }
        run.notes[at].is_prepared = true;
        Ok(())
    }

    /// Waits because a read asked for it, or stops the operation if that happened too often.
    async fn wait_or_stop(&mut self, run: &mut Run, failure: Failure, moment: Moment) -> Result<(), Lost> {
        if self.gate.asked_to_wait(&failure, &self.settings, moment) {
            return Ok(());
        }
        self.commit(run, run.stop(&StopReason::Failure(failure), moment.now)).await
    }

    /// Finishes the items that fresh listings show as done or blocked.
    async fn checked(&mut self, run: &mut Run, readings: &Readings, known: &Directory) -> Result<(), Lost> {
        let moment = self.moment();
        self.show(readings);
        let not_connected = match &readings.connection {
            Some(Ok(connection)) if !connection.is_connected() => {
                Some(Failure::new(FailureKind::NotConnected))
            }
            _ => None,
        };
        let stops = readings.failures().find(|failure| failure.stops_everything()).cloned();
        if let Some(failure) = not_connected.or(stops) {
            return self.commit(run, run.stop(&StopReason::Failure(failure), moment.now)).await;
        }
        if let Some(failure) = readings.failures().find(|failure| failure.asks_to_wait()).cloned() {
            run.stage = Stage::Unchecked;
            return self.wait_or_stop(run, failure, moment).await;
        }
        run.stage = Stage::Checked;
        let limit = self.settings.subgroup_limit;
        let mut batch = EventBatch::new(&run.operation, moment.now);
        for change in recheck::judge(&run.operation, known, readings, &run.capabilities, limit, moment.now) {
            let recheck::RecheckChange { item, outcome, reason } = change;
            batch.push(&run.operation, OperationEvent::ItemFinished { item, outcome, reason });
        }
        self.commit(run, batch).await
    }

    /// Publishes the readings for display.
    pub(super) fn show(&self, readings: &Readings) {
        for listing in readings.communities.values().flatten() {
            let (instance, listing) = (self.instance.clone(), Arc::clone(listing));
            self.publish(EngineEvent::Listing { instance, listing });
        }
        if let Some(list) = readings.group_list() {
            let (instance, list) = (self.instance.clone(), Arc::clone(list));
            self.publish(EngineEvent::Groups { instance, list });
        }
    }
}
