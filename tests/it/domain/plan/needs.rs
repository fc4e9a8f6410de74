//! The reads for a request: first, and when the first answers leave doubts.

use std::sync::Arc;

use rstest::rstest;
use synod::domain::{
    capability::Capabilities,
    community::{CommunityListing, CommunityRef, Group, GroupDetails, GroupKind, GroupList, Parent, Role},
    directory::{Directory, KnownFrom},
    failure::{Failure, FailureKind},
    id::CommunityId,
    instance::{Connection, ConnectionState, InstanceKey},
    name::Name,
    plan::{Earlier, Mark, Needs, Origin, Request, Task},
    reading::{Probe, Reading, Readings, Scope},
    time::Millis,
};

use crate::support::domain::{BEGUN, CAPABILITIES, community, details, group, list, listing};

/// Five minutes after the listings of the tests began.
const NOW: Millis = Millis(BEGUN.0 + 5 * 60_000);

/// The capabilities of a gateway on which a community's id is also a group's.
const AS_GROUPS: Capabilities = Capabilities { community_may_pass_for_group: true, ..CAPABILITIES };

/// A request for the group g, marked in this community.
fn request(task: &Task, source: Option<&str>) -> Request {
    let mark = Mark { group: group("g"), name: Name::new("g"), source: source.map(community) };
    Request::new(InstanceKey::new("i"), task, vec![mark])
}

fn link() -> Request {
    request(&Task::Link(community("b")), None)
}

fn moved() -> Request {
    request(&Task::Move(community("b")), Some("a"))
}

fn unlink() -> Request {
    request(&Task::Unlink, Some("a"))
}

fn leave() -> Request {
    request(&Task::Leave, None)
}

/// The request as the follow-up of an earlier operation.
fn follow_up(mut request: Request) -> Request {
    request.wishes[0].earlier = Some(Earlier::default());
    request
}

fn known(listings: Vec<CommunityListing>) -> Directory {
    let mut directory = Directory::default();
    for listing in listings {
        directory.take_listing(&Arc::new(listing));
    }
    directory
}

fn place(of: &str) -> Scope {
    Scope::Community(community(of))
}

fn details_of(text: &str) -> Scope {
    Scope::Details(group(text))
}

fn probe_of(text: &str) -> Scope {
    Scope::Probe(group(text))
}

/// The first reads, apart from the connection and the list of groups.
fn first(request: &Request, directory: &Directory, capabilities: &Capabilities, now: Millis) -> Vec<Scope> {
    let mut scopes = Needs::new(request, directory, capabilities, now).first();
    assert_eq!(scopes.drain(..2).collect::<Vec<_>>(), [Scope::Connection, Scope::Groups]);
    scopes
}

#[test]
fn a_link_searches_the_communities_whose_listings_are_older_than_five_minutes() {
    let directory = known(vec![listing("x", &["h"])]);
    assert_eq!(first(&link(), &directory, &CAPABILITIES, NOW), [place("b")]);
    let later = Millis(NOW.0 + 1);
    assert_eq!(first(&link(), &directory, &CAPABILITIES, later), [place("b"), place("x")]);
    let mut unread = Directory::default();
    unread.learn(CommunityRef { id: community("y"), name: None }, KnownFrom::Memory);
    assert_eq!(first(&link(), &unread, &CAPABILITIES, NOW), [place("b"), place("y")]);
}

#[test]
fn a_follow_up_searches_every_listing_that_is_not_of_this_moment() {
    let directory = known(vec![listing("x", &["h"])]);
    assert_eq!(first(&follow_up(link()), &directory, &CAPABILITIES, Millis(10)), [place("b")]);
    let later = Millis(11);
    assert_eq!(first(&follow_up(link()), &directory, &CAPABILITIES, later), [place("b"), place("x")]);
}

#[test]
fn nothing_is_searched_for_a_group_whose_place_is_known() {
    let later = Millis(NOW.0 + 1);
    let directory = known(vec![listing("x", &["h"]), listing("a", &["g"])]);
    assert_eq!(first(&link(), &directory, &CAPABILITIES, later), [place("a"), place("b")]);
    let directory = known(vec![listing("x", &["h"])]);
    assert_eq!(first(&unlink(), &directory, &CAPABILITIES, later), [place("a")]);
    assert_eq!(first(&moved(), &directory, &CAPABILITIES, later), [place("a"), place("b")]);
    assert_eq!(first(&leave(), &directory, &CAPABILITIES, later), [details_of("g")]);
}

#[test]
fn a_community_is_read_once_whatever_the_spelling_of_its_id() {
    let mut directory = Directory::default();
    let id = CommunityId::parse("b").unwrap();
    directory.learn(CommunityRef { id, name: None }, KnownFrom::Memory);
    assert_eq!(first(&link(), &directory, &CAPABILITIES, NOW), [place("b")]);
}

#[test]
fn the_role_in_a_community_is_read_from_its_details_only_if_it_is_a_group_and_unknown() {
    let mut directory = Directory::default();
    assert_eq!(first(&unlink(), &directory, &AS_GROUPS, NOW), [place("a"), details_of("a")]);
    assert_eq!(first(&unlink(), &directory, &CAPABILITIES, NOW), [place("a")]);
    let mut groups = list(&[("a", Parent::Unknown)]);
    let entry = Group { role: Role::Admin, ..groups.groups.get(0).unwrap().to_group() };
    groups.groups = std::iter::once(entry).collect();
    directory.take_groups(Arc::new(groups));
    assert_eq!(first(&unlink(), &directory, &AS_GROUPS, NOW), [place("a")]);
}

#[test]
fn before_a_leave_the_details_and_the_place_of_the_group_are_read() {
    let directory = known(vec![listing("x", &["h"]), listing("a", &["g"])]);
    assert_eq!(first(&leave(), &directory, &AS_GROUPS, NOW), [place("a"), details_of("g")]);
    let known_kinds = Needs::new(&leave(), &directory, &CAPABILITIES, NOW).of_known_kinds();
    assert!(!known_kinds.first().contains(&details_of("g")), "the list of groups shows membership");
    let keeps = Capabilities { group_list_shows_membership: false, ..CAPABILITIES };
    let known_kinds = Needs::new(&leave(), &directory, &keeps, NOW).of_known_kinds();
    assert!(known_kinds.first().contains(&details_of("g")), "only the details show membership");
    let other_details = Needs::new(&unlink(), &directory, &AS_GROUPS, NOW).of_known_kinds();
    assert!(other_details.first().contains(&details_of("a")), "this is not to be left");
}

#[test]
fn a_group_of_unknown_kind_is_compared_with_a_community_that_has_subgroups() {
    let mut directory = known(vec![listing("empty", &[]), listing("x", &["h"])]);
    assert_eq!(first(&leave(), &directory, &AS_GROUPS, NOW), [place("x"), details_of("g")]);
    assert_eq!(first(&leave(), &directory, &CAPABILITIES, NOW), [details_of("g")]);
    let only_empty = known(vec![listing("empty", &[])]);
    assert_eq!(first(&leave(), &only_empty, &AS_GROUPS, NOW), [place("empty"), details_of("g")]);
    let mut groups = list(&[("g", Parent::None)]);
    let entry = Group { kind: GroupKind::Ordinary, ..groups.groups.get(0).unwrap().to_group() };
    groups.groups = std::iter::once(entry).collect();
    directory.take_groups(Arc::new(groups));
    assert_eq!(first(&leave(), &directory, &AS_GROUPS, NOW), [details_of("g")], "its kind is known");
}

#[test]
fn a_community_itself_and_a_group_to_rejoin_are_asked_for_what_shows_membership() {
    let community_left = Request::leave_community(InstanceKey::new("i"), community("a"));
    let directory = Directory::default();
    assert_eq!(first(&community_left, &directory, &CAPABILITIES, NOW), [place("a"), details_of("a")]);
    let rejoin = request(&Task::Rejoin, None);
    assert_eq!(first(&rejoin, &directory, &CAPABILITIES, NOW), []);
    let keeps = Capabilities { group_list_shows_membership: false, ..CAPABILITIES };
    assert_eq!(first(&rejoin, &directory, &keeps, NOW), [details_of("g")]);
}

#[derive(Clone, Default)]
struct Fresh(Readings);

impl Fresh {
    fn connection(mut self, state: ConnectionState) -> Self {
        self.0.take(Reading::Connection(Ok(Connection { state, number: None })));
        self
    }

    fn listing(mut self, listing: CommunityListing) -> Self {
        self.0.take(Reading::Community(listing.community.clone(), Ok(Arc::new(listing))));
        self
    }

    fn groups(mut self, list: GroupList) -> Self {
        self.0.take(Reading::Groups(Ok(Arc::new(list))));
        self
    }

    fn details(mut self, text: &str, own_number_listed: Option<bool>, role: Role) -> Self {
        let read = GroupDetails { own_number_listed, role, ..details(text) };
        self.0.take(Reading::Details(group(text), Ok(read)));
        self
    }

    fn failed(mut self, scope: &Scope) -> Self {
        self.0.take(Reading::failed(scope, &Failure::new(FailureKind::TimedOut)));
        self
    }

    fn probe(mut self, text: &str) -> Self {
        let failure = Failure::new(FailureKind::NoListing);
        self.0.take(Reading::Probe(group(text), Probe::Nothing(failure)));
        self
    }

    fn twice(mut self) -> Self {
        self.0.again = Some(Box::new(self.0.clone()));
        self
    }

    /// The next reads, if the communities a and z are known.
    fn more(&self, request: &Request, capabilities: &Capabilities) -> Vec<Scope> {
        let directory = known(vec![listing("a", &["g"]), listing("z", &["h"])]);
        Needs::new(request, &directory, capabilities, NOW).more(&self.0)
    }
}

#[rstest]
#[case::connected(ConnectionState::Connected, true)]
#[case::connecting(ConnectionState::Connecting, false)]
fn nothing_more_is_read_without_a_connection(#[case] state: ConnectionState, #[case] is_read: bool) {
    let more = Fresh::default().connection(state).more(&unlink(), &CAPABILITIES);
    assert_eq!(!more.is_empty(), is_read);
    let failed = Fresh::default().failed(&Scope::Connection);
    assert_eq!(failed.more(&unlink(), &CAPABILITIES), []);
}

#[test]
fn a_listing_that_is_missing_is_read_and_one_that_failed_is_not_read_again() {
    assert_eq!(Fresh::default().more(&unlink(), &CAPABILITIES), [place("a")]);
    assert_eq!(Fresh::default().failed(&place("a")).more(&unlink(), &CAPABILITIES), []);
    let named = Fresh::default().groups(list(&[("g", Parent::Community(community("x")))]));
    assert_eq!(named.more(&link(), &CAPABILITIES), [place("x")], "a field names it");
}

#[test]
fn a_listing_that_lacks_the_group_is_read_a_second_time_and_no_more() {
    let news = |fresh: Fresh| fresh.details("a-news", None, Role::Admin);
    let there = news(Fresh::default().listing(listing("a", &["g"])));
    assert_eq!(there.more(&unlink(), &CAPABILITIES), []);
    let gone = news(Fresh::default().listing(listing("a", &["h"])));
    assert_eq!(gone.more(&unlink(), &CAPABILITIES), [place("a")]);
    assert_eq!(gone.twice().more(&unlink(), &CAPABILITIES), []);
    let contradicted = there.groups(list(&[("g", Parent::None)]));
    assert_eq!(contradicted.more(&unlink(), &CAPABILITIES), [place("a")]);
    assert_eq!(contradicted.twice().more(&unlink(), &CAPABILITIES), []);
}

#[test]
fn a_target_that_contradicts_the_list_is_read_a_second_time_and_no_more() {
    let target = Fresh::default().listing(listing("b", &["g"])).details("b-news", None, Role::Admin);
    assert_eq!(target.more(&link(), &CAPABILITIES), []);
    let contradicted = target.groups(list(&[("g", Parent::None)]));
    assert_eq!(contradicted.more(&link(), &CAPABILITIES), [place("b")]);
    assert_eq!(contradicted.twice().more(&link(), &CAPABILITIES), []);
}

#[test]
fn a_group_that_has_moved_on_is_searched_for_in_the_other_communities() {
    let gone = Fresh::default()
        .listing(listing("a", &["k"]))
        .details("a-news", None, Role::Admin)
        .listing(listing("b", &["l"]))
        .details("b-news", None, Role::Admin);
    let twice = gone.clone().twice();
    assert_eq!(twice.more(&moved(), &CAPABILITIES), [place("z")]);
    assert_eq!(twice.more(&unlink(), &CAPABILITIES), [], "only a move takes it from elsewhere");
    let mut undo = unlink();
    undo.wishes[0].earlier = Some(Earlier::default());
    assert_eq!(twice.more(&undo, &CAPABILITIES), [place("z")], "an undo says where it is by now");
    assert_eq!(gone.more(&moved(), &CAPABILITIES), [place("a")], "one listing proves nothing");
    let in_none = gone.clone().groups(list(&[("g", Parent::None)])).twice();
    assert_eq!(in_none.more(&moved(), &CAPABILITIES), [], "the list says that it is in none");
    let placed = gone.listing(listing("x", &["g"])).details("x-news", None, Role::Admin).twice();
    assert_eq!(placed.more(&moved(), &CAPABILITIES), [], "a listing shows it");
}

#[test]
fn the_role_in_a_community_that_is_no_group_is_read_from_its_announcements_group() {
    let fresh = Fresh::default().listing(listing("a", &["g"]));
    assert_eq!(fresh.more(&unlink(), &CAPABILITIES), [details_of("a-news")]);
    assert_eq!(fresh.more(&unlink(), &AS_GROUPS), [details_of("a")], "there a community is a group");
    let known = fresh.clone().details("a", None, Role::Member);
    assert_eq!(known.more(&unlink(), &CAPABILITIES), [], "it is known already");
    let asked = fresh.details("a-news", None, Role::Unknown);
    assert_eq!(asked.more(&unlink(), &CAPABILITIES), [], "it was asked for already");
    let target = Fresh::default().listing(listing("b", &["l"]));
    assert_eq!(target.more(&link(), &CAPABILITIES), [details_of("b-news")]);
}

#[test]
fn a_group_that_may_be_a_community_is_probed_beside_a_known_ordinary_group() {
    let fresh = Fresh::default().listing(listing("x", &["h", "k"]));
    assert_eq!(fresh.more(&leave(), &AS_GROUPS), [probe_of("g"), probe_of("h")]);
    assert_eq!(fresh.more(&leave(), &CAPABILITIES), [], "here it cannot be one");
    let asked = fresh.clone().probe("g");
    assert_eq!(asked.more(&leave(), &AS_GROUPS), [probe_of("h")]);
    let compared = asked.probe("k");
    assert_eq!(compared.more(&leave(), &AS_GROUPS), [], "it was compared already");
    let cut = CommunityListing { is_cut: true, ..listing("x", &["h"]) };
    let incomplete = Fresh::default().listing(cut);
    assert_eq!(incomplete.more(&leave(), &AS_GROUPS), [probe_of("g")], "nothing is known to be ordinary");
    let needs = Needs::new(&leave(), &Directory::default(), &AS_GROUPS, NOW).of_known_kinds();
    assert_eq!(needs.more(&fresh.0), [], "its kind was asked for before");
}

#[test]
fn membership_that_only_absence_denies_is_asked_for_and_then_read_a_second_time() {
    let absent = Fresh::default().groups(list(&[("h", Parent::None)]));
    assert_eq!(absent.more(&leave(), &CAPABILITIES), [details_of("g")]);
    let listed = Fresh::default().groups(list(&[("g", Parent::None)]));
    assert_eq!(listed.more(&leave(), &CAPABILITIES), []);
    let asked = absent.details("g", Some(false), Role::Unknown);
    assert_eq!(asked.more(&leave(), &CAPABILITIES), [Scope::Groups, details_of("g")]);
    assert_eq!(asked.clone().twice().more(&leave(), &CAPABILITIES), []);
    let keeps = Capabilities { group_list_shows_membership: false, ..CAPABILITIES };
    assert_eq!(asked.more(&leave(), &keeps), [details_of("g")], "the list shows nothing about it");
}

#[test]
fn a_wish_about_membership_alone_leaves_no_doubts_about_places() {
    let mut rejoin = request(&Task::Rejoin, None);
    rejoin.wishes[0].from = Origin::Only(community("a"));
    assert_eq!(Fresh::default().more(&rejoin, &CAPABILITIES), []);
}
