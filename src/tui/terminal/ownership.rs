//! Who the terminal belongs to: it is taken once and given back once, whoever comes first, the guard or the panic hook.
//! All bytes to the terminal pass through here, so that none is written after it was given back.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

/// Alternate screen, bracketed paste, no cursor, no colour left over from the shell, and nothing else either: a terminal
/// may have no other screen.
const ENTER: &str = "\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[m\x1b[2J";

/// Presses and the wheel, in the form that fits any size of screen. Never every movement (1003) nor drags (1002): each
/// would be a key's worth of work, and takes away the terminal's own selecting for nothing.
const MOUSE: &str = "\x1b[?1000h\x1b[?1006h";

/// What takes the screen; with the mouse where it is wanted.
pub(super) fn enter(has_mouse: bool) -> String {
    format!("{ENTER}{}", if has_mouse { MOUSE } else { "" })
}

/// Ends every mode that this program, now or in a later version, may have switched on, and shows the cursor.
const LEAVE: &str =
    "\x1b[?2026l\x1b[m\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b[?25h";

/// Whether the terminal is ours. Held while writing.
static OURS: Mutex<bool> = Mutex::new(false);

fn ours() -> MutexGuard<'static, bool> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process may touch the terminal: a background job that does so is stopped by the kernel.
pub(super) fn is_foreground() -> bool {
    // Without job control there is no background.
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}

/// Switches raw mode on and calls the terminal ours. What [`enter`] says is written by the caller with its first frame.
pub(super) fn take() -> io::Result<()> {
    let mut ours = ours();
    enable_raw_mode()?;
    *ours = true;
    Ok(())
}

/// Gives the terminal back, if it is ours: modes off, cursor shown, termios as before. Errors are ignored,
/// for a terminal that is gone needs nothing.
pub fn restore() {
    let mut ours = ours();
    if !std::mem::take(&mut *ours) {
        return;
    }
    let _ = write_whole(LEAVE.as_bytes());
    // Stopped, and ended from outside before it came to the front again: the shell has set the terminal already.
    if is_foreground() {
        let _ = disable_raw_mode();
    }
}

/// Writes a frame, normally in one call. Does nothing when the terminal has been given back.
pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let ours = ours();
    if *ours { write_whole(bytes) } else { Ok(()) }
}

fn write_whole(mut bytes: &[u8]) -> io::Result<()> {
    let stdout = io::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(&stdout, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Another program on the same terminal can have made it non-blocking.
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
