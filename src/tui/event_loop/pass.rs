//! What the loop does each time it wakes. It owns the deadlines and the held keys; the program and the screen own the
//! rest.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use rustix::io::Errno;
use tokio::time::Instant;

use super::parts::{Exit, FRAME, Hold, OPENING, Program, Screen, Sources, TerminalEffect};
use super::wake::{Deadlines, Wake, next};
use crate::tui::input::decoder::{Decoder, Patience};
use crate::tui::input::{Arrived, Input};
use crate::tui::signals::Signal;
use crate::tui::typing;

/// How many events to fold before checking for input, so that a flood of events cannot block the keyboard.
const BATCH: usize = 256;

/// How long a process that resumes in the background waits for a signal before it stops again, as a job that needs the
/// terminal must. A shell that ends a stopped job sends the signal and resumes the job.
const BACKGROUND: Duration = Duration::from_millis(50);

/// Runs the program until it ends. The caller drops the screen before it prints anything.
pub async fn run<P: Program, S: Screen>(
    program: &mut P,
    screen: &mut S,
    mut sources: Sources<P::Event>,
) -> Exit {
    match Pass::new(program, screen).run(&mut sources).await {
        Ok(never) => match never {},
        Err(exit) => exit,
    }
}

struct Pass<'a, P, S> {
    program: &'a mut P,
    screen: &'a mut S,
    decoder: Decoder,
    deadlines: Deadlines,
    /// When the last frame was shown.
    shown: Option<Instant>,
    /// Whether the next SIGCONT only ends our own stop.
    stopped_ourselves: bool,
}

impl<'a, P: Program, S: Screen> Pass<'a, P, S> {
    fn new(program: &'a mut P, screen: &'a mut S) -> Self {
        let patience = if screen.is_remote() { Patience::REMOTE } else { Patience::LOCAL };
        Self {
            program,
            screen,
            decoder: Decoder::new(patience),
            deadlines: Deadlines::default(),
            shown: None,
            stopped_ourselves: false,
        }
    }

    async fn run(mut self, sources: &mut Sources<P::Event>) -> Result<Infallible, Exit> {
        self.tell_size();
        self.perform()?;
        if self.program.is_opening() {
            self.deadlines.frame = Some(Instant::now() + OPENING);
        } else {
            self.draw()?;
        }
        loop {
            self.arm();
            match next(sources, self.deadlines).await {
                Wake::Signal(signal) => self.signal(signal)?,
                Wake::Frame => self.draw()?,
                Wake::Event(event) => self.events(event, sources)?,
                Wake::Input(Some(input)) => self.input(input, sources)?,
                Wake::Input(None) => self.signal(Signal::TerminalLost)?,
                Wake::Held => self.release()?,
                Wake::Tick => self.tick()?,
                Wake::Retake => self.suspend()?,
            }
        }
    }

    /// Sets the deadlines from the current needs of the program and the held keys.
    fn arm(&mut self) {
        self.deadlines.held = self.decoder.deadline();
        self.deadlines.tick = self.program.tick().map(|period| {
            let latest = Instant::now() + period;
            self.deadlines.tick.map_or(latest, |armed| armed.min(latest))
        });
    }

    fn signal(&mut self, signal: Signal) -> Result<(), Exit> {
        if signal == Signal::Continue {
            return if std::mem::take(&mut self.stopped_ourselves) { Ok(()) } else { self.retake() };
        }
        self.program.on_signal(signal);
        // Only the background work matters now.
        self.program.perform();
        Err(Exit::Signal(signal))
    }

    fn events(&mut self, first: P::Event, sources: &mut Sources<P::Event>) -> Result<(), Exit> {
        let mut next = Some(first);
        for _ in 0..BATCH {
            let Some(event) = next else { break };
            self.program.on_event(event);
            next = sources.events.try_recv().ok();
        }
        if let Some(event) = next {
            self.program.on_event(event);
        }
        self.perform()?;
        self.ask_for_frame();
        match sources.input.try_recv() {
            Ok(input) => self.input(input, sources),
            Err(_) => Ok(()),
        }
    }

    /// Decodes all available input before it folds any: the input after a key shows whether somebody typed that key.
    fn input(&mut self, first: Input, sources: &mut Sources<P::Event>) -> Result<(), Exit> {
        let mut next = Some(first);
        let (mut certain, mut all) = (Vec::new(), Vec::new());
        while let Some(input) = next {
            let (at, input) = match input {
                Input::At(at, input) => (at, *input),
                input => (Instant::now(), input),
            };
            self.decoder.push(input, Instant::now(), &mut certain);
            let keys = certain.iter().filter(|input| matches!(input, Input::Key(_))).count();
            let arrived = Arrived { is_alone: keys <= 1, ..Arrived::alone(at) };
            all.extend(certain.drain(..).map(|input| (input, arrived)));
            next = sources.input.try_recv().ok();
        }
        typing::count_following(&mut all);
        // A held key changes nothing yet.
        let mut folded = false;
        for (input, arrived) in all {
            folded |= self.fold(input, arrived)?;
        }
        if folded { self.draw() } else { Ok(()) }
    }

    fn release(&mut self) -> Result<(), Exit> {
        let mut certain = Vec::new();
        self.decoder.expire(Instant::now(), self.screen.has_unread_input(), &mut certain);
        if certain.is_empty() {
            return Ok(());
        }
        for input in certain {
            self.fold(input, Arrived::alone(Instant::now()))?;
        }
        self.draw()
    }

    /// Returns whether there was anything to fold.
    fn fold(&mut self, input: Input, arrived: Arrived) -> Result<bool, Exit> {
        if let Input::Resize { columns, rows } = input {
            let before = self.screen.size();
            self.screen.resize(columns, rows);
            if self.screen.size() == before {
                return Ok(false);
            }
            self.tell_size();
        } else {
            self.program.on_input(input, arrived);
        }
        self.perform()?;
        Ok(true)
    }

    fn tick(&mut self) -> Result<(), Exit> {
        self.deadlines.tick = None;
        self.program.on_tick();
        self.perform()?;
        self.ask_for_frame();
        Ok(())
    }

    fn perform(&mut self) -> Result<(), Exit> {
        for effect in self.program.perform() {
            match effect {
                TerminalEffect::Repaint => {
                    self.screen.repaint();
                    // The terminal may have been resized, and the message about it may still be on its way.
                    self.tell_size();
                }
                TerminalEffect::Suspend => self.suspend()?,
                TerminalEffect::Copy(text) => self.screen.copy(&text),
                TerminalEffect::Notify(text) => self.screen.notify(&text),
                TerminalEffect::Quit(code) => return Err(Exit::Quit(code)),
                TerminalEffect::Detach => return Err(Exit::Detach),
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> Result<(), Exit> {
        self.stopped_ourselves = true;
        self.screen.suspend().map_err(failed)?;
        self.retake()
    }

    fn retake(&mut self) -> Result<(), Exit> {
        match self.screen.retake().map_err(failed)? {
            Hold::Taken => {
                self.deadlines.retake = None;
                self.tell_size();
                self.ask_for_frame();
            }
            Hold::Background => self.deadlines.retake = Some(Instant::now() + BACKGROUND),
        }
        Ok(())
    }

    fn tell_size(&mut self) {
        let size = self.screen.size();
        let arrived = Arrived::alone(Instant::now());
        self.program.on_input(Input::Resize { columns: size.width, rows: size.height }, arrived);
    }

    /// Schedules a frame as soon as the pace allows; at once if the last one is long past.
    fn ask_for_frame(&mut self) {
        let now = Instant::now();
        match self.shown {
            Some(shown) => _ = self.deadlines.frame.get_or_insert(now.max(shown + FRAME)),
            // The deadline of the first frame has been set since the start.
            None if self.program.is_opening() => {}
            None => self.deadlines.frame = Some(now),
        }
    }

    fn draw(&mut self) -> Result<(), Exit> {
        self.deadlines.frame = None;
        // In the background, another process owns the terminal. A frame follows once the terminal is taken again.
        if self.deadlines.retake.is_some() {
            return Ok(());
        }
        let program = &mut *self.program;
        self.screen.frame(&mut |frame| program.draw(frame)).map_err(failed)?;
        self.shown = Some(Instant::now());
        Ok(())
    }
}

/// Distinguishes a lost terminal from one that failed.
fn failed(error: io::Error) -> Exit {
    match Errno::from_io_error(&error) {
        Some(Errno::IO | Errno::NXIO | Errno::PIPE | Errno::NOTTY | Errno::BADF) => {
            Exit::Signal(Signal::TerminalLost)
        }
        _ => Exit::Failed(error),
    }
}
