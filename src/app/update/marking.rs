//! Changes to the marks: by id, for the rows shown.

use crate::{
    app::{
        action::{Marking, Motion},
        instance::Instance,
        layout::Pane,
        notice::Notice,
        state::State,
    },
    domain::plan::Mark,
};

/// Handles a marking action.
pub(super) fn mark(state: &mut State, marking: Marking) {
    let focus = state.focus;
    let Some(instance) = state.shown_mut() else { return };
    let mut can = true;
    if focus == Pane::Communities && !matches!(marking, Marking::Clear | Marking::OnlyMarked) {
        state.notice = Some(Notice::MarkGroups);
        return;
    }
    match marking {
        Marking::Toggle => can = toggle(instance, focus),
        Marking::Range => range(instance, focus),
        Marking::ExtendUp => extend(instance, focus, Motion::Up),
        Marking::ExtendDown => extend(instance, focus, Motion::Down),
        Marking::All => {
            for mark in shown(instance, focus) {
                instance.marks.add(mark);
            }
        }
        Marking::Invert => {
            for mark in shown(instance, focus) {
                instance.marks.toggle(mark);
            }
        }
        Marking::Clear => instance.marks.clear(),
        Marking::OnlyMarked => instance.only_marked = !instance.only_marked,
    }
    if marking == Marking::OnlyMarked {
        instance.make_stale();
    } else {
        instance.marks_changed();
    }
    if !can {
        state.notice = Some(Notice::CannotMark);
    }
}

/// Marks the row under the cursor after a mouse press, without moving the cursor.
pub(super) fn press(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.shown_mut() else { return };
    let Some(list) = instance.group_list_mut(focus) else { return };
    list.end_range();
    let Some(slot) = list.selected().copied() else { return };
    match instance.mark_of(focus, slot) {
        Some(mark) => instance.marks.toggle(mark),
        None => state.notice = Some(Notice::CannotMark),
    }
    let Some(instance) = state.shown_mut() else { return };
    instance.marks_changed();
}

/// Marks the row under the cursor and moves down. Returns whether the row can be marked.
fn toggle(instance: &mut Instance, pane: Pane) -> bool {
    if instance.group_list(pane).is_some_and(|rows| rows.has_range()) {
        commit_range(instance, pane);
        return true;
    }
    let Some(list) = instance.group_list(pane) else { return false };
    let Some(slot) = list.selected().copied() else { return true };
    let mark = instance.mark_of(pane, slot);
    let can = mark.is_some();
    if let Some(mark) = mark {
        instance.marks.toggle(mark);
    }
    if let Some(list) = instance.group_list_mut(pane) {
        list.go(Motion::Down);
    }
    can
}

fn range(instance: &mut Instance, pane: Pane) {
    let Some(list) = instance.group_list_mut(pane) else { return };
    if list.has_range() {
        commit_range(instance, pane);
    } else {
        list.begin_range();
    }
}

fn extend(instance: &mut Instance, pane: Pane, motion: Motion) {
    let Some(list) = instance.group_list_mut(pane) else { return };
    if !list.has_range() {
        list.begin_range();
    }
    list.go(motion);
}

/// Marks the rows of the range that was begun in a pane.
pub(super) fn commit_range(instance: &mut Instance, pane: Pane) {
    let Some(list) = instance.group_list(pane) else { return };
    let Some(range) = list.range() else { return };
    let marks: Vec<Mark> =
        list.rows()[range].iter().filter_map(|slot| instance.mark_of(pane, *slot)).collect();
    for mark in marks {
        instance.marks.add(mark);
    }
    if let Some(list) = instance.group_list_mut(pane) {
        list.end_range();
    }
}

/// A mark for each row that a pane shows.
fn shown(instance: &Instance, pane: Pane) -> Vec<Mark> {
    let Some(list) = instance.group_list(pane) else { return Vec::new() };
    list.rows().iter().filter_map(|slot| instance.mark_of(pane, *slot)).collect()
}
