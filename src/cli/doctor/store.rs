//! The findings on the server with the journal: whether it can be used, and which Synod holds which lock.

use std::time::Duration;

use super::{CheckResult, Examination, Level};
use crate::{
    clock::{self, Clock},
    store::{Holding, ServerVitals},
    text::{Text, format},
};

/// How far the clocks of a server and of this machine may be apart without a warning.
const CLOCKS_APART: Duration = Duration::from_secs(60);

/// All of them; none if the journal is a file on this machine.
pub(super) fn of(examination: &Examination<'_>) -> Vec<CheckResult> {
    let text = examination.text;
    let vitals = match &examination.server {
        Some(Ok(vitals)) => vitals,
        Some(Err(why)) => return vec![CheckResult::new("store", Level::Fault, why.as_str())],
        None => return Vec::new(),
    };
    let mut findings = vec![server(text, vitals, examination.clock)];
    if vitals.holdings.is_empty() {
        findings.push(CheckResult::new("lock", Level::Ok, text.say("doctor-lock-free")));
    }
    findings.extend(vitals.holdings.iter().map(|holding| lock(examination, holding)));
    findings
}

/// Which Synod writes to an instance.
fn lock(examination: &Examination<'_>, holding: &Holding) -> CheckResult {
    let text = examination.text;
    let since = holding.since.map(clock::local_date_time);
    let args = [("by", holding.by.as_str().into()), ("since", since.clone().unwrap_or_default().into())];
    let known = examination.instances.iter().find(|checked| {
        checked.opened.as_ref().is_ok_and(|opened| Some(&opened.key) == holding.instance.as_ref())
    });
    let key = match (known, &since) {
        (Some(_), Some(_)) => "doctor-lock-held",
        (Some(_), None) => "doctor-lock-held-by",
        (None, Some(_)) => "doctor-lock-other",
        (None, None) => "doctor-lock-other-by",
    };
    let mut finding = CheckResult::new("lock", Level::Note, text.with(key, &args));
    if since.is_none() {
        finding = finding.advising(text.say("doctor-lock-hidden"));
    }
    match known {
        Some(checked) => finding.of(&checked.label),
        None => finding,
    }
}

/// Whether the server with the journal can be used, and whether its clock agrees with this machine's.
fn server(text: &Text, vitals: &ServerVitals, clock: Clock) -> CheckResult {
    let now = clock.now();
    let apart = now.since(vitals.time).max(vitals.time.since(now));
    let args = [
        ("server", vitals.server.as_str().into()),
        ("version", vitals.version.as_str().into()),
        ("milliseconds", vitals.latency.as_millis().to_string().into()),
        ("apart", format::duration(text, apart).into()),
    ];
    if vitals.is_read_only {
        return CheckResult::new("store", Level::Fault, text.with("doctor-store-read-only", &args))
            .advising(text.say("doctor-store-read-only-advice"));
    }
    if apart > CLOCKS_APART {
        let words = text.with("doctor-store-clock", &args);
        return CheckResult::new("store", Level::Warning, words)
            .advising(text.say("doctor-store-clock-advice"));
    }
    let key = if vitals.is_encrypted { "doctor-store-encrypted" } else { "doctor-store-local" };
    CheckResult::new("store", Level::Ok, text.with(key, &args))
}
