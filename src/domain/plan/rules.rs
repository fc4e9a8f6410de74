//! The rules: which heading each marked group belongs under, and why.

mod leaving;
mod room;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Basis, Capacity, Head, Obstacle, Origin, Plan, Reason, Remark, Request, Row, Step, Want, Wish,
    needs::SILENCE,
};
use crate::domain::{
    capability::{Capabilities, LastSubgroup},
    community::{CommunityListing, CommunityRef, GroupKind, GroupRef, Role},
    directory::{Community, Directory},
    event::SeenBefore,
    evidence::{Answers, Proof},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    name::NameRef,
    time::Millis,
};

/// Makes the plan.
pub(super) fn make(request: Request, basis: Basis<'_>) -> Plan {
    let fresh = freshened(&basis);
    let answers = Answers::new(basis.readings, Millis::default(), basis.capabilities);
    let second = basis.readings.again.as_deref();
    let second = second.map(|again| Answers::new(again, Millis::default(), basis.capabilities));
    let judge = Judge { request: &request, basis, fresh: &fresh, answers, second };
    let mut seen = BTreeSet::new();
    let wishes = request.wishes.iter().filter(|wish| seen.insert(&wish.group));
    let rows: Vec<Row> = wishes.map(|wish| judge.row(wish)).collect();
    let capacities = judge.capacities(&rows);
    let is_listed =
        |source: &CommunityId, group: &GroupId| judge.listing(source).is_some_and(|all| all.has(group));
    let mut rows = room::arrange(rows, &capacities, is_listed);
    let capacity = judge.capacity();
    let most_taken = judge.keep_last_subgroups(&mut rows);
    let target = request.target().map(|id| judge.named(id));
    let obstacle = judge.obstacle(&rows);
    Plan { target, rows, capacity, capacities, most_taken, obstacle, made: basis.now, request }
}

/// The directory, updated with all fresh readings.
fn freshened(basis: &Basis<'_>) -> Directory {
    let mut fresh = basis.directory.clone();
    if let Some(Ok(list)) = &basis.readings.groups {
        fresh.take_groups(list.clone());
    }
    let again = basis.readings.again.iter().flat_map(|again| again.communities.values());
    for listing in basis.readings.communities.values().chain(again).flatten() {
        fresh.take_listing(listing);
    }
    fresh
}

struct Judge<'a> {
    request: &'a Request,
    basis: Basis<'a>,
    fresh: &'a Directory,
    answers: Answers<'a>,
    /// The second read of everything that the first left in doubt.
    second: Option<Answers<'a>>,
}

/// The verdict on a row before the row is built.
struct Judgement {
    head: Head,
    reasons: Vec<Reason>,
}

impl Judgement {
    fn blocked(reason: Reason) -> Self {
        Self { head: Head::Blocked, reasons: vec![reason] }
    }

    fn already_so(reason: Reason) -> Self {
        Self { head: Head::AlreadySo, reasons: vec![reason] }
    }

    /// Will do; or risky, to be ticked, if there is a risk.
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

    fn obstacle(&self, rows: &[Row]) -> Option<Obstacle> {
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
        if !rows.is_empty() && rows.iter().all(|row| row.head == Head::AlreadySo) {
            // Nothing is sent, so nothing has to be verified.
            return None;
        }
        let is_follow_up = self.request.wishes.iter().any(|wish| wish.earlier.is_some());
        let target = self.request.target().filter(|_| !is_follow_up || self.request.leaves_community());
        self.unread(target?).map(Obstacle::TargetUnread)
    }

    fn listing(&self, community: &CommunityId) -> Option<&CommunityListing> {
        self.answers.community(community)?.as_ref().ok().map(AsRef::as_ref)
    }

    fn capacity(&self) -> Option<Capacity> {
        self.capacity_of(self.request.target().filter(|_| !self.request.leaves_community())?)
    }

    /// How full each community is that rows would link to.
    fn capacities(&self, rows: &[Row]) -> Vec<(CommunityId, Capacity)> {
        let known = |target: &CommunityId| Some((target.clone(), self.capacity_of(target)?));
        super::targets(rows).into_iter().filter_map(known).collect()
    }

    fn capacity_of(&self, community: &CommunityId) -> Option<Capacity> {
        let listing = self.listing(community)?;
        Some(Capacity {
            now: listing.subgroups.len(),
            at_least: !(self.capabilities().lists_every_subgroup && listing.proves_absence()),
            limit: self.basis.subgroup_limit,
        })
    }

    fn row(&self, wish: &Wish) -> Row {
        if let Want::CommunityLeft(community) = &wish.want {
            return self.leave_community(community, wish);
        }
        let (mut steps, mut finding) = self.judged(wish);
        // If the group is not in the only community that it may be taken from, nobody else has put it there.
        let is_there = wish.source().is_none() || matches!(steps.first(), Some(Step::Unlink(_)));
        let may_be_others = is_there && wish.earlier.is_some_and(|earlier| earlier.may_be_others);
        if may_be_others && finding.head != Head::Blocked {
            finding.reasons.push(Reason::MayBeOthers);
            if finding.head == Head::WillDo {
                finding.head = Head::Risky;
            }
        }
        let sent_before = wish.was_sent();
        if sent_before && finding.head == Head::AlreadySo {
            // This plan verifies it, and an undo relies on the steps recorded here.
            steps = wish.steps();
        }
        let mut done = 0;
        if let ([Step::Link(_)], true, Some(source)) = (steps.as_slice(), sent_before, wish.source()) {
            // The rest of a move: keep the community that the group was taken out of, for an undo.
            steps.insert(0, Step::Unlink(source.clone()));
            done = 1;
        }
        let details = self.basis.readings.details.get(&wish.group);
        let mut remarks = Vec::new();
        let leaves = wish.want == Want::Left;
        if leaves && let Some(Ok(details)) = details {
            remarks.extend((!details.has_invite_link).then_some(Remark::NoWayBack));
        }
        if !leaves && self.role_in(&wish.group) == Role::Unknown && finding.head == Head::WillDo {
            remarks.push(Remark::RoleUnknown);
        }
        let evidence = SeenBefore {
            was_listed: self.is_listed(&wish.group),
            had_details: matches!(details, Some(Ok(_))),
            lacked_own_number: matches!(details, Some(Ok(read)) if read.own_number_listed == Some(false)),
        };
        let named = self.fresh.group(&wish.group).map(GroupRef::name).filter(|name| !name.shown().is_empty());
        let name = named.map_or_else(|| wish.name.clone(), NameRef::to_name);
        Row {
            group: wish.group.clone(),
            name,
            steps,
            done,
            head: finding.head,
            left_out_of: None,
            reasons: finding.reasons,
            remarks,
            ticked: false,
            evidence,
            sent_before,
            subgroups: Vec::new(),
        }
    }

    fn judged(&self, wish: &Wish) -> (Vec<Step>, Judgement) {
        let (steps, finding) = self.judged_by_place(wish);
        let is_open = matches!(finding.head, Head::WillDo | Head::Risky);
        match steps.iter().find_map(|step| self.missing_call(step)).filter(|_| is_open) {
            Some(reason) => (steps, Judgement::blocked(reason)),
            None => (steps, finding),
        }
    }

    /// Why the gateway cannot be asked for a step.
    fn missing_call(&self, step: &Step) -> Option<Reason> {
        match step {
            Step::Link(_) if !self.capabilities().links => Some(Reason::NoCallToLink),
            Step::Unlink(_) if !self.capabilities().unlinks => Some(Reason::NoCallToUnlink),
            _ => None,
        }
    }

    fn judged_by_place(&self, wish: &Wish) -> (Vec<Step>, Judgement) {
        let group = &wish.group;
        if let Some(operation) = self.basis.busy.get(group) {
            return (Vec::new(), Judgement::blocked(Reason::InOperation(*operation)));
        }
        let is_target = wish.target().is_some_and(|target| group.is_community(target));
        if is_target || self.is_community(group) {
            let has_call = wish.want != Want::Left || self.capabilities().leaves_communities;
            let why = if has_call { Reason::IsCommunity } else { Reason::NoCallToLeaveCommunity };
            return (Vec::new(), Judgement::blocked(why));
        }
        if self.is_announcements(group) {
            return (Vec::new(), Judgement::blocked(Reason::AnnouncementsGroup));
        }
        match (&wish.want, &wish.from) {
            (Want::In(target), Origin::Nowhere) => self.link(wish, target),
            (Want::In(target), _) => self.move_to(wish, target),
            (Want::InNone, _) => self.unlink(wish),
            (Want::Left | Want::CommunityLeft(_), _) => (wish.steps(), self.leave(wish)),
            (Want::Member, _) => (wish.steps(), self.rejoin(group)),
        }
    }

    fn is_community(&self, group: &GroupId) -> bool {
        let in_list = self.fresh.group(group).is_some_and(|group| group.kind() == GroupKind::Community);
        in_list || self.fresh.as_community(group).is_some() || self.answers.is_community(group) == Proof::Yes
    }

    fn is_announcements(&self, group: &GroupId) -> bool {
        let details = self.basis.readings.details.get(group);
        let in_details = matches!(details, Some(Ok(details)) if details.kind == GroupKind::Announcements);
        in_details || self.fresh.is_announcements(group)
    }

    fn is_listed(&self, group: &GroupId) -> bool {
        self.basis.readings.group_list().is_some_and(|list| list.has(group))
    }

    /// Whether a group is a subgroup of a community, according to all readings.
    fn contains(&self, community: &CommunityId, group: &GroupId) -> Proof {
        self.answers.contains_by_both(self.second.as_ref(), community, group)
    }

    /// Whether the number is a member of a group, according to all readings.
    fn is_member(&self, group: &GroupId) -> Proof {
        let first = self.answers.is_member(group);
        let second = self.second.as_ref().filter(|second| second.asked_about_members(group));
        second.map_or(first, |second| first.then(second.is_member(group)))
    }

    fn role_in(&self, group: &GroupId) -> Role {
        match self.answers.role_in(group) {
            Role::Unknown => self.fresh.role_in(group),
            role => role,
        }
    }

    fn role_in_community(&self, community: &CommunityId) -> Role {
        match self.answers.role_in_community(community) {
            Role::Unknown => {
                let known = self.fresh.community(community);
                known.map_or(Role::Unknown, |known| self.fresh.role_in_community(known))
            }
            role => role,
        }
    }

    /// The community that a group is in, apart from one that it may be in: according to the fresh answers, else according to
    /// earlier readings.
    fn place_of(&self, group: &GroupId, but: Option<&CommunityId>) -> Option<&CommunityId> {
        let is_other = |place: &&CommunityId| {
            but.is_none_or(|but| !place.same_as(but)) && self.contains(place, group) != Proof::No
        };
        let shown = self.answers.places(group).into_iter().find(is_other);
        shown.or_else(|| self.fresh.parent_of(group).filter(is_other))
    }

    fn link(&self, wish: &Wish, target: &CommunityId) -> (Vec<Step>, Judgement) {
        let group = &wish.group;
        let steps = vec![Step::Link(target.clone())];
        if let Some(failure) = self.target_unread(wish, target) {
            return (steps, Judgement::blocked(Reason::TargetUnread(failure)));
        }
        if let Some(elsewhere) = self.place_of(group, Some(target)) {
            let elsewhere = self.named(elsewhere);
            let is_in_both = self.listing(target).is_some_and(|listing| listing.has(group));
            let reason =
                if is_in_both { Reason::ListedTwice(elsewhere) } else { Reason::InOtherCommunity(elsewhere) };
            return (steps, Judgement::blocked(reason));
        }
        if self.contains(target, group) == Proof::Yes {
            return (Vec::new(), Judgement::already_so(Reason::AlreadyIn));
        }
        if self.role_in(group) == Role::Member {
            return (steps, Judgement::blocked(Reason::NotAdmin));
        }
        let mut risks = Vec::new();
        if self.role_in_community(target) == Role::Member {
            risks.push(Reason::NotAdminOfCommunity);
        }
        if !self.capabilities().lists_every_subgroup && self.lacks(group) {
            risks.push(Reason::InNeither);
        }
        (steps, Judgement::with_risks(risks))
    }

    /// Whether the list of groups lacks a group, as far as a single list can show that.
    fn lacks(&self, group: &GroupId) -> bool {
        self.basis.readings.group_list().is_some_and(|list| list.proves_absence() && !list.has(group))
    }

    fn unlink(&self, wish: &Wish) -> (Vec<Step>, Judgement) {
        let group = &wish.group;
        let Some(source) = wish.source().or_else(|| self.place_of(group, None)) else {
            return (Vec::new(), self.in_no_known_community(group));
        };
        let steps = vec![Step::Unlink(source.clone())];
        let finding = if let Some(failure) = self.unread(source) {
            Judgement::blocked(Reason::SourceUnread(failure))
        } else if self.contains(source, group) == Proof::No {
            self.not_in_source(group, source)
        } else {
            let mut risks = self.unlink_risks(group, source);
            let is_listed = self.listing(source).is_some_and(|listing| listing.has(group));
            if !self.capabilities().lists_every_subgroup && !is_listed && self.lacks(group) {
                risks.push(Reason::InNeither);
            }
            Judgement::with_risks(risks)
        };
        (steps, finding)
    }

    /// For a group that no answer shows in a community. It is in none only if an answer of this plan says so. Its absence from
    /// the known listings does not show that: a community may be unknown, and a listing may be cut off.
    fn in_no_known_community(&self, group: &GroupId) -> Judgement {
        if self.answers.is_in_none(group) {
            Judgement::already_so(Reason::InNoCommunity)
        } else {
            Judgement::blocked(Reason::PlaceUnknown)
        }
    }

    fn not_in_source(&self, group: &GroupId, source: &CommunityId) -> Judgement {
        if let Some(place) = self.place_of(group, Some(source)) {
            return Judgement::blocked(Reason::MovedElsewhere(self.named(place)));
        }
        if self.capabilities().lists_every_subgroup || self.is_listed(group) {
            return Judgement::already_so(Reason::NotIn);
        }
        Judgement::with_risks(vec![Reason::InNeither])
    }

    fn unlink_risks(&self, group: &GroupId, source: &CommunityId) -> Vec<Reason> {
        let mut risks = Vec::new();
        if self.role_in_community(source) == Role::Member {
            risks.push(Reason::NotAdminOfCommunity);
        }
        if self.role_in(group) == Role::Member {
            risks.push(Reason::NotAdmin);
        }
        risks
    }

    /// Why the listing of a community is not available.
    fn unread(&self, community: &CommunityId) -> Option<Failure> {
        match self.answers.community(community) {
            Some(Ok(_)) => None,
            Some(Err(failure)) => Some(failure.clone()),
            None => Some(Failure::new(FailureKind::NotRead)),
        }
    }

    /// Why a row cannot be linked to a community whose listing could not be read. In a follow-up, and if there are several targets,
    /// the rest of the plan can still run.
    fn target_unread(&self, wish: &Wish, target: &CommunityId) -> Option<Failure> {
        if wish.earlier.is_some() {
            return self.answers.community(target)?.as_ref().err().cloned();
        }
        if self.request.target().is_some() { None } else { self.unread(target) }
    }

    /// Whether a group was sought everywhere: an answer says that it is in no community, or the listings of all known communities are
    /// complete, and new enough for the absence of a group to count.
    fn is_sought_everywhere(&self, group: &GroupId) -> bool {
        let is_new = |begun: Millis| self.basis.now.since(begun) <= SILENCE;
        let shows_it_all = |known: &Community| {
            let is_unread = matches!(self.answers.community(&known.id), Some(Err(_)));
            let listing = known.listing.as_ref().filter(|_| known.failure.is_none() && !is_unread);
            listing.is_some_and(|listing| listing.proves_absence() && is_new(listing.begun))
        };
        self.answers.is_in_none(group) || self.fresh.communities().iter().all(shows_it_all)
    }

    fn move_to(&self, wish: &Wish, target: &CommunityId) -> (Vec<Step>, Judgement) {
        let group = &wish.group;
        let place = self.place_of(group, Some(target));
        if self.listing(target).is_some_and(|listing| listing.has(group)) {
            let steps = vec![Step::Link(target.clone())];
            if let Some(place) = place {
                return (steps, Judgement::blocked(Reason::ListedTwice(self.named(place))));
            }
            if self.contains(target, group) == Proof::Yes {
                return (Vec::new(), Judgement::already_so(Reason::AlreadyIn));
            }
        }
        let named = wish.source();
        // One answer that lacks the group does not show that the group has gone.
        let may_be_there = |source: &&CommunityId| {
            self.unread(source).is_none() && self.contains(source, group) != Proof::No
        };
        let Some(source) = place.or_else(|| named.filter(may_be_there)) else {
            // Until the listing of its source is read, the absence elsewhere means nothing.
            if let Some(failure) = named.and_then(|source| self.unread(source)) {
                let steps = vec![Step::Link(target.clone())];
                return (steps, Judgement::blocked(Reason::SourceUnread(failure)));
            }
            let (steps, finding) = self.link(wish, target);
            // It may be in a community whose listing was not read.
            if finding.head == Head::WillDo && !self.is_sought_everywhere(group) {
                return (steps, Judgement::with_risks(vec![Reason::PlaceUnknown]));
            }
            return (steps, finding);
        };
        let steps = vec![Step::Unlink(source.clone()), Step::Link(target.clone())];
        if named.is_some_and(|named| !named.same_as(source)) {
            return (steps, Judgement::blocked(Reason::MovedElsewhere(self.named(source))));
        }
        if let Some(failure) = self.unread(source) {
            return (steps, Judgement::blocked(Reason::SourceUnread(failure)));
        }
        if let Some(failure) = self.target_unread(wish, target) {
            return (steps, Judgement::blocked(Reason::TargetUnread(failure)));
        }
        if self.role_in(group) == Role::Member {
            return (steps, Judgement::blocked(Reason::NotAdmin));
        }
        let mut risks = self.unlink_risks(group, source);
        if self.role_in_community(target) == Role::Member && risks.is_empty() {
            risks.push(Reason::NotAdminOfCommunity);
        }
        (steps, Judgement::with_risks(risks))
    }

    /// A community keeps at least one ordinary subgroup. If the plan takes all of them out, and links no other before it unlinks the
    /// last, the last listed one stays. If the gateway's behaviour is undocumented, or the listing is incomplete, this row is risky
    /// instead. Returns how many groups may be taken out of each community in which one has to stay.
    fn keep_last_subgroups(&self, rows: &mut [Row]) -> Vec<(CommunityId, usize)> {
        let mut most = Vec::new();
        let mut sources: BTreeMap<CommunityId, Vec<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            if let Some(Step::Unlink(source)) = row.steps.first()
                && matches!(row.head, Head::WillDo | Head::Risky)
            {
                sources.entry(source.clone()).or_default().push(at);
            }
        }
        // A row that stays after all neither refills a community nor empties one, so the others are judged once more.
        let mut open: Vec<(CommunityId, Vec<usize>)> = sources.into_iter().collect();
        while let Some((nth, at)) = open
            .iter()
            .enumerate()
            .find_map(|(nth, (source, unlinked))| Some((nth, self.last_of(source, unlinked, rows)?)))
        {
            let (source, unlinked) = open.swap_remove(nth);
            let Some(listing) = self.listing(&source) else { continue };
            match self.capabilities().last_subgroup {
                // An incomplete listing may omit another subgroup that stays.
                LastSubgroup::Blocked if listing.proves_absence() => {
                    rows[at].head = Head::Blocked;
                    rows[at].reasons.insert(0, Reason::LastSubgroup);
                    let listed = unlinked.iter().filter(|at| listing.has(&rows[**at].group)).count();
                    most.push((source, listed.saturating_sub(1)));
                }
                LastSubgroup::Blocked | LastSubgroup::Risky => {
                    rows[at].head = Head::Risky;
                    rows[at].reasons.insert(0, Reason::LastSubgroupMayBeRefused);
                }
            }
        }
        most
    }

    /// The row of a community's last listed subgroup, if the plan takes all of them out and links none before.
    fn last_of(&self, source: &CommunityId, unlinked: &[usize], rows: &[Row]) -> Option<usize> {
        let listing = self.listing(source)?;
        let is_taken = |at: &usize| {
            matches!(rows[*at].head, Head::WillDo | Head::Risky) && listing.has(&rows[*at].group)
        };
        let unlinked: Vec<usize> = unlinked.iter().copied().filter(is_taken).collect();
        if unlinked.len() < listing.subgroups.len() {
            return None;
        }
        let is_refilled = |row: &Row| {
            row.head == Head::WillDo && row.link_target().is_some_and(|target| target.same_as(source))
        };
        if rows[..*unlinked.last()?].iter().any(is_refilled) {
            return None;
        }
        let last = listing.subgroups.last().map(|subgroup| &subgroup.id);
        unlinked.into_iter().find(|at| Some(&rows[*at].group) == last)
    }
}
