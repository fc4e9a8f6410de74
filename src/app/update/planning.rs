//! From marks to an order: freezes the marks, reads the plan's data afresh, shows the plan and takes its confirmation.

use std::{collections::BTreeMap, sync::Arc};

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
            plan::PlanWindow,
            planning::{Planning, Purpose},
            target::{TargetWindow, Unaimed},
        },
        notice::Notice,
        progress::WindowProgress,
        state::State,
    },
    domain::{
        desired::differences,
        id::CommunityId,
        instance::InstanceKey,
        plan::{Basis, Mark, Needs, Obstacle, Plan, Request, Task, Wish},
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

/// Begins the plan of a task. Marks of the view over all instances become one plan per instance that acts; the first is on top.
/// Leaving cannot be undone, so the operator has to say which number leaves a group that several are in.
fn plan_task(state: &mut State, key: InstanceKey, task: &Task, marks: Vec<Mark>) -> Vec<Effect> {
    let Some(wide) = state.wide().filter(|wide| *wide.view.key() == key) else {
        return read(state, Request::new(key, task, marks), Purpose::Plan);
    };
    let mut shares: BTreeMap<usize, Vec<Mark>> = BTreeMap::new();
    let (mut left, mut ambiguous) = (0, 0);
    for mark in marks {
        if *task == Task::Leave && wide.holders(mark.group.as_str()).len() > 1 {
            ambiguous += 1;
            continue;
        }
        let communities: Vec<&CommunityId> = task.target().into_iter().chain(&mark.source).collect();
        let at = wide.acting(&state.instances, &mark.group, &communities);
        match at.and_then(|at| Some((at, wide.own_mark(at, &state.instances[at], &mark)?))) {
            Some((at, mark)) => shares.entry(at).or_default().push(mark),
            None => left += 1,
        }
    }
    let mut requests = Vec::new();
    for (at, marks) in shares {
        let instance = &state.instances[at];
        let target = task.target().and_then(|target| wide.own_community(at, target));
        let task = target.map_or_else(|| task.clone(), |target| task.clone().aimed_at(target.clone()));
        requests.push(Request::new(instance.key().clone(), &task, marks));
    }
    if left > 0 {
        state.notice = Some(Notice::NoNumberFor(left));
    }
    if ambiguous > 0 {
        state.notice = Some(Notice::LeaveAlone(ambiguous));
    }
    requests.into_iter().rev().flat_map(|request| read(state, request, Purpose::Plan)).collect()
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
    let Some(instance) = state.instance_of(&request.instance) else { return Vec::new() };
    let needs = Needs::new(&request, &instance.directory, &instance.profile.capabilities, state.now);
    begin(state, request, purpose, needs.first(), Some(Box::new(needs)))
}

/// Reads some scopes, and whatever else the plan needs.
pub(super) fn begin(
    state: &mut State,
    request: Request,
    purpose: Purpose,
    scopes: Vec<Scope>,
    needs: Option<Box<Needs>>,
) -> Vec<Effect> {
    let ticket = state.ticket();
    let instance = request.instance.clone();
    let progress = WindowProgress::new(ticket, state.now, scopes.len());
    let planning = Planning { progress, instance: instance.clone(), request, skipped: false, purpose };
    state.modals.push(Modal::Planning(planning));
    vec![Effect::Work(Work::Read { ticket, instance, scopes, needs })]
}

/// Reads the data for the request of a plan that the operator edits.
pub(super) fn edit(state: &mut State, request: Request, before: PlanWindow) -> Vec<Effect> {
    read(state, request, Purpose::Edit(Box::new(before)))
}

/// Gives the rows of a plan to the next number that is in their groups and communities, in its own plan. `None` if no other number can act.
pub(super) fn hand_over(state: &mut State, window: &PlanWindow) -> Option<Vec<Effect>> {
    let wide = state.wide()?;
    let meant = window.meant_wishes();
    let count = state.instances.len();
    let from = state.instances.iter().position(|instance| *instance.key() == window.instance)?;
    let (to, wishes) = (1..count).map(|step| (from + step) % count).find_map(|to| {
        let own = meant.iter().map(|wish| wide.handed_over(wish, from, to, &state.instances));
        Some((to, own.collect::<Option<Vec<Wish>>>()?)).filter(|(_, wishes)| !wishes.is_empty())
    })?;
    let (key, verb) = (state.instances[to].key().clone(), window.plan.request.verb);
    let is_its = |modal: &Modal| {
        matches!(modal, Modal::Plan(other)
            if other.instance == key && other.plan.request.verb == verb)
    };
    let other = state.modals.iter().position(is_its).map(|at| state.modals.remove(at));
    let mut effects = match other {
        Some(Modal::Plan(other)) => {
            let mut request = other.plan.request.clone();
            request.wishes.extend(wishes);
            edit(state, request, *other)
        }
        _ => read(state, Request { instance: key, verb, wishes, parent: None }, Purpose::Plan),
    };
    let mut rest = window.plan.request.clone();
    rest.wishes.retain(|wish| !meant.iter().any(|given| given.group == wish.group));
    if !rest.wishes.is_empty() {
        effects.extend(edit(state, rest, window.clone()));
    }
    Some(effects)
}

/// Plans what waited for a target.
pub(super) fn aim(state: &mut State, key: InstanceKey, unaimed: Unaimed, target: CommunityId) -> Vec<Effect> {
    match unaimed {
        Unaimed::Link(marks) => plan_task(state, key, &Task::Link(target), marks),
        Unaimed::Move(marks) => plan_task(state, key, &Task::Move(target), marks),
        Unaimed::Rows(groups) => {
            let Some(Modal::Plan(window)) = state.modals.pop_if(|modal| matches!(modal, Modal::Plan(_)))
            else {
                return Vec::new();
            };
            let mut request = window.plan.request.clone();
            request.retarget(&groups, &target);
            edit(state, request, *window)
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
    // Several plans may be read at the same time.
    let Some(place) = state.modals.iter().position(|modal| waits_for(modal, ticket)) else {
        return Vec::new();
    };
    let Modal::Planning(mut planning) = state.modals.remove(place) else { return Vec::new() };
    let (now, read_only) = (state.now, state.read_only);
    let Some(instance) = state.instance_of_mut(&planning.instance) else { return Vec::new() };
    instance.take_readings(&mut readings);
    if let Purpose::Compare(comparison) = &mut planning.purpose
        && comparison.add_others(&instance.directory)
    {
        planning.request.wishes.clone_from(&comparison.desired.wishes);
        return read(state, planning.request, planning.purpose);
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
    let mut plan = Plan::make(planning.request, basis);
    if read_only {
        plan.obstacle = Some(Obstacle::ReadOnly);
    }
    let key = planning.instance;
    let is_insecure = instance.profile.address.is_insecure;
    let new = |plan: Plan| {
        let window = PlanWindow::new(key.clone(), plan, Arc::clone(&readings), planning.skipped);
        PlanWindow { is_insecure, ..window }
    };
    let window = match planning.purpose {
        Purpose::Compare(comparison) => {
            let window = DriftWindow::new(key, &differences(&plan), *comparison);
            state.modals.push(Modal::Drift(Box::new(window)));
            return Vec::new();
        }
        Purpose::Plan => new(plan),
        Purpose::Recheck(before) => {
            plan.take_choices(&before.plan);
            let window = new(plan);
            if window.plan.would_send_the_same(&before.plan) {
                return submit(state, &window);
            }
            state.notice = Some(Notice::PlanChanged);
            window.placed_like(&before)
        }
        Purpose::Edit(before) => {
            plan.take_choices(&before.plan);
            new(plan).placed_like(&before)
        }
    };
    state.modals.insert(place.min(state.modals.len()), Modal::Plan(Box::new(window)));
    Vec::new()
}

/// Whether a window is waiting for this answer.
pub(super) fn waits_for(modal: &Modal, ticket: Ticket) -> bool {
    matches!(modal, Modal::Planning(planning) if planning.progress.ticket == ticket)
}

/// Carries out a confirmed plan, or first checks it again if it is old.
pub(super) fn confirm(state: &mut State, window: &PlanWindow) -> Vec<Effect> {
    if !is_fresh(window.plan.made, state.now) {
        return read(state, window.plan.request.clone(), Purpose::Recheck(Box::new(window.clone())));
    }
    submit(state, window)
}

fn submit(state: &mut State, window: &PlanWindow) -> Vec<Effect> {
    let ticket = state.ticket();
    let order = window.plan.order();
    // The operator will want to watch the operation, so close the windows that led to it.
    state.modals.retain(|modal| !matches!(modal, Modal::Operations(_) | Modal::Drift(_)));
    if let Some(wide) = &mut state.wide {
        wide.view.unmark(window.plan.sent_groups());
    }
    if let Some(instance) = state.instance_of_mut(&window.instance) {
        instance.unmark(window.plan.sent_groups());
    }
    let (instance, read_from) = (window.instance.clone(), window.readings.journal);
    vec![Effect::Work(Work::Submit { ticket, instance, order, read_from })]
}
