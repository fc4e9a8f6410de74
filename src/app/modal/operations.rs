//! The operations of an instance, or of all, and their items, in a window.

use crate::{
    app::{
        action::Action,
        context::Context,
        instance::Instance,
        layout::OPERATIONS_SIZE,
        list::List,
        modal::window::{Scene, Window},
        panes::urgent_first,
    },
    domain::{
        id::OperationId,
        instance::InstanceKey,
        operation::{Item, Summary},
        outcome::Outcome,
    },
};

/// Operations, newest first, or the items of one of them.
#[derive(Clone, Debug)]
pub struct OperationsWindow {
    /// The instance; `None` for all.
    pub instance: Option<InstanceKey>,
    /// Whether only operations with items that need attention are shown.
    pub only_trouble: bool,
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
    /// The window for the operations of an instance, or of all.
    pub fn new(instance: Option<InstanceKey>) -> Self {
        let (operations, items) = (List::default(), List::default());
        Self { instance, only_trouble: false, operations, shows_items: false, items, only: None, then: None }
    }

    /// The instances whose operations are shown.
    pub fn shown<'a>(&self, instances: &'a [Instance]) -> impl Iterator<Item = &'a Instance> {
        instances.iter().filter(|instance| self.instance.as_ref().is_none_or(|key| instance.key() == key))
    }

    /// An operation, with its instance. Operations are numbered across all instances.
    pub fn find<'a>(
        &self,
        instances: &'a [Instance],
        id: OperationId,
    ) -> Option<(&'a Instance, &'a Summary)> {
        self.shown(instances).find_map(|instance| Some((instance, instance.operations.summary(id)?)))
    }

    /// The operation under the cursor, with its instance.
    pub fn chosen<'a>(&self, instances: &'a [Instance]) -> Option<(&'a Instance, &'a Summary)> {
        self.find(instances, *self.operations.selected()?)
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
        let height = usize::from(scene.lines(OPERATIONS_SIZE));
        let all = self.shown(scene.instances).flat_map(|instance| instance.operations.iter());
        let all = all.filter(|operation| !self.only_trouble || operation.needs_attention());
        let mut ids: Vec<OperationId> = all.map(|operation| operation.id).collect();
        ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        self.operations.set_rows(ids);
        self.operations.set_height(height);
        let only = self.only;
        let is_shown = |item: &Item| only.is_none() || item.outcome == only;
        let chosen = self.chosen(scene.instances);
        let whole = chosen.and_then(|(instance, operation)| instance.operations.whole(operation.id));
        let items = whole.map_or_else(Vec::new, |operation| {
            let rows = urgent_first(&operation.items).into_iter();
            rows.filter(|at| is_shown(&operation.items[*at])).collect()
        });
        self.items.set_rows(items);
        // The counts of each outcome are shown above the items.
        self.items.set_height(height.saturating_sub(2));
    }
}
