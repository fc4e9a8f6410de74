//! What the screen shows: a function of the state. Rendering causes no I/O, sorts and filters nothing, and never decides
//! who gets a key.
//!
//! ```text
//!  synod  ops @ RyzeAPI  ● connected   5511900000001                     budget 87/100   ? help     header
//! ┌ Communities 12 ───┐┌ Harbor Clinics · 7 of 50 ────┐┌ Standalone groups 34 ─────────┐
//! │▸ Harbor Clinics   ││   ◆ Announcements            ││ [x] Pharmacy night shift   12 │     communities, groups
//! └───────────────────┘└──────────────────────────────┘└───────────────────────────────┘
//! ┌ #14 link 12 groups to Harbor Clinics ─────── ▓▓▓▓░░░░  7 verified · 1 refused · 4 queued ┐
//! │ ✓ verified     Pharmacy night shift                                                      │     operation
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//!  2 marked, 1 hidden by the filter    Space mark  / filter  l link  u unlink  X leave              footer
//! ```

mod communities;
mod connect;
mod details;
mod finding;
mod footer;
mod groups;
mod guide;
mod header;
mod help;
mod instances;
mod item;
mod operation;
mod operations;
mod page;
mod palette;
mod pasted;
mod plan;
mod save;
mod windows;

use ratatui::{Frame, buffer::Buffer, layout::Rect};

use super::{
    keymap::{Key, Keymap},
    theme::Theme,
    widget::pane::prose,
};
use crate::{
    app::{
        Context, State,
        action::Action,
        layout::{Area, Fit, LEAST},
        modal::Modal,
    },
    domain::time::Millis,
    text::Text,
};

/// What every view needs besides the state: the styles, the texts and the keys.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The styles.
    pub theme: &'a Theme,
    /// The texts.
    pub text: &'a Text,
    /// The keys.
    pub keys: &'a Keymap,
    /// Formats a point in time as the time of day.
    pub time: fn(Millis) -> String,
}

impl Look<'_> {
    /// The label of the first key of an action in a context.
    fn label(&self, context: Context, action: Action) -> Option<String> {
        self.keys.key(context, action).map(|key| self.name(key))
    }

    /// The label of the key that goes back; it is the same in every context.
    fn back(&self) -> String {
        self.label(Context::Panes, Action::Cancel).unwrap_or_default()
    }

    /// The label of a key.
    fn name(&self, key: Key) -> String {
        key_name(self.text, key)
    }
}

/// The label of a key.
fn key_name(text: &Text, key: Key) -> String {
    match key {
        Key::Char(' ') => text.say("key-space").into_owned(),
        key => key.to_string(),
    }
}

pub use guide::guide;
pub use page::length as page_length;

/// Draws the whole screen.
pub fn view(state: &State, look: Look<'_>, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let layout = state.layout();
    if layout.fit == Fit::TooSmall {
        too_small(look, buffer);
        look.theme.paint(buffer);
        return;
    }
    header::draw(state, look, rect(layout.header, buffer), buffer);
    if let Some(instance) = state.instance() {
        if let Some(area) = layout.communities {
            communities::draw(state, instance, look, rect(area, buffer), buffer);
        }
        if let Some(area) = layout.subgroups {
            groups::draw_subgroups(state, instance, look, rect(area, buffer), buffer);
        }
        if let Some(area) = layout.groups {
            groups::draw_groups(state, instance, look, rect(area, buffer), buffer);
        }
        if let Some(area) = layout.operation {
            operation::draw(state, instance, look, rect(area, buffer), buffer);
        }
    }
    let connects = matches!(state.modals.last(), Some(Modal::Connect(_)));
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
            Modal::Details(window) => details::draw(state, window, look, &layout, buffer),
            Modal::Item(window) => item::draw(state, window, look, &layout, buffer),
            Modal::Pasted(window) => pasted::draw(window, look, &layout, buffer),
            Modal::Command(window) => save::draw_command(window, look, &layout, buffer),
            Modal::Save(window) => save::draw(window, look, &layout, buffer),
            Modal::Help(window) => help::draw(state, window, look, &layout, buffer),
            Modal::Palette(window) => palette::draw(state, window, look, &layout, buffer),
        }
    }
    footer::draw(state, look, rect(layout.footer, buffer), buffer);
    look.theme.paint(buffer);
}

/// Converts an area to ratatui's type, clipped to the buffer.
fn rect(area: Area, buffer: &Buffer) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height).intersection(buffer.area)
}

fn too_small(look: Look<'_>, buffer: &mut Buffer) {
    let needs = look
        .text
        .with("too-small", &[("columns", u32::from(LEAST.0).into()), ("rows", u32::from(LEAST.1).into())]);
    prose(buffer.area, &needs, look.theme.text, buffer);
}
