//! Standard output and standard error as commands write them: the one place where their text goes out, so that none of it
//! drives a terminal or shows a secret. It owns what happens when nobody reads: a closed pipe ends the writing without a
//! word, anything else that fails is told once.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    sync::{Mutex, PoisonError},
};

use super::Fault;
use crate::scrub;

/// Where the data of a command goes.
pub struct Out {
    target: Box<dyn Write + Send>,
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

    /// Somewhere else.
    pub fn to(target: Box<dyn Write + Send>) -> Self {
        Self { target, is_open: true, failure: None }
    }

    /// Writes a text for people with a line's end after it, whole, at once; nothing when nobody reads any more.
    pub fn line(&mut self, text: &str) {
        self.bytes(format!("{}\n", scrub::leaving(text)).as_bytes());
    }

    /// Writes JSON, one text or several, with line ends as they are. What made it has escaped what drives a terminal.
    pub fn json(&mut self, json: &str) {
        self.bytes(scrub::masked_json(json).as_bytes());
    }

    /// Writes a table for programs, with line ends as they are. What made it has cleaned the cells.
    pub fn cells(&mut self, table: &str) {
        self.bytes(scrub::masked(table).as_bytes());
    }

    /// Writes bytes as they are, in which nothing is from outside.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if !self.is_open {
            return;
        }
        if let Err(error) = self.target.write_all(bytes).and_then(|()| self.target.flush()) {
            self.is_open = false;
            self.failure = (error.kind() != ErrorKind::BrokenPipe).then_some(error);
        }
    }

    /// Whether somebody may still read.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// The code of a command that ends, or why not all of it could be written.
    pub fn finish(&mut self, code: u8) -> Result<u8, Fault> {
        match self.failure.take() {
            None => Ok(code),
            Some(error) => Err(Fault::Failed(format!(
                "standard output cannot be written: {error}. Look at where it goes; what was sent is in the journal"
            ))),
        }
    }
}

/// What was told last.
static TOLD: Mutex<String> = Mutex::new(String::new());

/// Tells people something on standard error; what was told just before is not told again. Nobody is told of a failure to
/// do so.
pub fn tell(words: &str) {
    let words = scrub::leaving(words);
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if *told == words {
        return;
    }
    let _ = writeln!(io::stderr().lock(), "synod: {words}");
    *told = words;
}

/// Asks people something on standard error; what they type stands in the same line.
pub(super) fn ask(question: &str) {
    let _ = write!(io::stderr().lock(), "{} ", scrub::leaving(question));
}

/// Draws a line on standard error over the one that stands there.
pub(super) fn draw_over(words: &str) {
    // Switching the wrapping off for the line keeps one that is too long from becoming two.
    let _ = write!(io::stderr().lock(), "\r\x1b[K\x1b[?7l{}\x1b[?7h", scrub::leaving(words));
}

/// Clears the line that is drawn over on standard error.
pub(super) fn clear_line() {
    let _ = write!(io::stderr().lock(), "\r\x1b[K");
}

/// Writes on standard error what tells of the program's own faults or of its arguments, with line ends as they are.
pub fn report(words: &str) {
    let _ = write!(io::stderr().lock(), "{}", scrub::leaving(words));
}

/// Ends the line in which a terminal shows what was typed; nothing where people are not at one.
pub(super) fn end_line() {
    if can_ask() {
        let _ = writeln!(io::stderr().lock());
    }
}

/// Whether people can be asked: what they type is read from standard input, what they are asked stands on the rest.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// Whether standard error can be drawn on.
pub(super) fn can_draw() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
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
        assert!(matches!(full.finish(0), Err(Fault::Failed(words)) if words.contains("cannot be written")));
    }
}
