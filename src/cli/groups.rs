//! The groups that a command is given: as arguments, from a file, or on standard input, one a line.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use super::{Fault, args::GroupArgs, out};
use crate::{domain::name::Name, text::Text};

/// More than any list of groups; what is longer is a wrong file.
const LONGEST: u64 = 16 * 1024 * 1024;

/// How many bytes name a group at most: far more than any name, id or invite link has.
const LONGEST_NAME: usize = 4096;

/// How much of a name that is too long is shown, in characters.
const SHOWN_OF_NAME: usize = 40;

/// How many names that nothing is called are told one by one.
const MOST_COMPLAINTS: usize = 20;

/// The first complaints of a fault that has one a line, and how many more there are. What belongs to a complaint is
/// indented below it.
pub(super) fn first_of(text: &Text, fault: Fault) -> Fault {
    let Fault::Usage(words) = &fault else { return fault };
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
    Fault::Usage(format!("{}\n{more}", kept.join("\n")))
}

impl GroupArgs {
    /// Whether standard input holds groups, and so cannot hold an answer.
    pub(super) fn takes_stdin(&self) -> bool {
        self.groups.iter().any(|group| group == "-")
            || self.groups_from.as_deref().is_some_and(|file| file == Path::new("-"))
    }

    /// All that was named, in order.
    pub(super) async fn gather(&self, text: &Text) -> Result<Vec<String>, Fault> {
        let mut names: Vec<String> = self.groups.iter().filter(|group| *group != "-").cloned().collect();
        if let Some(file) = self.groups_from.as_deref().filter(|file| *file != Path::new("-")) {
            names.extend(lines(text, Some(file.to_owned())).await?);
        }
        if self.takes_stdin() {
            names.extend(lines(text, None).await?);
        }
        names.retain(|name| !name.trim().is_empty());
        if names.is_empty() {
            return Err(Fault::Usage(text.say("cli-no-groups").into_owned()));
        }
        if let Some(at) = names.iter().position(|name| name.len() > LONGEST_NAME) {
            let begin = Name::new(&names[at].chars().take(SHOWN_OF_NAME).collect::<String>());
            let args = [
                ("position", (at + 1).into()),
                ("begin", begin.shown().into()),
                ("bytes", names[at].len().into()),
            ];
            return Err(Fault::Usage(text.with("cli-group-too-long", &args)));
        }
        Ok(names)
    }
}

/// The lines of a file, or of standard input: nothing is left out but empty ones, for a name may begin with anything.
async fn lines(text: &Text, file: Option<PathBuf>) -> Result<Vec<String>, Fault> {
    let what = file.as_ref().map_or_else(|| "standard input".to_owned(), |file| file.display().to_string());
    if file.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        out::tell(&text.say("cli-type-groups"));
    }
    let read = tokio::task::spawn_blocking(move || {
        let mut content = Vec::new();
        match file {
            Some(file) => std::fs::File::open(file)?.take(LONGEST + 1).read_to_end(&mut content)?,
            None => std::io::stdin().lock().take(LONGEST + 1).read_to_end(&mut content)?,
        };
        Ok::<_, std::io::Error>(content)
    });
    let content = match read.await {
        Ok(Ok(content)) => content,
        Ok(Err(error)) => {
            let args = [("what", what.into()), ("why", error.to_string().into())];
            return Err(Fault::Usage(text.with("cli-groups-unreadable", &args)));
        }
        Err(_) => return Err(Fault::Failed(text.say("cli-cut-short").into_owned())),
    };
    if content.len() as u64 > LONGEST {
        let why = text.say("cli-too-long").into_owned();
        return Err(Fault::Usage(
            text.with("cli-groups-unreadable", &[("what", what.into()), ("why", why.into())]),
        ));
    }
    let content = String::from_utf8(content).map_err(|_| {
        let why = text.say("cli-not-utf8").into_owned();
        Fault::Usage(text.with("cli-groups-unreadable", &[("what", what.into()), ("why", why.into())]))
    })?;
    let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
    Ok(content.lines().map(str::to_owned).collect())
}
