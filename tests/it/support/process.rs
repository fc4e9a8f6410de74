//! Child processes of tests: each begins with the default signals, however the tests were started, and each has a deadline
//! that kills it, so a hang is a failure. Also reports tests that cannot test anything.

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    ops::{Deref, DerefMut},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Once, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use portable_pty::{CommandBuilder, SlavePty};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};

/// The time within which everything must end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Reports on standard error that a test tests nothing here, even if the test runner hides the output of passing
/// tests. With `SYNOD_NO_SKIPS` set the test fails instead.
pub(crate) fn skipped(why: &str) {
    let forbids = std::env::var_os("SYNOD_NO_SKIPS").is_some_and(|value| !value.is_empty());
    assert!(!forbids, "skipped, which SYNOD_NO_SKIPS forbids: {why}");
    let _ = writeln!(io::stderr(), "skipped: {why}");
}

/// Another program that a test drives. Without it the test tests nothing; the variable `SYNOD_WITHOUT` lists the programs that may be
/// missing even if nothing may be skipped.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        let missing = std::env::var("SYNOD_WITHOUT").unwrap_or_default();
        if missing.split_whitespace().any(|missing| missing == name) {
            let _ = writeln!(io::stderr(), "skipped: {name} is not installed");
        } else {
            skipped(&format!("{name} is not installed"));
        }
    }
    found
}

/// Whether the system has `/dev/full`, on which every write fails as on a full disk. macOS has no such device.
pub(crate) const HAS_FULL_DEVICE: bool = cfg!(not(target_vendor = "apple"));

/// A command whose process begins with the default signals, in an empty environment.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    stop_ignoring_signals();
    let mut command = Command::new(program);
    command.env_clear();
    command
}

/// A child inherits the signals that its parent ignores, for instance if `nohup` or the background of a script started
/// the tests. A signal with a handler, here one that does nothing, is reset to the default in the child; the standard
/// library resets SIGPIPE.
fn stop_ignoring_signals() {
    static DONE: Once = Once::new();
    // A runtime cannot be used inside another one.
    DONE.call_once(|| thread::spawn(catch_ignored_signals).join().unwrap());
}

fn catch_ignored_signals() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    for kind in [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()] {
        if is_ignored(kind.as_raw_value()) {
            // The handler stays although nobody listens.
            drop(signal(kind).unwrap());
        }
    }
}

/// Whether this process ignores a signal; `false` if the system does not say.
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (number - 1)) != 0)
}

/// Between its fork and its exec, a child holds copies of all open files, and with them the locks that
/// an engine of another test has just released.
static FORKS: RwLock<()> = RwLock::new(());

/// A child is being started.
pub(crate) struct Forking {
    _guard: RwLockWriteGuard<'static, ()>,
}

/// No child is being started.
pub(crate) struct NoForks {
    _guard: RwLockReadGuard<'static, ()>,
}

/// Held while a child is started.
pub(crate) fn forking() -> Forking {
    Forking { _guard: FORKS.write().unwrap_or_else(PoisonError::into_inner) }
}

/// Held by a test that depends on the release of a lock: meanwhile no test starts a child. Take it once in a test.
pub(crate) fn without_forks() -> NoForks {
    NoForks { _guard: FORKS.read().unwrap_or_else(PoisonError::into_inner) }
}

/// Kills a process that has not ended in time. Dropping it cancels that.
#[derive(Debug)]
pub(crate) struct Deadline {
    _called_off: Sender<()>,
}

impl Deadline {
    /// For a process, or for its group with all that it started.
    pub(crate) fn new(process: Pid, has_group: bool) -> Self {
        let (called_off, waits) = channel::<()>();
        thread::spawn(move || {
            if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = writeln!(io::stderr(), "process {process:?} did not end within {PATIENCE:?}: killed");
                let _ = kill(process, has_group, Signal::KILL);
            }
        });
        Self { _called_off: called_off }
    }
}

fn kill(process: Pid, has_group: bool, signal: Signal) -> rustix::io::Result<()> {
    if has_group { kill_process_group(process, signal) } else { kill_process(process, signal) }
}

/// Starts a command in a terminal, with the default signals and a deadline, which dropping it cancels.
pub(crate) fn spawn_in(
    terminal: &dyn SlavePty,
    command: CommandBuilder,
) -> (Box<dyn portable_pty::Child + Send + Sync>, Deadline) {
    stop_ignoring_signals();
    let forking = forking();
    let child = terminal.spawn_command(command).unwrap();
    drop(forking);
    let process = child.process_id().and_then(|id| Pid::from_raw(id.try_into().unwrap())).unwrap();
    (child, Deadline::new(process, false))
}

/// A child with a deadline. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    has_group: bool,
    deadline: Option<Deadline>,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self::start(command, false)
    }

    /// In its own process group, so that its children end with it.
    pub(crate) fn spawn_group(command: &mut Command) -> Self {
        Self::start(command.process_group(0), true)
    }

    fn start(command: &mut Command, has_group: bool) -> Self {
        let forking = forking();
        let child = command.spawn().unwrap();
        drop(forking);
        let deadline = Some(Deadline::new(Pid::from_child(&child), has_group));
        Self { child, has_group, deadline }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let status = self.child.wait().unwrap();
        self.deadline = None;
        status
    }

    /// Writes its standard input, and waits for its end and for all its output.
    pub(crate) fn output(mut self, input: Option<String>) -> Output {
        let stdin = self.child.stdin.take();
        let writing = thread::spawn(move || {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // It need not read all of it, or any.
                let _ = stdin.write_all(input.as_bytes());
            }
        });
        let stderr = self.child.stderr.take();
        let reading = thread::spawn(move || all_of(stderr));
        let stdout = all_of(self.child.stdout.take());
        let stderr = reading.join().unwrap();
        let status = self.wait();
        writing.join().unwrap();
        Output { status, stdout, stderr }
    }
}

impl Deref for Process {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

impl DerefMut for Process {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.deadline.is_some() {
            // The test has failed, or the process is one that runs until nobody needs it any more.
            let _ = kill(Pid::from_child(&self.child), self.has_group, Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

fn all_of(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes).unwrap();
    }
    bytes
}

/// Runs a command to its end, with a standard input or with none.
pub(crate) fn run(command: &mut Command, input: Option<&str>) -> Output {
    piped(command, input);
    Process::spawn(command).output(input.map(str::to_owned))
}

/// The same with all that the command starts.
pub(crate) fn run_group(command: &mut Command, input: Option<&str>) -> Output {
    piped(command, input);
    Process::spawn_group(command).output(input.map(str::to_owned))
}

fn piped(command: &mut Command, input: Option<&str>) {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
}
