//! The details of one group or community, in a window: read afresh when it opens, with its history from the journal,
//! and its invite link on request.

use crate::{
    app::{
        context::Context,
        effect::Ticket,
        layout::page_size,
        modal::window::{Scene, Window},
        scroll::Scroll,
    },
    domain::{
        community::GroupDetails,
        failure::Failure,
        history::{self, HistorySubject, Past},
        instance::InstanceKey,
        invite::InviteLink,
        message::Message,
    },
};

/// The window with the details of a row.
#[derive(Clone, Debug)]
pub struct DetailsWindow {
    pub instance: InstanceKey,
    pub subject: HistorySubject,
    pub reading: Option<Reading>,
    /// The gateway's details of this group or community, or why there are none.
    pub details: Option<Result<GroupDetails, Failure>>,
    pub history: History,
    /// The whole history shown: the operations on the screen, and the journal's others.
    pub past: Vec<Past>,
    /// Its invite link; dropped when the window closes.
    pub invite: Invite,
    /// The visible part of the text.
    pub scroll: Scroll,
}

/// A read that a window is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub ticket: Ticket,
    /// The number of finished reads.
    pub done: usize,
    /// The total number of reads.
    pub total: usize,
}

/// The journal's entries besides the operations on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    Reading(Ticket),
    Read(Vec<Past>),
    /// It could not be read.
    Failed(Message),
}

/// An invite link, read on request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invite {
    /// Nobody has requested it.
    Hidden,
    Reading(Ticket),
    Shown(InviteLink),
    /// The gateway gives no link.
    None,
    /// It could not be read.
    Failed(Failure),
}

impl DetailsWindow {
    /// The tickets of the work it is waiting for.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        let history = match &self.history {
            History::Reading(ticket) => Some(*ticket),
            History::Read(_) | History::Failed(_) => None,
        };
        let invite = match &self.invite {
            Invite::Reading(ticket) => Some(*ticket),
            _ => None,
        };
        [self.reading.map(|reading| reading.ticket), history, invite].into_iter().flatten()
    }
}

impl Window for DetailsWindow {
    fn context(&self) -> Context {
        Context::Details
    }

    fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        Some(&mut self.scroll)
    }

    fn take_progress(&mut self, ticket: Ticket, done: usize, total: usize) {
        if let Some(reading) = self.reading.as_mut().filter(|reading| reading.ticket == ticket) {
            (reading.done, reading.total) = (done, total);
        }
    }

    /// Rebuilds the history, including the operations that are still running.
    fn settle(&mut self, scene: Scene<'_>) {
        self.scroll.set_height(usize::from(scene.lines(page_size(self.scroll.lines()))));
        let Some(instance) = scene.instance(&self.instance) else { return };
        let older: &[Past] = match &self.history {
            History::Read(past) => past,
            History::Reading(_) | History::Failed(_) => &[],
        };
        let newer =
            instance.operations.wholes().filter_map(|operation| history::past(operation, &self.subject));
        self.past = history::merged(newer, older);
    }
}
