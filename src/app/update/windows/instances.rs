//! The window with the instances: which states are read, which instance is shown next, and which one is connected.

use super::{Handle, Reply, connect, entry};
use crate::{
    app::{
        action::{Action, Marking, Motion},
        effect::{Effect, Ticket, Work},
        entry::ChosenEntry,
        instance::ConnectionStatus,
        modal::{
            Modal,
            instances::{InstanceRow, InstancesWindow, OtherInstance},
            window::Window,
        },
        notice::{ConfigurationNotice, Notice},
        state::State,
        update::loading::load_new,
    },
    domain::{
        failure::{Failure, FailureKind},
        instance::{Connection, EntryPlace, InstanceKey},
        pairing::ListedInstance,
    },
};

/// Opens the window and reads the state of every instance concurrently.
pub(crate) fn open(state: &mut State) -> Vec<Effect> {
    let mut window = InstancesWindow::default();
    let effects = survey(state, &mut window);
    window.settle(state.scene(&state.layout()));
    if let Some(shown) = state.instance() {
        window.rows.select(&InstanceRow::Configured(shown.key().clone()));
    }
    state.modals.push(Modal::Instances(window));
    effects
}

/// Shows the instance this many places further on.
pub(crate) fn step(state: &mut State, by: usize) -> Vec<Effect> {
    if state.instances.len() < 2 {
        return Vec::new();
    }
    show(state, (state.current + by) % state.instances.len())
}

/// Shows an instance, and reads it if nothing has been read from it yet.
fn show(state: &mut State, at: usize) -> Vec<Effect> {
    state.show(at);
    let Some(instance) = state.instances.get_mut(at) else { return Vec::new() };
    instance.make_stale();
    load_new(state, at)
}

fn survey(state: &mut State, window: &mut InstancesWindow) -> Vec<Effect> {
    // What a token listed stays until it is listed again.
    let is_listed = |other: &OtherInstance| {
        state.instance_of(&other.listed_by).is_some()
            && state.instances.iter().all(|known| known.profile.address != other.address)
    };
    window.others.retain(is_listed);
    window.unread.clear();
    let keys: Vec<InstanceKey> = state.instances.iter().map(|instance| instance.key().clone()).collect();
    let asked: Vec<(InstanceKey, Ticket)> = keys.into_iter().map(|key| (key, state.ticket())).collect();
    let given_up = window.cancel();
    window.asked = asked;
    let begun = window
        .asked
        .iter()
        .map(|(instance, ticket)| Effect::Work(Work::Survey { ticket: *ticket, instance: instance.clone() }));
    given_up.into_iter().chain(begun).collect()
}

/// Reads the state of every instance again, if the window is open.
pub(crate) fn survey_again(state: &mut State) -> Vec<Effect> {
    let is_it = |modal: &Modal| matches!(modal, Modal::Instances(_));
    let Some(at) = state.modals.iter().position(is_it) else { return Vec::new() };
    let Modal::Instances(mut window) = state.modals.remove(at) else { return Vec::new() };
    let effects = survey(state, &mut window);
    state.modals.insert(at, Modal::Instances(window));
    effects
}

impl InstancesWindow {
    /// The entry under the cursor. Says so without an entry, or if it has no name.
    fn named(&self, state: &mut State) -> Option<ChosenEntry> {
        let named = match self.rows.selected()? {
            InstanceRow::Configured(key) => state.instance_of(key).map(|one| {
                let (place, instance) = (one.profile.entry.clone(), Some(key.clone()));
                ChosenEntry { place, instance }
            }),
            InstanceRow::Broken(at) => {
                let place = state.broken.get(*at).and_then(|broken| broken.place.clone());
                place.map(|place| ChosenEntry { place, instance: None })
            }
            InstanceRow::Other(_) => None,
        };
        if named.is_none() {
            state.notice = Some(
                self.broken()
                    .map_or(Notice::NotConfigured, |_| Notice::Configuration(ConfigurationNotice::Unnamed)),
            );
        }
        named
    }

    /// Ticks the instance under the cursor, or takes its tick away, and moves down.
    fn tick(&mut self, state: &mut State) {
        let Some(address) = self.other().map(|other| other.address.clone()) else {
            let is_known = self.configured().is_some();
            state.notice = Some(if is_known { Notice::IsConfigured } else { self.unusable() });
            return;
        };
        match self.ticked.iter().position(|ticked| *ticked == address) {
            Some(at) => {
                self.ticked.remove(at);
            }
            None => self.ticked.push(address),
        }
        self.rows.go(Motion::Down);
    }

    /// The ticked instances, or else the one under the cursor if it is not in the configuration, by the entry with the account's token.
    fn to_add(&self, state: &State) -> Vec<(EntryPlace, Vec<String>)> {
        let chosen: Vec<&OtherInstance> = if self.ticked.is_empty() {
            self.other().into_iter().collect()
        } else {
            self.others.iter().filter(|other| self.ticked.contains(&other.address)).collect()
        };
        let mut listed: Vec<(EntryPlace, Vec<String>)> = Vec::new();
        for other in chosen {
            let Some(by) = state.instance_of(&other.listed_by) else { continue };
            let (entry, name) = (&by.profile.entry, other.name.exact().to_owned());
            match listed.iter_mut().find(|(known, _)| known == entry) {
                Some((_, names)) => names.push(name),
                None => listed.push((entry.clone(), vec![name])),
            }
        }
        listed
    }

    /// Why nothing can be done with the instance under the cursor.
    fn unusable(&self) -> Notice {
        if self.broken().is_some() { Notice::Broken } else { Notice::NotConfigured }
    }
}

impl Handle for InstancesWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel | Action::Instances | Action::Quit => return Reply::Close(self.cancel()),
            Action::Accept => {
                let at =
                    |key: &InstanceKey| state.instances.iter().position(|instance| instance.key() == key);
                if let Some(at) = self.configured().and_then(at) {
                    let mut effects = self.cancel();
                    effects.extend(show(state, at));
                    return Reply::Close(effects);
                }
                state.notice = Some(self.unusable());
            }
            Action::Refresh if state.gateways.is_empty() => return Reply::Stay(survey(state, self)),
            // The states are read with the instances of the configuration.
            Action::Refresh => {
                return Reply::Stay(vec![Effect::Work(Work::ReadConfiguration(state.ticket()))]);
            }
            Action::Mark(Marking::Toggle) if entry::may_change(state) => self.tick(state),
            Action::AddInstance => {
                let listed = self.to_add(state);
                if listed.is_empty() {
                    entry::add(state);
                } else if entry::may_change(state) {
                    self.ticked.clear();
                    return Reply::Stay(vec![Effect::Work(Work::AddListed(listed))]);
                }
            }
            Action::EditInstance => {
                if let Some(entry) = self.named(state) {
                    return Reply::Stay(entry::edit(state, entry));
                }
            }
            Action::RemoveInstance => {
                if let Some(entry) = self.named(state) {
                    entry::remove(state, entry);
                }
            }
            Action::Connect(by) => match self.configured().cloned() {
                Some(key) => return Reply::Stay(connect::open(state, key, by)),
                None => state.notice = Some(self.unusable()),
            },
            Action::Go(motion) => self.rows.go(motion),
            _ => {}
        }
        Reply::STAY
    }
}

/// Handles the state of an instance, and the other instances that its token lists.
pub(crate) fn on_surveyed(
    state: &mut State,
    ticket: Ticket,
    connection: &Result<Connection, Failure>,
    listed: Option<&Result<Vec<ListedInstance>, Failure>>,
) {
    let windows = state.modals.iter_mut().filter_map(|modal| match modal {
        Modal::Instances(window) => Some(window),
        _ => None,
    });
    for window in windows {
        let Some(at) = window.asked.iter().position(|(_, asked)| *asked == ticket) else { continue };
        let (key, _) = window.asked.remove(at);
        if let Some(instance) = state.instances.iter_mut().find(|instance| *instance.key() == key) {
            instance.link = match connection {
                Ok(connection) => ConnectionStatus::Known(connection.clone()),
                Err(failure) => ConnectionStatus::Failed(failure.clone()),
            };
        }
        let Some(by) = state.instances.iter().find(|instance| *instance.key() == key) else { continue };
        window.others.retain(|other| other.listed_by != key);
        match listed {
            Some(Ok(listed)) => window.take_listed(&state.instances, by, listed.clone()),
            // If the instance itself could not be read, that failure is already reported.
            Some(Err(failure)) if failure.kind != FailureKind::Unsupported && connection.is_ok() => {
                window.unread.push((key, failure.clone()));
            }
            _ => {}
        }
    }
}
