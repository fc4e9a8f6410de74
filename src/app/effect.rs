//! What a change of state asks of the world, as data.

use std::sync::Arc;

use crate::domain::{
    community::{CommunityListing, CommunityRef, GroupList},
    event::Order,
    history::Subject,
    id::{CommunityId, GroupId, OperationId},
    instance::InstanceKey,
    invite::InviteLink,
    operation::Operation,
    pairing::Way,
    plan::{Needs, Plan},
    private::Private,
    reading::{Readings, Scope},
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
    /// The same with an invite link, which is told nowhere else.
    CopySecret(InviteLink),
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
        /// Nothing was read yet: what an earlier run read is told meanwhile.
        recall: bool,
    },
    /// Reads some scopes, and what a plan needs in view of what they gave.
    Read {
        /// Bears the answers.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// What is to be read.
        scopes: Vec<Scope>,
        /// What the plan that is made from it needs in view of what they give.
        needs: Option<Box<Needs>>,
    },
    /// Looks once more for what an ended operation could not settle.
    LookAgain {
        /// The instance.
        instance: InstanceKey,
        /// The operation.
        operation: OperationId,
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
        /// How far the journal had come before the plan was read.
        read_from: Option<u64>,
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
    /// Keeps what was read, to be shown at the next start.
    Keep {
        /// The instance.
        instance: InstanceKey,
        /// The list of groups.
        groups: Option<Arc<GroupList>>,
        /// The listings that were read.
        listings: Vec<Arc<CommunityListing>>,
    },
    /// Reads what the journal has of a group or community.
    ReadHistory {
        /// Bears the answer.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// The group or community.
        subject: Subject,
    },
    /// Reads what the journal has of one item.
    ReadTimeline {
        /// Bears the answer.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// The operation.
        operation: OperationId,
        /// The item.
        item: usize,
    },
    /// Asks the gateway for a group's invite link.
    ReadInvite {
        /// Bears the answer.
        ticket: Ticket,
        /// The instance.
        instance: InstanceKey,
        /// The group.
        group: GroupId,
    },
    /// Writes a new file; one that is there already stays as it is.
    Write {
        /// Bears the answer.
        ticket: Ticket,
        /// Its name as it was typed.
        file: String,
        /// What is to stand in it.
        document: Document,
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

/// What is written to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// A plan, as `--plan` writes it.
    Plan {
        /// How the operator calls the instance.
        instance: String,
        /// The plan.
        plan: Box<Plan>,
        /// What it was made from.
        readings: Arc<Readings>,
    },
    /// An operation, as `synod operations export` writes it.
    Operation {
        /// How the operator calls the instance.
        instance: String,
        /// The operation.
        operation: Box<Operation>,
        /// In which form.
        form: Form,
    },
}

/// The forms of an exported operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table for spreadsheets.
    Csv,
    /// One event a line.
    Json,
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
