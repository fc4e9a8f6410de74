//! Marks: kept by ID, set on visible rows, counted while they are hidden.

use super::plain;
use crate::support::harness::Harness;

#[tokio::test(start_paused = true)]
async fn marks_survive_filter_sort_refresh_and_a_change_of_pane() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab><down>  ").await;
    synod.shows("2 marked").shows("✔ Kitchen").shows("✔ Night nurses");
    synod.keys("/park<enter>").await;
    synod.shows("2 marked, 2 hidden by the filter").hides("✔");
    synod.keys("<esc>ss").await;
    synod.shows("2 marked").shows("✔ Kitchen").shows("✔ Night nurses");
    synod.keys("r").await;
    synod.loaded().await.shows("2 marked").shows("✔ Kitchen");
    synod.keys("<tab><down>t").await;
    synod.shows("All groups").shows("✔ Kitchen").shows("✔ Night nurses").shows("2 marked");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn all_marks_only_what_the_filter_shows() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>/night<enter>a<esc>").await;
    synod.shows("2 marked").shows("✔ Night nurses").shows("✔ Pharmacy night shift").shows("  Parking");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_plan_lists_marked_groups_that_a_filter_hides() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>a/park<enter>").await;
    synod.shows("5 marked, 4 hidden by the filter");
    synod.keys("l").await;
    synod.until("link 5 groups").await;
    synod.shows("→   Cleaning rota").shows("→   Pharmacy night shift");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn invert_and_clear() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab> V").await;
    synod.shows("4 marked").shows("  Cleaning rota").shows("✔ Kitchen");
    synod.keys("c").await;
    synod.hides("marked").hides("✔");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_range_is_marked_from_its_beginning_to_the_cursor() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab><down>v<down><down>").await;
    synod.shows("+ Kitchen").shows("+ Night nurses").shows("+ Parking").shows("  Cleaning rota");
    synod.keys("v").await;
    synod.shows("3 marked").shows("✔ Kitchen").shows("✔ Parking").shows("  Pharmacy");
    synod.keys("cg<s-down>").await;
    synod.shows("+ Cleaning rota").shows("+ Kitchen");
    synod.keys("<esc>").await;
    synod.hides("+ Kitchen").hides("✔");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_started_range_belongs_to_the_plan() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>v<down>l").await;
    synod.until("link 2 groups").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn one_key_shows_only_what_is_marked() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab> *").await;
    synod.shows("only marked shown").shows("✔ Cleaning rota").hides("Kitchen");
    synod.keys("*").await;
    synod.shows("Kitchen").hides("only marked shown");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn pasted_names_and_ids_are_marked_and_unknown_ones_are_reported() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>").await;
    let id = synod.group("Kitchen");
    synod.paste(&format!("Parking\n{id}\n\nno such group\n")).await;
    synod
        .shows("✔ Parking")
        .shows("✔ Kitchen")
        .shows("Marked 2 of the pasted lines, 1 not")
        .shows("“no such group” matches no group");
    synod.keys("<esc>").await;
    synod.hides("pasted lines").shows("2 marked");
    synod.paste("Parking\nRadiology").await;
    synod.shows("Marked 2 pasted groups.");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_pasted_name_that_matches_two_groups_marks_neither() {
    let mut synod = Harness::world("hostile_names").communities(&["120363400000000001@g.us"]).start().await;
    synod.loaded().await.paste("Parking\n").await;
    synod.shows("No pasted line was marked").hides("✔");
    synod.shows("“Parking” matches several groups; paste the ID of the right one:");
    assert!(synod.text().matches("Parking · 1203").count() > 1, "{}", synod.text());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn unmatched_lines_are_listed_with_similar_names_and_can_be_scrolled() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    let mut list = "kitch\n120363400000000002@g.us\n\u{1b}]52;c;x\u{7}\u{202e}evil\n".to_owned();
    list.extend((0..60).map(|at| format!("nobody {at}\n")));
    synod.paste(&list).await;
    synod.shows("No pasted line was marked").shows("“kitch” matches no group; similar names:");
    synod.shows("Kitchen · 1203").shows("is a community or its announcement group").shows("evil");
    synod.hides("nobody 59").shows("more below").keys("G").await;
    synod.shows("“nobody 59” matches no group").hides("more below").keys("Y").await;
    synod.shows("Sent 63 lines to the terminal's clipboard.");
    let copied = synod.record().copied.concat();
    assert!(
        copied.starts_with("kitch\n") && copied.chars().all(|c| c == '\n' || !c.is_control()),
        "{copied:?}"
    );
    synod.keys("<esc>").await;
    synod.shows("Standalone groups");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_announcement_group_cannot_be_marked() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab> ").await;
    synod.shows("The announcement group stays with its community").hides("✔");
    synod.keys("ga").await;
    synod.shows("3 marked");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_paste_into_the_filter_is_typed_and_nothing_else() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>/").await.paste("parking\nXy").await;
    synod.shows("/parking").shows("  Parking").hides("Kitchen").hides("✔");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn search_terms_are_listed_while_they_are_typed_and_select_what_is_known() {
    let mut synod = crate::support::harness::Harness::world("harbor").start().await;
    synod.loaded().await.keys("/is").await;
    synod.shows("is:full duplicate admin notadmin");
    synod.keys(":full<enter>").await;
    synod.shows("North Schools").shows("50/50").hides("▸ Harbor Clinics").hides("Harbor Clinics            ");
    synod.keys("<esc><tab><tab>t/is:foo").await;
    synod.shows("“is:foo” is no search term here").shows("members:>500");
    synod.keys("<enter>a").await;
    synod.hides("marked,").hides("✔");
    synod.keys("<esc>/in:\"north sch\" bus<enter>").await;
    synod.shows("School bus").hides("Teachers");
    synod.keys("a<esc>/is:marked bus<enter>").await;
    synod.shows("9 marked").shows("✔ School bus");
    synod.keys(" ").await;
    synod.shows("8 marked").hides("  School bus");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_term_that_needs_an_unknown_role_shows_nothing_and_says_so() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>/is:notadmin<enter>").await;
    synod.shows("5 not known").hides("  Kitchen");
    synod.end().await;
}
