//! The loop's program and screen under observation.

use std::{
    cell::Cell,
    io, panic,
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ratatui::{Frame, layout::Size};
use synod::tui::{
    event_loop::{Hold, Program, Screen, TerminalEffect},
    input::{Arrived, Input},
    signals::Signal,
};
use tokio::sync::watch;

use crate::support::screen::{TestScreen, text};

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// The number of panics on this thread, including those in tasks. A test's program runs on the test's own thread.
pub(crate) fn panics() -> usize {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.with(|panics| panics.set(panics.get() + 1));
            before(info);
        }));
    });
    PANICS.with(Cell::get)
}

/// A program that counts the keys and pastes that it has folded.
pub(crate) struct Watched<P> {
    pub(crate) program: P,
    pub(crate) folded: Arc<AtomicUsize>,
}

impl<P: Program> Program for Watched<P> {
    type Event = P::Event;

    fn on_input(&mut self, input: Input, arrived: Arrived) {
        if !matches!(input, Input::Resize { .. }) {
            self.folded.fetch_add(1, Ordering::Relaxed);
        }
        self.program.on_input(input, arrived);
    }

    fn on_event(&mut self, event: Self::Event) {
        self.program.on_event(event);
    }

    fn on_signal(&mut self, signal: Signal) {
        self.program.on_signal(signal);
    }

    fn on_tick(&mut self) {
        self.program.on_tick();
    }

    fn is_opening(&self) -> bool {
        self.program.is_opening()
    }

    fn tick(&self) -> Option<Duration> {
        self.program.tick()
    }

    fn perform(&mut self) -> Vec<TerminalEffect> {
        self.program.perform()
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        self.program.draw(frame);
    }
}

/// The content of every frame, and the texts that no frame may show.
#[derive(Clone, Default)]
pub(crate) struct Frames {
    seen: Arc<Mutex<Vec<Arc<str>>>>,
    secrets: Arc<[String]>,
}

impl Frames {
    pub(crate) fn without(secrets: Vec<String>) -> Self {
        Self { seen: Arc::default(), secrets: secrets.into() }
    }

    pub(crate) fn all(&self) -> Vec<Arc<str>> {
        self.seen.lock().unwrap().clone()
    }

    fn add(&self, text: &str) {
        let mut seen = self.seen.lock().unwrap();
        if seen.last().is_none_or(|last| **last != *text) {
            seen.push(Arc::from(text));
        }
    }

    /// Fails if any frame showed a secret, or a character that could control a terminal.
    pub(crate) fn check(&self) {
        for frame in self.seen.lock().unwrap().iter() {
            for secret in self.secrets.iter() {
                assert!(!frame.contains(secret.as_str()), "a frame shows a secret:\n{frame}");
            }
            for line in frame.lines() {
                let wrong = line.chars().find(|character| drives_a_terminal(*character));
                assert_eq!(wrong, None, "in the line {line:?}");
            }
        }
    }
}

/// Control and format characters, except those that belong in emoji and in names of right-to-left letters, which
/// are isolated.
fn drives_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{2067}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0001}')
}

/// A screen that keeps all its frames.
pub(crate) struct Kept {
    pub(crate) screen: TestScreen,
    pub(crate) frames: Frames,
    pub(crate) folded: Arc<AtomicUsize>,
    /// The number of keys and pastes that were folded when the last frame was drawn.
    pub(crate) shown: watch::Sender<usize>,
}

impl Screen for Kept {
    fn size(&self) -> Size {
        self.screen.size()
    }

    fn frame(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        let frames = self.frames.clone();
        self.screen.frame(&mut |frame| {
            draw(frame);
            frames.add(&text(frame.buffer_mut()));
        })?;
        self.shown.send_replace(self.folded.load(Ordering::Relaxed));
        Ok(())
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.resize(columns, rows);
    }

    fn repaint(&mut self) {
        self.screen.repaint();
    }

    fn copy(&mut self, text: &str) {
        self.screen.copy(text);
    }

    fn notify(&mut self, text: &str) {
        self.screen.notify(text);
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.screen.suspend()
    }

    fn retake(&mut self) -> io::Result<Hold> {
        self.screen.retake()
    }
}
