//! [`update`], the only function that changes the state. Its parts say what each action does, how events are handled, and how
//! plans are made.

mod actions;
mod again;
mod events;
mod journal;
mod listings;
mod loading;
mod marking;
mod mouse;
mod panes;
mod paste;
mod planning;
mod reconfiguring;
mod roles;
mod running;
mod windows;

use super::{
    action::Action,
    effect::Effect,
    event::AppEvent,
    mouse::Mouse,
    notice::{Hurry, Notice},
    state::State,
};
use crate::domain::time::Millis;

/// The effects at the start.
pub fn start(state: &mut State) -> Vec<Effect> {
    if state.instances.is_empty() && !state.broken.is_empty() {
        // Nothing else can be shown, and this window explains why.
        return windows::instances::open(state);
    }
    if state.instances.is_empty() && !state.gateways.is_empty() {
        windows::entry::add(state);
        return Vec::new();
    }
    loading::load(state)
}

/// Begins, continues or ends the reads that the rows on the screen need, once a frame shows which they are.
pub fn after_frame(state: &mut State) -> Vec<Effect> {
    let mut effects = listings::after_frame(state);
    effects.extend(roles::after_frame(state));
    effects
}

/// An input to [`update()`].
#[derive(Clone, Debug)]
pub enum Incoming {
    /// The operator asked for something.
    Action(Action),
    /// The operator asked for something, but the key came faster than a person types, so it was not done.
    Hurried(Hurry),
    /// The operator pressed the mouse on a key that confirms, so it was not done.
    PressedToConfirm,
    /// The operator pasted text.
    Pasted(String),
    /// The operator used the mouse.
    Mouse(Mouse),
    Event(AppEvent),
}

/// Handles an input and returns the effects to carry out.
///
/// Events change the rows only with the next frame: many may arrive before it, and until then a key must act on the
/// rows that are on the screen.
pub fn update(state: &mut State, incoming: Incoming, now: Millis) -> Vec<Effect> {
    state.now = now;
    if !matches!(incoming, Incoming::Event(_)) {
        state.presence.take_act(now);
    }
    let waits_for_the_frame =
        matches!(&incoming, Incoming::Event(event) if !matches!(event, AppEvent::Resized { .. }));
    let mut effects = match incoming {
        Incoming::Action(action) => actions::on_action(state, action),
        Incoming::Hurried(hurry) => {
            state.notice = Some(Notice::Hurried(hurry));
            Vec::new()
        }
        Incoming::PressedToConfirm => {
            state.notice = Some(Notice::OnlyKeysConfirm);
            Vec::new()
        }
        Incoming::Pasted(text) => paste::on_paste(state, &text),
        Incoming::Mouse(mouse) => mouse::on_mouse(state, mouse),
        Incoming::Event(event) => events::on_event(state, event),
    };
    if !waits_for_the_frame {
        state.settle();
    }
    effects.extend(journal::read_shown(state));
    effects
}
