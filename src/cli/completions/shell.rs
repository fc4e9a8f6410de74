//! The differences between shells: the script, the quoting of typed words, and the form in which candidates are written. A candidate is
//! text from strangers: a shell must read it as exactly one word, and never run anything in it.

use std::ffi::OsString;

use clap_complete::Shell;

use super::values::Place;

/// The variable in which a script names its shell.
pub const VARIABLE: &str = "SYNOD_COMPLETE";

const BASH: &str = r#"# Completions of synod for bash.
_synod() {
    local line plain=()
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        : | :/)
            # File names are the shell's own matter.
            compopt -o filenames 2>/dev/null
            local kind=-f
            [ "$line" = :/ ] && kind=-d
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen $kind -- "$2")
            ;;
        *) plain+=("$line") ;;
        esac
    done < <(SYNOD_COMPLETE=bash synod -- "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
    COMPREPLY+=("${plain[@]}")
}
complete -o nosort -F _synod synod 2>/dev/null || complete -F _synod synod
"#;

const ZSH: &str = r#"#compdef synod
# Completions of synod for zsh.
_synod() {
    local line
    local -a plain
    for line in "${(@f)$(SYNOD_COMPLETE=zsh synod -- "${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
        case $line in
        '') ;;
        :) _files ;;
        :/) _files -/ ;;
        *) plain+=("$line") ;;
        esac
    done
    (( $#plain )) && _describe -V synod plain
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _synod "$@"
else
    compdef _synod synod
fi
"#;

const FISH: &str = r"# Completions of synod for fish.
function __synod_complete
    for line in (SYNOD_COMPLETE=fish synod -- (commandline -opc) (commandline -ct) 2>/dev/null)
        switch $line
            case :
                __fish_complete_path (commandline -ct)
            case :/
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete --command synod --no-files --keep-order --arguments '(__synod_complete)'
";

/// What a word may become, and what that means.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) help: String,
}

/// A shell that asks for candidates.
#[derive(Clone, Copy, Debug)]
pub(super) enum Adapter {
    Bash,
    Zsh,
    Fish,
}

/// The words of a command line up to the cursor, without their quotation marks; the last one is completed.
pub(super) struct Line {
    pub(super) words: Vec<String>,
    /// The quotation mark that the last word begins with.
    quote: Option<char>,
}

impl Adapter {
    /// `None` for a shell whose script asks nothing.
    pub(super) fn of(shell: Shell) -> Option<Self> {
        match shell {
            Shell::Bash => Some(Self::Bash),
            Shell::Zsh => Some(Self::Zsh),
            Shell::Fish => Some(Self::Fish),
            _ => None,
        }
    }

    /// The script, which the shell reads.
    pub(super) fn script(self) -> &'static str {
        match self {
            Self::Bash => BASH,
            Self::Zsh => ZSH,
            Self::Fish => FISH,
        }
    }

    /// The command line from the words that the script passes on.
    pub(super) fn line(self, words: &[OsString]) -> Line {
        let mut raw: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        if matches!(self, Self::Bash) {
            rejoin_options(&mut raw);
        }
        let last = raw.pop().unwrap_or_default();
        // fish has already removed the marks of the words before.
        let is_plain = matches!(self, Self::Fish);
        let mut words: Vec<String> =
            raw.into_iter().map(|word| if is_plain { word } else { unquoted(&word) }).collect();
        words.push(unquoted(&last));
        Line { words, quote: last.chars().next().filter(|first| matches!(first, '"' | '\'')) }
    }

    /// A line of the answer.
    pub(super) fn shown(self, choice: &Choice, line: &Line) -> String {
        let Choice { value, help } = choice;
        if let Some(place) = Place::of(value) {
            return match place {
                Place::File => ":".to_owned(),
                Place::Directory => ":/".to_owned(),
            };
        }
        let help = help.lines().next().unwrap_or_default().replace('\t', " ");
        match self {
            Self::Bash => quoted(value, line.quote),
            Self::Zsh => {
                let value = value.replace('\\', r"\\").replace(':', r"\:");
                if help.is_empty() { value } else { format!("{value}:{help}") }
            }
            Self::Fish if help.is_empty() => value.clone(),
            Self::Fish => format!("{value}\t{help}"),
        }
    }
}

/// bash takes the sign after an option for a word of its own: `--to`, `=`, `Choir`. Here the value is the next word.
fn rejoin_options(words: &mut Vec<String>) {
    let mut at = 1;
    while at < words.len() {
        if words[at] == "=" && words[at - 1].starts_with("--") {
            // The sign alone is an empty value so far.
            if at + 1 == words.len() {
                words[at].clear();
            } else {
                words.remove(at);
            }
        }
        at += 1;
    }
}

/// A word without its quotation marks and backslashes; a mark that is still open counts too.
fn unquoted(word: &str) -> String {
    let mut plain = String::new();
    let mut open: Option<char> = None;
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        match (open, letter) {
            (Some(mark), letter) if mark == letter => open = None,
            (None, '"' | '\'') => open = Some(letter),
            (None, '\\') => plain.extend(letters.next()),
            (Some('"'), '\\') => match letters.next() {
                Some(next @ ('"' | '\\' | '$' | '`')) => plain.push(next),
                Some(next) => plain.extend(['\\', next]),
                None => plain.push('\\'),
            },
            (_, letter) => plain.push(letter),
        }
    }
    plain
}

/// A word for bash, which inserts it as it is: with backslashes, or for the quotation mark that was typed before it.
fn quoted(word: &str, quote: Option<char>) -> String {
    match quote {
        Some('\'') => word.replace('\'', r"'\''"),
        Some(_) => with_backslashes(word, |c| matches!(c, '"' | '\\' | '$' | '`')),
        None => with_backslashes(word, |c| c.is_ascii() && !(c.is_alphanumeric() || "_./+-%,".contains(c))),
    }
}

fn with_backslashes(word: &str, needs: impl Fn(char) -> bool) -> String {
    let mut quoted = String::new();
    for letter in word.chars() {
        if needs(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_read_back() {
        for word in ["Choir", "Harbor Clinics", "it's $(me) `x` \\ \"q\"", "*:~ é!", "120363@g.us"] {
            assert_eq!(unquoted(&quoted(word, None)), word);
            for mark in ['"', '\''] {
                assert_eq!(unquoted(&format!("{mark}{}", quoted(word, Some(mark)))), word);
            }
        }
        assert_eq!(unquoted("\"Harbor Cli"), "Harbor Cli");
    }

    #[test]
    fn the_sign_of_an_option_is_no_word() {
        let joined = |words: &[&str]| {
            let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            rejoin_options(&mut words);
            words.join("|")
        };
        assert_eq!(joined(&["synod", "link", "--to", "=", "Cho"]), "synod|link|--to|Cho");
        assert_eq!(joined(&["synod", "link", "--to", "="]), "synod|link|--to|");
        assert_eq!(joined(&["synod", "link", "a", "="]), "synod|link|a|=");
    }
}
