//! Reads the terminal: a thread reads its bytes, a channel carries them, and the loop's [`decoder`] turns them into
//! [`Input`]. It does not know what any key means.

pub mod decoder;
mod sequence;

use std::io;
use std::thread;

use crossterm::event::KeyEvent;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::termios::tcgetwinsize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::app::mouse::Mouse;

/// How many bytes to read at once.
const CHUNK: usize = 4096;

/// When and how an input arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// When it was read.
    pub at: Instant,
    /// Whether no other key was read together with it.
    pub is_alone: bool,
    /// How many characters are already there that came directly after it. A key that repeats counts once.
    pub following: u32,
}

impl Arrived {
    /// The arrival of an input that came alone.
    pub fn alone(at: Instant) -> Self {
        Self { at, is_alone: true, following: 0 }
    }
}

/// One input from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// An input with the time at which it was read. Other inputs get the time at which the loop handles them.
    At(Instant, Box<Input>),
    /// Raw bytes; only the decoder sees them.
    Bytes(Vec<u8>),
    /// A key was pressed, or repeats; releases are never reported.
    Key(KeyEvent),
    /// A mouse button was pressed, or the wheel turned.
    Mouse(Mouse),
    /// Text was pasted: all of it, with `\n` as the only line ending.
    Paste(String),
    /// The terminal got or lost the focus.
    Focus(bool),
    /// The terminal was resized, in cells.
    Resize { columns: u16, rows: u16 },
}

/// Starts the thread that reads the terminal on standard input. Its channel closes when the terminal can no longer be
/// read.
///
/// Needs a tokio runtime with signals enabled. Fails if the thread cannot be started, or if changes of size cannot be
/// watched.
pub fn spawn_reader() -> io::Result<UnboundedReceiver<Input>> {
    let (sender, receiver) = unbounded_channel();
    let mut resized = signal(SignalKind::window_change())?;
    // From here on, changes of size are noticed. Report the size now, in case it changed while the program started.
    let sizes = sender.downgrade();
    tell_size(&sender);
    tokio::spawn(async move {
        while resized.recv().await.is_some() {
            let Some(sender) = sizes.upgrade() else { return };
            tell_size(&sender);
        }
    });
    thread::Builder::new().name("input".to_owned()).spawn(move || {
        let mut chunk = [0; CHUNK];
        while let Some(length) = read(&mut chunk)
            && send(&sender, &chunk[..length])
        {}
    })?;
    Ok(receiver)
}

fn send(sender: &UnboundedSender<Input>, bytes: &[u8]) -> bool {
    sender.send(Input::At(Instant::now(), Box::new(Input::Bytes(bytes.to_vec())))).is_ok()
}

/// Waits for bytes and reads them; `None` if no more can come. It waits in `poll`, because a process that waits in
/// `read` is stopped when it resumes in the background.
fn read(chunk: &mut [u8]) -> Option<usize> {
    let stdin = io::stdin();
    loop {
        let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut asked, None) {
            Ok(_) => {}
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(_) => return None,
        }
        match rustix::io::read(&stdin, &mut *chunk) {
            Ok(0) => return None,
            Ok(length) => return Some(length),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return None,
        }
    }
}

/// Sends the current size of the terminal, if it is known.
fn tell_size(sender: &UnboundedSender<Input>) {
    if let Ok(size) = tcgetwinsize(io::stdout()) {
        let _ = sender.send(Input::Resize { columns: size.ws_col, rows: size.ws_row });
    }
}
