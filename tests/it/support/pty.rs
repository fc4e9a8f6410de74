//! The real program in a real pseudo-terminal. Tests wait for a text on the screen, within a generous bound; none measures
//! durations.
//!
//! The program runs as the foreground job of a shell that outlives it, as it would for a user: the kernel resets the
//! settings of a terminal whose session ends, so without that shell the tests could not check the final settings.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

use portable_pty::{ChildKiller, CommandBuilder, MasterPty, PtyPair, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::process::{skipped, spawn_in};

/// The prompt of the interactive shell of [`Setup::start_shell`].
pub(crate) const PROMPT: &str = "synod-test> ";

/// The maximum wait for an expected event.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for the go, runs the program as a child that records its process ID, reports how it ended, and stays.
const SHELL: &str = r#"printf '[ready]'; read -r _
sh -c 'echo $$ >"$0/pid"; exec "$@"' "$STAGE" "$@"
code=$?; echo "$code" >"$STAGE/code"; printf '[ended %s]' "$code"; read -r _"#;

/// How to start the program.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    columns: u16,
    rows: u16,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    ignore_hangup: bool,
}

impl Setup {
    /// `synod demo` at 80×24.
    pub(crate) fn demo() -> Self {
        let arguments = vec!["demo".to_owned()];
        Self { columns: 80, rows: 24, arguments, variables: Vec::new(), ignore_hangup: false }
    }

    /// The program with these arguments, at 120×40.
    pub(crate) fn program(arguments: Vec<String>) -> Self {
        Self { columns: 120, rows: 40, arguments, ..Self::demo() }
    }

    /// At another size.
    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// With one more environment variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With SIGHUP ignored, as `nohup` does.
    pub(crate) fn ignore_hangup(mut self) -> Self {
        self.ignore_hangup = true;
        self
    }

    /// Starts the program. Returns `None` with a message if no pseudo-terminal can be opened.
    pub(crate) fn start(self) -> Option<Pty> {
        let trap = if self.ignore_hangup { "trap '' HUP" } else { "trap : HUP" };
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", &format!("{trap}\n{SHELL}"), "sh", env!("CARGO_BIN_EXE_synod")]);
        command.args(&self.arguments);
        let mut pty = Pty::open(&self, command)?;
        pty.until_bytes("[ready]");
        pty.settings_before = pty.settings();
        pty.mark();
        pty.send("\r");
        Some(pty)
    }

    /// Starts an interactive shell instead, in which the program's path is `$SYNOD` and the prompt is [`PROMPT`].
    pub(crate) fn start_shell(self) -> Option<Pty> {
        self.start_other(&["sh", "-i"])
    }

    /// The same with another shell and its arguments.
    pub(crate) fn start_other(self, shell: &[&str]) -> Option<Pty> {
        let mut command = CommandBuilder::new(shell[0]);
        command.args(&shell[1..]);
        Pty::open(&self, command)
    }
}

/// A terminal with the program in it. Dropping it ends everything that still runs.
pub(crate) struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    ended: Receiver<()>,
    shell: Box<dyn ChildKiller + Send + Sync>,
    closing: Arc<AtomicBool>,
    emulator: vt100::Parser,
    bytes: Vec<u8>,
    mark: usize,
    settings_before: String,
    stage: TempDir,
}

impl Pty {
    fn open(setup: &Setup, mut command: CommandBuilder) -> Option<Self> {
        let PtyPair { master, slave } = match native_pty_system().openpty(size(setup.columns, setup.rows)) {
            Ok(pair) => pair,
            Err(error) => {
                skipped(&format!("no pseudo-terminal can be opened: {error}"));
                return None;
            }
        };
        let stage = TempDir::new().unwrap();
        furnish(&mut command, setup, &stage);
        let (mut child, deadline) = spawn_in(&*slave, command);
        drop(slave);
        let shell = child.clone_killer();
        let (ended_sender, ended) = channel();
        thread::spawn(move || {
            let _ = child.wait();
            drop(deadline);
            let _ = ended_sender.send(());
        });
        let closing = Arc::new(AtomicBool::new(false));
        let (sender, output) = channel();
        let reader = master.try_clone_reader().unwrap();
        let stop = closing.clone();
        thread::spawn(move || forward(reader, &sender, &stop));
        let writer = Some(master.take_writer().unwrap());
        Some(Self {
            master: Some(master),
            writer,
            output,
            ended,
            shell,
            closing,
            emulator: emulator(setup.columns, setup.rows),
            bytes: Vec::new(),
            mark: 0,
            settings_before: String::new(),
            stage,
        })
    }

    /// Types keys at the speed of a hand: faster text does nothing.
    pub(crate) fn types(&mut self, keys: &str) {
        for key in keys.chars() {
            self.watch(Duration::from_millis(160));
            self.send(key.encode_utf8(&mut [0; 4]));
        }
    }

    /// Sends bytes at once.
    pub(crate) fn send(&mut self, text: &str) {
        let writer = self.writer.as_mut().expect("the terminal is open");
        writer.write_all(text.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Changes the size. Later waits see only output that was drawn since.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.take_in_what_is_here();
        self.mark();
        self.emulator = emulator(columns, rows);
        self.master.as_ref().expect("the terminal is open").resize(size(columns, rows)).unwrap();
    }

    /// Sends a signal to the program itself.
    pub(crate) fn signal(&self, signal: Signal) {
        // It may have ended on its own; the test will find out.
        let _ = kill_process(self.program(), signal);
    }

    /// Takes the terminal away, like a lost connection.
    pub(crate) fn hang_up(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // The reader holds the terminal too; it releases it at the program's next output.
        self.master.as_ref().expect("the terminal is open").resize(size(50, 20)).unwrap();
        while self.take(PATIENCE, "the terminal to be let go") {}
        self.writer = None;
        self.master = None;
    }

    /// Waits until the screen satisfies `wanted`.
    pub(crate) fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        while !wanted(self.emulator.screen()) {
            assert!(self.take(PATIENCE, what), "the terminal closed; waited for {what}{}", self.sight());
        }
    }

    /// Waits until the screen shows this text.
    pub(crate) fn until_text(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the program has written this since the last mark.
    pub(crate) fn until_bytes(&mut self, text: &str) {
        while !contains(self.since_mark(), text) {
            assert!(self.take(PATIENCE, text), "the terminal closed; waited for {text:?}{}", self.sight());
        }
    }

    /// Sets a mark: later output counts for [`Pty::until_bytes`] and [`Pty::since_mark`].
    pub(crate) fn mark(&mut self) {
        self.mark = self.bytes.len();
    }

    /// The output since the last mark.
    pub(crate) fn since_mark(&self) -> &[u8] {
        &self.bytes[self.mark..]
    }

    /// Reads the output during this time, and returns its number of bytes.
    pub(crate) fn watch(&mut self, time: Duration) -> usize {
        let (before, until) = (self.bytes.len(), Instant::now() + time);
        while let Ok(chunk) = self.output.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.digest(&chunk);
        }
        self.bytes.len() - before
    }

    /// Waits for the program to end and returns its exit code.
    pub(crate) fn exit_code(&mut self) -> i32 {
        if self.master.is_some() {
            self.until_bytes("[ended ");
            self.until_bytes("]");
        } else {
            // The shell's terminal is gone, so it ends after the program.
            self.ended.recv_timeout(PATIENCE).expect("the program outlived its terminal");
        }
        let code = fs::read_to_string(self.stage.path().join("code")).expect("the program ended");
        code.trim().parse().unwrap()
    }

    /// Asserts that the program restored the terminal; call it after the program has ended.
    pub(crate) fn assert_given_back(&self) {
        assert_eq!(modes_left_on(&self.bytes), Vec::<String>::new(), "modes left on");
        assert_eq!(self.settings(), self.settings_before, "the settings of the terminal");
        assert!(!self.emulator.screen().alternate_screen());
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        self.emulator.screen().contents()
    }

    /// The first row that shows this text.
    pub(crate) fn row_of(&self, text: &str) -> Option<usize> {
        row_of(self.emulator.screen(), text)
    }

    /// All output to the terminal.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The line settings of the terminal, for comparing.
    fn settings(&self) -> String {
        format!("{:?}", self.master.as_ref().and_then(|master| master.get_termios()))
    }

    fn program(&self) -> Pid {
        let pid = fs::read_to_string(self.stage.path().join("pid")).expect("the program has started");
        Pid::from_raw(pid.trim().parse().unwrap()).unwrap()
    }

    fn take_in_what_is_here(&mut self) {
        while let Ok(chunk) = self.output.try_recv() {
            self.digest(&chunk);
        }
    }

    /// Reads one more piece; `false` once the terminal is closed.
    fn take(&mut self, patience: Duration, what: &str) -> bool {
        match self.output.recv_timeout(patience) {
            Ok(chunk) => {
                self.digest(&chunk);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => panic!("timed out waiting for {what}{}", self.sight()),
        }
    }

    fn digest(&mut self, chunk: &[u8]) {
        self.emulator.process(chunk);
        self.bytes.extend_from_slice(chunk);
    }

    fn sight(&self) -> String {
        let tail = &self.bytes[self.bytes.len().saturating_sub(400)..];
        format!("; the screen:\n{}\nthe last bytes: {}", self.text(), tail.escape_ascii())
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if !self.stage.path().join("code").exists() && self.stage.path().join("pid").exists() {
            self.signal(Signal::KILL);
        }
        let _ = self.shell.kill();
    }
}

/// The first row that shows this text, counted from 0.
pub(crate) fn row_of(screen: &vt100::Screen, text: &str) -> Option<usize> {
    let (_, columns) = screen.size();
    screen.rows(0, columns).position(|row| row.contains(text))
}

/// The private modes that were switched on and not off again, or off and not on again if they are on by default.
pub(crate) fn modes_left_on(bytes: &[u8]) -> Vec<String> {
    let mut modes = BTreeMap::new();
    for sequence in sequences(bytes) {
        let Some((numbers, set)) = sequence.strip_prefix('?').and_then(|rest| {
            rest.strip_suffix('h')
                .map(|numbers| (numbers, true))
                .or(rest.strip_suffix('l').map(|n| (n, false)))
        }) else {
            continue;
        };
        for number in numbers.split(';') {
            // The wrapping of lines and the cursor are on by default.
            modes.insert(number.to_owned(), set != ["7", "25"].contains(&number));
        }
    }
    modes.into_iter().filter_map(|(mode, on)| on.then_some(mode)).collect()
}

/// The parameters and final byte of each `CSI` sequence.
pub(crate) fn sequences(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let ends = |character: char| ('@'..='~').contains(&character);
    text.split("\x1b[")
        .skip(1)
        .filter_map(|rest| rest.find(ends).map(|end| rest[..=end].to_owned()))
        .collect()
}

/// Whether these bytes contain this text.
pub(crate) fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The emulator cannot wrap text in a single column, so it is never smaller than the shell's minimum size.
fn emulator(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(rows.max(3), columns.max(20), 0)
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// A separate environment, so that the tests touch no files of the user who runs them.
fn furnish(command: &mut CommandBuilder, setup: &Setup, stage: &TempDir) {
    let home = stage.path().join("home");
    fs::create_dir(&home).unwrap();
    command.env_clear();
    command.cwd(&home);
    let folder = |name: &str| -> PathBuf { home.join(name) };
    command.env("HOME", &home);
    command.env("XDG_CONFIG_HOME", folder("config"));
    command.env("XDG_STATE_HOME", folder("state"));
    command.env("XDG_CACHE_HOME", folder("cache"));
    command.env("XDG_DATA_HOME", folder("data"));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("PS1", PROMPT);
    // If `sh` is bash, its prompt would enable bracketed paste, but the tests look for the program's own use of it.
    let line_editor = stage.path().join("inputrc");
    fs::write(&line_editor, "set enable-bracketed-paste off\n").unwrap();
    command.env("INPUTRC", line_editor);
    command.env("SYNOD", env!("CARGO_BIN_EXE_synod"));
    command.env("STAGE", stage.path());
    for (name, value) in &setup.variables {
        command.env(name, value);
    }
}

/// Copies the terminal's output to the test until the terminal closes or must be released.
fn forward(mut reader: Box<dyn Read + Send>, sender: &Sender<Vec<u8>>, stop: &AtomicBool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        if sender.send(buffer[..read].to_vec()).is_err() || stop.load(Ordering::SeqCst) {
            return;
        }
    }
}
