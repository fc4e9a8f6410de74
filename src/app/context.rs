//! The places that can receive the keys, as one table: what the text field of each takes, and whether it has rows or text to
//! move in.

/// Which characters the text field of a context takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// There is no field.
    Nothing,
    Digits,
    Text,
}

macro_rules! contexts {
    ($($(#[$doc:meta])* $name:ident: $takes:ident, $can_move:literal;)*) => {
        /// What receives the keys.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Context {
            $($(#[$doc])* $name,)*
        }

        impl Context {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Which characters its text field takes.
            pub fn takes(self) -> Takes {
                match self {
                    $(Self::$name => Takes::$takes,)*
                }
            }

            /// Whether the panes receive the keys, whatever is below them.
            pub fn is_panes(self) -> bool {
                matches!(self, Self::Panes | Self::Ended)
            }

            /// Whether it has rows or text to move in.
            pub fn can_move(self) -> bool {
                match self {
                    $(Self::$name => $can_move,)*
                }
            }
        }
    };
}

contexts! {
    /// The panes.
    Panes: Nothing, true;
    /// The panes, above an operation that has ended.
    Ended: Nothing, true;
    /// The filter field of a pane.
    Filter: Text, true;
    /// The data for a plan is being read.
    Planning: Nothing, false;
    /// A plan that is confirmed with a key.
    Plan: Nothing, true;
    /// The filter field of a plan, or of differences.
    PlanFilter: Text, true;
    /// A plan that is confirmed by typing a number: digits go to its field.
    PlanCount: Digits, true;
    /// A plan that is confirmed by typing a text: letters go to its field.
    PlanText: Text, true;
    /// The choice of a community; letters go to its field.
    Target: Text, true;
    /// The operation pane.
    Operation: Nothing, true;
    /// The operations and their history.
    Operations: Nothing, true;
    /// The details of a group or community.
    Details: Nothing, true;
    /// One item of an operation.
    Item: Nothing, true;
    /// A window of text that is only read.
    Page: Nothing, true;
    /// The field for the name of a file to write.
    FileName: Text, false;
    /// The field for the name of a file that says where groups belong.
    StateFile: Text, false;
    /// The differences between an instance and such a file.
    Drift: Nothing, true;
    /// The instances.
    Instances: Nothing, true;
    /// The form for an entry of the configuration; letters go to the field with the focus.
    Entry: Text, false;
    /// The question whether to remove an entry.
    Removal: Nothing, false;
    /// The window that connects an instance.
    Connect: Nothing, false;
    /// The field for the phone number of the instance to connect; digits go to it.
    ConnectNumber: Digits, false;
    /// The communities, and the search for more.
    Finding: Nothing, true;
    /// The field for a community to add; letters go to it.
    FindingAdd: Text, false;
    /// The help.
    Help: Nothing, true;
    /// The filter field of the help.
    HelpFilter: Text, true;
    /// The palette; letters go to its field.
    Palette: Text, true;
    /// The question whether to quit while something is running.
    Quit: Nothing, false;
}
