//! The store of a team: makes the key for its invite links.

use std::path::{Path, PathBuf};

use super::{Fault, FaultCode, out::Out};
use crate::{export::file, store::LinkKey, text::Text};

/// Makes a key for the invite links of a shared store, and writes it to a new file that only its owner can read.
pub fn key(path: &Path, text: &Text) -> Result<u8, Fault> {
    let shown = path.display().to_string();
    file::create(path, LinkKey::generate().to_line().as_bytes()).map_err(|error| {
        let args = [("file", shown.as_str().into()), ("why", error.to_string().into())];
        Fault::new(FaultCode::System, text.with("cli-key-unwritten", &args))
    })?;
    // A relative path in the configuration begins at its folder.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let line = format!("key = {{ file = {:?} }}", absolute.display().to_string());
    let mut out = Out::stdout();
    out.line(&text.with("cli-key-written", &[("file", shown.into()), ("line", line.into())]));
    out.finish(0)
}
