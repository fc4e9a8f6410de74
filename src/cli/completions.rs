//! Completions for shells: the scripts that a shell reads at its start, and the answers that they request from `synod`. `shell` owns
//! the differences between shells, `values` the values of each argument, and `known` the data that needs no request to a gateway.

mod known;
mod shell;
mod values;

use std::{ffi::OsString, fs, io, path::Path};

use clap::{Command, CommandFactory, ValueEnum};
use clap_complete::{Shell, engine};

use self::shell::{Adapter, Choice};
use super::{Fault, args::Arguments, manual, out::Out};
use crate::text::Text;

pub use self::{
    known::Known,
    shell::VARIABLE,
    values::{Offer, Offers, Subject},
};

/// Writes a shell's script to standard output, or into a directory under the name that the shell looks for.
pub fn script(shell: Shell, dir: Option<&Path>, text: &Text) -> Result<u8, Fault> {
    let script = source(shell);
    let Some(dir) = dir else {
        let mut out = Out::stdout();
        out.bytes(&script);
        return out.finish(0);
    };
    let name = match shell {
        Shell::Bash => "synod",
        Shell::Zsh => "_synod",
        Shell::Fish => "synod.fish",
        Shell::Elvish => "synod.elv",
        _ => "_synod.ps1",
    };
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(dir.join(name), script));
    written.map(|()| 0).map_err(|error| manual::unwritable(&error, dir, text))
}

/// The script of a shell. Those that ask nothing complete only commands, options and fixed values.
fn source(shell: Shell) -> Vec<u8> {
    if let Some(adapter) = Adapter::of(shell) {
        return adapter.script().as_bytes().to_vec();
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "synod", &mut script);
    script
}

/// Writes what can stand in the last of these words, of a command line that begins with `synod`. The shell with this name asks; the
/// words are as they were typed. An unknown shell gets no answer.
pub fn answer(
    shell: &str,
    words: &[OsString],
    offers: impl FnOnce(&[String]) -> Offers,
) -> Result<u8, Fault> {
    let mut out = Out::stdout();
    let Some(adapter) = Shell::from_str(shell, false).ok().and_then(Adapter::of) else {
        return out.finish(0);
    };
    let line = adapter.line(words);
    let command = values::with_values(Arguments::command(), &offers(&line.words));
    let choices = choices(command, &line.words).map_err(|error| Fault::io(&error))?;
    let lines = choices.iter().map(|choice| format!("{}\n", adapter.shown(choice, &line)));
    out.cells(&lines.collect::<String>());
    out.finish(0)
}

/// The choices for the last word. Options are among them only if the word begins like one, or if nothing else fits.
fn choices(mut command: Command, words: &[String]) -> io::Result<Vec<Choice>> {
    let last = words.len().saturating_sub(1);
    let is_option = words.last().is_some_and(|word| word.starts_with('-'));
    let found = engine::complete(&mut command, words.iter().map(OsString::from).collect(), last, None)?;
    let all = found.into_iter().map(|found| Choice {
        value: found.get_value().to_string_lossy().into_owned(),
        help: found.get_help().map(ToString::to_string).unwrap_or_default(),
    });
    let (options, values): (Vec<_>, Vec<_>) = all.partition(|one| one.value.starts_with('-'));
    Ok(if is_option || values.is_empty() { options } else { values })
}
