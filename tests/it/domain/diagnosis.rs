//! Every rule of a diagnosis by itself, with one fact wrong and all others right.

use std::sync::Arc;

use synod::domain::{
    capability::Capabilities,
    community::{CommunityListing, CommunityRef, GroupDetails, GroupKind, Parent, Role, Subgroup},
    diagnosis::{Diagnosis, Facts, diagnose, is_wanted, scopes},
    directory::{Directory, KnownFrom},
    event::{ItemReason, SeenBefore},
    failure::{Failure, FailureKind},
    instance::{Connection, ConnectionState},
    name::Name,
    operation::{Item, ItemState},
    outcome::Outcome,
    plan::Step,
    reading::{Readings, Scope},
    time::Millis,
};

use crate::support::domain::{self, RYZEAPI, community, group};

const GROUP: &str = "1";
const COMMUNITY: &str = "9";

fn link() -> Step {
    domain::link(COMMUNITY)
}

fn unlink() -> Step {
    domain::unlink(COMMUNITY)
}

/// A case: an item that ended, and the readings afterwards; all are right unless changed.
struct Case {
    item: Item,
    readings: Readings,
    directory: Directory,
    capabilities: Capabilities,
}

fn details(id: &str) -> GroupDetails {
    GroupDetails {
        name: Name::new("Choir"),
        members: Some(3),
        role: Role::Admin,
        admins: Some(2),
        own_number_listed: Some(true),
        parent: Parent::None,
        kind: GroupKind::Ordinary,
        has_invite_link: true,
        ..domain::details(id)
    }
}

fn case(step: Step, outcome: Outcome) -> Case {
    let item = Item {
        group: group(GROUP),
        name: Name::new("Choir"),
        steps: vec![step],
        step: 0,
        state: ItemState::Finished,
        attempts: 1,
        silent_attempts: 0,
        claim: None,
        failure: None,
        attempted: None,
        shows: None,
        was_sent: true,
        evidence: SeenBefore::default(),
        outcome: Some(outcome),
        reason: None,
        subgroups: Vec::new(),
    };
    let readings = Readings {
        connection: Some(Ok(Connection { state: ConnectionState::Connected, number: None })),
        ..Readings::default()
    };
    let mut case = Case { item, readings, directory: Directory::default(), capabilities: RYZEAPI };
    case.say(GROUP, Ok(details(GROUP)));
    case.list(Ok(&["5", "6"]));
    case
}

impl Case {
    fn say(&mut self, id: &str, told: Result<GroupDetails, FailureKind>) {
        self.readings.details.insert(group(id), told.map_err(Failure::new));
    }

    fn change(mut self, change: impl FnOnce(&mut GroupDetails)) -> Self {
        let mut told = details(GROUP);
        change(&mut told);
        self.say(GROUP, Ok(told));
        self
    }

    fn list(&mut self, listed: Result<&[&str], FailureKind>) {
        let subgroup = |id: &&str| Subgroup { id: group(id), name: Name::new("Hall") };
        let listing = listed.map(|ids| {
            Arc::new(CommunityListing {
                community: community(COMMUNITY),
                name: None,
                begun: Millis(5),
                announcements: None,
                subgroups: ids.iter().map(subgroup).collect(),
                is_cut: false,
            })
        });
        self.readings.communities.insert(community(COMMUNITY), listing.map_err(Failure::new));
    }

    fn listing(mut self, listed: Result<&[&str], FailureKind>) -> Self {
        self.list(listed);
        self
    }

    fn failing(mut self, kind: FailureKind) -> Self {
        self.say(GROUP, Err(kind));
        self
    }

    fn diagnosis(&self) -> Diagnosis {
        diagnose(Facts {
            item: &self.item,
            readings: &self.readings,
            directory: &self.directory,
            capabilities: &self.capabilities,
            limit: 4,
        })
    }
}

#[test]
fn a_failure_of_every_request_comes_first() {
    let mut off = case(link(), Outcome::Refused).failing(FailureKind::NotMember);
    off.readings.connection = Some(Ok(Connection { state: ConnectionState::Banned, number: None }));
    assert_eq!(off.diagnosis(), Diagnosis::Gateway(Failure::new(FailureKind::NotConnected)));
    let refused = case(link(), Outcome::Refused).failing(FailureKind::TokenRefused);
    assert_eq!(refused.diagnosis(), Diagnosis::Gateway(Failure::new(FailureKind::TokenRefused)));
}

#[test]
fn a_change_that_has_happened_needs_nothing() {
    let linked = case(link(), Outcome::Contradicted).listing(Ok(&[GROUP, "5"]));
    assert_eq!(linked.diagnosis(), Diagnosis::AsWanted);
    assert_eq!(case(unlink(), Outcome::Unknown).diagnosis(), Diagnosis::AsWanted);
    for kind in [FailureKind::NotMember, FailureKind::NotFound] {
        assert_eq!(case(Step::Leave, Outcome::Unknown).failing(kind).diagnosis(), Diagnosis::AsWanted);
    }
    let left = case(Step::Leave, Outcome::Unknown).change(|told| told.own_number_listed = Some(false));
    assert_eq!(left.diagnosis(), Diagnosis::AsWanted);
    assert_eq!(case(Step::Join, Outcome::Unknown).diagnosis(), Diagnosis::AsWanted);
}

#[test]
fn an_unlink_is_not_proved_if_the_listing_shows_only_own_groups_and_the_number_has_left() {
    let gone = case(unlink(), Outcome::Unknown).failing(FailureKind::NotMember);
    assert_eq!(gone.diagnosis(), Diagnosis::NotMember);
}

#[test]
fn an_unreachable_group_is_the_cause() {
    let out = case(link(), Outcome::Refused).change(|told| told.own_number_listed = Some(false));
    assert_eq!(out.diagnosis(), Diagnosis::NotMember);
    assert_eq!(
        case(link(), Outcome::Refused).failing(FailureKind::NotMember).diagnosis(),
        Diagnosis::NotMember
    );
    assert_eq!(
        case(link(), Outcome::Refused).failing(FailureKind::NotFound).diagnosis(),
        Diagnosis::NoSuchGroup
    );
}

#[test]
fn a_group_that_is_not_ordinary_is_the_cause() {
    let announces = case(link(), Outcome::Refused).change(|told| told.kind = GroupKind::Announcements);
    assert_eq!(announces.diagnosis(), Diagnosis::AnnouncementsGroup);
    let is_one = case(link(), Outcome::Refused).change(|told| told.kind = GroupKind::Community);
    assert_eq!(is_one.diagnosis(), Diagnosis::IsCommunity);
}

#[test]
fn an_unreachable_community_is_the_cause() {
    for kind in [FailureKind::NotFound, FailureKind::NotMember, FailureKind::Forbidden] {
        let gone = case(link(), Outcome::Refused).listing(Err(kind));
        assert_eq!(gone.diagnosis(), Diagnosis::NoSuchCommunity);
    }
}

#[test]
fn a_group_in_another_community_is_reported_with_it() {
    let elsewhere = |name| Diagnosis::InOtherCommunity(CommunityRef { id: community("8"), name });
    let other = Parent::Community(community("8"));
    let mut told = case(link(), Outcome::Refused).change(|told| told.parent = other);
    assert_eq!(told.diagnosis(), elsewhere(None));
    let north = CommunityRef { id: community("8"), name: Some(Name::new("North")) };
    told.directory.learn(north, KnownFrom::Memory);
    assert_eq!(told.diagnosis(), elsewhere(Some(Name::new("North"))));
}

#[test]
fn missing_details_of_the_community_come_from_earlier_readings() {
    let mut unsaid = case(link(), Outcome::Refused).change(|told| told.parent = Parent::Unknown);
    unsaid.directory.take_listing(&Arc::new(CommunityListing {
        community: community("8"),
        name: None,
        begun: Millis(1),
        announcements: None,
        subgroups: vec![Subgroup { id: group(GROUP), name: Name::new("Choir") }],
        is_cut: false,
    }));
    assert!(matches!(unsaid.diagnosis(), Diagnosis::InOtherCommunity(_)));
    // The details are more reliable than an older listing.
    let said = Case { readings: case(link(), Outcome::Refused).readings, ..unsaid };
    assert_eq!(said.diagnosis(), Diagnosis::NothingWrong);
}

#[test]
fn a_full_community_is_reported_with_its_size() {
    let full: &[&str] = &["2", "3", "4", "5"];
    let link = case(link(), Outcome::Contradicted).listing(Ok(full));
    assert_eq!(link.diagnosis(), Diagnosis::CommunityFull { size: 4, limit: 4 });
    let mut both = full[1..].to_vec();
    both.push(GROUP);
    assert_eq!(case(unlink(), Outcome::Refused).listing(Ok(&both)).diagnosis(), Diagnosis::NothingWrong);
}

#[test]
fn missing_rights_are_the_cause() {
    let member = |told: &mut GroupDetails| told.role = Role::Member;
    assert_eq!(case(link(), Outcome::Refused).change(member).diagnosis(), Diagnosis::NotAdmin);
    for (outcome, may_wait) in [(Outcome::Refused, false), (Outcome::Contradicted, true)] {
        let mut no_admin = case(link(), outcome);
        no_admin.say(COMMUNITY, Ok(GroupDetails { role: Role::Member, ..details(COMMUNITY) }));
        assert_eq!(no_admin.diagnosis(), Diagnosis::NotAdminOfCommunity { may_wait });
    }
    let mut neither = case(unlink(), Outcome::Refused).listing(Ok(&[GROUP, "5"])).change(member);
    assert_eq!(neither.diagnosis(), Diagnosis::NotAdmin);
    neither.say(COMMUNITY, Ok(GroupDetails { role: Role::Member, ..details(COMMUNITY) }));
    assert_eq!(neither.diagnosis(), Diagnosis::NotAdminOfCommunity { may_wait: false });
}

#[test]
fn the_last_subgroup_is_the_cause() {
    let last = case(unlink(), Outcome::Refused).listing(Ok(&[GROUP]));
    assert_eq!(last.diagnosis(), Diagnosis::LastSubgroup);
}

#[test]
fn unreadable_facts_are_reported() {
    let blind = case(link(), Outcome::Refused).failing(FailureKind::TimedOut);
    assert_eq!(blind.diagnosis(), Diagnosis::CannotTell(Failure::new(FailureKind::TimedOut)));
    let blind = case(link(), Outcome::Refused).listing(Err(FailureKind::NoListing));
    assert_eq!(blind.diagnosis(), Diagnosis::CannotTell(Failure::new(FailureKind::NoListing)));
    // A full community is full, whatever the group's details say.
    let mut full = case(link(), Outcome::Refused).failing(FailureKind::TimedOut);
    full.list(Ok(&["2", "3", "4", "5"]));
    assert!(matches!(full.diagnosis(), Diagnosis::CommunityFull { .. }));
}

#[test]
fn without_a_fault_the_advice_follows_from_the_outcome() {
    let mut waits = case(link(), Outcome::Contradicted);
    assert_eq!(waits.diagnosis(), Diagnosis::NothingWrong);
    waits.item.reason = Some(ItemReason::MayAwaitApproval);
    assert_eq!(waits.diagnosis(), Diagnosis::MayAwaitApproval);
    assert_eq!(case(link(), Outcome::NotSent).diagnosis(), Diagnosis::NeverSent);
    assert_eq!(case(Step::Leave, Outcome::Contradicted).diagnosis(), Diagnosis::NothingWrong);
    assert_eq!(case(link(), Outcome::Refused).diagnosis(), Diagnosis::NothingWrong);
}

#[test]
fn only_relevant_facts_are_read() {
    let (of_group, of_community) = (Scope::Details(group(GROUP)), Scope::Community(community(COMMUNITY)));
    let mut link = case(link(), Outcome::Refused);
    let read = |case: &Case, capabilities: &Capabilities| scopes(&case.item, &case.directory, capabilities);
    let all = [
        Scope::Connection,
        of_group.clone(),
        of_community.clone(),
        Scope::Details(group(COMMUNITY)),
        Scope::Groups,
    ];
    assert_eq!(read(&link, &RYZEAPI), all);
    let zapi = Capabilities { community_may_pass_for_group: false, ..RYZEAPI };
    assert_eq!(read(&link, &zapi), [Scope::Connection, of_group.clone(), of_community, Scope::Groups]);
    assert_eq!(read(&case(unlink(), Outcome::Refused), &RYZEAPI), all[..4]);
    assert_eq!(read(&case(Step::Leave, Outcome::Unknown), &RYZEAPI), all[..2]);
    // If nothing else shows which community it is in, all communities are read.
    link.directory.learn(CommunityRef { id: community(COMMUNITY), name: None }, KnownFrom::Memory);
    link.directory.learn(CommunityRef { id: community("8"), name: None }, KnownFrom::Memory);
    assert_eq!(read(&link, &RYZEAPI).last(), Some(&Scope::Community(community("8"))));
    let wants = |outcome| is_wanted(&case(Step::Leave, outcome).item);
    assert!(wants(Outcome::NotSent) && wants(Outcome::Unknown));
    assert!(!wants(Outcome::Verified) && !wants(Outcome::Blocked));
}
