//! Changes to the marks: by id, for the rows shown.

use std::collections::HashSet;

use crate::{
    app::{
        State,
        action::{Marking, Motion},
        instance::{Instance, Stale},
        layout::Pane,
        modal::{
            Modal,
            pasted::{NotMarked, PastedWindow},
        },
        notice::Notice,
        scroll::Scroll,
    },
    domain::{
        id::GroupId,
        lookup::{Accept, Lookup, LookupError},
        name::{Name, listed},
        plan::Mark,
    },
};

/// Handles a marking action.
pub(super) fn mark(state: &mut State, marking: Marking) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
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
    instance.stale = if instance.only_marked || marking == Marking::OnlyMarked {
        Stale::ALL
    } else {
        Stale { subgroups: true, ..instance.stale }
    };
    if !can {
        state.notice = Some(Notice::CannotMark);
    }
}

/// Marks the row under the cursor after a mouse press, without moving the cursor.
pub(super) fn press(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    let Some(list) = instance.group_list_mut(focus) else { return };
    list.end_range();
    let Some(group) = list.selected().cloned() else { return };
    match instance.mark_of(focus, &group) {
        Some(mark) => instance.marks.toggle(mark),
        None => state.notice = Some(Notice::CannotMark),
    }
    let Some(instance) = state.instance_mut() else { return };
    instance.stale =
        if instance.only_marked { Stale::ALL } else { Stale { subgroups: true, ..instance.stale } };
}

/// Marks the row under the cursor and moves down. Returns whether the row can be marked.
fn toggle(instance: &mut Instance, pane: Pane) -> bool {
    if instance.group_list(pane).is_some_and(super::super::list::List::has_range) {
        commit_range(instance, pane);
        return true;
    }
    let Some(list) = instance.group_list(pane) else { return false };
    let Some(group) = list.selected().cloned() else { return true };
    let mark = instance.mark_of(pane, &group);
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
    let groups: Vec<GroupId> = list.rows()[range].to_vec();
    for group in groups {
        if let Some(mark) = instance.mark_of(pane, &group) {
            instance.marks.add(mark);
        }
    }
    if let Some(list) = instance.group_list_mut(pane) {
        list.end_range();
    }
}

/// A mark for each row that a pane shows.
fn shown(instance: &Instance, pane: Pane) -> Vec<Mark> {
    let Some(list) = instance.group_list(pane) else { return Vec::new() };
    list.rows().iter().filter_map(|group| instance.mark_of(pane, group)).collect()
}

/// Handles pasted text: in a text field, inserts its first line; in the panes, reads it as names and ids to mark, one
/// per line.
pub(in crate::app) fn on_paste(state: &mut State, text: &str) -> Vec<super::Effect> {
    let is_line = |character: &char| !character.is_control();
    match state.context() {
        super::super::Context::Panes => mark_pasted(state, text),
        super::super::Context::Filter
        | super::super::Context::Target
        | super::super::Context::FileName
        | super::super::Context::FindingAdd
        | super::super::Context::HelpFilter
        | super::super::Context::Palette => {
            // Insert the line cleaned for display, without control sequences: names are searched in that form too.
            let line = Name::new(text.lines().next().unwrap_or(""));
            let line: String = line.shown().chars().filter(is_line).collect();
            for character in line.chars() {
                let edit = super::Action::Edit(tui_input::InputRequest::InsertChar(character));
                super::on_action(state, edit);
            }
        }
        super::super::Context::ConnectNumber => {
            for digit in text.lines().next().unwrap_or("").chars().filter(char::is_ascii_digit) {
                let edit = super::Action::Edit(tui_input::InputRequest::InsertChar(digit));
                super::on_action(state, edit);
            }
        }
        // A paste never confirms anything.
        _ => {}
    }
    Vec::new()
}

/// How many unmatched pasted lines are reported with similar names.
const MOST_NEAR: usize = 50;

fn mark_pasted(state: &mut State, text: &str) {
    let Some(instance) = state.instance_mut() else { return };
    let groups = Lookup::groups(&instance.directory, None);
    let (mut marks, mut left): (Vec<Mark>, _) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let readings = listed::readings(line);
        // A list contains whole names: a name with only the same beginning is offered, not marked.
        let lookups = [&groups];
        let found = if left.len() < MOST_NEAR {
            Lookup::find_in(&lookups, &readings, Accept::Whole)
        } else {
            Lookup::locate_in(&lookups, &readings, Accept::Whole)
        };
        match found {
            Ok(found) => {
                let is_community = instance.directory.as_community(&found.id).is_some();
                match instance.mark_of(Pane::Groups, &found.id).filter(|_| !is_community) {
                    Some(mark) => marks.push(mark),
                    None => left.push(NotMarked::CannotMark(found.clone())),
                }
            }
            // A community often shares its name with its announcements group, so listing their ids would not help.
            Err(LookupError::Ambiguous { candidates, .. })
                if candidates.iter().all(|one| {
                    !instance.can_mark(&one.id) || instance.directory.as_community(&one.id).is_some()
                }) =>
            {
                left.extend(candidates.into_iter().next().map(NotMarked::CannotMark));
            }
            Err(LookupError::Unknown { .. }) if listed::is_comment(line) => {}
            // A name that matches several groups marks none of them.
            Err(error) => left.push(NotMarked::NotFound(error)),
        }
    }
    let marked = marks.iter().map(|mark| &mark.group).collect::<HashSet<_>>().len();
    for mark in marks {
        instance.marks.add(mark);
    }
    instance.stale = Stale::ALL;
    let is_unread = instance.directory.groups().is_none();
    if left.is_empty() {
        state.notice = Some(Notice::Pasted(marked));
    } else {
        state.notice = None;
        let scroll = Scroll::default();
        state.modals.push(Modal::Pasted(PastedWindow { marked, left, is_unread, scroll }));
    }
}
