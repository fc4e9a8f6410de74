//! Where a secret comes from, and its reading when it is asked for. It owns the checks that keep secrets secret: the
//! mode of files, no output of a command on the screen, and no value in any message or Debug text.

use std::{
    env, fmt,
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;

use super::{ConfigError, reader::Value};
use crate::domain::sentence::{Sentence, Tell};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than any token; what is longer is a wrong file.
const LONGEST: u64 = 64 * 1024;
const EXAMPLE: &str =
    "{ env = \"RYZE_TOKEN\" }, or { file = \"ryze.token\" }, or { command = [\"pass\", \"show\", \"ryze\"] }";

/// Where a secret comes from. Neither its Debug text nor its sentence shows a value.
#[derive(Clone)]
pub struct SecretSource(Kind);

#[derive(Clone)]
enum Kind {
    Variable(String),
    File(PathBuf),
    Command(Vec<String>),
    Inline(SecretString),
}

/// Why a secret cannot be had.
#[derive(Debug)]
pub enum SecretError {
    /// The variable is not in the environment.
    NotSet {
        /// The source in words.
        from: Sentence,
    },
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What the path names is no file.
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// Others than the owner can read the file.
    NotPrivate {
        /// The file.
        path: PathBuf,
    },
    /// The command cannot be started.
    NotRun {
        /// The source in words.
        from: Sentence,
        /// What the system says.
        source: io::Error,
    },
    /// The command says that it failed.
    Failed {
        /// The source in words.
        from: Sentence,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// The command did not end in time.
    TooSlow {
        /// The source in words.
        from: Sentence,
    },
    /// There is nothing in it.
    Empty {
        /// The source in words.
        from: Sentence,
    },
    /// There is something in it that no token has.
    NotAToken {
        /// The source in words.
        from: Sentence,
    },
}

impl Tell for SecretError {
    fn sentence(&self) -> Sentence {
        let of = |key, from: &Sentence| Sentence::new(key).put("from", from.clone());
        let at = |key, path: &Path| Sentence::new(key).put("path", path.display().to_string());
        match self {
            Self::NotSet { from } => of("secret-not-set", from),
            Self::Unreadable { path, source } => at("secret-unreadable", path).put("why", source.to_string()),
            Self::NoFile { path } => at("secret-no-file", path),
            Self::NotPrivate { path } => at("secret-not-private", path),
            Self::NotRun { from, source } => of("secret-not-run", from).put("why", source.to_string()),
            Self::Failed { from, status } => of("secret-failed", from).put("status", status.to_string()),
            Self::TooSlow { from } => of("secret-too-slow", from),
            Self::Empty { from } => of("secret-empty", from),
            Self::NotAToken { from } => of("secret-no-token", from),
        }
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl std::error::Error for SecretError {}

impl SecretSource {
    /// A secret that is known already, such as the demo's.
    pub fn known(secret: SecretString) -> Self {
        Self(Kind::Inline(secret))
    }

    /// Reads the secret now: a command may take up to 30 s.
    pub async fn read(&self) -> Result<SecretString, SecretError> {
        let text = match &self.0 {
            Kind::Variable(name) => {
                let not_set = || SecretError::NotSet { from: self.sentence() };
                SecretString::from(env::var(name).ok().ok_or_else(not_set)?)
            }
            Kind::File(path) => {
                let owned = path.clone();
                let read = tokio::task::spawn_blocking(move || read_file(&owned)).await;
                read.unwrap_or_else(|error| {
                    Err(SecretError::Unreadable { path: path.clone(), source: io::Error::other(error) })
                })?
            }
            Kind::Command(words) => self.run(words).await?,
            Kind::Inline(secret) => secret.clone(),
        };
        self.checked(text.expose_secret())
    }

    async fn run(&self, words: &[String]) -> Result<SecretString, SecretError> {
        let not_run = |source| SecretError::NotRun { from: self.sentence(), source };
        let (program, arguments) =
            words.split_first().ok_or_else(|| not_run(io::ErrorKind::NotFound.into()))?;
        let mut child = tokio::process::Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(not_run)?;
        let output = child.stdout.take();
        let work = async {
            let mut bytes = Vec::new();
            if let Some(output) = output {
                output.take(LONGEST).read_to_end(&mut bytes).await?;
            }
            Ok((child.wait().await?, bytes))
        };
        let ended = tokio::time::timeout(PATIENCE, work).await;
        let ended = ended.map_err(|_| SecretError::TooSlow { from: self.sentence() })?;
        let (status, bytes) = ended.map_err(not_run)?;
        if !status.success() {
            return Err(SecretError::Failed { from: self.sentence(), status });
        }
        let not_a_token = || SecretError::NotAToken { from: self.sentence() };
        Ok(SecretString::from(String::from_utf8(bytes).map_err(|_| not_a_token())?))
    }

    fn checked(&self, text: &str) -> Result<SecretString, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretError::Empty { from: self.sentence() });
        }
        // It is sent in a header or in a path, which bear visible ASCII alone.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::NotAToken { from: self.sentence() });
        }
        Ok(SecretString::from(text))
    }
}

fn read_file(path: &Path) -> Result<SecretString, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    // A pipe without a writer would hold the opening for ever, so what it is comes first.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(SecretError::NoFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(SecretError::NotPrivate { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    Ok(SecretString::from(text))
}

impl Tell for SecretSource {
    /// The source in words that begin a sentence, without the secret: of a command, its program alone.
    fn sentence(&self) -> Sentence {
        match &self.0 {
            // Whoever writes the secret where its variable's name belongs must not see it printed.
            Kind::Variable(name) if looks_like_a_variable(name) => {
                Sentence::new("secret-from-variable").put("name", name.as_str())
            }
            Kind::Variable(_) => Sentence::new("secret-from-some-variable"),
            Kind::File(path) => Sentence::new("secret-from-file").put("path", path.display().to_string()),
            Kind::Command(words) => {
                let program = words.first().map(String::as_str).unwrap_or_default();
                Sentence::new("secret-from-command").put("program", program)
            }
            Kind::Inline(_) => Sentence::new("secret-from-text"),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSource({})", self.sentence())
    }
}

fn looks_like_a_variable(name: &str) -> bool {
    let shape = name.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase() || byte.is_ascii_digit());
    shape && (name.contains('_') || !name.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Reads a source from the file; `key` is what it stands under.
pub(super) fn read(key: &str, value: &Value<'_>) -> Result<SecretSource, ConfigError> {
    let example = format!("{key} = {EXAMPLE}");
    if let Some(text) = value.as_text() {
        return inline(key, text, value, &example);
    }
    let shape = || value.problem(Sentence::new("config-secret").put("key", key), &example);
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
        _ => Kind::Command(command(inner, &example)?),
    };
    Ok(SecretSource(kind))
}

fn inline(key: &str, text: &str, value: &Value<'_>, example: &str) -> Result<SecretSource, ConfigError> {
    if !value.source.is_private {
        let file = value.source.path.display().to_string();
        let what = Sentence::new("config-secret-open").put("key", key).put("file", file);
        return Err(value.problem(what, example));
    }
    let source = SecretSource(Kind::Inline(SecretString::from(text)));
    match source.checked(text) {
        Ok(_) => Ok(source),
        Err(_) => Err(value.problem(Sentence::new("config-secret-strange").put("key", key), example)),
    }
}

fn variable(name: &str, value: &Value<'_>, example: &str) -> Result<String, ConfigError> {
    let begins = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    if !begins || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
        return Err(value.problem(Sentence::new("config-secret-env"), example));
    }
    Ok(name.to_owned())
}

fn command(value: &Value<'_>, example: &str) -> Result<Vec<String>, ConfigError> {
    let wrong = || value.problem(Sentence::new("config-secret-command"), example);
    let words = value.as_list().ok_or_else(wrong)?;
    let words: Option<Vec<String>> = words.iter().map(|word| word.as_text().map(str::to_owned)).collect();
    words.filter(|words| words.first().is_some_and(|program| !program.is_empty())).ok_or_else(wrong)
}
