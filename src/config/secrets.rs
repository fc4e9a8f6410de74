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

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than any token; what is longer is a wrong file.
const LONGEST: u64 = 64 * 1024;
const EXAMPLE: &str =
    "{ env = \"RYZE_TOKEN\" }, or { file = \"ryze.token\" }, or { command = [\"pass\", \"show\", \"ryze\"] }";

/// Where a secret comes from. Neither its Debug nor its Display text shows a value.
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
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not in the environment.
    #[error("{from} is not set. Set it where Synod is started, with `export`.")]
    NotSet {
        /// The source in words.
        from: String,
    },
    /// The file cannot be read.
    #[error("The file {} cannot be read: {source}. Check its path, its owner and its mode.", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than the owner can read the file.
    #[error("The file {path} can be read by others. Make it yours alone: chmod 600 '{path}'", path = path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
    },
    /// The command cannot be started.
    #[error("{from} cannot be run: {source}. Check that it is installed and on the PATH.")]
    NotRun {
        /// The source in words.
        from: String,
        /// What the system says.
        source: io::Error,
    },
    /// The command says that it failed.
    #[error("{from} failed ({status}). Run it by hand to see why.")]
    Failed {
        /// The source in words.
        from: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// The command did not end in time.
    #[error(
        "{from} did not end within 30 seconds and was stopped. It may have waited for an answer: run it by hand."
    )]
    TooSlow {
        /// The source in words.
        from: String,
    },
    /// There is nothing in it.
    #[error("{from} holds nothing. Put the secret there.")]
    Empty {
        /// The source in words.
        from: String,
    },
    /// There is something in it that no token has.
    #[error(
        "{from} holds white space, or characters that no token has. It must hold the secret alone, on one line."
    )]
    NotAToken {
        /// The source in words.
        from: String,
    },
}

impl SecretSource {
    /// A secret that is known already, such as the demo's.
    pub fn known(secret: SecretString) -> Self {
        Self(Kind::Inline(secret))
    }

    /// Reads the secret now: a command may take up to 30 s.
    pub async fn read(&self) -> Result<SecretString, SecretError> {
        let text = match &self.0 {
            Kind::Variable(name) => {
                let not_set = || SecretError::NotSet { from: self.to_string() };
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
        let not_run = |source| SecretError::NotRun { from: self.to_string(), source };
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
        let ended = ended.map_err(|_| SecretError::TooSlow { from: self.to_string() })?;
        let (status, bytes) = ended.map_err(not_run)?;
        if !status.success() {
            return Err(SecretError::Failed { from: self.to_string(), status });
        }
        let not_a_token = || SecretError::NotAToken { from: self.to_string() };
        Ok(SecretString::from(String::from_utf8(bytes).map_err(|_| not_a_token())?))
    }

    fn checked(&self, text: &str) -> Result<SecretString, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretError::Empty { from: self.to_string() });
        }
        // It is sent in a header or in a path, which bear visible ASCII alone.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::NotAToken { from: self.to_string() });
        }
        Ok(SecretString::from(text))
    }
}

fn read_file(path: &Path) -> Result<SecretString, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    // A pipe without a writer would hold the opening for ever, so what it is comes first.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is not a file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(SecretError::NotPrivate { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    Ok(SecretString::from(text))
}

impl fmt::Display for SecretSource {
    /// The source in words that begin a sentence, without the secret: of a command, its program alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            // Whoever writes the secret where its variable's name belongs must not see it printed.
            Kind::Variable(name) if looks_like_a_variable(name) => {
                write!(f, "The environment variable {name}")
            }
            Kind::Variable(_) => f.write_str("The environment variable that the configuration names"),
            Kind::File(path) => write!(f, "The file {}", path.display()),
            Kind::Command(words) => {
                write!(f, "The command {}", words.first().map_or("of the configuration", String::as_str))
            }
            Kind::Inline(_) => f.write_str("The text in the configuration file"),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSource({self})")
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
    let shape = || {
        let what = format!("`{key}` must be a table with one of the keys env, file and command.");
        value.problem(what, &example)
    };
    let table = value.as_table().ok_or_else(shape)?;
    table.refuse_unknown(&format!("`{key}`"), &["env", "file", "command"])?;
    let pairs = table.pairs();
    let [(kind, inner)] = pairs.as_slice() else { return Err(shape()) };
    let kind = match kind.value {
        "env" => Kind::Variable(variable(inner.text(&example)?, inner, &example)?),
        "file" => {
            let path = inner.text(&example)?;
            if path.is_empty() {
                return Err(inner.problem("`file` must hold a path.", &example));
            }
            Kind::File(value.source.resolve(path))
        }
        _ => Kind::Command(command(inner, &example)?),
    };
    Ok(SecretSource(kind))
}

fn inline(key: &str, text: &str, value: &Value<'_>, example: &str) -> Result<SecretSource, ConfigError> {
    if !value.source.is_private {
        let path = value.source.path.display();
        let what = format!(
            "`{key}` is written here, but others than you can read this file. Make it yours alone with: \
             chmod 600 '{path}' - or take the secret from elsewhere."
        );
        return Err(value.problem(what, example));
    }
    let source = SecretSource(Kind::Inline(SecretString::from(text)));
    match source.checked(text) {
        Ok(_) => Ok(source),
        Err(_) => Err(value.problem(
            format!("`{key}` is empty, or holds white space or other signs that no token has."),
            example,
        )),
    }
}

fn variable(name: &str, value: &Value<'_>, example: &str) -> Result<String, ConfigError> {
    let begins = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    if !begins || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
        let what = "`env` must hold the name of an environment variable, not the secret itself.";
        return Err(value.problem(what, example));
    }
    Ok(name.to_owned())
}

fn command(value: &Value<'_>, example: &str) -> Result<Vec<String>, ConfigError> {
    let wrong =
        || value.problem("`command` must be a list of texts: the program, then its arguments.", example);
    let words = value.as_list().ok_or_else(wrong)?;
    let words: Option<Vec<String>> = words.iter().map(|word| word.as_text().map(str::to_owned)).collect();
    words.filter(|words| words.first().is_some_and(|program| !program.is_empty())).ok_or_else(wrong)
}
