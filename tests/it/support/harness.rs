//! The whole program in memory: the real loop, state, engine, store and client over the simulated gateway, driven by
//! keys on a paused clock. Each test ends with [`Harness::end`], which joins everything and finds leftovers.
//!
//! ```ignore
//! let mut synod = Harness::world("harbor").start().await;
//! synod.keys("<tab><tab> l").await;
//! synod.until("Press [y]").await;
//! synod.keys("y").await;
//! synod.until("1 verified").await;
//! synod.end().await;
//! ```

mod keys;
mod network;
mod setup;
mod slow;
mod watched;

use std::sync::Arc;

use axum::body::Body;
use http::Request;
use ratatui::buffer::Buffer;
use synod::{
    app::mouse::Mouse,
    engine::Engine,
    simulator::{InstanceStanding, Kind, Logged, Simulator},
    text::Text,
    tui::{event_loop::Exit, input::Input, signals::Signal},
};
use tempfile::TempDir;
use tokio::{
    runtime::Handle,
    sync::{mpsc::UnboundedSender, watch},
    task::JoinHandle,
    time::{Duration, sleep, timeout},
};
use tower::ServiceExt;

pub(crate) use self::{keys::parse, network::Weather, setup::Setup};
use self::{network::Network, watched::Frames};
use super::screen::{Record, View};

/// The maximum time, in virtual time, that the program may take to end: the slowest gateway answers after 65 s.
const PATIENCE: Duration = Duration::from_secs(600);

/// The time between the key presses of a hand.
const HUMAN: Duration = Duration::from_millis(200);

/// A running program.
pub(crate) struct Harness {
    /// The program's texts.
    pub(crate) words: Text,
    /// The world behind the gateway.
    pub(crate) simulator: Simulator,
    engine: Engine,
    instance: String,
    network: Network,
    view: View,
    frames: Frames,
    folded: watch::Receiver<usize>,
    sent: usize,
    /// The time of the last key press.
    pressed: tokio::time::Instant,
    input: UnboundedSender<Input>,
    signals: UnboundedSender<Signal>,
    program: Option<JoinHandle<Exit>>,
    state_dir: Arc<TempDir>,
    panics: usize,
    /// The number of the last operation whose end was waited for.
    done: u64,
    has_ended: bool,
}

impl Harness {
    /// A program on the first `RyzeAPI` instance of a built-in world, 120×40.
    pub(crate) fn world(name: &str) -> Setup {
        Setup::new(setup::built_in(name))
    }

    /// A program on a world that is written here.
    pub(crate) fn toml(text: &str) -> Setup {
        Setup::new(setup::written(text))
    }

    /// Data that the program leaves behind, for its successor.
    pub(crate) fn left_behind(&self) -> Arc<TempDir> {
        Arc::clone(&self.state_dir)
    }

    /// Presses keys, as [`parse`] reads them, and waits until the screen shows their effect.
    pub(crate) async fn keys(&mut self, keys: &str) -> &mut Self {
        for run in parse(keys) {
            for key in run {
                // In the order in which a hand presses them, although no time passes.
                self.pressed = tokio::time::Instant::now().max(self.pressed + HUMAN);
                self.send(Input::At(self.pressed, Box::new(Input::Key(key))));
            }
            self.settle().await;
        }
        self
    }

    /// Sends bytes with this interval, as over a line, and waits until they and their consequences are handled.
    pub(crate) async fn sends(&mut self, text: &str, gap: Duration) -> &mut Self {
        tokio::time::sleep_until(self.pressed + HUMAN).await;
        for byte in text.bytes() {
            let _ = self.input.send(Input::Bytes(vec![byte]));
            sleep(gap).await;
        }
        sleep(Duration::from_secs(1)).await;
        self.sent = *self.folded.borrow();
        self
    }

    /// Sends a text that arrives in one piece.
    pub(crate) async fn sends_at_once(&mut self, text: &str) -> &mut Self {
        tokio::time::sleep_until(self.pressed + HUMAN).await;
        let _ = self.input.send(Input::Bytes(text.as_bytes().to_vec()));
        sleep(Duration::from_secs(1)).await;
        self.sent = *self.folded.borrow();
        self
    }

    /// Pastes a text.
    pub(crate) async fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Input::Paste(text.to_owned()));
        self.settle().await;
        self
    }

    /// Uses the mouse.
    pub(crate) async fn mouse(&mut self, mouse: Mouse) -> &mut Self {
        self.send(Input::Mouse(mouse));
        self.settle().await;
        self
    }

    /// Presses the mouse on a text, this many columns right of its first one.
    pub(crate) async fn press(&mut self, text: &str, right: u16) -> &mut Self {
        let (column, row) = self.place(text);
        self.mouse(Mouse::Press { column: column + right, row }).await
    }

    /// The cell at which a text begins.
    pub(crate) fn place(&self, text: &str) -> (u16, u16) {
        let screen = self.text();
        let mut lines = screen.lines().zip(0..);
        let found = lines.find_map(|(line, row)| {
            let at = line.find(text)?;
            Some((u16::try_from(line[..at].chars().count()).unwrap(), row))
        });
        found.unwrap_or_else(|| panic!("no {text:?}:\n{screen}"))
    }

    /// Gives the terminal another size.
    pub(crate) async fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        let _ = self.input.send(Input::Resize { columns, rows });
        self.view.until(|text| text.lines().count() == usize::from(rows)).await;
        self
    }

    fn send(&mut self, input: Input) {
        self.sent += 1;
        // A program that has ended receives nothing more.
        let _ = self.input.send(input);
    }

    /// Waits until everything that was sent is folded and drawn, or the program has ended.
    async fn settle(&mut self) {
        let sent = self.sent;
        let _ = timeout(PATIENCE, self.folded.wait_for(|folded| *folded >= sent)).await;
    }

    /// Waits until the screen shows this text; it may be there already.
    pub(crate) async fn until(&mut self, wanted: &str) -> String {
        self.view.until(|text| text.contains(wanted)).await
    }

    /// Waits until this text is nowhere on the screen.
    pub(crate) async fn until_gone(&mut self, unwanted: &str) -> String {
        self.view.until(|text| !text.contains(unwanted)).await
    }

    /// Waits until everything of an instance has been read, as a screen of 60 columns or more shows it.
    pub(crate) async fn loaded(&mut self) -> &mut Self {
        let (reading, asking) = (self.words.say("header-reading"), self.words.say("connection-asking"));
        self.view.until(|text| !text.contains(&*reading) && !text.contains(&*asking)).await;
        self
    }

    /// Presses the key that confirms a plan once it is shown, and waits for the operation's end.
    pub(crate) async fn confirmed(&mut self) -> String {
        self.until("Press [y]").await;
        self.keys("y").await;
        self.until_done().await
    }

    /// Waits until the next operation has ended, and the screen says so.
    pub(crate) async fn until_done(&mut self) -> String {
        let said = ["operation-done", "operation-stopped", "notice-ended"].map(|key| {
            let words = self.words.with(key, &[("operation", "#".into()), ("counts", String::new().into())]);
            words.rsplit('#').next().unwrap_or_default().trim().to_owned()
        });
        let last = self.done;
        let ended = |text: &str| {
            let numbers = text.split('#').skip(1).filter_map(|rest| {
                let digits = rest.find(|character: char| !character.is_ascii_digit())?;
                let (number, after) = rest.split_at(digits);
                let is_end = said.iter().any(|said| after.trim_start().starts_with(said.as_str()));
                number.parse::<u64>().ok().filter(|_| is_end)
            });
            numbers.filter(|number| *number > last).max()
        };
        let shown = self.view.until(|text| ended(text).is_some()).await;
        self.done = ended(&shown).unwrap_or(last);
        shown
    }

    /// Lets virtual time pass.
    pub(crate) async fn pass(&mut self, time: Duration) -> &mut Self {
        sleep(time).await;
        self
    }

    /// The text of the screen.
    pub(crate) fn text(&self) -> String {
        self.view.text()
    }

    /// The screen with its styles.
    pub(crate) fn buffer(&self) -> Buffer {
        self.view.buffer()
    }

    /// The line of the screen that contains a text.
    pub(crate) fn line(&self, text: &str) -> String {
        let screen = self.text();
        let line = screen.lines().find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("no line with {text:?}:\n{screen}")).to_owned()
    }

    /// Fails unless the screen shows this text.
    pub(crate) fn shows(&mut self, text: &str) -> &mut Self {
        assert!(self.text().contains(text), "{text:?} is not shown:\n{}", self.text());
        self
    }

    /// Waits until a pane shows this text, with any line breaks.
    pub(crate) async fn until_said(&mut self, wanted: &str) -> String {
        self.view.until(|text| said(text).contains(wanted)).await
    }

    /// Fails unless a pane shows this text, with any line breaks.
    pub(crate) fn says(&mut self, text: &str) -> &mut Self {
        assert!(said(&self.text()).contains(text), "{text:?} is not shown in a pane:\n{}", self.text());
        self
    }

    /// Fails if the screen shows this text.
    pub(crate) fn hides(&mut self, text: &str) -> &mut Self {
        assert!(!self.text().contains(text), "{text:?} is shown:\n{}", self.text());
        self
    }

    /// Other things that happened to the terminal.
    pub(crate) fn record(&self) -> Record {
        self.view.record()
    }

    /// The texts of all frames so far that differ from the one before.
    pub(crate) fn frames(&self) -> Vec<Arc<str>> {
        self.frames.all()
    }

    /// The real state for the instance.
    pub(crate) fn truth(&self) -> InstanceStanding {
        self.simulator.truth().instances.remove(&self.instance).unwrap_or_default()
    }

    /// Every request that the gateway has received.
    pub(crate) fn requests(&self) -> Vec<Logged> {
        self.simulator.requests()
    }

    /// The requests that could change something.
    pub(crate) fn writes(&self) -> Vec<Logged> {
        self.requests().into_iter().filter(|request| request.kind == Kind::Write).collect()
    }

    /// The names of the groups that were written to, in order, one for each request.
    pub(crate) fn written(&self) -> Vec<String> {
        let names = self.truth().names;
        let groups = self.writes().into_iter().flat_map(|request| request.groups);
        groups.map(|group| names.get(&group).cloned().unwrap_or(group)).collect()
    }

    /// The ID of the only group with this name.
    pub(crate) fn group(&self, name: &str) -> String {
        let truth = self.truth();
        let is_group = |id: &&String| !truth.communities.contains_key(*id);
        only(truth.names.iter().filter(|(_, known)| *known == name).map(|(id, _)| id).filter(is_group), name)
    }

    /// The ID of the only community with this name.
    pub(crate) fn community(&self, name: &str) -> String {
        let truth = self.truth();
        only(
            truth.communities.keys().filter(|id| truth.names.get(*id).is_some_and(|known| known == name)),
            name,
        )
    }

    /// Whether a group is really linked to a community.
    pub(crate) fn is_linked(&self, group: &str, community: &str) -> bool {
        self.truth().is_linked(&self.group(group), &self.community(community))
    }

    /// Another program sends the gateway a request with the same token; returns the status.
    pub(crate) async fn elsewhere(&self, method: &str, path: &str, body: &str) -> u16 {
        let info = self.simulator.instances().into_iter().find(|info| info.name == self.instance).unwrap();
        let request = Request::builder().method(method).uri(path).header("token", info.token);
        let request =
            request.header("content-type", "application/json").body(Body::from(body.to_owned())).unwrap();
        self.simulator.router().oneshot(request).await.unwrap().status().as_u16()
    }

    /// Changes the network between the program and the gateway.
    pub(crate) fn weather(&self, weather: Weather) {
        self.network.set(weather);
    }

    /// The configuration file of [`Setup::configuration`].
    pub(crate) fn config_file(&self) -> std::path::PathBuf {
        self.state_dir.path().join("config/synod/config.toml")
    }

    /// The directory of the journal.
    pub(crate) fn state_dir(&self) -> &std::path::Path {
        self.state_dir.path()
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = self.signals.send(signal);
    }

    /// Waits for the program to end on its own, and returns how it ended.
    pub(crate) async fn exited(&mut self) -> Exit {
        let program = self.program.take().expect("the program has ended already");
        timeout(PATIENCE, program).await.expect("the program does not end").expect("the program panicked")
    }

    /// Whether the program still runs.
    pub(crate) fn is_running(&self) -> bool {
        self.program.as_ref().is_some_and(|program| !program.is_finished())
    }

    /// Ends the program if it still runs, waits for every task, and checks for forbidden things.
    pub(crate) async fn end(mut self) {
        self.has_ended = true;
        if let Some(program) = self.program.take() {
            let _ = self.signals.send(Signal::Terminate);
            timeout(PATIENCE, program)
                .await
                .expect("the program does not end")
                .expect("the program panicked");
        }
        self.engine.shutdown().await;
        let frames = self.frames.clone();
        let before = self.panics;
        drop(self);
        let quiet = async {
            while Handle::current().metrics().num_alive_tasks() > 0 {
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(PATIENCE, quiet).await.expect("a task is still running");
        assert_eq!(watched::panics(), before, "a task panicked");
        frames.check();
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        assert!(self.has_ended || std::thread::panicking(), "a test must end its program");
    }
}

/// The text in the columns of a screen, each read from top to bottom.
fn said(screen: &str) -> String {
    let mut columns: Vec<Vec<&str>> = Vec::new();
    for line in screen.lines() {
        for (at, part) in line.split('│').enumerate() {
            if columns.len() <= at {
                columns.push(Vec::new());
            }
            columns[at].extend(part.split_whitespace());
        }
    }
    columns.iter().map(|words| words.join(" ") + "\n").collect()
}

fn only<'a>(mut ids: impl Iterator<Item = &'a String>, name: &str) -> String {
    let id = ids.next().unwrap_or_else(|| panic!("nothing in the world is called {name:?}"));
    assert!(ids.next().is_none(), "several things are called {name:?}");
    id.clone()
}
