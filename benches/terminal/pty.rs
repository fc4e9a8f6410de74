//! A pseudo-terminal with a program in it, which stamps what the program writes when it arrives. It measures and judges
//! nothing itself.

use std::{
    fs,
    io::{Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use crate::{measure::contains, programs::Program};

/// What the shell of [`How::InShell`] shows when it waits.
pub(crate) const PROMPT: &str = "bench> ";

/// The size of the terminal unless it is said otherwise.
pub(crate) const SIZE: (u16, u16) = (120, 40);

/// Waits for the go, and becomes the program: the time from the go covers one exec and the program.
const ALONE: &str = r#"printf '[ready]'; IFS= read -r _; exec "$@""#;

/// Outlives the program, as the user's shell does, notes its process id, and reports how it ended.
const AS_JOB: &str = r#"printf '[ready]'; IFS= read -r _
sh -c 'echo $$ >"$0/pid"; exec "$@"' "$STAGE" "$@"
echo "$?" >"$STAGE/code"; printf '[ended]'; IFS= read -r _"#;

/// How the program stands in its terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Alone, for measuring.
    Alone,
    /// As the child of a shell that outlives it.
    AsJob,
    /// The same with SIGHUP ignored, as `nohup` does.
    AsDeafJob,
    /// The job of an interactive shell, for Ctrl-Z.
    InShell,
}

/// Something that the program wrote.
pub(crate) struct Piece {
    pub(crate) at: Instant,
    pub(crate) bytes: Vec<u8>,
}

/// A terminal; dropping it ends what runs in it.
pub(crate) struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    output: Receiver<Piece>,
    child: Box<dyn Child + Send + Sync>,
    closing: Arc<AtomicBool>,
    pub(crate) emulator: vt100::Parser,
    pub(crate) bytes: Vec<u8>,
    pub(crate) settings_before: String,
    /// When the program was let go.
    pub(crate) began: Instant,
    pub(crate) stage: TempDir,
}

impl Pty {
    /// Starts a program.
    pub(crate) fn start(program: &Program, how: How) -> Self {
        let stage = TempDir::new().unwrap();
        let mut command = CommandBuilder::new("sh");
        match how {
            How::Alone => command.args(["-c", ALONE, "sh"]),
            How::AsJob => command.args(["-c", &format!("trap : HUP\n{AS_JOB}"), "sh"]),
            How::AsDeafJob => command.args(["-c", &format!("trap '' HUP\n{AS_JOB}"), "sh"]),
            How::InShell => command.arg("-i"),
        }
        if how != How::InShell {
            command.args(&program.command);
        }
        furnish(&mut command, program, &stage);
        let pair = native_pty_system().openpty(size(SIZE)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let closing = Arc::new(AtomicBool::new(false));
        let (sender, output) = channel();
        let (reader, stop) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&closing));
        thread::spawn(move || forward(reader, &sender, &stop));
        let mut pty = Self {
            writer: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            output,
            child,
            closing,
            emulator: vt100::Parser::new(SIZE.1, SIZE.0, 0),
            bytes: Vec::new(),
            settings_before: String::new(),
            began: Instant::now(),
            stage,
        };
        pty.settle(if how == How::InShell { PROMPT } else { "[ready]" });
        pty.settings_before = pty.settings();
        let go = if how == How::InShell { program.as_typed() } else { String::new() };
        pty.bytes.clear();
        pty.began = Instant::now();
        pty.send(&format!("{go}\r"));
        pty
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        if let Some(writer) = &mut self.writer {
            // A program that has ended is found out by what it does not write.
            let _ = writer.write_all(keys.as_bytes()).and_then(|()| writer.flush());
        }
    }

    /// The output until it pauses for a while, or until the time limit.
    pub(crate) fn pump(&mut self, quiet: Duration, limit: Duration) -> Vec<Piece> {
        self.collect(quiet, quiet, limit)
    }

    /// The same, but the first may take as long as the limit.
    pub(crate) fn await_answer(&mut self, quiet: Duration, limit: Duration) -> Vec<Piece> {
        self.collect(limit, quiet, limit)
    }

    fn collect(&mut self, first: Duration, quiet: Duration, limit: Duration) -> Vec<Piece> {
        let (mut pieces, until, mut patience): (Vec<Piece>, _, _) =
            (Vec::new(), Instant::now() + limit, first);
        loop {
            let left = until.saturating_duration_since(Instant::now()).min(patience);
            let Ok(piece) = self.output.recv_timeout(left) else { break };
            pieces.push(piece);
            patience = quiet;
        }
        // Only now, so that the emulator takes no time from the program that is measured.
        for piece in &pieces {
            self.emulator.process(&piece.bytes);
            self.bytes.extend_from_slice(&piece.bytes);
        }
        pieces
    }

    /// Waits until this has been written, for 30 s at most; whether it has.
    pub(crate) fn settle(&mut self, text: &str) -> bool {
        let until = Instant::now() + Duration::from_secs(30);
        while !contains(&self.bytes, text) && Instant::now() < until {
            self.collect(Duration::from_millis(20), Duration::from_millis(20), Duration::from_millis(100));
        }
        contains(&self.bytes, text)
    }

    /// Changes the size. The emulator cannot wrap text in a single column, so it stays as it is below twenty.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.emulator.screen_mut().set_size(rows.max(3), columns.max(20));
        if let Some(master) = &self.master {
            master.resize(size((columns, rows))).unwrap();
        }
    }

    /// Takes the terminal away, as when a line drops.
    pub(crate) fn hang_up(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // The reader holds the terminal too, and sees that it is to let go when the program next says something.
        self.resize(50, 20);
        while self.output.recv_timeout(Duration::from_secs(3)).is_ok() {}
        self.writer = None;
        self.master = None;
    }

    /// The line settings, for comparing.
    pub(crate) fn settings(&self) -> String {
        format!("{:?}", self.master.as_ref().and_then(|master| master.get_termios()))
    }

    /// The process id of the program.
    pub(crate) fn pid(&self) -> u32 {
        let noted = fs::read_to_string(self.stage.path().join("pid")).ok();
        noted.and_then(|text| text.trim().parse().ok()).or(self.child.process_id()).unwrap_or_default()
    }

    /// Whether the program in the terminal has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it has ended, for 10 s at most; whether it has.
    pub(crate) fn ends(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(10);
        while !self.has_ended() && Instant::now() < until {
            self.pump(Duration::from_millis(20), Duration::from_millis(100));
            thread::sleep(Duration::from_millis(5));
        }
        self.has_ended()
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        self.emulator.screen().contents()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let pid = i32::try_from(self.pid()).ok().and_then(rustix::process::Pid::from_raw);
        if let (false, Some(pid)) = (self.stage.path().join("code").exists() || self.has_ended(), pid) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// An environment of its own: the bench reads and writes no file of the user who runs it.
fn furnish(command: &mut CommandBuilder, program: &Program, stage: &TempDir) {
    command.env_clear();
    command.cwd(stage.path());
    for name in ["HOME", "STAGE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        command.env(name, stage.path());
    }
    // Where `sh` is bash, its own line editor would switch a mode on.
    let line_editor = stage.path().join("inputrc");
    fs::write(&line_editor, "set enable-bracketed-paste off\n").unwrap();
    command.env("INPUTRC", line_editor);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PS1", PROMPT)] {
        command.env(name, value);
    }
    for (name, value) in &program.variables {
        command.env(name, value);
    }
}

fn forward(mut reader: Box<dyn Read + Send>, sender: &Sender<Piece>, stop: &AtomicBool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        let piece = Piece { at: Instant::now(), bytes: buffer[..read].to_vec() };
        if sender.send(piece).is_err() || stop.load(Ordering::SeqCst) {
            return;
        }
    }
}
