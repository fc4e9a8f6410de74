//! Windows over the panes: a stack of which only the topmost receives input.

pub mod connect;
pub mod details;
pub mod finding;
pub mod instances;
pub mod item;
pub mod operations;
pub mod palette;
pub mod pasted;
pub mod plan;
pub mod save;
pub mod target;

use super::{filter::Filter, list::List, progress::Progress, scroll::Scroll};
use crate::domain::{instance::InstanceKey, plan::Request};
use connect::ConnectWindow;
use details::DetailsWindow;
use finding::FindingWindow;
use instances::InstancesWindow;
use item::ItemWindow;
use operations::OperationsWindow;
use palette::Palette;
use pasted::PastedWindow;
use plan::PlanWindow;
use save::{CommandWindow, SaveWindow};
use target::TargetWindow;

/// A window.
#[derive(Clone, Debug)]
pub enum Modal {
    /// The data for a plan is being read.
    Planning(Planning),
    /// A plan that waits to be confirmed.
    Plan(Box<PlanWindow>),
    /// The choice of a community.
    Target(TargetWindow),
    /// The operations and their history.
    Operations(OperationsWindow),
    /// The details of a group or community.
    Details(Box<DetailsWindow>),
    /// One item of an operation.
    Item(Box<ItemWindow>),
    /// The lines of a pasted list that could not be marked.
    Pasted(PastedWindow),
    /// The command line equivalent to an operation.
    Command(CommandWindow),
    /// The field for a file name.
    Save(SaveWindow),
    /// The instances.
    Instances(InstancesWindow),
    /// Connecting an instance.
    Connect(ConnectWindow),
    /// The communities, and the search for more.
    Finding(FindingWindow),
    /// The help.
    Help(Help),
    /// The command palette.
    Palette(Palette),
    /// The question whether to quit while something is running.
    Quit,
}

impl Modal {
    /// The visible part of the text, if this is a text window.
    pub fn scroll(&self) -> Option<&Scroll> {
        match self {
            Self::Details(window) => Some(&window.scroll),
            Self::Item(window) => Some(&window.scroll),
            Self::Pasted(window) => Some(&window.scroll),
            Self::Command(window) => Some(&window.scroll),
            _ => None,
        }
    }

    /// The visible part of the text, mutable.
    pub(super) fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::Details(window) => Some(&mut window.scroll),
            Self::Item(window) => Some(&mut window.scroll),
            Self::Pasted(window) => Some(&mut window.scroll),
            Self::Command(window) => Some(&mut window.scroll),
            _ => None,
        }
    }
}

/// The data for a plan is being read.
#[derive(Clone, Debug)]
pub struct Planning {
    /// The progress of the read; its ticket identifies the answer.
    pub progress: Progress,
    /// The instance.
    pub instance: InstanceKey,
    /// The operator's request.
    pub request: Request,
    /// Whether the operator skipped the remaining checks.
    pub skipped: bool,
    /// The plan that was confirmed too late and is being checked again.
    pub before: Option<Box<PlanWindow>>,
}

/// The help window.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// The lines shown, by their indices in the guide.
    pub lines: List<usize>,
    /// The filter on the lines.
    pub filter: Filter,
}

impl Help {
    /// Whether the filter field is shown above the lines.
    pub fn has_field(&self) -> bool {
        self.filter.is_open || !self.filter.is_empty()
    }
}
