//! Retry, undo and resume for an operation that has ended: each makes a new plan, to be confirmed like any other.
//! Checking the operation again needs no plan.

use super::planning;
use crate::{
    app::{
        action::FollowUp,
        effect::{Effect, Work},
        instance::Instance,
        modal::planning::Purpose,
        notice::Notice,
        state::State,
    },
    domain::{
        invite::ClosedLinks,
        operation::Operation,
        plan::{Request, Verb, again},
    },
};

/// Applies the action to the operation in the operation pane.
pub(super) fn current(state: &mut State, how: FollowUp) -> Vec<Effect> {
    let operation = state.operating().and_then(Instance::current_whole).cloned();
    if let Some(operation) = operation {
        return take_up(state, &operation, how);
    }
    let is_known = state.operating().is_some_and(|instance| instance.current_operation().is_some());
    state.notice = Some(match how {
        _ if is_known => Notice::ReadingJournal,
        FollowUp::Undo => Notice::NothingToUndo,
        _ => Notice::NothingRuns,
    });
    Vec::new()
}

/// Begins the plan that retries, undoes or resumes an operation, or begins to check it again.
pub(super) fn take_up(state: &mut State, operation: &Operation, how: FollowUp) -> Vec<Effect> {
    if operation.is_live() {
        state.notice = Some(Notice::StillRuns);
        return Vec::new();
    }
    if how == FollowUp::Look && operation.may_improve() {
        state.notice = Some(Notice::LookingAgain(operation.id));
        let (instance, operation) = (operation.instance.clone(), operation.id);
        if let Some(known) = state.instance_of_mut(&instance) {
            known.operations.looking.insert(operation);
        }
        return vec![Effect::Work(Work::LookAgain { instance, operation })];
    }
    let Some(request) = request(state, operation, how) else {
        state.notice = Some(match how {
            FollowUp::Retry => Notice::NothingToRetry,
            FollowUp::Undo => Notice::NothingToUndo,
            FollowUp::Resume => {
                closed_links(state, operation).map_or(Notice::NothingToResume, Notice::ClosedLinks)
            }
            FollowUp::Look => Notice::NothingToLookFor,
        });
        return Vec::new();
    };
    let closed = (request.verb == Verb::Rejoin).then(|| closed_links(state, operation)).flatten();
    let effects = planning::read(state, request, Purpose::Plan);
    if let Some(closed) = closed {
        state.notice = Some(Notice::ClosedLinks(closed));
    }
    effects
}

fn closed_links(state: &State, operation: &Operation) -> Option<ClosedLinks> {
    again::not_opened(operation, &state.instance_of(&operation.instance)?.links)
}

fn request(state: &State, operation: &Operation, how: FollowUp) -> Option<Request> {
    match how {
        FollowUp::Retry => again::retry(operation),
        FollowUp::Undo => again::undo(operation),
        FollowUp::Resume => again::resume(operation).or_else(|| {
            let links = &state.instance_of(&operation.instance)?.links;
            again::rejoin(operation, |group| links.open.contains(group))
        }),
        FollowUp::Look => None,
    }
}
