//! Which items of an operation wait for what, so that the next thing to do is found without a look at all of them.
//! Pure; it holds places alone and knows neither gateway nor time.

use std::collections::BTreeSet;

use crate::domain::operation::{Item, ItemState, Operation};

/// The places of items by what they wait for.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Those that wait for their turn, what is between its steps before what has not begun.
    queued: BTreeSet<(bool, usize)>,
    /// Those that were sent and may be looked for.
    out: BTreeSet<usize>,
    /// Those that a later listing may settle for the better.
    improvable: BTreeSet<usize>,
}

impl Index {
    pub(super) fn new(operation: &Operation) -> Self {
        let mut index = Self::default();
        operation.items.iter().enumerate().for_each(|(at, item)| index.place(at, item));
        index
    }

    /// Takes in how an item stands now.
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

    /// The items with an outcome that a later listing may better.
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
