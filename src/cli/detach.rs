//! Gives running operations to a successor: another process of this program, in a session of its own, which continues them in the
//! background. It starts the successor, waits until it is ready, and sends it the numbers of the operations to take over.
//! `cli::continued` is the successor's side.

use std::{
    ffi::OsString,
    io,
    process::Stdio,
    time::{Duration, Instant as Started},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{
    domain::{
        id::OperationId,
        message::{Message, ToMessage},
    },
    engine::Engine,
    text::Text,
};

/// How long a successor may take to read the configuration, or to take the lock that it was given.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a successor says once it can take over.
pub(super) const READY: &str = "ready";

/// What a successor says once it takes over nothing more.
pub(super) const END: &str = "end";

/// A process that is ready to continue operations.
#[derive(Debug)]
pub struct Successor {
    // The process outlives this value.
    _process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// The operations that were given up, and those of them that the successor has not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detached {
    pub operations: Vec<OperationId>,
    pub left: Vec<OperationId>,
}

impl Successor {
    /// Starts one for these instances, with the options that name the configuration and the state. Returns once it is ready.
    pub async fn start(options: &[OsString], instances: &[String]) -> Result<Self, Message> {
        let failed = |error: &io::Error| Message::new("detach-system").put("why", error.to_string());
        let program = std::env::current_exe().map_err(|error| failed(&error))?;
        let mut command = Command::new(program);
        command.args(options).arg("continue");
        command.args(instances.iter().flat_map(|label| ["--instance", label]));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| failed(&error))?;
        let (Some(orders), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Message::new("detach-exited"));
        };
        let mut successor = Self { _process: process, orders, answers: BufReader::new(answers).lines() };
        match successor.answer().await.as_deref() {
            Some(READY) => Ok(successor),
            _ => Err(Message::new("detach-exited")),
        }
    }

    /// Gives up what an engine runs, and waits until the successor has it.
    pub async fn take_over(mut self, engine: &Engine) -> Result<Detached, Message> {
        let offered = engine.hand_over().await.map_err(|error| error.message())?;
        let operations: Vec<OperationId> =
            offered.into_iter().flat_map(|(_, operations)| operations).collect();
        let order = numbers(&operations, " ") + "\n";
        let is_told = self.orders.write_all(order.as_bytes()).await.is_ok();
        let mut left = operations.clone();
        // The successor says what it takes as soon as it has it.
        let told = async {
            while is_told && !left.is_empty() {
                let Ok(Some(line)) = self.answers.next_line().await else { break };
                if line == END {
                    break;
                }
                let taken = named(&line);
                left.retain(|id| !taken.contains(id));
            }
        };
        let _ = timeout(PATIENCE, told).await;
        Ok(Detached { operations, left })
    }

    async fn answer(&mut self) -> Option<String> {
        timeout(PATIENCE, self.answers.next_line()).await.ok()?.ok()?
    }
}

/// The numbers of operations in one line.
pub(super) fn numbers(operations: &[OperationId], between: &str) -> String {
    operations.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// The operations that a line names.
pub(super) fn named(line: &str) -> Vec<OperationId> {
    line.split_whitespace().filter_map(|number| number.parse().ok().map(OperationId)).collect()
}

impl Detached {
    /// The operations that the successor has taken over.
    pub fn taken(&self) -> impl Iterator<Item = OperationId> {
        self.operations.iter().copied().filter(|id| !self.left.contains(id))
    }
}

/// What became of the operations, in a sentence or two.
pub fn sentence(text: &Text, detached: &Detached) -> String {
    let taken: Vec<OperationId> = detached.taken().collect();
    let parts = [("detach-goes-on", &taken), ("detach-not-taken", &detached.left)];
    let told = parts.into_iter().filter(|(_, operations)| !operations.is_empty()).map(|(key, operations)| {
        let first = operations.first().map(ToString::to_string).unwrap_or_default();
        let numbers = numbers(operations, ", ");
        let args = [("count", operations.len().into()), ("numbers", numbers.into()), ("first", first.into())];
        text.with(key, &args)
    });
    told.collect::<Vec<_>>().join(" ")
}

/// The option that lets a successor end when this command would have.
pub(super) fn time_left(deadline: Option<tokio::time::Instant>) -> Vec<OsString> {
    let left = deadline.map(|deadline| deadline.into_std().saturating_duration_since(Started::now()));
    left.map_or_else(Vec::new, |left| {
        vec!["--timeout".into(), format!("{}ms", left.as_millis().max(1)).into()]
    })
}
