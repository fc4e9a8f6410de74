//! The real terminal as a [`Screen`]: takes it, draws on it, suspends, and restores it however the program ends. It
//! decides neither when to draw nor what.

mod backend;
mod desktop;
mod ownership;
pub mod painter;
mod veil;

use std::io::{self, IsTerminal};
use std::{env, panic};

use crossterm::{Command, clipboard::CopyToClipboard};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal as ProcessSignal, kill_current_process_group};
use rustix::termios::tcgetwinsize;

use self::backend::SizeOnly;
pub use self::ownership::restore;
use self::painter::Painter;
use super::event_loop::{Hold, Screen};
use super::signals;
use crate::{
    domain::message::{Message, ToMessage},
    scrub,
};

const BEGIN_FRAME: &str = "\x1b[?2026h";
const END_FRAME: &str = "\x1b[?2026l";

/// Whether there is a network between the terminal and the program: it runs over SSH.
pub fn is_remote() -> bool {
    ["SSH_CONNECTION", "SSH_TTY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Why the terminal program cannot run here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// Standard input or output is a file or a pipe.
    NotATerminal,
    Dumb,
}

impl ToMessage for Unusable {
    fn message(&self) -> Message {
        Message::new(match self {
            Self::NotATerminal => "terminal-none",
            Self::Dumb => "terminal-dumb",
        })
    }
}

/// Checks whether the terminal program can run on standard input and output. Sends nothing to the terminal.
pub fn check() -> Result<(), Unusable> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Unusable::NotATerminal);
    }
    if env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Unusable::Dumb);
    }
    Ok(())
}

/// Wraps the current panic hook, so that the terminal is restored before that hook prints, and the loop ends. Install
/// it once, after any other hook.
pub fn install_panic_hook() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |information| {
        restore();
        signals::panicked();
        report(information);
    }));
}

/// The terminal while it is ours; dropping this restores it.
#[derive(Debug)]
pub struct TerminalScreen {
    terminal: Terminal<SizeOnly>,
    painter: Painter,
    /// Bytes to write before the next frame, in the same write.
    pending: String,
    frame: String,
    reports: Reports,
}

/// What the terminal reports besides keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reports {
    /// Clicks and the wheel.
    pub mouse: bool,
    /// That it got or lost the focus.
    pub focus: bool,
}

impl TerminalScreen {
    /// Takes the terminal on standard input and output, with the requested reports. Nothing is written before the first
    /// frame.
    ///
    /// Fails if raw mode cannot be switched on.
    pub fn take(reports: Reports) -> io::Result<Self> {
        ownership::take()?;
        let size = measured(Size::ZERO);
        let Ok(mut terminal) = Terminal::new(SizeOnly(size));
        free_second_buffer(&mut terminal);
        let pending = ownership::enter(reports);
        Ok(Self { terminal, painter: Painter::new(size), pending, frame: String::new(), reports })
    }

    fn adopt(&mut self, size: Size) {
        self.terminal.backend_mut().0 = size;
        let Ok(()) = self.terminal.resize(Rect::from(size));
        free_second_buffer(&mut self.terminal);
        self.painter.forget();
    }
}

/// Frees the buffer with which the terminal would compare a frame. The painter has its own.
fn free_second_buffer(terminal: &mut Terminal<SizeOnly>) {
    terminal.swap_buffers();
    *terminal.current_buffer_mut() = Buffer::default();
    terminal.swap_buffers();
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        restore();
    }
}

impl Screen for TerminalScreen {
    fn size(&self) -> Size {
        let Ok(size) = self.terminal.size();
        size
    }

    fn frame(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        draw(&mut self.terminal.get_frame());
        let drawn = self.terminal.current_buffer_mut();
        veil::over(drawn);
        let painted = self.painter.paint(drawn);
        if painted.is_empty() && self.pending.is_empty() {
            return Ok(());
        }
        self.frame.clear();
        self.frame.push_str(&self.pending);
        if !painted.is_empty() {
            self.frame.extend([BEGIN_FRAME, painted, END_FRAME]);
        }
        self.pending.clear();
        ownership::write(self.frame.as_bytes())
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        // The message may be older than the terminal's current size.
        let size = measured(Size::new(columns, rows));
        if size != self.size() {
            self.adopt(size);
        }
    }

    fn repaint(&mut self) {
        self.adopt(measured(self.size()));
        self.pending.push_str(&ownership::modes(self.reports));
    }

    fn copy(&mut self, text: &str) {
        // Writing to a String does not fail.
        let _ =
            CopyToClipboard::to_clipboard_from(scrub::masked(text).as_bytes()).write_ansi(&mut self.pending);
    }

    fn notify(&mut self, text: &str) {
        self.pending.push_str(&desktop::notification(&scrub::masked(text)));
    }

    fn suspend(&mut self) -> io::Result<()> {
        restore();
        // Stop the whole process group, as if the terminal itself had sent the signal: a parent such as `sudo` must
        // stop too.
        kill_current_process_group(ProcessSignal::TSTP)?;
        Ok(())
    }

    fn retake(&mut self) -> io::Result<Hold> {
        if !ownership::is_foreground() {
            return Ok(Hold::Background);
        }
        // Set raw mode again even if it seems to be on: the shell may have changed it while we were stopped.
        restore();
        ownership::take()?;
        self.pending = ownership::enter(self.reports);
        self.adopt(measured(self.size()));
        Ok(Hold::Taken)
    }

    fn is_remote(&self) -> bool {
        is_remote()
    }

    fn has_unread_input(&self) -> bool {
        let stdin = io::stdin();
        let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut asked, Some(&at_once)).is_ok_and(|ready| ready > 0)
            && asked.iter().all(|answer| answer.revents() == PollFlags::IN)
    }
}

/// The terminal's size in cells; if it does not report one, `known`, or else 80×24.
fn measured(known: Size) -> Size {
    let reported = tcgetwinsize(io::stdout()).map_or(Size::ZERO, |size| Size::new(size.ws_col, size.ws_row));
    let pick = |reported: u16, known: u16, usual: u16| {
        [reported, known].into_iter().find(|&n| n > 0).unwrap_or(usual)
    };
    Size::new(pick(reported.width, known.width, 80), pick(reported.height, known.height, 24))
}
