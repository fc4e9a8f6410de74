//! The check of this machine: files and their modes, the state directory, the terminal.

use std::{
    io::{self, IsTerminal},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use super::{CheckResult, Level};
use crate::{
    config::Config,
    domain::command::quoted,
    files::{FileError, own},
    text::{Arg, Text, is_utf8},
};

const MEGABYTE: u64 = 1_000_000;
/// Free space in megabytes, enough for the journal of many thousand operations.
const ROOM: u64 = 50;

/// The configuration file and its mode.
pub(super) fn config_file(text: &Text, config: &Config) -> Vec<CheckResult> {
    let Some(file) = &config.origin else { return Vec::new() };
    let count = config.entries().len();
    let args = [("file", file.display().to_string().into()), ("count", count.into())];
    let mut findings =
        vec![CheckResult::new("configuration", Level::Ok, text.with("doctor-config-ok", &args))];
    if let Some(mode) = mode(file) {
        findings.push(if is_private(mode) {
            CheckResult::new("config_mode", Level::Ok, text.say("doctor-mode-private"))
        } else {
            let quoted = quoted(&file.display().to_string());
            CheckResult::new("config_mode", Level::Note, text.say("doctor-mode-open"))
                .advising(text.with("doctor-mode-advice", &[("quoted", quoted.into())]))
        });
    }
    findings
}

fn mode(path: &Path) -> Option<u32> {
    Some(path.metadata().ok()?.permissions().mode() & 0o777)
}

/// Whether a mode grants access to the owner only.
fn is_private(mode: u32) -> bool {
    const OTHERS: u32 = 0o077;
    mode & OTHERS == 0
}

/// Whether the state directory is writable, and only by the user.
pub(super) async fn state_dir(text: &Text, config: &Config) -> Vec<CheckResult> {
    let dir = config.state_dir.clone();
    let tried = tokio::task::spawn_blocking(move || try_writing(&dir)).await;
    let dir = || [("dir", config.state_dir.display().to_string().into())];
    let quoted_dir = || [("quoted", quoted(&config.state_dir.display().to_string()).into())];
    let tried = tried.unwrap_or_else(|error| Err(io::Error::other(error).into()));
    match tried {
        // The error text contains the advice.
        Err(error) if error.is_unsafe() => {
            vec![CheckResult::new("state_dir", Level::Fault, text.tell(&error))]
        }
        Err(FileError::System(error)) if own::has_no_locks(&error) => {
            vec![CheckResult::new("state_dir", Level::Fault, text.say("doctor-state-no-locks"))]
        }
        Err(error) => vec![
            CheckResult::new("state_dir", Level::Fault, text.tell(&error))
                .advising(text.with("doctor-state-advice", &dir())),
        ],
        Ok(mode) if !is_private(mode) => vec![
            CheckResult::new("state_dir", Level::Note, text.say("doctor-state-open"))
                .advising(text.with("doctor-state-mode-advice", &quoted_dir())),
        ],
        Ok(_) => vec![CheckResult::new("state_dir", Level::Ok, text.with("doctor-state-ok", &dir()))],
    }
}

/// Whether there is room for the journal; `None` if unknown.
pub(super) fn free_space(text: &Text, config: &Config, bytes: Option<u64>) -> Option<CheckResult> {
    let free = bytes? / MEGABYTE;
    let args = [("megabytes", Arg::Number(free))];
    let words = text.with("doctor-free-space-left", &args);
    if free >= ROOM {
        return Some(CheckResult::new("free_space", Level::Ok, words));
    }
    let dir = [("dir", config.state_dir.display().to_string().into())];
    let advice = text.with("doctor-free-space-advice", &dir);
    Some(CheckResult::new("free_space", Level::Warning, words).advising(advice))
}

/// Creates the directory as a run would, and locks a file in it; returns the directory's mode.
fn try_writing(dir: &Path) -> Result<u32, FileError> {
    own::folder(dir)?;
    own::probe(dir)?;
    Ok(mode(dir).unwrap_or(0o700))
}

/// Whether the terminal program could run here, and whether names can be shown.
pub(super) fn terminal(text: &Text) -> Vec<CheckResult> {
    let term = std::env::var("TERM").unwrap_or_default();
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let terminal = if !is_terminal {
        CheckResult::new("terminal", Level::Note, text.say("doctor-terminal-none"))
    } else if term == "dumb" || term.is_empty() {
        CheckResult::new("terminal", Level::Note, text.say("doctor-terminal-dumb"))
    } else {
        CheckResult::new(
            "terminal",
            Level::Ok,
            text.with("doctor-terminal-ok", &[("term", shown(&term).into())]),
        )
    };
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
    let locale = if is_utf8(|name| std::env::var(name).ok()) {
        CheckResult::new("locale", Level::Ok, shown(&locale))
    } else {
        CheckResult::new("locale", Level::Note, text.say("doctor-locale-other"))
            .advising(text.say("doctor-locale-advice"))
    };
    vec![terminal, locale]
}

/// A variable's value, made safe to show.
fn shown(value: &str) -> String {
    value.chars().filter(char::is_ascii_graphic).take(40).collect()
}
