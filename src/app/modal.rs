//! Windows over the panes: a stack of which only the topmost receives input.

pub mod connect;
pub mod details;
pub mod finding;
pub mod help;
pub mod instances;
pub mod item;
pub mod operations;
pub mod palette;
pub mod pasted;
pub mod plan;
pub mod planning;
pub mod quit;
pub mod save;
pub mod target;
pub mod window;

use super::{context::Context, scroll::Scroll};
use connect::ConnectWindow;
use details::DetailsWindow;
use finding::FindingWindow;
use help::Help;
use instances::InstancesWindow;
use item::ItemWindow;
use operations::OperationsWindow;
use palette::Palette;
use pasted::PastedWindow;
use plan::PlanWindow;
use planning::Planning;
use quit::Quit;
use save::{CommandWindow, SaveWindow};
use target::TargetWindow;
use window::{Scene, Window};

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
    Quit(Quit),
}

/// Does something with the window in a [`Modal`], whichever it is.
macro_rules! with_window {
    ($modal:expr, $window:ident => $call:expr) => {
        match $modal {
            $crate::app::modal::Modal::Planning($window) => $call,
            $crate::app::modal::Modal::Plan($window) => $call,
            $crate::app::modal::Modal::Target($window) => $call,
            $crate::app::modal::Modal::Operations($window) => $call,
            $crate::app::modal::Modal::Details($window) => $call,
            $crate::app::modal::Modal::Item($window) => $call,
            $crate::app::modal::Modal::Pasted($window) => $call,
            $crate::app::modal::Modal::Command($window) => $call,
            $crate::app::modal::Modal::Save($window) => $call,
            $crate::app::modal::Modal::Instances($window) => $call,
            $crate::app::modal::Modal::Connect($window) => $call,
            $crate::app::modal::Modal::Finding($window) => $call,
            $crate::app::modal::Modal::Help($window) => $call,
            $crate::app::modal::Modal::Palette($window) => $call,
            $crate::app::modal::Modal::Quit($window) => $call,
        }
    };
}
pub(super) use with_window;

impl Modal {
    /// What receives the keys while this window is the topmost.
    pub fn context(&self) -> Context {
        with_window!(self, window => window.context())
    }

    /// Rebuilds its rows, and sets the heights of its lists.
    pub(super) fn settle(&mut self, scene: Scene<'_>) {
        with_window!(self, window => window.settle(scene));
    }

    /// The visible part of the text, if this is a text window.
    pub(super) fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        with_window!(self, window => window.scroll_mut())
    }

    /// Whether it shows passing time.
    pub(super) fn shows_time(&self) -> bool {
        with_window!(self, window => window.shows_time())
    }
}
