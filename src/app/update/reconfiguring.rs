//! The instances after a change of the configuration: new ones appear, removed ones disappear, and the others keep everything that
//! is known about them. An instance with an operation in progress stays as it was.

use super::{
    loading::{load_at, load_new},
    windows::{entry, instances},
};
use crate::{
    app::{
        effect::{Effect, Ticket},
        event::ConfigurationEvent,
        instance::{ConnectionStatus, Instance, Profile},
        modal::Modal,
        notice::{ConfigurationNotice, Notice},
        reconfigured::Reconfigured,
        state::State,
        wide::Wide,
    },
    domain::{directory::KnownFrom, instance::InstanceKey, message::Message},
};

/// Handles an event of the configuration.
pub(super) fn on_event(state: &mut State, event: ConfigurationEvent) -> Vec<Effect> {
    match event {
        ConfigurationEvent::EntryRead { ticket, result } => entry::on_read(state, ticket, result),
        ConfigurationEvent::EntrySaved { ticket, result } => return entry::on_saved(state, ticket, result),
        ConfigurationEvent::EntryRemoved { label, result } => entry::on_removed(state, label, result),
        ConfigurationEvent::ListedAdded { added, why } => {
            state.notice = Some(Notice::Configuration(match why {
                None => ConfigurationNotice::Added(added),
                Some(why) if added == 0 => ConfigurationNotice::NotChanged(why),
                Some(why) => ConfigurationNotice::AddedSome(added, why),
            }));
        }
        ConfigurationEvent::ReadAgain { ticket, result } => return on_read_again(state, ticket, result),
    }
    Vec::new()
}

/// Handles the instances of the configuration. `ticket` is that of the request to read it again, if there was one.
fn on_read_again(
    state: &mut State,
    ticket: Option<Ticket>,
    result: Result<Box<Reconfigured>, Message>,
) -> Vec<Effect> {
    // The window with the instances shows their states. Some instances may be new, and so may be their clients.
    let is_to_survey = ticket.is_some() || result.is_ok();
    let mut effects = match result {
        Ok(new) => {
            state.notice = Some(notice(state, &new));
            replace(state, *new)
        }
        Err(why) => {
            state.notice = Some(Notice::Configuration(ConfigurationNotice::NotRead(why)));
            Vec::new()
        }
    };
    if is_to_survey {
        effects.extend(instances::survey_again(state));
    }
    effects
}

fn notice(state: &State, new: &Reconfigured) -> Notice {
    let held = new.held.iter().find_map(|key| state.instance_of(key));
    match held {
        Some(instance) => Notice::Configuration(ConfigurationNotice::Held(instance.profile.label.clone())),
        None => Notice::Configuration(ConfigurationNotice::Read(new.profiles.len())),
    }
}

fn replace(state: &mut State, new: Reconfigured) -> Vec<Effect> {
    let Reconfigured { profiles, broken, renewed, held } = new;
    let shown = state.instance().map(|instance| instance.key().clone());
    let mut before = std::mem::take(&mut state.instances);
    let mut take = |key: &InstanceKey| {
        let at = before.iter().position(|instance| instance.key() == key)?;
        Some(before.remove(at))
    };
    let mut after: Vec<Instance> = Vec::new();
    for profile in profiles {
        after.push(match take(&profile.key) {
            Some(known) => with_profile(known, profile),
            None => Instance::new(profile),
        });
    }
    after.extend(held.iter().filter_map(&mut take));
    // Whatever is still being read from the others is not needed any more.
    let gone = before.iter_mut().flat_map(|gone| {
        let search = gone.discovery.search.as_ref().and_then(|search| search.ticket);
        let loading = gone.loading.map(|loading| loading.ticket);
        loading.into_iter().chain(search).chain(gone.refreshing).chain(gone.roles.stop())
    });
    let mut effects = Effect::cancel(gone.collect::<Vec<_>>());
    state.instances = after;
    state.broken = broken;
    let at = |key: &InstanceKey| state.instances.iter().position(|instance| instance.key() == key);
    state.current = shown.as_ref().and_then(at).unwrap_or_default();
    let wide = match state.wide.take() {
        Some(wide) => wide.over(&state.instances),
        None => Wide::new(&state.instances),
    };
    state.wide = wide.map(Box::new);
    effects.extend(close_windows(state));
    for key in renewed {
        let Some(at) = state.instances.iter().position(|instance| *instance.key() == key) else { continue };
        let is_shown = at == state.current || state.wide().is_some();
        let instance = &mut state.instances[at];
        let was_read = instance.loading.is_some() || instance.directory.groups().is_some();
        instance.link = ConnectionStatus::Asking;
        if is_shown || was_read {
            effects.extend(load_at(state, at));
        }
    }
    // Another instance may be on the screen now.
    let shown =
        if state.wide().is_some() { 0..state.instances.len() } else { state.current..state.current + 1 };
    for at in shown {
        if let Some(instance) = state.instances.get_mut(at) {
            instance.make_stale();
            effects.extend(load_new(state, at));
        }
    }
    effects
}

fn with_profile(mut known: Instance, profile: Profile) -> Instance {
    let configured = profile.configured.clone();
    known.profile = profile;
    known.learn(|directory| {
        for community in configured {
            directory.learn(community, KnownFrom::Configuration);
        }
    });
    known
}

/// Closes the windows about instances that are gone.
fn close_windows(state: &mut State) -> Vec<Effect> {
    let modals = std::mem::take(&mut state.modals);
    let is_there = |modal: &Modal| modal.instances().into_iter().all(|key| state.instance_of(key).is_some());
    let (stay, gone): (Vec<Modal>, Vec<Modal>) = modals.into_iter().partition(is_there);
    state.modals = stay;
    let tickets = gone.iter().flat_map(|modal| match modal {
        Modal::Connect(window) => window.ticket.into_iter().collect(),
        Modal::Planning(window) => window.tickets().collect(),
        _ => Vec::new(),
    });
    Effect::cancel(tickets)
}
