//! The store of a team: makes the key for its invite links, and copies the journal of this machine into it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Fault, FaultCode, out::Out};
use crate::{
    clock::Clock,
    domain::{
        id::{GroupId, OperationId},
        instance::InstanceKey,
        invite::InviteLink,
    },
    engine::{
        SubmitError,
        journal::Journal,
        locks::{HeldLock, LockError, Locks},
    },
    export::file,
    store::{FileStore, LinkKey, ServerStore, StoreError, StoredOperation},
    text::Text,
};

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

/// The parts and the options of a copy.
#[derive(Debug)]
pub struct Copying<'a> {
    /// The journal of this machine; it stays as it is.
    pub journal: &'a FileStore,
    pub server: &'a ServerStore,
    /// The locks of both; a process that runs an operation holds one of them.
    pub locks: [Arc<dyn Locks>; 2],
    /// Whether invite links may be kept at all.
    pub keeps_links: bool,
    pub is_dry: bool,
    pub clock: Clock,
    pub text: &'a Text,
}

impl Copying<'_> {
    /// Copies all operations of the journal that were not copied before, with the invite links of their groups if there is a key.
    pub async fn run(&self) -> Result<u8, Fault> {
        let text = self.text;
        let mut out = Out::stdout();
        if !self.journal.file().exists() {
            out.line(&text.say("cli-copy-none"));
            return out.finish(0);
        }
        let all = self.journal.stored_operations().await.map_err(|error| self.failed(&error))?;
        let mut numbers = self.server.copied(&all).await.map_err(|error| self.failed(&error))?;
        let new: Vec<&StoredOperation> =
            all.iter().filter(|operation| !numbers.contains_key(&operation.id)).collect();
        let _held = self.nothing_runs(&new).await?;
        let (before, mut copied) = (all.len() - new.len(), 0_usize);
        let (mut new_links, mut copied_links) = (BTreeSet::new(), 0_usize);
        for operation in new {
            let links = self.links_of(operation.id).await?;
            if self.is_dry {
                new_links.extend(links.into_iter().map(|(group, _)| (&operation.instance, group)));
            } else {
                let copy = self.server.copy(self.journal, operation, &links, &mut numbers).await;
                copied_links += copy.map_err(|error| self.failed(&error))?;
                if let Some(number) = numbers.get(&operation.id).filter(|number| **number != operation.id) {
                    let args = [("old", operation.id.to_string().into()), ("new", number.to_string().into())];
                    out.line(&text.with("cli-copy-number", &args));
                }
            }
            copied += 1;
        }
        let key = if self.is_dry { "cli-copy-would" } else { "cli-copy-done" };
        out.line(&text.with(key, &[("count", copied.into()), ("before", before.into())]));
        self.say_links(if self.is_dry { new_links.len() } else { copied_links }, &mut out).await?;
        out.finish(0)
    }

    /// Makes sure that no operation of these instances runs or waits to be continued, here or on the server, and that none begins before
    /// the locks are dropped.
    async fn nothing_runs(&self, new: &[&StoredOperation]) -> Result<Vec<Arc<dyn HeldLock>>, Fault> {
        let text = self.text;
        let instances: BTreeSet<&InstanceKey> = new.iter().map(|operation| &operation.instance).collect();
        let mut held = Vec::new();
        for locks in &self.locks {
            for instance in &instances {
                held.extend(
                    self.lock(locks, instance)
                        .await
                        .map_err(|error| Fault::rejected(text, &SubmitError::from(error)))?,
                );
            }
        }
        // Under the locks, nothing ends or begins any more.
        let mut open: Vec<OperationId> = Vec::new();
        for instance in &instances {
            for unfinished in
                [self.journal.unfinished(instance).await, self.server.unfinished(instance).await]
            {
                open.extend(unfinished.map_err(|error| Fault::state(text, &error))?);
            }
        }
        if open.is_empty() {
            return Ok(held);
        }
        let numbers = open.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ");
        Err(Fault::new(FaultCode::State, text.with("cli-copy-unfinished", &[("numbers", numbers.into())])))
    }

    async fn lock(
        &self,
        locks: &Arc<dyn Locks>,
        instance: &InstanceKey,
    ) -> Result<Option<Arc<dyn HeldLock>>, LockError> {
        if self.is_dry {
            return locks.ensure_free(instance).await.map(|()| None);
        }
        locks.take(instance, self.clock.now()).await.map(Some)
    }

    fn takes_links(&self) -> bool {
        self.keeps_links && self.server.keeps_links()
    }

    /// The invite links that go with an operation.
    async fn links_of(&self, operation: OperationId) -> Result<Vec<(GroupId, InviteLink)>, Fault> {
        if !self.takes_links() {
            return Ok(Vec::new());
        }
        self.journal.invite_links_of(operation).await.map_err(|error| self.failed(&error))
    }

    /// Says how many invite links were copied, or would be, or stay.
    async fn say_links(&self, new: usize, out: &mut Out) -> Result<(), Fault> {
        let kept = self.journal.count_invite_links(None).await.map_err(|error| self.failed(&error))?;
        if kept == 0 {
            return Ok(());
        }
        let (key, count) = match (self.takes_links(), self.is_dry) {
            (false, _) => ("cli-copy-links-stay", kept),
            (true, true) => ("cli-copy-links-would", new),
            (true, false) => ("cli-copy-links-done", new),
        };
        out.line(&self.text.with(key, &[("count", count.into())]));
        Ok(())
    }

    fn failed(&self, error: &StoreError) -> Fault {
        Fault::state(self.text, error)
    }
}
