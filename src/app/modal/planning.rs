//! The window in which the data for a plan is being read.

use super::{
    drift::Comparison,
    plan::{PlanWindow, Share},
    window::Window,
};
use crate::{
    app::{context::Context, effect::Ticket, progress::WindowProgress},
    domain::{instance::InstanceKey, plan::Request},
};

/// The data for a plan is being read.
#[derive(Clone, Debug)]
pub struct Planning {
    /// The instance whose ids the plan will show: the one that acts, or the view over all.
    pub instance: InstanceKey,
    /// What each number is to do.
    pub parts: Vec<PlanningPart>,
    /// Whether the operator skipped the remaining checks.
    pub skipped: bool,
    pub purpose: Purpose,
}

/// What one number is to do.
#[derive(Clone, Debug)]
pub struct PlanningPart {
    /// The operator's request to it.
    pub request: Request,
    /// The progress of its read; the ticket identifies the answer.
    pub progress: WindowProgress,
    /// Its share of the plan, once the data has been read.
    pub share: Option<Share>,
}

/// What the data is for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// A new plan.
    Plan,
    /// The plan that was confirmed too late and is being checked again.
    Recheck(Box<PlanWindow>),
    /// The plan that the operator edits, and so has not confirmed.
    Edit(Box<PlanWindow>),
    /// A comparison of the instance with a file.
    Compare(Box<Comparison>),
}

impl Purpose {
    /// The plan that is made again.
    pub fn before(&self) -> Option<&PlanWindow> {
        match self {
            Self::Recheck(before) | Self::Edit(before) => Some(before),
            Self::Plan | Self::Compare(_) => None,
        }
    }
}

impl Planning {
    /// The reads that have not ended.
    pub fn open(&self) -> impl Iterator<Item = &PlanningPart> {
        self.parts.iter().filter(|part| part.share.is_none())
    }

    /// The tickets of the reads that have not ended.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.open().map(|part| part.progress.ticket)
    }

    /// How many reads are done, of how many, for all numbers together.
    pub fn progress(&self) -> (usize, usize) {
        let sum = |part: fn(&WindowProgress) -> usize| self.parts.iter().map(|one| part(&one.progress)).sum();
        (sum(|progress| progress.done), sum(|progress| progress.total))
    }
}

impl Window for Planning {
    fn context(&self) -> Context {
        Context::Planning
    }

    fn take_progress(&mut self, ticket: Ticket, done: usize, total: usize) {
        for part in self.parts.iter_mut().filter(|part| part.progress.ticket == ticket) {
            (part.progress.done, part.progress.total) = (done, total);
        }
    }

    fn shows_time(&self) -> bool {
        // The time left, or when requests may be sent again.
        true
    }
}
