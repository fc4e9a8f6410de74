//! Sources of secrets, and reading them on request. It owns the checks that keep secrets secret: who can read a file, and that
//! no message or Debug text contains a value. `command` owns how a command is run.

use std::{
    env, fmt, io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use self::command::{Command, Said};
use super::{
    ConfigError,
    check::{self, NoSecret},
    reader::Value,
};
use crate::{
    domain::{
        command::quoted,
        message::{Message, ToMessage},
        private::is_like_a_variable,
    },
    files::{self, FileError, Input},
};

mod command;

/// The most bytes of a secret.
const LONGEST: u64 = check::LONGEST_SECRET;
const EXAMPLE: &str =
    "{ env = \"RYZE_TOKEN\" }, or { file = \"ryze.token\" }, or { command = [\"pass\", \"show\", \"ryze\"] }";

/// The source of a secret. Neither its Debug text nor its sentence shows a value.
#[derive(Clone)]
pub struct SecretSource(Kind);

#[derive(Clone)]
enum Kind {
    Variable(String),
    File(PathBuf),
    Command(Command),
    Inline(SecretString),
}

/// Why a secret is not available.
#[derive(Debug)]
pub enum SecretError {
    /// The variable is not in the environment.
    NotSet {
        /// The source in words.
        from: Message,
    },
    /// The file cannot be read.
    Unreadable { path: PathBuf, source: FileError },
    /// Somebody else could have written the file, or the program next to the configuration.
    Unsafe(FileError),
    /// The path does not name a file.
    NoFile { path: PathBuf },
    /// Other users can read the file.
    NotPrivate { path: PathBuf },
    /// The command cannot be started.
    NotRun {
        /// The source in words.
        from: Message,
        /// The system's error.
        source: io::Error,
    },
    /// The command reported a failure.
    Failed {
        /// The source in words.
        from: Message,
        status: std::process::ExitStatus,
        /// Its error output, which must not be shown before it is scrubbed.
        said: Option<Said>,
        /// The scrubbed error output.
        words: Option<String>,
    },
    /// The command did not end in time.
    TooSlow {
        /// The source in words.
        from: Message,
    },
    Empty {
        /// The source in words.
        from: Message,
    },
    /// The command succeeded and printed nothing.
    NoOutput {
        /// The source in words.
        from: Message,
    },
    /// The secret is longer than any token.
    TooLong {
        /// The source in words.
        from: Message,
    },
    /// The secret contains a character that no token has.
    NotAToken {
        /// The source in words.
        from: Message,
    },
}

impl ToMessage for SecretError {
    fn message(&self) -> Message {
        let of = |key, from: &Message| Message::new(key).put("from", from.clone());
        let at = |key, path: &Path| Message::new(key).put("path", path.display().to_string());
        match self {
            Self::NotSet { from } => of("secret-not-set", from),
            Self::Unreadable { path, source } => at("secret-unreadable", path).put("why", source.message()),
            Self::Unsafe(why) => why.message(),
            Self::NoFile { path } => at("secret-no-file", path),
            Self::NotPrivate { path } => {
                at("secret-not-private", path).put("quoted", quoted(&path.display().to_string()))
            }
            Self::NotRun { from, source } => of("secret-not-run", from).put("why", source.to_string()),
            Self::Failed { from, status, words: Some(words), .. } => of("secret-failed-saying", from)
                .put("status", status.to_string())
                .put("words", words.as_str()),
            Self::Failed { from, status, .. } => of("secret-failed", from).put("status", status.to_string()),
            Self::TooSlow { from } => of("secret-too-slow", from),
            Self::Empty { from } => of("secret-empty", from),
            Self::NoOutput { from } => of("secret-no-output", from),
            Self::TooLong { from } => of("secret-too-long", from),
            Self::NotAToken { from } => of("secret-no-token", from),
        }
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for SecretError {}

impl SecretError {
    /// The error with the output of a failed command; `scrub` removes secrets from its first line, including the ones passed to
    /// `scrub` with it.
    #[must_use]
    pub fn scrubbed(mut self, scrub: impl FnOnce(&str, Vec<SecretString>) -> String) -> Self {
        if let Self::Failed { said, words, .. } = &mut self {
            let clean = said.take().map(|said| scrub(said.line.expose_secret(), said.secrets));
            *words = clean.filter(|words| !words.is_empty());
        }
        self
    }
}

impl SecretSource {
    /// A secret that is already known, such as the demo's.
    pub fn known(secret: SecretString) -> Self {
        Self(Kind::Inline(secret))
    }

    /// Reads the secret now: a command may take up to 30 s.
    pub async fn read(&self) -> Result<SecretString, SecretError> {
        let text = match &self.0 {
            Kind::Variable(name) => {
                let not_set = || SecretError::NotSet { from: self.message() };
                SecretString::from(env::var(name).ok().ok_or_else(not_set)?)
            }
            Kind::File(path) => {
                let owned = path.clone();
                let read = tokio::task::spawn_blocking(move || files::open(&owned)?.trusted()).await;
                let input = read.unwrap_or_else(|error| Err(io::Error::other(error).into()));
                self.text_of(path, input)?
            }
            Kind::Command(command) => self.text_of_output(command.run(&self.message()).await?)?,
            Kind::Inline(secret) => secret.clone(),
        };
        self.checked(text.expose_secret())
    }

    fn text_of(&self, path: &Path, input: Result<Input, FileError>) -> Result<SecretString, SecretError> {
        let path = || path.to_owned();
        let failed = |error: FileError| match error {
            FileError::NotRegular => SecretError::NoFile { path: path() },
            FileError::TooLong(_) => SecretError::TooLong { from: self.message() },
            FileError::NoText { .. } => SecretError::NotAToken { from: self.message() },
            error if error.is_unsafe() => SecretError::Unsafe(error),
            source => SecretError::Unreadable { path: path(), source },
        };
        let input = input.map_err(failed)?;
        // A file of root is meant for the users whom root lets read it, and nobody else can change its mode.
        if !input.is_private() && !input.is_roots() {
            return Err(SecretError::NotPrivate { path: path() });
        }
        Ok(SecretString::from(input.text(LONGEST).map_err(failed)?))
    }

    fn text_of_output(&self, output: Vec<u8>) -> Result<SecretString, SecretError> {
        let no_text = |_| SecretError::NotAToken { from: self.content() };
        files::text_of(output).map(SecretString::from).map_err(no_text)
    }

    /// The environment variable that holds it.
    fn variable(&self) -> Option<&str> {
        if let Kind::Variable(name) = &self.0 { Some(name) } else { None }
    }

    /// Protects a configuration's secrets from this source's command, if it has one: they are removed from the command's
    /// environment and from its reported error output.
    pub(super) fn keep_from(&mut self, secrets: &[Self]) {
        if let Kind::Command(command) = &mut self.0 {
            command.keep_from(secrets);
        }
    }

    /// Whether a program has to run to get it.
    pub(super) fn is_command(&self) -> bool {
        matches!(self.0, Kind::Command(_))
    }

    /// Whether another source surely has the same secret: it is the same variable, file or text.
    pub(super) fn is_surely(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Variable(one), Kind::Variable(other)) => one == other,
            (Kind::File(one), Kind::File(other)) => one == other,
            (Kind::Inline(one), Kind::Inline(other)) => one.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }

    fn checked(&self, text: &str) -> Result<SecretString, SecretError> {
        check::secret_in(text).map_err(|fault| match fault {
            NoSecret::Empty if self.is_command() => SecretError::NoOutput { from: self.message() },
            NoSecret::Empty => SecretError::Empty { from: self.message() },
            NoSecret::TooLong => SecretError::TooLong { from: self.content() },
            NoSecret::NotAToken => SecretError::NotAToken { from: self.content() },
        })
    }

    /// What contains the secret, in words that begin a sentence.
    fn content(&self) -> Message {
        match &self.0 {
            Kind::Command(command) => command.output(),
            Kind::Variable(_) | Kind::File(_) | Kind::Inline(_) => self.message(),
        }
    }
}

impl ToMessage for SecretSource {
    /// The source in words that begin a sentence, without the secret: for a command, only its program.
    fn message(&self) -> Message {
        match &self.0 {
            // If the operator wrote the secret in place of the variable's name, it must not be printed.
            Kind::Variable(name) if is_like_a_variable(name) => {
                Message::new("secret-from-variable").put("name", name.as_str())
            }
            Kind::Variable(_) => Message::new("secret-from-some-variable"),
            Kind::File(path) => Message::new("secret-from-file").put("path", path.display().to_string()),
            Kind::Command(command) => command.message(),
            Kind::Inline(_) => Message::new("secret-from-text"),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSource({})", self.message())
    }
}

/// Reads a source from the file; `key` is the key of its value.
pub(super) fn read(key: &str, value: &Value<'_>) -> Result<SecretSource, ConfigError> {
    let example = format!("{key} = {EXAMPLE}");
    if let Some(text) = value.as_text() {
        return inline(key, text, value, &example);
    }
    let shape = || value.problem(Message::new("config-secret").put("key", key), &example);
    let table = value.as_table().ok_or_else(shape)?;
    table.refuse_unknown(&format!("`{key}`"), &["env", "file", "command"])?;
    let pairs = table.pairs();
    let [(kind, inner)] = pairs.as_slice() else { return Err(shape()) };
    let kind = match kind.value {
        "env" => Kind::Variable(variable(inner.text(&example)?, inner, &example)?),
        "file" => {
            let path = inner.text(&example)?;
            if path.is_empty() {
                return Err(inner.problem(inner.about("config-path"), &example));
            }
            Kind::File(value.source.resolve(path))
        }
        _ => Kind::Command(Command::read(inner, &example)?),
    };
    Ok(SecretSource(kind))
}

fn inline(key: &str, text: &str, value: &Value<'_>, example: &str) -> Result<SecretSource, ConfigError> {
    if !value.source.is_private {
        let what = Message::new("config-secret-open").put("key", key).put("quoted", value.source.quoted());
        return Err(value.problem(what, example));
    }
    let source = SecretSource(Kind::Inline(SecretString::from(text)));
    match source.checked(text) {
        Ok(_) => Ok(source),
        Err(_) => Err(value.problem(Message::new("config-secret-strange").put("key", key), example)),
    }
}

fn variable(name: &str, value: &Value<'_>, example: &str) -> Result<String, ConfigError> {
    check::variable(name).map_err(|what| value.problem(what, example))
}
