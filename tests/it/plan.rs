//! The rules of a plan, one by one: under which head a marked group stands, and why.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use rstest::rstest;
use synod::domain::{
    capability::{Capabilities, LastSubgroup},
    community::{
        CommunityListing, CommunityRef, Group, GroupDetails, GroupKind, GroupList, Parent, Role, Subgroup,
    },
    directory::{Directory, KnownFrom},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId, OperationId},
    instance::{Connection, ConnectionState, InstanceKey},
    name::Name,
    plan::{
        Basis, Earlier, Head, Mark, Needs, Obstacle, Origin, Plan, Reason, Remark, Request, Row, Step, Task,
        Verb,
    },
    reading::{Probe, Readings, Scope},
    time::Millis,
};

mod choices;
mod incomplete;

const NOW: Millis = Millis(1_000_000);

/// A world as a plan sees it: two communities, standalone groups, and what can be set about them.
struct Case {
    request: Request,
    directory: Directory,
    readings: Readings,
    capabilities: Capabilities,
    limit: usize,
    busy: BTreeMap<GroupId, OperationId>,
    skipped: bool,
}

fn id(text: &str) -> GroupId {
    GroupId::parse(&format!("{text}@g.us")).unwrap()
}

fn community(text: &str) -> CommunityId {
    CommunityId::parse(&format!("{text}@g.us")).unwrap()
}

fn group(text: &str) -> Group {
    Group {
        id: id(text),
        name: Name::new(text),
        members: Some(9),
        role: Role::Admin,
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
    }
}

fn listing(of: &str, groups: &[&str]) -> Arc<CommunityListing> {
    let subgroup = |text: &str| Subgroup { id: id(text), name: Name::new(text) };
    Arc::new(CommunityListing {
        community: community(of),
        name: Some(Name::new(of)),
        begun: NOW,
        announcements: Some(subgroup(&format!("{of}-news"))),
        subgroups: groups.iter().map(|text| subgroup(text)).collect(),
        is_cut: false,
    })
}

fn details(text: &str) -> GroupDetails {
    GroupDetails {
        id: id(text),
        name: Name::new(text),
        description: None,
        members: Some(9),
        role: Role::Admin,
        admins: Some(2),
        own_number_listed: Some(true),
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
        has_invite_link: true,
    }
}

/// What the gateway answers for a group that is no community.
fn ordinary() -> Probe {
    Probe::Nothing(Failure::new(FailureKind::NotACommunity).saying("JID is not a community"))
}

const RYZEAPI: Capabilities = Capabilities {
    lists_communities: false,
    leaves_communities: true,
    community_may_pass_for_group: true,
    lists_every_subgroup: false,
    group_list_shows_membership: true,
    last_subgroup: LastSubgroup::Risky,
    requests_per_minute: Some(100),
    gives_reasons: false,
    pairing: synod::domain::pairing::Pairing::NONE,
};

const ZAPI: Capabilities = Capabilities {
    lists_communities: true,
    leaves_communities: false,
    community_may_pass_for_group: false,
    lists_every_subgroup: true,
    group_list_shows_membership: false,
    last_subgroup: LastSubgroup::Blocked,
    requests_per_minute: None,
    gives_reasons: true,
    pairing: synod::domain::pairing::Pairing::NONE,
};

impl Case {
    fn needs(&self) -> Needs {
        self.needs_at(NOW)
    }

    fn needs_at(&self, now: Millis) -> Needs {
        Needs::new(&self.request, &self.directory, &self.capabilities, now)
    }

    /// Harbor holds a and b, North holds n; s and t stand alone. The target of links is Harbor.
    fn new(verb: Verb, marks: &[&str]) -> Self {
        let list: Vec<Group> = ["a", "b", "n", "s", "t"].map(group).to_vec();
        let mut readings = Readings { begun: NOW, ..Readings::default() };
        readings.connection = Some(Ok(Connection { state: ConnectionState::Connected, number: None }));
        readings.groups =
            Some(Ok(Arc::new(GroupList { begun: NOW, groups: list.into(), skipped: 0, is_cut: false })));
        readings.communities.insert(community("harbor"), Ok(listing("harbor", &["a", "b"])));
        readings.communities.insert(community("north"), Ok(listing("north", &["n"])));
        for text in marks {
            readings.details.insert(id(text), Ok(details(text)));
            readings.probes.insert(id(text), ordinary());
        }
        // How the gateway speaks of a group that is known to be ordinary.
        readings.probes.insert(id("a"), ordinary());
        let mut directory = Directory::default();
        for name in ["harbor", "north"] {
            let known = CommunityRef { id: community(name), name: Some(Name::new(name)) };
            directory.learn(known, KnownFrom::Configuration);
        }
        let marks = marks.iter().map(|text| mark(text)).collect();
        let instance = InstanceKey::new("ryzeapi-test");
        Self {
            request: Request::new(instance, &task(verb), marks),
            directory,
            readings,
            capabilities: RYZEAPI,
            limit: 50,
            busy: BTreeMap::new(),
            skipped: false,
        }
    }

    fn on_zapi(mut self) -> Self {
        self.capabilities = ZAPI;
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Changes a group of the fresh list.
    fn group(self, text: &str, change: impl FnOnce(&mut Group)) -> Self {
        self.with(|case| {
            let Some(Ok(list)) = &mut case.readings.groups else { panic!("the list was read") };
            let mut groups = list.groups.to_vec();
            if let Some(group) = groups.iter_mut().find(|group| group.id == id(text)) {
                change(group);
            } else {
                let mut group = group(text);
                change(&mut group);
                groups.push(group);
            }
            Arc::make_mut(list).groups = groups.into();
        })
    }

    /// Takes groups out of the fresh list.
    fn without(self, texts: &[&str]) -> Self {
        self.with(|case| {
            let Some(Ok(list)) = &mut case.readings.groups else { panic!("the list was read") };
            let kept = list.groups.iter().filter(|group| !texts.iter().any(|text| group.id == id(text)));
            Arc::make_mut(list).groups = kept.cloned().collect();
        })
    }

    fn plan(&self) -> Plan {
        let basis = Basis {
            readings: &self.readings,
            directory: &self.directory,
            capabilities: &self.capabilities,
            subgroup_limit: self.limit,
            busy: &self.busy,
            skipped: self.skipped,
            now: NOW,
        };
        Plan::make(self.request.clone(), basis)
    }

    fn only_row(&self) -> Row {
        let plan = self.plan();
        assert_eq!(plan.rows.len(), 1, "{plan:#?}");
        plan.rows[0].clone()
    }

    fn assert(&self, head: Head, reason: &Reason) {
        let row = self.only_row();
        assert_eq!((row.head, row.reasons.first()), (head, Some(reason)), "{row:#?}");
    }
}

fn mark(text: &str) -> Mark {
    Mark { group: id(text), name: Name::new(text), source: None }
}

/// A verb, with Harbor as its target.
fn task(verb: Verb) -> Task {
    match verb {
        Verb::Link => Task::Link(community("harbor")),
        Verb::Unlink => Task::Unlink,
        Verb::Move => Task::Move(community("harbor")),
        Verb::Leave => Task::Leave,
        Verb::Rejoin => Task::Rejoin,
    }
}

#[test]
fn a_standalone_group_is_linked() {
    let row = Case::new(Verb::Link, &["s"]).only_row();
    assert_eq!((row.head, row.steps), (Head::WillDo, vec![Step::Link(community("harbor"))]));
}

#[rstest]
fn an_announcements_group_is_blocked(
    #[values(Verb::Link, Verb::Unlink, Verb::Move, Verb::Leave)] verb: Verb,
    #[values("harbor-news", "north-news")] text: &str,
) {
    Case::new(verb, &[text]).group(text, |_| {}).assert(Head::Blocked, &Reason::AnnouncementsGroup);
}

#[rstest]
fn a_community_among_the_groups_is_blocked(
    #[values(Verb::Link, Verb::Unlink, Verb::Move, Verb::Leave)] verb: Verb,
    #[values("harbor", "north")] text: &str,
) {
    Case::new(verb, &[text]).group(text, |_| {}).assert(Head::Blocked, &Reason::IsCommunity);
}

#[rstest]
#[case(Verb::Link, "a", Reason::AlreadyIn)]
#[case(Verb::Move, "a", Reason::AlreadyIn)]
#[case(Verb::Unlink, "t", Reason::InNoCommunity)]
fn what_is_so_already_needs_nothing(#[case] verb: Verb, #[case] text: &str, #[case] why: Reason) {
    let case = Case::new(verb, &[text]).group("t", |group| group.parent = Parent::None);
    case.assert(Head::AlreadySo, &why);
}

#[test]
fn an_unlink_of_what_nothing_places_is_blocked_because_it_may_be_anywhere() {
    Case::new(Verb::Unlink, &["s"]).assert(Head::Blocked, &Reason::PlaceUnknown);
}

/// A group that was marked in Harbor, whose fresh listing lacks it.
fn gone_from_harbor(verb: Verb) -> Case {
    Case::new(verb, &["s"]).with(|case| case.request.wishes[0].from = Origin::Only(community("harbor")))
}

fn read_again(case: &mut Case, listing: Arc<CommunityListing>) {
    let mut again = Readings::default();
    again.communities.insert(listing.community.clone(), Ok(listing));
    case.readings.again = Some(Box::new(again));
}

#[test]
fn a_group_that_left_its_community_meanwhile_is_already_unlinked_once_two_listings_lack_it() {
    let case = gone_from_harbor(Verb::Unlink);
    assert_eq!(case.only_row().head, Head::WillDo, "one listing that lacks it proves nothing");
    let needed = |case: &Case| case.needs().more(&case.readings);
    assert_eq!(needed(&case), [Scope::Community(community("harbor"))]);
    let case = case.with(|case| read_again(case, listing("harbor", &["a", "b"])));
    case.assert(Head::AlreadySo, &Reason::NotIn);
    assert_eq!(needed(&case), [], "nothing is read a third time");
    let case = case.with(|case| read_again(case, listing("harbor", &["a", "b", "s"])));
    assert_eq!(case.only_row().head, Head::WillDo);
}

#[test]
fn a_listing_that_lacks_a_group_whose_parent_it_is_proves_nothing() {
    let case = gone_from_harbor(Verb::Unlink)
        .group("s", |group| group.parent = Parent::Community(community("harbor")))
        .with(|case| read_again(case, listing("harbor", &["a", "b"])));
    assert_eq!(case.only_row().head, Head::WillDo);
    let denied = gone_from_harbor(Verb::Unlink).group("s", |group| group.parent = Parent::None);
    denied.assert(Head::AlreadySo, &Reason::NotIn);
}

#[test]
fn a_group_that_somebody_else_has_moved_is_taken_out_of_nothing() {
    let north = CommunityRef { id: community("north"), name: Some(Name::new("north")) };
    let moved = |verb: Verb, earlier: Option<Earlier>| {
        Case::new(verb, &["n"]).with(|case| {
            let wish = &mut case.request.wishes[0];
            (wish.from, wish.earlier) = (Origin::Only(community("old")), earlier);
            case.readings.communities.insert(community("old"), Ok(listing("old", &["x"])));
            read_again(case, listing("old", &["x"]));
        })
    };
    let why = Reason::MovedElsewhere(north);
    for earlier in [None, Some(Earlier::default())] {
        moved(Verb::Move, earlier).assert(Head::Blocked, &why);
        moved(Verb::Unlink, earlier).assert(Head::Blocked, &why);
    }
}

#[test]
fn a_group_that_two_communities_list_is_not_touched() {
    let north = CommunityRef { id: community("north"), name: Some(Name::new("north")) };
    for verb in [Verb::Link, Verb::Move] {
        let case = Case::new(verb, &["n"]).with(|case| {
            case.readings.communities.insert(community("harbor"), Ok(listing("harbor", &["a", "b", "n"])));
        });
        case.assert(Head::Blocked, &Reason::ListedTwice(north.clone()));
    }
}

#[test]
fn a_group_of_another_community_is_blocked_and_offered_a_move() {
    let north = CommunityRef { id: community("north"), name: Some(Name::new("north")) };
    Case::new(Verb::Link, &["n"]).assert(Head::Blocked, &Reason::InOtherCommunity(north));
}

#[test]
fn a_field_of_the_list_tells_of_another_community_too() {
    let case = Case::new(Verb::Link, &["s"])
        .group("s", |group| group.parent = Parent::Community(community("elsewhere")));
    let elsewhere = CommunityRef { id: community("elsewhere"), name: None };
    case.assert(Head::Blocked, &Reason::InOtherCommunity(elsewhere));
}

#[test]
fn a_move_unlinks_and_then_links() {
    let row = Case::new(Verb::Move, &["n"]).only_row();
    let steps = vec![Step::Unlink(community("north")), Step::Link(community("harbor"))];
    assert!(row.steps == steps && row.reasons == [Reason::LastSubgroupMayBeRefused], "{row:#?}");
}

#[test]
fn the_surplus_over_the_limit_is_blocked_and_can_be_swapped() {
    let mut plan = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = 3).plan();
    assert_eq!(heads(&plan), [Head::WillDo, Head::Blocked]);
    assert_eq!(plan.rows[1].reasons, [Reason::OverLimit]);
    plan.toggle(1);
    assert_eq!(heads(&plan), [Head::Blocked, Head::WillDo]);
    assert_eq!(plan.sent(), 1);
}

#[test]
fn a_full_community_takes_nothing_and_nothing_can_be_swapped() {
    let mut plan = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = 2).plan();
    plan.toggle(0);
    assert_eq!(heads(&plan), [Head::Blocked, Head::Blocked]);
}

fn heads(plan: &Plan) -> Vec<Head> {
    plan.rows.iter().map(|row| row.head).collect()
}

#[test]
fn the_last_subgroup_is_blocked_where_the_gateway_says_so_and_another_can_stay() {
    let mut plan = Case::new(Verb::Unlink, &["a", "b"]).on_zapi().plan();
    assert_eq!(heads(&plan), [Head::WillDo, Head::Blocked]);
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroup]);
    plan.toggle(1);
    assert_eq!(heads(&plan), [Head::Blocked, Head::WillDo]);
}

#[test]
fn the_last_subgroup_is_a_risk_where_nothing_is_known() {
    let plan = Case::new(Verb::Unlink, &["a", "b"]).plan();
    assert_eq!(heads(&plan), [Head::WillDo, Head::Risky]);
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroupMayBeRefused]);
    assert_eq!(heads(&Case::new(Verb::Unlink, &["a"]).plan()), [Head::WillDo]);
}

#[rstest]
#[case(Verb::Link, "s", Head::Blocked)]
#[case(Verb::Unlink, "a", Head::Risky)]
#[case(Verb::Move, "n", Head::Blocked)]
fn a_group_that_the_number_does_not_administer(#[case] verb: Verb, #[case] text: &str, #[case] head: Head) {
    Case::new(verb, &[text]).group(text, |group| group.role = Role::Member).assert(head, &Reason::NotAdmin);
}

#[test]
fn a_community_that_the_number_does_not_administer_is_a_risk() {
    for (verb, text) in [(Verb::Link, "s"), (Verb::Unlink, "a")] {
        let case = Case::new(verb, &[text]).group("harbor", |group| group.role = Role::Member);
        case.assert(Head::Risky, &Reason::NotAdminOfCommunity);
    }
}

#[test]
fn a_role_that_is_not_known_is_said_and_does_not_block() {
    let case = Case::new(Verb::Link, &["s"]).group("s", |group| group.role = Role::Unknown);
    let row = case.with(|case| case.readings.details.clear()).only_row();
    assert_eq!((row.head, row.remarks), (Head::WillDo, vec![Remark::RoleUnknown]));
}

#[test]
fn what_is_in_neither_the_community_nor_the_list() {
    Case::new(Verb::Link, &["s"]).without(&["s"]).assert(Head::Risky, &Reason::InNeither);
}

#[test]
fn a_group_that_the_list_lacks_is_left_unless_its_details_say_that_the_number_is_out() {
    let lacking = || Case::new(Verb::Leave, &["s"]).without(&["s"]);
    assert_eq!(lacking().only_row().head, Head::WillDo, "its details show the number in it");
    let response = |read: Result<GroupDetails, FailureKind>| {
        lacking().with(|case| drop(case.readings.details.insert(id("s"), read.map_err(Failure::new))))
    };
    response(Err(FailureKind::NotMember)).assert(Head::AlreadySo, &Reason::NotMember);
    let out = GroupDetails { own_number_listed: Some(false), ..details("s") };
    let lacks_the_number = response(Ok(out.clone()));
    assert_ne!(lacks_the_number.only_row().head, Head::AlreadySo, "one answer that lacks it proves nothing");
    let second = lacks_the_number.with(|case| {
        let mut again = Readings::default();
        again.details.insert(id("s"), Ok(out));
        case.readings.again = Some(Box::new(again));
    });
    second.assert(Head::AlreadySo, &Reason::NotMember);
    let failed = Failure::new(FailureKind::ServerFault);
    response(Err(failed.kind)).assert(Head::Risky, &Reason::DetailsFailed(failed));
}

#[test]
fn a_group_that_its_community_lists_is_not_taken_for_left() {
    let case = Case::new(Verb::Leave, &["a"]).without(&["a"]).with(|case| {
        case.readings.details.insert(id("a"), Err(Failure::new(FailureKind::NotMember)));
    });
    assert_ne!(case.only_row().head, Head::AlreadySo);
}

#[test]
fn a_group_that_the_number_is_in_already_is_not_joined_again() {
    Case::new(Verb::Rejoin, &["s"]).assert(Head::AlreadySo, &Reason::AlreadyMember);
    assert_eq!(
        Case::new(Verb::Rejoin, &["s"])
            .without(&["s"])
            .with(|case| case.readings.details.clear())
            .only_row()
            .head,
        Head::WillDo
    );
}

#[test]
fn an_unlink_of_what_is_in_neither_is_a_risk_where_listings_are_partial() {
    let case = Case::new(Verb::Unlink, &["s"])
        .without(&["s"])
        .with(|case| case.request.wishes[0].from = Origin::Only(community("harbor")));
    case.assert(Head::Risky, &Reason::InNeither);
}

#[test]
fn an_empty_list_of_groups_proves_nothing() {
    let row = Case::new(Verb::Leave, &["s"]).without(&["a", "b", "n", "s", "t"]).only_row();
    assert_eq!(row.head, Head::WillDo, "{row:#?}");
}

#[rstest]
fn what_another_operation_holds_is_blocked(
    #[values(Verb::Link, Verb::Unlink, Verb::Move, Verb::Leave)] verb: Verb,
) {
    let case = Case::new(verb, &["a"]).with(|case| {
        case.busy.insert(id("a"), OperationId(7));
    });
    case.assert(Head::Blocked, &Reason::InOperation(OperationId(7)));
}

#[test]
fn what_is_marked_twice_stands_once() {
    assert_eq!(Case::new(Verb::Link, &["s", "s"]).plan().rows.len(), 1);
}

#[test]
fn the_only_admin_leaves_at_a_risk() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| {
        case.readings.details.insert(id("s"), Ok(GroupDetails { admins: Some(1), ..details("s") }));
    });
    case.assert(Head::Risky, &Reason::OnlyAdmin);
}

#[test]
fn a_group_without_an_invite_link_says_that_there_is_no_way_back() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| {
        case.readings.details.insert(id("s"), Ok(GroupDetails { has_invite_link: false, ..details("s") }));
    });
    assert_eq!(case.only_row().remarks, [Remark::NoWayBack]);
}

#[test]
fn a_community_that_nobody_recognised_is_not_left() {
    let probed = |probe: Option<Probe>| {
        Case::new(Verb::Leave, &["s"]).with(|case| {
            case.readings.probes.remove(&id("s"));
            case.readings.probes.extend(probe.map(|probe| (id("s"), probe)));
        })
    };
    probed(Some(Probe::Community(listing("s", &["x"])))).assert(Head::Blocked, &Reason::IsCommunity);
    probed(None).assert(Head::Risky, &Reason::NotChecked);
    let failure = Failure::new(FailureKind::TimedOut);
    probed(Some(Probe::Failed(failure.clone()))).assert(Head::Risky, &Reason::ProbeFailed(failure));
    assert_eq!(probed(Some(ordinary())).only_row().head, Head::WillDo);
    for kind in [FailureKind::NotFound, FailureKind::Refused, FailureKind::NoListing] {
        let generic = Failure::new(kind).saying("item-not-found");
        probed(Some(Probe::Nothing(generic.clone()))).assert(Head::Risky, &Reason::ProbeFailed(generic));
    }
}

#[test]
fn what_the_gateway_says_of_a_group_counts_only_beside_a_known_ordinary_group() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| drop(case.readings.probes.remove(&id("a"))));
    case.assert(Head::Risky, &Reason::ProbeUnreliable);
    let needed = case.needs().more(&case.readings);
    assert_eq!(needed, [Scope::Probe(id("a"))]);
}

#[test]
fn a_gateway_that_lists_nothing_even_for_a_community_cannot_vouch_for_a_group() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| {
        let nothing = Err(Failure::new(FailureKind::NoListing));
        case.readings.communities.insert(community("harbor"), nothing);
    });
    case.assert(Head::Risky, &Reason::ProbeUnreliable);
}

#[test]
fn a_group_that_no_field_places_is_sought_where_the_listings_are_old() {
    let mut case = Case::new(Verb::Link, &["s"]);
    let sought = |case: &Case, now: Millis| {
        let scopes = case.needs_at(now).first();
        scopes.contains(&Scope::Community(community("north")))
    };
    assert!(sought(&case, NOW), "nobody has read that listing");
    case.directory.take_listing(listing("north", &["n"]));
    let later = NOW + Duration::from_secs(5 * 60);
    assert!(!sought(&case, later) && sought(&case, later + Duration::from_secs(1)));
    // A list that tells what a group is in, or that it is in none, makes it needless.
    let response = Group { parent: Parent::None, ..group("s") };
    let list = GroupList { begun: NOW, groups: vec![response].into(), skipped: 0, is_cut: false };
    case.directory.take_groups(Arc::new(list));
    assert!(!sought(&case, later + Duration::from_secs(1)));
}

#[test]
fn a_group_is_not_sought_in_more_communities_than_a_budget_allows() {
    let mut case = Case::new(Verb::Link, &["s"]);
    for at in 0..49 {
        let known = CommunityRef { id: community(&format!("c{at}")), name: None };
        case.directory.learn(known, KnownFrom::Configuration);
    }
    let scopes = case.needs_at(NOW).first();
    let listings = scopes.iter().filter(|scope| matches!(scope, Scope::Community(_))).count();
    assert_eq!(listings, 1, "the target alone");
}

#[test]
fn a_plan_to_leave_asks_about_every_group_that_its_reads_do_not_show_as_ordinary() {
    let case = Case::new(Verb::Leave, &["s", "t"])
        .with(|case| case.readings.probes.clear())
        .group("t", |group| group.kind = GroupKind::Ordinary);
    let scopes = case.needs_at(NOW).first();
    assert!(scopes.contains(&Scope::Details(id("s"))) && scopes.contains(&Scope::Details(id("t"))));
    // A known community is read beside them, to hold the answers about others against it.
    assert!(scopes.iter().any(|scope| matches!(scope, Scope::Community(_))), "{scopes:?}");
    let more = case.needs().more(&case.readings);
    assert_eq!(
        more,
        [Scope::Probe(id("a")), Scope::Probe(id("s"))],
        "the one in doubt, and one that is known"
    );
}

#[test]
fn leaving_a_community_itself_depends_on_the_gateway() {
    let leave = |case: Case| {
        case.with(|case| {
            let instance = case.request.instance.clone();
            case.request = Request::leave_community(instance, community("harbor"));
        })
    };
    let row = leave(Case::new(Verb::Leave, &[])).only_row();
    assert_eq!((row.head, row.remarks), (Head::WillDo, vec![Remark::LeavesSubgroups(2)]));
    leave(Case::new(Verb::Leave, &[]).on_zapi()).assert(Head::Blocked, &Reason::NoCallToLeaveCommunity);
    // Its listing can still be read, and its details say that the number is out.
    let failure = Failure::new(FailureKind::NotMember);
    let left = leave(Case::new(Verb::Leave, &[])).with(|case| {
        case.readings.details.insert(community("harbor").as_group(), Err(failure.clone()));
    });
    left.assert(Head::Risky, &Reason::DetailsFailed(failure));
}

#[test]
fn nothing_runs_where_the_gateway_would_refuse_everything() {
    let disconnected = Connection { state: ConnectionState::NotConnected(None), number: None };
    let refused = Failure::new(FailureKind::TokenRefused);
    for (connection, failure) in
        [(Ok(disconnected), Failure::new(FailureKind::NotConnected)), (Err(refused.clone()), refused)]
    {
        let plan =
            Case::new(Verb::Link, &["s"]).with(|case| case.readings.connection = Some(connection)).plan();
        assert_eq!((plan.sent(), plan.obstacle), (0, Some(Obstacle::Gateway(failure))));
    }
}

#[test]
fn nothing_runs_on_a_target_whose_listing_was_not_read() {
    let failure = Failure::new(FailureKind::NoListing);
    let unread = |read: Option<Failure>| {
        Case::new(Verb::Link, &["s"])
            .with(|case| {
                case.readings.communities.remove(&community("harbor"));
                let read = read.map(|failure| (community("harbor"), Err(failure)));
                case.readings.communities.extend(read);
            })
            .plan()
    };
    assert_eq!(unread(Some(failure.clone())).obstacle, Some(Obstacle::TargetUnread(failure)));
    assert!(unread(None).obstacle.is_some(), "what the operator skipped was not read either");
}

#[test]
fn a_row_that_is_not_ticked_is_ordered_as_blocked_with_its_reason() {
    let mut plan = Case::new(Verb::Unlink, &["a", "b"]).plan();
    let order = plan.order();
    let risk = Reason::LastSubgroupMayBeRefused;
    assert_eq!(order.items[1].reason, Some(Reason::NotTicked(Box::new(risk))));
    plan.toggle(1);
    assert_eq!(plan.sent(), 2);
    assert_eq!(plan.order().items[1].reason, None);
}

#[test]
fn a_group_of_which_nothing_is_listed_is_a_risk_where_no_community_can_be_listed_to_compare() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| case.readings.communities.clear());
    case.assert(Head::Risky, &Reason::ProbeUnreliable);
}

#[test]
fn a_swap_keeps_what_else_is_risky_about_a_row() {
    let mut plan =
        Case::new(Verb::Unlink, &["a", "b"]).on_zapi().group("b", |group| group.role = Role::Member).plan();
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroup, Reason::NotAdmin]);
    plan.toggle(1);
    let swapped = &plan.rows[1];
    assert_eq!((swapped.head, swapped.ticked), (Head::Risky, true));
    assert_eq!(swapped.reasons, [Reason::NotAdmin]);
    assert_eq!(plan.rows[0].reasons, [Reason::LastSubgroup]);
}

/// A move of n, which was in North when it was marked, to Harbor, on a gateway whose lists name no community: two listings of
/// North lack it.
fn moved_on_unnoticed(verb: Verb) -> Case {
    let mut case = Case::new(verb, &["n"]).on_zapi();
    case.request.wishes[0].from = Origin::Only(community("north"));
    case.readings.communities.insert(community("north"), Ok(listing("north", &["x"])));
    read_again(&mut case, listing("north", &["x"]));
    case
}

#[test]
fn a_move_of_a_group_that_is_not_where_it_was_looks_for_it_in_all_communities() {
    let mut case = moved_on_unnoticed(Verb::Move);
    let third = CommunityRef { id: community("third"), name: None };
    case.directory.learn(third, KnownFrom::Configuration);
    let needed = case.needs().more(&case.readings);
    assert!(needed.contains(&Scope::Community(community("third"))), "{needed:?}");
    case.assert(Head::Risky, &Reason::PlaceUnknown);
    // One listing that lacks it proves nothing: it is moved from where it was.
    let mut once = moved_on_unnoticed(Verb::Move);
    once.readings.again = None;
    let row = once.only_row();
    let steps = vec![Step::Unlink(community("north")), Step::Link(community("harbor"))];
    assert_eq!((row.head, row.steps), (Head::WillDo, steps));
    // It is found there: somebody else has moved it on.
    let found = case.with(|case| {
        case.readings.communities.insert(community("third"), Ok(listing("third", &["n", "y"])));
    });
    let place = CommunityRef { id: community("third"), name: Some(Name::new("third")) };
    found.assert(Head::Blocked, &Reason::MovedElsewhere(place));
    // It is in none of them: the rest of the move is a link.
    let nowhere = found.with(|case| {
        case.readings.communities.insert(community("third"), Ok(listing("third", &["y"])));
    });
    let row = nowhere.only_row();
    assert_eq!((row.head, row.steps), (Head::WillDo, vec![Step::Link(community("harbor"))]));
    // One of them cannot be read, or is shown without its end: it may be there.
    let unread = nowhere.with(|case| {
        let failed = Err(Failure::new(FailureKind::ServerFault));
        case.readings.communities.insert(community("third"), failed);
    });
    unread.assert(Head::Risky, &Reason::PlaceUnknown);
    let cut = unread.with(|case| {
        let mut cut = (*listing("third", &["y"])).clone();
        cut.is_cut = true;
        case.readings.communities.insert(community("third"), Ok(Arc::new(cut)));
    });
    cut.assert(Head::Risky, &Reason::PlaceUnknown);
}

#[test]
fn an_unlink_of_a_group_that_was_moved_since_it_was_marked_is_blocked() {
    let case = moved_on_unnoticed(Verb::Unlink).with(|case| {
        case.readings.communities.insert(community("harbor"), Ok(listing("harbor", &["a", "b", "n"])));
    });
    let place = CommunityRef { id: community("harbor"), name: Some(Name::new("harbor")) };
    case.assert(Head::Blocked, &Reason::MovedElsewhere(place));
}

/// What the gateway refused and what is so all the same may be somebody else's doing.
#[test]
fn what_somebody_else_may_have_done_is_undone_only_with_a_tick() {
    let mut case = Case::new(Verb::Unlink, &["a"]);
    let wish = &mut case.request.wishes[0];
    wish.from = Origin::Only(community("harbor"));
    wish.earlier = Some(Earlier { sent_before: false, may_be_others: true });
    case.assert(Head::Risky, &Reason::MayBeOthers);
}

/// Details that are not found show that the number is not in a group only if there ever was such a group.
#[test]
fn an_id_that_nothing_ever_showed_is_not_a_group_that_was_left() {
    let missing = |text: &str| {
        Case::new(Verb::Leave, &[text]).on_zapi().with(|case| {
            let failure = Failure::new(FailureKind::NotFound);
            case.readings.details.insert(id(text), Err(failure));
        })
    };
    missing("nowhere").assert(Head::Blocked, &Reason::NoSuchGroup);
    // The list still shows a group that was left.
    missing("s").assert(Head::AlreadySo, &Reason::NotMember);
    // An earlier operation knows it.
    let mut again = missing("nowhere");
    again.request.wishes[0].earlier = Some(Earlier { sent_before: true, may_be_others: false });
    assert_ne!(again.only_row().reasons, [Reason::NoSuchGroup]);
}

/// A move without a community to take it from: nothing places it, and not all known communities were read.
#[test]
fn a_move_from_wherever_it_is_is_risky_while_it_may_be_anywhere() {
    let case = Case::new(Verb::Move, &["s"]).on_zapi();
    assert_eq!(case.only_row().head, Head::WillDo, "all known listings lack it");
    let third = CommunityRef { id: community("third"), name: None };
    case.with(|case| case.directory.learn(third, KnownFrom::Configuration))
        .assert(Head::Risky, &Reason::PlaceUnknown);
}

#[test]
fn a_group_of_unknown_kind_is_left_only_with_a_tick_where_communities_are_apart() {
    let kind = |kind: GroupKind| {
        Case::new(Verb::Leave, &["s"]).on_zapi().with(|case| {
            let details = GroupDetails { kind, ..details("s") };
            case.readings.details.insert(id("s"), Ok(details));
        })
    };
    kind(GroupKind::Unknown).assert(Head::Risky, &Reason::KindUnknown);
    kind(GroupKind::Announcements).assert(Head::Blocked, &Reason::AnnouncementsGroup);
    assert_eq!(kind(GroupKind::Ordinary).only_row().head, Head::WillDo);
    // A complete listing shows it as a subgroup: that settles it too.
    let listed = |listing: Arc<CommunityListing>| {
        kind(GroupKind::Unknown).with(|case| {
            case.readings.communities.insert(community("harbor"), Ok(listing));
        })
    };
    assert_eq!(listed(listing("harbor", &["s"])).only_row().head, Head::WillDo);
    let cut = CommunityListing { announcements: None, ..(*listing("harbor", &["s"])).clone() };
    listed(Arc::new(cut)).assert(Head::Risky, &Reason::KindUnknown);
}

#[test]
fn only_links_that_are_sent_count_as_links() {
    let mut plan = Case::new(Verb::Link, &["s", "a", "t"]).plan();
    assert_eq!((heads(&plan), plan.links()), (vec![Head::WillDo, Head::AlreadySo, Head::WillDo], 2));
    plan.obstacle = None;
    let unlinked = Case::new(Verb::Unlink, &["a"]).plan();
    assert_eq!((unlinked.sent(), unlinked.links()), (1, 0));
    let surplus = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = 3).plan();
    assert_eq!((heads(&surplus), surplus.links()), (vec![Head::WillDo, Head::Blocked], 1));
}

#[test]
fn the_groups_that_are_sent_are_those_of_the_rows_that_are() {
    let mut plan = Case::new(Verb::Link, &["s", "a", "t"]).plan();
    assert_eq!(plan.sent_groups(), BTreeSet::from([&id("s"), &id("t")]));
    plan.rows[0].head = Head::Risky;
    assert_eq!(plan.sent_groups(), BTreeSet::from([&id("t")]));
}
