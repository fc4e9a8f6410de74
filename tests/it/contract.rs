//! All clients and the simulated gateways keep to the contracts in `docs/gateways`. The same scenarios run on all
//! gateways with the real clients, and every request and every answer is checked against the files.

mod outcomes;
mod own;
mod pairing;
pub(crate) mod rig;
mod self_test;
pub(crate) mod spec;

use std::{collections::BTreeMap, time::Duration};

use rstest::rstest;
use synod::{
    domain::{
        community::{CommunityRef, GroupKind, GroupRef, Parent, Role},
        failure::FailureKind,
        instance::{ConnectionState, GatewayKind},
        outcome::Claim,
        reading::Loaded,
    },
    gateway::Answer,
    listing::{WhichListings, load},
};
use tokio::time::sleep;

use rig::{Rig, linking};

use crate::support::gateway::clock;

/// Longer than the default delay of a listing.
const LAG: Duration = Duration::from_secs(4);

/// The result of a load, without the gateway's own IDs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Picture {
    number: Option<String>,
    /// Each community's ordinary subgroups, by name.
    communities: BTreeMap<String, Vec<String>>,
    /// The names of the ordinary groups in the list of groups.
    groups: Vec<String>,
}

async fn picture(rig: &Rig) -> Picture {
    // RyzeAPI lists no communities: the operator names them.
    let numbers = ["120363400000000001", "120363400000001001"];
    let named = numbers.map(|number| CommunityRef { id: rig.community(number), name: None });
    let known = if rig.gateway.capabilities().lists_communities { Vec::new() } else { named.to_vec() };
    let mut loaded = Vec::new();
    load(rig.gateway.reads.as_ref(), clock(), (known, WhichListings::All), None, |part| loaded.push(part))
        .await;
    let mut picture = Picture::default();
    let mut announcements = Vec::new();
    let mut listed = Vec::new();
    for part in loaded {
        match part {
            Loaded::Connection(read) => {
                let connection = read.unwrap();
                assert_eq!(connection.state, ConnectionState::Connected);
                picture.number = connection.number.map(|number| number.shown().to_owned());
            }
            Loaded::Communities(read) => assert_eq!(read.unwrap().len(), 2),
            Loaded::Groups(read) => listed.extend(read.unwrap().groups.iter().map(GroupRef::to_group)),
            Loaded::Community(_, read) => {
                let listing = read.unwrap();
                let group = listing.announcements.clone().unwrap();
                let mut subgroups: Vec<String> =
                    listing.subgroups.iter().map(|group| group.name.shown().to_owned()).collect();
                // A listing that is derived from the list of groups has its order.
                subgroups.sort();
                picture.communities.insert(group.name.shown().to_owned(), subgroups);
                announcements.push(group.id);
            }
            Loaded::Name(..) | Loaded::Done => {}
        }
    }
    let communities = numbers.map(|number| rig.community(number));
    let is_ordinary = |group: &&synod::domain::community::Group| {
        !announcements.contains(&group.id) && !communities.iter().any(|id| group.id.is_community(id))
    };
    picture.groups = listed.iter().filter(is_ordinary).map(|group| group.name.shown().to_owned()).collect();
    picture.groups.sort();
    picture
}

#[tokio::test(start_paused = true)]
async fn a_load_shows_the_same_world_on_all_gateways() {
    let mut pictures = Vec::new();
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "");
        pictures.push(picture(&rig).await);
        rig.assert_matches_the_contract();
    }
    assert_eq!(pictures[0].number.as_deref(), Some("5511900000001"));
    assert_eq!(pictures[0].communities["Harbor Clinics"], ["Lab results", "Reception"]);
    assert_eq!(pictures[0].groups.len(), 8);
    assert!(pictures.iter().all(|picture| *picture == pictures[0]), "{pictures:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_long_list_is_read_whole_page_by_page() {
    for extra in ["", "[zapi]\nmax_page_size = 7\n", "[zapi]\npage_ignored = true\n"] {
        let extra = format!("{extra}[generate]\ncommunities = 30\nstandalone = 130\n");
        let rig = Rig::new(GatewayKind::Zapi, &extra);
        let standing = rig.standing();
        let listed = rig.gateway.groups().await.unwrap();
        let announcements: Vec<&String> = standing.announcements.values().collect();
        let ordinary = listed.groups.iter().filter(|group| !announcements.contains(&&group.id().to_owned()));
        assert_eq!(ordinary.count(), standing.groups.len(), "{extra}");
        assert_eq!(rig.gateway.communities().await.unwrap().len(), standing.member_of.len(), "{extra}");
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn links_and_unlinks_show_in_the_listing_after_a_while() {
    for kind in linking() {
        let rig = Rig::new(kind, "");
        let (harbor, parking, old) = (rig.harbor(), rig.parking(), rig.group("5511900000001-1600000000"));
        // uazapi does not take ids of the older form.
        let linked = if kind == GatewayKind::Uazapi { vec![&parking] } else { vec![&parking, &old] };
        for group in linked {
            assert_eq!(rig.gateway.writes().unwrap().link(&harbor, group).await, Answer::yes());
            assert!(!rig.lists(group).await, "the listing lags behind");
            sleep(LAG).await;
            assert!(rig.lists(group).await);
        }
        assert_eq!(rig.gateway.writes().unwrap().unlink(&harbor, &parking).await, Answer::yes());
        sleep(LAG).await;
        assert!(!rig.lists(&parking).await);
        assert!(rig.gateway.groups().await.unwrap().has(&parking));
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_details_of_a_group_show_a_leave() {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "");
        let parking = rig.parking();
        let details = rig.gateway.details(&parking).await.unwrap();
        assert_eq!((details.own_number_listed, details.role), (Some(true), Role::Admin));
        assert_eq!((details.members, details.has_invite_link), (Some(4), true));
        let member = rig.gateway.details(&rig.group("120363400000000023")).await.unwrap();
        assert_eq!(member.role, Role::Member);
        assert_eq!(rig.gateway.writes().unwrap().leave(&parking).await, Answer::yes());
        sleep(LAG).await;
        let failure = rig.gateway.details(&parking).await.unwrap_err();
        let expected = match kind {
            GatewayKind::Zapi => FailureKind::NotFound,
            // Every failure of the details is answered alike.
            GatewayKind::Evolution => FailureKind::Refused,
            _ => FailureKind::NotMember,
        };
        assert_eq!(failure.kind, expected);
        // uazapi hides the library's error.
        let claim = if kind == GatewayKind::Uazapi { Claim::Silence } else { Claim::No };
        assert_eq!(rig.gateway.writes().unwrap().leave(&parking).await.claim, claim, "a second leave");
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_left_group_is_rejoined_with_its_link() {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "");
        let (parking, member_only) = (rig.parking(), rig.group("120363400000000023"));
        assert_eq!(rig.gateway.invite_link(&member_only).await.unwrap(), None, "only admins receive it");
        let link = rig.gateway.invite_link(&parking).await.unwrap().unwrap();
        assert_eq!(rig.gateway.writes().unwrap().leave(&parking).await, Answer::yes());
        sleep(LAG).await;
        assert!(rig.gateway.details(&parking).await.is_err());
        assert_eq!(rig.gateway.writes().unwrap().join(&parking, &link).await, Answer::yes());
        sleep(LAG).await;
        assert_eq!(rig.gateway.details(&parking).await.unwrap().own_number_listed, Some(true));
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn of_several_links_some_are_refused(#[values("", "[zapi]\nfailure = \"error\"\n")] extra: &str) {
    for kind in linking() {
        let rig = Rig::new(kind, extra);
        let harbor = rig.harbor();
        let elsewhere = rig.group("120363400000001011");
        let member_only = rig.group("120363400000000023");
        let mut claims = Vec::new();
        for group in [&elsewhere, &rig.parking(), &member_only] {
            let answer = rig.gateway.writes().unwrap().link(&harbor, group).await;
            assert_eq!(answer.failure.is_some(), answer.claim != Claim::Yes);
            claims.push(answer.claim);
        }
        assert_eq!(claims, [Claim::No, Claim::Yes, Claim::No]);
        sleep(LAG).await;
        assert!(rig.lists(&rig.parking()).await);
        assert!(!rig.lists(&elsewhere).await && !rig.lists(&member_only).await);
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_change_that_is_already_done_is_settled_by_the_listing() {
    for kind in linking() {
        let rig = Rig::new(kind, "");
        let harbor = rig.harbor();
        assert_eq!(rig.gateway.writes().unwrap().link(&harbor, &rig.reception()).await.claim, Claim::No);
        assert_eq!(rig.gateway.writes().unwrap().unlink(&harbor, &rig.parking()).await.claim, Claim::No);
        assert!(rig.lists(&rig.reception()).await);
        assert!(!rig.lists(&rig.parking()).await);
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_lie_is_a_claim_that_the_listing_contradicts() {
    for kind in linking() {
        let rig = Rig::new(
            kind,
            "fault = [{ on = \"link\", then = \"lie\" }, { on = \"leave\", then = \"lie\" }]\n",
        );
        assert_eq!(rig.gateway.writes().unwrap().link(&rig.harbor(), &rig.parking()).await, Answer::yes());
        assert_eq!(rig.gateway.writes().unwrap().leave(&rig.parking()).await, Answer::yes());
        sleep(Duration::from_secs(60)).await;
        assert!(!rig.lists(&rig.parking()).await);
        assert_eq!(rig.gateway.details(&rig.parking()).await.unwrap().own_number_listed, Some(true));
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[case("drop_before", FailureKind::Dropped, false)]
#[case("drop_after", FailureKind::Dropped, true)]
#[case("timeout_after", FailureKind::TimedOut, true)]
#[case("error_500", FailureKind::ServerFault, false)]
#[tokio::test(start_paused = true)]
async fn an_answer_that_says_nothing_is_silence(
    #[case] then: &str,
    #[case] why: FailureKind,
    #[case] is_done: bool,
) {
    for kind in linking() {
        let rig = Rig::new(kind, &format!("fault = [{{ on = \"link\", then = \"{then}\", first = 1 }}]\n"));
        let answer = rig.gateway.writes().unwrap().link(&rig.harbor(), &rig.parking()).await;
        assert_eq!((answer.claim, answer.failure.map(|failure| failure.kind)), (Claim::Silence, Some(why)));
        sleep(LAG).await;
        assert_eq!((rig.is_linked(&rig.parking()), rig.lists(&rig.parking()).await), (is_done, is_done));
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_slow_listing_comes_round() {
    for kind in linking() {
        let rig = Rig::new(kind, "[settings]\nlisting_lag_ms = [7000, 7000]\n");
        assert_eq!(rig.gateway.writes().unwrap().link(&rig.harbor(), &rig.parking()).await, Answer::yes());
        let mut seen = Vec::new();
        for _ in 0..3 {
            sleep(Duration::from_secs(3)).await;
            seen.push(rig.lists(&rig.parking()).await);
        }
        assert_eq!(seen, [false, false, true]);
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_disconnected_instance_says_so_in_every_answer() {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "");
        rig.simulator.set_state("harbor", "disconnected");
        assert!(!rig.gateway.connection().await.unwrap().is_connected());
        let failures = [
            rig.gateway.groups().await.unwrap_err(),
            rig.gateway.listing(&rig.harbor()).await.unwrap_err(),
            rig.gateway.writes().unwrap().leave(&rig.parking()).await.failure.unwrap(),
        ];
        assert_eq!(failures.map(|failure| failure.kind), [FailureKind::NotConnected; 3]);
        let link = rig.gateway.writes().unwrap().link(&rig.harbor(), &rig.parking()).await;
        let expected =
            if kind == GatewayKind::Evolution { FailureKind::Unsupported } else { FailureKind::NotConnected };
        assert_eq!(link.failure.unwrap().kind, expected);
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn refused_credentials_stop_everything(#[values(400, 403, 404)] status: u16) {
    for kind in GatewayKind::ALL {
        let extra = format!("[zapi]\nwrong_credentials_status = {status}\n");
        let rig = Rig::with(kind, &extra, |instance| instance.token = "WRONG".to_owned());
        let failures = [
            rig.gateway.connection().await.unwrap_err(),
            rig.gateway.groups().await.unwrap_err(),
            rig.gateway.writes().unwrap().leave(&rig.parking()).await.failure.unwrap(),
        ];
        assert!(failures.iter().all(synod::domain::failure::Failure::stops_everything), "{failures:?}");
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_client_token_an_account_that_has_one_refuses() {
    let rig = Rig::with(GatewayKind::Zapi, "", |instance| instance.client_token = None);
    let failure = rig.gateway.connection().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TokenRefused);
    assert_eq!(failure.words.unwrap().shown(), "null not allowed");
    rig.assert_matches_the_contract();
}

#[tokio::test(start_paused = true)]
async fn on_zapi_the_details_show_the_community_and_the_kind() {
    let rig = Rig::new(GatewayKind::Zapi, "");
    let details = rig.gateway.details(&rig.reception()).await.unwrap();
    assert_eq!((details.parent, details.kind), (Parent::Community(rig.harbor()), GroupKind::Ordinary));
    let standing = rig.standing();
    let announcements = rig.gateway.listing(&rig.harbor()).await.unwrap().announcements.unwrap().id;
    assert_eq!(announcements.as_str(), standing.announcements[rig.harbor().as_str()]);
    assert_eq!(rig.gateway.details(&announcements).await.unwrap().kind, GroupKind::Announcements);
    let old = rig.gateway.details(&rig.group("5511900000001-1600000000")).await.unwrap();
    assert_eq!((old.parent, old.kind), (Parent::Unknown, GroupKind::Unknown));
    rig.assert_matches_the_contract();
}
