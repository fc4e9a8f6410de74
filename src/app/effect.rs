//! What a change of state asks of the world, as data.

use crate::domain::{
    community::CommunityRef,
    event::Order,
    id::{CommunityId, GroupId},
    instance::InstanceKey,
    pairing::Way,
    private::Private,
    reading::Scope,
};

/// Names a piece of work whose answer somebody waits for. An answer whose ticket nobody waits for is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something to be done outside the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// By the terminal.
    Terminal(Terminal),
    /// By the runtime.
    Work(Work),
}

/// What the terminal is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// Draw everything again.
    Repaint,
    /// Give the terminal back and stop until the shell goes on.
    Suspend,
    /// Put this text on the clipboard of the terminal.
    Copy(String),
    /// End the program.
    Quit,
}

/// What the runtime is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Reads all that an instance has.
    Load {
        /// Bears the answers.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// The communities that are known already.
        known: Vec<CommunityRef>,
    },
    /// Reads what a plan needs.
    Read {
        /// Bears the answers.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// What is to be read.
        scopes: Vec<Scope>,
    },
    /// Answers a read at once with what was read so far.
    FinishRead(Ticket),
    /// Asks which of these groups are communities.
    Discover {
        /// Bears the answers.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// The groups, the likeliest first.
        candidates: Vec<GroupId>,
    },
    /// Reads whether an instance is connected, and, where the gateway lists instances, which ones.
    Survey {
        /// Bears the answer.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
    },
    /// Connects an instance to `WhatsApp`, and looks until it is connected.
    Connect {
        /// Bears the answers.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// How.
        way: Way,
    },
    /// Reads the listing of a community that somebody named.
    FindCommunity {
        /// Bears the answer.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// What was typed: an id, or what leads to one.
        given: Private,
    },
    /// Gives up a piece of work; nothing more is heard of it.
    Cancel(Ticket),
    /// Hands an order to the engine.
    Submit {
        /// Bears the answer.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// What is to be carried out.
        order: Order,
    },
    /// Acts on the operation that runs.
    Control {
        /// The instance.
        instance: InstanceKey,
        /// What is asked.
        control: Control,
    },
    /// Remembers communities and groups that were found out.
    Remember {
        /// The instance.
        instance: InstanceKey,
        /// Communities.
        communities: Vec<CommunityRef>,
        /// Groups that turned out to be ordinary.
        ordinary: Vec<GroupId>,
    },
    /// Reads of which groups an invite link is kept.
    ReadLinks(InstanceKey),
    /// Forgets a community that was left.
    Forget {
        /// The instance.
        instance: InstanceKey,
        /// The community.
        community: CommunityId,
    },
}

/// What is asked of the operation that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// End after the request in flight.
    Stop,
    /// Send nothing until told to go on.
    Pause,
    /// Go on.
    Resume,
}
