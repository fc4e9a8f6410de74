//! Marks: by id, over what is shown.

use std::collections::HashMap;

use crate::{
    app::{
        State,
        action::{Marking, Motion},
        instance::{Instance, Stale},
        layout::Pane,
        notice::Notice,
    },
    domain::{id::GroupId, plan::Mark},
};

/// Changes marks as a key asked for it.
pub(super) fn mark(state: &mut State, marking: Marking) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    let mut can = true;
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

/// Marks the row under the cursor and steps down; whether the row can be marked.
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

/// What a mark of each row that a pane shows would be.
fn shown(instance: &Instance, pane: Pane) -> Vec<Mark> {
    let Some(list) = instance.group_list(pane) else { return Vec::new() };
    list.rows().iter().filter_map(|group| instance.mark_of(pane, group)).collect()
}

/// Takes a pasted text: into the field that has the focus, else as names and ids to mark, one a line.
pub(in crate::app) fn on_paste(state: &mut State, text: &str) -> Vec<super::Effect> {
    let is_line = |character: &char| !character.is_control();
    match state.context() {
        super::super::Context::Panes => mark_pasted(state, text),
        super::super::Context::Filter | super::super::Context::Target | super::super::Context::FindingAdd => {
            let line: String = text.lines().next().unwrap_or("").chars().filter(is_line).collect();
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

fn mark_pasted(state: &mut State, text: &str) {
    let Some(instance) = state.instance_mut() else { return };
    let mut by_text: HashMap<&str, Vec<GroupId>> = HashMap::new();
    let list = instance.directory.groups().cloned();
    for group in list.iter().flat_map(|list| &list.groups) {
        by_text.entry(group.id.as_str()).or_default().push(group.id.clone());
        by_text.entry(group.name.shown()).or_default().push(group.id.clone());
    }
    let (mut marks, mut unknown) = (Vec::new(), 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match by_text.get(line).map(Vec::as_slice) {
            Some([group]) => marks.extend(instance.mark_of(Pane::Groups, group)),
            // A name that fits several groups marks none of them.
            _ => unknown += 1,
        }
    }
    let marked = marks.len();
    for mark in marks {
        instance.marks.add(mark);
    }
    instance.stale = Stale::ALL;
    state.notice = Some(Notice::Pasted { marked, unknown });
}
