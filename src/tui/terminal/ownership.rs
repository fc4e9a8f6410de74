//! Who owns the terminal: it is taken once and restored once, by the guard or the panic hook, whichever comes first.
//! All bytes to the terminal pass through here, so none is written after it was restored.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

use super::Reports;

/// The alternate screen.
const ENTER: &str = "\x1b[?1049h";

/// Bracketed paste, no cursor, no wrapping of lines, and no colour left over from another program.
const MODES: &str = "\x1b[?2004h\x1b[?25l\x1b[?7l\x1b[m";

/// Clears the screen, because a terminal may have no alternate one.
const CLEAR: &str = "\x1b[2J";

/// Presses and the wheel, in the format that works for any screen size. Never all movements (1003) or drags (1002):
/// each would cost as much work as a key, and would disable the terminal's own text selection for nothing.
const MOUSE: &str = "\x1b[?1000h\x1b[?1006h";

/// Reports of getting and losing the focus.
const FOCUS: &str = "\x1b[?1004h";

/// The bytes that take the screen and ask for these reports.
pub(super) fn enter(reports: Reports) -> String {
    format!("{ENTER}{}{CLEAR}", modes(reports))
}

/// The bytes that set all modes of the screen, also after another program has changed some.
pub(super) fn modes(Reports { mouse, focus }: Reports) -> String {
    [(true, MODES), (mouse, MOUSE), (focus, FOCUS)]
        .into_iter()
        .filter(|(is_on, _)| *is_on)
        .map(|(_, bytes)| bytes)
        .collect()
}

/// Ends every mode that this program, now or in a later version, may have set, wraps lines again and shows the cursor.
const LEAVE: &str = "\x1b[?2026l\x1b[m\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b[?7h\x1b[?25h";

/// Whether the terminal is ours. The lock is held while writing.
static OURS: Mutex<bool> = Mutex::new(false);

fn ours() -> MutexGuard<'static, bool> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process may use the terminal. The kernel stops a background job that does so.
pub(super) fn is_foreground() -> bool {
    // Without job control there is no background.
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}

/// Switches raw mode on and marks the terminal as ours. The caller writes the bytes of [`enter`] with its first frame.
pub(super) fn take() -> io::Result<()> {
    let mut ours = ours();
    enable_raw_mode()?;
    *ours = true;
    Ok(())
}

/// Restores the terminal, if it is ours: modes off, cursor shown, termios as before. Errors are ignored, because a lost
/// terminal needs nothing.
pub fn restore() {
    let mut ours = ours();
    if !std::mem::take(&mut *ours) {
        return;
    }
    let _ = write_whole(LEAVE.as_bytes());
    // If the process was stopped and then ended from outside before it was in the foreground again, the shell has
    // already set the terminal.
    if is_foreground() {
        let _ = disable_raw_mode();
    }
}

/// Writes a frame, normally in one call. Does nothing once the terminal has been restored.
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
            // Another program on the same terminal may have made it non-blocking.
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
