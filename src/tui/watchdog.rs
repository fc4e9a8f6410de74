//! Notices that the terminal went away. Reading a lost terminal gives neither an end nor rest, so a thread of its own
//! waits for the hang-up; it sleeps in `poll` until then and costs nothing.

use std::{io, thread};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Calls `lost` once, from a thread of its own, when the terminal on standard input hangs up.
///
/// Fails when the thread cannot be started.
pub(super) fn spawn(lost: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
        let stdin = io::stdin();
        // Hang-ups, errors and closed descriptors are reported without being asked for; input is not wanted.
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        while let Ok(0) | Err(Errno::INTR | Errno::AGAIN) = poll(&mut watched, None) {}
        lost();
    })?;
    Ok(())
}
