//! The requests of other processes for the operations that this worker runs: read before anything is sent, and now and then.

use std::time::Duration;

use super::{Lost, Worker};
use crate::{
    domain::{event::StopReason, operation::RunControl, time::Millis},
    engine::{journal::ControlRequest, run::Run},
};

/// The interval between reads while nothing is sent.
const EVERY: Duration = Duration::from_millis(500);

impl Worker {
    /// When the requests are read next; `None` if no other process can make any.
    pub(super) fn next_requests(&self) -> Option<Millis> {
        self.is_shared.then_some(self.state.next_requests)
    }

    /// Reads the requests if that is due.
    pub(super) async fn read_due_requests(&mut self, run: &mut Run) -> Result<(), Lost> {
        let now = self.clock.now();
        // After the clock was set back, the time of the next read may be far away.
        let is_due = self.next_requests().is_some_and(|due| due <= now || due.since(now) > EVERY);
        if is_due { self.read_requests(run).await } else { Ok(()) }
    }

    /// Reads the requests of other processes, and obeys them.
    pub(super) async fn read_requests(&mut self, run: &mut Run) -> Result<(), Lost> {
        if !self.is_shared {
            return Ok(());
        }
        self.state.next_requests = self.clock.now() + EVERY;
        // All are read each time: one that was made earlier may become visible later.
        let read = self.journal.requests(&self.instance, 0).await;
        let requests = match read {
            Ok(requests) => requests,
            Err(error) => {
                // Nothing is sent without a record, and a journal that cannot be written fails there.
                tracing::debug!(instance = %self.instance, "requests not read: {error}");
                return Ok(());
            }
        };
        let positions = requests.iter().map(|request| request.position).collect();
        let seen = std::mem::replace(&mut self.state.seen_requests, positions);
        for request in requests.into_iter().filter(|request| !seen.contains(&request.position)) {
            self.obey_request(request, run).await?;
        }
        Ok(())
    }

    async fn obey_request(&mut self, request: ControlRequest, run: &mut Run) -> Result<(), Lost> {
        let ControlRequest { operation, control, .. } = request;
        tracing::debug!(%operation, "another process asks for: {control:?}");
        if operation != run.operation.id {
            match control {
                RunControl::Pause => _ = self.state.paused.insert(operation),
                RunControl::Resume => _ = self.state.paused.remove(&operation),
                RunControl::Stop | RunControl::TimeOut => {
                    self.refuse_waiting(&StopReason::Operator, |id| id == operation).await;
                }
            }
            return Ok(());
        }
        match control {
            RunControl::Pause => run.paused = true,
            RunControl::Resume => run.paused = false,
            RunControl::Stop | RunControl::TimeOut => {
                self.announce_next_send(None);
                let batch = run.stop(&StopReason::Operator, self.clock.now());
                self.commit(run, batch).await?;
            }
        }
        Ok(())
    }
}
