//! A configuration whose secrets come from a slow command.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use synod::{
    app::entry::{EntryRefusal, EntryValues},
    bootstrap::configuring::ConfigurationFile,
    domain::{
        instance::{Connection, EntryPlace},
        message::Message,
    },
    runtime::{Configuration, OpenedConfiguration},
};

/// The configuration file; one read of it takes a while after the file was read.
pub(super) struct Slow {
    file: ConfigurationFile,
    /// How long the next reads take.
    next: Mutex<Vec<Duration>>,
}

impl Slow {
    /// The first read, with which the program starts, takes no time.
    pub(super) fn new(file: ConfigurationFile, second: Duration) -> Self {
        Self { file, next: Mutex::new(vec![second, Duration::ZERO]) }
    }
}

#[async_trait]
impl Configuration for Slow {
    async fn entry(&self, entry: &EntryPlace) -> Result<EntryValues, Message> {
        self.file.entry(entry).await
    }

    async fn try_entry(
        &self,
        entry: &EntryValues,
        old: Option<&EntryPlace>,
    ) -> Result<Connection, EntryRefusal> {
        self.file.try_entry(entry, old).await
    }

    async fn save_entry(
        &self,
        entry: &EntryValues,
        old: Option<&EntryPlace>,
    ) -> Result<String, EntryRefusal> {
        self.file.save_entry(entry, old).await
    }

    async fn remove_entry(&self, entry: &EntryPlace) -> Result<(), Message> {
        self.file.remove_entry(entry).await
    }

    async fn add_like(&self, entry: &EntryPlace, names: &[String]) -> Result<(), Message> {
        self.file.add_like(entry, names).await
    }

    async fn open(&self) -> Result<OpenedConfiguration, Message> {
        let takes = self.next.lock().unwrap().pop().unwrap_or_default();
        let opened = self.file.open().await;
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        opened
    }
}
