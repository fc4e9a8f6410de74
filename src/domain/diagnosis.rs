//! The most likely reason why an item did not end as wanted: which scopes to read about its group and community afterwards, and
//! the conclusion from the readings. A diagnosis informs the operator and never changes an outcome. The wording is in `text`.

use super::{
    capability::Capabilities,
    community::{CommunityListing, CommunityRef, GroupDetails, GroupKind, Parent, Role},
    directory::Directory,
    event::ItemReason,
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    operation::Item,
    outcome::Outcome,
    plan::Step,
    reading::{Readings, Scope},
};

/// The most likely cause: the first that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// Every request would currently fail in this way.
    Gateway(Failure),
    /// The wanted state exists by now.
    AsWanted,
    /// The number is no longer in the group.
    NotMember,
    /// The gateway does not know the group, or the number is not in it; the gateway does not say which.
    NoSuchGroup,
    /// It is an announcement group, which stays with its community.
    AnnouncementsGroup,
    IsCommunity,
    /// The gateway no longer lists the community, or the number is not in it.
    NoSuchCommunity,
    /// The group is in another community.
    InOtherCommunity(CommunityRef),
    CommunityFull {
        /// The current number of its groups.
        size: usize,
        limit: usize,
    },
    /// The number is not an admin of the group.
    NotAdmin,
    /// The number is not an admin of the community.
    NotAdminOfCommunity {
        /// The gateway said yes: the link may be waiting as a suggestion to the admins.
        may_wait: bool,
    },
    /// The gateway said yes, and nothing wrong is visible: the community's admins may have to agree.
    MayAwaitApproval,
    /// It is the community's last ordinary subgroup.
    LastSubgroup,
    /// The deciding answer could not be read.
    CannotTell(Failure),
    /// It was not sent, and nothing wrong is visible.
    NeverSent,
    NothingWrong,
}

impl Diagnosis {
    /// Whether it gives a likely cause, rather than saying that nothing was found or could be read.
    pub fn names_a_cause(&self) -> bool {
        !matches!(
            self,
            Self::Gateway(_) | Self::AsWanted | Self::CannotTell(_) | Self::NeverSent | Self::NothingWrong
        )
    }
}

/// The inputs of a diagnosis.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub item: &'a Item,
    /// Readings made just now for the item.
    pub readings: &'a Readings,
    pub directory: &'a Directory,
    /// The gateway's capabilities.
    pub capabilities: &'a Capabilities,
    /// How many ordinary subgroups a community can hold.
    pub limit: usize,
}

/// Whether a diagnosis is useful for the outcome of an item.
pub fn is_wanted(item: &Item) -> bool {
    matches!(
        item.outcome,
        Some(Outcome::Refused | Outcome::Contradicted | Outcome::Unknown | Outcome::NotSent)
    )
}

/// The maximum number of other communities to read if nothing else says which one a group is in.
const MOST_OTHERS: usize = 20;

/// The scopes to read for the diagnosis of an item.
pub fn scopes(item: &Item, directory: &Directory, capabilities: &Capabilities) -> Vec<Scope> {
    let mut scopes = vec![Scope::Connection, Scope::Details(item.group.clone())];
    let step = step_of(item);
    let Some(community) = community_of(step) else { return scopes };
    scopes.push(Scope::Community(community.clone()));
    // The details of a community show the number's role in it only if a community is itself a group.
    if capabilities.community_may_pass_for_group {
        scopes.push(Scope::Details(community.as_group()));
    }
    if !matches!(step, Some(Step::Link(_))) {
        return scopes;
    }
    scopes.push(Scope::Groups);
    let is_told = directory.group(&item.group).is_some_and(|group| group.parent() != Parent::Unknown);
    if !is_told {
        let others = directory.communities().iter().map(|known| &known.id);
        let others = others.filter(|id| !id.same_as(community)).take(MOST_OTHERS);
        scopes.extend(others.map(|id| Scope::Community(id.clone())));
    }
    scopes
}

/// The current step of an item, or the last one if all are done.
fn step_of(item: &Item) -> Option<&Step> {
    item.current_step().or(item.steps.last())
}

fn community_of(step: Option<&Step>) -> Option<&CommunityId> {
    match step? {
        Step::Link(community) | Step::Unlink(community) => Some(community),
        Step::Leave | Step::LeaveCommunity(_) | Step::Join => None,
    }
}

/// Returns the most likely cause.
pub fn diagnose(facts: Facts<'_>) -> Diagnosis {
    let seen = Seen::new(facts);
    let rules = [
        Seen::everything_fails,
        Seen::as_wanted,
        Seen::group_is_out_of_reach,
        Seen::is_no_ordinary_group,
        Seen::community_is_out_of_reach,
        Seen::is_elsewhere,
        Seen::is_full,
        Seen::lacks_rights,
        Seen::is_last,
        Seen::cannot_tell,
    ];
    rules.into_iter().find_map(|rule| rule(&seen)).unwrap_or_else(|| seen.nothing_seen())
}

/// The facts, arranged for the rules.
struct Seen<'a> {
    facts: Facts<'a>,
    step: Option<&'a Step>,
    group: &'a GroupId,
    details: Option<&'a Result<GroupDetails, Failure>>,
    community: Option<&'a CommunityId>,
    listing: Option<Result<&'a CommunityListing, &'a Failure>>,
}

impl<'a> Seen<'a> {
    fn new(facts: Facts<'a>) -> Self {
        let step = step_of(facts.item);
        let community = community_of(step);
        let listing = community.and_then(|community| facts.readings.community(community));
        Self {
            facts,
            step,
            group: &facts.item.group,
            details: facts.readings.details.get(&facts.item.group),
            community,
            listing: listing.map(|read| read.as_ref().map(AsRef::as_ref)),
        }
    }

    fn details(&self) -> Option<&'a GroupDetails> {
        self.details?.as_ref().ok()
    }

    fn is_link(&self) -> bool {
        matches!(self.step, Some(Step::Link(_)))
    }

    fn everything_fails(&self) -> Option<Diagnosis> {
        let connection = match &self.facts.readings.connection {
            Some(Ok(connection)) if !connection.is_connected() => {
                return Some(Diagnosis::Gateway(Failure::new(FailureKind::NotConnected)));
            }
            Some(Err(failure)) => Some(failure),
            _ => None,
        };
        let details = self.details.and_then(|read| read.as_ref().err());
        let listing = self.listing.and_then(Result::err);
        let failures = [connection, details, listing].into_iter().flatten();
        let mut grave = failures.filter(|failure| failure.stops_everything());
        grave.next().cloned().map(Diagnosis::Gateway)
    }

    fn as_wanted(&self) -> Option<Diagnosis> {
        let is_out = match self.details {
            Some(Ok(details)) => details.own_number_listed == Some(false),
            Some(Err(failure)) => {
                matches!(failure.kind, FailureKind::NotMember | FailureKind::NotFound)
            }
            None => false,
        };
        let is_so = match self.step? {
            Step::Link(_) => self.listing?.is_ok_and(|listing| listing.has(self.group)),
            Step::Unlink(_) => {
                let is_gone = self.listing?.is_ok_and(|listing| !listing.has(self.group));
                // A listing of only the number's own groups proves an unlink only if the number is in the group.
                is_gone
                    && (self.facts.capabilities.lists_every_subgroup || self.details().is_some() && !is_out)
            }
            Step::Leave | Step::LeaveCommunity(_) => is_out,
            Step::Join => self.details().is_some() && !is_out,
        };
        is_so.then_some(Diagnosis::AsWanted)
    }

    fn group_is_out_of_reach(&self) -> Option<Diagnosis> {
        match self.details? {
            Ok(details) => (details.own_number_listed == Some(false)).then_some(Diagnosis::NotMember),
            Err(failure) => match failure.kind {
                FailureKind::NotMember => Some(Diagnosis::NotMember),
                FailureKind::NotFound => Some(Diagnosis::NoSuchGroup),
                _ => None,
            },
        }
    }

    fn is_no_ordinary_group(&self) -> Option<Diagnosis> {
        if matches!(self.step?, Step::LeaveCommunity(_)) {
            return None;
        }
        let kind = self.details().map_or(GroupKind::Unknown, |details| details.kind);
        let directory = self.facts.directory;
        if kind == GroupKind::Announcements || directory.is_announcements(self.group) {
            return Some(Diagnosis::AnnouncementsGroup);
        }
        let is_community = kind == GroupKind::Community || directory.as_community(self.group).is_some();
        is_community.then_some(Diagnosis::IsCommunity)
    }

    fn community_is_out_of_reach(&self) -> Option<Diagnosis> {
        let failure = self.listing?.err()?;
        let is_gone =
            matches!(failure.kind, FailureKind::NotFound | FailureKind::NotMember | FailureKind::Forbidden);
        is_gone.then_some(Diagnosis::NoSuchCommunity)
    }

    fn is_elsewhere(&self) -> Option<Diagnosis> {
        let community = self.community?;
        let directory = self.facts.directory;
        let parent = match self.details().map(|details| &details.parent) {
            Some(Parent::Community(parent)) => Some(parent),
            Some(Parent::None) => None,
            Some(Parent::Unknown) | None => directory.parent_of(self.group),
        };
        let other = parent.filter(|parent| !parent.same_as(community))?;
        let name = directory.community(other).and_then(|known| known.name.clone());
        Some(Diagnosis::InOtherCommunity(CommunityRef { id: other.clone(), name }))
    }

    fn is_full(&self) -> Option<Diagnosis> {
        let size = self.listing?.ok().filter(|_| self.is_link())?.subgroups.len();
        let limit = self.facts.limit;
        (size >= limit).then_some(Diagnosis::CommunityFull { size, limit })
    }

    fn lacks_rights(&self) -> Option<Diagnosis> {
        let community = self.community?;
        let in_group = self.details().map_or(Role::Unknown, |details| details.role);
        let of_community = self.facts.readings.details.get(&community.as_group());
        let in_community = match of_community {
            Some(Ok(details)) => details.role,
            _ => Role::Unknown,
        };
        let may_wait = self.is_link() && self.facts.item.outcome == Some(Outcome::Contradicted);
        let of_community =
            (in_community == Role::Member).then_some(Diagnosis::NotAdminOfCommunity { may_wait });
        let of_group = (in_group == Role::Member).then_some(Diagnosis::NotAdmin);
        // A link first requires rights in the group; an admin of only the community can unlink.
        if self.is_link() { of_group.or(of_community) } else { of_community.or(of_group) }
    }

    fn is_last(&self) -> Option<Diagnosis> {
        let listing = self.listing?.ok().filter(|_| matches!(self.step, Some(Step::Unlink(_))))?;
        let is_last = listing.subgroups.len() == 1 && listing.has(self.group);
        is_last.then_some(Diagnosis::LastSubgroup)
    }

    fn cannot_tell(&self) -> Option<Diagnosis> {
        let details = self.details.and_then(|read| read.as_ref().err());
        let failure = details.or_else(|| self.listing.and_then(Result::err))?;
        Some(Diagnosis::CannotTell(failure.clone()))
    }

    fn nothing_seen(&self) -> Diagnosis {
        let item = self.facts.item;
        match item.outcome {
            Some(Outcome::NotSent) => Diagnosis::NeverSent,
            Some(Outcome::Contradicted)
                if self.is_link() && item.reason == Some(ItemReason::MayAwaitApproval) =>
            {
                Diagnosis::MayAwaitApproval
            }
            _ => Diagnosis::NothingWrong,
        }
    }
}
