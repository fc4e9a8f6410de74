//! Numbers and durations in the form for people. `clock` owns points in time.

use std::time::Duration;

use super::{Language, Text};

/// A number with its thousands grouped according to the language: `1,204`, `1.204`, `1204`.
pub fn number(text: &Text, number: u64) -> String {
    grouped(text.language(), &number.to_string())
}

/// Digits with the language's separator before every group of three. Spanish uses a non-breaking space and groups only numbers
/// of five digits or more (Ortografía de la lengua española, 2010, VIII 2.1).
pub(super) fn grouped(language: Language, digits: &str) -> String {
    let (separator, least) = match language {
        Language::English => (',', 4),
        Language::Portuguese => ('.', 4),
        Language::Spanish => ('\u{a0}', 5),
    };
    if digits.len() < least {
        return digits.to_owned();
    }
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// A duration in at most two units: `250 ms`, `5 s`, `1 min 20 s`, `2 h 5 min`, `3 d 4 h`. Anything below the last unit is left
/// out; from one second on, so are milliseconds.
pub fn duration(text: &Text, span: Duration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let one = |key, count: u64| text.with(key, &[("count", count.into())]);
    if seconds == 0 && span.subsec_millis() > 0 {
        return one("span-milliseconds", span.subsec_millis().into());
    }
    if minutes == 0 {
        return one("span-seconds", seconds);
    }
    if hours == 0 {
        return match seconds % 60 {
            0 => one("span-minutes", minutes),
            rest => {
                text.with("span-minutes-seconds", &[("minutes", minutes.into()), ("seconds", rest.into())])
            }
        };
    }
    if days == 0 {
        return match minutes % 60 {
            0 => one("span-hours", hours),
            rest => text.with("span-hours-minutes", &[("hours", hours.into()), ("minutes", rest.into())]),
        };
    }
    match hours % 24 {
        0 => one("span-days", days),
        rest => text.with("span-days-hours", &[("days", days.into()), ("hours", rest.into())]),
    }
}

/// The time since something, in its largest unit: `just now` below 2 s, `5 min ago`, `2 h ago`.
pub fn age(text: &Text, span: Duration) -> String {
    let seconds = span.as_secs();
    let unit = match seconds {
        0..2 => return text.say("age-now").into_owned(),
        2..60 => 1,
        60..3_600 => 60,
        3_600..86_400 => 3_600,
        _ => 86_400,
    };
    let whole = duration(text, Duration::from_secs(seconds / unit * unit));
    text.with("age", &[("span", whole.into())])
}
