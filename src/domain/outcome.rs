//! What becomes of an item: the claim that came back, what a listing begun afterwards shows, and what follows
//! from the two. The table stands in `docs/operations.md`.

use serde::{Deserialize, Serialize};

/// What the gateway said of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// It said that it did what was asked.
    Yes,
    /// It said that it did not.
    No,
    /// It said nothing that can be read either way: a time-out, a broken connection, an answer for none.
    Silence,
}

/// What a listing begun after the attempt ended shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// The state that was wanted.
    Wanted,
    /// Not the state that was wanted.
    Unwanted,
    /// Nothing that can be read.
    Unreadable,
}

/// What became of an item. The names are a format: the journal, the reports and `--json` hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A fresh listing shows the wanted state.
    Verified,
    /// A fresh listing shows the wanted state, and nothing was sent for it.
    AlreadySo,
    /// The gateway said yes, and the listing says otherwise.
    Contradicted,
    /// The gateway said no, and the listing agrees.
    Refused,
    /// Nobody can tell.
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

    /// Whether a later listing may still settle the item for the better.
    pub fn may_improve(self) -> bool {
        matches!(self, Self::Contradicted | Self::Refused | Self::Unknown)
    }
}

/// What to do with an item after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is settled.
    Settled(Outcome),
    /// Another look is due later.
    LookAgain,
    /// All looks are taken and the wanted state is not there: one more attempt.
    AttemptAgain,
}

/// Where an item stands when a look is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the gateway said of the last attempt; `None` when nothing was sent in this operation nor in those
    /// that it retries or resumes.
    pub claim: Option<Claim>,
    /// Whether this was the last look that is due after the attempt.
    pub is_last_look: bool,
    /// Attempts that ended in silence so far, the last one included.
    pub silent_attempts: u32,
}

/// Judges a look at a listing.
pub fn judge(standing: Standing, shows: Shows) -> Verdict {
    match (shows, standing.claim) {
        (Shows::Wanted, None) => Verdict::Settled(Outcome::AlreadySo),
        (Shows::Wanted, Some(_)) => Verdict::Settled(Outcome::Verified),
        (_, _) if !standing.is_last_look => Verdict::LookAgain,
        (Shows::Unwanted, Some(Claim::Yes)) => Verdict::Settled(Outcome::Contradicted),
        (Shows::Unwanted, Some(Claim::No)) => Verdict::Settled(Outcome::Refused),
        (Shows::Unwanted, Some(Claim::Silence)) if standing.silent_attempts < 2 => Verdict::AttemptAgain,
        (Shows::Unwanted, None) => Verdict::AttemptAgain,
        (Shows::Unreadable, _) | (Shows::Unwanted, Some(Claim::Silence)) => {
            Verdict::Settled(Outcome::Unknown)
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at_last(claim: Claim, silent_attempts: u32) -> Standing {
        Standing { claim: Some(claim), is_last_look: true, silent_attempts }
    }

    #[rstest]
    #[case(Claim::Yes, Shows::Wanted, Verdict::Settled(Outcome::Verified))]
    #[case(Claim::No, Shows::Wanted, Verdict::Settled(Outcome::Verified))]
    #[case(Claim::Silence, Shows::Wanted, Verdict::Settled(Outcome::Verified))]
    #[case(Claim::Yes, Shows::Unwanted, Verdict::Settled(Outcome::Contradicted))]
    #[case(Claim::No, Shows::Unwanted, Verdict::Settled(Outcome::Refused))]
    #[case(Claim::Silence, Shows::Unwanted, Verdict::AttemptAgain)]
    #[case(Claim::Yes, Shows::Unreadable, Verdict::Settled(Outcome::Unknown))]
    #[case(Claim::No, Shows::Unreadable, Verdict::Settled(Outcome::Unknown))]
    #[case(Claim::Silence, Shows::Unreadable, Verdict::Settled(Outcome::Unknown))]
    fn the_last_look_settles(#[case] claim: Claim, #[case] shows: Shows, #[case] verdict: Verdict) {
        assert_eq!(judge(at_last(claim, 1), shows), verdict);
    }

    #[rstest]
    fn before_the_last_look_only_the_wanted_state_settles(
        #[values(Claim::Yes, Claim::No, Claim::Silence)] claim: Claim,
        #[values(Shows::Unwanted, Shows::Unreadable)] shows: Shows,
    ) {
        let standing = Standing { is_last_look: false, ..at_last(claim, 1) };
        assert_eq!(judge(standing, shows), Verdict::LookAgain);
        assert_eq!(judge(standing, Shows::Wanted), Verdict::Settled(Outcome::Verified));
    }

    #[test]
    fn silence_is_tried_once_more_and_no_oftener() {
        assert_eq!(judge(at_last(Claim::Silence, 2), Shows::Unwanted), Verdict::Settled(Outcome::Unknown));
    }

    #[test]
    fn what_was_never_sent_and_is_there_was_already_so() {
        let standing = Standing { claim: None, is_last_look: false, silent_attempts: 0 };
        assert_eq!(judge(standing, Shows::Wanted), Verdict::Settled(Outcome::AlreadySo));
    }
}
