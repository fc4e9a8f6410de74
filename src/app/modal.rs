//! Windows over the panes: a stack, of which only the topmost gets input.

pub mod connect;
pub mod details;
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
    /// What a plan needs is being read.
    Planning(Planning),
    /// A plan that waits to be confirmed.
    Plan(Box<PlanWindow>),
    /// A community is chosen.
    Target(TargetWindow),
    /// The operations and their history.
    Operations(OperationsWindow),
    /// What is known of a group or community.
    Details(Box<DetailsWindow>),
    /// One item of an operation.
    Item(Box<ItemWindow>),
    /// What of a pasted list could not be marked.
    Pasted(PastedWindow),
    /// The command line that asks for the same as an operation.
    Command(CommandWindow),
    /// A file name is typed.
    Save(SaveWindow),
    /// The instances.
    Instances(InstancesWindow),
    /// An instance is connected.
    Connect(ConnectWindow),
    /// The keys.
    Help(Help),
    /// Every action by its name.
    Palette(Palette),
    /// Whether to leave although something runs.
    Quit,
}

impl Modal {
    /// What part of its text is on the screen, where the window is one of running text.
    pub fn scroll(&self) -> Option<&Scroll> {
        match self {
            Self::Details(window) => Some(&window.scroll),
            Self::Item(window) => Some(&window.scroll),
            Self::Pasted(window) => Some(&window.scroll),
            Self::Command(window) => Some(&window.scroll),
            _ => None,
        }
    }

    /// The same, to change it.
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

/// What a plan needs is being read.
#[derive(Clone, Debug)]
pub struct Planning {
    /// How far it is; bears the answer.
    pub progress: Progress,
    /// The instance.
    pub instance: InstanceKey,
    /// What was asked for.
    pub request: Request,
    /// The operator skipped what is left.
    pub skipped: bool,
    /// The plan that was confirmed too late and is checked again.
    pub before: Option<Box<PlanWindow>>,
}

/// The window with the keys.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// The lines that are shown, by their places in the guide.
    pub lines: List<usize>,
    /// What is looked for among them.
    pub filter: Filter,
}

impl Help {
    /// Whether the field stands above the lines.
    pub fn has_field(&self) -> bool {
        self.filter.is_open || !self.filter.is_empty()
    }
}
