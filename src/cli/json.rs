//! Writes the lines of `--json`; `export` owns their content.

use serde::Serialize;

use super::out::Out;
use crate::{domain::time::Millis, export::json::line};

pub(super) use crate::export::json::Why;

/// Writes one event.
pub(super) fn write(out: &mut Out, event: &str, time: Millis, body: impl Serialize) {
    out.json(&(line(event, time, body) + "\n"));
}

#[cfg(test)]
mod tests;
