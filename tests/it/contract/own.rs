//! What only the gateways that people run themselves do: their traps, what their contracts leave open, and the missing calls.

use std::time::Duration;

use synod::{
    domain::{
        community::GroupKind,
        failure::FailureKind,
        id::GroupId,
        instance::GatewayKind,
        outcome::{Claim, Outcome},
        plan::{Head, Reason, Task},
        reading::Probe,
    },
    gateway::Answer,
};
use tokio::time::sleep;

use super::{
    outcomes::{outcomes, plan},
    rig::{Rig, linking},
};

const OWN: [GatewayKind; 4] =
    [GatewayKind::WsApi, GatewayKind::Whatsmiau, GatewayKind::Evolution, GatewayKind::Uazapi];

fn table(kind: GatewayKind, lines: &str) -> String {
    format!("[{}]\n{lines}\n", kind.word())
}

#[tokio::test(start_paused = true)]
async fn a_community_is_never_left_as_a_group() {
    for kind in OWN {
        let rig = Rig::new(kind, "");
        let group: GroupId = rig.harbor().as_group();
        let plan = plan(&rig, &Task::Leave, &[&group]).await;
        assert_eq!(
            (plan.rows[0].head, &plan.rows[0].reasons[..]),
            (Head::Blocked, &[Reason::NoCallToLeaveCommunity][..])
        );
        let parking = super::outcomes::plan(&rig, &Task::Leave, &[&rig.parking()]).await;
        assert_eq!(parking.rows[0].head, Head::WillDo, "{:?}", parking.rows[0].reasons);
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn wsapi_says_in_words_what_is_no_community() {
    let rig = Rig::new(GatewayKind::WsApi, "");
    assert!(matches!(rig.gateway.probe(&rig.harbor().as_group()).await, Probe::Community(_)));
    let probe = rig.gateway.probe(&rig.parking()).await;
    assert!(
        matches!(&probe, Probe::Nothing(failure) if failure.kind == FailureKind::NotACommunity),
        "{probe:?}"
    );
    rig.assert_matches_the_contract();
}

#[tokio::test(start_paused = true)]
async fn wsapi_without_a_phone_and_with_a_dead_connection_is_not_connected() {
    for (extra, state) in
        [("", "disconnected"), ("not_paired_status = 403", "loggedout"), ("is_single = true", "offline")]
    {
        let rig = Rig::new(GatewayKind::WsApi, &table(GatewayKind::WsApi, extra));
        rig.simulator.set_state("harbor", state);
        assert!(!rig.gateway.connection().await.unwrap().is_connected());
        let failures = [
            rig.gateway.groups().await.unwrap_err(),
            rig.gateway.listing(&rig.harbor()).await.unwrap_err(),
            rig.gateway.writes().unwrap().link(&rig.harbor(), &rig.parking()).await.failure.unwrap(),
        ];
        assert_eq!(failures.map(|failure| failure.kind), [FailureKind::NotConnected; 3], "{state}");
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn the_details_of_a_group_that_was_left_are_read_once_on_evolution() {
    let rig = Rig::new(GatewayKind::Evolution, "");
    assert_eq!(rig.gateway.writes().unwrap().leave(&rig.parking()).await, Answer::yes());
    sleep(Duration::from_secs(4)).await;
    let count = || rig.simulator.requests().iter().filter(|one| one.path.contains("findGroupInfos")).count();
    let before = count();
    rig.gateway.details(&rig.parking()).await.unwrap_err();
    assert_eq!(count(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn evolution_has_no_call_to_link_or_unlink() {
    let rig = Rig::new(GatewayKind::Evolution, "");
    let writes = rig.gateway.writes().unwrap();
    for answer in [
        writes.link(&rig.harbor(), &rig.parking()).await,
        writes.unlink(&rig.harbor(), &rig.reception()).await,
    ] {
        assert_eq!((answer.claim, answer.failure.unwrap().kind), (Claim::No, FailureKind::Unsupported));
    }
    let link = plan(&rig, &Task::Link(rig.harbor()), &[&rig.parking()]).await;
    let unlink = plan(&rig, &Task::Unlink, &[&rig.reception()]).await;
    assert_eq!((link.rows[0].head, &link.rows[0].reasons[..]), (Head::Blocked, &[Reason::NoCallToLink][..]));
    assert_eq!(
        (unlink.rows[0].head, &unlink.rows[0].reasons[..]),
        (Head::Blocked, &[Reason::NoCallToUnlink][..])
    );
    assert!(rig.simulator.requests().iter().all(|request| request.verb != "link"));
    rig.assert_matches_the_contract();
}

#[tokio::test(start_paused = true)]
async fn one_list_of_groups_serves_every_community() {
    for kind in [GatewayKind::Evolution, GatewayKind::Uazapi] {
        let rig = Rig::new(kind, "");
        super::picture(&rig).await;
        let lists = rig.simulator.requests().iter().filter(|request| request.verb == "groups").count();
        assert_eq!(lists, 1, "{kind:?}");
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn whatsmiaus_opened_announcement_group_is_not_taken_for_an_ordinary_one() {
    let rig = Rig::new(GatewayKind::Whatsmiau, &table(GatewayKind::Whatsmiau, "opened_announcements = true"));
    let announcements = rig.gateway.listing(&rig.harbor()).await.unwrap().announcements.unwrap().id;
    let listed = rig.gateway.groups().await.unwrap();
    assert_eq!(listed.find(&announcements).unwrap().kind(), GroupKind::Unknown);
    let plan = plan(&rig, &Task::Leave, &[&announcements]).await;
    assert_eq!(plan.rows[0].head, Head::Blocked);
    rig.assert_matches_the_contract();
}

#[tokio::test(start_paused = true)]
async fn a_change_ends_alike_whatever_uazapi_leaves_open() {
    for (lines, linked) in [
        ("force_only_starts = true", Outcome::Verified),
        ("null_lists = true", Outcome::Verified),
        ("names_nothing = true", Outcome::Verified),
    ] {
        let rig = Rig::new(GatewayKind::Uazapi, &table(GatewayKind::Uazapi, lines));
        // The cache is filled before.
        rig.gateway.groups().await.unwrap();
        let ended = outcomes(&rig, &Task::Link(rig.harbor()), &[&rig.parking()]).await;
        assert_eq!(ended, [linked], "{lines}");
        let ended = outcomes(&rig, &Task::Leave, &[&rig.parking()]).await;
        assert_eq!(ended, [Outcome::Verified], "{lines}");
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn listings_of_own_groups_only_verify_changes_too() {
    for kind in linking().filter(|kind| OWN.contains(kind)) {
        let rig = Rig::new(kind, &table(kind, "only_own_subgroups = true\nlast_subgroup = \"stays\""));
        let ended = outcomes(&rig, &Task::Unlink, &[&rig.reception()]).await;
        assert_eq!(ended, [Outcome::Verified], "{kind:?}");
        sleep(Duration::from_secs(4)).await;
        let lab = rig.group("120363400000000012");
        let answer = rig.gateway.writes().unwrap().unlink(&rig.harbor(), &lab).await;
        assert_eq!(answer.claim, Claim::No, "{kind:?}");
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_has_whatsapps_words() {
    for kind in [GatewayKind::WsApi, GatewayKind::Whatsmiau] {
        let rig = Rig::new(kind, "");
        let answer =
            rig.gateway.writes().unwrap().link(&rig.harbor(), &rig.group("120363400000000023")).await;
        let failure = answer.failure.unwrap();
        assert_eq!((answer.claim, failure.kind), (Claim::No, FailureKind::Forbidden));
        let words = failure.words.unwrap();
        assert!(words.shown().ends_with("info query returned status 403: forbidden"), "{words:?}");
        rig.assert_matches_the_contract();
    }
}
