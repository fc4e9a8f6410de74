//! The check-up: configuration, file modes, each instance, the state directory, this terminal. Each finding says what to do
//! about it, and none contains a secret, so the whole output can be pasted into a report.

mod host;
mod store;
mod vitals;

use std::path::Path;

use serde::Serialize;

use super::{Fault, Instance, json, out::Out, table::Table, wait::telling};
use crate::{
    clock::Clock,
    config::Config,
    domain::failure::{Failure, FailureKind},
    store::{FileStore, ServerVitals},
    text::{Text, format},
};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    Ok,
    /// Worth knowing, but not a fault.
    Note,
    /// It works but may fail later.
    Warning,
    /// It does not work.
    Fault,
}

/// One checked item.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CheckResult {
    instance: Option<String>,
    #[cfg_attr(test, schemars(regex(pattern = "^[a-z_]+$")))]
    subject: &'static str,
    level: Level,
    words: String,
    advice: Option<String>,
}

impl CheckResult {
    fn new(subject: &'static str, level: Level, words: impl Into<String>) -> Self {
        Self { instance: None, subject, level, words: words.into(), advice: None }
    }

    fn advising(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn of(mut self, instance: &str) -> Self {
        self.instance = Some(instance.to_owned());
        self
    }
}

/// An instance of the configuration, opened if possible.
#[derive(Debug)]
pub struct InstanceCheck {
    /// The operator's name for it.
    pub label: String,
    /// Whether the connection to it is encrypted.
    pub is_encrypted: bool,
    /// The open instance, or the reason why it cannot be opened.
    pub opened: Result<Instance, String>,
}

/// The items to check.
#[derive(Debug)]
pub struct Examination<'a> {
    /// The configuration, or the reason why it is missing.
    pub config: Result<&'a Config, String>,
    pub instances: Vec<InstanceCheck>,
    /// What the server with the journal says of itself, or why it cannot be used; `None` if the journal is a file on this machine.
    pub server: Option<Result<ServerVitals, String>>,
    /// How many bytes can still be written in a directory, if known.
    pub free_space: fn(&Path) -> Option<u64>,
    pub clock: Clock,
    pub text: &'a Text,
}

/// Checks everything and reports it; returns 1 if there is a fault.
pub async fn doctor(examination: &Examination<'_>, is_json: bool) -> Result<u8, Fault> {
    let text = examination.text;
    let mut findings = vec![CheckResult::new(
        "program",
        Level::Ok,
        format!("synod {} ({} {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
    )];
    match &examination.config {
        Ok(config) => {
            findings.extend(host::config_file(text, config));
            for checked in &examination.instances {
                findings.extend(instance(text, checked, examination.clock).await);
            }
            findings.extend(host::state_dir(text, config).await);
            findings.extend(host::free_space(text, config, (examination.free_space)(&config.state_dir)));
            findings.push(journal(text, config, &examination.instances).await);
            findings.extend(store::of(examination));
            let is_usable = examination.server.as_ref().is_some_and(Result::is_ok);
            findings.extend(is_usable.then(|| invite_links(text, config)).flatten());
        }
        Err(words) => findings.push(
            CheckResult::new("configuration", Level::Fault, words).advising(text.say("doctor-config-advice")),
        ),
    }
    findings.extend(host::terminal(text));
    let mut out = Out::stdout();
    write(examination, &findings, is_json, &mut out);
    let is_faulty = findings.iter().any(|finding| finding.level == Level::Fault);
    out.finish(u8::from(is_faulty))
}

fn write(examination: &Examination<'_>, findings: &[CheckResult], is_json: bool, out: &mut Out) {
    if is_json {
        for finding in findings {
            json::write(out, "finding", examination.clock.now(), finding);
        }
        return;
    }
    let mut table = Table::default();
    for finding in findings {
        let glyph = match finding.level {
            Level::Ok => "✓",
            Level::Note => "·",
            Level::Warning => "!",
            Level::Fault => "✗",
        };
        let whose = finding.instance.clone().unwrap_or_default();
        let (words, _) = split(&finding.words);
        let words = match &finding.advice {
            Some(advice) => format!("{words} — {advice}"),
            None => words.to_owned(),
        };
        // A row is one line.
        let words = words.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        table.push([glyph.to_owned(), whose, subject(examination.text, finding.subject), words]);
    }
    for (line, finding) in table.lines().iter().zip(findings) {
        out.line(line);
        if let (_, Some(rest)) = split(&finding.words) {
            out.line(&format!("\n{rest}\n"));
        }
    }
}

/// The first line of a message, which fits into a row, and the other lines, such as an example that can be copied.
fn split(words: &str) -> (&str, Option<&str>) {
    words.split_once('\n').map_or((words, None), |(first, rest)| (first, Some(rest.trim_matches('\n'))))
}

/// The name of a subject; its name in JSON is not translated.
fn subject(text: &Text, name: &str) -> String {
    let key = match name {
        "configuration" => "doctor-configuration",
        "config_mode" => "doctor-config-mode",
        "instance" => "doctor-instance",
        "reachable" => "doctor-reachable",
        "tls" => "doctor-tls",
        "token" => "doctor-token",
        "connection" => "doctor-connection",
        "phone" => "doctor-phone",
        "budget" => "doctor-budget",
        "clock" => "doctor-clock",
        "state_dir" => "doctor-state-dir",
        "free_space" => "doctor-free-space",
        "journal" => "doctor-journal",
        "store" => "doctor-store",
        "invite_links" => "doctor-links",
        "lock" => "doctor-lock",
        "terminal" => "doctor-terminal",
        "locale" => "doctor-locale",
        _ => "doctor-program",
    };
    text.say(key).into_owned()
}

/// The findings on an instance from one request to its gateway.
async fn instance(text: &Text, checked: &InstanceCheck, clock: Clock) -> Vec<CheckResult> {
    let opened = match &checked.opened {
        Ok(opened) => opened,
        Err(words) => {
            let finding = CheckResult::new("instance", Level::Fault, words.as_str());
            return vec![finding.advising(text.say("doctor-config-advice")).of(&checked.label)];
        }
    };
    let connection = telling(text, clock, opened, opened.gateway.connection()).await;
    let now = clock.now();
    let mut findings = match &connection {
        Ok(connection) => {
            let words = text.connection(&connection.state);
            let state = if connection.is_connected() {
                CheckResult::new("connection", Level::Ok, words)
            } else {
                CheckResult::new("connection", Level::Fault, words).advising(text.say("advice-connect"))
            };
            let mut well = answered(text, checked, Ok(()));
            well.push(state);
            well
        }
        Err(failure) => answered(text, checked, Err(failure)),
    };
    let budget = *opened.gateway.budget().borrow();
    findings.push(match budget {
        Some(budget) if !budget.told_by_gateway && budget.limit > 0 => {
            let words = text.with("doctor-budget-own", &[("limit", budget.limit.into())]);
            CheckResult::new("budget", Level::Note, words)
        }
        Some(budget) if budget.limit > 0 => {
            let span = format::duration(text, budget.resets_at.since(now));
            let left = budget.remaining_at(now);
            let args = [("left", left.into()), ("limit", budget.limit.into()), ("span", span.into())];
            let words = text.with("header-budget-resets", &args);
            if left < budget.limit / 10 {
                let advice = text.say("doctor-budget-advice");
                CheckResult::new("budget", Level::Warning, words).advising(advice)
            } else {
                CheckResult::new("budget", Level::Ok, words)
            }
        }
        _ => CheckResult::new("budget", Level::Note, text.say("doctor-budget-unknown")),
    });
    findings.extend(vitals::of(text, opened.gateway.vitals()));
    findings.into_iter().map(|finding| finding.of(&checked.label)).collect()
}

/// How far the request came: each stage that it passed is well, the stage where it ended is at fault.
fn answered(text: &Text, checked: &InstanceCheck, read: Result<(), &Failure>) -> Vec<CheckResult> {
    let tls = || {
        let is_insecure = checked.opened.as_ref().is_ok_and(|instance| instance.is_insecure);
        if is_insecure {
            let finding = CheckResult::new("tls", Level::Warning, text.say("doctor-tls-insecure"));
            return finding.advising(text.say("doctor-tls-advice"));
        }
        let key = if checked.is_encrypted { "doctor-tls-ok" } else { "doctor-tls-loopback" };
        CheckResult::new("tls", Level::Ok, text.say(key))
    };
    let reachable = || CheckResult::new("reachable", Level::Ok, text.say("doctor-reachable-ok"));
    let token = || CheckResult::new("token", Level::Ok, text.say("doctor-token-ok"));
    let Err(failure) = read else { return vec![reachable(), tls(), token()] };
    let fault = |subject| {
        let advice = text.failure_and_advice(failure);
        CheckResult::new(subject, Level::Fault, advice)
    };
    match failure.kind {
        FailureKind::Unreachable | FailureKind::ProxyAuth | FailureKind::TimedOut | FailureKind::Dropped => {
            vec![fault("reachable")]
        }
        FailureKind::Tls => vec![reachable(), fault("tls")],
        FailureKind::TokenRefused => vec![reachable(), tls(), fault("token")],
        FailureKind::NotJson
        | FailureKind::Redirected
        | FailureKind::ServerFault
        | FailureKind::Malformed
        | FailureKind::UnknownInstance
        | FailureKind::NoInstance => vec![reachable(), tls(), fault("instance")],
        _ => vec![reachable(), tls(), token(), fault("connection")],
    }
}

/// Whether a shared store keeps invite links.
fn invite_links(text: &Text, config: &Config) -> Option<CheckResult> {
    let store = config.store.as_ref().filter(|store| store.url.is_some())?;
    Some(if store.is_open() {
        CheckResult::new("invite_links", Level::Note, text.say("doctor-links-none"))
            .advising(text.say("doctor-links-advice"))
    } else {
        CheckResult::new("invite_links", Level::Ok, text.say("doctor-links-ok"))
    })
}

/// Whether the journal can be read and is not newer than this program.
async fn journal(text: &Text, config: &Config, instances: &[InstanceCheck]) -> CheckResult {
    let opened = instances.iter().find_map(|checked| checked.opened.as_ref().ok());
    let read = async {
        let store = FileStore::open(&config.state_dir)?;
        match opened {
            Some(instance) => store.remembered(&instance.key).await.map(drop),
            None => Ok(()),
        }
    };
    match read.await {
        Ok(()) => CheckResult::new("journal", Level::Ok, text.say("doctor-journal-ok")),
        Err(error) => CheckResult::new("journal", Level::Fault, text.tell(&error)),
    }
}
