//! The simulator's clock: an epoch plus tokio's running time, so that a paused runtime pauses the world too.

use tokio::time::Instant;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    epoch_ms: i64,
    started: Instant,
}

impl Clock {
    pub(crate) fn starting_at(epoch_ms: i64) -> Self {
        Self { epoch_ms, started: Instant::now() }
    }

    pub(crate) fn starting_now() -> Self {
        Self::starting_at(jiff::Timestamp::now().as_millisecond())
    }

    /// Unix milliseconds.
    pub(crate) fn now(&self) -> i64 {
        let elapsed = Instant::now().saturating_duration_since(self.started);
        self.epoch_ms.saturating_add(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}

fn timestamp(unix_ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(unix_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// The form of the `Date` header.
pub(crate) fn http_date(unix_ms: i64) -> String {
    timestamp(unix_ms).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(unix_ms: i64) -> String {
    timestamp(unix_ms).to_string()
}
