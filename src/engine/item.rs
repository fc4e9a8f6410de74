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

/// The facts from a readback apart from the item's own state.
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

/// Why an item has its outcome after a readback; `unread` is why nothing could be read, if so.
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
        StopReason::Journal | StopReason::Interrupted => ItemReason::Interrupted,
    };
    (Outcome::NotSent, is_alone.or(Some(halted)))
}
