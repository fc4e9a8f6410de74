//! Tracing into files of the state folder, never to the screen. It owns the folder, the mode of the files and how many are
//! kept. The tracing code decides which events to log, and keeps secrets out of them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::LevelFilter,
    fmt,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

use crate::{
    domain::message::{Message, ToMessage},
    files::{FileError, own},
    scrub,
};

/// The current file; older ones have a number after the name, the oldest the highest.
pub const FILE: &str = "synod.log";
const LARGEST: u64 = 4 * 1024 * 1024;
const OLD_FILES: u32 = 3;

/// Keeps the writing going; dropping it writes the pending events, so `main` holds it to the end.
#[must_use = "dropping it ends the log"]
#[derive(Debug)]
pub struct Guard {
    _worker: WorkerGuard,
}

/// Why logging cannot start.
#[derive(Debug)]
pub enum TelemetryError {
    /// The text is not a level.
    Level,
    /// The folder or the file cannot be created.
    File { path: PathBuf, source: FileError },
    /// Another tracer is already installed.
    Taken(TryInitError),
}

impl ToMessage for TelemetryError {
    fn message(&self) -> Message {
        match self {
            Self::Level => Message::new("log-level"),
            Self::File { source, .. } if source.is_unsafe() => {
                Message::new("log-unsafe").put("why", source.message())
            }
            Self::File { path, source } => {
                Message::new("log-file").put("path", path.display().to_string()).put("why", source.message())
            }
            Self::Taken(why) => Message::new("log-taken").put("why", why.to_string()),
        }
    }
}

/// Starts tracing at a level (`off`, `error`, `warn`, `info`, `debug`, `trace`) into the folder `log` of the state folder. At
/// `off` it creates nothing and returns `None`.
pub fn start(level: &str, state_dir: &Path) -> Result<Option<Guard>, TelemetryError> {
    let Some(level) = parse_level(level)? else { return Ok(None) };
    let folder = state_dir.join("log");
    own::folder(state_dir).map_err(|source| TelemetryError::File { path: folder.join(FILE), source })?;
    let (writer, guard) = open(&folder)?;
    Registry::default().with(layer(level, writer)).try_init().map_err(TelemetryError::Taken)?;
    Ok(Some(guard))
}

fn parse_level(text: &str) -> Result<Option<LevelFilter>, TelemetryError> {
    // LevelFilter also accepts numbers and the empty text, which are mistakes here.
    if !text.bytes().all(|byte| byte.is_ascii_alphabetic()) || text.is_empty() {
        return Err(TelemetryError::Level);
    }
    let level: LevelFilter = text.parse().map_err(|_| TelemetryError::Level)?;
    Ok((level != LevelFilter::OFF).then_some(level))
}

fn layer<S>(level: LevelFilter, writer: NonBlocking) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    // Libraries print addresses of requests, which contain tokens: nothing of theirs is logged.
    let ours = EnvFilter::new(format!("off,synod={level}"));
    fmt::layer().with_ansi(false).with_writer(writer).with_filter(ours)
}

fn open(folder: &Path) -> Result<(NonBlocking, Guard), TelemetryError> {
    let failed = |source| TelemetryError::File { path: folder.join(FILE), source };
    own::inner_folder(folder).map_err(failed)?;
    let file = Rotated::open(folder.to_owned()).map_err(failed)?;
    let (writer, worker) = NonBlockingBuilder::default().thread_name("log").finish(file);
    Ok((writer, Guard { _worker: worker }))
}

/// A file that is rotated when it is full.
struct Rotated {
    folder: PathBuf,
    file: File,
    length: u64,
}

impl Rotated {
    fn open(folder: PathBuf) -> Result<Self, FileError> {
        let file = own::open(&folder.join(FILE), OpenOptions::new().create(true).append(true))?;
        let length = file.metadata()?.len();
        Ok(Self { folder, file, length })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let old = |number: u32| self.folder.join(format!("{FILE}.{number}"));
        for number in (1..OLD_FILES).rev() {
            // The first few runs have fewer files than places; a missing file needs no move.
            let _ = fs::rename(old(number), old(number + 1));
        }
        fs::rename(self.folder.join(FILE), old(1))?;
        *self = Self::open(self.folder.clone())?;
        Ok(())
    }
}

impl Write for Rotated {
    /// Writes a whole event from the tracer, without secrets and terminal controls.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = scrub::leaving(&String::from_utf8_lossy(event));
        let bytes = text.as_bytes();
        let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.length > 0 && self.length.saturating_add(more) > LARGEST {
            self.rotate()?;
        }
        self.file.write_all(bytes)?;
        self.length += more;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn at_off_nothing_is_made() {
        let state = tempfile::tempdir().unwrap();
        assert!(start("off", state.path()).unwrap().is_none());
        assert_eq!(fs::read_dir(state.path()).unwrap().count(), 0);
        for wrong in ["", "loud", "3", "synod=debug"] {
            assert!(matches!(start(wrong, state.path()), Err(TelemetryError::Level)), "{wrong}");
        }
    }

    #[test]
    fn our_events_reach_a_private_file_and_those_of_libraries_do_not() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("log");
        let (writer, guard) = open(&folder).unwrap();
        let subscriber = Registry::default().with(layer(LevelFilter::INFO, writer));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "synod::engine", "kept");
            tracing::debug!(target: "synod::engine", "too fine");
            tracing::error!(target: "hyper_util::client", "of a library");
        });
        drop(guard);
        let text = fs::read_to_string(folder.join(FILE)).unwrap();
        assert!(text.contains("kept"), "{text}");
        assert!(!text.contains("too fine") && !text.contains("of a library"), "{text}");
        assert_eq!(fs::metadata(folder.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_full_file_steps_aside_and_only_a_few_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Rotated::open(folder.path().to_owned()).unwrap();
        for round in 0..6 {
            log.length = LARGEST;
            log.write_all(format!("round {round}").as_bytes()).unwrap();
        }
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!((read(FILE).as_str(), read("synod.log.3").as_str()), ("round 5", "round 2"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }
}
