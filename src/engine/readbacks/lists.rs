//! The lists of groups that the readbacks of an operation read, and when a list is worth its cost. Pure.

use std::sync::Arc;

use super::{ReadbackPlace, ReadbackSubject};
use crate::domain::community::GroupList;

/// A list is worth its cost if it serves an item for each of this many groups in it.
const GROUPS_PER_ITEM: usize = 500;

/// For how many items of an operation the details of their groups replace the list.
pub(in crate::engine) const ALONE: usize = 8;

/// The lists of groups that the readbacks of an operation read.
#[derive(Debug, Default)]
pub(in crate::engine) struct ListUse {
    /// The number of groups in the longest list that is known.
    pub(in crate::engine) length: usize,
    /// The newest list from a readback.
    pub(in crate::engine) newest: Option<Arc<GroupList>>,
    /// Where a readback is under way that reads the list for all items that wait for it.
    pub(in crate::engine) reader: Option<ReadbackPlace>,
    /// How many items had the details of their groups read instead.
    pub(in crate::engine) alone: usize,
}

impl ListUse {
    /// Whether a list is worth its cost for this many items.
    pub(in crate::engine) fn is_worth_it(&self, items: usize) -> bool {
        items * GROUPS_PER_ITEM >= self.length
    }

    /// Has the details of the groups of a few items read instead of a long list.
    pub(in crate::engine) fn ask_details(&self, of: &mut [ReadbackSubject]) {
        let is_few = of.len() <= ALONE && !self.is_worth_it(of.len());
        for subject in of {
            subject.asks_details = is_few;
        }
    }

    /// Records the end of a readback, and the list that it read, if any.
    pub(in crate::engine) fn end(&mut self, place: &ReadbackPlace, list: Option<&Arc<GroupList>>) {
        self.reader.take_if(|reader| reader == place);
        if let Some(list) = list {
            self.length = self.length.max(list.groups.len());
            self.newest = Some(Arc::clone(list));
        }
    }
}
