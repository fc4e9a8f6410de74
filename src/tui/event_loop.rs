//! The one loop of the terminal program: what wakes it, in which order, and when a frame is drawn.
//! It knows neither keys nor state; a [`Program`] folds what happens and draws, a [`Screen`] shows it.
//!
//! The order is signals, the frame that is due, background events, input, a held Esc, the ticker. Input is drained, folded
//! and drawn at once; background events share one frame in [`FRAME`]. A program that waits is woken by nothing.

mod pass;
mod wake;

use std::io;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Size;
use tokio::sync::mpsc::UnboundedReceiver;

use self::pass::Pass;
use super::input::{Arrived, Input};
use super::signals::Signal;

/// The least time between two frames that only background events asked for.
pub const FRAME: Duration = Duration::from_millis(33);

/// How long the first frame waits at most for what the program begins with.
pub const OPENING: Duration = Duration::from_millis(25);

/// What the loop runs. Folding and drawing do no I/O and never wait.
pub trait Program {
    /// What happens in the background: answers of reads, events of the engine.
    type Event;

    /// Folds something that came from the terminal. The first is always the size.
    fn on_input(&mut self, input: Input, arrived: Arrived);

    /// Folds something that happened in the background.
    fn on_event(&mut self, event: Self::Event);

    /// Folds the signal that ends the program; [`Program::perform`] is called once more after it.
    fn on_signal(&mut self, signal: Signal);

    /// Folds the passing of time, only while [`Program::tick`] asks for it.
    fn on_tick(&mut self);

    /// Whether what it begins with is still on its way; the first frame waits a moment for that, so that a start is one
    /// frame and not two.
    fn is_opening(&self) -> bool {
        false
    }

    /// How often time is to be told; `None` while nothing on the screen moves by itself.
    fn tick(&self) -> Option<Duration>;

    /// Starts the background work that the last fold asked for, and returns what it asked of the terminal.
    fn perform(&mut self) -> Vec<TerminalEffect>;

    /// Draws the whole screen.
    fn draw(&mut self, frame: &mut Frame<'_>);
}

/// What a program can ask of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalEffect {
    /// Draw everything afresh, whatever the terminal shows.
    Repaint,
    /// Give the terminal back and stop, until the shell brings the program to the front again.
    Suspend,
    /// Put a text on the clipboard of the terminal (OSC 52). Nothing says whether the terminal did it.
    Copy(String),
    /// End with this exit code.
    Quit(u8),
}

/// Whether the terminal could be taken again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It is ours.
    Taken,
    /// The process runs in the background; the terminal belongs to someone else.
    Background,
}

/// Where frames go. Errors mean that the terminal cannot be used any longer.
pub trait Screen {
    /// The size in cells.
    fn size(&self) -> Size;

    /// Draws a frame and shows it with one write, or with none when nothing changed.
    fn frame(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()>;

    /// Takes a new size up.
    fn resize(&mut self, columns: u16, rows: u16);

    /// Makes the next frame a whole one.
    fn repaint(&mut self);

    /// Sends a text to the clipboard of the terminal, with the next frame.
    fn copy(&mut self, text: &str);

    /// Gives the terminal back and stops the process; returns when it goes on, or at once where it cannot stop.
    fn suspend(&mut self) -> io::Result<()>;

    /// Takes the terminal again, with its present size, and makes the next frame a whole one.
    fn retake(&mut self) -> io::Result<Hold>;

    /// Whether a network lies between the terminal and the program, so that what belongs together may come apart.
    fn is_remote(&self) -> bool {
        false
    }

    /// Whether input waits that has not come through the channel yet.
    fn has_unread_input(&self) -> bool {
        false
    }
}

/// Where the loop hears from.
#[derive(Debug)]
pub struct Sources<E> {
    /// What came from the terminal; once it is closed the terminal counts as lost.
    pub input: UnboundedReceiver<Input>,
    /// What happened in the background; may be closed.
    pub events: UnboundedReceiver<E>,
    /// What came from outside; may be closed.
    pub signals: UnboundedReceiver<Signal>,
}

/// Why the loop ended.
#[derive(Debug)]
pub enum Exit {
    /// The program asked for it, with this code.
    Quit(u8),
    /// A signal, the loss of the terminal, or a panic elsewhere.
    Signal(Signal),
    /// The terminal failed while it was there.
    Failed(io::Error),
}

impl Exit {
    /// The exit code of the process: 128 and the signal's number for signals, 129 for a lost terminal.
    pub fn code(&self) -> u8 {
        match self {
            Self::Quit(code) => *code,
            Self::Signal(Signal::Interrupt) => 130,
            Self::Signal(Signal::Terminate) => 143,
            Self::Signal(Signal::Panicked) => 101,
            Self::Signal(Signal::Hangup | Signal::TerminalLost | Signal::Continue) => 129,
            Self::Failed(_) => 1,
        }
    }
}

/// Runs the program until it ends. The caller drops the screen before it prints anything.
pub async fn run<P: Program, S: Screen>(
    program: &mut P,
    screen: &mut S,
    mut sources: Sources<P::Event>,
) -> Exit {
    match Pass::new(program, screen).run(&mut sources).await {
        Ok(never) => match never {},
        Err(exit) => exit,
    }
}
