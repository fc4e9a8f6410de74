//! The budget of a token: read from the gateway's headers, or counted here if it sends none.
//!
//! A budget belongs to the *token*, so all clients with the same token share one meter, through the [`BudgetBook`]. This
//! module makes no decisions: the engine and the reader slow down according to its values.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, header};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::domain::{budget::Budget, time::Millis};

/// The period that is assumed for a gateway without headers.
const PERIOD: Duration = Duration::from_secs(60);

/// The limits of a wait until a reset, in seconds, whatever the clocks say.
const WAIT: std::ops::RangeInclusive<u64> = 1..=120;

/// The meters of all tokens in this process, keyed by a hash of the token.
#[derive(Default)]
pub struct BudgetBook {
    meters: Mutex<HashMap<[u8; 32], Arc<Meter>>>,
}

impl BudgetBook {
    /// An empty book.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The meter of a token on a server, created at its first use.
    pub(crate) fn meter(&self, server: &str, token: &SecretString, per_minute: Option<u32>) -> Arc<Meter> {
        let mut hash = Sha256::new();
        hash.update(server.as_bytes());
        hash.update([0]);
        hash.update(token.expose_secret().as_bytes());
        let key: [u8; 32] = hash.finalize().into();
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(meters.entry(key).or_insert_with(|| Arc::new(Meter::new(per_minute))))
    }
}

impl fmt::Debug for BudgetBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BudgetBook")
    }
}

/// The budget of one token.
pub(crate) struct Meter {
    per_minute: Option<u32>,
    budget: watch::Sender<Option<Budget>>,
}

impl Meter {
    fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, budget: watch::Sender::new(None) }
    }

    /// Follows the budget.
    pub(crate) fn follow(&self) -> watch::Receiver<Option<Budget>> {
        self.budget.subscribe()
    }

    /// Counts a request that is sent now.
    pub(crate) fn note_request(&self, now: Millis) {
        self.budget.send_modify(|budget| {
            let limit = budget.map(|held| held.limit).or(self.per_minute);
            *budget = match *budget {
                Some(held) if now < held.resets_at => {
                    Some(Budget { remaining: held.remaining.saturating_sub(1), ..held })
                }
                _ => limit.map(|limit| Budget {
                    limit,
                    remaining: limit.saturating_sub(1),
                    resets_at: now + PERIOD,
                    told_by_gateway: false,
                }),
            };
        });
    }

    /// Updates the budget from a response's headers.
    pub(crate) fn note_response(&self, headers: &HeaderMap, now: Millis) {
        let Some(remaining) = number::<u32>(headers, "x-ratelimit-remaining") else { return };
        let held = *self.budget.borrow();
        let limit = number(headers, "x-ratelimit-limit")
            .or(held.map(|held| held.limit))
            .or(self.per_minute)
            .unwrap_or(remaining);
        let resets_at = number::<i64>(headers, "x-ratelimit-reset")
            .map(|reset| now + wait_until(reset, headers, now))
            .or(held.map(|held| held.resets_at).filter(|resets_at| *resets_at > now))
            .unwrap_or(now + PERIOD);
        let reported = Budget { limit: limit.max(remaining), remaining, resets_at, told_by_gateway: true };
        self.budget.send_replace(Some(reported));
    }

    /// Records that the gateway refused a request because the budget is used up; returns the time of the reset.
    pub(crate) fn note_exhausted(&self, until: Option<Millis>, now: Millis) -> Millis {
        let held = *self.budget.borrow();
        let until = until
            .or(held.map(|held| held.resets_at).filter(|resets_at| *resets_at > now))
            .unwrap_or(now + PERIOD);
        let limit = held.map(|held| held.limit).or(self.per_minute).unwrap_or_default();
        let told_by_gateway = held.is_some_and(|held| held.told_by_gateway);
        self.budget.send_replace(Some(Budget { limit, remaining: 0, resets_at: until, told_by_gateway }));
        until
    }
}

/// The wait until a reset, which the server gives in Unix seconds of *its own* clock; its `Date` header shows that clock.
fn wait_until(reset: i64, headers: &HeaderMap, now: Millis) -> Duration {
    let seconds = u64::try_from(reset.saturating_sub(server_now(headers, now))).unwrap_or(0);
    Duration::from_secs(seconds.clamp(*WAIT.start(), *WAIT.end()))
}

/// The wait in a `Retry-After` header, in seconds or as a date; at most `most`.
pub(crate) fn retry_after(headers: &HeaderMap, now: Millis, most: Duration) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = if let Ok(seconds) = text.parse::<u64>() {
        seconds
    } else {
        u64::try_from(http_date(text)?.saturating_sub(server_now(headers, now))).unwrap_or(0)
    };
    Some(Duration::from_secs(seconds.max(1)).min(most))
}

/// The time on the server's clock in Unix seconds; our own time if the server sends no date.
fn server_now(headers: &HeaderMap, now: Millis) -> i64 {
    date(headers).unwrap_or_else(|| now.0.div_euclid(1000))
}

/// The time at which the server says it answered, in Unix seconds of its own clock.
pub(crate) fn date(headers: &HeaderMap) -> Option<i64> {
    headers.get(header::DATE).and_then(|date| date.to_str().ok()).and_then(http_date)
}

fn http_date(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp().as_second())
}

fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_772_366_400_000);

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn budget_of(pairs: &[(&'static str, &str)]) -> Budget {
        let meter = Meter::new(Some(100));
        meter.note_response(&headers(pairs), NOW);
        meter.follow().borrow().unwrap()
    }

    #[test]
    fn the_reset_is_measured_on_the_servers_own_clock() {
        let budget = budget_of(&[
            ("x-ratelimit-limit", "100"),
            ("x-ratelimit-remaining", "87"),
            ("x-ratelimit-reset", "1772370042"),
            // The server's clock is an hour ahead of ours.
            ("date", "Sun, 01 Mar 2026 13:00:00 GMT"),
        ]);
        assert_eq!((budget.limit, budget.remaining, budget.told_by_gateway), (100, 87, true));
        assert_eq!(budget.resets_at, NOW + Duration::from_secs(42));
    }

    #[test]
    fn waits_are_kept_within_reason() {
        for (reset, wait) in [("1772366400", 1), ("1", 1), ("1772370000", 120), ("1772366430", 30)] {
            let budget = budget_of(&[("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", reset)]);
            assert_eq!(budget.resets_at, NOW + Duration::from_secs(wait), "{reset}");
        }
    }

    #[test]
    fn without_headers_it_counts_a_minute_itself() {
        let meter = Meter::new(Some(100));
        for _ in 0..3 {
            meter.note_request(NOW);
            meter.note_response(&HeaderMap::new(), NOW);
        }
        let budget = meter.follow().borrow().unwrap();
        assert_eq!((budget.remaining, budget.told_by_gateway), (97, false));
        meter.note_request(NOW + Duration::from_secs(60));
        assert_eq!(meter.follow().borrow().unwrap().remaining, 99);
    }

    #[test]
    fn a_token_has_one_meter_and_another_server_another() {
        let book = BudgetBook::default();
        let token = SecretString::from("canary");
        let first = book.meter("a", &token, Some(100));
        assert!(Arc::ptr_eq(&first, &book.meter("a", &SecretString::from("canary"), Some(100))));
        assert!(!Arc::ptr_eq(&first, &book.meter("b", &token, Some(100))));
        assert!(!Arc::ptr_eq(&first, &book.meter("a", &SecretString::from("other"), Some(100))));
    }

    #[test]
    fn retry_after_is_read_in_both_its_forms() {
        let most = Duration::from_secs(300);
        let date = ("date", "Sun, 01 Mar 2026 12:00:00 GMT");
        for (text, wait) in [("7", 7), ("0", 1), ("9999", 300), ("Sun, 01 Mar 2026 12:00:20 GMT", 20)] {
            let given = headers(&[("retry-after", text), date]);
            assert_eq!(retry_after(&given, NOW, most), Some(Duration::from_secs(wait)), "{text}");
        }
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")]), NOW, most), None);
    }
}
