//! What nobody foresaw: panics and errors without a sentence of their own, and how they are shown. It owns no text of
//! theirs; like all other text they go out through `cli::out`, for they may hold what came from outside.

use std::panic;

use color_eyre::{
    config::{HookBuilder, Theme},
    eyre::Report,
};

use crate::cli::out;

/// Installs the hooks that make reports of panics and errors. Where others were installed before, those stay.
pub fn install() {
    // What is shown has no escape sequences, of whoever's making.
    let (panics, errors) = HookBuilder::default().theme(Theme::new()).into_hooks();
    if errors.install().is_ok() {
        panic::set_hook(Box::new(move |information| {
            out::report(&format!("{}\n", panics.panic_report(information)));
        }));
    }
}

/// Shows an error that nobody foresaw.
pub(super) fn show(error: &Report) {
    out::report(&format!("Error: {error:?}\n"));
}
