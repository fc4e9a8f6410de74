//! When an operation stops by itself: failures that would affect all the rest. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    event::StopReason,
    failure::{Failure, FailureKind},
    id::CommunityId,
    outcome::Claim,
    plan::Step,
};

/// After this many consecutive refusals for the same reason, the operation stops.
const ALIKE: u32 = 3;
/// After this many links that a full community did not accept, links to it stop.
const FULL: usize = 2;

/// Counts the failures of one operation.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    alike: Option<(Failure, Step, u32)>,
    /// The items whose links a full community did not accept.
    full: BTreeMap<CommunityId, BTreeSet<usize>>,
}

impl Breaker {
    /// Counts an answer. Returns a reason to stop, if there is one. `rest` are the items that still wait for their turn, each
    /// with its remaining steps.
    pub(super) fn answered<'a>(
        &mut self,
        step: &Step,
        claim: Claim,
        failure: Option<&Failure>,
        rest: impl Iterator<Item = &'a [Step]>,
    ) -> Option<StopReason> {
        if let Some(failure) = failure.filter(|failure| failure.stops_everything()) {
            return Some(StopReason::Failure(failure.clone()));
        }
        match (claim, failure) {
            // Silence is not a refusal, but it does not show that the next request would succeed either.
            (Claim::Silence, _) => return None,
            (Claim::No, Some(failure)) => self.count(step, failure),
            _ => self.alike = None,
        }
        let (failure, step, count) = self.alike.as_ref()?;
        if *count < ALIKE {
            return None;
        }
        // An item is affected if any of its steps is: a group that could not be linked should not be unlinked first.
        let is_hit = |steps: &[Step]| steps.iter().any(|other| hits(failure, step, other));
        let mut rest = rest.peekable();
        let hits_all = rest.peek().is_some() && rest.all(is_hit);
        hits_all.then(|| StopReason::Alike(failure.clone()))
    }

    fn count(&mut self, step: &Step, failure: &Failure) {
        let before = match self.alike.take() {
            Some((earlier, at, count))
                if earlier.kind == failure.kind
                    && earlier.words == failure.words
                    && hits(failure, &at, step) =>
            {
                count
            }
            _ => 0,
        };
        self.alike = Some((failure.clone(), step.clone(), before + 1));
    }

    /// Records that a link failed although the community's listing could be read. Returns a reason to stop, if there is one.
    pub(super) fn not_linked(
        &mut self,
        community: &CommunityId,
        item: usize,
        is_full: bool,
    ) -> Option<StopReason> {
        if !is_full {
            return None;
        }
        let items = self.full.entry(community.clone()).or_default();
        items.insert(item);
        (items.len() >= FULL).then_some(StopReason::CommunityFull)
    }
}

/// Whether a failure of one step would affect another step too.
fn hits(failure: &Failure, step: &Step, other: &Step) -> bool {
    match failure.kind {
        // A problem with the connection to the gateway, or with the gateway itself, affects all requests.
        FailureKind::Unreachable | FailureKind::Tls | FailureKind::ProxyAuth => true,
        FailureKind::GatewayError | FailureKind::Unsupported | FailureKind::WrongRequest => {
            std::mem::discriminant(step) == std::mem::discriminant(other)
        }
        // A missing right concerns the community, and so does missing capacity. For a leave, a refusal concerns only the group.
        FailureKind::Forbidden | FailureKind::LimitReached | FailureKind::CommunityFull => {
            is_same_community(step, other)
        }
        FailureKind::Refused => is_about_the_community(failure) && is_same_community(step, other),
        _ => false,
    }
}

/// Whether the words of a refusal are probably about the community. A refusal inside an answer that succeeds as a whole, such as
/// an entry of `failed`, is only about its group, and so is one that mentions the group.
fn is_about_the_community(failure: &Failure) -> bool {
    const GROUP: [&str; 8] =
        ["group", "groups", "subgroup", "chat", "phone", "member", "participant", "already"];
    let Some(words) = failure.words.as_ref().filter(|_| failure.status.is_some_and(|status| status >= 400))
    else {
        return false;
    };
    let words = words.exact().to_lowercase();
    !words.split(|c: char| !c.is_alphanumeric()).any(|word| GROUP.contains(&word))
}

fn is_same_community(step: &Step, other: &Step) -> bool {
    match (step, other) {
        (Step::Link(one), Step::Link(two)) | (Step::Unlink(one), Step::Unlink(two)) => one.same_as(two),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn link(community: &str) -> Step {
        Step::Link(CommunityId::parse(community).unwrap())
    }

    fn refused(kind: FailureKind, words: &str) -> Failure {
        Failure::new(kind).saying(words).with_status(400)
    }

    fn thrice(step: &Step, failure: &Failure, rest: &[Step]) -> Option<StopReason> {
        let mut breaker = Breaker::default();
        for _ in 0..2 {
            assert_eq!(breaker.answered(step, Claim::No, Some(failure), rest.chunks(1)), None);
        }
        breaker.answered(step, Claim::No, Some(failure), rest.chunks(1))
    }

    #[rstest]
    #[case::lacking_right(FailureKind::Forbidden, "not an admin", true)]
    #[case::limit_reached(FailureKind::LimitReached, "resource-limit", true)]
    #[case::community_full(FailureKind::CommunityFull, "not-acceptable", true)]
    #[case::own_fault(FailureKind::GatewayError, "panic", true)]
    #[case::with_words(FailureKind::Refused, "community suspended", true)]
    #[case::of_the_group(FailureKind::Refused, "Group is already in a community", false)]
    #[case::without_words(FailureKind::Refused, "", false)]
    #[case::unknown_group(FailureKind::NotFound, "group not found", false)]
    fn three_equal_refusals_stop_if_they_would_affect_all_the_rest(
        #[case] kind: FailureKind,
        #[case] words: &str,
        #[case] stops: bool,
    ) {
        let failure = refused(kind, words);
        let stopped = thrice(&link("1@g.us"), &failure, &[link("1@g.us")]);
        assert_eq!(stopped, stops.then_some(StopReason::Alike(failure)));
    }

    #[rstest]
    #[case::connection(FailureKind::Unreachable, true)]
    #[case::certificate(FailureKind::Tls, true)]
    #[case::proxy(FailureKind::ProxyAuth, true)]
    #[case::gateway(FailureKind::GatewayError, false)]
    fn only_a_failure_of_the_connection_affects_every_kind_of_request(
        #[case] kind: FailureKind,
        #[case] stops: bool,
    ) {
        let failure = Failure::new(kind);
        let stopped = thrice(&link("1@g.us"), &failure, &[link("2@g.us"), Step::Leave]);
        assert_eq!(stopped, stops.then_some(StopReason::Alike(failure)));
    }

    #[test]
    fn three_equal_refusals_stop_nothing_if_no_item_is_left() {
        let failure = refused(FailureKind::Forbidden, "not an admin");
        assert_eq!(thrice(&link("1@g.us"), &failure, &[]), None);
    }

    #[test]
    fn a_full_community_stops_its_links_at_the_second_refusal() {
        let mut breaker = Breaker::default();
        let (one, two) = (CommunityId::parse("1@g.us").unwrap(), CommunityId::parse("2@g.us").unwrap());
        assert_eq!(breaker.not_linked(&one, 0, true), None);
        assert_eq!(breaker.not_linked(&one, 0, true), None, "the same item counts once");
        assert_eq!(breaker.not_linked(&one, 1, false), None, "it was not full");
        assert_eq!(breaker.not_linked(&two, 2, true), None, "each community is counted by itself");
        assert_eq!(breaker.not_linked(&one, 3, true), Some(StopReason::CommunityFull));
    }

    #[test]
    fn a_refusal_within_a_successful_answer_concerns_only_its_group() {
        let failure = Failure::new(FailureKind::Refused).saying("in another community").with_status(200);
        assert_eq!(thrice(&link("1@g.us"), &failure, &[link("1@g.us")]), None);
    }

    #[rstest]
    #[case(FailureKind::Forbidden)]
    #[case(FailureKind::LimitReached)]
    #[case(FailureKind::CommunityFull)]
    fn links_to_another_community_are_still_sent(#[case] kind: FailureKind) {
        let failure = refused(kind, "no");
        assert_eq!(thrice(&Step::Leave, &failure, &[link("1@g.us")]), None);
        assert_eq!(
            thrice(&link("1@g.us"), &failure, &[Step::Unlink(CommunityId::parse("1@g.us").unwrap())]),
            None
        );
        assert_eq!(thrice(&link("1@g.us"), &failure, &[link("1@g.us"), link("2@g.us")]), None);
    }

    #[test]
    fn a_move_is_affected_by_a_failure_of_its_link() {
        let failure = refused(FailureKind::Forbidden, "not an admin");
        let mut breaker = Breaker::default();
        let rest = [Step::Unlink(CommunityId::parse("2@g.us").unwrap()), link("1@g.us")];
        let mut answer = || breaker.answered(&link("1@g.us"), Claim::No, Some(&failure), rest.chunks(2));
        assert_eq!([answer(), answer()], [None, None]);
        assert!(answer().is_some());
    }

    #[test]
    fn a_forbidden_leave_concerns_only_its_group() {
        assert_eq!(thrice(&Step::Leave, &refused(FailureKind::Forbidden, "no"), &[Step::Leave]), None);
    }

    #[test]
    fn a_yes_in_between_resets_the_count() {
        let (mut breaker, step) = (Breaker::default(), link("1@g.us"));
        let failure = refused(FailureKind::Forbidden, "no");
        for claim in [Claim::No, Claim::No, Claim::Yes, Claim::No, Claim::No] {
            let failure = (claim == Claim::No).then_some(&failure);
            assert_eq!(
                breaker.answered(&step, claim, failure, [std::slice::from_ref(&step)].into_iter()),
                None
            );
        }
    }

    #[test]
    fn silence_neither_counts_as_a_refusal_nor_resets_the_count() {
        let (mut breaker, step) = (Breaker::default(), link("1@g.us"));
        let failure = refused(FailureKind::Forbidden, "not an admin");
        let mut answer =
            |claim| breaker.answered(&step, claim, Some(&failure), [std::slice::from_ref(&step)].into_iter());
        for claim in [Claim::No, Claim::No, Claim::Silence] {
            assert_eq!(answer(claim), None);
        }
        assert!(answer(Claim::No).is_some());
    }

    #[rstest]
    #[case::other_words([(FailureKind::Forbidden, "a"), (FailureKind::Forbidden, "b"), (FailureKind::Forbidden, "c")])]
    #[case::other_kinds([(FailureKind::Forbidden, "a"), (FailureKind::LimitReached, "a"), (FailureKind::Forbidden, "a")])]
    fn refusals_that_differ_stop_nothing(#[case] failures: [(FailureKind, &str); 3]) {
        let (mut breaker, step) = (Breaker::default(), link("1@g.us"));
        for (kind, words) in failures {
            let rest = [std::slice::from_ref(&step)].into_iter();
            assert_eq!(breaker.answered(&step, Claim::No, Some(&refused(kind, words)), rest), None);
        }
    }
}
