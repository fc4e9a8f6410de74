//! The manual page of one command, made from the definitions of its arguments and its help. The sections that do not follow from
//! them are here: exit codes come from the help of `synod`, environment variables and files are lists.

use clap::{Arg, ArgAction, Command, builder::PossibleValue};

use super::roff::{Roff, bold, escaped, value};

/// The variables that no option stands for.
const VARIABLES: [(&str, &str); 9] = [
    ("XDG_CONFIG_HOME", "The folder of the folder synod with the configuration; by default ~/.config."),
    ("XDG_STATE_HOME", "The folder of the folder synod with the state; by default ~/.local/state."),
    ("HOME", "Your home folder."),
    ("LC_ALL, LC_MESSAGES, LC_CTYPE, LANG", "The language, and whether the terminal shows UTF-8."),
    ("TERM, COLORTERM", "What the terminal can show."),
    ("NO_COLOR", "If it is not empty, the terminal program uses no colours."),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "The proxy to the gateways, unless the configuration names one."),
    ("PATH", "Where commands that supply secrets are found."),
    (
        "SYNOD_COMPLETE",
        "Set by the completion scripts; do not set it yourself. If it names a shell, synod prints what can stand at the end of \
         a command line.",
    ),
];

/// The files of Synod.
const FILES: [(&str, &str); 6] = [
    ("~/.config/synod/config.toml", "The configuration."),
    ("~/.config/synod/secrets/", "The secrets that you typed, one per file of mode 0600."),
    (
        "~/.local/state/synod/synod.db",
        "The journal of all operations, and the data remembered from the gateways.",
    ),
    (
        "~/.local/state/synod/locks/",
        "The locks that keep two Synods from changing the same instance at once.",
    ),
    ("~/.local/state/synod/synod.log", "The log, with --log-level."),
    ("/etc/ssl/certs/", "The certificates of authorities, for gateways over https."),
];

/// The separator of the exit codes in the help of `synod`.
const CODES: &str = "Exit codes:\n";

/// The page of a command; `root` is `synod`, and `date` that of the version. Both commands are built.
pub(super) fn page(root: &Command, command: &Command, date: &str) -> String {
    let mut roff = Roff::default();
    let name = name(command);
    let version = root.get_version().unwrap_or_default();
    roff.line(&format!(
        ".TH \"{}\" 1 \"{date}\" \"Synod {version}\" \"User Commands\"",
        escaped(&name.to_uppercase())
    ));
    roff.section("NAME");
    roff.line(&format!("{} \\-", escaped(&name)));
    roff.text(&about(command));
    roff.section("SYNOPSIS");
    synopsis(&mut roff, command);
    roff.section("DESCRIPTION");
    roff.text(&sentence(&about(command)));
    arguments(&mut roff, command);
    subcommands(&mut roff, command);
    exit_status(&mut roff, root);
    environment(&mut roff, command);
    list(&mut roff, "FILES", &FILES);
    examples(&mut roff, command);
    see_also(&mut roff, root, command);
    roff.into_source()
}

/// The name of a page: the words of the command, joined by dashes.
pub(super) fn name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default().trim_end_matches('.').to_owned()
}

/// A text as a sentence.
fn sentence(text: &str) -> String {
    format!("{text}.")
}

/// The arguments that a reader may give, those of this command first.
fn visible(command: &Command, is_global: bool) -> impl Iterator<Item = &Arg> {
    let arguments = command.get_arguments().filter(|arg| !arg.is_hide_set());
    // Of `synod` itself, every option is its own.
    let is_root = command.get_display_name().is_none_or(|name| name == command.get_name());
    arguments.filter(move |arg| (arg.is_global_set() && !is_root) == is_global)
}

fn synopsis(roff: &mut Roff, command: &Command) {
    roff.line(&bold(command.get_bin_name().unwrap_or_else(|| command.get_name())));
    let (positionals, options): (Vec<&Arg>, Vec<&Arg>) =
        visible(command, false).partition(|arg| arg.is_positional());
    for arg in options.into_iter().chain(positionals) {
        let usage = usage(arg);
        let usage = if arg.is_required_set() { usage } else { format!("[{usage}]") };
        let dots = if is_repeated(arg) { "..." } else { "" };
        roff.line(&format!("{usage}{dots}"));
    }
    if visible(command, true).next().is_some() {
        roff.line("[common options]");
    }
    if command.has_subcommands() {
        let commands = value("command");
        roff.line(&if command.is_subcommand_required_set() { commands } else { format!("[{commands}]") });
    }
}

/// An argument as it is typed, without brackets.
fn usage(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let values: Vec<String> = names.iter().map(|name| value(name.as_str())).collect();
    let values = if takes_value(arg) { values.join(" ") } else { String::new() };
    let short = arg.get_short().map(|short| bold(&format!("-{short}")));
    let long = arg.get_long().map(|long| bold(&format!("--{long}")));
    let flags = short.into_iter().chain(long).collect::<Vec<_>>().join("|");
    [flags, values].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn takes_value(arg: &Arg) -> bool {
    arg.is_positional() || arg.get_action().takes_values()
}

fn is_repeated(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

fn arguments(roff: &mut Roff, command: &Command) {
    for (title, is_global) in [("OPTIONS", false), ("COMMON OPTIONS", true)] {
        let mut arguments: Vec<&Arg> = visible(command, is_global).collect();
        arguments.sort_by_key(|arg| !arg.is_positional());
        if !arguments.is_empty() {
            roff.section(title);
        }
        for arg in arguments {
            roff.item(&usage(arg).replace('|', ", "), &explanation(arg));
            values(roff, arg);
        }
    }
}

/// What an argument means, with its default and its variable.
fn explanation(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut sentences = vec![sentence(help.trim_end_matches('.'))];
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes_value(arg) && !default.is_empty() {
        sentences.push(format!("The default is {}.", default.join(" ")));
    }
    if let Some(variable) = arg.get_env() {
        sentences.push(format!("Without it, {} applies.", variable.to_string_lossy()));
    }
    sentences.join(" ")
}

/// The values that an argument accepts, with their meanings.
fn values(roff: &mut Roff, arg: &Arg) {
    let possible = if takes_value(arg) { arg.get_possible_values() } else { Vec::new() };
    if possible.is_empty() {
        return;
    }
    if possible.iter().all(|value| value.get_help().is_none()) {
        let names: Vec<&str> = possible.iter().map(PossibleValue::get_name).collect();
        return roff.text(&format!("One of {}.", names.join(", ")));
    }
    roff.line(".RS");
    for one in possible {
        let help = one.get_help().map(ToString::to_string).unwrap_or_default();
        roff.item(&bold(one.get_name()), &sentence(&help));
    }
    roff.line(".RE");
}

fn subcommands(roff: &mut Roff, command: &Command) {
    let subcommands: Vec<&Command> = command.get_subcommands().filter(|one| !one.is_hide_set()).collect();
    if subcommands.is_empty() {
        return;
    }
    roff.section("COMMANDS");
    for one in subcommands {
        roff.item(&format!("{}(1)", bold(&name(one))), &sentence(&about(one)));
    }
}

/// The help after the options: its examples, and the exit codes in the help of `synod`.
fn after(command: &Command) -> (String, String) {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (examples, codes) = after.split_once(CODES).unwrap_or((&after, ""));
    (examples.to_owned(), codes.to_owned())
}

fn exit_status(roff: &mut Roff, root: &Command) {
    let (_, codes) = after(root);
    roff.section("EXIT STATUS");
    for (code, meaning) in codes.lines().filter_map(|line| line.trim().split_once(' ')) {
        roff.item(&bold(code), &capital(&sentence(meaning.trim())));
    }
    roff.line(".PP");
    roff.text("If several codes apply, the first of 2, 1, 7, 5, 4, 3 and 6 is used.");
}

fn environment(roff: &mut Roff, command: &Command) {
    roff.section("ENVIRONMENT");
    for arg in command.get_arguments() {
        if let (Some(variable), Some(long)) = (arg.get_env(), arg.get_long()) {
            roff.item(&bold(&variable.to_string_lossy()), &format!("Used without --{long}."));
        }
    }
    entries(roff, &VARIABLES);
}

fn list(roff: &mut Roff, title: &str, items: &[(&str, &str)]) {
    roff.section(title);
    entries(roff, items);
}

fn entries(roff: &mut Roff, items: &[(&str, &str)]) {
    for (tag, meaning) in items {
        roff.item(&bold(tag), meaning);
    }
}

fn examples(roff: &mut Roff, command: &Command) {
    let (examples, _) = after(command);
    let lines: Vec<&str> = examples.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    roff.section("EXAMPLES");
    roff.verbatim(&lines);
}

fn see_also(roff: &mut Roff, root: &Command, command: &Command) {
    roff.section("SEE ALSO");
    let is_root = name(root) == name(command);
    let parts = if is_root { root.get_subcommands() } else { command.get_subcommands() };
    let own = (!is_root).then(|| name(root));
    let mut pages: Vec<String> =
        own.into_iter().chain(parts.filter(|one| !one.is_hide_set()).map(name)).collect();
    pages.sort();
    let last = pages.len().saturating_sub(1);
    for (at, page) in pages.iter().enumerate() {
        let comma = if at == last { "" } else { "," };
        roff.line(&format!("{}(1){comma}", bold(page)));
    }
}

/// The same text with a capital letter first, unless it begins with a sign.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
