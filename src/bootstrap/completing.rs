//! Answers a shell that completes a command line. Whatever goes wrong, a person is typing: nothing is reported.

use std::{env, ffi::OsString, path::Path, process::ExitCode, sync::Arc};

use crate::{
    cli::completions::{self, Known, Offer, Offers, Subject, VARIABLE},
    simulator::World,
    text::{Language, Text},
    tui::theme::Theme,
};

/// The shell that asks, if one does.
pub(super) fn shell() -> Option<String> {
    let name = env::var_os(VARIABLE)?.into_string().ok()?;
    let name = Path::new(&name).file_name()?.to_str()?.to_owned();
    Some(name).filter(|name| !name.is_empty())
}

/// Prints what the last word may become. The words follow a `--`.
pub(super) fn answer(shell: &str, words: impl Iterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.skip_while(|word| word != "--").skip(1).collect();
    let answered = completions::answer(shell, &words, offers);
    answered.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// The values of everything that a command line may name.
fn offers(words: &[String]) -> Offers {
    let text = Text::of(Language::of_environment(|name| env::var(name).ok()));
    let known = Known::of(words, text);
    Arc::new(move |subject| match subject {
        Subject::World => World::built_in_names().iter().map(|name| plain(name)).collect(),
        Subject::Theme => Theme::names().chain(["auto"]).map(plain).collect(),
        Subject::Language => Language::ALL.map(|one| explained(one.tag(), one.name())).to_vec(),
        remembered => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_or_else(|_| Vec::new(), |runtime| runtime.block_on(known.offers(remembered)))
        }
    })
}

fn plain(value: &str) -> Offer {
    explained(value, "")
}

fn explained(value: &str, help: &str) -> Offer {
    Offer { value: value.to_owned(), id: None, help: help.to_owned() }
}
