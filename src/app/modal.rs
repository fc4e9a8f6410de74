//! Windows over the panes. They are a stack, and only the topmost window receives input.

pub mod connect;
pub mod details;
pub mod drift;
pub mod entry;
pub mod file;
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
pub mod target;
pub mod window;

use super::{context::Context, effect::Ticket, scroll::Scroll};
use crate::domain::instance::InstanceKey;
use window::{Scene, Window};

/// A window.
#[derive(Clone, Debug)]
pub enum Modal {
    Planning(planning::Planning),
    Plan(Box<plan::PlanWindow>),
    Target(target::TargetWindow),
    Operations(operations::OperationsWindow),
    Details(Box<details::DetailsWindow>),
    Item(Box<item::ItemWindow>),
    Pasted(pasted::PastedWindow),
    Faults(drift::FaultsWindow),
    Drift(Box<drift::DriftWindow>),
    Command(file::CommandWindow),
    File(file::FileWindow),
    Instances(instances::InstancesWindow),
    Connect(connect::ConnectWindow),
    Entry(Box<entry::EntryWindow>),
    Removal(entry::RemovalWindow),
    Finding(finding::FindingWindow),
    Help(help::Help),
    Palette(palette::Palette),
    Quit(quit::Quit),
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
            $crate::app::modal::Modal::Faults($window) => $call,
            $crate::app::modal::Modal::Drift($window) => $call,
            $crate::app::modal::Modal::Command($window) => $call,
            $crate::app::modal::Modal::File($window) => $call,
            $crate::app::modal::Modal::Instances($window) => $call,
            $crate::app::modal::Modal::Connect($window) => $call,
            $crate::app::modal::Modal::Entry($window) => $call,
            $crate::app::modal::Modal::Removal($window) => $call,
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

    /// Takes the progress of a read, if the window waits for that read.
    pub(super) fn take_progress(&mut self, ticket: Ticket, done: usize, total: usize) {
        with_window!(self, window => window.take_progress(ticket, done, total));
    }

    /// The plan in it, if it is a plan.
    pub fn as_plan(&self) -> Option<&plan::PlanWindow> {
        if let Self::Plan(window) = self { Some(window) } else { None }
    }

    /// The instances that it is about.
    pub(super) fn instances(&self) -> Vec<&InstanceKey> {
        match self {
            Self::Planning(window) => window.parts.iter().map(|part| &part.request.instance).collect(),
            Self::Plan(window) => window.shares.iter().map(|share| &share.instance).collect(),
            Self::Target(window) => vec![&window.instance],
            Self::Operations(window) => window.instance.iter().collect(),
            Self::Details(window) => vec![&window.instance],
            Self::Item(window) => vec![&window.instance],
            Self::Drift(window) => vec![&window.instance],
            Self::File(window) => vec![&window.instance],
            Self::Connect(window) => vec![&window.instance],
            Self::Finding(window) => vec![&window.instance],
            Self::Pasted(_)
            | Self::Faults(_)
            | Self::Command(_)
            | Self::Instances(_)
            | Self::Entry(_)
            | Self::Removal(_)
            | Self::Help(_)
            | Self::Palette(_)
            | Self::Quit(_) => Vec::new(),
        }
    }

    /// Whether it shows passing time.
    pub(super) fn shows_time(&self) -> bool {
        with_window!(self, window => window.shows_time())
    }
}
