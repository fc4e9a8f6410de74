//! The groups given to a command: as arguments, from a file, or on standard input, one per line.

use std::path::{Path, PathBuf};

use super::{Fault, FaultCode, args::GroupArgs, out};
use crate::{
    domain::name::Name,
    export::group_list::{self, Line},
    files::{self, MIB},
    text::Text,
};

/// More than any list of groups; a longer file is a wrong file.
const LONGEST: u64 = 16 * MIB;

/// The most bytes that name a group: far more than any name, id or invite link has.
const LONGEST_NAME: usize = 4096;

/// How much of an overlong name is shown, in characters.
const SHOWN_OF_NAME: usize = 40;

/// How many unknown names are reported one by one.
const MOST_COMPLAINTS: usize = 20;

/// The first complaints of a fault that has one complaint per line, and the number of the others. Details of a complaint are
/// indented below it.
pub(super) fn first_of(text: &Text, fault: Fault) -> Fault {
    let words = &fault.words;
    let heads = words.split('\n').filter(|line| !line.starts_with("  ")).count();
    if heads <= MOST_COMPLAINTS {
        return fault;
    }
    let mut seen = 0;
    let kept = words.split('\n').take_while(|line| {
        seen += usize::from(!line.starts_with("  "));
        seen <= MOST_COMPLAINTS
    });
    let kept: Vec<&str> = kept.collect();
    let more = text.with("cli-more-unknown", &[("count", (heads - MOST_COMPLAINTS).into())]);
    Fault::new(fault.code, format!("{}\n{more}", kept.join("\n")))
}

/// The fault that nothing names a group.
fn no_groups(text: &Text) -> Fault {
    Fault::new(FaultCode::Usage, text.say("cli-no-groups"))
}

impl GroupArgs {
    /// Whether standard input contains the groups, so that it cannot contain an answer.
    pub(super) fn takes_stdin(&self) -> bool {
        self.groups.iter().any(|group| group == "-")
            || self.groups_from.as_deref().is_some_and(|file| file == Path::new("-"))
    }

    /// All given groups, in order.
    pub(super) async fn gather(&self, text: &Text) -> Result<Vec<Named>, Fault> {
        let arguments = self.groups.iter().filter(|group| *group != "-" && !group.trim().is_empty());
        let mut named: Vec<Named> = arguments.map(|name| Named::argument(name)).collect();
        if let Some(file) = self.groups_from.as_deref().filter(|file| *file != Path::new("-")) {
            named.extend(lines(text, Some(file.to_owned())).await?);
        }
        if self.takes_stdin() {
            named.extend(lines(text, None).await?);
        }
        // A list may be empty: there is nothing to do. Arguments that name no group are a mistake.
        if named.is_empty() && !self.takes_stdin() && self.groups_from.is_none() {
            return Err(no_groups(text));
        }
        // The text is a list of something else.
        if !named.is_empty() && named.iter().all(|named| named.readings.is_empty()) {
            return Err(no_groups(text));
        }
        let too_long = named.iter().enumerate().filter(|(_, named)| named.given().len() > LONGEST_NAME);
        let complaints: Vec<String> = too_long
            .map(|(at, named)| {
                let begin = Name::new(&named.given().chars().take(SHOWN_OF_NAME).collect::<String>());
                let args = [
                    ("position", named.line.unwrap_or(at + 1).into()),
                    ("begin", begin.shown().into()),
                    ("bytes", named.given().len().into()),
                ];
                text.with("cli-group-too-long", &args)
            })
            .collect();
        if complaints.is_empty() {
            return Ok(named);
        }
        Err(first_of(text, Fault::new(FaultCode::Usage, complaints.join("\n"))))
    }
}

/// A group as the operator named it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Its possible meanings, the most literal first.
    readings: Vec<String>,
    /// Its line number, if it comes from a list.
    pub(super) line: Option<usize>,
    /// Whether it may be a comment or a heading, and so need not name anything.
    pub(super) is_optional: bool,
}

impl Named {
    /// A group that an argument names.
    pub(super) fn argument(name: &str) -> Self {
        Self { readings: vec![name.to_owned()], line: None, is_optional: false }
    }

    /// The name as given.
    pub(super) fn given(&self) -> &str {
        self.readings.first().map_or("", String::as_str)
    }

    /// Its possible meanings, the most literal first.
    pub(super) fn readings(&self) -> Vec<&str> {
        self.readings.iter().map(String::as_str).collect()
    }

    /// A complaint about it, with its line number.
    pub(super) fn complaint(&self, text: &Text, fault: Fault) -> Fault {
        let Some(line) = self.line else { return fault };
        let args = [("line", line.into()), ("words", fault.words.into())];
        Fault::new(fault.code, text.with("cli-on-line", &args))
    }
}

/// The groups named in a file or on standard input.
async fn lines(text: &Text, file: Option<PathBuf>) -> Result<Vec<Named>, Fault> {
    let what = file.as_ref().map_or_else(|| "standard input".to_owned(), |file| file.display().to_string());
    if file.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        out::tell(&text.say("cli-type-groups"));
    }
    let read = tokio::task::spawn_blocking(move || {
        files::text_of_input(file.as_deref().unwrap_or(Path::new("-")), LONGEST)
    });
    let content = match read.await {
        Ok(Ok(content)) => content,
        Ok(Err(error)) => {
            let args = [("what", what.into()), ("why", text.tell(&error).into())];
            return Err(Fault::new(FaultCode::Usage, text.with("cli-groups-unreadable", &args)));
        }
        Err(_) => return Err(Fault::new(FaultCode::System, text.say("cli-cut-short"))),
    };
    let named = |line: Line| Named {
        readings: line.readings,
        line: Some(line.number),
        is_optional: line.is_optional,
    };
    Ok(group_list::read(&content).into_iter().map(named).collect())
}
