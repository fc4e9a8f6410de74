//! Why a command did not do what the operator asked: one value with a stable code, from which the exit code and the advice to
//! try again follow, and the words. Text and JSON report the same value.

use std::io;

use serde::Serialize;

use super::exit;
use crate::{
    config::NoEntry,
    domain::{
        command::quoted,
        failure::{Failure, FailureKind},
        message::ToMessage,
        plan::Obstacle,
    },
    engine::{SubmitError, locks::LockError},
    text::Text,
};

/// What went wrong. The names that serde writes are the codes of `docs/json.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// An argument, a file or the configuration is wrong.
    Usage,
    NoSuchInstance,
    NoSuchGroup,
    NoSuchCommunity,
    NoSuchOperation,
    /// A name matches more than one group, community or instance.
    AmbiguousName,
    /// The command needs `--yes`, or `--count` too.
    ConfirmationRequired,
    /// The plan would leave another number of groups than `--count` says.
    CountDiffers,
    /// `--read-only` refuses every change.
    ReadOnly,
    /// The plan in a file would now send something else.
    PlanChanged,
    /// Something changed between the plan and its run, so that the plan would now send something else.
    PlanOvertaken,
    /// The journal or the remembered data cannot be read or written.
    State,
    /// The operating system refused something.
    System,
    /// The lock of the instance cannot be taken, and nobody holds it.
    LockFailed,
    /// Another Synod writes to the instance.
    LockHeld,
    /// The time of `--timeout` is over.
    DeadlineExceeded,
    /// The operator interrupted the command before anything was sent.
    Interrupted,
    /// The gateway or the way to it failed; the code is the kind of failure.
    #[serde(untagged)]
    Gateway(FailureKind),
}

impl FaultCode {
    /// Whether the same command may succeed later without anybody fixing anything.
    pub fn is_retryable(self) -> bool {
        match self {
            Self::PlanOvertaken | Self::LockHeld | Self::DeadlineExceeded => true,
            Self::Gateway(kind) => Failure::new(kind).is_passing(),
            _ => false,
        }
    }

    /// The exit code of a command that ends with it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage
            | Self::NoSuchInstance
            | Self::NoSuchGroup
            | Self::NoSuchCommunity
            | Self::NoSuchOperation
            | Self::AmbiguousName
            | Self::ConfirmationRequired
            | Self::CountDiffers
            | Self::ReadOnly => exit::USAGE,
            Self::Interrupted => exit::STOPPED,
            code if code.is_retryable() => exit::RETRY,
            _ => exit::FAILED,
        }
    }
}

/// Why a command did not do what the operator asked, with sentences for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Fault {
    /// What went wrong, for programs.
    pub code: FaultCode,
    /// What went wrong and how to fix it, for the operator.
    pub words: String,
}

impl Fault {
    /// A fault with its words.
    pub fn new(code: FaultCode, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }

    /// Something in the request or the configuration is wrong: nothing was sent.
    pub fn usage(text: &Text, error: &impl ToMessage) -> Self {
        Self::new(FaultCode::Usage, text.tell(error))
    }

    /// There are several instances, and the command needs one of these names.
    pub fn which_instance<'a>(text: &Text, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let quoted_names = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let first = names.first().map(|name| quoted(name)).unwrap_or_default();
        let args = [("names", quoted_names.into()), ("first", first.into())];
        Self::new(FaultCode::Usage, text.with("cli-which-instance", &args))
    }

    /// The journal or the remembered data failed.
    pub fn state(text: &Text, error: &impl ToMessage) -> Self {
        Self::new(FaultCode::State, text.tell(error))
    }

    /// A name means no entry of the configuration.
    pub fn no_entry(text: &Text, error: &NoEntry) -> Self {
        let code = match error {
            NoEntry::Unknown { .. } => FaultCode::NoSuchInstance,
            NoEntry::Several { .. } => FaultCode::AmbiguousName,
        };
        Self::new(code, text.tell(error))
    }

    /// The operating system refused something.
    pub fn io(error: &io::Error) -> Self {
        Self::new(FaultCode::System, error.to_string())
    }

    /// The engine did not accept the work.
    pub fn rejected(text: &Text, error: &SubmitError) -> Self {
        let code = match error {
            SubmitError::Lock(LockError::Held(_) | LockError::NumberHeld(_)) => FaultCode::LockHeld,
            SubmitError::Lock(_) => FaultCode::LockFailed,
            _ => FaultCode::State,
        };
        Self::new(code, text.tell(error))
    }

    /// The whole plan cannot run.
    pub fn obstacle(text: &Text, obstacle: &Obstacle) -> Self {
        let code = match obstacle {
            Obstacle::ReadOnly => FaultCode::ReadOnly,
            Obstacle::Gateway(failure) | Obstacle::TargetUnread(failure) => FaultCode::Gateway(failure.kind),
        };
        Self::new(code, text.obstacle(obstacle))
    }

    /// The faults of several entries as one; its code is the first one's.
    pub fn all(faults: Vec<Self>) -> Option<Self> {
        let code = faults.first()?.code;
        let words: Vec<String> = faults.into_iter().map(|fault| fault.words).collect();
        Some(Self { code, words: words.join("\n") })
    }

    /// Whether it concerns the request as given, so that more knowledge about the instance may settle it.
    pub(super) fn is_usage(&self) -> bool {
        self.code.exit_code() == exit::USAGE
    }
}
