//! Who writes to the journal.

use std::fmt;

use super::name::Name;

/// The operator and the machine that wrote a record. Records of earlier versions have none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Writer {
    pub operator: Name,
    pub host: Name,
}

impl Writer {
    /// This operator at this machine.
    pub fn new(operator: &str, host: &str) -> Self {
        Self { operator: Name::new(operator), host: Name::new(host) }
    }

    /// The writer in a record; `None` if the record does not say both.
    pub fn recorded(operator: Option<&str>, host: Option<&str>) -> Option<Self> {
        Some(Self::new(operator?, host?))
    }

    /// Whether a person means this writer: the operator, the operator and the host as `ana@desk`, or the host as `@desk`, in any case.
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let operator = self.operator.exact().to_lowercase();
        let host = format!("@{}", self.host.exact().to_lowercase());
        operator == name || host == name || operator + &host == name
    }
}

impl fmt::Display for Writer {
    /// The writer as `ana@desk`, safe for a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.operator.shown(), self.host.shown())
    }
}

/// Whether there is more than one writer, so that a list says something by naming them.
pub fn are_several<'a>(writers: impl IntoIterator<Item = Option<&'a Writer>>) -> bool {
    let mut writers = writers.into_iter().flatten();
    let first = writers.next();
    writers.any(|writer| Some(writer) != first)
}
