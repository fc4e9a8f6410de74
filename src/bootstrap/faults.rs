//! Unexpected faults: how panics and errors without a message of their own are shown. It owns none of their text; like all
//! other text they are printed through `cli::out`, because they may contain text from outside.

use std::panic;

use color_eyre::{
    config::{HookBuilder, Theme},
    eyre::Report,
};

use crate::cli::out;

/// Installs the hooks that report panics and errors. Hooks that were already installed stay.
pub fn install() {
    // The output has no escape sequences, neither ours nor those of others.
    let (panics, errors) = HookBuilder::default().theme(Theme::new()).into_hooks();
    if errors.install().is_ok() {
        panic::set_hook(Box::new(move |information| {
            out::report(&format!("{}\n", panics.panic_report(information)));
        }));
    }
}

/// Shows an unexpected error.
pub(super) fn show(error: &Report) {
    out::report(&format!("Error: {error:?}\n"));
}
