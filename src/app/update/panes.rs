//! Moving in the panes, their filters and their order.

use tui_input::{Input, InputRequest};

use crate::app::{
    action::{FocusChange, Motion, Side},
    effect::{Effect, Terminal, Work},
    filter::complete,
    layout::{Dividers, Fit, Pane},
    notice::Notice,
    order::Shown,
    state::State,
};

/// How many columns a key moves a line between panes.
const STEP: i16 = 2;

/// How many such steps a line can be away from where the screen shows it.
const MOST_STEPS: usize = 200;

pub(super) fn go(state: &mut State, motion: Motion) {
    let focus = state.focus;
    if focus == Pane::Operation {
        if let Some(instance) = state.operating_mut() {
            instance.operation.items.go(motion);
        }
        return;
    }
    let Some(shown) = state.shown_mut() else { return };
    match focus {
        Pane::Communities => shown.choose(|communities| communities.go(motion)),
        Pane::Subgroups => shown.subgroups.rows.go(motion),
        Pane::Groups | Pane::Operation => shown.groups.rows.go(motion),
    }
}

pub(super) fn change_focus(state: &mut State, change: FocusChange) {
    let has_operation = state.operating().is_some_and(|instance| instance.current_operation().is_some());
    let count = if has_operation { Pane::ALL.len() } else { Pane::ALL.len() - 1 };
    let at = Pane::ALL.iter().position(|pane| *pane == state.focus).unwrap_or(0);
    let to = match change {
        FocusChange::Next => (at + 1) % count,
        FocusChange::Previous => (at + count - 1) % count,
        FocusChange::Back => at.saturating_sub(1),
    };
    state.focus = Pane::ALL[to];
}

pub(super) fn open_filter(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.shown_mut() else { return };
    if let Some(filter) = instance.filter_mut(focus) {
        filter.is_open = true;
        // Prepares the filter's data now, before the first key.
        instance.groups.rows.is_stale = true;
    }
}

pub(super) fn edit_filter(state: &mut State, request: InputRequest) {
    let focus = state.focus;
    let Some(instance) = state.shown_mut() else { return };
    if let Some(filter) = instance.filter_mut(focus).filter(|filter| filter.is_open) {
        filter.input.handle(request);
        instance.make_pane_stale(focus);
    }
}

/// Completes the search term that is being typed.
pub(super) fn complete_filter(state: &mut State) {
    let focus = state.focus;
    let Some(shown) = state.shown_mut() else { return };
    if let Some(filter) = shown.filter_mut(focus).filter(|filter| filter.is_open)
        && let Some(text) = complete(filter.input.value(), focus.searched())
    {
        filter.input = Input::new(text);
        shown.make_pane_stale(focus);
    }
}

pub(super) fn close_filter(state: &mut State) {
    let focus = state.focus;
    if let Some(filter) = state.shown_mut().and_then(|instance| instance.filter_mut(focus)) {
        filter.is_open = false;
    }
}

/// Goes back one level: the range, the filter and its field, the view of marked groups only, the pane that takes the whole
/// screen, and at last an operation that has ended. Never quits the program.
pub(super) fn cancel(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.shown_mut() else { return };
    if let Some(list) = instance.group_list_mut(focus).filter(|list| list.has_range()) {
        list.end_range();
        return;
    }
    if let Some(filter) = instance.filter_mut(focus)
        && (filter.is_open || !filter.is_empty())
    {
        filter.clear();
        instance.make_pane_stale(focus);
        return;
    }
    if instance.only_marked {
        instance.only_marked = false;
        instance.make_stale();
        return;
    }
    if std::mem::take(&mut state.sizes.is_zoomed) {
        return;
    }
    dismiss(state);
}

/// Closes the pane of an operation that has ended.
fn dismiss(state: &mut State) {
    let beside = state.beside;
    if !state.shows_ended() {
        return;
    }
    let Some(operating) = state.operating_mut() else { return };
    operating.dismissed = operating.current_operation().map(|operation| operation.id);
    if state.focus == Pane::Operation {
        state.focus = beside;
    }
}

/// Goes from a community to its groups.
pub(super) fn enter(state: &mut State) {
    let has_community = state.shown().is_some_and(|shown| shown.chosen().is_some());
    if has_community {
        state.focus = Pane::Subgroups;
    }
}

/// Moves a line between two panes as near to a column as the panes allow, and remembers its position. The line beside the details stays.
pub(super) fn drag(state: &mut State, line: usize, column: u16) -> Vec<Effect> {
    let before = state.layout();
    let Some(area) = before.lines.get(line).copied().flatten() else { return Vec::new() };
    let by = i16::try_from(i32::from(column) - i32::from(area.x)).unwrap_or(0);
    let Dividers { left, right } = &mut state.sizes.dividers;
    let shift = match line {
        0 => left,
        1 => right,
        _ => return Vec::new(),
    };
    *shift = shift.saturating_add(by);
    if state.layout() == before {
        return Vec::new();
    }
    vec![Effect::Work(Work::KeepDividers(state.sizes.dividers))]
}

/// Moves the line beside the focused pane, and remembers its position.
pub(super) fn divide(state: &mut State, side: Side) -> Vec<Effect> {
    let layout = state.layout();
    let step = if side == Side::Left { -STEP } else { STEP };
    let is_between_groups = layout.fit == Fit::Wide && state.focus != Pane::Communities;
    let before = state.sizes.dividers;
    // On a wider screen, the line may have been moved further than this one allows.
    for _ in 0..MOST_STEPS {
        let Dividers { left, right } = &mut state.sizes.dividers;
        let shift = if is_between_groups { right } else { left };
        *shift = shift.saturating_add(step);
        if state.layout() != layout {
            return vec![Effect::Work(Work::KeepDividers(state.sizes.dividers))];
        }
    }
    state.sizes.dividers = before;
    Vec::new()
}

pub(super) fn toggle_groups(state: &mut State) {
    if let Some(instance) = state.shown_mut() {
        instance.groups.shown = match instance.groups.shown {
            Shown::Standalone => Shown::All,
            Shown::All => Shown::Standalone,
        };
        instance.groups.rows.end_range();
        instance.groups.rows.is_stale = true;
    }
}

pub(super) fn sort(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.shown_mut() else { return };
    if focus == Pane::Communities {
        instance.communities.sort = instance.communities.sort.next_of_communities();
        instance.communities.rows.is_stale = true;
    } else {
        instance.groups.sort = instance.groups.sort.next_of_groups();
        instance.groups.rows.is_stale = true;
        instance.subgroups.rows.is_stale = true;
    }
}

pub(super) fn copy(state: &mut State) -> Vec<Effect> {
    let focus = state.focus;
    let (Some(shown), Some(operating)) = (state.shown(), state.operating()) else { return Vec::new() };
    let id = match focus {
        Pane::Communities => shown.communities.rows.selected().map(ToString::to_string),
        Pane::Operation => {
            let item = operating.operation.items.selected().copied();
            let operation = operating.current_whole();
            item.and_then(|at| Some(operation?.items.get(at)?.group.to_string()))
        }
        Pane::Subgroups | Pane::Groups => shown.selected_group(focus).map(|group| group.id().to_owned()),
    };
    let Some(id) = id else { return Vec::new() };
    state.notice = Some(Notice::Copied(id.clone()));
    vec![Effect::Terminal(Terminal::Copy(id))]
}
