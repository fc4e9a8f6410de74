//! The progress of a read, and how long it will take, if that can be estimated honestly.

use std::time::Duration;

use super::effect::Ticket;
use crate::domain::{budget::Budget, time::Millis};

/// The progress of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowProgress {
    pub ticket: Ticket,
    pub begun: Millis,
    /// The number of finished reads.
    pub done: usize,
    /// The total number of reads; 0 while unknown.
    pub total: usize,
}

/// The remaining time, as far as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// About this long, at the pace so far.
    About(Duration),
    /// It waits until requests may be sent again.
    UntilReset(Duration),
}

impl Left {
    /// The time itself.
    pub fn span(self) -> Duration {
        match self {
            Self::About(span) | Self::UntilReset(span) => span,
        }
    }
}

/// How many reads must finish before their pace means anything.
const FEW: usize = 5;
/// How long those reads must have taken, too.
const SHORT: Duration = Duration::from_secs(2);

impl WindowProgress {
    /// The progress of a read that starts now.
    pub fn new(ticket: Ticket, begun: Millis, total: usize) -> Self {
        Self { ticket, begun, done: 0, total }
    }

    /// The remaining time in whole seconds; `None` if a number would be a guess. `reserve` is how many requests this
    /// kind of read leaves to more important work.
    pub fn left(&self, now: Millis, budget: Option<Budget>, reserve: u32) -> Option<Left> {
        if self.done >= self.total {
            return None;
        }
        let is_used_up = |budget: &Budget| budget.remaining_at(now) < reserve.clamp(1, budget.limit.max(1));
        if let Some(budget) = budget.filter(is_used_up) {
            return Some(Left::UntilReset(whole(budget.resets_at.since(now))));
        }
        let taken = now.since(self.begun);
        if self.done < FEW || taken < SHORT {
            return None;
        }
        let done = u32::try_from(self.done).ok()?;
        let open = u32::try_from(self.total - self.done).ok()?;
        Some(Left::About(whole(taken / done * open)))
    }
}

/// Rounds to whole seconds, at least one.
fn whole(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(done: usize, total: usize) -> WindowProgress {
        WindowProgress { done, ..WindowProgress::new(Ticket(1), Millis(0), total) }
    }

    #[test]
    fn nothing_is_made_up() {
        let now = Millis(10_000);
        assert_eq!(at(4, 100).left(now, None, 10), None);
        assert_eq!(at(50, 100).left(Millis(1_999), None, 10), None);
        assert_eq!(at(100, 100).left(now, None, 10), None);
        assert_eq!(at(7, 0).left(now, None, 10), None);
        assert_eq!(at(20, 100).left(now, None, 10), Some(Left::About(Duration::from_secs(40))));
    }

    #[test]
    fn reading_that_waits_for_requests_says_so() {
        let budget = Budget { limit: 100, remaining: 7, resets_at: Millis(30_000), told_by_gateway: true };
        let waits = at(20, 100).left(Millis(10_000), Some(budget), 10);
        assert_eq!(waits, Some(Left::UntilReset(Duration::from_secs(20))));
        let goes_on = at(20, 100).left(Millis(10_000), Some(budget), 0);
        assert_eq!(goes_on, Some(Left::About(Duration::from_secs(40))));
        assert!(matches!(at(20, 100).left(Millis(30_000), Some(budget), 10), Some(Left::About(_))));
    }
}
