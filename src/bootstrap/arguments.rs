//! Parses the arguments and reports those that are invalid. It makes sure that nothing in them can control the terminal on
//! which they are repeated.

use std::{ffi::OsString, process::ExitCode};

use clap::{
    Error, Parser,
    error::{ContextKind, ContextValue},
};

use crate::{
    cli::{
        Fault, FaultCode,
        args::{Arguments, Options},
        out, report,
    },
    clock::Clock,
    domain::name,
};

/// Parses the arguments; returns the exit code if there is nothing to do, because help was requested or they are invalid.
pub(super) fn read(words: impl Iterator<Item = OsString>) -> Result<Arguments, ExitCode> {
    let words: Vec<OsString> = words.collect();
    let may_be_options = words.get(1).is_none_or(|word| word.as_encoded_bytes().starts_with(b"-"));
    if may_be_options && let Ok(Options { common }) = Options::try_parse_from(&words) {
        return Ok(Arguments { command: None, common });
    }
    Arguments::try_parse_from(&words).map_err(|error| {
        let code = u8::try_from(error.exit_code()).unwrap_or(2);
        let plain = say(error);
        if code != 0 && words.iter().any(|word| word == "--json") {
            report::event(&Fault::new(FaultCode::Usage, plain.trim()), Clock::system());
        }
        ExitCode::from(code)
    })
}

/// Prints the mistake in the arguments, or the help, in the colours of the terminal; returns it without colours.
fn say(mut error: Error) -> String {
    let cleaned: Vec<(ContextKind, ContextValue)> =
        error.context().filter_map(|(kind, value)| Some((kind, clean(value)?))).collect();
    for (kind, value) in cleaned {
        error.insert(kind, value);
    }
    let plain = error.render().to_string();
    // Anything besides the argument values that still needs escaping is printed without colours.
    if name::printable(&plain) == plain {
        // If nobody reads standard error, nobody can be informed.
        let _ = error.print();
    } else {
        out::report(&plain);
    }
    plain
}

fn clean(value: &ContextValue) -> Option<ContextValue> {
    let clean = |text: &String| name::printable(text).replace('\n', " ");
    match value {
        ContextValue::String(text) => Some(ContextValue::String(clean(text))),
        ContextValue::Strings(texts) => Some(ContextValue::Strings(texts.iter().map(clean).collect())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_without_a_command_has_the_same_options_in_both_ways() {
        for line in [
            "synod",
            "synod --config list --state-dir=x --read-only",
            "synod -q --lang es --theme mono --ascii --log-level debug",
            "synod --on-hangup stop --wait-lock 60s",
        ] {
            let words = || line.split(' ').map(OsString::from);
            assert!(Options::try_parse_from(words()).is_ok(), "{line}");
            let whole = Arguments::try_parse_from(words()).unwrap();
            assert_eq!(format!("{:?}", read(words()).unwrap()), format!("{whole:?}"), "{line}");
        }
        for line in ["synod -V", "synod --help", "synod --config x list", "synod -- demo", "synod -q -q"] {
            assert!(Options::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
        let named =
            read(["synod", "--read-only", "demo", "--ascii"].map(OsString::from).into_iter()).unwrap();
        assert!(named.command.is_some() && named.common.read_only && named.common.ascii);
    }
}
