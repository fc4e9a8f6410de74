//! Z-API's lists: bare arrays in pages, without a total or a next page (`docs/gateways/zapi.md`, 7.1). Pure.

use std::collections::HashSet;

use serde_json::Value;

use super::wire;

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
    longest: usize,
    count: usize,
}

impl Pages {
    pub(super) fn new(id: &'static str) -> Self {
        Self { id, seen: HashSet::new(), items: Vec::new(), longest: 0, count: 0 }
    }

    /// How many pages are worth asking for at once after the first: several where it is full to the number that was
    /// asked for, which a server that caps pages or ignores paging would hardly give.
    pub(super) fn worth_asking_ahead(first: &[Value]) -> usize {
        if first.len() == SIZE { AHEAD } else { 1 }
    }

    /// Takes a page; whether another is to be asked for.
    ///
    /// The list ends at a page without anything new, for paging may be ignored, and at one that is shorter than
    /// those before it. The first has none before it, and may be short because the server gives fewer entries than
    /// were asked for; only the second tells.
    pub(super) fn take(&mut self, page: Vec<Value>) -> bool {
        let length = page.len();
        let known = self.seen.len();
        let new: Vec<Value> = page
            .into_iter()
            .filter(|item| wire::field(item, self.id).is_none_or(|id| self.seen.insert(id.to_owned())))
            .collect();
        let has_new = self.seen.len() > known;
        // An entry without an id counts where it stands first, and not again when its page is repeated.
        if has_new || self.count == 0 {
            self.items.extend(new);
        }
        self.count += 1;
        let goes_on = has_new && length >= self.longest;
        self.longest = self.longest.max(length);
        goes_on
    }

    /// All entries, each id once, in the gateway's order.
    pub(super) fn into_items(self) -> Vec<Value> {
        self.items
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// Reads a list of so many entries from a server that gives at most so many a page.
    fn read(total: usize, most: usize) -> (usize, usize) {
        let all: Vec<Value> = (0..total).map(|at| json!({ "id": at.to_string() })).collect();
        let mut pages = Pages::new("id");
        while pages.take(all.iter().skip(pages.count * most).take(most).cloned().collect()) {}
        (pages.count, pages.into_items().len())
    }

    #[rstest]
    #[case(0, 100, 1)]
    #[case(3, 100, 2)]
    #[case(100, 100, 2)]
    #[case(250, 100, 3)]
    #[case(50, 20, 3)]
    #[case(60, 20, 4)]
    fn a_list_is_read_whole_whatever_a_page_holds(
        #[case] total: usize,
        #[case] most: usize,
        #[case] pages: usize,
    ) {
        assert_eq!(read(total, most), (pages, total));
    }

    #[test]
    fn a_server_that_ignores_paging_is_asked_twice() {
        let all: Vec<Value> = (0..300).map(|at| json!({ "id": at.to_string() })).collect();
        let mut pages = Pages::new("id");
        assert!(pages.take(all.clone()));
        assert!(!pages.take(all));
        assert_eq!(pages.into_items().len(), 300);
    }
}
