//! `RyzeAPI`'s request budget: one bucket per token, in fixed windows (docs/gateways/ryzeapi.md, rate limits).

use std::collections::HashMap;

use super::description::RyzeapiSettings;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    started: i64,
    used: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Budgets {
    buckets: HashMap<String, Bucket>,
}

/// The values of the three headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Unix seconds.
    pub(crate) reset: i64,
}

impl Budgets {
    fn bucket(&mut self, token: &str, now: i64, settings: &RyzeapiSettings) -> &mut Bucket {
        let window = i64::from(settings.rate_window_seconds) * 1000;
        let fresh = Bucket { started: now, used: 0.0 };
        let bucket = self.buckets.entry(token.to_owned()).or_insert(fresh);
        if now >= bucket.started + window {
            *bucket = fresh;
        }
        bucket
    }

    /// Counts one request; false if the budget was used up.
    pub(crate) fn take(&mut self, token: &str, now: i64, settings: &RyzeapiSettings) -> bool {
        let is_left = self.look(token, now, settings).remaining > 0;
        let bucket = self.bucket(token, now, settings);
        if is_left {
            bucket.used += 1.0;
        }
        is_left
    }

    pub(crate) fn look(&mut self, token: &str, now: i64, settings: &RyzeapiSettings) -> Budget {
        let bucket = *self.bucket(token, now, settings);
        let elapsed = u32::try_from(now - bucket.started).unwrap_or(u32::MAX);
        let drained = (settings.rate_drain_per_second * f64::from(elapsed) / 1000.0).floor();
        let left = (f64::from(settings.rate_limit) - bucket.used - drained).max(0.0);
        let end = bucket.started + i64::from(settings.rate_window_seconds) * 1000;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the limit, a u32"
        )]
        let remaining = left as u32;
        Budget { limit: settings.rate_limit, remaining, reset: (end + 999).div_euclid(1000) }
    }
}
