//! Standard output and standard error of commands: the only place that writes their text, so that the text cannot control a
//! terminal or show a secret. It also handles the loss of the reader: a closed pipe ends the writing silently, and any other
//! failure is reported once.

use std::{
    io::{self, BufWriter, ErrorKind, IsTerminal, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Fault, FaultCode};
use crate::scrub;

/// The size of a buffer in bytes.
const BUFFER: usize = 64 << 10;

/// The destination of a command's data.
pub struct Out {
    target: Box<dyn Write + Send>,
    /// Whether the reader gets everything at once, and not only when a buffer is full.
    is_live: bool,
    is_open: bool,
    failure: Option<io::Error>,
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Out").field("is_open", &self.is_open).finish_non_exhaustive()
    }
}

impl Out {
    /// Standard output.
    pub fn stdout() -> Self {
        Self::to(Box::new(io::stdout()))
    }

    /// Another destination.
    pub fn to(target: Box<dyn Write + Send>) -> Self {
        Self { target, is_live: true, is_open: true, failure: None }
    }

    /// The same, for a long list that nobody follows line by line.
    #[must_use]
    pub fn buffered(self) -> Self {
        Self { target: Box::new(BufWriter::with_capacity(BUFFER, self.target)), is_live: false, ..self }
    }

    /// Writes a text for people and a line end, in one piece; does nothing once the reader is gone.
    pub fn line(&mut self, text: &str) {
        self.bytes(format!("{}\n", scrub::leaving(text)).as_bytes());
    }

    /// Writes JSON, one text or several, with its line ends unchanged. The producer has escaped terminal controls.
    pub fn json(&mut self, json: &str) {
        self.bytes(scrub::masked_json(json).as_bytes());
    }

    /// Writes a table for programs, with its line ends unchanged. The producer has cleaned the cells.
    pub fn cells(&mut self, table: &str) {
        self.bytes(scrub::masked(table).as_bytes());
    }

    /// Writes bytes unchanged; none of them may come from outside.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if !self.is_open {
            return;
        }
        let written = self.target.write_all(bytes);
        self.note(written);
        if self.is_live {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.is_open {
            let flushed = self.target.flush();
            self.note(flushed);
        }
    }

    fn note(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.is_open = false;
            self.failure = (error.kind() != ErrorKind::BrokenPipe).then_some(error);
        }
    }

    /// Whether the output may still have a reader.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// The exit code of a command that ends, or the reason why not all of its output could be written.
    pub fn finish(&mut self, code: u8) -> Result<u8, Fault> {
        self.flush();
        match self.failure.take() {
            None => Ok(code),
            Some(error) => Err(Fault::new(
                FaultCode::System,
                format!(
                    "standard output cannot be written: {error}. Look at where it goes; what was sent is in the journal"
                ),
            )),
        }
    }
}

/// The last message.
static TOLD: Mutex<String> = Mutex::new(String::new());

/// Prints a message for people on standard error, unless it repeats the previous one. A failure to print is ignored.
pub fn tell(words: &str) {
    let words = scrub::leaving(words);
    let mut last = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if *last == words {
        return;
    }
    let _ = writeln!(io::stderr().lock(), "synod: {words}");
    *last = words;
}

/// Whether only failures and questions are printed.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on, prints only failures and questions.
pub fn quieten() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether only failures and questions are printed.
pub(super) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a message for people that reports no failure; does nothing with `--quiet`.
pub(super) fn note(words: &str) {
    if !is_quiet() {
        tell(words);
    }
}

/// Asks a question on standard error; the answer is typed on the same line.
pub(super) fn ask(question: &str) {
    let _ = write!(io::stderr().lock(), "{} ", scrub::leaving(question));
}

/// Draws a line on standard error over the current one.
pub(super) fn draw_over(words: &str) {
    // Line wrapping is switched off, so that an overlong line does not become two.
    let _ = write!(io::stderr().lock(), "\r\x1b[K\x1b[?7l{}\x1b[?7h", scrub::leaving(words));
}

/// Clears the current line on standard error.
pub(super) fn clear_line() {
    let _ = write!(io::stderr().lock(), "\r\x1b[K");
}

/// Writes a report about the program's own faults or its arguments to standard error, with its line ends unchanged.
pub fn report(words: &str) {
    let _ = write!(io::stderr().lock(), "{}", scrub::leaving(words));
}

/// Ends the line in which a terminal shows typed text; does nothing if there is no person at a terminal.
pub(super) fn end_line() {
    if can_ask() {
        let _ = writeln!(io::stderr().lock());
    }
}

/// Whether a person can be asked: answers come from standard input, and questions go to the other streams.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// Whether a status line may be drawn on standard error.
pub(super) fn can_draw() -> bool {
    !is_quiet() && io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fails(ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_ends_quietly_and_a_full_disk_does_not() {
        let mut closed = Out::to(Box::new(Fails(ErrorKind::BrokenPipe)));
        closed.line("data");
        assert!(!closed.is_open());
        assert_eq!(closed.finish(3), Ok(3));
        let mut full = Out::to(Box::new(Fails(ErrorKind::StorageFull)));
        full.line("data");
        assert!(matches!(full.finish(0), Err(fault) if fault.words.contains("cannot be written")));
    }
}
