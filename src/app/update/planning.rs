//! From marks to orders: freezes the marks, reads the plan's data afresh, shows the plan and takes its confirmation. `numbers` says which
//! number acts on which group.

mod numbers;

use std::sync::Arc;

use super::marking;
use crate::{
    app::{
        action::Planned,
        effect::{Effect, Ticket, Work},
        filter::Filter,
        instance::Instance,
        layout::Pane,
        list::List,
        modal::{
            Modal,
            drift::DriftWindow,
            plan::{PlanWindow, Share},
            planning::{Planning, PlanningPart, Purpose},
            target::{TargetWindow, Unaimed},
        },
        notice::Notice,
        progress::WindowProgress,
        state::State,
    },
    domain::{
        capability::LastSubgroup,
        desired::differences,
        id::CommunityId,
        instance::InstanceKey,
        plan::{Basis, Mark, Needs, Obstacle, Plan, Request, Task},
        reading::{Readings, Scope, is_fresh},
    },
};

/// Begins a plan for one of the verbs.
pub(super) fn plan(state: &mut State, planned: Planned) -> Vec<Effect> {
    let focus = state.focus;
    let Some(shown) = state.shown_mut() else { return Vec::new() };
    for pane in [Pane::Subgroups, Pane::Groups] {
        marking::commit_range(shown, pane);
    }
    let chosen = shown.communities.rows.selected().cloned();
    if planned == Planned::Leave && focus == Pane::Communities {
        let Some(target) = chosen else {
            state.notice = Some(Notice::NoCommunityChosen);
            return Vec::new();
        };
        return leave_community(state, target);
    }
    if !planned.is_possible(&shown.profile.capabilities) {
        state.notice = Some(Notice::NoCall(planned, shown.profile.gateway));
        return Vec::new();
    }
    let marks = meant(shown, focus);
    if marks.is_empty() {
        state.notice = Some(Notice::NothingMarked);
        return Vec::new();
    }
    let key = shown.key().clone();
    let task = match (planned, chosen) {
        (Planned::Link, Some(target)) => Task::Link(target),
        (Planned::Link, None) => return choose_target(state, key, Unaimed::Link(marks)),
        (Planned::Move, _) => return choose_target(state, key, Unaimed::Move(marks)),
        (Planned::Unlink, _) => Task::Unlink,
        (Planned::Leave, _) => Task::Leave,
    };
    plan_task(state, key, &task, marks)
}

/// Begins the plan to leave a community. If several numbers are in it, the operator has to say which one leaves.
fn leave_community(state: &mut State, target: CommunityId) -> Vec<Effect> {
    let (mut at, mut own) = (state.current, target);
    if let Some(wide) = state.wide() {
        let [only] = wide.in_community(&own)[..] else {
            state.notice = Some(Notice::SeveralNumbers);
            return Vec::new();
        };
        (at, own) = (only, wide.own_community(only, &own).cloned().unwrap_or(own));
    }
    let Some(instance) = state.instances.get(at) else { return Vec::new() };
    let request = Request::leave_community(instance.key().clone(), own);
    read(state, request, Purpose::Plan)
}

/// Begins the plan of a task.
fn plan_task(state: &mut State, key: InstanceKey, task: &Task, marks: Vec<Mark>) -> Vec<Effect> {
    let Some(wide) = state.wide().filter(|wide| *wide.view.key() == key) else {
        return read(state, Request::new(key, task, marks), Purpose::Plan);
    };
    let (requests, notice) = numbers::shared_out(wide, &state.instances, task, marks);
    if notice.is_some() {
        state.notice = notice;
    }
    read_all(state, requests, Purpose::Plan)
}

/// The marks or, if there are none, the row under the cursor.
fn meant(instance: &Instance, focus: Pane) -> Vec<Mark> {
    if !instance.marks.is_empty() {
        return instance.marks.in_order();
    }
    let selected = instance.group_list(focus).and_then(|rows| rows.selected());
    selected.and_then(|slot| instance.mark_of(focus, *slot)).into_iter().collect()
}

/// Opens the window for choosing a community for a request.
pub(super) fn choose_target(state: &mut State, key: InstanceKey, unaimed: Unaimed) -> Vec<Effect> {
    let Some(instance) = state.instance_of(&key) else { return Vec::new() };
    if instance.directory.communities().is_empty() {
        state.notice = Some(Notice::NoCommunityChosen);
        return Vec::new();
    }
    let window =
        TargetWindow { instance: key, unaimed, communities: List::default(), filter: Filter::default() };
    state.modals.push(Modal::Target(window));
    Vec::new()
}

/// Reads the data for a request's plan afresh.
pub(super) fn read(state: &mut State, request: Request, purpose: Purpose) -> Vec<Effect> {
    read_all(state, vec![request], purpose)
}

/// Reads the data for a plan of several numbers afresh. If a plan is made again, keeps each recent share whose request is the same.
fn read_all(state: &mut State, requests: Vec<Request>, purpose: Purpose) -> Vec<Effect> {
    let (mut parts, mut effects) = (Vec::new(), Vec::new());
    for request in requests {
        let is_new = |plan: &Plan| is_fresh(plan.made, state.now);
        if let Some(share) = purpose.before().and_then(|before| before.reusable(&request, is_new)) {
            let progress = WindowProgress::new(state.ticket(), state.now, 0);
            parts.push(PlanningPart { request, progress, share: Some(share) });
            continue;
        }
        let Some(instance) = state.instance_of(&request.instance) else { continue };
        let needs = Needs::new(&request, &instance.directory, &instance.profile.capabilities, state.now);
        let (part, effect) = part(state, request, needs.first(), Some(Box::new(needs)));
        parts.push(part);
        effects.push(effect);
    }
    effects.extend(show_planning(state, parts, purpose));
    effects
}

/// Reads some scopes, and whatever else the plan needs.
pub(super) fn begin(
    state: &mut State,
    request: Request,
    purpose: Purpose,
    scopes: Vec<Scope>,
    needs: Option<Box<Needs>>,
) -> Vec<Effect> {
    let (part, effect) = part(state, request, scopes, needs);
    let shown = show_planning(state, vec![part], purpose);
    [effect].into_iter().chain(shown).collect()
}

/// What one number is to do, and the effect that reads its data.
fn part(
    state: &mut State,
    request: Request,
    scopes: Vec<Scope>,
    needs: Option<Box<Needs>>,
) -> (PlanningPart, Effect) {
    let (ticket, instance) = (state.ticket(), request.instance.clone());
    let progress = WindowProgress::new(ticket, state.now, scopes.len());
    let effect = Effect::Work(Work::Read { ticket, instance, scopes, needs });
    (PlanningPart { request, progress, share: None }, effect)
}

/// Shows that a plan is being made, or the plan if nothing has to be read.
fn show_planning(state: &mut State, parts: Vec<PlanningPart>, purpose: Purpose) -> Vec<Effect> {
    let Some(first) = parts.first() else { return Vec::new() };
    let leaves_community = parts.iter().any(|part| part.request.leaves_community());
    let of_all = state.wide().filter(|_| !leaves_community).map(|wide| wide.view.key());
    let instance = match &purpose {
        Purpose::Plan => of_all.unwrap_or(&first.request.instance).clone(),
        Purpose::Compare(_) => first.request.instance.clone(),
        Purpose::Edit(before) | Purpose::Recheck(before) => before.instance.clone(),
    };
    let planning = Planning { instance, parts, skipped: false, purpose };
    if planning.open().next().is_none() {
        return show(state, planning, state.modals.len());
    }
    state.modals.push(Modal::Planning(planning));
    Vec::new()
}

/// Reads the data for the requests of a plan that the operator edits.
pub(super) fn edit(state: &mut State, requests: Vec<Request>, before: PlanWindow) -> Vec<Effect> {
    read_all(state, requests, Purpose::Edit(Box::new(before)))
}

/// Gives rows of a plan to the next number that is in their groups and communities. `None` if no other number can act.
pub(super) fn hand_over(state: &mut State, window: &PlanWindow) -> Option<Vec<Effect>> {
    let requests = numbers::handed_over(state, window, &window.meant())?;
    Some(edit(state, requests, window.clone()))
}

/// Plans what waited for a target.
pub(super) fn aim(state: &mut State, key: InstanceKey, unaimed: Unaimed, target: CommunityId) -> Vec<Effect> {
    match unaimed {
        Unaimed::Link(marks) => plan_task(state, key, &Task::Link(target), marks),
        Unaimed::Move(marks) => plan_task(state, key, &Task::Move(target), marks),
        Unaimed::Rows(rows) => {
            let Some(Modal::Plan(window)) = state.modals.pop_if(|modal| matches!(modal, Modal::Plan(_)))
            else {
                return Vec::new();
            };
            let (requests, kept) = numbers::retargeted(state, &window, &rows, &target);
            if kept > 0 {
                state.notice = Some(Notice::TargetKept(kept));
            }
            edit(state, requests, *window)
        }
    }
}

/// Handles the readings, makes the plan and shows it.
pub(super) fn on_read(state: &mut State, ticket: Ticket, mut readings: Box<Readings>) -> Vec<Effect> {
    let waits = |instance: &&mut Instance| instance.refreshing == Some(ticket);
    if let Some(instance) = state.instances.iter_mut().find(waits) {
        instance.refreshing = None;
        instance.take_readings(&mut readings);
        return Vec::new();
    }
    let Some(place) = state.modals.iter().position(|modal| waits_for(modal, ticket)) else {
        return Vec::new();
    };
    let Modal::Planning(mut planning) = state.modals.remove(place) else { return Vec::new() };
    let waits = |part: &&mut PlanningPart| part.share.is_none() && part.progress.ticket == ticket;
    let Some(part) = planning.parts.iter_mut().find(waits) else { return Vec::new() };
    let (now, read_only) = (state.now, state.read_only);
    let Some(instance) = state.instance_of_mut(&part.request.instance) else { return Vec::new() };
    instance.take_readings(&mut readings);
    if let Purpose::Compare(comparison) = &mut planning.purpose
        && comparison.add_others(&instance.directory)
    {
        let mut request = part.request.clone();
        request.wishes.clone_from(&comparison.desired.wishes);
        return read(state, request, planning.purpose);
    }
    let readings: Arc<Readings> = Arc::from(readings);
    let basis = Basis {
        readings: &readings,
        directory: &instance.directory,
        capabilities: &instance.profile.capabilities,
        subgroup_limit: instance.profile.settings.subgroup_limit,
        busy: &instance.busy_groups(),
        skipped: planning.skipped,
        now,
    };
    let mut plan = Plan::make(part.request.clone(), basis);
    if read_only {
        plan.obstacle = Some(Obstacle::ReadOnly);
    }
    part.share = Some(Share::new(plan, readings));
    if planning.open().next().is_some() {
        // Other numbers are still reading.
        state.modals.insert(place, Modal::Planning(planning));
        return Vec::new();
    }
    show(state, planning, place)
}

/// Shows the plan for which everything has been read, in the place of the window that read it.
fn show(state: &mut State, planning: Planning, place: usize) -> Vec<Effect> {
    let Planning { instance, parts, purpose, .. } = planning;
    if let Some(wide) = state.wide.as_mut().filter(|wide| wide.is_shown) {
        // The plan shows the newest readings.
        wide.settle(&state.instances, state.now);
    }
    let shares: Vec<Share> = parts.into_iter().filter_map(|part| part.share).collect();
    let is_insecure = shares
        .iter()
        .any(|share| state.instance_of(&share.instance).is_some_and(|one| one.profile.address.is_insecure));
    let Some((mut plan, shares)) = joined(state, &instance, shares) else { return Vec::new() };
    let new = |plan, shares| PlanWindow { is_insecure, ..PlanWindow::new(instance.clone(), plan, shares) };
    let window = match purpose {
        Purpose::Compare(comparison) => {
            let window = DriftWindow::new(instance, &differences(&plan), *comparison);
            state.modals.push(Modal::Drift(Box::new(window)));
            return Vec::new();
        }
        Purpose::Plan => new(plan, shares),
        Purpose::Recheck(before) => {
            plan.take_choices(&before.plan);
            let window = new(plan, shares);
            if window.plan.would_send_the_same(&before.plan) {
                return submit(state, &window);
            }
            state.notice = Some(Notice::PlanChanged);
            window.placed_like(&before)
        }
        Purpose::Edit(before) => {
            plan.take_choices(&before.plan);
            new(plan, shares).placed_like(&before)
        }
    };
    state.modals.insert(place.min(state.modals.len()), Modal::Plan(Box::new(window)));
    Vec::new()
}

/// The shares as one plan in the ids of an instance, or of the view over all.
fn joined(state: &State, key: &InstanceKey, mut shares: Vec<Share>) -> Option<(Plan, Vec<Share>)> {
    if let [share] = &mut shares[..]
        && share.instance == *key
    {
        return Some((share.take_plan()?, shares));
    }
    let wide = state.wide()?;
    let shown = |share: &Share| Some(wide.shown_plan(state.place_of(&share.instance)?, share.made()?));
    let parts: Vec<Plan> = shares.iter().map(shown).collect::<Option<_>>()?;
    let mut ends = Vec::new();
    for (share, part) in shares.iter().zip(&parts) {
        let instance = state.instance_of(&share.instance)?;
        ends.push((ends.last().map_or(0, |(end, _)| *end) + part.rows.len(), instance.profile.capabilities));
    }
    let mut plan = Plan::joined(parts)?;
    plan.keep_last_subgroups(|row, source| {
        let listing = wide.view.directory.community(source)?.listing.as_ref()?;
        let (_, capabilities) = ends.iter().find(|(end, _)| row < *end)?;
        // An incomplete listing may omit another subgroup that stays.
        let what = if listing.proves_absence() { capabilities.last_subgroup } else { LastSubgroup::Risky };
        Some((listing.subgroups.len(), what))
    });
    plan.request.instance = key.clone();
    Some((plan, shares))
}

/// Whether a window is waiting for this answer.
pub(super) fn waits_for(modal: &Modal, ticket: Ticket) -> bool {
    matches!(modal, Modal::Planning(planning) if planning.tickets().any(|waiting| waiting == ticket))
}

/// Carries out a confirmed plan, or first checks it again if it is old.
pub(super) fn confirm(state: &mut State, window: &PlanWindow) -> Vec<Effect> {
    if !is_fresh(window.plan.made, state.now) {
        return read_all(state, window.requests(), Purpose::Recheck(Box::new(window.clone())));
    }
    submit(state, window)
}

/// Starts one operation for each number that has something to send.
fn submit(state: &mut State, window: &PlanWindow) -> Vec<Effect> {
    // The operator will want to watch the operations, so close the windows that led to them.
    state.modals.retain(|modal| !matches!(modal, Modal::Operations(_) | Modal::Drift(_)));
    if let Some(wide) = &mut state.wide {
        wide.view.unmark(window.plan.sent_groups());
    }
    let mut effects = Vec::new();
    for (share, plan) in window.plans().filter(|(_, plan)| plan.sent() > 0) {
        let ticket = state.ticket();
        if let Some(instance) = state.instance_of_mut(&share.instance) {
            instance.unmark(plan.sent_groups());
        }
        let (instance, order, read_from) = (share.instance.clone(), plan.order(), share.readings.journal);
        effects.push(Effect::Work(Work::Submit { ticket, instance, order, read_from }));
    }
    effects
}
