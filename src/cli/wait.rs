//! Explains why a read takes so long: WhatsApp asks for fewer requests, or the gateway's limit of requests is used up. It does
//! no reading or waiting itself.

use std::{
    future::{Future, pending},
    pin::pin,
};

use tokio::sync::watch;

use super::{Instance, out};
use crate::{
    clock::Clock,
    domain::{
        time::Millis,
        wait::{LEAST_WAIT, Wait},
    },
    text::Text,
};

/// The waits of an instance's reads that should be reported: each once, however many reads share it.
pub(super) struct NewWaits {
    waits: watch::Receiver<Option<Wait>>,
    /// The end of the last reported wait.
    said: Option<Millis>,
}

impl NewWaits {
    pub(super) fn of(instance: &Instance) -> Self {
        Self::from(instance.gateway.waits().follow())
    }

    /// The next wait; never returns if nothing can wait. Dropping the future loses no wait.
    pub(super) async fn next(&mut self) -> Wait {
        loop {
            let wait = *self.waits.borrow_and_update();
            let is_new = |wait: &Wait| self.said.is_none_or(|said| wait.until > said + LEAST_WAIT);
            if let Some(wait) = wait.filter(is_new) {
                self.said = Some(wait.until);
                return wait;
            }
            if self.waits.changed().await.is_err() {
                return pending().await;
            }
        }
    }
}

impl From<watch::Receiver<Option<Wait>>> for NewWaits {
    fn from(waits: watch::Receiver<Option<Wait>>) -> Self {
        Self { waits, said: None }
    }
}

/// A wait as a sentence.
pub(super) fn message(text: &Text, wait: &Wait, now: Millis) -> String {
    text.wait(wait, now) + "."
}

/// Runs work that only reads, and reports its waits.
pub(super) async fn telling<T>(
    text: &Text,
    clock: Clock,
    instance: &Instance,
    work: impl Future<Output = T>,
) -> T {
    let tell = |wait: Wait| {
        if out::can_draw() {
            // The status line may be there; it is redrawn when it changes.
            out::clear_line();
        }
        out::note(&message(text, &wait, clock.now()));
    };
    watching(NewWaits::of(instance), tell, work).await
}

async fn watching<T>(mut waits: NewWaits, mut tell: impl FnMut(Wait), work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            wait = waits.next() => tell(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, time::Duration};

    use super::*;
    use crate::{domain::wait::WaitReason, gateway::Waits};

    #[tokio::test(start_paused = true)]
    async fn each_wait_is_said_once_and_short_ones_are_not() {
        let waits = Waits::default();
        let begun = tokio::time::Instant::now();
        let now = || Millis(0) + begun.elapsed();
        let read = |why, seconds: u64| {
            let wait = Wait { why, until: now() + Duration::from_secs(seconds) };
            let waiting = waits.begin(wait, now());
            async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                drop(waiting);
            }
        };
        let said = RefCell::new(Vec::new());
        let work = async {
            read(WaitReason::Limit, 1).await;
            // Two reads that share a wait, then one of them again.
            tokio::join!(read(WaitReason::Throttled, 30), read(WaitReason::Throttled, 31));
            read(WaitReason::Throttled, 60).await;
            read(WaitReason::Limit, 42).await;
        };
        let tell = |wait: Wait| said.borrow_mut().push((wait.why, wait.left(now()).as_secs()));
        watching(NewWaits::from(waits.follow()), tell, work).await;
        let expected = [(WaitReason::Throttled, 31), (WaitReason::Throttled, 60), (WaitReason::Limit, 42)];
        assert_eq!(said.into_inner(), expected);
    }

    #[tokio::test]
    async fn work_ends_though_nothing_can_wait() {
        let waits = Waits::default().follow();
        let work = async {
            tokio::task::yield_now().await;
            7
        };
        assert_eq!(watching(NewWaits::from(waits), |_| {}, work).await, 7);
    }
}
