//! The bare loop, which Synod is held against: the same terminal library, a list of lines with a cursor and a filter, one
//! buffered write a frame, and nothing else. The bench starts itself again with an argument to be this program.

#[path = "bare/input.rs"]
mod input;
#[path = "bare/list.rs"]
mod list;

use std::io::{self, BufWriter, Stdout, Write};

use crossterm::{
    cursor::{Hide, Show},
    event::{KeyCode, KeyModifiers},
    execute, queue,
    terminal::{
        BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
        disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{Terminal, backend::CrosstermBackend, layout::Rect};
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{SignalKind, signal};

use self::{
    input::{Came, Keys},
    list::List,
};

pub(crate) use self::list::name;

/// The key that panics, so that the ending can be looked at.
pub(crate) const PANIC: &str = "P";

type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Runs over this many lines, and returns the exit code.
pub(crate) fn run(rows: usize) -> u8 {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |information| {
        give_back();
        report(information);
    }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let code = runtime.block_on(drive(rows)).unwrap_or(1);
    give_back();
    code
}

fn give_back() {
    let _ = execute!(io::stdout(), EndSynchronizedUpdate, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

fn take(screen: &mut Screen) -> io::Result<()> {
    enable_raw_mode()?;
    queue!(screen.backend_mut(), EnterAlternateScreen, Hide)
}

async fn drive(rows: usize) -> io::Result<u8> {
    let out = BufWriter::with_capacity(1 << 16, io::stdout());
    let mut screen = Terminal::new(CrosstermBackend::new(out))?;
    take(&mut screen)?;
    let mut list = List::new(rows);
    show(&mut screen, &mut list)?;
    let mut keys = Keys::listen();
    let (mut terminate, mut hangup, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?);
    loop {
        let came = tokio::select! {
            came = keys.next() => came,
            _ = terminate.recv() => return Ok(143),
            _ = hangup.recv() => return Ok(129),
            _ = interrupt.recv() => return Ok(130),
        };
        let mut pending = Some(came);
        while let Some(came) = pending {
            match came {
                Came::Gone => return Ok(129),
                Came::Resized => {}
                Came::Key(KeyCode::Char('z'), modifiers) if modifiers.contains(KeyModifiers::CONTROL) => {
                    give_back();
                    kill_current_process_group(Signal::TSTP)?;
                    take(&mut screen)?;
                    let size = screen.size()?;
                    screen.resize(Rect::new(0, 0, size.width, size.height))?;
                }
                Came::Key(code, _) => {
                    if !list.key(code) {
                        return Ok(0);
                    }
                }
            }
            pending = keys.waiting().await;
        }
        show(&mut screen, &mut list)?;
    }
}

/// Draws a frame and shows it with one write.
fn show(screen: &mut Screen, list: &mut List) -> io::Result<()> {
    queue!(screen.backend_mut(), BeginSynchronizedUpdate)?;
    screen.autoresize()?;
    list.draw(&mut screen.get_frame());
    screen.flush()?;
    screen.swap_buffers();
    queue!(screen.backend_mut(), EndSynchronizedUpdate)?;
    Write::flush(screen.backend_mut())
}
