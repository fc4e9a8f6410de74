//! Windows over the panes: a stack, of which only the topmost gets input.

pub mod connect;
pub mod finding;
pub mod instances;
pub mod operations;
pub mod plan;
pub mod target;

use super::{effect::Ticket, list::List};
use crate::domain::{instance::InstanceKey, plan::Request};
use connect::ConnectWindow;
use finding::FindingWindow;
use instances::InstancesWindow;
use operations::OperationsWindow;
use plan::PlanWindow;
use target::TargetWindow;

/// A window.
#[derive(Clone, Debug)]
pub enum Modal {
    /// What a plan needs is being read.
    Planning(Planning),
    /// A plan that waits to be confirmed.
    Plan(Box<PlanWindow>),
    /// A community is chosen.
    Target(TargetWindow),
    /// The operations and their history.
    Operations(OperationsWindow),
    /// The instances.
    Instances(InstancesWindow),
    /// An instance is connected.
    Connect(ConnectWindow),
    /// The communities, and the search for more.
    Finding(FindingWindow),
    /// The keys.
    Help(Help),
    /// Whether to leave although something runs.
    Quit,
}

/// What a plan needs is being read.
#[derive(Clone, Debug)]
pub struct Planning {
    /// Bears the answer.
    pub ticket: Ticket,
    /// The instance.
    pub instance: InstanceKey,
    /// What was asked for.
    pub request: Request,
    /// Reads that are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
    /// The operator skipped what is left.
    pub skipped: bool,
    /// The plan that was confirmed too late and is checked again.
    pub before: Option<Box<PlanWindow>>,
}

/// The window with the keys.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// Which line is at the top; the view has as many as the key table.
    pub lines: List<usize>,
}
