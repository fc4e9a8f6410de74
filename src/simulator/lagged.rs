//! A value whose changes show later than they happen. Owns nothing but that; how long the delay is, the world decides.

/// A value with its truth, and what a listing shows of it at a given moment.
#[derive(Debug, Clone)]
pub(crate) struct Lagged<T> {
    shown: T,
    pending: Vec<(i64, T)>,
}

impl<T> Lagged<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { shown: value, pending: Vec::new() }
    }

    /// What is really so.
    pub(crate) fn truth(&self) -> &T {
        self.pending.last().map_or(&self.shown, |(_, value)| value)
    }

    /// What a listing says at `now` (Unix milliseconds).
    pub(crate) fn shown(&self, now: i64) -> &T {
        self.pending.iter().rev().find(|(at, _)| *at <= now).map_or(&self.shown, |(_, value)| value)
    }

    /// Changes the truth now; listings show it from `visible_at` on, and never before an earlier change.
    pub(crate) fn set(&mut self, value: T, now: i64, visible_at: i64) {
        while self.pending.first().is_some_and(|(at, _)| *at <= now) {
            self.shown = self.pending.remove(0).1;
        }
        let earliest = self.pending.last().map_or(visible_at, |(at, _)| visible_at.max(*at));
        self.pending.push((earliest, value));
    }
}

#[cfg(test)]
mod tests {
    use super::Lagged;

    #[test]
    fn a_change_is_true_at_once_and_shown_later() {
        let mut value = Lagged::new(1);
        value.set(2, 100, 400);
        value.set(3, 200, 300);
        assert_eq!((*value.truth(), *value.shown(399)), (3, 1));
        assert_eq!(*value.shown(400), 3, "the later change does not overtake the earlier one");
        value.set(4, 500, 600);
        assert_eq!((*value.shown(599), *value.shown(600)), (3, 4));
    }
}
