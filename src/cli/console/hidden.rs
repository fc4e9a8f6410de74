//! Typing a secret: the terminal shows nothing of it, and always gets its settings back.

use std::io;

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::line;
use crate::cli::out;

/// A terminal that does not show typed text. Dropping it restores its settings.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        // A shell might show typed text while the program is stopped.
        hidden.special_codes[SpecialCodeIndex::VSUSP] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// Asks a question and reads a line that is not shown; `None` if that is impossible, or a signal asks the program to end.
pub(super) async fn answer(question: &str) -> Option<SecretString> {
    let ends = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
    let [mut terminate, mut hang_up, mut quit] = ends.map(|kind| signal(kind).ok());
    // The question comes after this, because an answer may follow it at once.
    let _hidden = Hidden::begin().ok()?;
    out::ask(question);
    let typed = tokio::task::spawn_blocking(|| line().map(SecretString::from));
    tokio::select! {
        biased;
        () = arrived(&mut terminate) => None,
        () = arrived(&mut hang_up) => None,
        () = arrived(&mut quit) => None,
        typed = typed => typed.ok()?,
    }
}

async fn arrived(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
