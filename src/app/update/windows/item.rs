//! The window with one item of an operation: its timeline, the reads for its diagnosis, and its keys.

use super::{Handle, Reply, details};
use crate::{
    app::{
        action::Action,
        effect::{Effect, Terminal, Ticket, Work},
        modal::{
            Modal,
            details::Reading,
            item::{ItemWindow, Timeline},
        },
        notice::Notice,
        scroll::Scroll,
        state::State,
        update::again,
    },
    domain::{
        diagnosis::{self, Facts},
        event::Record,
        history::{HistorySubject, concerns},
        id::OperationId,
        instance::InstanceKey,
        message::Message,
        plan::Step,
        reading::Readings,
    },
};

/// Opens an item of an operation.
pub(crate) fn open(state: &mut State, key: &InstanceKey, operation: OperationId, item: usize) -> Vec<Effect> {
    let ticket = state.ticket();
    let mut window = Box::new(ItemWindow {
        instance: key.clone(),
        operation,
        item,
        timeline: Timeline::Reading(ticket),
        heard: Vec::new(),
        reading: None,
        diagnosis: None,
        scroll: Scroll::default(),
    });
    let instance = key.clone();
    let mut effects = vec![Effect::Work(Work::ReadTimeline { ticket, instance, operation, item })];
    effects.extend(diagnose(state, &mut window));
    state.modals.push(Modal::Item(window));
    effects
}

/// Opens the item under the cursor of the operation pane.
pub(crate) fn open_current(state: &mut State) -> Vec<Effect> {
    let Some(instance) = state.operating() else { return Vec::new() };
    let (key, at) = (instance.key().clone(), instance.operation.items.selected().copied());
    let operation = instance.current_whole().map(|operation| operation.id);
    let operation = operation.filter(|operation| instance.operation.operation() == Some(*operation));
    match (operation, at) {
        (Some(operation), Some(at)) => open(state, &key, operation, at),
        _ => Vec::new(),
    }
}

/// Reads the data for the diagnosis of a failed item.
fn diagnose(state: &mut State, window: &mut ItemWindow) -> Vec<Effect> {
    let ticket = state.ticket();
    let Some(instance) = state.instance_of(&window.instance) else { return Vec::new() };
    let failed = window.chosen(&instance.operations).filter(|(_, item)| diagnosis::is_wanted(item));
    let Some((_, item)) = failed else { return Vec::new() };
    let scopes = diagnosis::scopes(item, &instance.directory, &instance.profile.capabilities);
    window.reading = Some(Reading { ticket, done: 0, total: scopes.len() });
    window.diagnosis = None;
    vec![Effect::Work(Work::Read { ticket, instance: window.instance.clone(), scopes, needs: None })]
}

impl Handle for ItemWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        let instance = state.instance_of(&self.instance);
        let chosen = instance.and_then(|instance| self.chosen(&instance.operations));
        match action {
            Action::Cancel | Action::Quit => return Reply::Close(Effect::cancel(self.tickets())),
            Action::Go(motion) => self.scroll.go(motion),
            Action::Accept | Action::Details => {
                let subject = chosen.map(|(_, item)| match item.steps.first() {
                    Some(Step::LeaveCommunity(community)) => HistorySubject::Community(community.clone()),
                    _ => HistorySubject::Group(item.group.clone()),
                });
                if let Some(subject) = subject {
                    return Reply::Stay(details::open(state, self.instance.clone(), subject));
                }
            }
            Action::Copy => {
                let id = chosen.map(|(_, item)| item.group.to_string()).unwrap_or_default();
                state.notice = Some(Notice::Copied(id.clone()));
                return Reply::Stay(vec![Effect::Terminal(Terminal::Copy(id))]);
            }
            Action::FollowUp(how) => {
                if let Some(operation) = chosen.map(|(operation, _)| operation.clone()) {
                    return Reply::Stay(again::take_up(state, &operation, how));
                }
            }
            _ => {}
        }
        Reply::STAY
    }
}

fn find(modals: &mut [Modal], is_meant: impl Fn(&ItemWindow) -> bool) -> Option<&mut ItemWindow> {
    modals.iter_mut().find_map(|modal| match modal {
        Modal::Item(window) if is_meant(window) => Some(&mut **window),
        _ => None,
    })
}

fn waits(window: &ItemWindow, ticket: Ticket) -> bool {
    window.reading.is_some_and(|reading| reading.ticket == ticket)
}

/// Handles the readings for a diagnosis. Returns whether a window was waiting for them.
pub(crate) fn on_read(state: &mut State, ticket: Ticket, readings: &mut Readings) -> bool {
    let State { modals, instances, .. } = state;
    let Some(window) = find(modals, |window| waits(window, ticket)) else { return false };
    window.reading = None;
    let Some(instance) = instances.iter_mut().find(|instance| *instance.key() == window.instance) else {
        return true;
    };
    instance.take_readings(readings);
    window.diagnosis = window.chosen(&instance.operations).map(|(_, item)| {
        diagnosis::diagnose(Facts {
            item,
            readings,
            directory: &instance.directory,
            capabilities: &instance.profile.capabilities,
            limit: instance.profile.settings.subgroup_limit,
        })
    });
    true
}

/// Handles the journal's entries about an item.
pub(crate) fn on_timeline(state: &mut State, ticket: Ticket, records: Result<Vec<Record>, Message>) {
    if let Some(window) = find(&mut state.modals, |window| window.timeline == Timeline::Reading(ticket)) {
        window.timeline = records.map_or_else(Timeline::Failed, Timeline::Read);
    }
}

/// Follows the events of an item while its window is open. If the item has just failed, begins its diagnosis.
pub(crate) fn on_recorded(state: &mut State, record: &Record) -> Vec<Effect> {
    let is_meant = |window: &ItemWindow| {
        window.instance == record.instance
            && window.operation == record.operation
            && concerns(record, window.item)
    };
    let found = |modal: &Modal| matches!(modal, Modal::Item(window) if is_meant(window));
    let Some(at) = state.modals.iter().position(found) else { return Vec::new() };
    let Modal::Item(mut window) = state.modals.remove(at) else { return Vec::new() };
    window.heard.push(record.clone());
    let effects = if window.reading.is_some() { Vec::new() } else { diagnose(state, &mut window) };
    state.modals.insert(at, Modal::Item(window));
    effects
}
