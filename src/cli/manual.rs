//! Shell completions and manual pages, generated from the argument definitions.

use std::{io, path::Path};

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Fault, FaultCode, args::Arguments, out::Out};
use crate::text::Text;

/// Writes a shell's completions to standard output.
pub fn completions(shell: Shell) -> Result<u8, Fault> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "synod", &mut script);
    let mut out = Out::stdout();
    out.bytes(&script);
    out.finish(0)
}

/// Writes the manual page of the program to standard output, or those of all commands into a directory.
pub fn man(dir: Option<&Path>, text: &Text) -> Result<u8, Fault> {
    let failed = |error: &io::Error, dir: &Path| {
        let args = [("dir", dir.display().to_string().into()), ("why", error.to_string().into())];
        Fault::new(FaultCode::System, text.with("cli-man-unwritable", &args))
    };
    let Some(dir) = dir else {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(Arguments::command()).render(&mut page);
        rendered.map_err(|error| Fault::new(FaultCode::System, error.to_string()))?;
        let mut out = Out::stdout();
        out.bytes(&page);
        return out.finish(0);
    };
    let written =
        std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(Arguments::command(), dir));
    written.map(|()| 0).map_err(|error| failed(&error, dir))
}
