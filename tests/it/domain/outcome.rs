//! What the claim of the gateway and the read-backs together decide.

use rstest::rstest;
use synod::domain::outcome::{Claim, Outcome, Shows, StepStanding, Verdict, judge};

fn standing(claim: Claim) -> StepStanding {
    StepStanding {
        claim: Some(claim),
        is_last_look: true,
        before: Some(Shows::Unwanted),
        was_shown_wanted: false,
        silent_attempts: 1,
    }
}

#[rstest]
#[case(Claim::Yes, Shows::Wanted, Verdict::Settled(Outcome::Verified))]
#[case(Claim::No, Shows::Wanted, Verdict::LookAgain)]
#[case(Claim::Silence, Shows::Wanted, Verdict::Settled(Outcome::Verified))]
#[case(Claim::Yes, Shows::Unconfirmed, Verdict::LookAgain)]
#[case(Claim::No, Shows::Unconfirmed, Verdict::LookAgain)]
#[case(Claim::Silence, Shows::Unconfirmed, Verdict::LookAgain)]
#[case(Claim::Yes, Shows::Unwanted, Verdict::Settled(Outcome::Contradicted))]
#[case(Claim::No, Shows::Unwanted, Verdict::Settled(Outcome::Refused))]
#[case(Claim::Silence, Shows::Unwanted, Verdict::AttemptAgain)]
#[case(Claim::Yes, Shows::Unreadable, Verdict::Settled(Outcome::Unknown))]
#[case(Claim::No, Shows::Unreadable, Verdict::Settled(Outcome::Unknown))]
#[case(Claim::Silence, Shows::Unreadable, Verdict::Settled(Outcome::Unknown))]
fn the_last_look_settles(#[case] claim: Claim, #[case] shows: Shows, #[case] verdict: Verdict) {
    assert_eq!(judge(standing(claim), shows), verdict);
}

#[rstest]
fn two_looks_that_agree_settle_what_one_alone_does_not(
    #[values(Claim::Yes, Claim::No, Claim::Silence)] claim: Claim,
    #[values(Shows::Wanted, Shows::Unconfirmed)] before: Shows,
    #[values(Shows::Wanted, Shows::Unconfirmed)] shows: Shows,
    #[values(false, true)] is_last_look: bool,
) {
    let standing = StepStanding { before: Some(before), is_last_look, ..standing(claim) };
    assert_eq!(judge(standing, shows), Verdict::Settled(Outcome::Verified));
}

#[rstest]
fn before_the_last_look_only_the_wanted_state_settles(
    #[values(Claim::Yes, Claim::No, Claim::Silence)] claim: Claim,
    #[values(Shows::Unwanted, Shows::Unreadable)] shows: Shows,
) {
    let standing = StepStanding { is_last_look: false, ..standing(claim) };
    assert_eq!(judge(standing, shows), Verdict::LookAgain);
}

#[rstest]
fn the_unwanted_state_is_seen_twice_before_it_counts(
    #[values(Claim::Yes, Claim::No, Claim::Silence)] claim: Claim,
    #[values(None, Some(Shows::Unreadable))] before: Option<Shows>,
) {
    assert_eq!(judge(StepStanding { before, ..standing(claim) }, Shows::Unwanted), Verdict::LookAgain);
}

#[rstest]
fn looks_that_contradict_each_other_at_the_end_are_unknown(
    #[values(Claim::Yes, Claim::No, Claim::Silence)] claim: Claim,
    #[values(Shows::Wanted, Shows::Unconfirmed)] before: Shows,
) {
    let standing = StepStanding { before: Some(before), ..standing(claim) };
    assert_eq!(judge(standing, Shows::Unwanted), Verdict::Settled(Outcome::Unknown));
}

#[test]
fn a_yes_that_a_look_bore_out_once_is_not_contradicted() {
    let standing = StepStanding { was_shown_wanted: true, ..standing(Claim::Yes) };
    assert_eq!(judge(standing, Shows::Unwanted), Verdict::Settled(Outcome::Unknown));
}

#[test]
fn silence_is_tried_once_more_and_no_oftener() {
    let standing = StepStanding { silent_attempts: 2, ..standing(Claim::Silence) };
    assert_eq!(judge(standing, Shows::Unwanted), Verdict::Settled(Outcome::Unknown));
}

#[test]
fn what_was_never_sent_and_is_there_was_already_so() {
    let standing = StepStanding {
        claim: None,
        is_last_look: false,
        before: None,
        was_shown_wanted: false,
        silent_attempts: 0,
    };
    assert_eq!(judge(standing, Shows::Wanted), Verdict::Settled(Outcome::AlreadySo));
}

#[test]
fn only_what_may_still_be_so_is_improved_by_a_later_listing() {
    let improvable: Vec<Outcome> = Outcome::ALL.into_iter().filter(|outcome| outcome.may_improve()).collect();
    assert_eq!(improvable, [Outcome::Contradicted, Outcome::Refused, Outcome::Unknown]);
}

#[test]
fn only_a_listing_that_shows_the_wanted_state_counts_as_success() {
    let successes: Vec<Outcome> = Outcome::ALL.into_iter().filter(|outcome| outcome.is_as_wanted()).collect();
    assert_eq!(successes, [Outcome::Verified, Outcome::AlreadySo]);
}

#[rstest]
#[case(None, Verdict::LookAgain)]
#[case(Some(Shows::Unreadable), Verdict::LookAgain)]
#[case(Some(Shows::Unwanted), Verdict::AttemptAgain)]
#[case(Some(Shows::Unconfirmed), Verdict::Settled(Outcome::Unknown))]
fn what_was_never_sent_is_sent_if_two_readbacks_show_that_it_is_due(
    #[case] before: Option<Shows>,
    #[case] verdict: Verdict,
) {
    let standing = StepStanding { claim: None, before, silent_attempts: 0, ..standing(Claim::Yes) };
    assert_eq!(judge(standing, Shows::Unwanted), verdict);
}
