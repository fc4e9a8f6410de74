//! Z-API's lists: bare arrays in pages, without a total or a next page (`docs/gateways/zapi.md`, 7.1). Pure.

use std::collections::HashSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::wire;
use crate::domain::evidence::may_be_cut;

/// Entries asked for in a page. What a page may hold at most is not documented.
pub(super) const SIZE: usize = 100;

/// A list that goes on for longer is given up: no number is in so many groups.
pub(super) const MOST_PAGES: usize = 500;

/// How many pages are asked for side by side once a list is known to be long.
const AHEAD: usize = 4;

/// The pages of a list, as far as they were read.
pub(super) struct Pages<T> {
    seen: HashSet<u128>,
    items: Vec<T>,
    /// The entries of the page that was taken last.
    last: usize,
}

/// An entry of a page.
pub(super) struct Entry<T> {
    /// What tells it apart from others.
    mark: u128,
    read: T,
}

impl<T> Entry<T> {
    /// An entry, which its id tells apart, and one without an id all that it says; and what `read` makes of it.
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
    /// How many pages are worth asking for at once: several after one that is as full as was asked for, since more are
    /// likely to follow; a server that gives fewer entries in a page is asked for one after the other.
    pub(super) fn worth_asking_at_once(&self) -> usize {
        if self.last == SIZE { AHEAD } else { 1 }
    }

    /// Takes a page; whether another is to be asked for.
    ///
    /// The list ends at an empty page, and at one without anything new, for paging may be ignored. A short page ends
    /// nothing: servers give such ones in the middle of a list.
    pub(super) fn take(&mut self, page: Vec<Entry<T>>) -> bool {
        self.last = page.len();
        let known = self.items.len();
        let Self { seen, items, .. } = self;
        items.extend(page.into_iter().filter(|entry| seen.insert(entry.mark)).map(|entry| entry.read));
        self.items.len() > known
    }

    /// Whether the list may have been cut at its end: it ended with a page that said nothing new, which a server that
    /// ignores paging gives, and is as long as such servers give at most.
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

    /// Reads these pages, and empty ones after them: how many were taken, and how many entries they had.
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
