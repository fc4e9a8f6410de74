//! Z-API's lists: bare arrays in pages, without a total or a next page (`docs/gateways/zapi.md`, 7.1). Pure.

use std::collections::HashSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::wire;
use crate::domain::evidence::may_be_cut;

/// Entries requested per page. The maximum page size is not documented.
pub(super) const SIZE: usize = 100;

/// A longer list is given up: no number is in that many groups.
pub(super) const MOST_PAGES: usize = 500;

/// How many pages are requested concurrently once a list is known to be long.
const AHEAD: usize = 4;

/// The pages of a list read so far.
pub(super) struct Pages<T> {
    seen: HashSet<u128>,
    items: Vec<T>,
    /// The number of entries in the last page.
    last: usize,
}

/// An entry of a page.
pub(super) struct Entry<T> {
    /// Distinguishes the entry from others.
    mark: u128,
    read: T,
}

impl<T> Entry<T> {
    /// Makes an entry: its id distinguishes it or, without an id, its whole content does. `read` makes the value.
    pub(super) fn of(entry: &Value, id: &str, read: fn(&Value) -> T) -> Self {
        let mut digest = Sha256::new();
        match wire::field(entry, id) {
            Some(id) => digest.update(id),
            None => digest.update(entry.to_string()),
        }
        let mark = digest.finalize().iter().take(16).fold(0, |mark, byte| mark << 8 | u128::from(*byte));
        Self { mark, read: read(entry) }
    }
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { seen: HashSet::new(), items: Vec::new(), last: 0 }
    }
}

impl<T> Pages<T> {
    /// How many pages to request at once: several after a full page, because more are likely to follow. If a server returns
    /// fewer entries per page, its pages are requested one after the other.
    pub(super) fn worth_asking_at_once(&self) -> usize {
        if self.last == SIZE { AHEAD } else { 1 }
    }

    /// Adds a page and returns whether to request another one.
    ///
    /// The list ends at an empty page, or at a page without any new entry, because a server may ignore paging. A short page does
    /// not end the list: servers return short pages in the middle of a list.
    pub(super) fn take(&mut self, page: Vec<Entry<T>>) -> bool {
        self.last = page.len();
        let known = self.items.len();
        let Self { seen, items, .. } = self;
        items.extend(page.into_iter().filter(|entry| seen.insert(entry.mark)).map(|entry| entry.read));
        self.items.len() > known
    }

    /// Whether the list may be incomplete: it ended with a page without new entries, as a server that ignores paging sends, and
    /// has the length at which such servers cut lists.
    pub(super) fn may_be_cut(&self) -> bool {
        self.last > 0 && may_be_cut(self.items.len())
    }

    /// All entries, each once, in the gateway's order.
    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn entries(numbers: std::ops::Range<usize>) -> Vec<Value> {
        numbers.map(|at| json!({ "id": at.to_string() })).collect()
    }

    fn page(values: &[Value]) -> Vec<Entry<()>> {
        values.iter().map(|value| Entry::of(value, "id", |_| ())).collect()
    }

    /// Reads these pages, then empty ones: how many pages were taken, and how many entries they had.
    fn read(pages: &[Vec<Value>]) -> (usize, usize) {
        let (mut read, mut count) = (Pages::default(), 1);
        while read.take(pages.get(count - 1).map(|values| page(values)).unwrap_or_default()) {
            count += 1;
        }
        assert!(!read.may_be_cut());
        (count, read.into_items().len())
    }

    #[rstest]
    #[case::nothing(&[], 1)]
    #[case::one_short(&[3], 2)]
    #[case::one_full(&[100], 2)]
    #[case::full_ones(&[100, 100, 50], 4)]
    #[case::short_ones(&[20, 20, 20], 4)]
    #[case::short_in_the_middle(&[100, 99, 71], 4)]
    #[case::nearly_empty_in_the_middle(&[100, 1, 100, 2, 100, 100], 7)]
    fn a_list_is_read_to_an_empty_page_whatever_its_pages_hold(
        #[case] lengths: &[usize],
        #[case] taken: usize,
    ) {
        let mut total = 0;
        let pages: Vec<Vec<Value>> = lengths
            .iter()
            .map(|length| {
                total += length;
                entries(total - length..total)
            })
            .collect();
        assert_eq!(read(&pages), (taken, total));
    }

    #[test]
    fn a_page_without_a_single_id_ends_nothing() {
        let nameless = |name: &str| vec![json!({ "name": name })];
        assert_eq!(read(&[entries(0..100), nameless("a"), nameless("b"), entries(100..150)]), (5, 152));
    }

    #[rstest]
    #[case(300, false)]
    #[case(100, true)]
    #[case(1_000, true)]
    fn a_server_that_ignores_paging_is_asked_twice_and_may_cut(#[case] length: usize, #[case] is_cut: bool) {
        let mut pages = Pages::default();
        assert!(pages.take(page(&entries(0..length))));
        assert!(!pages.take(page(&entries(0..length))));
        let may_be_cut = pages.may_be_cut();
        assert_eq!((pages.into_items().len(), may_be_cut), (length, is_cut));
    }
}
