//! Waits for the last request of a Synod process that ended before the answer arrived, and meanwhile reads back its result. There may
//! be two: that of the instance, and that of its number under another name.

use std::sync::Arc;

use super::{Flight, Lost, Worker, preread::Preread};
use crate::{
    domain::{id::OperationId, time::Millis},
    engine::{
        in_flight::{InFlight, RequestId},
        readbacks::read::{self, Taken},
        run::{Run, Stage},
    },
};

impl Worker {
    /// Finds out whether requests of another Synod may still be in flight. If so, nothing is sent before that is over, and the
    /// plan is checked afterwards.
    pub(super) async fn find_last_requests(&mut self, run: &mut Run) -> Result<(), Lost> {
        let (journal, now) = (Arc::clone(&self.journal), self.clock.now());
        let (own, before) = (&self.state.own, std::mem::take(&mut self.state.last_requests));
        let found =
            InFlight::find(journal.as_ref(), &self.instance, own, &before, &run.capabilities, now).await;
        self.state.last_requests = found.map_err(|error| Lost { events: Vec::new(), error })?;
        if !self.state.last_requests.is_empty() {
            run.stage = Stage::Unchecked;
        }
        self.wait_for_last_requests();
        Ok(())
    }

    fn wait_for_last_requests(&mut self) {
        let until = self.state.last_requests.iter().map(|request| request.until).max();
        self.gate.last_request_until(until);
    }

    /// From now on an operation is this engine's own: the engine knows the results of its requests.
    pub(super) fn own(&mut self, operation: OperationId) {
        self.state.own.insert(operation);
    }

    /// Performs the read-backs that are due.
    pub(super) fn look_for_last_requests(&mut self, run: &Run, flight: &mut Flight) {
        let (earliest, now) = (self.earliest_look(), self.clock.now());
        for request in &mut self.state.last_requests {
            if request.next_look(earliest).is_none_or(|due| due > now) {
                continue;
            }
            let (of, Some(look)) = (request.of, request.look()) else { continue };
            let (gateway, capabilities) = (self.gateway.clone(), run.capabilities);
            flight.preread.spawn(async move {
                let taken = read::take(gateway.reads, capabilities, look, now, None).await;
                Preread::LastRequest(of, Box::new(taken))
            });
        }
    }

    /// When the next read-back is due and the gate lets it through.
    pub(super) fn next_look_for_last_requests(&self) -> Option<Millis> {
        let earliest = self.earliest_look();
        self.state.last_requests.iter().filter_map(|request| request.next_look(earliest)).min()
    }

    fn earliest_look(&self) -> Millis {
        self.gate.next_look(*self.budget.borrow(), self.clock.now())
    }

    /// Processes a read-back: a request whose result it shows is not waited for any more.
    pub(super) fn looked_for_last_request(&mut self, run: &Run, of: RequestId, taken: &Taken) {
        self.show(&taken.reads.fresh);
        let now = self.clock.now();
        let requests = &mut self.state.last_requests;
        requests.retain_mut(|request| request.of != of || !request.looked(taken, &run.capabilities, now));
        self.wait_for_last_requests();
    }
}
