//! The person at the terminal: whether they can be asked, their answers, and where a command's data goes. It owns no
//! question; tests replace the person.

use std::{
    fmt,
    io::{self, BufRead},
};

use async_trait::async_trait;

use super::out::{self, Out};

/// Answers a command's questions and receives its data.
#[async_trait]
pub trait Console: fmt::Debug + Send + Sync {
    /// Whether a person can be asked.
    fn can_ask(&self) -> bool;

    /// Shows a question and waits for the typed line; returns it without the line end, and empty at the end of input.
    async fn ask(&self, question: &str) -> String;

    /// Where a command's data goes.
    fn output(&self) -> Out;
}

/// The standard streams of this process.
#[derive(Debug)]
pub struct StandardStreams;

#[async_trait]
impl Console for StandardStreams {
    fn can_ask(&self) -> bool {
        out::can_ask()
    }

    async fn ask(&self, question: &str) -> String {
        out::ask(question);
        let typed = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).map(|_| line)
        });
        let typed = typed.await.ok().and_then(Result::ok).unwrap_or_default();
        typed.trim().to_owned()
    }

    fn output(&self) -> Out {
        Out::stdout()
    }
}
