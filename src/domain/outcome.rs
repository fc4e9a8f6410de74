//! The outcome of an item: the gateway's claim, the state that a later listing shows, and the conclusion from the two. The table
//! is in `docs/operations.md`.

use serde::{Deserialize, Serialize};

/// The gateway's answer to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The gateway said that it did the request.
    Yes,
    /// The gateway said that it did not.
    No,
    /// The gateway gave no usable answer: a time-out, a broken connection, an answer that says neither.
    Silence,
}

/// What a listing begun after the attempt ended shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    Wanted,
    /// The wanted state, but only because a listing lacks the group: the next read-back has to agree.
    Unconfirmed,
    /// Not the wanted state.
    Unwanted,
    Unreadable,
}

/// The final result of an item. The names are a format: the journal, the reports and `--json` contain them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A later reading proves the wanted state.
    Verified,
    /// A fresh listing shows the wanted state, and nothing was sent for it.
    AlreadySo,
    /// The gateway said yes, but the listing disagrees.
    Contradicted,
    /// The gateway said no, and the listing agrees.
    Refused,
    /// The result cannot be determined.
    Unknown,
    /// Stopped or interrupted before its turn.
    NotSent,
    /// The plan never sent it.
    Blocked,
}

impl Outcome {
    /// All outcomes, in the order in which they are counted and shown.
    pub const ALL: [Self; 7] = [
        Self::Verified,
        Self::AlreadySo,
        Self::Contradicted,
        Self::Refused,
        Self::Unknown,
        Self::NotSent,
        Self::Blocked,
    ];

    /// Whether a fresh listing shows the wanted state.
    pub fn is_as_wanted(self) -> bool {
        matches!(self, Self::Verified | Self::AlreadySo)
    }

    /// Whether a later listing may still change the item to a better outcome.
    pub fn may_improve(self) -> bool {
        matches!(self, Self::Contradicted | Self::Refused | Self::Unknown)
    }
}

impl Shows {
    /// Whether it supports the wanted state, firmly or not.
    pub fn speaks_for(self) -> bool {
        matches!(self, Self::Wanted | Self::Unconfirmed)
    }
}

/// The action for an item after a read-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Settled(Outcome),
    /// Another read-back is due later.
    LookAgain,
    /// All read-backs are done and the wanted state is not there: one more attempt.
    AttemptAgain,
}

/// The state of an item when a read-back is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepStanding {
    /// The gateway's claim about the last attempt. `None` if nothing was sent in this operation or in those that it retries or
    /// resumes, or if the gateway only asked to wait.
    pub claim: Option<Claim>,
    /// Whether this was the last read-back that is due after the attempt.
    pub is_last_look: bool,
    /// The result of the previous read-back after the same attempt.
    pub before: Option<Shows>,
    /// An earlier read-back after the same attempt supported the wanted state.
    pub was_shown_wanted: bool,
    /// Attempts that ended in silence so far, including the last one.
    pub silent_attempts: u32,
}

/// Judges a read-back of a listing.
///
/// The wanted state settles an item at once, except that two consecutive read-backs have to agree if the gateway said no, or if
/// only absence shows the state. The unwanted state settles it after the last read-back that is due, if two consecutive read-backs
/// show it.
pub fn judge(standing: StepStanding, shows: Shows) -> Verdict {
    let StepStanding { claim, is_last_look, before, was_shown_wanted, silent_attempts } = standing;
    match shows {
        Shows::Wanted | Shows::Unconfirmed => {
            let needs_another = shows == Shows::Unconfirmed || claim == Some(Claim::No);
            if needs_another && !before.is_some_and(Shows::speaks_for) {
                return Verdict::LookAgain;
            }
            Verdict::Settled(if claim.is_none() { Outcome::AlreadySo } else { Outcome::Verified })
        }
        _ if !is_last_look => Verdict::LookAgain,
        Shows::Unreadable => Verdict::Settled(Outcome::Unknown),
        Shows::Unwanted => match before {
            Some(Shows::Unwanted) => unwanted(claim, was_shown_wanted, silent_attempts),
            // The answers contradict each other.
            Some(Shows::Wanted | Shows::Unconfirmed) => Verdict::Settled(Outcome::Unknown),
            Some(Shows::Unreadable) | None => Verdict::LookAgain,
        },
    }
}

/// The verdict after two consecutive read-backs that show the unwanted state.
fn unwanted(claim: Option<Claim>, was_shown_wanted: bool, silent_attempts: u32) -> Verdict {
    match claim {
        Some(Claim::Yes) if was_shown_wanted => Verdict::Settled(Outcome::Unknown),
        Some(Claim::Yes) => Verdict::Settled(Outcome::Contradicted),
        Some(Claim::No) => Verdict::Settled(Outcome::Refused),
        Some(Claim::Silence) if silent_attempts < 2 => Verdict::AttemptAgain,
        Some(Claim::Silence) => Verdict::Settled(Outcome::Unknown),
        None => Verdict::AttemptAgain,
    }
}
