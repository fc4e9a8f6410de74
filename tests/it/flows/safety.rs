//! Accidents that must not happen.

use std::time::Duration;

use super::{outcomes::rows, plain, with};
use crate::support::harness::Harness;

#[tokio::test(start_paused = true)]
async fn enter_does_nothing_irreversible_anywhere() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await;
    let everywhere = [
        "", "<tab>", "<tab>", "X", "<esc>  l", "<esc>m", "<esc>u", "<esc>?", "<esc>/a", "<esc>gX", "<esc>v",
        "F",
    ];
    for keys in everywhere {
        synod.keys(keys).await.keys("<enter><enter>").await;
        synod.pass(Duration::from_secs(20)).await;
        synod.keys("<enter><enter>").await;
    }
    assert!(synod.writes().is_empty(), "{:?}", synod.writes());
    assert!(synod.is_running());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_leave_needs_its_exact_number() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>  X").await;
    synod.until("Type 2 to leave").await;
    for wrong in ["y", "<enter>", "3<enter>", "<backspace>1", "2", "<backspace>"] {
        synod.keys(wrong).await;
        synod.pass(Duration::from_secs(5)).await;
        assert!(synod.writes().is_empty(), "after {wrong:?}");
        synod.shows("Type 2 to leave");
    }
    synod.keys("<backspace><backspace>2").await;
    synod.until_done().await;
    synod.shows("2 verified");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn deleting_never_completes_a_confirmation() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<down>X").await;
    synod.until("Type “North Schools” to leave this community").await;
    // Each time, the field contains exactly the name.
    for keys in
        ["xNorth Schools<c-a><del>", "<c-u>NorthX Schools<c-a><right><right><right><right><right><del>"]
    {
        synod.keys(keys).await;
        synod.pass(Duration::from_secs(5)).await;
        assert!(synod.writes().is_empty(), "after {keys:?}");
        synod.shows("go back: North Schools");
    }
    synod.keys("<c-e><backspace>s").await;
    synod.until_done().await;
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

/// After "1" is typed for 11 groups, a twelfth is ticked: "2" does not complete the 12 of the new plan.
#[tokio::test(start_paused = true)]
async fn a_number_typed_for_another_plan_does_not_count() {
    let groups: Vec<String> = (1..=11).map(|at| format!("\"Room {at:02}\"")).collect();
    let world = format!(
        "seed = 2\n[ryzeapi]\nnot_a_community = \"plain_words\"\n\
         [[community]]\nname = \"Harbor Clinics\"\nid = \"120363400000000001\"\ngroups = [\"Reception\"]\n\
         [standalone]\ngroups = [{}, {{ name = \"Night nurses\", role = \"superadmin\", other_admins = 0 }}]",
        groups.join(", ")
    );
    // The cursor moves to the risky row, below the others, and ticks it; or all risky rows are ticked.
    for tick in ["<end> ", "a"] {
        let mut synod = Harness::toml(&world).communities(&["120363400000000001@g.us"]).start().await;
        synod.loaded().await.keys("<tab><tab>aX").await;
        synod.until("Type 11 to leave").await;
        synod.keys("1<down>").await.keys(tick).await;
        synod.shows("[x] Night nurses").shows("Type 12 to leave");
        synod.keys("2").await;
        synod.pass(Duration::from_secs(5)).await;
        assert!(synod.writes().is_empty(), "after {tick:?}");
        synod.shows("Type 12 to leave");
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_paste_confirms_nothing() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab> l").await;
    synod.until("Press [y]").await;
    synod.paste("y\ny\n").await.keys("<esc>X").await;
    synod.until("Type 1").await;
    synod.paste("1").await;
    synod.pass(Duration::from_secs(5)).await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_older_than_a_minute_is_checked_again() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab> l").await;
    synod.until("Press [y]").await;
    let before = synod.requests().len();
    synod.pass(Duration::from_secs(61)).await;
    assert_eq!(synod.requests().len(), before, "an idle plan reads nothing");
    synod.keys("y").await;
    synod.until_done().await;
    synod.shows("1 verified");
    let requests = synod.requests();
    let first =
        requests[before..].iter().map(|request| request.verb.as_str()).find(|verb| *verb != "instances");
    assert!(matches!(first, Some("groups" | "subgroups")), "{first:?} came first");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_old_plan_that_is_no_longer_valid_is_shown_again() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab> l").await;
    synod.until("Press [y]").await;
    synod.pass(Duration::from_secs(61)).await;
    // Meanwhile somebody else links the group.
    let group = synod.group("Cleaning rota");
    let path = "/api/community/link/harbor";
    assert_eq!(
        synod
            .elsewhere(
                "POST",
                path,
                &format!(r#"{{"communityJid":"120363400000000001@g.us","groupJid":["{group}"]}}"#)
            )
            .await,
        200
    );
    synod.pass(Duration::from_secs(5)).await;
    let before = synod.writes().len();
    synod.keys("y").await;
    synod.until("Already done, nothing to send · 1").await;
    synod.shows("check the plan again");
    synod.keys("y").await;
    synod.pass(Duration::from_secs(5)).await;
    assert_eq!(synod.writes().len(), before);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_group_in_a_running_operation_is_blocked_in_a_second_plan() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab> l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("sending").await;
    synod.keys("g  l").await;
    synod.until("Plan: link 1 group").await;
    synod.shows("already in operation #1").shows("Blocked, never sent · 1");
    assert_eq!(rows(&synod.text(), "→"), ["Kitchen"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_unrecognised_community_is_blocked_once_it_is_probed() {
    let mut synod = Harness::world("no_fields").start().await;
    synod.loaded().await.keys("<tab><tab>/north schools<enter>aX").await;
    synod.until("Plan:").await;
    synod
        .shows("this is a community, not a group: it can only be left as a whole")
        .shows("This plan would send nothing");
    synod.keys("0<enter>y").await;
    synod.pass(Duration::from_secs(5)).await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_unrecognised_community_is_risky_if_its_check_is_skipped() {
    let text = synod::simulator::World::built_in_text("no_fields").unwrap();
    let text = text.replace("seed = 13", "seed = 13\n[settings]\nlatency_ms = [2000, 2000]");
    let mut synod = Harness::toml(&text).start().await;
    synod.loaded().await.keys("<tab><tab>/north schools<enter>aX").await;
    synod.until("skips the rest").await;
    synod.keys("s").await;
    synod.until("Risky, sent only when ticked").await;
    synod.shows("[ ] North Schools").shows("not checked: it may be a community");
    synod.keys("1<enter>y").await;
    synod.pass(Duration::from_secs(30)).await;
    assert!(synod.writes().is_empty(), "nothing is sent that was not ticked");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_risky_row_is_sent_only_when_it_is_ticked() {
    let mut synod = Harness::world("not_admin")
        .communities(&["120363400000000001@g.us", "120363400000001001@g.us"])
        .start()
        .await;
    synod.loaded().await.keys("<tab><tab>/night nurses<enter> <esc>/pharmacy<enter> X").await;
    synod.until("Plan: leave").await;
    synod.shows("this number is its only admin").shows("[ ] Night nurses").shows("Type 1 to leave");
    synod.keys("a").await.shows("[x] Night nurses").shows("Type 2 to leave");
    synod.keys("2").await;
    synod.until_done().await;
    let mut written = synod.written();
    written.sort();
    assert_eq!(written, ["Night nurses", "Pharmacy night shift"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn read_only_plans_and_sends_nothing() {
    let mut synod = plain().read_only().start().await;
    synod.loaded().await.shows("read-only").keys("<tab><tab> l").await;
    synod.until("Synod was started with --read-only").await;
    synod.keys("y<enter>").await;
    synod.pass(Duration::from_secs(5)).await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_last_subgroup_is_risky_and_says_so() {
    let mut synod = with("").start().await;
    synod.loaded().await.keys("<down><tab>au").await;
    synod.until("Plan: unlink").await;
    synod.shows("the last group: the gateway may refuse");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn communities_are_found_among_the_groups_on_demand() {
    let mut synod = Harness::world("no_fields").start().await;
    synod.loaded().await;
    synod.says("press [F] to search for them").shows("In no known community");
    synod.keys("FF").await;
    synod.until("2 communities were found").await;
    synod.keys("<esc>").await;
    synod.shows("Communities 2").shows(" 3/50 ").shows(" 2/50 ");
    synod.keys("<tab>").await.shows("Lab results");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_lists_nothing_proves_nothing_about_groups() {
    let text = synod::simulator::World::built_in_text("no_fields").unwrap();
    let text =
        text.replace("seed = 13", "seed = 13\n[[fault]]\non = \"subgroups\"\nthen = \"empty_listing\"\n");
    let mut synod = Harness::toml(&text).start().await;
    synod.loaded().await.keys("FF").await;
    synod.until("No community was found").await;
    synod.keys("<esc>").await;
    // A question that the search could not answer stays open later too.
    synod.keys("<tab><tab>/north schools<enter>X").await;
    synod.until("Plan:").await;
    synod.shows("Risky, sent only when ticked").shows("Synod could not find out whether this is a community");
    synod.keys("1<enter>y").await;
    synod.pass(Duration::from_secs(30)).await;
    assert!(synod.writes().is_empty(), "nothing is left by accident");
    synod.end().await;
}
