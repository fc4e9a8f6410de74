//! Saying why a read takes so long: the token's requests are used up, and it waits until there are more. It reads and
//! waits for nothing itself.

use std::{future::Future, io::Write, pin::pin, time::Duration};

use tokio::sync::watch;

use super::{Instance, out};
use crate::{
    clock::Clock,
    domain::{
        budget::{Budget, RESERVE},
        time::Millis,
    },
    text::{Text, format},
};

/// How long a read may take before it is asked what it waits for.
const SILENCE: Duration = Duration::from_secs(2);

/// Does what only reads; where it waits for the gateway's budget, that is told once.
pub(super) async fn telling<T>(
    text: &Text,
    clock: Clock,
    instance: &Instance,
    work: impl Future<Output = T>,
) -> T {
    let tell = |left: Duration| {
        if out::can_draw() {
            // A line may be drawn there, which is drawn anew when it changes.
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
        let whole = Duration::from_secs(left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX));
        out::tell(&text.with("cli-waiting-budget", &[("span", format::duration(text, whole).into())]));
    };
    watching(&instance.gateway.budget(), || clock.now(), tell, work).await
}

async fn watching<T>(
    budget: &watch::Receiver<Option<Budget>>,
    now: impl Fn() -> Millis,
    tell: impl FnOnce(Duration),
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(SILENCE) => {}
        }
        let held = *budget.borrow();
        if let Some(left) = held.and_then(|held| wait(&held, now())) {
            tell(left);
            return work.await;
        }
    }
}

/// How long whoever reads has to wait for requests; `None` where there are some.
fn wait(budget: &Budget, now: Millis) -> Option<Duration> {
    let is_low = budget.remaining_at(now) < RESERVE.min(budget.limit);
    let left = budget.resets_at.since(now);
    (is_low && !left.is_zero()).then_some(left)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// What is told while something goes on for so many seconds.
    async fn told(remaining: u32, resets_after: u64, lasts: u64) -> Vec<Duration> {
        let resets_at = Millis(0) + Duration::from_secs(resets_after);
        let budget = Budget { limit: 60, remaining, resets_at, told_by_gateway: true };
        let (_held, budget) = watch::channel(Some(budget));
        let begun = tokio::time::Instant::now();
        let told = RefCell::new(Vec::new());
        let work = tokio::time::sleep(Duration::from_secs(lasts));
        watching(&budget, || Millis(0) + begun.elapsed(), |left| told.borrow_mut().push(left), work).await;
        told.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_the_budget_is_told_once() {
        assert_eq!(told(0, 42, 60).await, [Duration::from_secs(40)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_soon_done_or_waits_for_something_else_is_not_told() {
        assert!(told(0, 42, 1).await.is_empty());
        assert!(told(60, 42, 60).await.is_empty());
        assert!(told(0, 1, 60).await.is_empty());
    }
}
