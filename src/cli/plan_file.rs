//! Reads and writes plan files, and reports failures; `export` owns their format.

use std::{io, path::Path};

use super::{Fault, FaultCode};
use crate::{
    export::{
        file,
        plan_file::{PlanFile, PlanFileError},
    },
    files::{self, FileError, MIB},
    scrub,
    text::Text,
};

/// More than any plan; a longer file is a wrong file.
const LONGEST: u64 = 64 * MIB;

/// The content of a file that the operator names, such as a plan; `-` is standard input.
pub(super) async fn content(file: &Path, text: &Text) -> Result<String, Fault> {
    let path = file.to_owned();
    let read = tokio::task::spawn_blocking(move || files::text_of_input(&path, LONGEST));
    let content = read.await.unwrap_or_else(|error| Err(io::Error::other(error).into()));
    content.map_err(|error| {
        let name = ("file", shown(file).into());
        let words = match error {
            FileError::NoText { line } => text.with("cli-file-no-text", &[name, ("line", line.into())]),
            error => text.with("cli-file-unreadable", &[name, ("why", text.tell(&error).into())]),
        };
        Fault::new(FaultCode::Usage, words)
    })
}

/// The name of a file in a message.
pub(super) fn shown(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// Parses a plan from the content of its file.
pub(super) fn parse(file: &Path, content: &str, text: &Text) -> Result<PlanFile, Fault> {
    PlanFile::parse(content).map_err(|error| {
        let name = file.display().to_string();
        Fault::new(
            FaultCode::Usage,
            match error {
                PlanFileError::NoPlan => text.with("cli-plan-none", &[("file", name.into())]),
                PlanFileError::Version => text.with("cli-plan-version", &[("file", name.into())]),
                PlanFileError::Damaged { line } => {
                    text.with("cli-plan-damaged", &[("file", name.into()), ("line", line.into())])
                }
            },
        )
    })
}

/// Writes a plan, completely or not at all, readable by its owner only; an existing file is replaced.
pub(super) async fn write(plan: &PlanFile, file: &Path, text: &Text) -> Result<(), Fault> {
    let path = file.to_owned();
    let written = match plan.content() {
        Ok(content) => {
            let written = tokio::task::spawn_blocking(move || {
                file::replace(&path, scrub::masked_json(&content).as_bytes())
            });
            written.await.unwrap_or_else(|error| Err(io::Error::other(error)))
        }
        Err(error) => Err(error.into()),
    };
    written.map_err(|error| {
        let args = [("file", file.display().to_string().into()), ("why", error.to_string().into())];
        Fault::new(FaultCode::System, text.with("cli-plan-unwritable", &args))
    })
}
