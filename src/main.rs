//! The `synod` program: error hooks, exit code.

use std::process::ExitCode;

use synod::bootstrap;

fn main() -> ExitCode {
    // Before the screen is taken, so that its own hook can give the terminal back first.
    bootstrap::faults::install();
    bootstrap::start(std::env::args_os())
}
