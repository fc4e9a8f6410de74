//! Mouse handling: a press focuses a pane, moves its cursor to the row and, on a group's box, marks the group. A press on a line
//! between two panes holds it, and the release moves it. The wheel scrolls the pane under the pointer. A press never confirms anything.

use super::{actions, marking, panes};
use crate::app::{
    action::{Action, Motion},
    effect::Effect,
    layout::{Area, Layout, Pane},
    mouse::Mouse,
    state::State,
};

/// The rows per step of the wheel.
const STEP: usize = 3;

/// The columns of a group's mark, from the left edge of the rows, with the gap after it; the cursor's marker comes before
/// it.
const BOX: std::ops::RangeInclusive<u16> = 1..=2;

/// Handles a mouse event.
pub(super) fn on_mouse(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    if matches!(mouse, Mouse::Press { .. }) {
        state.notice = None;
    }
    match mouse {
        Mouse::Wheel { down, .. } if !state.modals.is_empty() => {
            let motion = if down { Motion::Down } else { Motion::Up };
            return (0..STEP).flat_map(|_| actions::on_action(state, Action::Go(motion))).collect();
        }
        // Panes behind a window cannot be clicked.
        Mouse::Press { .. } if !state.modals.is_empty() => {}
        Mouse::Wheel { column, row, down } => wheel(state, column, row, down),
        Mouse::Press { column, row } => press(state, column, row),
        Mouse::Release { column, .. } => {
            let held = state.held_line.take().filter(|_| state.modals.is_empty());
            return held.map_or_else(Vec::new, |line| panes::drag(state, line, column));
        }
    }
    Vec::new()
}

fn wheel(state: &mut State, column: u16, row: u16, down: bool) {
    let Some(pane) = under(&state.layout(), column, row) else { return };
    let Some(instance) = state.shown_mut() else { return };
    match pane {
        Pane::Communities => instance.choose(|communities| communities.scroll(down, STEP)),
        Pane::Subgroups => instance.subgroups.rows.scroll(down, STEP),
        Pane::Groups => instance.groups.rows.scroll(down, STEP),
        Pane::Operation => {
            if let Some(operating) = state.operating_mut() {
                operating.operation.items.scroll(down, STEP);
            }
        }
    }
}

fn press(state: &mut State, column: u16, row: u16) {
    let lines = state.layout().lines;
    state.held_line = lines.iter().position(|line| line.is_some_and(|area| contains(area, column, row)));
    let Some(pane) = under(&state.layout(), column, row) else { return };
    if pane != state.focus {
        panes::close_filter(state);
        state.focus = pane;
    }
    let Some(inside) = state.layout().rows_of(pane) else { return };
    let Some(instance) = state.shown_mut() else { return };
    let top = inside.y + instance.lines_above(pane);
    let is_on_rows = row >= top && row < inside.y + inside.height;
    if !is_on_rows || column < inside.x || column >= inside.x + inside.width {
        return;
    }
    let line = usize::from(row - top);
    if pane == Pane::Operation {
        let at = state.item_lines.get(line).copied();
        if let (Some(at), Some(operating)) = (at, state.operating_mut()) {
            operating.operation.items.go_to(at);
        }
        return;
    }
    match pane {
        Pane::Communities => instance.choose(|communities| {
            communities.point(line);
        }),
        Pane::Operation => {}
        // The pane may show why it could not be read instead of rows.
        Pane::Groups if instance.directory.groups_failure().is_some() => {}
        Pane::Subgroups | Pane::Groups => {
            let list = instance.group_list_mut(pane);
            if list.is_some_and(|list| list.point(line)) && BOX.contains(&(column - inside.x)) {
                marking::press(state);
            }
        }
    }
}

/// The pane under a cell.
fn under(layout: &Layout, column: u16, row: u16) -> Option<Pane> {
    Pane::ALL.into_iter().find(|pane| layout.pane(*pane).is_some_and(|area| contains(area, column, row)))
}

fn contains(area: Area, column: u16, row: u16) -> bool {
    (area.x..area.x + area.width).contains(&column) && (area.y..area.y + area.height).contains(&row)
}
