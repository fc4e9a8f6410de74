//! The `synod` program: arguments, error hooks, exit code.

use std::process::ExitCode;

use clap::Parser;
use synod::{bootstrap, cli::args::Arguments};

fn main() -> Result<ExitCode, color_eyre::eyre::Report> {
    // Before the screen is taken, so that its own hook can give the terminal back first.
    color_eyre::install()?;
    bootstrap::run(Arguments::parse())
}
