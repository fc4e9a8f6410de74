//! A screen in memory for the real loop on a paused clock: every frame is published, and tests wait for its content.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};
use synod::tui::event_loop::{Hold, Screen};
use tokio::sync::watch;
use tokio::time::timeout;

/// The maximum wait for a frame. Virtual time: on a paused clock it passes at once when nothing is left to happen.
const PATIENCE: Duration = Duration::from_secs(600);

/// The program's actions on the screen besides drawing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// Frames drawn so far, whether or not they changed anything.
    pub(crate) frames: usize,
    /// Texts sent to the clipboard.
    pub(crate) copied: Vec<String>,
    /// Texts shown on the desktop.
    pub(crate) notified: Vec<String>,
    /// The number of times the program was suspended.
    pub(crate) suspended: usize,
    /// The number of requests for a whole new frame.
    pub(crate) repainted: usize,
}

/// The screen for the loop.
pub(crate) struct TestScreen {
    terminal: Terminal<TestBackend>,
    frames: watch::Sender<Buffer>,
    record: Arc<Mutex<Record>>,
    /// Results of the next attempts to take the terminal again; afterwards they succeed.
    pub(crate) background: Vec<Hold>,
    /// The current size of the terminal, regardless of the reported sizes.
    pub(crate) turned: Option<(u16, u16)>,
    /// A network lies between it and the program.
    pub(crate) is_remote: bool,
    /// Draw no more: each frame fails with this error number.
    pub(crate) broken: Option<i32>,
}

/// The test's view of the screen.
#[derive(Clone)]
pub(crate) struct View {
    frames: watch::Receiver<Buffer>,
    record: Arc<Mutex<Record>>,
}

impl TestScreen {
    /// A screen of this size, and the view on it.
    pub(crate) fn new(columns: u16, rows: u16) -> (Self, View) {
        let terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let (sender, receiver) = watch::channel(Buffer::empty(Rect::new(0, 0, columns, rows)));
        let record = Arc::new(Mutex::new(Record::default()));
        let view = View { frames: receiver, record: record.clone() };
        let screen = Self {
            terminal,
            frames: sender,
            record,
            background: Vec::new(),
            turned: None,
            is_remote: false,
            broken: None,
        };
        (screen, view)
    }
}

impl Screen for TestScreen {
    fn size(&self) -> Size {
        self.terminal.size().unwrap()
    }

    fn frame(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        if let Some(error) = self.broken {
            return Err(io::Error::from_raw_os_error(error));
        }
        let drawn = self.terminal.draw(|frame| draw(frame)).unwrap();
        self.record.lock().unwrap().frames += 1;
        self.frames.send_replace(drawn.buffer.clone());
        Ok(())
    }

    fn is_remote(&self) -> bool {
        self.is_remote
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().resize(columns, rows);
        self.terminal.resize(Rect::new(0, 0, columns, rows)).unwrap();
    }

    fn repaint(&mut self) {
        self.record.lock().unwrap().repainted += 1;
        if let Some((columns, rows)) = self.turned.take() {
            self.resize(columns, rows);
        }
    }

    fn copy(&mut self, text: &str) {
        self.record.lock().unwrap().copied.push(text.to_owned());
    }

    fn notify(&mut self, text: &str) {
        self.record.lock().unwrap().notified.push(text.to_owned());
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.record.lock().unwrap().suspended += 1;
        Ok(())
    }

    fn retake(&mut self) -> io::Result<Hold> {
        Ok(self.background.pop().unwrap_or(Hold::Taken))
    }
}

impl View {
    /// Waits for a frame whose text satisfies `wanted` and returns that text; the present frame counts.
    ///
    /// Panics with the last screen when none comes within ten virtual minutes.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let frames = &mut self.frames;
        let found =
            timeout(PATIENCE, async { frames.wait_for(|frame| wanted(&text(frame))).await.map(drop) });
        let shown = match found.await {
            Ok(Ok(())) => return self.text(),
            Ok(Err(_)) => "the program ended first",
            Err(_) => "no such frame came",
        };
        panic!("{shown}; the last one:\n{}", self.text());
    }

    /// The text of the last frame.
    pub(crate) fn text(&self) -> String {
        text(&self.frames.borrow())
    }

    /// The last frame with its styles.
    pub(crate) fn buffer(&self) -> Buffer {
        self.frames.borrow().clone()
    }

    /// Other things that happened to the screen.
    pub(crate) fn record(&self) -> Record {
        self.record.lock().unwrap().clone()
    }
}

/// The rows of a frame as lines, without the spaces at their ends.
pub(crate) fn text(buffer: &Buffer) -> String {
    let mut lines = String::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width).max(1)) {
        let mut line = String::new();
        // A wide character is in its first cell; ratatui leaves a blank in the cells it covers.
        let mut covered = 0;
        for cell in row {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            covered = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}
