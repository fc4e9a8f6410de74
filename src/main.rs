//! The `synod` program: error hooks, exit code.

use std::process::ExitCode;

use synod::bootstrap;

fn main() -> ExitCode {
    // This comes before the program takes over the screen, so that the screen's own hook can restore the terminal first.
    bootstrap::faults::install();
    bootstrap::start(std::env::args_os())
}
