//! Z-API's lists: bare arrays in pages, without a total or a next page (`docs/gateways/zapi.md`, 7.1). Pure.

use std::collections::HashSet;

use serde_json::Value;

use super::wire;
use crate::domain::evidence::may_be_cut;

/// Entries asked for in a page. What a page may hold at most is not documented.
pub(super) const SIZE: usize = 100;

/// A list that goes on for longer is given up: no number is in so many groups.
pub(super) const MOST_PAGES: usize = 500;

/// How many pages are asked for side by side once a list is known to be long.
const AHEAD: usize = 4;

/// The pages of a list, as far as they were read.
pub(super) struct Pages {
    /// The field that tells entries apart.
    id: &'static str,
    seen: HashSet<String>,
    items: Vec<Value>,
    /// The entries of the page that was taken last.
    last: usize,
}

impl Pages {
    pub(super) fn new(id: &'static str) -> Self {
        Self { id, seen: HashSet::new(), items: Vec::new(), last: 0 }
    }

    /// How many pages are worth asking for at once: several after one that is as full as was asked for, since more are
    /// likely to follow; a server that gives fewer entries in a page is asked for one after the other.
    pub(super) fn worth_asking_at_once(&self) -> usize {
        if self.last == SIZE { AHEAD } else { 1 }
    }

    /// Takes a page; whether another is to be asked for.
    ///
    /// The list ends at an empty page, and at one without anything new, for paging may be ignored. A short page ends
    /// nothing: servers give such ones in the middle of a list.
    pub(super) fn take(&mut self, page: Vec<Value>) -> bool {
        self.last = page.len();
        let known = self.items.len();
        let Self { id, seen, items, .. } = self;
        // An entry without an id is told apart by all that it says.
        let is_new = |item: &Value| {
            let name = wire::field(item, id).map_or_else(|| item.to_string(), str::to_owned);
            seen.insert(name)
        };
        items.extend(page.into_iter().filter(is_new));
        self.items.len() > known
    }

    /// Whether the list may have been cut at its end: it ended with a page that said nothing new, which a server that
    /// ignores paging gives, and is as long as such servers give at most.
    pub(super) fn may_be_cut(&self) -> bool {
        self.last > 0 && may_be_cut(self.items.len())
    }

    /// All entries, each once, in the gateway's order.
    pub(super) fn items(&self) -> &[Value] {
        &self.items
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

    /// Reads these pages, and empty ones after them: how many were taken, and how many entries they had.
    fn read(pages: &[Vec<Value>]) -> (usize, usize) {
        let (mut read, mut count) = (Pages::new("id"), 1);
        while read.take(pages.get(count - 1).cloned().unwrap_or_default()) {
            count += 1;
        }
        assert!(!read.may_be_cut());
        (count, read.items().len())
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
        let mut pages = Pages::new("id");
        assert!(pages.take(entries(0..length)));
        assert!(!pages.take(entries(0..length)));
        assert_eq!((pages.items().len(), pages.may_be_cut()), (length, is_cut));
    }
}
