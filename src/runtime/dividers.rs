//! The positions of the lines between the panes, as the operator has moved them, in a small file beside the journal. If the file
//! cannot be read or written, only these positions are lost, so Synod does not report it.

use std::{
    fs::OpenOptions,
    io::{Read, Write},
    path::Path,
};

use super::{Counted, Runtime};
use crate::{app::layout::Dividers, files::own};

/// The name of the file.
const FILE: &str = "dividers";

/// More than a file that Synod wrote can hold, in bytes.
const LONGEST: u64 = 64;

/// The lines as an earlier run left them; the usual ones if there is no such file.
pub fn remembered(folder: &Path) -> Dividers {
    let read = || {
        let mut content = String::new();
        let file = own::open(&folder.join(FILE), OpenOptions::new().read(true)).ok()?;
        file.take(LONGEST).read_to_string(&mut content).ok()?;
        let (left, right) = content.trim().split_once(' ')?;
        Some(Dividers { left: left.parse().ok()?, right: right.parse().ok()? })
    };
    read().unwrap_or_default()
}

fn write(folder: &Path, Dividers { left, right }: Dividers) {
    let options = &mut OpenOptions::new();
    let options = options.write(true).create(true).truncate(true);
    if let Ok(mut file) = own::open(&folder.join(FILE), options) {
        // At worst, the lines are at their usual places again.
        let _ = writeln!(file, "{left} {right}");
    }
}

impl Runtime {
    /// Stores them. Of several in a row, the last one stays.
    pub(super) fn keep_dividers(&self, dividers: Dividers) {
        let folder = self.parts.state_dir.clone();
        let counted = Counted::new(&self.in_flight);
        let last = std::sync::Arc::clone(&self.dividers);
        *last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = dividers;
        tokio::task::spawn_blocking(move || {
            let _counted = counted;
            // While it is held, no older value can follow.
            let last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            write(&folder, *last);
        });
    }
}
