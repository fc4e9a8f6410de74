//! How far reading has come, and how long it will take where that can be told honestly.

use std::time::Duration;

use super::effect::Ticket;
use crate::domain::{budget::Budget, time::Millis};

/// How far a piece of reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bears the answers.
    pub ticket: Ticket,
    /// When it began.
    pub begun: Millis,
    /// Reads that are done.
    pub done: usize,
    /// Of how many; 0 while nobody knows.
    pub total: usize,
}

/// What is known of the time that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// About so long, at the pace so far.
    About(Duration),
    /// It waits until requests may be sent again.
    UntilReset(Duration),
}

/// Reads that have to be done before their pace says anything.
const FEW: usize = 5;
/// And how long they have to have taken.
const SHORT: Duration = Duration::from_secs(2);

impl Progress {
    /// A piece of reading that begins now.
    pub fn new(ticket: Ticket, begun: Millis, total: usize) -> Self {
        Self { ticket, begun, done: 0, total }
    }

    /// How long is left, whole seconds; `None` where a number would be made up. `reserve` is how many requests such
    /// reading leaves to what matters more.
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

/// Whole seconds, at least one.
fn whole(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(done: usize, total: usize) -> Progress {
        Progress { done, ..Progress::new(Ticket(1), Millis(0), total) }
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
