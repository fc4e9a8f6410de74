//! Hostile answers that once misled an operator, before Synod required proof of absence: each test uses keys and the real clients.

use std::time::Duration;

use rstest::rstest;
use synod::simulator::World;

use super::with;
use crate::support::harness::Harness;

/// The world whose list of groups has no fields, with one fault in the read that would identify a community.
fn no_fields(fault: &str) -> String {
    let text = World::built_in_text("no_fields").unwrap();
    text.replace("[[community]]", &format!("{fault}\n[[community]]")).replacen(
        "list_announcements = true",
        "list_announcements = true\nnot_a_community = \"plain_words\"",
        1,
    )
}

fn error(status: u16, text: &str) -> String {
    format!(
        "[[fault]]\non = \"subgroups\"\ncommunity = \"North Schools\"\nthen = \"error\"\nstatus = {status}\ntext = {text:?}\n"
    )
}

/// An unrecognised community is among the groups; asking whether it is one gives no information.
#[rstest]
#[case::throttled(error(400, "rate-overlimit"))]
#[case::timed_out_as_400(error(400, "info query timed out"))]
#[case::timed_out_as_500(error(500, "info query timed out"))]
#[case::not_found(error(404, "item-not-found"))]
#[case::unavailable(error(503, "service-unavailable"))]
#[case::empty(String::from(
    "[[fault]]\non = \"subgroups\"\ncommunity = \"North Schools\"\nthen = \"empty_listing\"\n"
))]
#[tokio::test(start_paused = true)]
async fn a_hidden_community_is_not_left_without_a_tick(#[case] fault: String) {
    let mut synod = Harness::toml(&no_fields(&fault)).communities(&["120363400000000001@g.us"]).start().await;
    synod.loaded().await.keys("<tab><tab>t/north schools<enter>X").await;
    synod.until("Plan:").await;
    synod.shows("Risky, sent only when ticked").shows("could not find out whether this is a community");
    synod.keys("1<enter>y").await;
    synod.pass(Duration::from_secs(60)).await;
    assert!(synod.writes().is_empty(), "nothing is left by accident");
    // Synod leaves an ordinary group beside it: the gateway says plainly that it is not a community.
    synod.keys("<esc><esc>/pharmacy<enter>X").await;
    synod.until("Type 1 to leave").await;
    synod.keys("1").await;
    synod.until_done().await;
    assert_eq!(synod.written(), ["Pharmacy night shift"]);
    synod.end().await;
}

/// Every entry of the list of groups may come without a name, members, flags or parent.
#[tokio::test(start_paused = true)]
async fn blank_entries_never_cause_leaving_a_community() {
    let text = World::built_in_text("blank").unwrap().replace("share = 0.33", "share = 1.0");
    let mut synod = Harness::toml(&text).start().await;
    synod.loaded().await.keys("<tab><tab>taX").await;
    synod.until("Plan:").await;
    for digit in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"] {
        synod.keys(digit).await;
        synod.keys("<backspace><backspace>").await;
    }
    synod.pass(Duration::from_secs(120)).await;
    let truth = synod.truth();
    for community in ["120363400000000001@g.us", "120363400000001001@g.us"] {
        assert!(truth.member_of.contains(community), "{community} was left");
    }
    synod.end().await;
}

/// An operation moved a group; somebody else has moved it on since.
#[tokio::test(start_paused = true)]
async fn an_undo_removes_a_group_only_from_communities_that_the_operation_touched() {
    let third =
        "[[community]]\nname = \"Choir\"\nid = \"120363400000002001\"\ngroups = [\"Altos\", \"Basses\"]\n";
    let mut synod = with(third).start().await;
    synod.loaded().await.keys("<down><tab>/reception<enter>m").await;
    synod.until("To which community?").await;
    synod.keys("north<enter>").await;
    synod.until("Plan:").await;
    synod.keys("y").await;
    synod.until_done().await;
    synod.shows("1 verified");
    let (reception, north, choir) =
        (synod.group("Reception"), synod.community("North Schools"), synod.community("Choir"));
    for (action, community) in [("unlink", &north), ("link", &choir)] {
        let body = format!("{{\"communityJid\":\"{community}\",\"groupJid\":[\"{reception}\"]}}");
        let status = synod.elsewhere("POST", &format!("/api/community/{action}/harbor"), &body).await;
        assert_eq!(status, 200);
    }
    synod.pass(Duration::from_secs(10)).await;
    let before = synod.writes().len();
    synod.keys("<tab><tab>z").await;
    synod.until("Plan:").await;
    synod.shows("moved to Choir by someone else").shows("Blocked");
    synod.keys("y").await;
    synod.pass(Duration::from_secs(60)).await;
    assert_eq!(synod.writes().len(), before, "nothing was taken out of the third community");
    assert!(synod.is_linked("Reception", "Choir"));
    synod.end().await;
}

/// A write that was queued again because the gateway asked to wait took effect all the same.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_stop_while_a_request_is_requeued_reads_back_before_it_reports_not_sent(
    #[values("throttle", "rate_limited")] then: &str,
) {
    let fault = format!("[[fault]]\non = \"link\"\nfirst = 1\nthen = {then:?}\nchange = true\n");
    let mut synod = with(&fault).start().await;
    synod.loaded().await.keys("<tab><tab>  l").await;
    synod.until("Plan:").await;
    synod.keys("y").await;
    synod.pass(Duration::from_secs(3)).await;
    synod.keys("S").await;
    synod.until_done().await;
    synod.shows("1 verified").shows("1 not sent");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

/// Every plan reads the roles in the target.
#[tokio::test(start_paused = true)]
async fn a_plan_says_that_the_number_is_not_an_admin_of_the_target() {
    let text = World::built_in_text("not_admin").unwrap();
    let mut synod = Harness::toml(text)
        .communities(&["120363400000000001@g.us", "120363400000001001@g.us"])
        .start()
        .await;
    synod.loaded().await.keys("<down><tab><tab>/pharmacy<enter>l").await;
    synod.until("Plan:").await;
    synod.shows("not an admin of the community").shows("Risky");
    synod.keys("y").await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}
