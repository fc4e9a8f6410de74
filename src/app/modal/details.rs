//! What is known of one group or community, in a window: read afresh when it opens, with its history in the journal, and its
//! invite link once that is asked for.

use crate::{
    app::{effect::Ticket, scroll::Scroll},
    domain::{
        community::GroupDetails,
        failure::Failure,
        history::{Past, Subject},
        instance::InstanceKey,
        invite::InviteLink,
        sentence::Sentence,
    },
};

/// The window with the details of a row.
#[derive(Clone, Debug)]
pub struct DetailsWindow {
    /// The instance.
    pub instance: InstanceKey,
    /// The group or community.
    pub subject: Subject,
    /// The read under way.
    pub reading: Option<Reading>,
    /// What the gateway says of it alone, or why it does not.
    pub details: Option<Result<GroupDetails, Failure>>,
    /// What the journal has of it.
    pub history: History,
    /// All that is told of its history: what is on the screen, and what the journal has beside.
    pub past: Vec<Past>,
    /// Its invite link; gone when the window closes.
    pub invite: Invite,
    /// What part of it is on the screen.
    pub scroll: Scroll,
}

/// A read that a window waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Bears the answers.
    pub ticket: Ticket,
    /// Reads that are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// What the journal has beside the operations on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    /// It is being read.
    Reading(Ticket),
    /// It was read.
    Read(Vec<Past>),
    /// It could not be read.
    Failed(Sentence),
}

/// An invite link on demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invite {
    /// Nobody asked for it.
    Hidden,
    /// It is being read.
    Reading(Ticket),
    /// It is shown.
    Shown(InviteLink),
    /// The gateway gives none.
    None,
    /// It could not be read.
    Failed(Failure),
}

impl DetailsWindow {
    /// The pieces of work that it waits for.
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
