//! What the journal sends: the operations at a start, and the groups of those that are shown.

use super::actions;
use crate::{
    app::{
        effect::{Effect, Work},
        modal::Modal,
        notice::Notice,
        operations::Known,
        state::State,
    },
    domain::{
        id::OperationId,
        instance::InstanceKey,
        message::Message,
        operation::{Operation, Summary},
        plan::again,
    },
};

/// Handles operations from the journal. If one was interrupted and has something left, a notice says so.
pub(super) fn on_journal(
    state: &mut State,
    key: &InstanceKey,
    summaries: Vec<Summary>,
    operations: Vec<Operation>,
    is_all: bool,
) {
    let Some(instance) = state.instance_of_mut(key) else { return };
    for summary in summaries {
        instance.operations.take(Known::Summary(Box::new(summary)));
    }
    for operation in operations {
        instance.learn(|directory| directory.learn_operation(&operation));
        instance.operations.take(Known::Whole(Box::new(operation)));
    }
    instance.operations.are_read |= is_all;
    // An earlier read may have failed.
    instance.operations.reading.clear();
    // Before all are known, another one may turn out to have followed it up.
    let all = instance.operations.are_read.then(|| instance.operations.iter());
    let left = all.and_then(again::newest_interrupted).map(|known| known.id);
    // Each read of the journal finds it again, but it is news only once.
    if let Some(left) = left.filter(|left| instance.shown_interrupted.replace(*left) != Some(*left)) {
        state.notice = Some(Notice::Ended(left));
    }
}

/// Handles an operation that was read because its groups are shown, and does what waited for them.
pub(super) fn on_operation(
    state: &mut State,
    key: &InstanceKey,
    id: OperationId,
    result: Result<Option<Box<Operation>>, Message>,
) -> Vec<Effect> {
    let Some(instance) = state.instance_of_mut(key) else { return Vec::new() };
    match result {
        Ok(Some(operation)) => instance.operations.take(Known::Whole(operation)),
        Ok(None) => instance.operations.remove(id),
        Err(why) => {
            // It stays among those that are being read, so that the failure is not repeated.
            instance.journal_failure = Some(why);
            return Vec::new();
        }
    }
    instance.operations.reading.remove(&id);
    let then = match state.modals.last_mut() {
        Some(Modal::Operations(window)) if window.operations.selected() == Some(&id) => window.then.take(),
        _ => None,
    };
    then.map_or_else(Vec::new, |action| actions::on_action(state, action))
}

/// Reads the groups of operations that are shown and not in memory, and lets go of those that are no longer shown.
pub(super) fn read_shown(state: &mut State) -> Vec<Effect> {
    let shown = state.shown_operations();
    let mut effects = Vec::new();
    for (at, instance) in state.instances.iter_mut().enumerate() {
        instance.operations.let_go(|id| shown.contains(&(at, id)));
        for (_, operation) in shown.iter().filter(|(of, _)| *of == at) {
            if instance.operations.ask_for(*operation) {
                let (instance, operation) = (instance.key().clone(), *operation);
                effects.push(Effect::Work(Work::ReadOperation { instance, operation }));
            }
        }
    }
    effects
}
