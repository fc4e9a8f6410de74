//! The operations of an instance and their items, in a window.

use crate::{
    app::{
        action::Action,
        context::Context,
        layout::OPERATIONS_SIZE,
        list::List,
        modal::window::{Scene, Window},
        operations::Operations,
    },
    domain::{
        id::OperationId,
        instance::InstanceKey,
        operation::{Item, Summary},
        outcome::Outcome,
    },
};

/// The operations of an instance, newest first, or the items of one of them.
#[derive(Clone, Debug)]
pub struct OperationsWindow {
    pub instance: InstanceKey,
    pub operations: List<OperationId>,
    /// Whether the items of the operation under the cursor are shown.
    pub shows_items: bool,
    /// The items shown, by their indices.
    pub items: List<usize>,
    /// If set, only items with this outcome are shown.
    pub only: Option<Outcome>,
    /// What to do once the groups of the operation under the cursor are in memory.
    pub then: Option<Action>,
}

impl OperationsWindow {
    /// The window for an instance's operations.
    pub fn new(instance: InstanceKey) -> Self {
        let (operations, items) = (List::default(), List::default());
        Self { instance, operations, shows_items: false, items, only: None, then: None }
    }

    /// The operation under the cursor.
    pub fn chosen<'a>(&self, operations: &'a Operations) -> Option<&'a Summary> {
        operations.summary(*self.operations.selected()?)
    }

    /// Shows only the items with the next outcome that occurs in the operation, or all of them again.
    pub fn next_filter(&mut self, operation: &Summary) {
        let has = |outcome: &Outcome| operation.totals.of(*outcome) > 0;
        let present: Vec<Outcome> = Outcome::ALL.into_iter().filter(has).collect();
        self.only = match self.only {
            None => present.first().copied(),
            Some(only) => {
                let at = present.iter().position(|outcome| *outcome == only);
                at.and_then(|at| present.get(at + 1)).copied()
            }
        };
    }
}

impl Window for OperationsWindow {
    fn context(&self) -> Context {
        Context::Operations
    }

    fn settle(&mut self, scene: Scene<'_>) {
        let Some(instance) = scene.instance(&self.instance) else { return };
        let operations = &instance.operations;
        let height = usize::from(scene.lines(OPERATIONS_SIZE));
        self.operations.set_rows(operations.iter().rev().map(|operation| operation.id).collect());
        self.operations.set_height(height);
        let only = self.only;
        let is_shown = |item: &Item| only.is_none() || item.outcome == only;
        let whole = self.operations.selected().and_then(|id| operations.whole(*id));
        let items = whole.map_or_else(Vec::new, |operation| {
            let places = operation.items.iter().enumerate();
            places.filter(|(_, item)| is_shown(item)).map(|(at, _)| at).collect()
        });
        self.items.set_rows(items);
        // The counts of each outcome are shown above the items.
        self.items.set_height(height.saturating_sub(2));
    }
}
