//! Which values an argument has. The arguments say it with the word for their value; where the values come from is the caller's
//! matter.

use std::{env, ffi::OsStr, path::PathBuf, sync::Arc};

use clap::{Arg, Command, builder::ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::domain::name::{Name, fold::Folded};

/// The maximum number of values: a longer list is of no use, and another typed letter makes it shorter.
const MOST: usize = 500;
/// Begins the value that stands for the shell's own file names. No name contains it.
const OWN: char = '\u{1}';

/// The kind of thing that an argument names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Instance,
    Community,
    Group,
    Operation,
    Operator,
    World,
    Theme,
    Language,
}

/// A value, and what it stands for.
#[derive(Clone, Debug)]
pub struct Offer {
    pub value: String,
    /// Another word for the same.
    pub id: Option<String>,
    pub help: String,
}

/// Where values come from.
pub type Offers = Arc<dyn Fn(Subject) -> Vec<Offer> + Send + Sync>;

/// The files that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    File,
    Directory,
}

impl Place {
    fn value(self) -> String {
        format!("{OWN}{}", if self == Self::File { "file" } else { "directory" })
    }

    /// The place that a value stands for.
    pub(super) fn of(value: &str) -> Option<Self> {
        // The value of a long option has the option before it.
        [Self::File, Self::Directory].into_iter().find(|place| value.ends_with(&place.value()))
    }
}

/// The command, with the values of its arguments and those of its subcommands.
pub(super) fn with_values(command: Command, offers: &Offers) -> Command {
    let is_init = command.get_name() == "init";
    let of_arguments = command.mut_args(|arg| match completer(&arg, is_init, offers) {
        Some(completer) => arg.add(completer),
        None => arg,
    });
    of_arguments.mut_subcommands(|one| with_values(one, offers))
}

fn completer(arg: &Arg, is_init: bool, offers: &Offers) -> Option<ArgValueCompleter> {
    let word = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    let subject = match (word, arg.get_long()) {
        ("NAME", Some("instance")) if !is_init => Subject::Instance,
        ("NAME", Some("by")) => Subject::Operator,
        ("COMMUNITY", _) => Subject::Community,
        ("GROUP", _) => Subject::Group,
        ("WORLD", _) => Subject::World,
        ("THEME", _) => Subject::Theme,
        ("TAG", _) => Subject::Language,
        ("VARIABLE", _) => return Some(ArgValueCompleter::new(variables)),
        ("DIR", _) => return Some(places(Place::Directory)),
        _ if arg.get_id() == "number" => Subject::Operation,
        _ if arg.get_value_hint() == ValueHint::AnyPath => return Some(places(Place::File)),
        _ => return None,
    };
    let offers = Arc::clone(offers);
    Some(ArgValueCompleter::new(move |current: &OsStr| {
        let mut fitting = fitting(&offers(subject), &current.to_string_lossy());
        if matches!(subject, Subject::World | Subject::Theme) && looks_like_path(current) {
            fitting.push(CompletionCandidate::new(Place::File.value()));
        }
        fitting
    }))
}

/// Whether a word that may be a name is the beginning of a path.
fn looks_like_path(current: &OsStr) -> bool {
    let path = PathBuf::from(current);
    current.to_string_lossy().starts_with(['.', '/', '~']) || path.components().count() > 1
}

fn places(place: Place) -> ArgValueCompleter {
    ArgValueCompleter::new(move |_: &OsStr| vec![CompletionCandidate::new(place.value())])
}

/// The names of environment variables; never their values.
fn variables(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut names: Vec<String> = env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    names.retain(|name| name.starts_with(&*current.to_string_lossy()) && Name::new(name).shown() == name);
    names.sort();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// The values that begin with a text, or else those that begin with it if case and accents do not matter. Ids fit if their digits
/// were typed.
fn fitting(offers: &[Offer], current: &str) -> Vec<CompletionCandidate> {
    // A value that looks like an option would be taken for one.
    let usable = |value: &str| !value.is_empty() && !value.starts_with('-');
    let values = || offers.iter().filter(|offer| usable(&offer.value));
    let mut fitting: Vec<(&str, &Offer)> =
        values().filter(|one| one.value.starts_with(current)).map(|one| (&*one.value, one)).collect();
    if current.starts_with(|first: char| first.is_ascii_digit()) {
        let ids = offers.iter().filter_map(|one| one.id.as_deref().map(|id| (id, one)));
        fitting.extend(ids.filter(|(id, one)| id.starts_with(current) && *id != one.value));
    }
    if fitting.is_empty() {
        let typed = Folded::new(current);
        let begins = |one: &&Offer| Folded::new(&one.value).begins_with(&typed);
        fitting = values().filter(begins).map(|one| (&*one.value, one)).collect();
    }
    if fitting.len() > MOST {
        return Vec::new();
    }
    let candidate = |(value, one): (&str, &Offer)| {
        CompletionCandidate::new(value).help((!one.help.is_empty()).then(|| one.help.clone().into()))
    };
    fitting.into_iter().map(candidate).collect()
}
