//! The form for an entry of the configuration: moving between its fields, trying and writing it; and removing an entry.

use tui_input::{Input, InputRequest};

use super::{Handle, Reply};
use crate::{
    app::{
        action::{Action, FocusChange, InWindow},
        effect::{Effect, Ticket, Work},
        entry::{ChosenEntry, EntryField, EntryRefusal, EntryTrouble, EntryValues, SecretOrigin},
        modal::{
            Modal,
            entry::{EntryProgress, EntryWindow, RemovalWindow},
        },
        notice::{ConfigurationNotice, Notice},
        state::State,
        update::loading::load_new,
    },
    domain::{failure::FailureKind, instance::InstanceKey, message::Message},
};

/// Whether the configuration can be changed; says why if not.
pub(crate) fn may_change(state: &mut State) -> bool {
    let notice = if state.read_only {
        Notice::ReadOnly
    } else if state.gateways.is_empty() {
        Notice::Configuration(ConfigurationNotice::Missing)
    } else {
        return true;
    };
    state.notice = Some(notice);
    false
}

/// Opens an empty form.
pub(crate) fn add(state: &mut State) {
    if may_change(state) {
        let is_first = state.instances.is_empty() && state.broken.is_empty();
        let window = EntryWindow { is_first, ..EntryWindow::new(state.gateways.clone()) };
        state.modals.push(Modal::Entry(Box::new(window)));
    }
}

/// Opens the form with the values of an entry, once they are read.
pub(crate) fn edit(state: &mut State, entry: ChosenEntry) -> Vec<Effect> {
    if !may_change(state) || !is_free(state, entry.instance.as_ref()) {
        return Vec::new();
    }
    let ticket = state.ticket();
    let mut window = EntryWindow::new(state.gateways.clone());
    window.progress = EntryProgress::Reading(ticket);
    let place = entry.place.clone();
    window.old = Some(entry);
    state.modals.push(Modal::Entry(Box::new(window)));
    vec![Effect::Work(Work::ReadEntry { ticket, entry: place })]
}

/// Asks whether to remove an entry.
pub(crate) fn remove(state: &mut State, entry: ChosenEntry) {
    if may_change(state) && is_free(state, entry.instance.as_ref()) {
        state.modals.push(Modal::Removal(RemovalWindow { entry }));
    }
}

/// Whether an instance has no operation in progress; says so if it has one.
fn is_free(state: &mut State, instance: Option<&InstanceKey>) -> bool {
    let busy = instance.and_then(|key| state.instance_of(key)).filter(|instance| instance.is_busy());
    let busy = busy.map(|instance| instance.profile.label.clone());
    let is_free = busy.is_none();
    if let Some(label) = busy {
        state.notice = Some(Notice::Configuration(ConfigurationNotice::Busy(label)));
    }
    is_free
}

impl Handle for EntryWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel => return Reply::Close(self.cancel()),
            _ if self.is_waiting() => {}
            Action::Focus(change) => self.step(change),
            Action::Edit(request) => self.edit(request),
            Action::InWindow(InWindow::NextOrigin) => self.next_origin(),
            Action::InWindow(InWindow::SaveAnyway) if self.may_pass() => {
                return Reply::Stay(self.save(state, true));
            }
            Action::Accept => return Reply::Stay(self.save(state, false)),
            _ => {}
        }
        Reply::STAY
    }
}

impl EntryWindow {
    fn cancel(&self) -> Vec<Effect> {
        match self.progress {
            EntryProgress::Reading(ticket) | EntryProgress::Trying(ticket) => Effect::cancel([ticket]),
            EntryProgress::Editing | EntryProgress::Refused(_) => Vec::new(),
        }
    }

    fn step(&mut self, change: FocusChange) {
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or_default();
        let by = match change {
            FocusChange::Next => 1,
            FocusChange::Previous | FocusChange::Back => fields.len() - 1,
        };
        self.focus = fields[(at + by) % fields.len()];
    }

    fn edit(&mut self, request: InputRequest) {
        self.progress = EntryProgress::Editing;
        let count = self.gateways.len().max(1);
        if let Some(field) = self.focused_mut() {
            if field.origin == SecretOrigin::Kept {
                // Typing replaces the entry's value.
                field.origin = SecretOrigin::Typed;
            }
            field.input.handle(request);
            return;
        }
        let by = match request {
            InputRequest::GoToNextChar | InputRequest::InsertChar(' ') => 1,
            InputRequest::GoToPrevChar => count - 1,
            _ => return,
        };
        self.gateway = (self.gateway + by) % count;
    }

    /// Takes the secret in the field from somewhere else. Text typed for another place is dropped.
    fn next_origin(&mut self) {
        let is_change = self.old.is_some();
        if !self.is_secret(self.focus) {
            return;
        }
        self.progress = EntryProgress::Editing;
        let Some(field) = self.focused_mut() else { return };
        field.origin = match field.origin {
            SecretOrigin::Typed => SecretOrigin::Variable,
            SecretOrigin::Variable => SecretOrigin::File,
            SecretOrigin::File => SecretOrigin::Command,
            SecretOrigin::Command if is_change => SecretOrigin::Kept,
            SecretOrigin::Command | SecretOrigin::Kept => SecretOrigin::Typed,
        };
        field.input = Input::default();
    }

    fn save(&mut self, state: &mut State, anyway: bool) -> Vec<Effect> {
        if let Some(field) = self.missing() {
            self.require(field);
            return Vec::new();
        }
        let ticket = state.ticket();
        self.progress = EntryProgress::Trying(ticket);
        let (entry, old) = (Box::new(self.values()), self.old.clone());
        vec![Effect::Work(Work::SaveEntry { ticket, entry, old, anyway })]
    }
}

fn waiting(state: &mut State, ticket: Ticket) -> Option<usize> {
    let waits = |modal: &Modal| match modal {
        Modal::Entry(window) => {
            [EntryProgress::Reading(ticket), EntryProgress::Trying(ticket)].contains(&window.progress)
        }
        _ => false,
    };
    state.modals.iter().position(waits)
}

/// Handles the values of an entry.
pub(crate) fn on_read(state: &mut State, ticket: Ticket, result: Result<Box<EntryValues>, Message>) {
    let Some(at) = waiting(state, ticket) else { return };
    match result {
        Ok(values) => {
            if let Modal::Entry(window) = &mut state.modals[at] {
                window.fill(&values);
            }
        }
        Err(why) => {
            state.modals.remove(at);
            state.notice = Some(Notice::Configuration(ConfigurationNotice::NotChanged(why)));
        }
    }
}

/// Handles the end of an attempt to write an entry. If it was written, the windows close, and its instance is shown and read.
pub(crate) fn on_saved(
    state: &mut State,
    ticket: Ticket,
    result: Result<String, Box<EntryRefusal>>,
) -> Vec<Effect> {
    let at = waiting(state, ticket);
    let label = match result {
        Ok(label) => label,
        Err(mut refusal) => {
            if let Some(Modal::Entry(window)) = at.map(|at| &mut state.modals[at]) {
                refusal.field = refusal.field.or_else(|| field_of(&refusal.why));
                window.focus = refusal.field.unwrap_or(window.focus);
                window.progress = EntryProgress::Refused(*refusal);
            }
            return Vec::new();
        }
    };
    let Some(at) = at else {
        state.notice = Some(Notice::Configuration(ConfigurationNotice::Saved(label)));
        return Vec::new();
    };
    let is_new = matches!(&state.modals[at], Modal::Entry(window) if window.old.is_none());
    state.modals.remove(at);
    let saved = state.instances.iter().position(|instance| instance.profile.label == label);
    state.notice = Some(Notice::Configuration(ConfigurationNotice::Saved(label)));
    let mut effects = Vec::new();
    if let Some(place) = saved {
        if is_new {
            state.added = Some(state.instances[place].key().clone());
        }
        effects.extend(close_list(state));
        state.show(place);
        state.instances[place].make_stale();
        // If its client is new, it is being read already.
        effects.extend(load_new(state, place));
    }
    effects
}

/// Closes the window with the instances, if it is open.
fn close_list(state: &mut State) -> Vec<Effect> {
    let at = state.modals.iter().position(|modal| matches!(modal, Modal::Instances(_)));
    match at.map(|at| state.modals.remove(at)) {
        Some(Modal::Instances(window)) => window.cancel(),
        _ => Vec::new(),
    }
}

/// The field that the gateway's refusal is about.
fn field_of(why: &EntryTrouble) -> Option<EntryField> {
    match why {
        EntryTrouble::Refused(failure) => match failure.kind {
            FailureKind::TokenRefused => Some(EntryField::Token),
            FailureKind::UnknownInstance | FailureKind::NoInstance => Some(EntryField::Instance),
            FailureKind::Unreachable | FailureKind::Tls => Some(EntryField::Address),
            _ => None,
        },
        EntryTrouble::Missing | EntryTrouble::Wrong(_) | EntryTrouble::NotConnected(_) => None,
    }
}

impl Handle for RemovalWindow {
    fn handle(&mut self, _: &mut State, action: Action) -> Reply {
        match action {
            Action::Confirm => Reply::Close(vec![Effect::Work(Work::RemoveEntry(self.entry.clone()))]),
            Action::Cancel => Reply::CLOSE,
            _ => Reply::STAY,
        }
    }
}

/// Handles the end of an attempt to remove an entry. The instances were reported before.
pub(crate) fn on_removed(state: &mut State, label: String, result: Result<(), Message>) {
    state.notice = Some(match result {
        Ok(()) => Notice::Configuration(ConfigurationNotice::Removed(label)),
        Err(why) => Notice::Configuration(ConfigurationNotice::NotChanged(why)),
    });
}
