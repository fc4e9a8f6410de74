//! What the operator asks for, independent of the key.

use tui_input::InputRequest;

use crate::domain::capability::Capabilities;

/// A command of the operator. The names in the key table and in the configuration refer to these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Moves the cursor of the focused list.
    Go(Motion),
    /// Gives the focus to another pane.
    Focus(FocusChange),
    /// Marks, or changes which marks are shown.
    Mark(Marking),
    /// Makes a plan for one of the verbs.
    Plan(Planned),
    /// Controls the running operation.
    Run(Running),
    /// Retries, undoes or resumes an operation that has ended, or checks it again.
    FollowUp(FollowUp),
    Operations,
    Filter,
    Edit(InputRequest),
    /// In a filter: completes the search term that is being typed.
    Complete,
    /// Enter: accepts the text in a field, or opens the row under the cursor. Never confirms a plan.
    Accept,
    /// Opens the details of the row under the cursor.
    Details,
    /// Gives the focused pane the whole screen, or its part of it again.
    Zoom,
    /// Moves the line between the focused pane and the next one.
    Divide(Side),
    /// Goes back one level.
    Cancel,
    /// In a plan: carries it out.
    Confirm,
    /// In a plan: chooses another community to link to. While the plan is being made: skips the remaining checks.
    ChangeTarget,
    /// In a plan: turns rows that are in another community into moves, or back.
    TurnIntoMoves,
    /// In a plan of the view over all instances: gives rows to another number.
    HandOver,
    /// Skips the remaining checks of a plan.
    SkipChecks,
    /// Compares the instance with a file that says where groups belong.
    CompareFile,
    /// Switches between the groups in no community and all groups.
    ToggleAllGroups,
    Sort,
    Refresh,
    /// Shows the communities and the search for more. In that window: asks the gateway which groups are communities.
    FindCommunities,
    AddCommunity,
    ForgetCommunity,
    Instances,
    /// Adds an instance to the configuration.
    AddInstance,
    /// Changes the entry of the instance under the cursor.
    EditInstance,
    /// Removes the entry of the instance under the cursor.
    RemoveInstance,
    /// Shows all instances as one, or a single one again.
    AllInstances,
    NextInstance,
    PreviousInstance,
    /// Connects the instance under the cursor to `WhatsApp`.
    Connect(By),
    /// Copies the id of the row under the cursor.
    Copy,
    /// A command that only some windows offer.
    InWindow(InWindow),
    Help,
    Palette,
    NextTheme,
    /// Redraws the whole screen.
    Repaint,
    Suspend,
    /// Quits the program, and lets what it runs go on in the background.
    Detach,
    Quit,
    /// Ctrl-C: stops the running operations. Pressed twice, quits the program.
    Interrupt,
}

/// How a cursor moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motion {
    Up,
    Down,
    PageUp,
    PageDown,
    HalfPageUp,
    HalfPageDown,
    First,
    Last,
}

/// Left or right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Left,
    Right,
}

/// Which pane gets the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FocusChange {
    /// The next one; after the last comes the first.
    Next,
    /// The previous one; before the first comes the last.
    Previous,
    /// The previous one, if there is one.
    Back,
}

/// How the marks change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marking {
    /// Marks the row under the cursor and moves down; in a plan: ticks the row.
    Toggle,
    /// Begins a range, or marks the range that was begun.
    Range,
    /// Extends a range to the row above.
    ExtendUp,
    /// Extends a range to the row below.
    ExtendDown,
    All,
    /// Inverts the marks of the rows shown.
    Invert,
    Clear,
    /// Shows only marked rows, or everything again.
    OnlyMarked,
}

/// The verbs, as the keys name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Planned {
    /// Links to the community under the cursor of the left pane.
    Link,
    /// Unlinks the groups from their communities.
    Unlink,
    /// Moves to a community that the operator then chooses.
    Move,
    Leave,
}

impl Planned {
    /// Whether a gateway has the calls that it needs.
    pub fn is_possible(self, capabilities: &Capabilities) -> bool {
        match self {
            Self::Link => capabilities.links,
            Self::Unlink => capabilities.unlinks,
            Self::Move => capabilities.links && capabilities.unlinks,
            Self::Leave => true,
        }
    }

    /// The key of the message that a gateway has no such call.
    pub fn impossible(self) -> &'static str {
        match self {
            Self::Link => "no-call-to-link",
            Self::Unlink => "no-call-to-unlink",
            Self::Move | Self::Leave => "no-call-to-move",
        }
    }
}

/// What to do with an operation that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FollowUp {
    /// Retry the items that may be retried.
    Retry,
    /// Undo the verified items.
    Undo,
    /// Continue with the remaining items, or rejoin the groups that were left.
    Resume,
    /// Check the unsettled items once more, without sending anything.
    Look,
}

/// How to control the running operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Running {
    /// Stops after the request in flight.
    Stop,
    Pause,
}

/// A command that only some windows offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InWindow {
    /// Shows the group's invite link, or hides it.
    InviteLink,
    /// Writes the window's content to a file.
    Write,
    /// Switches to the other file format.
    NextForm,
    /// Takes the secret in the field from somewhere else: typed, a variable, a file, a command.
    NextOrigin,
    /// Writes the entry although its gateway could not be asked, or no phone is connected.
    SaveAnyway,
}

/// The method of connecting an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// With a QR code for the phone's camera.
    Qr,
    /// With a code that is entered on the phone.
    Number,
    /// With the session that the gateway still holds.
    Session,
}
