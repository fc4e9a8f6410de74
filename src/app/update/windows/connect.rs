//! Connecting an instance to `WhatsApp`: one attempt per request of the operator, and never for a connected instance.

use super::{Handle, Reply};
use crate::{
    app::{
        action::{Action, By},
        effect::{Effect, Ticket, Work},
        event::ConnectStep,
        instance::ConnectionStatus,
        modal::{
            Modal,
            connect::{ConnectWindow, Number, Stage},
        },
        notice::Notice,
        state::State,
        update::loading::load_at,
    },
    domain::{
        instance::{Connection, InstanceKey},
        pairing::{Offer, Way},
        private::Private,
    },
};

/// The number of digits of a phone number with its country code.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Opens the window for an instance and begins, or first asks for the phone number if one is needed.
pub(crate) fn open(state: &mut State, instance: InstanceKey, by: By) -> Vec<Effect> {
    if !may_connect(state, &instance, by) {
        return Vec::new();
    }
    let mut window = ConnectWindow { instance, by, stage: Stage::Asking, ticket: None, seen: None };
    let effects = begin(state, &mut window, by);
    state.modals.push(Modal::Connect(window));
    effects
}

fn may_connect(state: &mut State, key: &InstanceKey, by: By) -> bool {
    if state.read_only {
        state.notice = Some(Notice::ReadOnly);
        return false;
    }
    let Some(instance) = state.instance_of(key) else { return false };
    let pairing = instance.profile.capabilities.pairing;
    let can = if by == By::Session { pairing.reconnects } else { pairing.gives_codes };
    if !can {
        state.notice = Some(Notice::CannotConnect);
    }
    can
}

/// Cancels the current attempt and begins a new one.
fn begin(state: &mut State, window: &mut ConnectWindow, by: By) -> Vec<Effect> {
    let mut effects = Effect::cancel(window.ticket.take());
    window.by = by;
    let way = match by {
        By::Qr => Way::Qr,
        By::Session => Way::Session,
        By::Number => {
            window.stage = Stage::Typing(Number::default());
            return effects;
        }
    };
    effects.push(ask(state, window, way));
    effects
}

fn ask(state: &mut State, window: &mut ConnectWindow, way: Way) -> Effect {
    let ticket = state.ticket();
    window.ticket = Some(ticket);
    window.stage = Stage::Asking;
    Effect::Work(Work::Connect { ticket, instance: window.instance.clone(), way })
}

impl Handle for ConnectWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel | Action::Quit => return Reply::Close(Effect::cancel(self.ticket.take())),
            Action::Connect(by) if may_connect(state, &self.instance, by) => {
                return Reply::Stay(begin(state, self, by));
            }
            Action::Refresh => return Reply::Stay(begin(state, self, self.by)),
            Action::Edit(request) => {
                if let Stage::Typing(number) = &mut self.stage {
                    number.input.handle(request);
                    number.is_wrong = false;
                }
            }
            Action::Accept => return Reply::Stay(take_number(state, self)),
            _ => {}
        }
        Reply::STAY
    }
}

fn take_number(state: &mut State, window: &mut ConnectWindow) -> Vec<Effect> {
    let Stage::Typing(number) = &mut window.stage else { return Vec::new() };
    let text = number.input.value();
    let is_number = DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(digits) = Private::new(text).filter(|_| is_number) {
        return vec![ask(state, window, Way::Number(digits))];
    }
    number.is_wrong = true;
    Vec::new()
}

/// Handles a step of connecting. Once the instance is connected, the windows close, and it is shown and read.
pub(crate) fn on_step(state: &mut State, ticket: Ticket, step: ConnectStep) -> Vec<Effect> {
    let is_waiting = |modal: &Modal| matches!(modal, Modal::Connect(window) if window.ticket == Some(ticket));
    let Some(at) = state.modals.iter().position(is_waiting) else { return Vec::new() };
    let Modal::Connect(window) = &mut state.modals[at] else { return Vec::new() };
    match step {
        ConnectStep::Asked => window.stage = Stage::Asking,
        ConnectStep::Offered { offer: Offer::Connected(connection), .. }
        | ConnectStep::WasConnected(connection) => {
            return end(state, at, connection, Notice::WasConnected);
        }
        ConnectStep::Connected(connection) => return end(state, at, connection, Notice::NowConnected),
        ConnectStep::Offered { offer, until } => window.stage = Stage::Offered { offer, until },
        ConnectStep::Seen(seen) => window.seen = Some(seen),
        ConnectStep::TakenUp => window.stage = Stage::TakenUp,
        ConnectStep::Unused => {
            window.stage = Stage::Unused;
            window.ticket = None;
        }
        ConnectStep::Failed(failure) => {
            window.stage = Stage::Failed(failure);
            window.ticket = None;
        }
    }
    Vec::new()
}

/// Closes the window and the list of instances below it, and shows and reads the instance.
fn end(state: &mut State, at: usize, connection: Connection, say: fn(String) -> Notice) -> Vec<Effect> {
    let Modal::Connect(window) = state.modals.remove(at) else { return Vec::new() };
    let mut effects = Vec::new();
    if let Some(below) = at.checked_sub(1)
        && matches!(state.modals.get(below), Some(Modal::Instances(_)))
        && let Modal::Instances(list) = state.modals.remove(below)
    {
        effects.extend(list.cancel());
    }
    let Some(place) = state.instances.iter().position(|instance| *instance.key() == window.instance) else {
        return effects;
    };
    state.show(place);
    let instance = &mut state.instances[place];
    instance.link = ConnectionStatus::Known(connection);
    instance.make_stale();
    state.notice = Some(say(instance.profile.label.clone()));
    effects.extend(load_at(state, place));
    effects
}
