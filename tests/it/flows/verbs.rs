//! Each verb, from marks to verified results.

use super::{plain, states};
use crate::support::harness::Harness;

const WAY: [&str; 5] = ["queued", "sending", "accepted", "checking", "verified"];

#[tokio::test(start_paused = true)]
async fn three_marked_groups_are_linked_and_the_panes_show_them_moved() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await.keys("<tab><tab>   l").await;
    synod.until("Press [y] to run it for 3 groups").await;
    assert!(synod.writes().is_empty(), "nothing is sent before the plan is confirmed");
    synod.keys("y").await;
    synod.until_done().await;
    synod.shows("#1 done: 3 verified").shows("Choir · 6+ of 50").shows("Standalone groups 31");
    for group in ["Ambulance standby", "Bloco D", "Bloco E"] {
        assert!(synod.is_linked(group, "Choir"), "{group}");
        let states = states(&synod, group);
        assert!(states.iter().rev().zip(WAY.iter().rev()).all(|(is, wanted)| is == wanted), "{states:?}");
    }
    assert_eq!(states(&synod, "Bloco E"), WAY);
    assert_eq!(synod.written(), ["Ambulance standby", "Bloco D", "Bloco E"]);
    // The marks of the sent groups are gone, and the middle pane has the groups.
    assert!(!synod.line("Sopranos & altos").contains('✔'));
    synod.hides("marked");
    assert_eq!(synod.text().matches("Bloco E").count(), 2, "in the middle pane and in the operation");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_on_a_small_terminal() {
    let mut synod = plain().size(80, 24).start().await;
    synod.loaded().await.keys("<tab><tab>  l").await;
    synod.until("link 2 groups to Harbor Clinics").await;
    synod.confirmed().await;
    synod.shows("2 verified").shows("Standalone groups 3").shows(" 5/50 ");
    synod.end().await;
}

/// Nobody can confirm an invisible plan: the smallest screen on which a plan can be confirmed lists its groups.
#[tokio::test(start_paused = true)]
async fn a_plan_shows_its_groups_on_the_smallest_screen() {
    let mut synod = plain().start().await;
    synod.loaded().await.resize(40, 10).await.keys("<tab><tab>  X").await;
    synod.until("Plan: leave 2").await;
    synod.shows("Cleaning rota").shows("Type 2 to leave");
    synod.keys("<esc>l").await;
    synod.until("Press [y]").await;
    synod.shows("Cleaning rota");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn marked_subgroups_are_unlinked_and_appear_among_the_standalone_groups() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><down>  u").await;
    synod.until("unlink 2 groups").await;
    synod.confirmed().await;
    synod.shows("#1 done: 2 verified").shows("Harbor Clinics · 1+ of 50").shows("Standalone groups 7");
    assert!(!synod.is_linked("Lab results", "Harbor Clinics"));
    assert!(!synod.is_linked("Radiology", "Harbor Clinics"));
    assert!(synod.is_linked("Reception", "Harbor Clinics"));
    assert_eq!(states(&synod, "Radiology"), WAY);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn groups_are_left_once_their_number_is_typed() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab><down><down>  X").await;
    synod.until("Type 2 to leave").await;
    synod.shows("Coming back needs an invite link");
    synod.keys("2").await;
    synod.until_done().await;
    synod.shows("#1 done: 2 verified").shows("Standalone groups 3");
    assert_eq!(states(&synod, "Parking"), WAY);
    assert!(!synod.truth().is_in(&synod.group("Parking")));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_community_itself_is_left_once_its_name_is_typed() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<down>X").await;
    synod.until("leave the community North Schools").await;
    synod.shows("Type “North Schools” to leave this community").shows("2 of its groups are left too");
    synod.keys("North School<enter>").await;
    assert!(synod.writes().is_empty());
    synod.keys("s").await;
    synod.until_done().await;
    synod.shows("#1 done: 1 verified");
    let truth = synod.truth();
    assert!(!truth.member_of.contains(&synod.community("North Schools")));
    assert!(truth.member_of.contains(&synod.community("Harbor Clinics")));
    synod.shows("Communities 1").hides("Class 1A");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_community_whose_name_is_not_ascii_is_left_by_the_end_of_its_id() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await.keys("/Colegio Sur<enter>X").await;
    synod.until("leave the community Padres del Colegio Sur").await;
    synod.keys("<esc><esc>/Mar Azul<enter>X").await;
    let shown = synod.until("the end of its ID").await;
    let community = synod.community("Condomínio Mar Azul");
    let digits = community.trim_end_matches("@g.us");
    let tail = &digits[digits.len() - 4..];
    assert!(shown.contains(&format!("Type {tail}, the end of its ID")), "{shown}");
    synod.keys(tail).await;
    synod.until_done().await;
    synod.shows("1 verified");
    assert!(!synod.truth().member_of.contains(&community));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_group_moves_by_an_unlink_and_a_link() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><down> m").await;
    synod.until("To which community? 1 group").await;
    synod.keys("north<enter>").await;
    synod.until("move 1 group to North Schools").await;
    synod.confirmed().await;
    synod.shows("#1 done: 1 verified").shows("Harbor Clinics · 2+ of 50").shows(" 3/50 ");
    assert!(synod.is_linked("Lab results", "North Schools"));
    assert!(!synod.is_linked("Lab results", "Harbor Clinics"));
    let verbs: Vec<String> = synod.writes().into_iter().map(|request| request.verb).collect();
    assert_eq!(verbs, ["unlink", "link"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn without_marks_an_action_applies_to_the_row_under_the_cursor() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab><down>l").await;
    synod.until("link 1 group to Harbor Clinics").await;
    synod.confirmed().await;
    assert_eq!(synod.written(), ["Kitchen"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_target_can_be_changed_in_the_plan() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab> l").await;
    synod.until("link 1 group to Harbor Clinics").await;
    synod.keys("t<down><enter>").await;
    synod.until("link 1 group to North Schools").await;
    synod.confirmed().await;
    assert!(synod.is_linked("Cleaning rota", "North Schools"));
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_over_several_communities_shows_the_source_of_each_group() {
    let mut synod = plain().start().await;
    // One group of each pane, to the community under the cursor.
    synod.loaded().await.keys("<tab><down> <tab> m").await;
    synod.until("To which community?").await;
    synod.keys("North<enter>").await;
    synod.until("Plan: move").await;
    synod.shows("Harbor Clinics → North Schools").shows("(no community) → North Schools");
    synod.resize(80, 24).await.shows("Harbor Clinics → North Schools");
    synod.end().await;
}
