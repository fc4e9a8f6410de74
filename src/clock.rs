//! The one clock: wall time as the runtime's time tells it, so that a paused runtime pauses it too.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::domain::time::Millis;

/// Tells the time and waits for it.
#[derive(Clone, Debug)]
pub struct Clock {
    epoch: Millis,
    started: Instant,
}

impl Clock {
    /// A clock that begins at the system's wall time.
    pub fn system() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::fixed(Millis(0) + since)
    }

    /// A clock that begins at a given time.
    pub fn fixed(epoch: Millis) -> Self {
        Self { epoch, started: Instant::now() }
    }

    /// The time now.
    pub fn now(&self) -> Millis {
        self.epoch + self.started.elapsed()
    }

    /// Waits until a point in time; returns at once when it is past.
    pub async fn sleep_until(&self, at: Millis) {
        // A point too far away to be told apart from never is waited for by the day.
        let span = at.since(self.epoch).min(Duration::from_secs(86_400 * 365));
        tokio::time::sleep_until(self.started + span).await;
    }
}
