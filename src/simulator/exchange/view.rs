//! How a read is answered: the moment that it shows, and the faults in its entries. It knows no wire form.

use serde_json::Value;
use std::collections::HashSet;

use super::super::description::Then;
use super::super::faults::Hit;

/// How far back `stale` and `alternating` look unless the world file says it.
const DEFAULT_AGE_SECONDS: f64 = 10.0;

/// The fraction of entries that `incomplete` leaves out unless the world file says it.
const DEFAULT_MISSING: f64 = 0.2;

/// One entry of a list, with the facts that decide whether it is struck.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// The world's id of the entry.
    pub(crate) id: &'a str,
    pub(crate) is_announcements: bool,
    pub(crate) value: Value,
}

/// The content of a read.
#[derive(Debug)]
pub(crate) struct View {
    /// The moment that it shows: Unix milliseconds.
    pub(crate) at: i64,
    flaw: Option<Hit>,
}

impl View {
    /// An answer without faults.
    pub(crate) const fn plain(now: i64) -> Self {
        Self { at: now, flaw: None }
    }

    /// An answer that a fault falsifies; `first_read` is the time of this listing's first read.
    pub(super) fn flawed(hit: &Hit, now: i64, first_read: i64) -> Self {
        let shows_the_past = match hit.then {
            Then::Stale => true,
            Then::Alternating => hit.count.is_multiple_of(2),
            _ => false,
        };
        let age = super::duration(hit.seconds, DEFAULT_AGE_SECONDS).as_millis();
        let past = now.saturating_sub(i64::try_from(age).unwrap_or(i64::MAX));
        let at = if shows_the_past { past.max(first_read) } else { now };
        Self { at, flaw: Some(hit.clone()) }
    }

    fn flaw(&self, then: Then) -> Option<&Hit> {
        self.flaw.as_ref().filter(|hit| hit.then == then)
    }

    /// The entries in the answer: without those left out, and only up to the cut.
    pub(crate) fn select(&self, entries: Vec<Entry<'_>>) -> Vec<Value> {
        let missing = self.flaw(Then::Incomplete).map(|hit| chosen(hit, &entries, DEFAULT_MISSING, false));
        let missing = missing.unwrap_or_default();
        let most = self.flaw(Then::Cut).map_or(usize::MAX, |hit| hit.entries);
        let kept = entries.into_iter().enumerate().filter(|(index, _)| !missing.contains(index));
        kept.map(|(_, entry)| entry.value).take(most).collect()
    }

    /// Replaces the blank entries by zero values; `zero` makes the gateway's form of one.
    pub(crate) fn blank(&self, entries: &mut [Entry<'_>], zero: impl Fn(&mut Value)) {
        let Some(hit) = self.flaw(Then::Blank) else { return };
        for index in chosen(hit, entries, 1.0, true) {
            zero(&mut entries[index].value);
        }
    }
}

/// The indices of the struck entries: those that the fault names, or else a fraction of them chosen by the seed. A fraction is
/// always at least one entry.
fn chosen(hit: &Hit, entries: &[Entry<'_>], default_part: f64, with_announcements: bool) -> HashSet<usize> {
    let all = entries.iter().enumerate();
    if let Some(named) = &hit.named {
        let is_named = |entry: &Entry<'_>| named.iter().any(|id| id == entry.id);
        return all.filter(|(_, entry)| is_named(entry)).map(|(index, _)| index).collect();
    }
    let can_be = all.filter(|(_, entry)| with_announcements || !entry.is_announcements);
    let mut indices: Vec<usize> = can_be.map(|(index, _)| index).collect();
    let count = part_of(indices.len(), hit.part.unwrap_or(default_part));
    hit.rng.clone().shuffle(&mut indices);
    indices.into_iter().take(count).collect()
}

/// This fraction of `length`, rounded up.
fn part_of(length: usize, part: f64) -> usize {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a u32")]
    let count = (f64::from(length) * part.clamp(0.0, 1.0)).ceil() as usize;
    count
}
