//! A value whose changes become visible later than they happen, and which keeps its history. The world decides the delay.

/// A value with all its changes.
#[derive(Debug, Clone)]
pub(crate) struct Lagged<T> {
    first: T,
    changes: Vec<Change<T>>,
}

/// Both times are Unix milliseconds.
#[derive(Debug, Clone)]
struct Change<T> {
    made_at: i64,
    visible_at: i64,
    value: T,
}

impl<T> Lagged<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { first: value, changes: Vec::new() }
    }

    /// The real value.
    pub(crate) fn truth(&self) -> &T {
        self.changes.last().map_or(&self.first, |change| &change.value)
    }

    /// The real value at a time (Unix milliseconds).
    pub(crate) fn true_at(&self, at: i64) -> &T {
        self.last(|change| change.made_at <= at)
    }

    /// The value that a listing shows at a time (Unix milliseconds).
    pub(crate) fn shown(&self, at: i64) -> &T {
        self.last(|change| change.visible_at <= at)
    }

    /// Changes the truth now; listings show it from `visible_at` on, and never before an earlier change.
    pub(crate) fn set(&mut self, value: T, now: i64, visible_at: i64) {
        let visible_at = self.changes.last().map_or(visible_at, |last| visible_at.max(last.visible_at));
        self.changes.push(Change { made_at: now, visible_at, value });
    }

    fn last(&self, is_past: impl Fn(&Change<T>) -> bool) -> &T {
        self.changes.iter().rev().find(|change| is_past(change)).map_or(&self.first, |change| &change.value)
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
        assert_eq!((*value.shown(99), *value.true_at(99), *value.true_at(199)), (1, 1, 2), "the past stays");
    }
}
