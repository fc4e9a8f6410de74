//! Which number acts on which group, in a plan of the view over all instances.

use std::collections::{BTreeMap, HashSet};

use crate::{
    app::{instance::Instance, modal::plan::PlanWindow, notice::Notice, state::State, wide::Wide},
    domain::{
        capability::Capabilities,
        id::CommunityId,
        plan::{Mark, Request, Task, Want, Wish},
    },
};

/// The requests to the numbers that act on marks of the view over all instances, and a message if no number can act on some of them.
/// Leaving cannot be undone, so the operator has to say which number leaves a group that several are in: by marking it there.
pub(super) fn shared_out(
    wide: &Wide,
    instances: &[Instance],
    task: &Task,
    marks: Vec<Mark>,
) -> (Vec<Request>, Option<Notice>) {
    let mut shares: BTreeMap<usize, Vec<Mark>> = BTreeMap::new();
    let (mut left, mut ambiguous) = (0, 0);
    for mark in marks {
        let at = if *task == Task::Leave && wide.holders(mark.group.as_str()).len() > 1 {
            let [only] = wide.marked_for(instances, &mark.group)[..] else {
                ambiguous += 1;
                continue;
            };
            Some(only)
        } else {
            let communities: Vec<&CommunityId> = task.target().into_iter().chain(&mark.source).collect();
            wide.acting(instances, &mark.group, &communities, |one| {
                has_calls(&Wish::of(task, mark.clone()), one)
            })
        };
        match at.and_then(|at| Some((at, wide.own_mark(at, &instances[at], &mark)?))) {
            Some((at, mark)) => shares.entry(at).or_default().push(mark),
            None => left += 1,
        }
    }
    let request = |(at, marks): (usize, Vec<Mark>)| {
        let target = task.target().and_then(|target| wide.own_community(at, target));
        let task = target.map_or_else(|| task.clone(), |target| task.clone().aimed_at(target.clone()));
        Request::new(instances[at].key().clone(), &task, marks)
    };
    let requests = shares.into_iter().map(request).collect();
    let notice = match (left, ambiguous) {
        (_, 1..) => Some(Notice::LeaveAlone(ambiguous)),
        (1.., _) => Some(Notice::NoNumberFor(left)),
        _ => None,
    };
    (requests, notice)
}

/// The requests after these rows of a plan were given to the next number that can act on all of them. `None` without one.
pub(super) fn handed_over(state: &State, window: &PlanWindow, rows: &[usize]) -> Option<Vec<Request>> {
    let wide = state.wide()?;
    let meant = wishes(state, window, rows);
    let (first, _) = meant.first()?;
    let count = state.instances.len();
    let gifts = (1..count).map(|step| (first + step) % count).find_map(|to| {
        let others = meant.iter().filter(|(from, _)| *from != to);
        others.map(|(from, wish)| Gift::of(wide, state, (*from, to), wish)).collect::<Option<Vec<_>>>()
    })?;
    Some(given(state, window, gifts))
}

/// The requests after another community was chosen for rows of a plan, and for how many of these no number is in both the group and
/// that community. A number that is in that community keeps its rows.
pub(super) fn retargeted(
    state: &State,
    window: &PlanWindow,
    rows: &[usize],
    target: &CommunityId,
) -> (Vec<Request>, usize) {
    let Some(wide) = state.wide().filter(|_| window.is_of_all()) else {
        return (window.changed(rows, |request, groups| request.retarget(groups, target)), 0);
    };
    let (mut gifts, mut kept) = (Vec::new(), 0);
    for (from, wish) in wishes(state, window, rows) {
        let wish = Wish { want: Want::In(target.clone()), ..wish.clone() };
        let communities: Vec<&CommunityId> = [target].into_iter().chain(wish.source()).collect();
        let other = || wide.acting(&state.instances, &wish.group, &communities, |one| has_calls(&wish, one));
        let gift = |to| Gift::of(wide, state, (from, to), &wish);
        match gift(from).or_else(|| gift(other()?)) {
            Some(gift) => gifts.push(gift),
            None => kept += 1,
        }
    }
    (given(state, window, gifts), kept)
}

/// Whether a gateway has the calls for a wish.
fn has_calls(wish: &Wish, capabilities: &Capabilities) -> bool {
    let links = wish.target().is_some();
    let unlinks = wish.moves() || wish.want == Want::InNone;
    (!links || capabilities.links) && (!unlinks || capabilities.unlinks)
}

/// A wish that one number passes to another, in the other's ids.
struct Gift {
    from: usize,
    to: usize,
    wish: Wish,
}

impl Gift {
    /// A wish of the view over all instances as a gift; `None` if the number that receives it cannot act on it.
    fn of(wide: &Wide, state: &State, (from, to): (usize, usize), wish: &Wish) -> Option<Self> {
        let instance = &state.instances[to];
        if from != to && !has_calls(wish, &instance.profile.capabilities) {
            return None;
        }
        let mut wish = wide.own_wish(to, instance, wish)?;
        // The other number has sent nothing for the group yet.
        wish.earlier = wish.earlier.filter(|_| from == to);
        Some(Self { from, to, wish })
    }
}

/// The wishes of these rows in the ids of the view over all instances, each with the index of the instance that acts.
fn wishes<'a>(state: &State, window: &'a PlanWindow, rows: &[usize]) -> Vec<(usize, &'a Wish)> {
    let wishes = window.plan.request.wishes_by_group();
    let of_row = |at: &usize| {
        let share = window.share_of(*at)?;
        Some((state.place_of(&share.instance)?, *wishes.get(&window.plan.rows[*at].group)?))
    };
    rows.iter().filter_map(of_row).collect()
}

/// The requests of a plan after gifts. A number that has nothing left to do is not asked.
fn given(state: &State, window: &PlanWindow, gifts: Vec<Gift>) -> Vec<Request> {
    let requests = window.requests().into_iter();
    let mut by_number: BTreeMap<usize, Request> =
        requests.filter_map(|request| Some((state.place_of(&request.instance)?, request))).collect();
    let gone: HashSet<(usize, &str)> = gifts
        .iter()
        .filter(|gift| gift.from != gift.to)
        .map(|gift| (gift.from, gift.wish.group.bare()))
        .collect();
    for (at, request) in &mut by_number {
        request.wishes.retain(|wish| !gone.contains(&(*at, wish.group.bare())));
    }
    for Gift { to, wish, .. } in gifts {
        let request = by_number.entry(to).or_insert_with(|| Request {
            instance: state.instances[to].key().clone(),
            verb: window.plan.request.verb,
            wishes: Vec::new(),
            parent: None,
        });
        match request.wishes.iter_mut().find(|own| own.group == wish.group) {
            Some(own) => *own = wish,
            None => request.wishes.push(wish),
        }
    }
    by_number.into_values().filter(|request| !request.wishes.is_empty()).collect()
}
