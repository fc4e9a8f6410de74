//! Detects the loss of the terminal. Reading a lost terminal yields neither an end of file nor a pause, so a dedicated
//! thread waits for the hang-up; it sleeps in `poll` until then and costs nothing.

use std::{io, thread};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Calls `lost` once, from a dedicated thread, when the terminal on standard input hangs up.
///
/// Fails if the thread cannot be started.
pub(super) fn spawn(lost: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
        let stdin = io::stdin();
        // Hang-ups and errors are always reported; input is not wanted.
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        while let Ok(0) | Err(Errno::INTR | Errno::AGAIN) = poll(&mut watched, None) {}
        // macOS cannot poll `/dev/tty` itself. The thread that reads it then notices the loss.
        if !watched.iter().any(|answer| answer.revents().contains(PollFlags::NVAL)) {
            lost();
        }
    })?;
    Ok(())
}
