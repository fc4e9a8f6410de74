//! The rules of a plan, one by one: the part of the plan in which a marked group appears, and the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use rstest::rstest;
use synod::domain::{
    capability::{Capabilities, LastSubgroup},
    community::{
        CommunityListing, CommunityRef, Group, GroupDetails, GroupKind, GroupList, GroupRef, Parent, Role,
    },
    directory::{Directory, KnownFrom},
    failure::{Failure, FailureKind},
    id::{GroupId, OperationId},
    instance::{Connection, ConnectionState, InstanceKey},
    name::Name,
    plan::{
        Basis, Earlier, Head, Mark, Needs, Obstacle, Origin, Plan, Reason, Remark, Request, Row, Step, Task,
        Verb,
    },
    reading::{Probe, Readings, Scope},
    time::Millis,
};

use crate::support::domain::{self, CAPABILITIES, RYZEAPI, community, group as id};

mod choices;
mod incomplete;
mod leaving;
mod limits;
mod places;
mod room;
mod undo;

const NOW: Millis = Millis(1_000_000);

/// A world as a plan sees it: two communities, standalone groups, and their adjustable facts.
struct Case {
    request: Request,
    directory: Directory,
    readings: Readings,
    capabilities: Capabilities,
    limit: usize,
    busy: BTreeMap<GroupId, OperationId>,
    skipped: bool,
}

fn group(text: &str) -> Group {
    Group { members: Some(9), role: Role::Admin, ..domain::entry(text) }
}

fn listing(of: &str, groups: &[&str]) -> Arc<CommunityListing> {
    let listing = domain::listing(of, groups);
    Arc::new(CommunityListing { name: Some(Name::new(of)), begun: NOW, ..listing })
}

fn details(text: &str) -> GroupDetails {
    GroupDetails {
        members: Some(9),
        role: Role::Admin,
        admins: Some(2),
        own_number_listed: Some(true),
        has_invite_link: true,
        ..domain::details(text)
    }
}

/// The gateway's answer for a group that is not a community.
fn ordinary() -> Probe {
    Probe::Nothing(Failure::new(FailureKind::NotACommunity).saying("JID is not a community"))
}

const ZAPI: Capabilities = Capabilities {
    lists_communities: true,
    leaves_communities: false,
    group_list_shows_membership: false,
    last_subgroup: LastSubgroup::Blocked,
    gives_reasons: true,
    ..CAPABILITIES
};

impl Case {
    fn needs(&self) -> Needs {
        self.needs_at(NOW)
    }

    fn needs_at(&self, now: Millis) -> Needs {
        Needs::new(&self.request, &self.directory, &self.capabilities, now)
    }

    /// Harbor contains a and b, North contains n; s and t are standalone. The target of links is Harbor.
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
        // The gateway's words for a group that is known to be ordinary.
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
            let mut groups: Vec<Group> = list.groups.iter().map(GroupRef::to_group).collect();
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

    /// Removes groups from the fresh list.
    fn without(self, texts: &[&str]) -> Self {
        self.with(|case| {
            let Some(Ok(list)) = &mut case.readings.groups else { panic!("the list was read") };
            let kept =
                list.groups.iter().filter(|group| !texts.iter().any(|text| group.id() == id(text).as_str()));
            Arc::make_mut(list).groups = kept.map(GroupRef::to_group).collect();
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
fn an_announcement_group_is_blocked(
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
fn a_change_that_is_already_done_needs_nothing(#[case] verb: Verb, #[case] text: &str, #[case] why: Reason) {
    let case = Case::new(verb, &[text]).group("t", |group| group.parent = Parent::None);
    case.assert(Head::AlreadySo, &why);
}

#[test]
fn a_move_unlinks_and_then_links() {
    let row = Case::new(Verb::Move, &["n"]).only_row();
    let steps = vec![Step::Unlink(community("north")), Step::Link(community("harbor"))];
    assert!(row.steps == steps && row.reasons == [Reason::LastSubgroupMayBeRefused], "{row:#?}");
}

fn heads(plan: &Plan) -> Vec<Head> {
    plan.rows.iter().map(|row| row.head).collect()
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
fn an_unknown_role_is_shown_and_does_not_block() {
    let case = Case::new(Verb::Link, &["s"]).group("s", |group| group.role = Role::Unknown);
    let row = case.with(|case| case.readings.details.clear()).only_row();
    assert_eq!((row.head, row.remarks), (Head::WillDo, vec![Remark::RoleUnknown]));
    assert_eq!(Case::new(Verb::Link, &["s"]).only_row().remarks, [], "the role is known");
}

#[test]
fn a_row_shows_the_name_in_the_list_unless_that_is_empty() {
    let named = |name: &str| {
        let case = Case::new(Verb::Link, &["s"]).group("s", |group| group.name = Name::new(name));
        case.only_row().name.exact().to_owned()
    };
    assert_eq!(named("new name"), "new name");
    assert_eq!(named(""), "s", "the name that it was marked with");
}

#[test]
fn a_row_records_whether_the_list_and_the_details_showed_the_group() {
    let seen = |case: Case| {
        let evidence = case.only_row().evidence;
        (evidence.was_listed, evidence.had_details)
    };
    let leave = || Case::new(Verb::Leave, &["s"]);
    assert_eq!(seen(leave()), (true, true));
    assert_eq!(seen(leave().without(&["s"])), (false, true));
    assert_eq!(seen(leave().with(|case| case.readings.details.clear())), (true, false));
}

#[rstest]
fn a_community_that_only_earlier_readings_show_is_blocked(
    #[values(Verb::Link, Verb::Unlink, Verb::Move, Verb::Leave)] verb: Verb,
) {
    let known = Case::new(verb, &["third"]).with(|case| {
        let third = CommunityRef { id: community("third"), name: None };
        case.directory.learn(third, KnownFrom::Memory);
    });
    known.assert(Head::Blocked, &Reason::IsCommunity);
    let listed = Case::new(verb, &["third"]).with(|case| {
        let groups = vec![Group { kind: GroupKind::Community, ..group("third") }].into();
        case.directory.take_groups(Arc::new(GroupList { begun: NOW, groups, skipped: 0, is_cut: false }));
        case.readings.groups = Some(Err(Failure::new(FailureKind::TimedOut)));
    });
    listed.assert(Head::Blocked, &Reason::IsCommunity);
}

/// An undo of the retry relies on its steps.
#[test]
fn a_change_that_an_earlier_operation_has_made_keeps_its_steps() {
    let steps = |earlier: Option<Earlier>| {
        let case = Case::new(Verb::Link, &["a"]).with(|case| case.request.wishes[0].earlier = earlier);
        case.assert(Head::AlreadySo, &Reason::AlreadyIn);
        case.only_row().steps
    };
    let sent = Earlier { sent_before: true, ..Earlier::default() };
    assert_eq!(steps(Some(sent)), [Step::Link(community("harbor"))]);
    assert_eq!(steps(Some(Earlier::default())), []);
    assert_eq!(steps(None), []);
}

#[test]
fn an_empty_list_of_groups_proves_nothing() {
    let row = Case::new(Verb::Leave, &["s"]).without(&["a", "b", "n", "s", "t"]).only_row();
    assert_eq!(row.head, Head::WillDo, "{row:#?}");
}

#[rstest]
fn groups_in_another_operation_are_blocked(
    #[values(Verb::Link, Verb::Unlink, Verb::Move, Verb::Leave)] verb: Verb,
) {
    let case = Case::new(verb, &["a"]).with(|case| {
        case.busy.insert(id("a"), OperationId(7));
    });
    case.assert(Head::Blocked, &Reason::InOperation(OperationId(7)));
}

#[test]
fn a_group_that_is_marked_twice_appears_once() {
    assert_eq!(Case::new(Verb::Link, &["s", "s"]).plan().rows.len(), 1);
}

#[test]
fn nothing_runs_if_the_gateway_would_refuse_everything() {
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
    assert!(unread(None).obstacle.is_some(), "a skipped read counts as unread");
}

#[test]
fn a_row_without_a_tick_is_ordered_as_blocked_with_its_reason() {
    let mut plan = Case::new(Verb::Unlink, &["a", "b"]).plan();
    let order = plan.order();
    let risk = Reason::LastSubgroupMayBeRefused;
    assert_eq!(order.items[1].reason, Some(Reason::NotTicked(Box::new(risk))));
    plan.toggle(1);
    assert_eq!(plan.sent(), 2);
    assert_eq!(plan.order().items[1].reason, None);
}

/// If the gateway refused a change that is in place all the same, it may be somebody else's change.
#[test]
fn a_change_that_may_be_somebody_elses_is_undone_only_with_a_tick() {
    let mut case = Case::new(Verb::Unlink, &["a"]);
    let wish = &mut case.request.wishes[0];
    wish.from = Origin::Only(community("harbor"));
    wish.earlier = Some(Earlier { may_be_others: true, ..Earlier::default() });
    case.assert(Head::Risky, &Reason::MayBeOthers);
}

#[test]
fn the_sent_groups_match_the_sent_rows() {
    let mut plan = Case::new(Verb::Link, &["s", "a", "t"]).plan();
    assert_eq!(plan.sent_groups(), BTreeSet::from([&id("s"), &id("t")]));
    plan.rows[0].head = Head::Risky;
    assert_eq!(plan.sent_groups(), BTreeSet::from([&id("t")]));
}
