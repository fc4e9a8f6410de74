//! The window in which the data for a plan is being read.

use super::{drift::Comparison, plan::PlanWindow, window::Window};
use crate::{
    app::{context::Context, effect::Ticket, progress::WindowProgress},
    domain::{instance::InstanceKey, plan::Request},
};

/// The data for a plan is being read.
#[derive(Clone, Debug)]
pub struct Planning {
    /// The progress of the read; its ticket identifies the answer.
    pub progress: WindowProgress,
    pub instance: InstanceKey,
    /// The operator's request.
    pub request: Request,
    /// Whether the operator skipped the remaining checks.
    pub skipped: bool,
    pub purpose: Purpose,
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

impl Window for Planning {
    fn context(&self) -> Context {
        Context::Planning
    }

    fn take_progress(&mut self, ticket: Ticket, done: usize, total: usize) {
        if self.progress.ticket == ticket {
            (self.progress.done, self.progress.total) = (done, total);
        }
    }

    fn shows_time(&self) -> bool {
        // The time left, or when requests may be sent again.
        true
    }
}
