//! Turns what the terminal sends into [`Input`]: one thread reads, a channel carries.
//! It does not know what any key means.

pub mod splitter;

use std::io;
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use rustix::termios::tcgetwinsize;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::app::mouse::Mouse;

/// One thing that came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed, or repeats; releases never come.
    Key(KeyEvent),
    /// The mouse was pressed, or its wheel turned.
    Mouse(Mouse),
    /// Text was pasted, whole, with `\n` as the only line end.
    Paste(String),
    /// The terminal has a new size, in cells.
    Resize {
        /// Cells in a row.
        columns: u16,
        /// Rows.
        rows: u16,
    },
}

/// Starts the thread that reads the terminal. Its channel closes when the terminal can be read no more.
///
/// Fails when the thread cannot be started.
pub fn spawn_reader() -> io::Result<UnboundedReceiver<Input>> {
    let (sender, receiver) = unbounded_channel();
    thread::Builder::new().name("input".to_owned()).spawn(move || {
        // From here on changes of size are noticed; one that came before, while the program started, is told now.
        let Ok(_) = event::poll(Duration::ZERO) else { return };
        let mut next = measure();
        loop {
            if let Some(input) = next
                && sender.send(input).is_err()
            {
                return;
            }
            let Ok(event) = event::read() else { return };
            next = translate(event);
        }
    })?;
    Ok(receiver)
}

/// The present size of the terminal, if it says.
fn measure() -> Option<Input> {
    let size = tcgetwinsize(io::stdout()).ok()?;
    Some(Input::Resize { columns: size.ws_col, rows: size.ws_row })
}

/// What an event of the terminal means here; `None` for releases and focus.
fn translate(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => None,
        Event::Key(key) => Some(Input::Key(key)),
        // Terminals send a carriage return for each line end of a paste.
        Event::Paste(text) => Some(Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n"))),
        Event::Resize(columns, rows) => Some(Input::Resize { columns, rows }),
        Event::Mouse(event) => mouse(event).map(Input::Mouse),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn mouse(MouseEvent { kind, column, row, .. }: MouseEvent) -> Option<Mouse> {
    match kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Press { column, row }),
        MouseEventKind::ScrollUp => Some(Mouse::Wheel { column, row, down: false }),
        MouseEventKind::ScrollDown => Some(Mouse::Wheel { column, row, down: true }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    #[test]
    fn releases_and_focus_are_dropped_and_repeats_kept() {
        let key = |kind| Event::Key(KeyEvent::new_with_kind(KeyCode::Down, KeyModifiers::NONE, kind));
        assert!(translate(key(KeyEventKind::Release)).is_none());
        assert!(translate(key(KeyEventKind::Repeat)).is_some());
        assert!(translate(Event::FocusGained).is_none());
    }

    #[test]
    fn a_paste_has_one_kind_of_line_end() {
        let pasted = translate(Event::Paste("a\rb\r\nc\n".to_owned()));
        assert_eq!(pasted, Some(Input::Paste("a\nb\nc\n".to_owned())));
    }
}
