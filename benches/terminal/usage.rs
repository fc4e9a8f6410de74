//! The resources that a process has used, from `/proc`. Other systems than Linux have nothing to read, and it says so.

use std::{fs, path::Path, time::Duration};

/// What a process used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// How often its threads waited.
    pub(crate) waits: u64,
    /// The time that its threads ran.
    pub(crate) ran: Duration,
    /// What it holds in memory, in MB.
    pub(crate) resident: f64,
    /// The most that it held, in MB.
    pub(crate) peak: f64,
}

/// Reads it; `None` without `/proc` or such a process.
pub(crate) fn of(pid: &str) -> Option<Usage> {
    let folder = Path::new("/proc").join(pid);
    let status = fs::read_to_string(folder.join("status")).ok()?;
    let mut usage = Usage {
        resident: megabytes(&status, "VmRSS:"),
        peak: megabytes(&status, "VmHWM:"),
        ..Usage::default()
    };
    for thread in fs::read_dir(folder.join("task")).ok()?.flatten() {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        usage.waits += number(&status, "voluntary_ctxt_switches:").unwrap_or(0);
        let times = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        let ran = times.split_whitespace().next().and_then(|word| word.parse().ok());
        usage.ran += Duration::from_nanos(ran.unwrap_or(0));
    }
    Some(usage)
}

fn number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn megabytes(status: &str, name: &str) -> f64 {
    let kilobytes = number(status, name).and_then(|kilobytes| u32::try_from(kilobytes).ok());
    f64::from(kilobytes.unwrap_or(0)) / 1024.0
}
