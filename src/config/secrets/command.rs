//! A command whose output is a secret: how it is run, with which environment, and how much of its error output is kept.

use std::{fmt, path::PathBuf, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::SecretString;
use tokio::{
    io::{AsyncRead, AsyncReadExt, copy, sink},
    process,
    sync::oneshot,
    time::timeout,
};

use super::{LONGEST, SecretError, SecretSource};
use crate::{
    config::{ConfigError, reader::Value},
    domain::{message::Message, private::may_be_token},
    files,
};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait for its error output after it failed: a process that it started may keep standard error open for ever.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How many bytes of standard error are searched for the first line.
const LONGEST_LINE: usize = 4096;
/// A shorter word of the output is not a secret; removing it would leave nothing of the error output.
const SHORTEST_WORD: usize = 8;

/// A program, its arguments, and the secrets that it must not see.
#[derive(Clone)]
pub(super) struct Command {
    program: PathBuf,
    arguments: Vec<String>,
    /// Whether the configuration gives the program's path relative to its own folder.
    is_beside: bool,
    /// The other secrets of the configuration, except those that have commands of their own.
    others: Vec<SecretSource>,
}

/// The error output of a failed command. It may contain secrets, so nothing shows it unscrubbed.
pub struct Said {
    pub(super) line: SecretString,
    pub(super) secrets: Vec<SecretString>,
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said")
    }
}

impl Command {
    /// Reads the command from the file.
    pub(super) fn read(value: &Value<'_>, example: &str) -> Result<Self, ConfigError> {
        let wrong = || value.problem(Message::new("config-secret-command"), example);
        let words = value.as_list().ok_or_else(wrong)?;
        let words: Option<Vec<String>> = words.iter().map(|word| word.as_text().map(str::to_owned)).collect();
        let mut words = words.ok_or_else(wrong)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty()).ok_or_else(wrong)?;
        // A bare name is looked up on the PATH.
        let is_beside = program.contains('/') && !program.starts_with('/');
        let program = if is_beside { value.source.resolve(&program) } else { program.into() };
        Ok(Self { program, arguments: words.collect(), is_beside, others: Vec::new() })
    }

    /// The command in words that begin a sentence: only its program, and not even that if it may be the secret itself.
    pub(super) fn message(&self) -> Message {
        self.in_words("secret-from-command", "secret-from-some-command")
    }

    /// Its output in words that begin a sentence.
    pub(super) fn output(&self) -> Message {
        self.in_words("secret-from-output", "secret-from-some-output")
    }

    fn in_words(&self, named: &'static str, unnamed: &'static str) -> Message {
        let program = self.program.display().to_string();
        if self.arguments.is_empty() && may_be_token(&program) {
            Message::new(unnamed)
        } else {
            Message::new(named).put("program", program)
        }
    }

    pub(super) fn keep_from(&mut self, others: &[SecretSource]) {
        self.others = others.to_vec();
    }

    /// Runs it to its end and returns its output; `from` is the source in words.
    pub(super) async fn run(&self, from: &Message) -> Result<Vec<u8>, SecretError> {
        let from = || from.clone();
        let not_run = |source| SecretError::NotRun { from: from(), source };
        if self.is_beside {
            files::trusted(&self.program).map_err(|error| match error {
                files::FileError::System(source) => not_run(source),
                error => SecretError::Unsafe(error),
            })?;
        }
        let mut command = process::Command::new(&self.program);
        command.args(&self.arguments).kill_on_drop(true).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for variable in self.others.iter().filter_map(SecretSource::variable) {
            command.env_remove(variable);
        }
        let mut child = command.spawn().map_err(not_run)?;
        let mut group = Group::of(&child);
        let complaint = child.stderr.take().map(first_line);
        let output = child.stdout.take();
        let work = async {
            let mut bytes = Vec::new();
            if let Some(output) = output {
                output.take(LONGEST + 1).read_to_end(&mut bytes).await?;
            }
            Ok((child.wait().await?, bytes))
        };
        let ended = timeout(PATIENCE, work).await.map_err(|_| SecretError::TooSlow { from: from() })?;
        let (status, bytes) = ended.map_err(not_run)?;
        group.spare();
        if bytes.len() as u64 > LONGEST {
            return Err(SecretError::TooLong { from: self.output() });
        }
        if status.success() {
            return Ok(bytes);
        }
        let line = match complaint {
            Some(line) => timeout(LAST_WORDS, line).await.ok().and_then(Result::ok),
            None => None,
        };
        let said = match line {
            Some(line) => Some(Said { line: line.into(), secrets: self.secrets(&bytes).await }),
            None => None,
        };
        Err(SecretError::Failed { from: from(), status, said, words: None })
    }

    /// The secrets that its error output may contain: its output, and the other secrets.
    async fn secrets(&self, output: &[u8]) -> Vec<SecretString> {
        let output = String::from_utf8_lossy(output);
        let words = output.split_whitespace().filter(|word| word.len() >= SHORTEST_WORD).map(str::to_owned);
        let mut secrets: Vec<SecretString> = words.map(SecretString::from).collect();
        secrets.push(output.trim().into());
        for other in &self.others {
            // None of them is a command, so this recursion ends.
            secrets.extend(Box::pin(other.read()).await.ok());
        }
        secrets
    }
}

/// A command that runs, with all processes that it has started. Dropping it kills them.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &process::Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    /// Lets the processes run: the command has ended, so those that it left behind are meant to go on.
    fn spare(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended just now.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The first non-empty line; the rest is read and dropped, so that the command does not block.
fn first_line(mut stderr: impl AsyncRead + Unpin + Send + 'static) -> oneshot::Receiver<String> {
    let (sender, line) = oneshot::channel();
    tokio::spawn(async move {
        let mut bytes = Vec::new();
        let mut found = None;
        while found.is_none() && bytes.len() < LONGEST_LINE {
            let mut some = [0; 512];
            match stderr.read(&mut some).await {
                Ok(read) if read > 0 => bytes.extend_from_slice(&some[..read]),
                _ => break,
            }
            let text = String::from_utf8_lossy(&bytes);
            let mut whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            found = whole.find(|line| !line.trim().is_empty()).map(str::to_owned);
        }
        let last = || String::from_utf8_lossy(&bytes).trim().to_owned();
        // Nobody waits for it if the command did not fail.
        let _ = sender.send(found.unwrap_or_else(last));
        copy(&mut stderr, &mut sink()).await
    });
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shell's child holds its standard output: as long as the child lives, that does not end.
    #[tokio::test]
    async fn a_command_that_is_given_up_leaves_no_process_behind() {
        let mut command = process::Command::new("sh");
        command.args(["-c", "sleep 1000 & echo ready; wait"]).process_group(0).kill_on_drop(true);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let group = Group::of(&child);
        let mut output = child.stdout.take().unwrap();
        let mut ready = [0; 6];
        output.read_exact(&mut ready).await.unwrap();
        drop(group);
        let ended = timeout(Duration::from_secs(20), output.read_to_end(&mut Vec::new())).await;
        assert_eq!(ended.unwrap().unwrap(), 0);
        child.wait().await.unwrap();
    }
}
