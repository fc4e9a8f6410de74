//! Pasted text: for a text field, or a list of groups to mark.

use std::collections::HashSet;

use tui_input::InputRequest;

use super::actions;
use crate::{
    app::{
        action::Action,
        context::{Context, Takes},
        effect::Effect,
        layout::Pane,
        modal::{
            Modal,
            pasted::{NotMarked, PastedWindow},
        },
        notice::Notice,
        scroll::Scroll,
        state::State,
    },
    domain::{
        lookup::{Accept, Lookup, LookupError},
        name::{Name, listed},
        plan::Mark,
    },
};

/// Handles pasted text: in a text field, inserts its first line; in the panes, reads it as names and ids to mark, one
/// per line.
pub(super) fn on_paste(state: &mut State, text: &str) -> Vec<Effect> {
    let line = text.lines().next().unwrap_or("");
    let context = state.context();
    let typed: String = match context.takes() {
        _ if context.is_panes() => {
            mark_pasted(state, text);
            return Vec::new();
        }
        // A paste never confirms anything.
        _ if matches!(context, Context::PlanText | Context::PlanCount) => return Vec::new(),
        // Insert the line cleaned for display, without control sequences: names are searched in that form too.
        Takes::Text => Name::new(line).shown().chars().filter(|character| !character.is_control()).collect(),
        Takes::Digits => line.chars().filter(char::is_ascii_digit).collect(),
        Takes::Nothing => return Vec::new(),
    };
    for character in typed.chars() {
        actions::on_action(state, Action::Edit(InputRequest::InsertChar(character)));
    }
    Vec::new()
}

/// How many unmatched pasted lines are reported with similar names.
const MOST_NEAR: usize = 50;

fn mark_pasted(state: &mut State, text: &str) {
    let Some(instance) = state.shown_mut() else { return };
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
                let slot = instance.directory.slot(&found.id).filter(|_| !is_community);
                match slot.and_then(|slot| instance.mark_of(Pane::Groups, slot)) {
                    Some(mark) => marks.push(mark),
                    None => left.push(NotMarked::CannotMark(found.clone())),
                }
            }
            // A community often shares its name with its announcement group, so listing their ids would not help.
            Err(LookupError::Ambiguous { candidates, .. })
                if candidates.iter().all(|one| {
                    instance.directory.is_announcements(&one.id)
                        || instance.directory.as_community(&one.id).is_some()
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
    instance.make_stale();
    let is_unread = instance.directory.groups().is_none();
    if left.is_empty() {
        state.notice = Some(Notice::Pasted(marked));
    } else {
        state.notice = None;
        let scroll = Scroll::default();
        state.modals.push(Modal::Pasted(PastedWindow { marked, left, is_unread, scroll }));
    }
}
