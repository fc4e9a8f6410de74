//! Which actions can do something now. The footer shows only those.

use super::{
    action::Planned,
    broken::BrokenEntry,
    filter,
    instance::{ConnectionStatus, Instance},
    layout::Pane,
    modal::{Modal, drift::DriftWindow, plan::PlanWindow},
    state::State,
};
use crate::domain::{
    id::{CommunityId, GroupId},
    operation::Summary,
    plan::{Head, Mark, Plan, again},
};

/// Whether the marked groups, or the one under the cursor, can be linked.
pub fn link(state: &State) -> bool {
    is_possible(state, Planned::Link)
}

/// Whether one of them can be unlinked.
pub fn unlink(state: &State) -> bool {
    is_possible(state, Planned::Unlink)
}

/// Whether they can be moved.
pub fn move_groups(state: &State) -> bool {
    is_possible(state, Planned::Move)
}

/// Whether they can be left, or the community under the cursor.
pub fn leave(state: &State) -> bool {
    let is_community = state.focus == Pane::Communities;
    let leaves = |shown: &Instance| shown.chosen().is_some() && shown.profile.capabilities.leaves_communities;
    if is_community { state.shown().is_some_and(leaves) } else { is_possible(state, Planned::Leave) }
}

/// How many marks are examined, so that a key takes no longer with many marks than with few.
const MOST_MARKS: usize = 256;

/// Whether the gateway has the calls, and the marks or, if there are none, the row under the cursor have something to apply them to.
fn is_possible(state: &State, planned: Planned) -> bool {
    let Some(shown) = state.shown() else { return false };
    if !planned.is_possible(&shown.profile.capabilities) {
        return false;
    }
    let is_in_one = |group: &GroupId, source: Option<&CommunityId>| {
        // If the gateway does not say where groups are, a group may be in an unknown community.
        source.is_some() || !shown.parents_are_known() || {
            let slot = shown.directory.slot(group);
            slot.is_none_or(|slot| shown.directory.parent_at(slot).is_some())
        }
    };
    let has_use = |mark: &Mark| planned != Planned::Unlink || is_in_one(&mark.group, mark.source.as_ref());
    if shown.marks.is_empty() {
        let selected = shown.group_list(state.focus).and_then(|rows| rows.selected());
        return selected
            .and_then(|slot| shown.mark_of(state.focus, *slot))
            .is_some_and(|mark| has_use(&mark));
    }
    shown.marks.len() > MOST_MARKS || shown.marks.iter().any(has_use)
}

/// Whether a row of the plan can be included or left out.
pub fn tick(state: &State) -> bool {
    plan(state).is_some_and(PlanWindow::can_toggle)
}

/// Whether the plan has risky rows, or rows that were left out.
pub fn tick_all(state: &State) -> bool {
    let has = |plan: &Plan, head| plan.under(head).next().is_some();
    plan(state).is_some_and(|window| has(&window.plan, Head::Risky) || has(&window.plan, Head::LeftOut))
}

/// Whether rows of the plan can be turned into moves.
pub fn turn(state: &State) -> bool {
    plan(state).is_some_and(PlanWindow::can_turn)
}

/// Whether rows of the plan may be given to another number.
pub fn hand_over(state: &State) -> bool {
    plan(state).is_some_and(PlanWindow::is_of_all)
}

/// Whether the plan would send something.
pub fn send(state: &State) -> bool {
    plan(state).is_some_and(|window| window.plan.sent() > 0)
}

/// Whether another community can be chosen for the plan.
pub fn change_target(state: &State) -> bool {
    plan(state).is_some_and(PlanWindow::can_change_target)
}

fn plan(state: &State) -> Option<&PlanWindow> {
    state.modals.last().and_then(Modal::as_plan)
}

/// Whether a difference can be put into a plan.
pub fn plan_differences(state: &State) -> bool {
    drift(state).is_some_and(|window| window.rows.iter().any(|row| row.wish.is_some()))
}

fn drift(state: &State) -> Option<&DriftWindow> {
    match state.modals.last() {
        Some(Modal::Drift(window)) => Some(window),
        _ => None,
    }
}

/// Whether the word in the filter is the beginning of a search term.
pub fn complete(state: &State) -> bool {
    let filter = state.shown().and_then(|shown| shown.filter(state.focus));
    filter.is_some_and(|filter| filter::complete(filter.input.value(), state.focus.searched()).is_some())
}

/// Whether the window has something to copy.
pub fn copy(state: &State) -> bool {
    !matches!(state.modals.last(), Some(Modal::Faults(_)))
}

/// Whether the file has more than one format.
pub fn next_form(state: &State) -> bool {
    matches!(state.modals.last(), Some(Modal::File(window)) if window.has_forms())
}

/// Whether the field with the focus is for a secret, which may come from several places.
pub fn next_origin(state: &State) -> bool {
    matches!(state.modals.last(), Some(Modal::Entry(window)) if window.is_secret(window.focus))
}

/// Whether an entry can be written although its gateway could not be asked, or no phone is connected.
pub fn save_anyway(state: &State) -> bool {
    matches!(state.modals.last(), Some(Modal::Entry(window)) if window.may_pass())
}

/// Whether an entry of the form can be tried.
pub fn save_entry(state: &State) -> bool {
    matches!(state.modals.last(), Some(Modal::Entry(window)) if !window.is_waiting())
}

/// Whether the configuration can be changed.
pub fn add_instance(state: &State) -> bool {
    !state.read_only && !state.gateways.is_empty()
}

/// Whether the instance under the cursor can be added with the token of its account.
pub fn tick_listed(state: &State) -> bool {
    matches!(state.modals.last(), Some(Modal::Instances(window)) if window.other().is_some())
        && add_instance(state)
}

/// Whether the form can show the entry under the cursor.
pub fn edit_instance(state: &State) -> bool {
    remove_instance(state) && broken(state).is_none_or(|broken| broken.is_valid)
}

/// Whether the entry under the cursor can be removed.
pub fn remove_instance(state: &State) -> bool {
    let Some(Modal::Instances(window)) = state.modals.last() else { return false };
    let is_named = broken(state).is_some_and(|broken| broken.place.is_some());
    add_instance(state) && (window.configured().is_some() || is_named)
}

/// The broken entry under the cursor.
fn broken(state: &State) -> Option<&BrokenEntry> {
    let Some(Modal::Instances(window)) = state.modals.last() else { return None };
    window.broken().and_then(|at| state.broken.get(at))
}

/// Whether the row under the cursor can be chosen.
pub fn choose(state: &State) -> bool {
    match state.modals.last() {
        Some(Modal::Instances(window)) => window.configured().is_some(),
        _ => true,
    }
}

/// Whether the instance under the cursor can be connected.
pub fn connect(state: &State) -> bool {
    let Some(Modal::Instances(window)) = state.modals.last() else { return true };
    let is_connected =
        |link: &ConnectionStatus| matches!(link, ConnectionStatus::Known(known) if known.is_connected());
    let chosen = window.configured().and_then(|key| state.instance_of(key));
    chosen.is_some_and(|instance| !is_connected(&instance.link))
}

/// Whether the items of an operation are shown.
pub fn next_outcome(state: &State) -> bool {
    matches!(state.modals.last(), Some(Modal::Operations(window)) if window.shows_items)
}

/// Whether the rows that can be marked are one pane away.
pub fn leave_communities(state: &State) -> bool {
    state.focus == Pane::Communities
}

/// Whether the focused pane has rows that can be marked.
pub fn mark(state: &State) -> bool {
    state.focus != Pane::Communities
}

/// Whether there are operations to see.
pub fn see_operations(state: &State) -> bool {
    state.modals.is_empty()
        && state.instances.iter().any(|instance| instance.operations.iter().next().is_some())
}

/// Whether there is more than one instance, and only one of them is shown.
pub fn show_all_instances(state: &State) -> bool {
    state.instances.len() > 1 && state.wide().is_none()
}

/// Whether items of the operation may be retried.
pub fn retry(state: &State) -> bool {
    taken_up(state).is_some_and(again::may_retry)
}

/// Whether something of the operation may be undone.
pub fn undo(state: &State) -> bool {
    taken_up(state).is_some_and(again::may_undo)
}

/// Whether the operation may be resumed.
pub fn resume(state: &State) -> bool {
    taken_up(state).is_some_and(again::may_go_on)
}

/// Whether the operation may be checked once more.
pub fn look_again(state: &State) -> bool {
    taken_up(state).is_some_and(|operation| !operation.is_live() && operation.may_improve())
}

/// Whether there is an operation.
pub fn take_up(state: &State) -> bool {
    taken_up(state).is_some()
}

/// The operation that these actions would apply to.
fn taken_up(state: &State) -> Option<&Summary> {
    match state.modals.last() {
        Some(Modal::Operations(window)) => window.chosen(&state.instances).map(|(_, operation)| operation),
        Some(Modal::Item(window)) => {
            let instance = state.instance_of(&window.instance)?;
            instance.operations.summary(window.operation)
        }
        _ => state.operating()?.current_operation(),
    }
}
