//! The manual pages, generated from the argument definitions. `page` makes the page of a command; this module decides where the
//! pages go.

mod page;
mod roff;

use std::{fs, io, path::Path};

use clap::{Command, CommandFactory};

use super::{Fault, FaultCode, args::Arguments, out::Out};
use crate::text::Text;

/// The day of this version, as in the changelog.
const DATE: &str = "2026-11-29";

/// Writes the manual page of the program to standard output, or those of all commands into a directory.
pub fn man(dir: Option<&Path>, text: &Text) -> Result<u8, Fault> {
    let mut root = Arguments::command();
    root.build();
    let Some(dir) = dir else {
        let mut out = Out::stdout();
        out.bytes(page::page(&root, &root, DATE).as_bytes());
        return out.finish(0);
    };
    let written = fs::create_dir_all(dir).and_then(|()| write_all(&root, &root, dir));
    written.map(|()| 0).map_err(|error| unwritable(&error, dir, text))
}

/// Writes the page of a command and those of its subcommands.
fn write_all(root: &Command, command: &Command, dir: &Path) -> io::Result<()> {
    fs::write(dir.join(format!("{}.1", page::name(command))), page::page(root, command, DATE))?;
    let subcommands = command.get_subcommands().filter(|one| !one.is_hide_set());
    subcommands.into_iter().try_for_each(|one| write_all(root, one, dir))
}

/// Files that are installed cannot be written into a directory.
pub(super) fn unwritable(error: &io::Error, dir: &Path, text: &Text) -> Fault {
    let args = [("dir", dir.display().to_string().into()), ("why", error.to_string().into())];
    Fault::new(FaultCode::System, text.with("cli-files-unwritable", &args))
}
