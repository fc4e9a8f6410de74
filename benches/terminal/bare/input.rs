//! What wakes the bare loop: keys, sizes, and the loss of the terminal. An arrow key that arrives in two pieces is put
//! together again.

use std::{io, thread, time::Duration};

use crossterm::event::{self, Event, KeyCode, KeyModifiers};
use rustix::event::{PollFd, PollFlags, poll};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

/// How long an Esc is held.
const HELD: Duration = Duration::from_millis(25);

/// One input.
pub(super) enum Came {
    Key(KeyCode, KeyModifiers),
    Resized,
    Gone,
}

/// The terminal's input.
pub(super) struct Keys {
    came: UnboundedReceiver<Came>,
    /// Keys that turned out to belong to no arrow.
    kept: Vec<Came>,
}

impl Keys {
    /// Begins to read.
    pub(super) fn listen() -> Self {
        let (sender, came) = unbounded_channel();
        let lost = sender.clone();
        thread::spawn(move || {
            let input = io::stdin();
            // Nothing but the loss of the terminal is waited for here.
            let _ = poll(&mut [PollFd::new(&input, PollFlags::empty())], None);
            let _ = lost.send(Came::Gone);
        });
        thread::spawn(move || {
            while let Ok(event) = event::read() {
                let came = match event {
                    Event::Key(key) => Came::Key(key.code, key.modifiers),
                    _ => Came::Resized,
                };
                if sender.send(came).is_err() {
                    return;
                }
            }
            let _ = sender.send(Came::Gone);
        });
        Self { came, kept: Vec::new() }
    }

    /// Waits for the next input.
    pub(super) async fn next(&mut self) -> Came {
        let came = self.came.recv().await.unwrap_or(Came::Gone);
        self.whole(came).await
    }

    /// Returns the input that has already arrived.
    pub(super) async fn waiting(&mut self) -> Option<Came> {
        if !self.kept.is_empty() {
            return Some(self.kept.remove(0));
        }
        let came = self.came.try_recv().ok()?;
        Some(self.whole(came).await)
    }

    async fn whole(&mut self, came: Came) -> Came {
        if !matches!(came, Came::Key(KeyCode::Esc, _)) {
            return came;
        }
        let Ok(Some(second)) = timeout(HELD, self.came.recv()).await else { return came };
        let begins = matches!(second, Came::Key(KeyCode::Char('[' | 'O'), _));
        self.kept.push(second);
        if !begins {
            return came;
        }
        let Ok(Some(third)) = timeout(HELD, self.came.recv()).await else { return came };
        let arrow = match third {
            Came::Key(KeyCode::Char('A'), _) => KeyCode::Up,
            Came::Key(KeyCode::Char('B'), _) => KeyCode::Down,
            other => {
                self.kept.push(other);
                return came;
            }
        };
        self.kept.clear();
        Came::Key(arrow, KeyModifiers::NONE)
    }
}
