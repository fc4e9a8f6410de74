//! Entries of the configuration that cannot be used, and why. One of them never affects the others. It owns the kinds of faults
//! and their messages; `instances` finds the faults that are in the file, and `bootstrap` those of secrets and clients.

use super::{Config, InstanceConfig, Problem};
use crate::domain::{
    instance::GatewayKind,
    lookup::meant,
    message::{Message, ToMessage},
    name::Name,
};

/// An entry that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenInstance {
    /// The operator's name for it, if the entry has a valid one.
    pub label: Option<Name>,
    /// The line of its heading.
    pub line: usize,
    /// Its gateway, if the entry names a known one.
    pub gateway: Option<GatewayKind>,
    /// Whether its own lines are valid, so that it can be changed like a usable one.
    pub is_valid: bool,
    pub fault: InstanceFault,
}

/// Why an entry cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceFault {
    /// Something in its lines is wrong.
    Invalid(Problem),
    /// Other entries have the same name.
    SameName {
        problem: Problem,
        /// The lines of their headings.
        others: Vec<usize>,
    },
    /// Other entries are the same instance: the same gateway, address and instance name.
    SameInstance {
        problem: Problem,
        /// The lines of their headings.
        others: Vec<usize>,
    },
    /// A secret cannot be read.
    Unread { key: &'static str, why: Message },
    /// No client can be made for it.
    Unopened(Message),
}

impl ToMessage for InstanceFault {
    /// The fault and how to fix it, without the name of the instance.
    fn message(&self) -> Message {
        match self {
            Self::Invalid(problem) | Self::SameName { problem, .. } | Self::SameInstance { problem, .. } => {
                problem.message()
            }
            Self::Unread { key, why } => {
                Message::new("instance-unread").put("key", *key).put("why", why.clone())
            }
            Self::Unopened(why) => why.clone(),
        }
    }
}

impl BrokenInstance {
    /// The usable entry, which turned out to be broken.
    pub fn new(config: &InstanceConfig, fault: InstanceFault) -> Self {
        let (label, gateway) = (Some(config.label.clone()), Some(config.gateway));
        Self { label, line: config.line, gateway, is_valid: true, fault }
    }

    /// Its name, or else its line.
    pub fn title(&self) -> Message {
        match &self.label {
            Some(label) => Message::new("instance-title").put("name", label.shown()),
            None => Message::new("instance-untitled").put("line", self.line.to_string()),
        }
    }
}

impl ToMessage for BrokenInstance {
    fn message(&self) -> Message {
        match &self.label {
            Some(label) => {
                Message::new("instance-unopened").put("name", label.shown()).put("why", self.fault.message())
            }
            None => self.fault.message(),
        }
    }
}

/// An entry of the configuration.
#[derive(Clone, Copy, Debug)]
pub enum ConfigEntry<'a> {
    Usable(&'a InstanceConfig),
    Broken(&'a BrokenInstance),
}

impl ConfigEntry<'_> {
    /// The line of its heading.
    pub fn line(&self) -> usize {
        match self {
            Self::Usable(instance) => instance.line,
            Self::Broken(broken) => broken.line,
        }
    }

    /// The operator's name for it, if it has a valid one.
    pub fn label(&self) -> Option<&Name> {
        match self {
            Self::Usable(instance) => Some(&instance.label),
            Self::Broken(broken) => broken.label.as_ref(),
        }
    }
}

/// Why a name means no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoEntry {
    /// No entry has it.
    Unknown {
        /// The given name, made safe to show.
        given: Name,
        /// The names that there are.
        names: String,
    },
    /// Several entries have it, one as much as the other.
    Several {
        /// The given name, made safe to show.
        given: Name,
        /// Their names.
        names: String,
    },
}

impl ToMessage for NoEntry {
    fn message(&self) -> Message {
        let (key, given, names) = match self {
            Self::Unknown { given, names } => ("cli-no-instance", given, names),
            Self::Several { given, names } => ("cli-several-instances", given, names),
        };
        Message::new(key).put("name", given.shown()).put("names", names.as_str())
    }
}

/// The names of the entries that have one, in quotes.
fn quoted(entries: &[ConfigEntry<'_>]) -> String {
    let quoted = |entry: &ConfigEntry<'_>| entry.label().map(|label| format!("\"{}\"", label.shown()));
    entries.iter().filter_map(quoted).collect::<Vec<_>>().join(", ")
}

impl Config {
    /// Every entry, in the order of the file.
    pub fn entries(&self) -> Vec<ConfigEntry<'_>> {
        let usable = self.instances.iter().map(ConfigEntry::Usable);
        let mut entries: Vec<ConfigEntry<'_>> =
            usable.chain(self.broken.iter().map(ConfigEntry::Broken)).collect();
        entries.sort_by_key(ConfigEntry::line);
        entries
    }

    /// The entry with this label. An entry with exactly this label comes first, then one with the same name, then one whose accents
    /// the label omits. If several match equally well, that is an error, unless they are spelled the same: then each of them is
    /// broken, and its fault names the others.
    pub fn entry(&self, label: &str) -> Result<ConfigEntry<'_>, NoEntry> {
        let mut entries = self.entries();
        entries.retain(|entry| entry.label().is_some());
        let labels = entries.iter().map(|entry| entry.label().map_or("", Name::shown));
        let found: Vec<ConfigEntry<'_>> = meant(label, labels).into_iter().map(|at| entries[at]).collect();
        let is_exact = |entry: &ConfigEntry<'_>| entry.label().is_some_and(|own| own.shown() == label);
        match found.as_slice() {
            [] => Err(NoEntry::Unknown { given: Name::new(label), names: self.names() }),
            [first, others @ ..] if others.is_empty() || is_exact(first) => Ok(*first),
            _ => Err(NoEntry::Several { given: Name::new(label), names: quoted(&found) }),
        }
    }

    /// The names of the entries that have one, in quotes and in the order of the file.
    pub fn names(&self) -> String {
        quoted(&self.entries())
    }

    /// The same configuration for a command that uses only these instances. The others stay known, so that an entry for the same
    /// instance is found.
    #[must_use]
    pub fn with_only(mut self, instances: Vec<InstanceConfig>) -> Self {
        let is_left_out = |one: &InstanceConfig| instances.iter().all(|kept| kept.line != one.line);
        self.others.extend(self.instances.drain(..).filter(is_left_out));
        self.broken.clear();
        self.instances = instances;
        self
    }
}
