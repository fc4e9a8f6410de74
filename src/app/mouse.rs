//! What the mouse does, where the configuration wants it: a press, and the wheel. Movements and drags never come.

/// Something that the mouse did, in a cell of the screen counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The first button was pressed.
    Press {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
    },
    /// The wheel was turned.
    Wheel {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
        /// Towards the end of what is shown, or towards its start.
        down: bool,
    },
}
