//! Mouse input, if the configuration enables it: presses, releases and the wheel. Movements are never reported.

/// A mouse event, in a cell of the screen counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The first button was pressed.
    Press { column: u16, row: u16 },
    /// It was released, perhaps elsewhere.
    Release { column: u16, row: u16 },
    Wheel {
        column: u16,
        row: u16,
        /// Whether it was turned towards the end of the list or text, rather than its start.
        down: bool,
    },
}
