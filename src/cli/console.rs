//! The person at the terminal: whether they can be asked, their answers, and where a command's data goes. It owns no
//! question; tests replace the person.

mod hidden;

use std::{
    fmt,
    io::{self, BufRead, IsTerminal},
};

use async_trait::async_trait;
use secrecy::SecretString;

use super::out::{self, Out};

/// Answers a command's questions and receives its data.
#[async_trait]
pub trait Console: fmt::Debug + Send + Sync {
    /// Whether a person can be asked.
    fn can_ask(&self) -> bool;

    /// Shows a question and waits for the typed line; returns it without the line end. `None` at the end of input, which is no answer.
    async fn ask(&self, question: &str) -> Option<String>;

    /// The same for a secret, which is not shown while it is typed; `None` if it cannot be hidden, or the program is asked to end.
    async fn ask_hidden(&self, question: &str) -> Option<SecretString> {
        self.ask(question).await.map(SecretString::from)
    }

    /// Whether standard input is a terminal. If it is, it has only a person's answers, and no other data.
    fn is_terminal(&self) -> bool {
        self.can_ask()
    }

    /// Where a command's data goes.
    fn output(&self) -> Out;
}

/// The next line of standard input. A line that ends with the input was not finished, so it is no answer.
fn line() -> Option<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).ok()?;
    line.ends_with('\n').then_some(line)
}

/// The standard streams of this process.
#[derive(Debug)]
pub struct StandardStreams;

#[async_trait]
impl Console for StandardStreams {
    fn can_ask(&self) -> bool {
        out::can_ask()
    }

    async fn ask(&self, question: &str) -> Option<String> {
        out::ask(question);
        let typed = tokio::task::spawn_blocking(line).await.ok()??;
        Some(typed.trim().to_owned())
    }

    async fn ask_hidden(&self, question: &str) -> Option<SecretString> {
        hidden::answer(question).await
    }

    fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    fn output(&self) -> Out {
        Out::stdout()
    }
}
