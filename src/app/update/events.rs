//! Handles events from outside: loads, reads, probes, and reports of the engine.

use std::collections::BTreeSet;

use super::{
    journal, listings, loading, planning, reconfiguring, roles,
    windows::{connect, details, drift, file, finding, instances, item},
};
use crate::{
    app::{
        effect::{Effect, Terminal, Ticket, Work},
        event::AppEvent,
        instance::Instance,
        notice::Notice,
        operations::Known,
        state::State,
    },
    domain::{
        directory::Directory,
        event::{OperationEvent, Record, StopReason},
        id::OperationId,
        instance::InstanceKey,
        message::Message,
        operation::{Operation, Phase},
        outcome::Outcome,
        plan::{Step, Verb},
        reading::{Loaded, Scope},
        time::Millis,
    },
};

/// The desktop shows the end of an operation that took at least this long.
const LONG: Millis = Millis(10_000);

/// Handles an event from outside.
pub(super) fn on_event(state: &mut State, event: AppEvent) -> Vec<Effect> {
    match event {
        AppEvent::Resized { columns, rows } => state.size = (columns, rows),
        AppEvent::Ticked => {}
        AppEvent::Focused(has_focus) => state.presence.take_focus(has_focus),
        AppEvent::Remembered { instance, remembered } => {
            if let Some(instance) = state.instance_of_mut(&instance) {
                // If the journal could be read, assume that it can be written again; otherwise the next attempt reports the
                // failure.
                instance.journal_failure = None;
                instance.learn(|directory| directory.remember(remembered));
            }
        }
        AppEvent::JournalRead { instance, summaries, operations, is_all } => {
            journal::on_journal(state, &instance, summaries, operations, is_all);
        }
        AppEvent::OperationRead { instance, id, result } => {
            return journal::on_operation(state, &instance, id, result);
        }
        AppEvent::Recalled { instance, read } => {
            if let Some(instance) = state.instance_of_mut(&instance) {
                instance.learn(|directory| directory.recall(read));
                instance.is_recalled = true;
            }
        }
        AppEvent::RolesRecalled { instance, roles } => roles::on_recalled(state, &instance, roles),
        AppEvent::RoleRead { ticket, begun, details } => roles::on_read(state, ticket, begun, &details),
        AppEvent::LinksKept { instance, links } => {
            with(state, &instance, |instance| instance.links = links);
        }
        AppEvent::StoreFailed(why) => on_store_failed(state, &why),
        AppEvent::Loaded { ticket, part } => {
            let is_done = matches!(part, Loaded::Done);
            let mut effects = loading::on_loaded(state, ticket, part);
            if is_done {
                effects.extend(finding::begin_for_added(state));
            }
            return effects;
        }
        AppEvent::ReadProgressed { ticket, done, total } => {
            state.modals.iter_mut().for_each(|modal| modal.take_progress(ticket, done, total));
        }
        AppEvent::Read { ticket, mut readings } => {
            if let Some(effects) = listings::on_read(state, ticket, &mut readings) {
                return effects;
            }
            if !details::on_read(state, ticket, &mut readings) && !item::on_read(state, ticket, &mut readings)
            {
                return planning::on_read(state, ticket, readings);
            }
        }
        AppEvent::HistoryRead { ticket, past } => details::on_history(state, ticket, past),
        AppEvent::TimelineRead { ticket, records } => item::on_timeline(state, ticket, records),
        AppEvent::Written { ticket, result } => file::on_written(state, ticket, result),
        AppEvent::StateRead { ticket, result } => return drift::on_state_read(state, ticket, result),
        AppEvent::InviteRead { ticket, link } => details::on_invite(state, ticket, link),
        AppEvent::Probed { ticket, group, probe } => return finding::on_probed(state, ticket, &group, probe),
        AppEvent::Discovered { ticket, failure } => finding::on_discovered(state, ticket, failure),
        AppEvent::CommunityFound { ticket, result } => return finding::on_found(state, ticket, result),
        AppEvent::Surveyed { ticket, connection, listed } => {
            instances::on_surveyed(state, ticket, &connection, listed.as_ref());
        }
        AppEvent::Connecting { ticket, step } => return connect::on_step(state, ticket, step),
        AppEvent::Submitted { result, .. } => match result {
            // A number belongs to one operation, whatever its instance.
            Ok(id) => state.instances.iter_mut().for_each(|instance| _ = instance.operations.own.insert(id)),
            Err(why) => state.notice = Some(Notice::NotSubmitted(why)),
        },
        AppEvent::Recorded(record) => return on_recorded(state, &record),
        AppEvent::ListingSeen { instance, listing } => {
            with_directory(state, &instance, |directory| directory.take_listing(&listing));
        }
        AppEvent::GroupsSeen { instance, list } => {
            with_directory(state, &instance, |directory| directory.take_groups(list));
        }
        AppEvent::LookedAgain { instance, operation, result } => {
            if let Some(instance) = state.instance_of_mut(&instance) {
                instance.operations.looking.remove(&operation);
            }
            state.notice = Some(match result {
                Ok(()) => Notice::LookedAgain(operation),
                Err(why) => Notice::NotSubmitted(why),
            });
        }
        AppEvent::JournalFailed { instance, why } => {
            if let Some(instance) = state.instance_of_mut(&instance) {
                instance.journal_failure = Some(why);
                // Nothing more is sent for these. If the journal becomes writable again, newer records replace this.
                let live = instance.operations.wholes_mut().filter(|operation| operation.is_live());
                live.for_each(|operation| operation.phase = Phase::Ended(Some(StopReason::Journal)));
            }
        }
        AppEvent::StoreAway => state.notice = Some(Notice::StoreAway),
        AppEvent::StoreBack => state.notice = Some(Notice::StoreBack),
        AppEvent::TakenElsewhere(why) => state.notice = Some(Notice::TakenElsewhere(why)),
        AppEvent::NumberInUse(why) => state.notice = Some(Notice::NumberInUse(why)),
        AppEvent::WaitChanged { instance, wait } => with(state, &instance, |instance| instance.wait = wait),
        AppEvent::Configuration(event) => return reconfiguring::on_event(state, event),
        AppEvent::BudgetChanged { instance, budget } => {
            with(state, &instance, |instance| instance.budget = budget);
        }
    }
    Vec::new()
}

fn on_store_failed(state: &mut State, why: &Message) {
    for instance in &mut state.instances {
        instance.journal_failure = Some(why.clone());
        instance.operations.are_read = true;
        instance.is_recalled = true;
    }
}

fn with(state: &mut State, instance: &InstanceKey, change: impl FnOnce(&mut Instance)) {
    if let Some(instance) = state.instance_of_mut(instance) {
        change(instance);
    }
}

fn with_directory(state: &mut State, instance: &InstanceKey, change: impl FnOnce(&mut Directory)) {
    with(state, instance, |instance| instance.learn(change));
}

fn on_recorded(state: &mut State, record: &Record) -> Vec<Effect> {
    let ticket = state.ticket();
    let Some(instance) = state.instance_of_mut(&record.instance) else { return Vec::new() };
    let known = instance.operations.wholes_mut().find(|operation| operation.id == record.operation);
    if let Some(operation) = known {
        operation.apply(record);
    } else if let Some(operation) = Operation::begin(record) {
        instance.operations.take(Known::Whole(Box::new(operation)));
    }
    if let OperationEvent::Sending { item, step, .. } = &record.event
        && let Some(operation) = instance.operations.whole(record.operation)
        && let Some(item) = operation.items.get(*item)
        && let Some(step) = item.steps.get(*step)
    {
        let (step, group) = (step.clone(), item.group.clone());
        instance.learn(|directory| directory.learn_sent(&step, &group));
    }
    if let OperationEvent::ItemFinished { item, outcome: Outcome::Verified, .. } = &record.event
        && let Some(operation) = instance.operations.whole(record.operation)
        && let Some(left) = operation.items.get(*item).filter(|item| item.steps.last() == Some(&Step::Leave))
    {
        let group = left.group.clone();
        instance.learn(|directory| directory.learn_left(&group));
    }
    if let OperationEvent::ItemFinished { item, outcome, .. } = &record.event
        && let Some(operation) = instance.operations.whole(record.operation)
        && let Some(item) = operation.items.get(*item)
    {
        let group = item.group.clone();
        instance.latest.insert(group, (record.operation, *outcome));
    }
    if record.event != OperationEvent::Ended {
        return item::on_recorded(state, record);
    }
    let mut effects = after_leaving(instance, record.operation, ticket);
    // The data that the operation read is newer than the data of the load.
    let begun = instance.operations.summary(record.operation);
    effects.extend(begun.and_then(|operation| loading::keep_listings(instance, operation.created)));
    let is_long = begun.is_some_and(|operation| record.at.0.saturating_sub(operation.created.0) >= LONG.0);
    // The operation pane says how it ended, if it is in sight.
    let is_in_sight = state.modals.is_empty()
        && state.layout().operation.is_some()
        && state
            .operating()
            .and_then(Instance::current_operation)
            .is_some_and(|one| one.id == record.operation);
    if !is_in_sight {
        state.notice = Some(Notice::Ended(record.operation));
    }
    if is_long && state.presence.is_away(state.now) {
        effects.push(Effect::Terminal(Terminal::NotifyEnded(record.operation)));
    }
    effects
}

/// The effects after leaving groups: forgets communities that were left, and reads the affected listings again.
fn after_leaving(instance: &mut Instance, id: OperationId, ticket: Ticket) -> Vec<Effect> {
    let Some(operation) = instance.operations.whole(id) else { return Vec::new() };
    let key = instance.profile.key.clone();
    let (mut scopes, mut forgotten, mut effects) = (BTreeSet::new(), Vec::new(), Vec::new());
    if operation.verb == Verb::Leave {
        effects.push(Effect::Work(Work::ReadLinks(key.clone())));
    }
    for item in operation.items.iter().filter(|item| item.outcome == Some(Outcome::Verified)) {
        match item.steps.last() {
            Some(Step::Leave) => {
                // The engine may have checked the group's details without reading the list.
                if instance.profile.capabilities.group_list_shows_membership {
                    scopes.insert(Scope::Groups);
                }
                let parent = instance.directory.parent_of(&item.group);
                scopes.extend(parent.map(|parent| Scope::Community(parent.clone())));
            }
            Some(Step::LeaveCommunity(community)) => {
                scopes.insert(Scope::Groups);
                forgotten.push(community.clone());
            }
            _ => {}
        }
    }
    for community in forgotten {
        instance.learn(|directory| directory.forget(&community));
        effects.push(Effect::Work(Work::Forget { instance: key.clone(), community }));
    }
    if !scopes.is_empty() {
        instance.refreshing = Some(ticket);
        let scopes = scopes.into_iter().collect();
        effects.push(Effect::Work(Work::Read { ticket, instance: key, scopes, needs: None }));
    }
    effects
}
