//! The real loop with injected input, events and signals, on a paused clock.

use std::time::Duration;

use crossterm::event::KeyCode;
use ratatui::Frame;
use synod::tui::event_loop::{Exit, Hold, OPENING, Program, Sources, TerminalEffect, run};
use synod::tui::input::{Arrived, Input};
use synod::tui::signals::Signal;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, advance};

use crate::support::screen::{TestScreen, View};

const PERIOD: Duration = Duration::from_millis(100);

/// A program that shows everything it receives.
#[derive(Default)]
struct Diary {
    lines: Vec<String>,
    size: (u16, u16),
    ticking: usize,
    asked: Vec<TerminalEffect>,
    /// It begins with this many lines.
    opening: usize,
}

impl Program for Diary {
    type Event = String;

    fn on_input(&mut self, input: Input, _: Arrived) {
        match input {
            Input::Mouse(_) | Input::Focus(_) | Input::Bytes(_) | Input::At(..) => {}
            Input::Resize { columns, rows } => self.size = (columns, rows),
            Input::Paste(text) => self.lines.push(format!("pasted {}", text.len())),
            Input::Key(key) => {
                self.lines.push(format!("{:?}", key.code));
                match key.code {
                    KeyCode::Char('q') => self.asked.push(TerminalEffect::Quit(7)),
                    KeyCode::Char('z') => self.asked.push(TerminalEffect::Suspend),
                    KeyCode::Char('l') => self.asked.push(TerminalEffect::Repaint),
                    KeyCode::Char('y') => self.asked.push(TerminalEffect::Copy("an id".to_owned())),
                    KeyCode::Char('t') => self.ticking = 3,
                    _ => {}
                }
            }
        }
    }

    fn on_event(&mut self, event: String) {
        self.lines.push(event);
    }

    fn on_signal(&mut self, signal: Signal) {
        self.lines.push(format!("{signal:?}"));
    }

    fn on_tick(&mut self) {
        self.ticking -= 1;
        self.lines.push("tick".to_owned());
    }

    fn is_opening(&self) -> bool {
        self.lines.len() < self.opening
    }

    fn tick(&self) -> Option<Duration> {
        (self.ticking > 0).then_some(PERIOD)
    }

    fn perform(&mut self) -> Vec<TerminalEffect> {
        std::mem::take(&mut self.asked)
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let last: Vec<&str> = self.lines.iter().rev().take(8).map(String::as_str).collect();
        let text = format!("{:?} {}\n{}", self.size, self.lines.len(), last.join("\n"));
        frame.render_widget(text, frame.area());
    }
}

struct Running {
    view: View,
    input: UnboundedSender<Input>,
    events: UnboundedSender<String>,
    signals: UnboundedSender<Signal>,
    ended: JoinHandle<(Exit, Diary)>,
}

fn start() -> Running {
    start_on(|_| {})
}

fn start_on(prepare: impl FnOnce(&mut TestScreen)) -> Running {
    start_with(Diary::default(), prepare)
}

fn start_with(mut program: Diary, prepare: impl FnOnce(&mut TestScreen)) -> Running {
    let (mut screen, view) = TestScreen::new(40, 10);
    prepare(&mut screen);
    let (input, input_receiver) = unbounded_channel();
    let (events, events_receiver) = unbounded_channel();
    let (signals, signals_receiver) = unbounded_channel();
    let sources = Sources { input: input_receiver, events: events_receiver, signals: signals_receiver };
    let ended = tokio::spawn(async move {
        let exit = run(&mut program, &mut screen, sources).await;
        (exit, program)
    });
    Running { view, input, events, signals, ended }
}

impl Running {
    fn key(&self, code: KeyCode) {
        self.input.send(Input::Key(code.into())).unwrap();
    }

    fn bytes(&self, text: &str) {
        self.input.send(Input::Bytes(text.as_bytes().to_vec())).unwrap();
    }

    fn keys(&self, text: &str) {
        text.chars().for_each(|character| self.key(KeyCode::Char(character)));
    }

    /// Lets the loop do everything it can do at this moment.
    async fn settle(&self) {
        for _ in 0..20 {
            yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_knows_the_size() {
    let mut running = start();
    running.view.until(|text| text.contains("(40, 10) 0")).await;
    assert_eq!(running.view.record().frames, 1);
}

#[tokio::test(start_paused = true)]
async fn queued_keys_share_one_frame_and_are_drawn_at_once() {
    let mut running = start();
    running.view.until(|text| text.contains("(40, 10) 0")).await;
    let before = Instant::now();
    running.keys(&"j".repeat(200));
    running.view.until(|text| text.contains(" 200")).await;
    assert_eq!(Instant::now(), before, "no time passes between a key and its frame");
    assert_eq!(running.view.record().frames, 2);
}

#[tokio::test(start_paused = true)]
async fn background_events_share_a_frame() {
    let mut running = start();
    running.view.until(|text| text.contains("(40, 10) 0")).await;
    for burst in 1..=10 {
        for _ in 0..10 {
            running.events.send("event".to_owned()).unwrap();
        }
        advance(Duration::from_millis(3)).await;
        running.settle().await;
        assert!(running.view.record().frames <= 2, "after burst {burst}");
    }
    running.view.until(|text| text.contains(" 100")).await;
    assert!(running.view.record().frames <= 3);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_events_does_not_block_the_keyboard() {
    let running = start();
    for _ in 0..100_000 {
        running.events.send("event".to_owned()).unwrap();
    }
    running.keys("q");
    let (exit, program) = running.ended.await.unwrap();
    assert_eq!(exit.code(), 7);
    assert!(program.lines.len() < 10_000, "the key waited for {} events", program.lines.len());
}

#[tokio::test(start_paused = true)]
async fn nothing_wakes_an_idle_program() {
    let mut running = start();
    running.view.until(|text| text.contains("(40, 10) 0")).await;
    let metrics = tokio::runtime::Handle::current().metrics();
    assert_eq!(metrics.num_alive_tasks(), 1);
    advance(Duration::from_secs(3600)).await;
    running.settle().await;
    assert_eq!(running.view.record().frames, 1);
}

#[tokio::test(start_paused = true)]
async fn ticks_arrive_only_while_they_are_requested() {
    let mut running = start();
    running.view.until(|text| text.contains("(40, 10) 0")).await;
    let before = Instant::now();
    running.keys("t");
    running.view.until(|text| text.matches("tick").count() == 3).await;
    assert_eq!(before.elapsed(), PERIOD * 3);
    let frames = running.view.record().frames;
    advance(Duration::from_secs(60)).await;
    running.settle().await;
    assert_eq!(running.view.record().frames, frames);
}

#[tokio::test(start_paused = true)]
async fn keys_do_not_delay_the_ticker() {
    let mut running = start();
    running.keys("t");
    for _ in 0..12 {
        advance(Duration::from_millis(30)).await;
        running.keys("j");
        running.settle().await;
    }
    running.view.until(|text| text.contains("tick")).await;
    let (exit, program) = {
        running.keys("q");
        running.ended.await.unwrap()
    };
    assert_eq!(exit.code(), 7);
    assert_eq!(program.lines.iter().filter(|line| *line == "tick").count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_split_arrow_is_one_key_and_a_real_esc_acts_within_fifty_milliseconds() {
    let mut running = start();
    running.bytes("\x1b");
    advance(Duration::from_millis(24)).await;
    running.bytes("[B");
    running.view.until(|text| text.contains("Down")).await;
    assert!(!running.view.text().contains("Esc"));

    let before = Instant::now();
    running.bytes("\x1b");
    running.view.until(|text| text.contains("Esc")).await;
    assert!(before.elapsed() <= Duration::from_millis(30));
}

#[tokio::test(start_paused = true)]
async fn over_a_network_a_lone_esc_waits_longer() {
    let mut running = start_on(|screen| screen.is_remote = true);
    running.bytes("\x1b");
    advance(Duration::from_millis(80)).await;
    running.bytes("[B");
    running.view.until(|text| text.contains("Down")).await;
    assert!(!running.view.text().contains("Esc"));
    let before = Instant::now();
    running.bytes("\x1b");
    running.view.until(|text| text.contains("Esc")).await;
    assert_eq!(before.elapsed().as_millis() / 10, 10);
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_waits_briefly_for_the_initial_data() {
    let begun = Instant::now();
    let mut running = start_with(Diary { opening: 2, ..Diary::default() }, |_| {});
    running.events.send("one".to_owned()).unwrap();
    running.settle().await;
    assert_eq!(running.view.record().frames, 0);
    running.events.send("two".to_owned()).unwrap();
    running.view.until(|text| text.contains("two")).await;
    assert_eq!((running.view.record().frames, begun.elapsed()), (1, Duration::ZERO));
    // Nobody waits longer than that.
    let mut running = start_with(Diary { opening: 2, ..Diary::default() }, |_| {});
    running.view.until(|text| text.contains("(40, 10) 0")).await;
    assert!(begun.elapsed() >= OPENING && begun.elapsed() < OPENING * 2, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_resize_is_handled_and_drawn() {
    let mut running = start();
    running.input.send(Input::Resize { columns: 20, rows: 6 }).unwrap();
    running.view.until(|text| text.contains("(20, 6)")).await;
    assert_eq!(running.view.buffer().area.width, 20);
}

#[tokio::test(start_paused = true)]
async fn effects_reach_the_screen() {
    let mut running = start();
    running.input.send(Input::Paste("x".repeat(3000))).unwrap();
    running.keys("yl");
    running.view.until(|text| text.contains("pasted 3000")).await;
    let record = running.view.record();
    assert_eq!(record.copied, ["an id"]);
    assert_eq!(record.repainted, 1);
}

#[tokio::test(start_paused = true)]
async fn a_size_that_only_a_repaint_detects_is_reported_too() {
    let mut running = start_on(|screen| screen.turned = Some((20, 6)));
    running.key(KeyCode::Char('l'));
    running.view.until(|text| text.contains("(20, 6)")).await;
    assert_eq!(running.view.buffer().area.width, 20);
    // The late message changes nothing.
    running.input.send(Input::Resize { columns: 20, rows: 6 }).unwrap();
    running.keys("j");
    running.view.until(|text| text.contains("(20, 6) 2")).await;
}

#[tokio::test(start_paused = true)]
async fn keys_after_the_one_that_quits_are_dropped() {
    let running = start();
    running.keys("jqj");
    let (exit, program) = running.ended.await.unwrap();
    assert!(matches!(exit, Exit::Quit(7)));
    assert_eq!(program.lines.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn signals_end_it_with_their_codes_once_the_program_has_handled_them() {
    let cases = [
        (Signal::Terminate, 143),
        (Signal::Quit, 131),
        (Signal::Hangup, 129),
        (Signal::Interrupt, 130),
        (Signal::TerminalLost, 129),
        (Signal::Panicked, 101),
    ];
    for (signal, code) in cases {
        let running = start();
        running.signals.send(signal).unwrap();
        let (exit, program) = running.ended.await.unwrap();
        assert_eq!(exit.code(), code);
        assert_eq!(program.lines, [format!("{signal:?}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_terminal_is_no_longer_readable() {
    let running = start();
    drop(running.input);
    assert_eq!(running.ended.await.unwrap().0.code(), 129);
}

#[tokio::test(start_paused = true)]
async fn a_failed_frame_ends_it() {
    let lost = start_on(|screen| screen.broken = Some(rustix::io::Errno::IO.raw_os_error()));
    assert_eq!(lost.ended.await.unwrap().0.code(), 129);
    let full = start_on(|screen| screen.broken = Some(rustix::io::Errno::NOSPC.raw_os_error()));
    assert!(matches!(full.ended.await.unwrap().0, Exit::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn after_a_suspension_a_frame_follows_and_its_own_continue_signal_does_nothing_more() {
    let mut running = start();
    running.keys("z");
    running.view.until(|text| text.contains("'z'")).await;
    running.signals.send(Signal::Continue).unwrap();
    running.settle().await;
    advance(Duration::from_secs(1)).await;
    running.settle().await;
    let frames = running.view.record().frames;
    assert_eq!(running.view.record().suspended, 1);

    running.signals.send(Signal::Continue).unwrap();
    advance(Duration::from_secs(1)).await;
    running.settle().await;
    assert_eq!(running.view.record().frames, frames + 1, "a stop from outside is followed by a whole frame");
}

#[tokio::test(start_paused = true)]
async fn in_the_background_it_draws_nothing_handles_signals_and_stops_again() {
    let mut running = start_on(|screen| screen.background = vec![Hold::Background]);
    running.view.until(|text| text.contains("(40, 10) 0")).await;
    running.keys("z");
    running.settle().await;
    assert_eq!(running.view.record().frames, 1, "the terminal belongs to someone else");
    running.view.until(|text| text.contains("'z'")).await;
    assert_eq!(running.view.record().suspended, 2);

    let ended = start_on(|screen| screen.background = vec![Hold::Background]);
    ended.keys("z");
    ended.settle().await;
    ended.signals.send(Signal::Terminate).unwrap();
    assert_eq!(ended.ended.await.unwrap().0.code(), 143);
}

#[tokio::test(start_paused = true)]
async fn a_capital_letter_within_a_split_key_is_not_a_command() {
    let mut running = start();
    for piece in ["\x1b", "[1;2", "A"] {
        running.bytes(piece);
    }
    running.view.until(|text| text.contains("Up")).await;
    assert!(running.view.text().contains("(40, 10) 1"));
}
