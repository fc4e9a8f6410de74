//! What the answers prove. Every place that draws a conclusion from an answer asks here, so that the whole program uses one
//! standard of proof. Pure.
//!
//! Presence is strong, absence is weak: an answer that lacks a group proves nothing by itself. The rules, in words for users, are
//! in `docs/operations.md`, "What counts as proof".

use std::{collections::HashMap, sync::Arc};

use super::{
    capability::Capabilities,
    community::{CommunityListing, CommunityRef, GroupDetails, GroupKind, GroupList, GroupRef, Parent, Role},
    event::SeenBefore,
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    reading::{Probe, Readings},
    time::Millis,
};

/// What the answers of one read-back prove about a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An answer shows it.
    Yes,
    /// An answer says in words, or in a dedicated field, that it is not so.
    No,
    /// A complete answer lacks it and no other answer says anything. If the same answer lacks it in two consecutive read-backs, it
    /// is not so.
    Absent(Lacking),
    /// Nothing can be concluded: nothing was read, the answer is incomplete, or two answers contradict each other.
    Unknown,
}

/// Which answers lack something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// A community's listing.
    Listing,
    Groups,
    /// The members in a group's details.
    Members,
    /// Both the list of groups and the members.
    GroupsAndMembers,
}

impl Lacking {
    /// Whether an answer is part of both.
    fn overlaps(self, other: Self) -> bool {
        use Lacking::{Groups, GroupsAndMembers, Members};
        self == other
            || matches!(
                (self, other),
                (GroupsAndMembers, Groups | Members) | (Groups | Members, GroupsAndMembers)
            )
    }
}

impl Proof {
    /// What two consecutive read-backs prove; `newer` is the second one.
    #[must_use]
    pub fn then(self, newer: Self) -> Self {
        match (self, newer) {
            (Self::No, Self::Absent(_)) => Self::No,
            (Self::Absent(one), Self::Absent(other)) if one.overlaps(other) => Self::No,
            (_, newer) => newer,
        }
    }

    /// Whether only absence shows it.
    pub fn is_absence(self) -> bool {
        matches!(self, Self::Absent(_))
    }
}

/// The lengths at which gateways and libraries are known to cut lists: a list of exactly that length may have been cut.
const CAPS: [usize; 8] = [100, 250, 256, 500, 512, 1_000, 1_024, 5_000];

/// Whether a list with this many entries, readable or not, may have been cut at its end.
pub fn may_be_cut(entries: usize) -> bool {
    CAPS.contains(&entries)
}

/// The answers of one read-back.
#[derive(Clone, Debug)]
pub struct Answers<'a> {
    readings: &'a Readings,
    /// Only answers that began at or after this time count.
    since: Millis,
    capabilities: &'a Capabilities,
    /// The reading of each community, by its id without the suffix.
    communities: HashMap<&'a str, &'a Result<Arc<CommunityListing>, Failure>>,
    /// The listings that show a group, by its id without the suffix.
    holding: HashMap<&'a str, Vec<&'a CommunityListing>>,
    /// The words that the gateway used for a known ordinary group, while it listed a known community.
    ordinary_words: Option<String>,
}

impl<'a> Answers<'a> {
    /// The answers that began at or after `since`.
    pub fn new(readings: &'a Readings, since: Millis, capabilities: &'a Capabilities) -> Self {
        let mut holding: HashMap<&str, Vec<&CommunityListing>> = HashMap::new();
        let listings = readings.communities.values().flatten().filter(|listing| listing.begun >= since);
        for listing in listings.clone() {
            for subgroup in &listing.subgroups {
                holding.entry(subgroup.id.bare()).or_default().push(listing);
            }
        }
        let communities = readings.communities.iter().map(|(id, read)| (id.bare(), read)).collect();
        let mut answers = Self { readings, since, capabilities, communities, holding, ordinary_words: None };
        // A gateway that lists nothing for a known community, or denies that it is one, proves nothing about other groups.
        let is_blind = |read: &Result<_, Failure>| {
            let kind = read.as_ref().err().map(|failure: &Failure| failure.kind);
            matches!(kind, Some(FailureKind::NoListing | FailureKind::NotACommunity))
        };
        let lists_communities = listings.clone().any(|listing| listing.announcements.is_some());
        if lists_communities && !readings.communities.values().any(is_blind) {
            let mut controls = readings.probes.iter().filter(|(group, _)| answers.is_in_a_listing(group));
            answers.ordinary_words = controls.find_map(|(_, probe)| refusal_words(probe));
        }
        answers
    }

    /// The reading of a community's listing, whenever it began.
    pub fn community(&self, community: &CommunityId) -> Option<&'a Result<Arc<CommunityListing>, Failure>> {
        let exact = self.readings.communities.get(community);
        exact.or_else(|| self.communities.get(community.bare()).copied())
    }

    /// A community's listing, if it was read in time.
    pub fn listing(&self, community: &CommunityId) -> Option<&'a CommunityListing> {
        let listing = self.community(community)?.as_ref().ok()?;
        (listing.begun >= self.since).then_some(listing)
    }

    /// The list of groups, if it was read in time.
    pub fn groups(&self) -> Option<&'a GroupList> {
        self.readings.group_list().filter(|list| list.begun >= self.since).map(AsRef::as_ref)
    }

    /// The listings that show a group as a subgroup.
    fn holding(&self, group: &GroupId) -> impl Iterator<Item = &'a CommunityListing> {
        self.holding.get(group.bare()).into_iter().flatten().copied()
    }

    fn details(&self, group: &GroupId) -> Option<&'a Result<GroupDetails, Failure>> {
        self.readings.details.get(group)
    }

    /// Whether a group is an ordinary subgroup of a community.
    pub fn contains(&self, community: &CommunityId, group: &GroupId) -> Proof {
        let listing = self.listing(community);
        let listed = match listing {
            Some(listing) if listing.has(group) => Some(true),
            Some(listing) if listing.proves_absence() => Some(false),
            _ => None,
        };
        match (listed, self.parent_says(community, group)) {
            (_, Says::Contradiction)
            | (Some(true), Says::No)
            | (Some(false), Says::Yes)
            | (None, Says::No | Says::Nothing) => Proof::Unknown,
            (Some(true), _) | (None, Says::Yes) => Proof::Yes,
            (Some(false), Says::No) => Proof::No,
            (Some(false), Says::Nothing) => Proof::Absent(Lacking::Listing),
        }
    }

    /// The same, judged by these answers and those of a later second read-back.
    pub fn contains_by_both(&self, second: Option<&Self>, community: &CommunityId, group: &GroupId) -> Proof {
        let first = self.contains(community, group);
        let second = second.filter(|second| second.listing(community).is_some());
        second.map_or(first, |second| first.then(second.contains(community, group)))
    }

    /// Whether the answers contradict each other about a group's place in a community.
    pub fn contradict(&self, community: &CommunityId, group: &GroupId) -> bool {
        let has = self.listing(community).map(|listing| listing.has(group));
        match self.parent_says(community, group) {
            Says::Contradiction => true,
            Says::Yes => has == Some(false),
            Says::No => has == Some(true),
            Says::Nothing => false,
        }
    }

    /// Whether any reading may show whether the number is in a group.
    pub fn asked_about_members(&self, group: &GroupId) -> bool {
        self.readings.details.contains_key(group) || self.readings.groups.is_some()
    }

    /// Whether the fields that name a group's community name this one.
    fn parent_says(&self, community: &CommunityId, group: &GroupId) -> Says {
        let mut said = self.parents(group).map(|parent| match parent {
            Parent::Community(named) => Some(named.same_as(community)),
            Parent::None => Some(false),
            Parent::Unknown => None,
        });
        match (said.next().flatten(), said.next().flatten()) {
            (Some(one), Some(other)) if one != other => Says::Contradiction,
            (Some(true), _) | (_, Some(true)) => Says::Yes,
            (Some(false), _) | (_, Some(false)) => Says::No,
            (None, None) => Says::Nothing,
        }
    }

    /// The community of a group, according to the list of groups and the details.
    fn parents(&self, group: &GroupId) -> impl Iterator<Item = Parent<&'a CommunityId>> {
        let listed = self.groups().and_then(|list| list.find(group)).map(GroupRef::parent);
        let detailed =
            self.details(group).and_then(|read| read.as_ref().ok()).map(|details| details.parent.by_ref());
        [listed.unwrap_or_default(), detailed.unwrap_or_default()].into_iter()
    }

    /// Whether the fields that name a group's community say that it is in none, and no answer contradicts that.
    pub fn is_in_none(&self, group: &GroupId) -> bool {
        self.parents(group).any(|parent| parent == Parent::None) && self.places(group).is_empty()
    }

    /// Whether the complete listings of all communities lack a group. Only a gateway that lists all communities, and every group of
    /// each, can show that.
    pub fn lacks_everywhere(&self, group: &GroupId) -> bool {
        let shows_all = self.capabilities.lists_communities && self.capabilities.lists_every_subgroup;
        let Some(Ok(all)) = self.readings.listed.as_ref().filter(|_| shows_all) else { return false };
        let is_absent = |community: &CommunityRef| {
            self.listing(&community.id).is_some_and(|listing| listing.proves_absence() && !listing.has(group))
        };
        !all.is_empty() && all.iter().all(is_absent) && self.places(group).is_empty()
    }

    /// The communities that contain a group according to an answer: by their listings, or by a field that names one.
    pub fn places(&self, group: &GroupId) -> Vec<&'a CommunityId> {
        let named = self.parents(group).filter_map(|parent| match parent {
            Parent::Community(named) => Some(named),
            Parent::None | Parent::Unknown => None,
        });
        let mut places: Vec<&CommunityId> = Vec::new();
        for place in self.holding(group).map(|listing| &listing.community).chain(named) {
            if !places.iter().any(|known| known.same_as(place)) {
                places.push(place);
            }
        }
        places
    }

    /// Whether the number is a member of a group.
    pub fn is_member(&self, group: &GroupId) -> Proof {
        let shows_membership = self.capabilities.group_list_shows_membership;
        let listed = match self.groups() {
            Some(list) if list.has(group) => Some(true),
            Some(list) if shows_membership && list.proves_absence() => Some(false),
            _ => None,
        };
        let read = self.details(group);
        if matches!(read, Some(Err(failure)) if self.says_not_a_member(failure)) {
            // Such words contradict the list, unless the list also holds groups that the number has left.
            let contradicts = listed == Some(true) && shows_membership;
            return if contradicts { Proof::Unknown } else { Proof::No };
        }
        let details = read.and_then(|read| read.as_ref().ok());
        let among_members = details.and_then(|details| details.own_number_listed);
        match (listed, among_members) {
            (Some(true), Some(false)) if shows_membership => Proof::Unknown,
            (Some(true), _) if shows_membership => Proof::Yes,
            (Some(false), Some(true)) => Proof::Unknown,
            (_, Some(true)) => Proof::Yes,
            (Some(false), Some(false)) => Proof::Absent(Lacking::GroupsAndMembers),
            (_, Some(false)) => Proof::Absent(Lacking::Members),
            // Details that were read but do not list the members weigh against the absence.
            (Some(false), None) if details.is_none() => Proof::Absent(Lacking::Groups),
            _ => Proof::Unknown,
        }
    }

    /// Whether the number is in a community itself, given the earlier evidence of the community. It is out if the details now say
    /// so and could be read before. It is absent if it is gone from the list of groups, with everything that the list showed in
    /// it, and its listing is gone too.
    pub fn is_in_community(&self, community: &CommunityId, seen: SeenBefore) -> Proof {
        let group = community.as_group();
        match self.details(&group) {
            Some(Ok(details)) if details.own_number_listed == Some(true) => return Proof::Yes,
            Some(Err(failure)) if failure.kind == FailureKind::NotMember && seen.had_details => {
                return Proof::No;
            }
            _ => {}
        }
        let is_gone = seen.was_listed
            && self.groups().is_some_and(|list| {
                list.proves_absence()
                    && !list.has(&group)
                    && !list.groups.communities().iter().any(|parent| parent.same_as(community))
            });
        let listing = self.community(community);
        let is_unlisted = listing.and_then(|read| read.as_ref().err()).is_some_and(|failure| {
            use FailureKind::{Forbidden, NoListing, NotACommunity, NotFound, NotMember};
            matches!(failure.kind, NotFound | NotMember | NotACommunity | NoListing | Forbidden)
        });
        if is_gone && is_unlisted { Proof::Absent(Lacking::Groups) } else { Proof::Unknown }
    }

    /// Why a community's details or its listing could not be read.
    pub fn failure_about(&self, community: &CommunityId) -> Option<Failure> {
        let details = self.details(&community.as_group()).and_then(|read| read.as_ref().err());
        details.or_else(|| self.community(community)?.as_ref().err()).cloned()
    }

    fn says_not_a_member(&self, failure: &Failure) -> bool {
        match failure.kind {
            FailureKind::NotMember => true,
            // If the list of groups does not show membership, the adapter gives this kind only if the gateway itself said that
            // the group is missing, while the instance was connected (docs/gateways/zapi.md, 8.2).
            FailureKind::NotFound => !self.capabilities.group_list_shows_membership,
            _ => false,
        }
    }

    /// Whether a group is a community. `No` means an ordinary group or an announcement group.
    pub fn is_community(&self, group: &GroupId) -> Proof {
        let has_kind = |wanted: &[GroupKind]| self.has_kind(group, wanted);
        let itself = self.listing(&CommunityId::from(group));
        let is_itself_listed = itself.is_some_and(|listing| listing.announcements.is_some());
        let probe = self.readings.probes.get(group);
        if is_itself_listed || has_kind(&[GroupKind::Community]) || matches!(probe, Some(Probe::Community(_)))
        {
            return Proof::Yes;
        }
        if !self.capabilities.community_may_pass_for_group
            || has_kind(&[GroupKind::Ordinary, GroupKind::Announcements])
            || self.is_in_a_listing(group)
            || probe.is_some_and(|probe| self.answers_as_for_ordinary(probe))
        {
            return Proof::No;
        }
        Proof::Unknown
    }

    /// Whether an answer shows that a group is ordinary: neither a community nor an announcement group.
    pub fn is_ordinary(&self, group: &GroupId) -> bool {
        if self.is_community(group) != Proof::No || self.has_kind(group, &[GroupKind::Announcements]) {
            return false;
        }
        // If communities do not appear among the groups, not being a community shows nothing.
        self.capabilities.community_may_pass_for_group
            || self.has_kind(group, &[GroupKind::Ordinary])
            || self.is_in_a_listing(group)
    }

    /// Whether the list of groups or the details give a group one of these kinds.
    fn has_kind(&self, group: &GroupId, wanted: &[GroupKind]) -> bool {
        let listed = self.groups().and_then(|list| list.find(group)).map(GroupRef::kind);
        let detailed = self.details(group).and_then(|read| read.as_ref().ok()).map(|details| details.kind);
        listed.into_iter().chain(detailed).any(|kind| wanted.contains(&kind))
    }

    /// Whether a complete listing shows a group as a subgroup.
    fn is_in_a_listing(&self, group: &GroupId) -> bool {
        self.holding(group).any(CommunityListing::proves_absence)
    }

    /// Whether a probe's answer says that the group is not a community, in the words that the gateway uses for a known ordinary
    /// group.
    fn answers_as_for_ordinary(&self, probe: &Probe) -> bool {
        refusal_words(probe).is_some_and(|words| self.ordinary_words.as_ref() == Some(&words))
    }

    /// The number's role in a group.
    pub fn role_in(&self, group: &GroupId) -> Role {
        let listed = self.groups().and_then(|list| list.find(group)).map(GroupRef::role);
        let detailed = || self.details(group).and_then(|read| read.as_ref().ok()).map(|details| details.role);
        listed.filter(|role| *role != Role::Unknown).or_else(detailed).unwrap_or_default()
    }

    /// The number's role in a community: its role in the community's own group or in its announcement group.
    pub fn role_in_community(&self, community: &CommunityId) -> Role {
        let announcements = self.listing(community).and_then(|listing| listing.announcements.as_ref());
        match (self.role_in(&community.as_group()), announcements) {
            (Role::Unknown, Some(announcements)) => self.role_in(&announcements.id),
            (role, _) => role,
        }
    }
}

/// What fields say about a question.
enum Says {
    Yes,
    No,
    Nothing,
    Contradiction,
}

/// The words of a probe that says that a group is not a community, without ids and numbers.
fn refusal_words(probe: &Probe) -> Option<String> {
    let Probe::Nothing(failure) = probe else { return None };
    let words = failure.words.as_ref().filter(|_| failure.kind == FailureKind::NotACommunity)?;
    let parts = words.exact().split(|c: char| !c.is_alphabetic()).filter(|part| !part.is_empty());
    Some(parts.collect::<Vec<_>>().join(" ").to_lowercase())
}
