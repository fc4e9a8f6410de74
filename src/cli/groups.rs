//! The groups that a command is given: as arguments, from a file, or on standard input, one a line.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use super::{Fault, args::GroupArgs, out};
use crate::text::Text;

/// More than any list of groups; what is longer is a wrong file.
const LONGEST: u64 = 16 * 1024 * 1024;

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
            Some(file) => std::fs::File::open(file)?.take(LONGEST).read_to_end(&mut content)?,
            None => std::io::stdin().lock().take(LONGEST).read_to_end(&mut content)?,
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
    let content = String::from_utf8(content).map_err(|_| {
        let why = text.say("cli-not-utf8").into_owned();
        Fault::Usage(text.with("cli-groups-unreadable", &[("what", what.into()), ("why", why.into())]))
    })?;
    let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
    Ok(content.lines().map(str::to_owned).collect())
}
