//! Whether the journal can be reached. The loss and the return of the journal are each announced once, however many instances wait for
//! it. Also the length of each wait.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::{mpsc, watch};

use super::EngineEvent;
use crate::domain::settings::Reconnect;

/// The waits for the journal, and the stream to which its loss and its return are announced.
#[derive(Debug)]
pub(super) struct Outages {
    waiting: watch::Sender<usize>,
    engine_events: mpsc::UnboundedSender<EngineEvent>,
}

/// One wait for the journal. Dropping it gives up without an announcement.
#[derive(Debug)]
pub(super) struct Outage {
    outages: Weak<Outages>,
    waits: Waits,
}

/// The waits before the attempts to reach the journal again.
#[derive(Debug)]
struct Waits {
    next: Duration,
    most: Duration,
    /// The largest random addition, as a fraction of the wait.
    jitter: f64,
}

impl Outages {
    pub(super) fn new(engine_events: mpsc::UnboundedSender<EngineEvent>) -> Arc<Self> {
        Arc::new(Self { waiting: watch::Sender::new(0), engine_events })
    }

    /// Something begins to wait.
    pub(super) fn begin(self: &Arc<Self>, reconnect: Reconnect, jitter: f64) -> Outage {
        let mut is_first = false;
        self.waiting.send_modify(|waiting| {
            is_first = *waiting == 0;
            *waiting += 1;
        });
        if is_first {
            let _ = self.engine_events.send(EngineEvent::StoreAway);
        }
        let waits = Waits { next: reconnect.first, most: reconnect.most, jitter };
        Outage { outages: Arc::downgrade(self), waits }
    }

    /// Waits until something waits for the journal.
    pub(super) async fn until_away(&self) {
        // The sender is here.
        let _ = self.waiting.subscribe().wait_for(|waiting| *waiting > 0).await;
    }

    fn leave(&self) -> bool {
        let mut is_last = false;
        self.waiting.send_modify(|waiting| {
            *waiting -= 1;
            is_last = *waiting == 0;
        });
        is_last
    }
}

impl Outage {
    /// The wait before the next attempt.
    pub(super) fn wait(&mut self) -> Duration {
        self.waits.next()
    }

    /// The journal can be reached again.
    pub(super) fn end(mut self) {
        if let Some(outages) = std::mem::take(&mut self.outages).upgrade()
            && outages.leave()
        {
            let _ = outages.engine_events.send(EngineEvent::StoreBack);
        }
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        if let Some(outages) = self.outages.upgrade() {
            outages.leave();
        }
    }
}

impl Waits {
    fn next(&mut self) -> Duration {
        let wait = self.next.min(self.most);
        self.next = wait * 2;
        // Machines that lost the same server do not all come back at once.
        wait + wait.mul_f64(self.jitter.clamp(0.0, 1.0) * fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_double_up_to_the_longest() {
        let Reconnect { first, most } = Reconnect::default();
        let mut waits = Waits { next: first, most, jitter: 0.0 };
        let seconds: Vec<f64> = std::iter::repeat_with(|| waits.next().as_secs_f64()).take(8).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]);
        let mut waits = Waits { next: first, most, jitter: 0.25 };
        let first = waits.next();
        assert!(first >= Duration::from_millis(500) && first <= Duration::from_millis(625), "{first:?}");
    }

    #[test]
    fn an_outage_is_announced_once_however_many_wait() {
        let (engine_events, mut heard) = mpsc::unbounded_channel();
        let outages = Outages::new(engine_events);
        let begin = || outages.begin(Reconnect::default(), 0.0);
        let (one, two, given_up) = (begin(), begin(), begin());
        one.end();
        drop(given_up);
        assert!(matches!(heard.try_recv(), Ok(EngineEvent::StoreAway)));
        assert!(heard.try_recv().is_err());
        two.end();
        assert!(matches!(heard.try_recv(), Ok(EngineEvent::StoreBack)));
        drop(begin());
        assert!(matches!(heard.try_recv(), Ok(EngineEvent::StoreAway)));
        assert!(heard.try_recv().is_err(), "it did not come back");
    }
}
