//! The rules for leaving groups and communities, and for joining groups again.

use super::{Head, Judge, Judgement, Reason, Remark, Row, Step, Wish};
use crate::domain::{
    community::Role,
    event::SeenBefore,
    evidence::Proof,
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    reading::Probe,
};

impl Judge<'_> {
    pub(super) fn leave(&self, wish: &Wish) -> Judgement {
        let group = &wish.group;
        let details = self.basis.readings.details.get(group);
        // A listing of the number's own groups also shows membership.
        let is_in_listing = !self.capabilities().lists_every_subgroup
            && self.basis.readings.communities.values().flatten().any(|listing| listing.has(group));
        // The list may still show a group that was left just now.
        let is_gone = matches!(details, Some(Err(failure)) if says_gone(failure));
        if is_gone && wish.earlier.is_some_and(|earlier| earlier.left) {
            return Judgement::already_so(Reason::NotMember);
        }
        if self.is_member(group) == Proof::No && !is_in_listing {
            // "Not found" does not show that the group exists and the number is not in it.
            let is_missing = matches!(details, Some(Err(failure)) if failure.kind == FailureKind::NotFound);
            if is_missing && !self.is_known(wish) {
                return Judgement::blocked(Reason::NoSuchGroup);
            }
            return Judgement::already_so(Reason::NotMember);
        }
        let mut risks = Vec::new();
        risks.extend(self.unrecognised(group));
        match details {
            Some(Ok(details)) if details.role == Role::Admin && details.admins == Some(1) => {
                risks.push(Reason::OnlyAdmin);
            }
            Some(Ok(details)) if details.is_zero_value() => {
                risks.push(Reason::DetailsFailed(Failure::new(FailureKind::Malformed)));
            }
            Some(Ok(_)) => {}
            Some(Err(failure)) => risks.push(Reason::DetailsFailed(failure.clone())),
            None if risks.contains(&Reason::NotChecked) => {}
            None => risks.push(Reason::NotChecked),
        }
        Judgement::with_risks(risks)
    }

    /// Whether anything ever showed that the group exists: an earlier operation, the list of groups or a listing.
    fn is_known(&self, wish: &Wish) -> bool {
        let (group, fresh) = (&wish.group, self.fresh);
        wish.earlier.is_some() || fresh.group(group).is_some() || fresh.parent_of(group).is_some()
    }

    pub(super) fn rejoin(&self, group: &GroupId) -> Judgement {
        if self.is_member(group) == Proof::Yes {
            return Judgement::already_so(Reason::AlreadyMember);
        }
        Judgement::with_risks(Vec::new())
    }

    /// Why a group may not be an ordinary group. Only positive evidence says that it is one.
    fn unrecognised(&self, group: &GroupId) -> Option<Reason> {
        if self.answers.is_ordinary(group) {
            return None;
        }
        if self.answers.is_community(group) != Proof::Unknown {
            // Its details, if they were read, do not say it; if they were not, another reason reports that.
            let has_details = matches!(self.basis.readings.details.get(group), Some(Ok(_)));
            return has_details.then_some(Reason::KindUnknown);
        }
        Some(match self.basis.readings.probes.get(group) {
            Some(Probe::Nothing(failure)) if failure.kind == FailureKind::NotACommunity => {
                Reason::ProbeUnreliable
            }
            Some(Probe::Failed(failure)) if failure.kind == FailureKind::Unsupported => {
                Reason::MayBeCommunity
            }
            Some(Probe::Nothing(failure) | Probe::Failed(failure)) => Reason::ProbeFailed(failure.clone()),
            Some(Probe::Community(_)) => Reason::IsCommunity,
            None => Reason::NotChecked,
        })
    }

    pub(super) fn leave_community(&self, target: &CommunityId, wish: &Wish) -> Row {
        let group = target.as_group();
        let details = self.basis.readings.details.get(&group);
        let failure = details.and_then(|read| read.as_ref().err());
        let is_out = failure.filter(|failure| failure.kind == FailureKind::NotMember);
        let is_gone = failure.is_some_and(says_gone);
        let is_unlisted = is_out.is_some() || self.listing(target).is_none();
        let was_left = is_unlisted && wish.earlier.is_some_and(|earlier| earlier.left);
        let finding = if !self.capabilities().leaves_communities {
            Judgement::blocked(Reason::NoCallToLeaveCommunity)
        } else if let Some(operation) = self.basis.busy.get(&group) {
            Judgement::blocked(Reason::InOperation(*operation))
        } else if is_gone && was_left {
            Judgement::already_so(Reason::NotMember)
        } else {
            Judgement::with_risks(is_out.cloned().map(Reason::DetailsFailed).into_iter().collect())
        };
        let subgroups = self.listing(target).map_or_else(Vec::new, |listing| listing.subgroups.clone());
        let name = self.named(target).name;
        Row {
            name: name.unwrap_or_else(|| crate::domain::name::Name::new("")),
            steps: vec![Step::LeaveCommunity(target.clone())],
            done: 0,
            left_out_of: None,
            remarks: if matches!(finding.head, Head::WillDo | Head::Risky) {
                vec![Remark::LeavesSubgroups(subgroups.len())]
            } else {
                Vec::new()
            },
            head: finding.head,
            reasons: finding.reasons,
            ticked: false,
            evidence: SeenBefore {
                was_listed: self.basis.readings.group_list().is_some_and(|list| list.has(&group)),
                had_details: matches!(details, Some(Ok(_))),
                lacked_own_number: false,
            },
            sent_before: false,
            subgroups,
            group,
        }
    }
}

/// Whether a gateway says that a group does not exist, or that the number is not in it.
fn says_gone(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NotFound | FailureKind::NotMember)
}
