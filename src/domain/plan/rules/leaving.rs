//! The rules for leaving groups and communities, and for joining groups again.

use super::{Finding, Judge, Mark, Reason, Remark, Row, Step};
use crate::domain::{community::Role, event::Evidence, failure::FailureKind, id::GroupId, reading::Probe};

impl Judge<'_> {
    pub(super) fn leave(&self, mark: &Mark) -> Finding {
        let group = &mark.group;
        let readings = self.basis.readings;
        let in_list = self.is_in_group_list(group);
        let in_source = mark
            .source
            .as_ref()
            .and_then(|source| self.listing(source))
            .is_some_and(|listing| listing.has(group));
        let is_listed = in_list == Some(true) || in_source;
        let proves = self.capabilities().group_list_shows_membership;
        let details = readings.details.get(group);
        let not_member = matches!(details, Some(Err(failure)) if failure.kind == FailureKind::NotMember)
            || matches!(details, Some(Ok(details)) if details.own_number_listed == Some(false));
        if !is_listed && ((proves && in_list == Some(false)) || not_member) {
            return Finding::already_so(Reason::NotMember);
        }
        let mut risks = Vec::new();
        risks.extend(self.unrecognised(group));
        match details {
            Some(Ok(details)) if details.role == Role::Admin && details.admins == Some(1) => {
                risks.push(Reason::OnlyAdmin);
            }
            Some(Ok(_)) => {}
            Some(Err(failure)) => risks.push(Reason::DetailsFailed(failure.clone())),
            None if risks.contains(&Reason::NotChecked) => {}
            None => risks.push(Reason::NotChecked),
        }
        Finding::with_risks(risks)
    }

    pub(super) fn rejoin(&self, group: &GroupId) -> Finding {
        let is_member = if self.capabilities().group_list_shows_membership {
            self.is_in_group_list(group)
        } else {
            let details = self.basis.readings.details.get(group);
            details.and_then(|read| read.as_ref().ok()).and_then(|details| details.own_number_listed)
        };
        if is_member == Some(true) {
            return Finding::already_so(Reason::AlreadyMember);
        }
        Finding::with_risks(Vec::new())
    }

    /// Why a group may be a community that nobody recognised. That the gateway lists nothing for it means something only
    /// while the gateway lists a community that is known.
    fn unrecognised(&self, group: &GroupId) -> Option<Reason> {
        if !self.capabilities().community_may_pass_for_group || self.fresh.is_known_ordinary(group) {
            return None;
        }
        match self.basis.readings.probes.get(group) {
            Some(Probe::Ordinary) if self.basis.readings.vouch_for_probes() => None,
            Some(Probe::Ordinary) => Some(Reason::ProbeUnreliable),
            Some(Probe::Failed(failure)) => Some(Reason::ProbeFailed(failure.clone())),
            Some(Probe::Community(_)) => Some(Reason::IsCommunity),
            None => Some(Reason::NotChecked),
        }
    }

    pub(super) fn leave_community(&self) -> Option<Row> {
        let target = self.request.target.as_ref()?;
        let group = target.as_group();
        let finding = if !self.capabilities().leaves_communities {
            Finding::blocked(Reason::NoCallToLeaveCommunity)
        } else if let Some(operation) = self.basis.busy.get(&group) {
            Finding::blocked(Reason::InOperation(*operation))
        } else {
            Finding::with_risks(Vec::new())
        };
        let size = self.listing(target).map_or(0, |listing| listing.subgroups.len());
        let details = self.basis.readings.details.get(&group);
        let name = self.named(target).name;
        Some(Row {
            name: name.unwrap_or_else(|| crate::domain::name::Name::new("")),
            steps: vec![Step::LeaveCommunity(target.clone())],
            done: 0,
            head: finding.head,
            reasons: finding.reasons,
            remarks: vec![Remark::LeavesSubgroups(size)],
            ticked: false,
            evidence: Evidence {
                was_listed: self.basis.readings.group_list().is_some_and(|list| list.has(&group)),
                had_details: matches!(details, Some(Ok(_))),
            },
            sent_before: false,
            group,
        })
    }
}
