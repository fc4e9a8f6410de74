//! The waits of an instance's reads, so that the screen and commands can report them. It does no waiting itself.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use crate::domain::{
    time::Millis,
    wait::{LEAST_WAIT, Wait},
};

/// The waits of an instance; clones share them.
#[derive(Clone, Default)]
pub struct Waits(Arc<Shared>);

#[derive(Default)]
struct Shared {
    open: Mutex<Open>,
    shown: watch::Sender<Option<Wait>>,
}

/// The current waits, by number.
#[derive(Default)]
struct Open {
    waits: Vec<(u64, Wait)>,
    next: u64,
}

/// A wait that lasts until this is dropped.
#[must_use]
pub struct Waiting {
    shared: Arc<Shared>,
    /// `None` if the wait is too short to report.
    number: Option<u64>,
}

impl Waits {
    /// Follows the current wait that ends last; `None` while nothing waits.
    pub fn follow(&self) -> watch::Receiver<Option<Wait>> {
        self.0.shown.subscribe()
    }

    /// Reports a wait that begins now.
    pub fn begin(&self, wait: Wait, now: Millis) -> Waiting {
        let number = (wait.until.since(now) >= LEAST_WAIT).then(|| {
            self.0.change(|open| {
                open.next += 1;
                open.waits.push((open.next, wait));
                open.next
            })
        });
        Waiting { shared: Arc::clone(&self.0), number }
    }
}

impl Shared {
    fn change<T>(&self, change: impl FnOnce(&mut Open) -> T) -> T {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut open);
        let last = open.waits.iter().map(|(_, wait)| *wait).max_by_key(|wait| wait.until);
        self.shown.send_if_modified(|shown| std::mem::replace(shown, last) != last);
        changed
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.shared.change(|open| open.waits.retain(|(other, _)| *other != number));
        }
    }
}

impl fmt::Debug for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wait::WaitReason;

    #[test]
    fn the_wait_that_ends_last_is_reported_and_short_ones_are_not() {
        let waits = Waits::default();
        let mut follow = waits.follow();
        let wait = |until| Wait { why: WaitReason::Throttled, until: Millis(until) };
        let short = waits.begin(wait(1_999), Millis(0));
        assert!(!follow.has_changed().unwrap());
        let one = waits.begin(wait(30_000), Millis(0));
        let other = waits.begin(wait(31_000), Millis(0));
        assert_eq!(*follow.borrow_and_update(), Some(wait(31_000)));
        drop(other);
        assert_eq!(*follow.borrow_and_update(), Some(wait(30_000)));
        drop((short, one));
        assert_eq!(*follow.borrow_and_update(), None);
    }
}
