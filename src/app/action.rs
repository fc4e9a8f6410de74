//! What the operator asks for, whatever key asked for it.

use tui_input::InputRequest;

pub use super::modal::connect::By;

/// Something the operator asks for. The names in the key table and in the configuration stand for these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Moves the cursor of the list that has the focus.
    Go(Motion),
    /// Gives the focus to another pane.
    Focus(FocusChange),
    /// Marks, or changes which marks are shown.
    Mark(Marking),
    /// Makes a plan with one of the verbs.
    Plan(Planned),
    /// Acts on the operation that runs.
    Run(Running),
    /// Takes up an operation that ended.
    Again(Again),
    /// Shows the operations and their history.
    Operations,
    /// Opens the filter of the pane that has the focus.
    Filter,
    /// Changes the text in the field that has the focus.
    Edit(InputRequest),
    /// Enter: takes what stands in a field, or opens what the cursor is on. Never confirms a plan.
    Accept,
    /// Goes back one level.
    Cancel,
    /// In a plan: does it.
    Confirm,
    /// In a plan: chooses another community to link to. While it is made: skips the checks that are left.
    ChangeTarget,
    /// Skips the checks of a plan that are left.
    SkipChecks,
    /// Shows the groups in no community, or all groups.
    ToggleAllGroups,
    /// Sorts the list by the next order.
    Sort,
    /// Reads everything again.
    Refresh,
    /// Shows the communities and the search for more; there: asks the gateway which groups are communities.
    FindCommunities,
    /// Adds a community that is named.
    AddCommunity,
    /// Forgets the community under the cursor.
    ForgetCommunity,
    /// Shows the instances.
    Instances,
    /// Shows the next configured instance.
    NextInstance,
    /// Shows the configured instance before.
    PreviousInstance,
    /// Connects the instance under the cursor to `WhatsApp`.
    Connect(By),
    /// Copies the id of the row under the cursor.
    Copy,
    /// Asks for something that only some windows have.
    InWindow(InWindow),
    /// Shows the keys.
    Help,
    /// Shows every action by its name.
    Palette,
    /// Shows the screen in the next theme.
    NextTheme,
    /// Draws the whole screen again.
    Repaint,
    /// Suspends the program.
    Suspend,
    /// Leaves the program.
    Quit,
    /// Ctrl-C: stops what runs; twice leaves the program.
    Interrupt,
}

/// How a cursor moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motion {
    /// To the row above.
    Up,
    /// To the row below.
    Down,
    /// By a page towards the start.
    PageUp,
    /// By a page towards the end.
    PageDown,
    /// By half a page towards the start.
    HalfPageUp,
    /// By half a page towards the end.
    HalfPageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

/// Which pane gets the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FocusChange {
    /// The next one.
    Next,
    /// The one before.
    Previous,
}

/// What happens to marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marking {
    /// Marks the row under the cursor and steps down; in a plan: ticks it.
    Toggle,
    /// Begins a range, or marks the one that was begun.
    Range,
    /// Extends a range to the row above.
    ExtendUp,
    /// Extends a range to the row below.
    ExtendDown,
    /// Marks all that is shown.
    All,
    /// Marks what is shown and not marked, and the other way round.
    Invert,
    /// Forgets all marks.
    Clear,
    /// Shows only what is marked, or everything again.
    OnlyMarked,
}

/// The verbs, as keys ask for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Planned {
    /// Links to the community under the cursor of the left pane.
    Link,
    /// Unlinks from the communities that the groups are in.
    Unlink,
    /// Moves to a community that is asked for.
    Move,
    /// Leaves.
    Leave,
}

/// How an operation that ended is taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Again {
    /// What may be retried is tried again.
    Retry,
    /// What was verified is undone.
    Undo,
    /// What was left is gone on with, or what was left is joined again.
    Resume,
    /// What it could not settle is looked for once more; nothing is sent.
    Look,
}

/// What is done with the operation that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Running {
    /// Stops after the request in flight.
    Stop,
    /// Holds back, or goes on.
    Pause,
}

/// What only some windows have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InWindow {
    /// Shows the group's invite link, or puts it away.
    InviteLink,
    /// Writes what the window shows to a file.
    Write,
    /// Chooses the other form of the file.
    NextForm,
}
