//! Reports an entry of the configuration that a command about all instances leaves out.

use serde::Serialize;

use super::{
    json,
    out::{self, Out},
};
use crate::{clock::Clock, config::BrokenInstance, text::Text};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct BrokenBody<'a> {
    /// The operator's name for it, if the entry has a valid one.
    instance: Option<&'a str>,
    line: usize,
    message: String,
}

/// Reports a broken entry on standard error, and with `--json` also as an event.
pub fn report(text: &Text, clock: Clock, broken: &BrokenInstance, is_json: bool) {
    let message = text.tell(broken);
    out::tell(&text.with("cli-left-out", &[("why", message.as_str().into())]));
    if is_json {
        let instance = broken.label.as_ref().map(crate::domain::name::Name::shown);
        let body = BrokenBody { instance, line: broken.line, message };
        json::write(&mut Out::stdout(), "instance_broken", clock.now(), body);
    }
}
