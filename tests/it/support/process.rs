//! Child processes of tests: each begins with the default signals whoever started the tests, and each has a deadline after
//! which it is killed, so that a hang is a failure. It also owns what happens where a test cannot test anything.

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    ops::{Deref, DerefMut},
    os::unix::process::CommandExt,
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

/// What must end, ends within this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Reports on standard error that a test tests nothing here, also where the test runner keeps what passing tests print to
/// itself. With `SYNOD_NO_SKIPS` set the test fails instead.
pub(crate) fn skipped(why: &str) {
    let forbids = std::env::var_os("SYNOD_NO_SKIPS").is_some_and(|value| !value.is_empty());
    assert!(!forbids, "skipped, which SYNOD_NO_SKIPS forbids: {why}");
    let _ = writeln!(io::stderr(), "skipped: {why}");
}

/// A command whose process begins with the default signals, in an empty environment.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    stop_ignoring_signals();
    let mut command = Command::new(program);
    command.env_clear();
    command
}

/// A child inherits the signals that its parent ignores, as tests do that were started by `nohup` or in the background of
/// a script. What is handled instead, here by doing nothing, is the default again in the child; SIGPIPE is reset by the
/// standard library.
fn stop_ignoring_signals() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        for kind in
            [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()]
        {
            if is_ignored(kind.as_raw_value()) {
                // The handler stays although nobody listens.
                drop(signal(kind).unwrap());
            }
        }
    });
}

/// Whether this process ignores a signal; `false` where the system does not say.
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (number - 1)) != 0)
}

/// Between its fork and the program that it becomes, a child holds copies of all open files, and with them the locks that
/// an engine of another test has just given up.
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

/// Held by a test that depends on when a lock is given up: meanwhile no test starts a child. Take it once in a test.
pub(crate) fn without_forks() -> NoForks {
    NoForks { _guard: FORKS.read().unwrap_or_else(PoisonError::into_inner) }
}

/// Kills a process that has not ended in time. Dropping it calls that off.
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

/// Starts a command in a terminal, with the default signals and a deadline, which is called off when it is dropped.
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

    /// In a process group of its own, so that what it starts ends with it.
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

    /// Hands over what it reads on standard input, and waits for its end and for all that it writes.
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
            // The test has failed, or the process is one that runs until it is not needed any more.
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

/// Runs a command to its end, with something on standard input or with none.
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
