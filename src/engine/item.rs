//! The outcome and the reason of an item's end. Pure.

use crate::domain::{
    capability::Capabilities,
    community::CommunityListing,
    event::{Guess, ItemReason, StopReason},
    failure::FailureKind,
    operation::Item,
    outcome::{Claim, Outcome},
    plan::Step,
};

/// The facts from a read-back apart from the item's own state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// The community's listing, if one was read.
    pub(super) listing: Option<&'a CommunityListing>,
    pub(super) capabilities: &'a Capabilities,
    pub(super) subgroup_limit: usize,
}

impl Context<'_> {
    /// Whether the community is full.
    pub(super) fn is_full(&self) -> bool {
        self.listing.is_some_and(|listing| listing.subgroups.len() >= self.subgroup_limit)
    }

    fn is_last(&self, item: &Item) -> bool {
        self.listing.is_some_and(|listing| listing.subgroups.len() == 1 && listing.has(&item.group))
    }
}

/// Why an item has its outcome after a read-back; `unread` is why nothing could be read, if so.
pub(super) fn reason(
    outcome: Outcome,
    item: &Item,
    unread: Option<ItemReason>,
    context: Context<'_>,
) -> Option<ItemReason> {
    if outcome.is_as_wanted() {
        return None;
    }
    let step = item.current_step();
    if let Some(elsewhere @ ItemReason::MovedElsewhere(_)) = unread {
        return Some(elsewhere);
    }
    if let Some(unread) = unread.filter(|_| outcome == Outcome::Unknown) {
        let claimed = item.claim == Some(Claim::Yes);
        let is_blind = step == Some(&Step::Leave) && !context.capabilities.group_list_shows_membership;
        return Some(if claimed && is_blind { ItemReason::CannotBeShown } else { unread });
    }
    if item.was_unlinked() {
        return Some(ItemReason::LeftStanding);
    }
    let said = || item.failure.clone().map(ItemReason::Gateway);
    match outcome {
        Outcome::Contradicted => contradicted(item, context),
        Outcome::Refused if has_no_words(item) => guess(item, context).map(ItemReason::Guess).or_else(said),
        _ => said(),
    }
}

/// The reason for an item that could not be read back at first, and that a later read-back does not show in the wanted state.
pub(super) fn reason_as_shown(item: &Item, context: Context<'_>) -> Option<ItemReason> {
    let outcome = match item.claim {
        Some(Claim::Yes) => Outcome::Contradicted,
        Some(Claim::No) => Outcome::Refused,
        Some(Claim::Silence) | None => Outcome::Unknown,
    };
    reason(outcome, item, None, context)
}

/// Whether the gateway refused without an explanation.
pub(super) fn has_no_words(item: &Item) -> bool {
    item.failure
        .as_ref()
        .is_none_or(|failure| failure.kind == FailureKind::Refused && failure.words.is_none())
}

fn contradicted(item: &Item, context: Context<'_>) -> Option<ItemReason> {
    match item.current_step()? {
        Step::Link(_) if context.is_full() => Some(ItemReason::Guess(Guess::CommunityFull)),
        Step::Link(_) | Step::Join => Some(ItemReason::MayAwaitApproval),
        Step::Unlink(_) if context.is_last(item) => Some(ItemReason::Guess(Guess::LastSubgroup)),
        _ => None,
    }
}

fn guess(item: &Item, context: Context<'_>) -> Option<Guess> {
    match item.current_step()? {
        Step::Link(_) if context.is_full() => Some(Guess::CommunityFull),
        Step::Link(_) => Some(Guess::ElsewhereOrNotAdmin),
        Step::Unlink(_) if context.is_last(item) => Some(Guess::LastSubgroup),
        Step::Unlink(_) => Some(Guess::NotAdminOfCommunity),
        Step::Leave | Step::LeaveCommunity(_) | Step::Join => None,
    }
}

/// The failure of the last attempt, if it has nothing to do with the item: the gateway carries out no request while it lasts.
pub(super) fn halted_by(item: &Item) -> Option<StopReason> {
    let failure = item.failure.as_ref().filter(|failure| failure.stops_everything())?;
    Some(StopReason::Failure(failure.clone()))
}

/// The outcome of an item that waits for its turn when sending ends.
pub(super) fn unsent(item: &Item, why: &StopReason) -> (Outcome, Option<ItemReason>) {
    let is_alone = item.was_unlinked().then_some(ItemReason::LeftStanding);
    // An attempt that ended in silence is still an attempt: the request may have been sent.
    if item.silent_attempts > 0 {
        let said = item.failure.clone().map(ItemReason::Gateway);
        return (Outcome::Unknown, is_alone.or(said));
    }
    let halted = match why {
        StopReason::Operator => ItemReason::Stopped,
        StopReason::Failure(failure) | StopReason::Alike(failure) => ItemReason::Halted(failure.clone()),
        StopReason::CommunityFull => ItemReason::Guess(Guess::CommunityFull),
        StopReason::TimeOut | StopReason::Journal | StopReason::Interrupted => ItemReason::Interrupted,
    };
    (Outcome::NotSent, is_alone.or(Some(halted)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        domain::{failure::Failure, time::Millis},
        engine::samples::{CAPABILITIES, community, item, listing},
    };

    fn reason_of(outcome: Outcome, item: &Item, groups: &[&str]) -> Option<ItemReason> {
        let listing = listing(Millis(0), groups);
        let context = Context { listing: Some(&listing), capabilities: &CAPABILITIES, subgroup_limit: 3 };
        reason(outcome, item, None, context)
    }

    #[rstest]
    #[case::it_is_the_last(&["g@g.us"], true)]
    #[case::another_is_the_last(&["h@g.us"], false)]
    #[case::it_is_one_of_two(&["g@g.us", "h@g.us"], false)]
    fn only_the_last_group_is_guessed_to_stay_for_being_the_last(
        #[case] groups: &[&str],
        #[case] is_last: bool,
    ) {
        let unlink = item(Step::Unlink(community()));
        let last = is_last.then_some(ItemReason::Guess(Guess::LastSubgroup));
        assert_eq!(reason_of(Outcome::Contradicted, &unlink, groups), last);
        let other = ItemReason::Guess(Guess::NotAdminOfCommunity);
        assert_eq!(reason_of(Outcome::Refused, &unlink, groups), last.or(Some(other)));
    }

    #[rstest]
    #[case::full(&["x@g.us", "y@g.us", "z@g.us"], Guess::CommunityFull, ItemReason::Guess(Guess::CommunityFull))]
    #[case::with_room(&["x@g.us", "y@g.us"], Guess::ElsewhereOrNotAdmin, ItemReason::MayAwaitApproval)]
    fn a_link_that_did_not_come_about_is_explained_by_the_room_in_the_community(
        #[case] groups: &[&str],
        #[case] refused: Guess,
        #[case] contradicted: ItemReason,
    ) {
        let link = item(Step::Link(community()));
        assert_eq!(reason_of(Outcome::Refused, &link, groups), Some(ItemReason::Guess(refused)));
        assert_eq!(reason_of(Outcome::Contradicted, &link, groups), Some(contradicted));
    }

    #[rstest]
    #[case::a_leave_that_no_list_shows(Step::Leave, false, Some(Claim::Yes), true)]
    #[case::a_leave_that_a_list_shows(Step::Leave, true, Some(Claim::Yes), false)]
    #[case::a_leave_without_an_answer(Step::Leave, false, Some(Claim::Silence), false)]
    #[case::a_link(Step::Link(community()), false, Some(Claim::Yes), false)]
    fn only_an_accepted_leave_that_no_list_shows_cannot_be_shown(
        #[case] step: Step,
        #[case] shows_membership: bool,
        #[case] claim: Option<Claim>,
        #[case] is_blind: bool,
    ) {
        let capabilities = Capabilities { group_list_shows_membership: shows_membership, ..CAPABILITIES };
        let context = Context { listing: None, capabilities: &capabilities, subgroup_limit: 3 };
        let item = Item { claim, ..item(step) };
        let unread = ItemReason::NoListing(Failure::new(FailureKind::ServerFault));
        let told = reason(Outcome::Unknown, &item, Some(unread.clone()), context);
        assert_eq!(told, Some(if is_blind { ItemReason::CannotBeShown } else { unread }));
    }
}
