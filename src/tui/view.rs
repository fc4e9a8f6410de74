//! What the screen shows: a function of the state. Rendering causes no I/O, sorts and filters nothing, and never decides
//! who gets a key.
//!
//! ```text
//!  synod  ops @ RyzeAPI  ● connected   5511900000001                     quota 87/100   ? help     header
//!  Communities 12              │ Harbor Clinics · 7 of 50      │ Standalone groups 34
//! ▸ Harbor Clinics  █      7 ★ │  ◆ Announcements        1,204 │ ✔ Pharmacy night shift   12 ★     communities, groups
//! ─────────────────────────────┴───────────────────────────────┴────────────────────────────────
//!  #14 link 12 groups to Harbor Clinics          ██████░░░░  ✓ 7  ✗ 1 · 4 to go · about 5 s left
//!  ✗ refused      Parking                already in North Schools                                   operation
//! ───────────────────────────────────────────────────────────────────────────────────────────────
//!  2 marked, 1 hidden by the filter    Space mark  / filter  l link  u unlink  X leave              footer
//! ```

mod command_catalog;
mod communities;
mod connect;
mod context;
mod cursor_details;
mod details;
mod drift;
mod entry;
mod file;
mod finding;
mod footer;
mod groups;
mod header;
mod help;
mod instances;
mod item;
mod operation;
mod operations;
mod page;
mod palette;
mod pane;
mod pasted;
mod plan;
mod windows;

use ratatui::{Frame, buffer::Buffer, layout::Rect};

use self::pane::PaneView;
use super::widget::pane::prose;
use crate::{
    app::{
        State,
        action::Action,
        layout::{Area, Fit, LEAST, Layout, Pane},
        modal::Modal,
    },
    domain::id::OperationId,
    text::Text,
};

pub use command_catalog::command_catalog;
pub use context::{ViewContext, correcting_entries};
pub use footer::height as footer_height;

/// Draws a pane in its area.
type DrawPane = fn(PaneView<'_>, Rect, &mut Buffer);

/// Draws the whole screen.
pub fn view(state: &State, look: ViewContext<'_>, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let layout = state.layout();
    if layout.fit == Fit::TooSmall {
        too_small(look, buffer);
        look.theme.paint(buffer);
        return;
    }
    header::draw(state, look, rect(layout.header, buffer), buffer);
    lines(&layout, look, buffer);
    if let (Some(shown), Some(operating)) = (state.shown(), state.operating()) {
        let panes: [(_, _, DrawPane); 4] = [
            (Pane::Communities, layout.communities, communities::draw),
            (Pane::Subgroups, layout.subgroups, groups::draw_subgroups),
            (Pane::Groups, layout.groups, groups::draw_groups),
            (Pane::Operation, layout.operation, operation::draw),
        ];
        for (pane, area, draw) in panes {
            if let Some(area) = area {
                let instance = if pane == Pane::Operation { operating } else { shown };
                draw(PaneView { state, instance, pane, look }, rect(area, buffer), buffer);
            }
        }
    }
    if let Some(area) = layout.details {
        cursor_details::draw(state, look, rect(area, buffer), buffer);
    }
    if state.instances.is_empty() && state.modals.is_empty() {
        entry::draw_none(state, look, &layout, buffer);
    }
    let connects = matches!(state.modals.last(), Some(Modal::Connect(_) | Modal::Entry(_)));
    for modal in &state.modals {
        match modal {
            // Around the window that it opened, the edges of the list would be confusing.
            Modal::Instances(_) if connects => {}
            Modal::Plan(window) => plan::draw(state, window, look, &layout, buffer),
            Modal::Planning(planning) => windows::draw_planning(state, planning, look, &layout, buffer),
            Modal::Target(window) => windows::draw_target(state, window, look, &layout, buffer),
            Modal::Quit(_) => windows::draw_quit(state, look, &layout, buffer),
            Modal::Operations(window) => operations::draw(state, window, look, &layout, buffer),
            Modal::Instances(window) => instances::draw(state, window, look, &layout, buffer),
            Modal::Finding(window) => finding::draw(state, window, look, &layout, buffer),
            Modal::Connect(window) => connect::draw(state, window, look, &layout, buffer),
            Modal::Entry(window) => entry::draw(window, look, &layout, buffer),
            Modal::Removal(window) => entry::draw_removal(window, look, &layout, buffer),
            Modal::Details(window) => details::draw(state, window, look, &layout, buffer),
            Modal::Item(window) => item::draw(state, window, look, &layout, buffer),
            Modal::Pasted(window) => pasted::draw(window, look, &layout, buffer),
            Modal::Faults(window) => drift::draw_faults(window, look, &layout, buffer),
            Modal::Drift(window) => drift::draw(state, window, look, &layout, buffer),
            Modal::Command(window) => file::draw_command(window, look, &layout, buffer),
            Modal::File(window) => file::draw(state, window, look, &layout, buffer),
            Modal::Help(window) => help::draw(state, window, look, &layout, buffer),
            Modal::Palette(window) => palette::draw(state, window, look, &layout, buffer),
        }
    }
    footer::draw(state, look, rect(layout.footer, buffer), buffer);
    look.theme.paint(buffer);
}

/// The action of the key that the line at the top or at the bottom names at this cell.
pub fn action_at(state: &State, look: ViewContext<'_>, cell: (u16, u16)) -> Option<Action> {
    let layout = state.layout();
    if layout.fit == Fit::TooSmall {
        return None;
    }
    let line = |area: Area| Rect::new(area.x, area.y, area.width, area.height);
    let at_top = header::action_at(look, line(layout.header), cell);
    at_top.or_else(|| footer::action_at(state, look, line(layout.footer), cell))
}

/// The text for the desktop when an operation has ended: its number and counts, no names of groups.
pub fn ended(state: &State, id: OperationId, text: &Text) -> String {
    let found =
        state.instances.iter().find_map(|instance| Some((instance, instance.operations.summary(id)?)));
    let Some((instance, operation)) = found else { return String::new() };
    let (name, counts) = (instance.profile.label.as_str(), operation::counts(operation, text));
    let args = [("instance", name.into()), ("operation", id.to_string().into()), ("counts", counts.into())];
    text.with("desktop-ended", &args)
}

/// The number of lines of the topmost window; `None` unless it is a text window.
pub fn page_length(state: &State, look: ViewContext<'_>) -> Option<usize> {
    let layout = state.layout();
    let page = match state.modals.last()? {
        Modal::Details(window) => details::page(state, window, look, &layout),
        Modal::Item(window) => item::page(state, window, look, &layout),
        Modal::Command(window) => file::command_page(window, look, &layout),
        Modal::Pasted(window) => pasted::page(window, look, &layout),
        Modal::Faults(window) => drift::faults_page(window, look, &layout),
        _ => return None,
    };
    Some(page.lines.len())
}

/// How many lines the items of the operation on the screen take.
pub fn item_height(state: &State, look: ViewContext<'_>) -> usize {
    let Some(whole) = state.operating().and_then(|operating| operating.current_whole()) else { return 0 };
    let (columns, rows) = (usize::from(state.size.0), usize::from(state.size.1));
    operation::ItemRows::height(whole, state.now, columns, rows, look.text)
}

/// The row of the operation pane that each line of its list shows: a row may take several lines.
pub fn item_lines(state: &State, look: ViewContext<'_>) -> Vec<usize> {
    let Some(area) = state.layout().rows_of(Pane::Operation) else { return Vec::new() };
    let Some((operating, whole)) = state.operating().and_then(|one| Some((one, one.current_whole()?))) else {
        return Vec::new();
    };
    let rows = operation::ItemRows { operation: whole, rows: &operating.operation.items, now: state.now };
    rows.lines(look.text, Rect::new(area.x, area.y, area.width, area.height))
}

/// Converts an area to ratatui's type, clipped to the buffer.
fn rect(area: Area, buffer: &Buffer) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height).intersection(buffer.area)
}

/// The lines between the panes.
fn lines(layout: &Layout, look: ViewContext<'_>, buffer: &mut Buffer) {
    let style = look.theme.border;
    for line in layout.lines.into_iter().flatten() {
        for position in rect(line, buffer).positions() {
            buffer[position].set_symbol("│").set_style(style);
        }
    }
    for rule in layout.rules.into_iter().flatten() {
        for position in rect(rule, buffer).positions() {
            buffer[position].set_symbol("─").set_style(style);
        }
    }
    // Where a line meets the rule below it.
    for line in layout.lines.into_iter().flatten() {
        let end = Area { y: line.y + line.height, height: 1, ..line };
        if layout.rules.into_iter().flatten().any(|rule| rule.y == end.y) {
            rect(end, buffer).positions().for_each(|position| _ = buffer[position].set_symbol("┴"));
        }
    }
}

fn too_small(look: ViewContext<'_>, buffer: &mut Buffer) {
    let needs = look
        .text
        .with("too-small", &[("columns", u32::from(LEAST.0).into()), ("rows", u32::from(LEAST.1).into())]);
    prose(buffer.area, &needs, look.theme.text, buffer);
}
