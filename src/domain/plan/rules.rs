//! The rules: under which head each marked group stands, and why.

mod leaving;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Basis, Capacity, Head, Mark, Obstacle, Plan, Reason, Remark, Request, Row, Step, Verb};
use crate::domain::{
    capability::{Capabilities, LastSubgroup},
    community::{CommunityListing, CommunityRef, GroupKind, Parent, Role},
    directory::{Community, Directory},
    event::Evidence,
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    reading::{Probe, Scope},
    time::Millis,
};

/// How old a listing may be that says, by its silence, that a group is not in its community.
const SILENCE: Duration = Duration::from_secs(5 * 60);

/// In how many communities a group is sought at most before it is linked.
pub(super) const MOST_SOUGHT: usize = 50;

/// Whether nothing that was read says which community a group is in, or that it is in none.
pub(super) fn is_unplaced(group: &GroupId, directory: &Directory) -> bool {
    directory.parent_of(group).is_none()
        && directory.group(group).is_none_or(|group| group.parent == Parent::Unknown)
}

/// The communities in which a group that is to be linked may be by now: no field tells, and their listings are old.
fn sought<'a>(request: &Request, directory: &'a Directory, now: Millis) -> Vec<&'a CommunityId> {
    let is_doubtful =
        |mark: &Mark| verb_of(request, mark) == Verb::Link && Plan::seeks(&mark.group, directory);
    if !request.marks.iter().any(is_doubtful) {
        return Vec::new();
    }
    let is_old =
        |known: &&Community| known.listing.as_ref().is_none_or(|listing| now.since(listing.begun) > SILENCE);
    directory.communities().iter().filter(is_old).map(|community| &community.id).collect()
}

/// What has to be read afresh for a request.
pub(super) fn scopes(
    request: &Request,
    directory: &Directory,
    capabilities: &Capabilities,
    now: Millis,
) -> Vec<Scope> {
    let mut communities: BTreeSet<CommunityId> = request.target.iter().cloned().collect();
    for mark in &request.marks {
        communities.extend(mark.source.clone().or_else(|| directory.parent_of(&mark.group).cloned()));
        communities.extend(mark.again.iter().filter_map(|again| again.target.clone()));
    }
    for community in sought(request, directory, now) {
        if !communities.iter().any(|known| known.same_as(community)) {
            communities.insert(community.clone());
        }
    }
    let mut scopes = vec![Scope::Connection, Scope::Groups];
    if request.verb == Verb::Rejoin {
        if !capabilities.group_list_shows_membership {
            scopes.extend(request.marks.iter().map(|mark| Scope::Details(mark.group.clone())));
        }
        return scopes;
    }
    if request.verb != Verb::Leave {
        scopes.extend(communities.into_iter().map(Scope::Community));
        return scopes;
    }
    if request.leaves_community {
        let target = request.target.iter();
        scopes.extend(target.clone().map(|target| Scope::Community(target.clone())));
        scopes.extend(target.map(|target| Scope::Details(target.as_group())));
        return scopes;
    }
    let doubtful: Vec<&GroupId> = request
        .marks
        .iter()
        .map(|mark| &mark.group)
        .filter(|group| capabilities.community_may_pass_for_group && !directory.is_known_ordinary(group))
        .collect();
    // A known community shows whether an empty listing of another group means anything.
    let control = directory.communities().first().map(|community| community.id.clone());
    if !doubtful.is_empty() && communities.is_empty() {
        communities.extend(control);
    }
    scopes.extend(communities.into_iter().map(Scope::Community));
    scopes.extend(doubtful.into_iter().cloned().map(Scope::Probe));
    scopes.extend(request.marks.iter().map(|mark| Scope::Details(mark.group.clone())));
    scopes
}

/// Makes the plan.
pub(super) fn make(request: Request, basis: Basis<'_>) -> Plan {
    let fresh = freshened(&basis);
    let judge = Judge { request: &request, basis, fresh: &fresh };
    let mut rows: Vec<Row> = if request.leaves_community {
        judge.leave_community().into_iter().collect()
    } else {
        let mut seen = BTreeSet::new();
        let marks = request.marks.iter().filter(|mark| seen.insert(&mark.group));
        marks.map(|mark| judge.row(mark)).collect()
    };
    let capacities = judge.capacities(&rows);
    for (target, capacity) in &capacities {
        block_surplus(&mut rows, target, *capacity);
    }
    let capacity = judge.capacity();
    judge.keep_last_subgroups(&mut rows);
    let target = request.target.as_ref().map(|id| judge.named(id));
    let obstacle = judge.obstacle();
    Plan { target, rows, capacity, capacities, obstacle, made: basis.now, request }
}

/// The directory as it is with all that was read afresh.
fn freshened(basis: &Basis<'_>) -> Directory {
    let mut fresh = basis.directory.clone();
    if let Some(Ok(list)) = &basis.readings.groups {
        fresh.take_groups(list.clone());
    }
    for listing in basis.readings.communities.values().flatten() {
        fresh.take_listing(listing.clone());
    }
    fresh
}

/// Blocks the links that a community cannot take.
fn block_surplus(rows: &mut [Row], target: &CommunityId, capacity: Capacity) {
    let mut room = capacity.limit.saturating_sub(capacity.now);
    let links = |row: &&mut Row| row.link_target().is_some_and(|linked| linked.same_as(target));
    for row in rows.iter_mut().filter(links) {
        match row.head {
            Head::WillDo if room > 0 => room -= 1,
            Head::WillDo => {
                row.head = Head::Blocked;
                row.reasons.insert(0, Reason::OverLimit);
            }
            _ => {}
        }
    }
}

/// What is done with a mark.
fn verb_of(request: &Request, mark: &Mark) -> Verb {
    mark.again.as_ref().map_or(request.verb, |again| again.verb)
}

struct Judge<'a> {
    request: &'a Request,
    basis: Basis<'a>,
    fresh: &'a Directory,
}

/// What was found out about a row before it is written.
struct Finding {
    head: Head,
    reasons: Vec<Reason>,
}

impl Finding {
    fn blocked(reason: Reason) -> Self {
        Self { head: Head::Blocked, reasons: vec![reason] }
    }

    fn already_so(reason: Reason) -> Self {
        Self { head: Head::AlreadySo, reasons: vec![reason] }
    }

    /// Does it, or does it only when ticked where there is a risk.
    fn with_risks(risks: Vec<Reason>) -> Self {
        let head = if risks.is_empty() { Head::WillDo } else { Head::Risky };
        Self { head, reasons: risks }
    }
}

impl Judge<'_> {
    fn named(&self, id: &CommunityId) -> CommunityRef {
        CommunityRef {
            id: id.clone(),
            name: self.fresh.community(id).and_then(|community| community.name.clone()),
        }
    }

    fn capabilities(&self) -> &Capabilities {
        self.basis.capabilities
    }

    fn obstacle(&self) -> Option<Obstacle> {
        let readings = self.basis.readings;
        match &readings.connection {
            Some(Err(failure)) => return Some(Obstacle::Gateway(failure.clone())),
            Some(Ok(connection)) if !connection.is_connected() => {
                return Some(Obstacle::Gateway(Failure::new(FailureKind::NotConnected)));
            }
            _ => {}
        }
        if let Some(Err(failure)) = &readings.groups
            && failure.stops_everything()
        {
            return Some(Obstacle::Gateway(failure.clone()));
        }
        let is_linking = matches!(self.request.verb, Verb::Link | Verb::Move);
        let have_their_own = self.request.marks.iter().any(|mark| mark.again.is_some());
        let needs_target = (is_linking && !have_their_own) || self.request.leaves_community;
        match self.request.target.as_ref().filter(|_| needs_target) {
            None if needs_target => Some(Obstacle::NoTarget),
            None => None,
            Some(target) => match readings.community(target) {
                Some(Err(failure)) => Some(Obstacle::TargetUnread(failure.clone())),
                Some(Ok(_)) => None,
                None => Some(Obstacle::TargetUnread(Failure::new(FailureKind::NotRead))),
            },
        }
    }

    fn listing(&self, community: &CommunityId) -> Option<&CommunityListing> {
        self.basis.readings.community(community)?.as_ref().ok().map(AsRef::as_ref)
    }

    fn capacity(&self) -> Option<Capacity> {
        let is_linking = matches!(self.request.verb, Verb::Link | Verb::Move);
        self.capacity_of(self.request.target.as_ref().filter(|_| is_linking)?)
    }

    /// How full the communities are that rows would be linked to.
    fn capacities(&self, rows: &[Row]) -> Vec<(CommunityId, Capacity)> {
        let mut targets: Vec<&CommunityId> = Vec::new();
        for target in rows.iter().filter_map(Row::link_target) {
            if !targets.iter().any(|known| known.same_as(target)) {
                targets.push(target);
            }
        }
        let known = |target: &CommunityId| Some((target.clone(), self.capacity_of(target)?));
        targets.into_iter().filter_map(known).collect()
    }

    fn capacity_of(&self, community: &CommunityId) -> Option<Capacity> {
        let listing = self.listing(community)?;
        Some(Capacity {
            now: listing.subgroups.len(),
            at_least: !self.capabilities().lists_every_subgroup,
            limit: self.basis.subgroup_limit,
        })
    }

    fn row(&self, mark: &Mark) -> Row {
        let (mut steps, finding) = self.judged(mark);
        let sent_before = mark.again.as_ref().is_some_and(|again| again.sent_before);
        if sent_before && finding.head == Head::AlreadySo && steps.is_empty() {
            // It is verified by this plan, and undone by what is known of it here.
            steps = self.wished(mark);
        }
        let mut done = 0;
        if let ([Step::Link(_)], true, Some(source)) = (steps.as_slice(), sent_before, &mark.source)
            && verb_of(self.request, mark) == Verb::Move
        {
            // The rest of a move: what it was taken out of stays known, for an undo.
            steps.insert(0, Step::Unlink(source.clone()));
            done = 1;
        }
        let details = self.basis.readings.details.get(&mark.group);
        let mut remarks = Vec::new();
        let leaves = verb_of(self.request, mark) == Verb::Leave;
        if leaves && let Some(Ok(details)) = details {
            remarks.extend((!details.has_invite_link).then_some(Remark::NoWayBack));
        }
        if !leaves && self.fresh.role_in(&mark.group) == Role::Unknown && finding.head == Head::WillDo {
            remarks.push(Remark::RoleUnknown);
        }
        let evidence =
            Evidence { was_listed: self.is_listed(&mark.group), had_details: matches!(details, Some(Ok(_))) };
        let name = self.fresh.group(&mark.group).map_or(&mark.name, |group| &group.name).clone();
        Row {
            group: mark.group.clone(),
            name,
            steps,
            done,
            head: finding.head,
            reasons: finding.reasons,
            remarks,
            ticked: false,
            evidence,
            sent_before,
        }
    }

    /// What was to be sent for a mark, whatever is left to do.
    fn wished(&self, mark: &Mark) -> Vec<Step> {
        let link = self.target_of(mark).cloned().map(Step::Link);
        let unlink = mark.source.clone().map(Step::Unlink);
        match verb_of(self.request, mark) {
            Verb::Link => link.into_iter().collect(),
            Verb::Unlink => unlink.into_iter().collect(),
            Verb::Move => unlink.into_iter().chain(link).collect(),
            Verb::Leave => vec![Step::Leave],
            Verb::Rejoin => vec![Step::Join],
        }
    }

    /// The community that a mark is to be linked to.
    fn target_of<'m>(&'m self, mark: &'m Mark) -> Option<&'m CommunityId> {
        match &mark.again {
            Some(again) => again.target.as_ref(),
            None => self.request.target.as_ref(),
        }
    }

    fn judged(&self, mark: &Mark) -> (Vec<Step>, Finding) {
        let group = &mark.group;
        if let Some(operation) = self.basis.busy.get(group) {
            return (Vec::new(), Finding::blocked(Reason::InOperation(*operation)));
        }
        let is_target = self.target_of(mark).is_some_and(|target| group.is_community(target));
        if is_target || self.is_community(group) {
            return (Vec::new(), Finding::blocked(Reason::IsCommunity));
        }
        if self.is_announcements(group) {
            return (Vec::new(), Finding::blocked(Reason::AnnouncementsGroup));
        }
        match verb_of(self.request, mark) {
            Verb::Link => self.link(mark),
            Verb::Unlink => self.unlink(mark),
            Verb::Move => self.move_between(mark),
            Verb::Leave => (vec![Step::Leave], self.leave(mark)),
            Verb::Rejoin => (vec![Step::Join], self.rejoin(group)),
        }
    }

    fn is_community(&self, group: &GroupId) -> bool {
        let details = self.basis.readings.details.get(group);
        let in_details = matches!(details, Some(Ok(details)) if details.kind == GroupKind::Community);
        let in_probe = matches!(self.basis.readings.probes.get(group), Some(Probe::Community(_)));
        let in_list = self.fresh.group(group).is_some_and(|group| group.kind == GroupKind::Community);
        in_details || in_probe || in_list || self.fresh.as_community(group).is_some()
    }

    fn is_announcements(&self, group: &GroupId) -> bool {
        let details = self.basis.readings.details.get(group);
        let in_details = matches!(details, Some(Ok(details)) if details.kind == GroupKind::Announcements);
        in_details || self.fresh.is_announcements(group)
    }

    fn is_in_group_list(&self, group: &GroupId) -> Option<bool> {
        let list = self.basis.readings.group_list()?;
        // A list that does not prove absence still shows what is in it.
        (self.is_listed(group) || list.proves_absence()).then(|| self.is_listed(group))
    }

    fn is_listed(&self, group: &GroupId) -> bool {
        self.basis.readings.group_list().is_some_and(|list| list.has(group))
    }

    fn link(&self, mark: &Mark) -> (Vec<Step>, Finding) {
        let group = &mark.group;
        let Some(target) = self.target_of(mark) else {
            return (Vec::new(), Finding::with_risks(Vec::new()));
        };
        let steps = vec![Step::Link(target.clone())];
        // A target of its own does not keep the rest of the plan from running.
        if mark.again.is_some()
            && let Some(Err(failure)) = self.basis.readings.community(target)
        {
            return (steps, Finding::blocked(Reason::TargetUnread(failure.clone())));
        }
        if self.listing(target).is_some_and(|listing| listing.has(group)) {
            return (Vec::new(), Finding::already_so(Reason::AlreadyIn));
        }
        let elsewhere = self.fresh.parent_of(group).filter(|parent| !parent.same_as(target));
        if let Some(elsewhere) = elsewhere {
            return (steps, Finding::blocked(Reason::InOtherCommunity(self.named(elsewhere))));
        }
        if self.fresh.role_in(group) == Role::Member {
            return (steps, Finding::blocked(Reason::NotAdmin));
        }
        let mut risks = Vec::new();
        if self.fresh.role_in(&target.as_group()) == Role::Member {
            risks.push(Reason::NotAdminOfCommunity);
        }
        if !self.capabilities().lists_every_subgroup && self.is_in_group_list(group) == Some(false) {
            risks.push(Reason::InNeither);
        }
        (steps, Finding::with_risks(risks))
    }

    fn unlink(&self, mark: &Mark) -> (Vec<Step>, Finding) {
        let group = &mark.group;
        let Some(source) = mark.source.as_ref().or_else(|| self.fresh.parent_of(group)) else {
            return (Vec::new(), Finding::already_so(Reason::InNoCommunity));
        };
        let steps = vec![Step::Unlink(source.clone())];
        let finding = match self.basis.readings.community(source) {
            Some(Err(failure)) => Finding::blocked(Reason::SourceUnread(failure.clone())),
            Some(Ok(listing)) if !listing.has(group) => self.not_in_source(group),
            Some(Ok(_)) => Finding::with_risks(self.unlink_risks(group, source)),
            None => Finding::blocked(Reason::SourceUnread(Failure::new(FailureKind::NotRead))),
        };
        (steps, finding)
    }

    fn not_in_source(&self, group: &GroupId) -> Finding {
        let is_shown_elsewhere = self.is_in_group_list(group) == Some(true);
        if self.capabilities().lists_every_subgroup || is_shown_elsewhere {
            return Finding::already_so(Reason::NotIn);
        }
        Finding::with_risks(vec![Reason::InNeither])
    }

    fn unlink_risks(&self, group: &GroupId, source: &CommunityId) -> Vec<Reason> {
        let mut risks = Vec::new();
        if self.fresh.role_in(&source.as_group()) == Role::Member {
            risks.push(Reason::NotAdminOfCommunity);
        }
        if self.fresh.role_in(group) == Role::Member {
            risks.push(Reason::NotAdmin);
        }
        risks
    }

    fn move_between(&self, mark: &Mark) -> (Vec<Step>, Finding) {
        let group = &mark.group;
        let Some(target) = self.target_of(mark) else {
            return (Vec::new(), Finding::with_risks(Vec::new()));
        };
        if self.listing(target).is_some_and(|listing| listing.has(group)) {
            return (Vec::new(), Finding::already_so(Reason::AlreadyIn));
        }
        let source = self.fresh.parent_of(group).filter(|source| !source.same_as(target));
        let Some(source) = source else {
            // That nothing shows it anywhere means nothing while the listing of where it was cannot be read.
            let unread = mark.source.as_ref().filter(|source| !source.same_as(target));
            if let Some(Err(failure)) = unread.and_then(|source| self.basis.readings.community(source)) {
                let steps = vec![Step::Link(target.clone())];
                return (steps, Finding::blocked(Reason::SourceUnread(failure.clone())));
            }
            return self.link(mark);
        };
        let steps = vec![Step::Unlink(source.clone()), Step::Link(target.clone())];
        let unread = match self.basis.readings.community(source) {
            Some(Ok(_)) => None,
            Some(Err(failure)) => Some(failure.clone()),
            None => Some(Failure::new(FailureKind::NotRead)),
        };
        if let Some(failure) = unread {
            return (steps, Finding::blocked(Reason::SourceUnread(failure)));
        }
        if mark.again.is_some()
            && let Some(Err(failure)) = self.basis.readings.community(target)
        {
            return (steps, Finding::blocked(Reason::TargetUnread(failure.clone())));
        }
        if self.fresh.role_in(group) == Role::Member {
            return (steps, Finding::blocked(Reason::NotAdmin));
        }
        let mut risks = self.unlink_risks(group, source);
        if self.fresh.role_in(&target.as_group()) == Role::Member && risks.is_empty() {
            risks.push(Reason::NotAdminOfCommunity);
        }
        (steps, Finding::with_risks(risks))
    }

    /// A community keeps at least one ordinary subgroup: where all are marked, the last listed one stays, or is
    /// a risk where nothing is documented.
    fn keep_last_subgroups(&self, rows: &mut [Row]) {
        let mut sources: BTreeMap<CommunityId, Vec<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            if let Some(Step::Unlink(source)) = row.steps.first()
                && matches!(row.head, Head::WillDo | Head::Risky)
            {
                sources.entry(source.clone()).or_default().push(at);
            }
        }
        for (source, mut unlinked) in sources {
            let Some(listing) = self.listing(&source) else { continue };
            unlinked.retain(|at| listing.has(&rows[*at].group));
            if unlinked.is_empty() || unlinked.len() < listing.subgroups.len() {
                continue;
            }
            let last = listing.subgroups.last().map(|subgroup| &subgroup.id);
            let Some(at) = unlinked.iter().copied().find(|at| Some(&rows[*at].group) == last) else {
                continue;
            };
            match self.capabilities().last_subgroup {
                LastSubgroup::Blocked => {
                    rows[at].head = Head::Blocked;
                    rows[at].reasons.insert(0, Reason::LastSubgroup);
                }
                LastSubgroup::Risky => {
                    rows[at].head = Head::Risky;
                    rows[at].reasons.insert(0, Reason::LastSubgroupMayBeRefused);
                }
            }
        }
    }
}
