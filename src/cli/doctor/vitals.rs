//! The findings from facts collected from a gateway's responses: the clock, the phone.

use std::time::Duration;

use super::{CheckResult, Level};
use crate::{
    domain::vitals::{ClockSkew, Vitals},
    text::{Text, format},
};

/// A larger clock error is reported: certificates, waits and the times in the journal depend on the clock.
const TOLERATED: Duration = Duration::from_secs(60);

/// The findings from an instance's vitals.
pub(super) fn of(text: &Text, vitals: Vitals) -> Vec<CheckResult> {
    let mut findings = Vec::new();
    findings.extend(phone(text, vitals.phone_is_online));
    findings.push(clock(text, vitals.clock));
    findings
}

/// Only some gateways report on the phone.
fn phone(text: &Text, is_online: Option<bool>) -> Option<CheckResult> {
    if is_online? {
        return Some(CheckResult::new("phone", Level::Ok, text.say("doctor-phone-online")));
    }
    let offline = CheckResult::new("phone", Level::Warning, text.say("doctor-phone-offline"));
    Some(offline.advising(text.say("doctor-phone-advice")))
}

fn clock(text: &Text, skew: Option<ClockSkew>) -> CheckResult {
    let off = |key, span| {
        let words = text.with(key, &[("span", format::duration(text, span).into())]);
        CheckResult::new("clock", Level::Warning, words).advising(text.say("doctor-clock-advice"))
    };
    match skew {
        None => CheckResult::new("clock", Level::Note, text.say("doctor-clock-unknown")),
        Some(ClockSkew::Ahead(span)) if span > TOLERATED => off("doctor-clock-ahead", span),
        Some(ClockSkew::Behind(span)) if span > TOLERATED => off("doctor-clock-behind", span),
        Some(_) => CheckResult::new("clock", Level::Ok, text.say("doctor-clock-ok")),
    }
}
