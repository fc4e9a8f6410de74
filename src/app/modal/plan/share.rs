//! The share of each number in a plan: in a plan of the view over all instances, each number has its own plan, in its own ids.

use std::{borrow::Cow, collections::HashSet, ops::Range, sync::Arc};

use super::PlanWindow;
use crate::domain::{
    id::GroupId,
    instance::InstanceKey,
    plan::{Plan, Request},
    reading::Readings,
};

/// The part of a plan that one number carries out.
#[derive(Clone, Debug)]
pub struct Share {
    pub instance: InstanceKey,
    pub readings: Arc<Readings>,
    /// The plan as it was made for this number; `None` in a window that shows it as it is.
    made: Option<Box<Plan>>,
}

impl Share {
    /// The share of the number that a plan was made for.
    pub fn new(plan: Plan, readings: Arc<Readings>) -> Self {
        Self { instance: plan.request.instance.clone(), readings, made: Some(Box::new(plan)) }
    }

    /// The plan as it was made for this number, unless the window shows it as it is.
    pub fn made(&self) -> Option<&Plan> {
        self.made.as_deref()
    }

    /// Takes the plan out of it, for a window that shows it as it is.
    pub fn take_plan(&mut self) -> Option<Plan> {
        self.made.take().map(|plan| *plan)
    }
}

impl PlanWindow {
    /// Whether it is a plan of the view over all instances, in which several numbers may act.
    pub fn is_of_all(&self) -> bool {
        self.shares.iter().any(|share| share.made.is_some())
    }

    /// The shares with their rows in the plan.
    pub fn ranges(&self) -> impl Iterator<Item = (&Share, Range<usize>)> {
        let mut end = 0;
        self.shares.iter().map(move |share| {
            let begin = end;
            end += share.made().map_or(self.plan.rows.len(), |plan| plan.rows.len());
            (share, begin..end)
        })
    }

    /// The share that a row belongs to.
    pub fn share_of(&self, row: usize) -> Option<&Share> {
        self.ranges().find(|(_, rows)| rows.contains(&row)).map(|(share, _)| share)
    }

    /// The plans of all numbers, in their own ids and as they stand.
    pub fn plans(&self) -> impl Iterator<Item = (&Share, Cow<'_, Plan>)> {
        self.ranges().map(|(share, rows)| match share.made() {
            Some(plan) => (share, Cow::Owned(plan.chosen_as(&self.plan.rows[rows]))),
            None => (share, Cow::Borrowed(&self.plan)),
        })
    }

    /// The share that can be used again for a request: it was made for the same request, at a time that `is_new` accepts.
    pub fn reusable(&self, request: &Request, is_new: impl Fn(&Plan) -> bool) -> Option<Share> {
        let mut plans = self.shares.iter().map(|share| (share, share.made().unwrap_or(&self.plan)));
        let (share, plan) = plans.find(|(_, plan)| plan.request == *request && is_new(plan))?;
        Some(Share::new(plan.clone(), Arc::clone(&share.readings)))
    }

    /// The requests to the numbers.
    pub fn requests(&self) -> Vec<Request> {
        self.changed(&[], |_, _| {})
    }

    /// The requests to the numbers after a change for the groups of these rows.
    pub fn changed(&self, rows: &[usize], change: impl Fn(&mut Request, &HashSet<GroupId>)) -> Vec<Request> {
        let changed = |(share, range): (&Share, Range<usize>)| {
            let plan = share.made().unwrap_or(&self.plan);
            let own = rows.iter().filter(|at| range.contains(at)).map(|at| at - range.start);
            let groups: HashSet<GroupId> = own.map(|at| plan.rows[at].group.clone()).collect();
            let mut request = plan.request.clone();
            if !groups.is_empty() {
                change(&mut request, &groups);
            }
            request
        };
        self.ranges().map(changed).collect()
    }
}
