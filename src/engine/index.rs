//! Indexes the items of an operation by what they wait for, so that the next action is found without examining all items. Pure;
//! it holds only positions and knows neither gateway nor time.

use std::collections::BTreeSet;

use crate::domain::operation::{Item, ItemState, Operation};

/// The positions of items, by what they wait for.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Items that wait for their turn; those between two steps come before those that have not begun.
    queued: BTreeSet<(bool, usize)>,
    /// Items that were sent and may be read back.
    out: BTreeSet<usize>,
    /// Items that a later listing may change to a better outcome.
    improvable: BTreeSet<usize>,
}

impl Index {
    pub(super) fn new(operation: &Operation) -> Self {
        let mut index = Self::default();
        operation.items.iter().enumerate().for_each(|(at, item)| index.place(at, item));
        index
    }

    /// Updates the index from the current state of an item.
    pub(super) fn place(&mut self, at: usize, item: &Item) {
        let is_open = item.outcome.is_none();
        let is_queued = is_open && item.state == ItemState::Queued;
        let is_out = is_open && matches!(item.state, ItemState::Accepted | ItemState::Checking);
        self.queued.remove(&(true, at));
        self.queued.remove(&(false, at));
        if is_queued {
            self.queued.insert((item.step == 0, at));
        }
        keep(&mut self.out, at, is_out || (is_queued && item.attempts > 0));
        keep(&mut self.improvable, at, item.may_improve());
    }

    /// The items that wait for their turn, in the order of their turns.
    pub(super) fn queued(&self) -> impl Iterator<Item = usize> {
        self.queued.iter().map(|(_, at)| *at)
    }

    /// The items that were sent and have no outcome.
    pub(super) fn out(&self) -> impl Iterator<Item = usize> {
        self.out.iter().copied()
    }

    /// The items whose outcome a later listing may improve.
    pub(super) fn improvable(&self) -> impl Iterator<Item = usize> {
        self.improvable.iter().copied()
    }
}

fn keep(places: &mut BTreeSet<usize>, at: usize, is_in: bool) {
    if is_in {
        places.insert(at);
    } else {
        places.remove(&at);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        domain::{outcome::Outcome, plan::Step},
        engine::samples::item,
    };

    #[rstest]
    #[case::never_sent(ItemState::Queued, 0, None, false)]
    #[case::waits_for_another_attempt(ItemState::Queued, 1, None, true)]
    #[case::being_sent(ItemState::Sending, 1, None, false)]
    #[case::answered(ItemState::Accepted, 1, None, true)]
    #[case::being_read(ItemState::Checking, 1, None, true)]
    #[case::finished(ItemState::Finished, 1, Some(Outcome::Verified), false)]
    fn only_items_that_were_sent_are_examined_for_a_readback(
        #[case] state: ItemState,
        #[case] attempts: u32,
        #[case] outcome: Option<Outcome>,
        #[case] is_out: bool,
    ) {
        let item = item(Step::Leave);
        let mut index = Index::default();
        index.place(0, &item);
        index.place(0, &Item { state, attempts, outcome, ..item });
        assert_eq!(index.out().count(), usize::from(is_out));
    }
}
