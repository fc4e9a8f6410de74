//! The words for the domain's values: states, outcomes, reasons, failures and advice on them.

use std::borrow::Cow;

use super::{Text, format::duration, width::width};
use crate::domain::{
    community::CommunityRef,
    event::{Guess, ItemReason, PauseReason, StopReason},
    failure::{Failure, FailureKind},
    id::tail,
    instance::ConnectionState,
    invite::ClosedLinks,
    name::{Name, NameRef},
    operation::{Item, ItemState},
    outcome::{Claim, Outcome},
    plan::{Capacity, Head, Obstacle, Reason, Remark, Verb},
    time::Millis,
    wait::{Wait, WaitReason},
};

impl Text {
    /// An item's outcome, in one word.
    pub fn outcome(&self, outcome: Outcome) -> Cow<'_, str> {
        self.say(match outcome {
            Outcome::Verified => "outcome-verified",
            Outcome::AlreadySo => "outcome-already-so",
            Outcome::Contradicted => "outcome-contradicted",
            Outcome::Refused => "outcome-refused",
            Outcome::Unknown => "outcome-unknown",
            Outcome::NotSent => "outcome-not-sent",
            Outcome::Blocked => "outcome-blocked",
        })
    }

    /// The number of items with an outcome: `3 verified`.
    pub fn counted(&self, outcome: Outcome, count: usize) -> String {
        let key = match outcome {
            Outcome::Verified => "counted-verified",
            Outcome::AlreadySo => "counted-already-so",
            Outcome::Contradicted => "counted-contradicted",
            Outcome::Refused => "counted-refused",
            Outcome::Unknown => "counted-unknown",
            Outcome::NotSent => "counted-not-sent",
            Outcome::Blocked => "counted-blocked",
        };
        self.with(key, &[("count", count.into())])
    }

    /// The key of the sentence about links that do not open here; it takes their count.
    pub fn closed_links_key(links: ClosedLinks) -> &'static str {
        if links.has_key { "links-closed" } else { "links-without-key" }
    }

    /// How many links do not open here, why, and what to do.
    pub fn closed_links(&self, links: ClosedLinks) -> String {
        self.with(Self::closed_links_key(links), &[("count", links.count.into())])
    }

    /// An item's progress, in one word.
    pub fn item_state(&self, item: &Item) -> Cow<'_, str> {
        if let Some(outcome) = item.outcome {
            return self.outcome(outcome);
        }
        self.say(match (item.state, item.claim) {
            (ItemState::Queued, _) => "state-queued",
            (ItemState::Sending, _) => "state-sending",
            (ItemState::Accepted, Some(Claim::No)) => "state-denied",
            (ItemState::Accepted, Some(Claim::Silence)) => "state-silent",
            (ItemState::Accepted, _) => "state-accepted",
            (ItemState::Checking | ItemState::Finished, _) => "state-checking",
        })
    }

    /// The glyph for an item's progress, so that colour alone never conveys it.
    pub fn item_glyph(item: &Item) -> &'static str {
        match (item.outcome, item.state) {
            (Some(outcome), _) => outcome_glyph(outcome),
            (None, ItemState::Queued) => "·",
            (None, ItemState::Sending) => "→",
            (None, _) => "~",
        }
    }

    /// A short text on what an item waits for, or on the reason for its outcome.
    pub fn item_remark(&self, item: &Item) -> String {
        match (&item.reason, item.outcome) {
            (Some(reason), Some(_)) => self.item_reason(reason),
            (None, Some(_)) => String::new(),
            (_, None) => match item.state {
                ItemState::Queued if item.attempts > 0 => self.say("remark-again").into_owned(),
                ItemState::Queued if item.step > 0 => self.say("remark-next-step").into_owned(),
                ItemState::Queued => String::new(),
                ItemState::Sending => self.say("remark-sending").into_owned(),
                ItemState::Accepted => self.say("remark-look-due").into_owned(),
                _ => self.say("remark-checking").into_owned(),
            },
        }
    }

    /// The reason for an item's outcome.
    pub fn item_reason(&self, reason: &ItemReason) -> String {
        match reason {
            ItemReason::Plan(reason) => self.reason(reason),
            ItemReason::Gateway(failure) => self.failure(failure),
            ItemReason::Guess(guess) => self
                .say(match guess {
                    Guess::CommunityFull => "guess-community-full",
                    Guess::ElsewhereOrNotAdmin => "guess-elsewhere-or-not-admin",
                    Guess::NotAdminOfCommunity => "guess-not-admin-of-community",
                    Guess::LastSubgroup => "guess-last-subgroup",
                })
                .into_owned(),
            ItemReason::MayAwaitApproval => self.say("item-may-await-approval").into_owned(),
            ItemReason::NoListing(failure) => {
                self.with("item-no-listing", &[("why", self.failure(failure).into())])
            }
            ItemReason::AnswersDiffer => self.say("item-answers-differ").into_owned(),
            ItemReason::CannotBeShown => self.say("item-cannot-be-shown").into_owned(),
            ItemReason::InNeither => self.say("item-in-neither").into_owned(),
            ItemReason::LeftStanding => self.say("item-left-standing").into_owned(),
            ItemReason::MovedElsewhere(community) => self.of_community("item-moved-elsewhere", community),
            ItemReason::Stopped => self.say("item-stopped").into_owned(),
            ItemReason::Halted(failure) => self.with("item-halted", &[("why", self.failure(failure).into())]),
            ItemReason::Interrupted => self.say("item-interrupted").into_owned(),
        }
    }

    /// A message that names a community.
    fn of_community(&self, key: &'static str, community: &CommunityRef) -> String {
        self.with(key, &[("community", self.community_name(community).into())])
    }

    /// The reason for a row's place in a plan.
    pub fn reason(&self, reason: &Reason) -> String {
        let key = match reason {
            Reason::InOtherCommunity(community) => {
                return self.of_community("reason-in-other-community", community);
            }
            Reason::MovedElsewhere(community) => {
                return self.of_community("reason-moved-elsewhere", community);
            }
            Reason::ListedTwice(community) => return self.of_community("reason-listed-twice", community),
            Reason::InOperation(operation) => {
                return self.with("reason-in-operation", &[("operation", operation.to_string().into())]);
            }
            Reason::ProbeFailed(failure) => {
                return self.with("reason-probe-failed", &[("why", self.failure(failure).into())]);
            }
            Reason::DetailsFailed(failure) => {
                return self.with("reason-details-failed", &[("why", self.failure(failure).into())]);
            }
            Reason::SourceUnread(failure) => {
                return self.with("reason-source-unread", &[("why", self.failure(failure).into())]);
            }
            Reason::TargetUnread(failure) => {
                return self.with("reason-target-unread", &[("why", self.failure(failure).into())]);
            }
            Reason::NotTicked(why) => {
                return self.with("reason-not-ticked", &[("why", self.reason(why).into())]);
            }
            Reason::LeftOut => "reason-left-out",
            Reason::AnnouncementsGroup => "reason-announcements-group",
            Reason::IsCommunity => "reason-is-community",
            Reason::NoCallToLeaveCommunity => "reason-no-call-to-leave-community",
            Reason::NoCallToLink => "reason-no-call-to-link",
            Reason::NoCallToUnlink => "reason-no-call-to-unlink",
            Reason::OverLimit => "reason-over-limit",
            Reason::LastSubgroup => "reason-last-subgroup",
            Reason::LastSubgroupMayBeRefused => "reason-last-subgroup-may-be-refused",
            Reason::NotAdmin => "reason-not-admin",
            Reason::NotAdminOfCommunity => "reason-not-admin-of-community",
            Reason::OnlyAdmin => "reason-only-admin",
            Reason::InNeither => "reason-in-neither",
            Reason::AlreadyIn => "reason-already-in",
            Reason::NotIn => "reason-not-in",
            Reason::InNoCommunity => "reason-in-no-community",
            Reason::NotMember => "reason-not-member",
            Reason::AlreadyMember => "reason-already-member",
            Reason::NoInviteLink => "reason-no-invite-link",
            Reason::NotChecked => "reason-not-checked",
            Reason::MayBeOthers => "reason-may-be-others",
            Reason::NoSuchGroup => "reason-no-such-group",
            Reason::KindUnknown => "reason-kind-unknown",
            Reason::MayBeCommunity => "reason-may-be-community",
            Reason::ProbeUnreliable => "reason-probe-unreliable",
            Reason::PlaceUnknown => "reason-place-unknown",
        };
        self.say(key).into_owned()
    }

    /// A remark on a row of a plan; `None` for a remark that is made once for the whole plan.
    pub fn remark(&self, remark: Remark) -> Option<String> {
        match remark {
            Remark::NoWayBack => Some(self.say("plan-remark-no-way-back").into_owned()),
            Remark::RoleUnknown => None,
            Remark::LeavesSubgroups(count) => {
                Some(self.with("plan-remark-leaves-subgroups", &[("count", count.into())]))
            }
        }
    }

    /// How full a community is, and how full it will be.
    pub fn capacity(&self, capacity: &Capacity, after: usize) -> String {
        let key = if capacity.at_least { "plan-capacity-at-least" } else { "plan-capacity" };
        let args = [("now", capacity.now.into()), ("after", after.into()), ("limit", capacity.limit.into())];
        self.with(key, &args)
    }

    /// The heading of a part of a plan.
    pub fn head(&self, head: Head) -> Cow<'_, str> {
        self.say(match head {
            Head::WillDo => "head-will-do",
            Head::Risky => "head-risky",
            Head::Blocked => "head-blocked",
            Head::AlreadySo => "head-already-so",
            Head::LeftOut => "head-left-out",
        })
    }

    /// Why a plan cannot run, and what to do about it.
    pub fn obstacle(&self, obstacle: &Obstacle) -> String {
        match obstacle {
            Obstacle::ReadOnly => self.say("obstacle-read-only").into_owned(),
            Obstacle::Gateway(failure) => {
                self.with("obstacle-gateway", &[("why", self.failure_and_advice(failure).into())])
            }
            Obstacle::TargetUnread(failure) => {
                self.with("obstacle-target-unread", &[("why", self.failure_and_advice(failure).into())])
            }
        }
    }

    /// The action and its number of groups, as the title of a plan or an operation.
    pub fn task(
        &self,
        verb: Verb,
        count: usize,
        target: Option<&CommunityRef>,
        is_community: bool,
    ) -> String {
        let key = match verb {
            _ if is_community => "task-leave-community",
            Verb::Link if target.is_some() => "task-link-to",
            Verb::Link => "task-link",
            Verb::Unlink => "task-unlink",
            Verb::Move if target.is_some() => "task-move-to",
            Verb::Move => "task-move",
            Verb::Leave => "task-leave",
            Verb::Rejoin => "task-rejoin",
        };
        let community = target.map(|target| self.community_name(target)).unwrap_or_default();
        self.with(key, &[("count", count.into()), ("community", community.into())])
    }

    /// A community's name, or the end of its id if it has no name.
    pub fn community_name(&self, community: &CommunityRef) -> String {
        self.name_or_tail(community.name.as_ref(), &community.id)
    }

    /// One of several matches of a name, with its community and its number of members, if known.
    pub fn candidate(&self, words: String, community: Option<&CommunityRef>, members: Option<u32>) -> String {
        let words = match members {
            Some(members) => {
                let args = [("candidate", words.into()), ("count", u64::from(members).into())];
                self.with("cli-candidate-members", &args)
            }
            None => words,
        };
        let Some(community) = community else { return words };
        let args = [("candidate", words.into()), ("community", self.community_name(community).into())];
        self.with("cli-candidate-in", &args)
    }

    /// The name of a group or community, or the end of its id if it has no known name.
    pub fn name_or_tail<'a>(
        &self,
        name: Option<impl Into<NameRef<'a>>>,
        id: &(impl AsRef<str> + ?Sized),
    ) -> String {
        let name = name.map(Into::into).unwrap_or_default();
        super::shown_name(self, name, tail(id.as_ref(), 4)).into_owned()
    }

    /// A failure in a few words: the gateway's own words if it sent any.
    pub fn failure(&self, failure: &Failure) -> String {
        let kind = match (failure.kind, failure.status) {
            (FailureKind::NotJson, Some(status)) => {
                self.with("failure-not-json-status", &[("status", status.to_string().into())]).into()
            }
            // Their words name the proxy.
            (kind @ (FailureKind::Unreachable | FailureKind::Tls), _) if failure.words.is_some() => {
                let proxy = failure.words.as_ref().map_or("", Name::shown);
                let key =
                    if kind == FailureKind::Tls { "failure-tls-proxy" } else { "failure-unreachable-proxy" };
                return self.with(key, &[("proxy", proxy.into())]);
            }
            (kind, _) => self.say(failure_key(kind)),
        };
        match &failure.words {
            Some(words) => {
                self.with("failure-words", &[("kind", kind.into()), ("words", words.shown().into())])
            }
            None => kind.into_owned(),
        }
    }

    /// A failure and what to do about it, as sentences.
    pub fn failure_and_advice(&self, failure: &Failure) -> String {
        let here = entry_advice(failure.kind).zip(self.entry_keys.as_deref());
        let advice = match (here, failure.kind) {
            (Some((key, (instances, edit))), _) => {
                let args = [("instances", instances.as_str().into()), ("edit", edit.as_str().into())];
                Cow::Owned(self.with(key, &args))
            }
            (None, FailureKind::Unreachable) if failure.words.is_some() => self.say("advice-proxy"),
            (None, kind) => self.say(advice_key(kind)),
        };
        self.with("failure-advice", &[("failure", self.failure(failure).into()), ("advice", advice.into())])
    }

    /// Whether a failure ends once an entry of the configuration is corrected on the screen.
    pub fn is_corrected_here(&self, failure: &Failure) -> bool {
        self.entry_keys.is_some() && entry_advice(failure.kind).is_some()
    }

    /// Whether an instance is connected, in a word or two.
    pub fn connection(&self, state: &ConnectionState) -> String {
        match state {
            ConnectionState::Connected => self.say("connection-connected").into_owned(),
            ConnectionState::Connecting => self.say("connection-connecting").into_owned(),
            ConnectionState::Banned => self.say("connection-banned").into_owned(),
            ConnectionState::NotConnected(None) => self.say("connection-not-connected").into_owned(),
            ConnectionState::NotConnected(Some(word)) => {
                self.with("connection-not-connected-word", &[("word", word.shown().into())])
            }
        }
    }

    /// The reason and the duration of a read's wait.
    pub fn wait(&self, wait: &Wait, now: Millis) -> String {
        let key = match wait.why {
            WaitReason::Throttled => "wait-throttled",
            WaitReason::Limit => "wait-limit",
        };
        self.with(key, &[("span", duration(self, wait.left(now)).into())])
    }

    /// The reason why sending is paused.
    pub fn pause(&self, why: &PauseReason) -> Cow<'_, str> {
        self.say(match why {
            PauseReason::Operator => "pause-operator",
            PauseReason::Budget { .. } => "pause-budget",
            PauseReason::Throttled { .. } => "pause-throttled",
            PauseReason::InFlight { .. } => "pause-in-flight",
        })
    }

    /// The reason why sending ended early.
    pub fn stop(&self, why: &StopReason) -> String {
        match why {
            StopReason::Operator => self.say("stop-operator").into_owned(),
            StopReason::Failure(failure) => {
                self.with("stop-failure", &[("why", self.failure_and_advice(failure).into())])
            }
            StopReason::Alike(failure) => self.with("stop-alike", &[("why", self.failure(failure).into())]),
            StopReason::CommunityFull => self.say("stop-community-full").into_owned(),
            StopReason::TimeOut => self.say("stop-time-out").into_owned(),
            StopReason::Journal => self.say("stop-journal").into_owned(),
            StopReason::Interrupted => self.say("stop-interrupted").into_owned(),
        }
    }
}

/// The width in cells of the longest word that [`Text::item_state`] returns.
pub(super) fn states_width(text: &Text) -> usize {
    let outcomes = Outcome::ALL.into_iter().map(|outcome| text.outcome(outcome));
    let states =
        ["state-queued", "state-sending", "state-accepted", "state-denied", "state-silent", "state-checking"];
    let states = states.into_iter().map(|state| text.say(state));
    outcomes.chain(states).map(|word| width(&word)).max().unwrap_or(0)
}

/// The glyph for an outcome.
pub fn outcome_glyph(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Verified => "✓",
        Outcome::AlreadySo => "=",
        Outcome::Contradicted => "!",
        Outcome::Refused => "✗",
        Outcome::Unknown => "?",
        Outcome::NotSent => "○",
        Outcome::Blocked => "⊘",
    }
}

fn failure_key(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::TokenRefused => "failure-token-refused",
        FailureKind::UnknownInstance => "failure-unknown-instance",
        FailureKind::NoInstance => "failure-no-instance",
        FailureKind::NotConnected => "failure-not-connected",
        FailureKind::Banned => "failure-banned",
        FailureKind::Forbidden => "failure-forbidden",
        FailureKind::NotFound => "failure-not-found",
        FailureKind::NotMember => "failure-not-member",
        FailureKind::RateLimited { .. } => "failure-rate-limited",
        FailureKind::Throttled { .. } => "failure-throttled",
        FailureKind::Refused => "failure-refused",
        FailureKind::NotACommunity => "failure-not-a-community",
        FailureKind::CommunityFull => "failure-community-full",
        FailureKind::LimitReached => "failure-limit-reached",
        FailureKind::GatewayError => "failure-gateway-error",
        FailureKind::ServerFault => "failure-server-fault",
        FailureKind::TimedOut => "failure-timed-out",
        FailureKind::Dropped => "failure-dropped",
        FailureKind::Unreachable => "failure-unreachable",
        FailureKind::Tls => "failure-tls",
        FailureKind::ProxyAuth => "failure-proxy-auth",
        FailureKind::TooLong => "failure-too-long",
        FailureKind::NotJson => "failure-not-json",
        FailureKind::EmptyAnswer => "failure-empty-answer",
        FailureKind::Unmentioned => "failure-unmentioned",
        FailureKind::Malformed => "failure-malformed",
        FailureKind::Redirected => "failure-redirected",
        FailureKind::NoListing => "failure-no-listing",
        FailureKind::Unsupported => "failure-unsupported",
        FailureKind::WrongRequest => "failure-wrong-request",
        FailureKind::NotRead => "failure-not-read",
        FailureKind::ReadOnly => "failure-read-only",
    }
}

/// The advice on a failure that a screen can correct.
fn entry_advice(kind: FailureKind) -> Option<&'static str> {
    match kind {
        FailureKind::TokenRefused => Some("advice-token-here"),
        FailureKind::UnknownInstance => Some("advice-instance-here"),
        FailureKind::NoInstance => Some("advice-no-instance-here"),
        _ => None,
    }
}

fn advice_key(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::TokenRefused => "advice-token",
        FailureKind::UnknownInstance => "advice-instance",
        FailureKind::NoInstance => "advice-no-instance",
        FailureKind::NotConnected => "advice-connect",
        FailureKind::Banned => "advice-banned",
        FailureKind::Forbidden
        | FailureKind::NotFound
        | FailureKind::NotMember
        | FailureKind::NotACommunity
        | FailureKind::CommunityFull
        | FailureKind::LimitReached
        | FailureKind::Refused => "advice-rights",
        FailureKind::RateLimited { .. } | FailureKind::Throttled { .. } => "advice-wait",
        FailureKind::GatewayError
        | FailureKind::ServerFault
        | FailureKind::TimedOut
        | FailureKind::EmptyAnswer
        | FailureKind::Unmentioned
        | FailureKind::Dropped => "advice-again",
        FailureKind::Unreachable => "advice-network",
        FailureKind::Tls => "advice-tls",
        FailureKind::ProxyAuth => "advice-proxy-auth",
        FailureKind::TooLong => "advice-too-long",
        FailureKind::NotJson | FailureKind::Redirected => "advice-base-url",
        FailureKind::Malformed | FailureKind::NoListing | FailureKind::WrongRequest => "advice-contract",
        FailureKind::Unsupported => "advice-unsupported",
        FailureKind::NotRead => "advice-not-read",
        FailureKind::ReadOnly => "advice-read-only",
    }
}
