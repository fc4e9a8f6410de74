//! How running operations go from one process to another between two requests: the first records until when they may be taken over
//! and ends its work, the second takes the instance's lock and continues.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{
    SubmitError,
    control::{Arrival, Busy, Command, Submitted},
    journal::JournalError,
    locks::LockError,
    recover,
    run::Run,
    shared::{InstanceQueue, Shared},
};
use crate::domain::{
    id::OperationId,
    instance::InstanceKey,
    operation::{Operation, Phase},
};

/// How long the next process has beyond the time-out of the request in flight.
const PATIENCE: Duration = Duration::from_secs(30);
/// The interval between attempts to take the lock.
const TRY: Duration = Duration::from_millis(50);

/// How long to wait before the gateway is asked again which number is connected.
const ASK_AGAIN: Duration = Duration::from_secs(1);

impl Shared {
    /// Records that the operations of an instance that this engine runs may be taken over, and returns them.
    pub(super) async fn offer(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
    ) -> Result<Vec<OperationId>, JournalError> {
        let operations = self.journal.unfinished(instance).await?;
        let time = queue.settings.timeout.request + PATIENCE;
        self.journal.hand_over(&operations, Some(time), self.clock.now()).await?;
        Ok(operations)
    }

    /// Takes over operations from another process as soon as that process has released the lock, and continues them. Returns those
    /// that this engine now runs. The caller may stop waiting at any time: the next Synod settles the rest.
    pub(super) async fn take_over(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
        wanted: &[OperationId],
    ) -> Result<Vec<OperationId>, SubmitError> {
        let _turn = queue.turn.lock().await;
        let lock = loop {
            match self.take_lock_to_write(queue, instance).await {
                Ok(lock) => break lock,
                Err(error @ (LockError::Held(_) | LockError::NumberHeld(_) | LockError::NumberUnread))
                    if !self.offered(instance).await?.is_empty() =>
                {
                    sleep(if error == LockError::NumberUnread { ASK_AGAIN } else { TRY }).await;
                    // While the number is known to be in use, the gateway is not asked for it again.
                    while matches!(error, LockError::NumberHeld(_))
                        && matches!(queue.lock.ensure_number_is_free().await, Err(LockError::NumberHeld(_)))
                        && !self.offered(instance).await?.is_empty()
                    {
                        sleep(TRY).await;
                    }
                }
                Err(error) => return Err(error.into()),
            }
        };
        let busy = Busy::new(&queue.live, lock);
        let offered = self.offered(instance).await?;
        let mut taken = Vec::new();
        for operation in self.unfinished(instance).await? {
            let id = operation.id;
            if wanted.contains(&id) && offered.contains(&id) {
                self.continue_one(queue, instance, operation, &busy).await?;
                taken.push(id);
            }
        }
        self.journal.hand_over(&taken, None, self.clock.now()).await?;
        Ok(taken)
    }

    /// The operations of an instance that are on their way from one process to another.
    pub(super) async fn offered(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError> {
        let now = self.clock.now();
        let offered = self.journal.handed_over(instance, now).await?.into_iter();
        Ok(offered.filter(|offer| offer.counts(now)).map(|offer| offer.operation).collect())
    }

    async fn continue_one(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
        operation: Operation,
        busy: &Busy,
    ) -> Result<(), JournalError> {
        let mut run = Run::new(operation, queue.gateway.capabilities(), Arc::clone(&queue.settings));
        let batch = recover::unanswered(&run, self.clock.now());
        self.record(&mut run, batch).await?;
        let is_stopping = matches!(run.operation.phase, Phase::Stopping(_));
        let arrival = if is_stopping { Arrival::Recovered } else { Arrival::TakenOver };
        let submitted = Submitted { operation: run.operation, busy: busy.again(), arrival };
        let _ = self.worker(queue, instance).send(Command::Submit(Box::new(submitted)));
        Ok(())
    }
}
