//! The operations of an instance in memory: a summary of each, and the groups of those that have not ended or are shown. The
//! groups of the others are in the journal.

use std::{collections::BTreeSet, ops::Deref};

use crate::domain::{
    id::OperationId,
    operation::{Operation, Phase, Summary},
};

/// An operation as far as it is in memory.
#[derive(Clone, Debug)]
pub enum Known {
    Summary(Box<Summary>),
    Whole(Box<Operation>),
}

impl Deref for Known {
    type Target = Summary;

    fn deref(&self) -> &Summary {
        match self {
            Self::Summary(summary) => summary,
            Self::Whole(operation) => operation,
        }
    }
}

/// The operations of an instance.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    /// Oldest first.
    known: Vec<Known>,
    /// Whether all are known; until then the journal is still being read.
    pub are_read: bool,
    /// Those whose groups are being read from the journal.
    pub reading: BTreeSet<OperationId>,
    /// Those that are being checked again: events follow although they have ended.
    pub looking: BTreeSet<OperationId>,
    /// Those that this process runs. The others, which another process runs, outlive this one.
    pub own: BTreeSet<OperationId>,
}

impl Operations {
    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Summary> + Clone {
        self.known.iter().map(|known| &**known)
    }

    /// The one with this number, without its groups.
    pub fn summary(&self, id: OperationId) -> Option<&Summary> {
        self.iter().find(|known| known.id == id)
    }

    /// The one with this number, if its groups are in memory.
    pub fn whole(&self, id: OperationId) -> Option<&Operation> {
        self.wholes().find(|operation| operation.id == id)
    }

    /// Those whose groups are in memory, oldest first.
    pub fn wholes(&self) -> impl Iterator<Item = &Operation> {
        self.known.iter().filter_map(|known| match known {
            Known::Whole(operation) => Some(&**operation),
            Known::Summary(_) => None,
        })
    }

    /// The same, mutable.
    pub fn wholes_mut(&mut self) -> impl Iterator<Item = &mut Operation> {
        self.known.iter_mut().filter_map(|known| match known {
            Known::Whole(operation) => Some(&mut **operation),
            Known::Summary(_) => None,
        })
    }

    /// Whether an operation of this process is running or waiting.
    pub fn is_running_own(&self) -> bool {
        self.iter().any(|known| known.is_live() && self.own.contains(&known.id))
    }

    /// The running one, otherwise the newest.
    pub fn current(&self) -> Option<&Summary> {
        let runs = |known: &&Summary| known.is_live() && known.phase != Phase::Waiting;
        self.iter().find(runs).or_else(|| self.iter().next_back())
    }

    /// Takes one from the journal, unless the one in memory is newer or, if equally new, has its groups.
    pub fn take(&mut self, new: Known) {
        let rank = |known: &Known| (known.next_sequence, matches!(known, Known::Whole(_)));
        match self.known.binary_search_by_key(&new.id, |known| known.id) {
            Ok(at) if rank(&new) > rank(&self.known[at]) => self.known[at] = new,
            Ok(_) => {}
            Err(at) => self.known.insert(at, new),
        }
    }

    /// Forgets one that is no longer in the journal.
    pub fn remove(&mut self, id: OperationId) {
        self.known.retain(|known| known.id != id);
    }

    /// Whether the groups of this one have to be read from the journal; from now on they are being read.
    pub fn ask_for(&mut self, id: OperationId) -> bool {
        self.summary(id).is_some() && self.whole(id).is_none() && self.reading.insert(id)
    }

    /// Lets go of the groups that nothing shows, of operations that have ended.
    pub fn let_go(&mut self, is_shown: impl Fn(OperationId) -> bool) {
        let current = self.current().map(|current| current.id);
        for known in &mut self.known {
            let id = known.id;
            let is_kept = current == Some(id) || self.looking.contains(&id) || is_shown(id);
            if known.ended.is_some() && !is_kept && matches!(known, Known::Whole(_)) {
                *known = Known::Summary(Box::new(Summary::clone(known)));
            }
        }
    }
}
