//! The files that the screen writes and reads: plans, operations, and files that say where groups belong.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    app::effect::Document,
    domain::{
        desired::StateFile,
        message::{Message, ToMessage},
        operation::Form,
    },
    export::{self, Exporter, plan_file::PlanFile, state_file},
    files::{self, MIB},
    scrub,
};

/// The maximum size of a file that says where groups belong, in bytes.
const LONGEST: u64 = 64 * MIB;

/// The content of a document, without secrets.
fn content(exporter: &Exporter, document: &Document) -> io::Result<String> {
    Ok(match document {
        Document::Plan { instance, plan, readings } => {
            scrub::masked_json(&PlanFile::new(instance, plan, readings).content()?).into_owned()
        }
        Document::Operation { instance, operation, form, communities } => {
            let content = exporter.operation(*form, instance, operation, communities);
            match form {
                Form::Csv => scrub::masked(&content).into_owned(),
                Form::Json => scrub::masked_json(&content).into_owned(),
            }
        }
    })
}

/// Writes new files in a directory. If one of them cannot be written, none of them stays.
pub(super) fn write(exporter: &Exporter, directory: &Path, files: &[(String, Document)]) -> io::Result<()> {
    let ready =
        |(file, document): &(String, Document)| Ok((place(directory, file), content(exporter, document)?));
    let files: Vec<(PathBuf, String)> = files.iter().map(ready).collect::<io::Result<_>>()?;
    export::file::create_all(&files)
}

/// Reads a file that says where groups belong.
pub(super) fn state_file(file: &Path) -> Result<Box<StateFile>, Message> {
    let content = files::open(file).and_then(|input| input.text(LONGEST)).map_err(|error| error.message())?;
    if state_file::is_plan(&content) {
        return Err(Message::new("compare-plan"));
    }
    Ok(Box::new(state_file::read(&content)))
}

/// The path of a file: relative to this directory, unless it is absolute or begins with `~/`.
pub(super) fn place(directory: &Path, file: &str) -> PathBuf {
    let home = file.strip_prefix("~/").and_then(|rest| Some((std::env::var_os("HOME")?, rest)));
    home.map_or_else(|| directory.join(file), |(home, rest)| PathBuf::from(home).join(rest))
}
