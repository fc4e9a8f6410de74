//! What the loop runs, and where its inputs come from.

use std::io;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Size;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::tui::input::{Arrived, Input};
use crate::tui::signals::Signal;

/// The minimum time between two frames caused by background events alone.
pub const FRAME: Duration = Duration::from_millis(33);

/// How long the first frame waits at most for the program's initial data.
pub const OPENING: Duration = Duration::from_millis(25);

/// The program that the loop runs. Folding and drawing do no I/O and never wait.
pub trait Program {
    /// A background event: the answer to a read, or a report of the engine.
    type Event;

    /// Folds an input from the terminal. The first one is always the size.
    fn on_input(&mut self, input: Input, arrived: Arrived);

    /// Folds a background event.
    fn on_event(&mut self, event: Self::Event);

    /// Folds the signal that ends the program; [`Program::perform`] is called once more after it.
    fn on_signal(&mut self, signal: Signal);

    /// Folds the passing of time, only while [`Program::tick`] asks for it.
    fn on_tick(&mut self);

    /// Whether the initial data is still on its way. The first frame waits briefly for it, so that a start needs one
    /// frame, not two.
    fn is_opening(&self) -> bool {
        false
    }

    /// How often to call [`Program::on_tick`]; `None` while nothing on the screen moves by itself.
    fn tick(&self) -> Option<Duration>;

    /// Starts the background work that the last fold requested, and returns its requests to the terminal.
    fn perform(&mut self) -> Vec<TerminalEffect>;

    /// Draws the whole screen.
    fn draw(&mut self, frame: &mut Frame<'_>);
}

/// A request of the program to the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalEffect {
    /// Redraw everything, whatever the terminal shows.
    Repaint,
    /// Release the terminal and stop until the shell brings the program to the foreground again.
    Suspend,
    /// Copy text to the terminal's clipboard (OSC 52). The terminal does not report whether it did.
    Copy(String),
    /// Show this text on the desktop, if the terminal can, and ring its bell.
    Notify(String),
    /// Exit with this code.
    Quit(u8),
    /// Exit; the program's work goes on in another process.
    Detach,
}

/// Whether the terminal could be taken again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Taken,
    /// The process is in the background; another process owns the terminal.
    Background,
}

/// The screen on which frames are shown. Errors mean that the terminal is no longer usable.
pub trait Screen {
    /// The size in cells.
    fn size(&self) -> Size;

    /// Draws a frame and shows it with one write, or with none if nothing changed.
    fn frame(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()>;

    /// Sets a new size.
    fn resize(&mut self, columns: u16, rows: u16);

    /// Makes the next frame redraw everything.
    fn repaint(&mut self);

    /// Copies text to the terminal's clipboard, together with the next frame.
    fn copy(&mut self, text: &str);

    /// Shows text on the desktop and rings the bell, together with the next frame.
    fn notify(&mut self, text: &str);

    /// Releases the terminal and stops the process. Returns when it resumes, or at once if it cannot stop.
    fn suspend(&mut self) -> io::Result<()>;

    /// Takes the terminal again, with its current size, and makes the next frame redraw everything.
    fn retake(&mut self) -> io::Result<Hold>;

    /// Whether there is a network between the terminal and the program, so that sequences may arrive in pieces.
    fn is_remote(&self) -> bool {
        false
    }

    /// Whether unread input is waiting that has not come through the channel yet.
    fn has_unread_input(&self) -> bool {
        false
    }
}

/// The channels that the loop receives from.
#[derive(Debug)]
pub struct Sources<E> {
    /// Input from the terminal; when it closes, the terminal counts as lost.
    pub input: UnboundedReceiver<Input>,
    /// Background events; may be closed.
    pub events: UnboundedReceiver<E>,
    /// Signals; may be closed.
    pub signals: UnboundedReceiver<Signal>,
}

/// Why the loop ended.
#[derive(Debug)]
pub enum Exit {
    /// The program requested it, with this code.
    Quit(u8),
    /// The program requested it, because its work goes on in another process.
    Detach,
    /// A signal, the loss of the terminal, or a panic elsewhere.
    Signal(Signal),
    /// The terminal failed without being lost.
    Failed(io::Error),
}

impl Exit {
    /// The exit code of the process: 128 plus the signal's number for signals, 129 for a lost terminal.
    pub fn code(&self) -> u8 {
        match self {
            Self::Quit(code) => *code,
            Self::Detach => 0,
            Self::Signal(Signal::Interrupt) => 130,
            Self::Signal(Signal::Quit) => 131,
            Self::Signal(Signal::Terminate) => 143,
            Self::Signal(Signal::Panicked) => 101,
            Self::Signal(Signal::Hangup | Signal::TerminalLost | Signal::Continue) => 129,
            Self::Failed(_) => 1,
        }
    }
}
