//! Waits for the last request of a Synod process that ended before the answer arrived, and meanwhile reads back its result.

use std::sync::Arc;

use super::{Flight, Lost, Worker, preread::Preread};
use crate::{
    domain::{id::OperationId, time::Millis},
    engine::{
        in_flight::InFlight,
        readbacks::read::{self, Taken},
        run::{Run, Stage},
    },
};

impl Worker {
    /// Finds out whether a request of another Synod may still be in flight. If so, nothing is sent before that is over, and the
    /// plan is checked afterwards.
    pub(super) async fn find_last_request(&mut self, run: &mut Run) -> Result<(), Lost> {
        let (journal, now) = (Arc::clone(&self.journal), self.clock.now());
        let (own, before) = (&self.state.own, self.state.last_request.take());
        let found =
            InFlight::find(journal.as_ref(), &self.instance, own, before, &run.capabilities, now).await;
        let found = found.map_err(|error| Lost { events: Vec::new(), error })?;
        self.gate.last_request_until(found.as_ref().map(|found| found.until));
        if found.is_some() {
            run.stage = Stage::Unchecked;
        }
        self.state.last_request = found;
        Ok(())
    }

    /// From now on an operation is this engine's own: the engine knows the results of its requests.
    pub(super) fn own(&mut self, operation: OperationId) {
        self.state.own.insert(operation);
    }

    /// Performs the read-back that is due.
    pub(super) fn look_for_last_request(&mut self, run: &Run, flight: &mut Flight) {
        let now = self.clock.now();
        if self.next_look_for_last_request().is_none_or(|due| due > now) {
            return;
        }
        let Some(look) = self.state.last_request.as_mut().and_then(InFlight::look) else { return };
        let (gateway, capabilities) = (self.gateway.clone(), run.capabilities);
        flight.preread.spawn(async move {
            Preread::LastRequest(Box::new(read::take(gateway.reads, capabilities, look, now, None).await))
        });
    }

    /// When the next read-back is due and the gate lets it through.
    pub(super) fn next_look_for_last_request(&self) -> Option<Millis> {
        let earliest = self.gate.next_look(*self.budget.borrow(), self.clock.now());
        self.state.last_request.as_ref().and_then(|request| request.next_look(earliest))
    }

    /// Processes a read-back: if it shows the result that the request asked for, sending continues.
    pub(super) fn looked_for_last_request(&mut self, run: &Run, taken: &Taken) {
        self.show(&taken.reads.fresh);
        let now = self.clock.now();
        let Some(request) = &mut self.state.last_request else { return };
        if request.looked(taken, &run.capabilities, now) {
            self.state.last_request = None;
            self.gate.last_request_until(None);
        }
    }
}
