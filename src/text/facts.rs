//! The words for the facts about a group or community, for an item's events, and for the most likely cause of its failure.

use std::borrow::Cow;

use super::Text;
use crate::domain::{
    community::{GroupKind, Role},
    diagnosis::Diagnosis,
    directory::KnownFrom,
    event::OperationEvent,
    id::CommunityId,
    name::{Name, NameRef},
    operation::Item,
    outcome::{Claim, Shows},
    plan::{
        Step,
        change::{Change, GroupPlace},
    },
};

/// How much of the original form of a cleaned name is shown.
const MOST_OF_EXACT: usize = 240;

/// The labels of the keys that a diagnosis mentions.
#[derive(Clone, Copy, Debug)]
pub struct DiagnosisKeys<'a> {
    /// Retries what can be retried.
    pub retry: &'a str,
    /// Continues with the rest.
    pub resume: &'a str,
    /// Opens the window with the communities.
    pub find: &'a str,
}

impl Text {
    /// The number's role in a group.
    pub fn role(&self, role: Role) -> Cow<'_, str> {
        self.say(match role {
            Role::Unknown => "fact-unknown",
            Role::Member => "role-member",
            Role::Admin => "role-admin",
        })
    }

    /// The kind of a group.
    pub fn kind(&self, kind: GroupKind) -> Cow<'_, str> {
        self.say(match kind {
            GroupKind::Unknown => "fact-unknown",
            GroupKind::Ordinary => "kind-ordinary",
            GroupKind::Announcements => "kind-announcements",
            GroupKind::Community => "kind-community",
        })
    }

    /// How a community became known.
    pub fn known_from(&self, known_from: KnownFrom) -> Cow<'_, str> {
        self.say(match known_from {
            KnownFrom::Configuration => "known-from-configuration",
            KnownFrom::Memory => "known-from-memory",
            KnownFrom::Listing => "known-from-listing",
            KnownFrom::Probe => "known-from-probe",
        })
    }

    /// A name as the gateway gave it, with every cleaned-out character spelled out, so that no terminal obeys it.
    pub fn exact<'a>(&self, name: impl Into<NameRef<'a>>) -> String {
        let name = name.into();
        let spelled: String = name.exact().chars().take(MOST_OF_EXACT).flat_map(char::escape_debug).collect();
        let cut = if name.exact().chars().nth(MOST_OF_EXACT).is_some() { "…" } else { "" };
        // The spelled-out text may still have more marks on a letter than any name needs.
        let spelled = Name::new(&spelled);
        self.with("fact-exact", &[("name", format!("{}{cut}", spelled.shown()).into())])
    }

    /// The words for one request, with the community that it names.
    pub fn step(&self, step: &Step, name_of: &dyn Fn(&CommunityId) -> String) -> String {
        let (key, community) = match step {
            Step::Link(community) => ("step-link", Some(community)),
            Step::Unlink(community) => ("step-unlink", Some(community)),
            Step::Leave => ("step-leave", None),
            Step::LeaveCommunity(community) => ("step-leave-community", Some(community)),
            Step::Join => ("step-join", None),
        };
        let community = community.map(name_of).unwrap_or_default();
        self.with(key, &[("community", community.into())])
    }

    /// The change of an item: from where to where its group goes. An unknown side is left out.
    pub fn change(&self, change: Change<'_>, name_of: &dyn Fn(&CommunityId) -> String) -> String {
        let place = |place| match place {
            GroupPlace::In(community) => Some(name_of(community)),
            GroupPlace::Nowhere => Some(self.say("change-none").into_owned()),
            GroupPlace::Unknown => None,
        };
        match change {
            Change::Leave => self.say("step-leave").into_owned(),
            Change::Join => self.say("change-join").into_owned(),
            Change::Place { from, to } => match (place(from), place(to)) {
                (Some(from), Some(to)) => format!("{from} → {to}"),
                (None, Some(to)) => format!("→ {to}"),
                (Some(from), None) => format!("{from} →"),
                (None, None) => String::new(),
            },
        }
    }

    /// The words for an item's event; `None` for an event that only leads to another.
    pub fn happened(
        &self,
        event: &OperationEvent,
        at: usize,
        item: &Item,
        name_of: &dyn Fn(&CommunityId) -> String,
    ) -> Option<String> {
        Some(match event {
            OperationEvent::Sending { step, attempt, .. } => {
                let what = item.steps.get(*step).map(|step| self.step(step, name_of)).unwrap_or_default();
                self.with("timeline-sending", &[("what", what.into()), ("attempt", (*attempt).into())])
            }
            OperationEvent::Answered { claim, failure, .. } => {
                let why = failure.as_ref().map(|failure| self.failure(failure)).unwrap_or_default();
                let key = match (claim, failure) {
                    (Claim::Yes, _) => "timeline-yes",
                    (Claim::No, Some(_)) => "timeline-no-because",
                    (Claim::No, None) => "timeline-no",
                    (Claim::Silence, Some(_)) => "timeline-silence-because",
                    (Claim::Silence, None) => "timeline-silence",
                };
                self.with(key, &[("why", why.into())])
            }
            OperationEvent::PutBack { failure, .. } => {
                self.with("timeline-put-back", &[("why", self.failure(failure).into())])
            }
            OperationEvent::Looked { seen } => {
                let shows = seen.iter().find(|(item, _)| *item == at).map(|(_, shows)| *shows)?;
                let key = match shows {
                    Shows::Wanted => "timeline-shows-wanted",
                    Shows::Unconfirmed => "timeline-shows-unconfirmed",
                    Shows::Unwanted => "timeline-shows-unwanted",
                    Shows::Unreadable => "timeline-shows-nothing",
                };
                self.say(key).into_owned()
            }
            OperationEvent::TryingAgain { .. } => self.say("timeline-trying-again").into_owned(),
            OperationEvent::StepVerified { .. } => self.say("timeline-step-verified").into_owned(),
            OperationEvent::ItemFinished { outcome, reason, .. } => {
                let outcome = self.outcome(*outcome);
                match reason {
                    Some(reason) => format!("{outcome}: {}", self.item_reason(reason)),
                    None => outcome.into_owned(),
                }
            }
            _ => return None,
        })
    }

    /// The most likely cause of an item's failure, and what to do about it.
    pub fn diagnosis(&self, diagnosis: &Diagnosis, keys: DiagnosisKeys<'_>) -> String {
        let key = match diagnosis {
            Diagnosis::Gateway(failure) => {
                return self.with("diagnosis-gateway", &[("why", self.failure_and_advice(failure).into())]);
            }
            Diagnosis::CannotTell(failure) => {
                return self
                    .with("diagnosis-cannot-tell", &[("why", self.failure_and_advice(failure).into())]);
            }
            Diagnosis::InOtherCommunity(community) => {
                let community = self.community_name(community);
                return self.with("diagnosis-in-other-community", &[("community", community.into())]);
            }
            Diagnosis::CommunityFull { size, limit } => {
                let args = [("size", (*size).into()), ("limit", (*limit).into())];
                return self.with("diagnosis-community-full", &args);
            }
            Diagnosis::AsWanted => "diagnosis-as-wanted",
            Diagnosis::NotMember => "diagnosis-not-member",
            Diagnosis::NoSuchGroup => "diagnosis-no-such-group",
            Diagnosis::AnnouncementsGroup => "diagnosis-announcements-group",
            Diagnosis::IsCommunity => "diagnosis-is-community",
            Diagnosis::NoSuchCommunity => "diagnosis-no-such-community",
            Diagnosis::NotAdmin => "diagnosis-not-admin",
            Diagnosis::NotAdminOfCommunity { may_wait: true } => "diagnosis-not-admin-of-community-waits",
            Diagnosis::NotAdminOfCommunity { may_wait: false } => "diagnosis-not-admin-of-community",
            Diagnosis::MayAwaitApproval => "diagnosis-may-await-approval",
            Diagnosis::LastSubgroup => "diagnosis-last-subgroup",
            Diagnosis::NeverSent => "diagnosis-never-sent",
            Diagnosis::NothingWrong => "diagnosis-nothing-wrong",
        };
        let DiagnosisKeys { retry, resume, find } = keys;
        self.with(key, &[("retry", retry.into()), ("resume", resume.into()), ("find", find.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_was_given_without_anything_that_a_terminal_obeys() {
        let text = Text::english();
        for given in
            ["\u{1b}]52;c;x\u{7}a", "a\u{202e}b\u{2066}", "\u{9b}2J", "a\u{200b}\r\nb", "\u{feff}\u{e0041}"]
        {
            let shown = text.exact(&Name::new(given));
            let is_safe = |c: char| !c.is_control() && !('\u{2028}'..='\u{202e}').contains(&c);
            assert!(shown.chars().all(is_safe) && shown.contains("\\u{"), "{shown:?}");
        }
        assert!(text.exact(&Name::new(&"x".repeat(10_000))).len() < 400);
    }
}
