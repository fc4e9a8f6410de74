//! A new operator's first hour, using only the keys that the help names: mark by filter, plan, read the reasons for
//! blocked rows, run, see a failure, read its diagnosis, retry, undo.

use crate::support::harness::Harness;

/// Searches the help for an action, and returns its key, as the tests write keys. The typed text is shown
/// above the matching lines.
async fn looked_up(synod: &mut Harness, wanted: &str) -> String {
    synod.keys("?/").await.keys(wanted).await;
    let screen = synod.text();
    let line = screen.lines().rev().find(|line| line.contains(wanted));
    let line = line.unwrap_or_else(|| panic!("the help has no {wanted:?}:\n{screen}"));
    let before = line.split(wanted).next().unwrap();
    let inside = before.rsplit('│').next().unwrap();
    let key = inside.split_whitespace().next().unwrap_or_else(|| panic!("no key before {wanted:?}: {line}"));
    let key = if key.chars().count() == 1 { key.to_owned() } else { format!("<{}>", key.to_lowercase()) };
    synod.keys("<esc><esc>").await;
    key
}

/// The demo's own world, in which a group or two refuse the number.
async fn demo() -> Harness {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await;
    synod
}

#[tokio::test(start_paused = true)]
async fn a_new_operator_gets_from_marks_to_an_undo_using_only_the_help() {
    let mut synod = demo().await;
    synod.shows("? help");
    let pane = looked_up(&mut synod, "next pane, previous pane").await;
    let all_groups = looked_up(&mut synod, "right pane: standalone or all groups").await;
    let filter = looked_up(&mut synod, "filter by words as you type").await;
    let keep = looked_up(&mut synod, "keep the filter").await;
    let mark_all = looked_up(&mut synod, "mark everything that is shown").await;
    let link = looked_up(&mut synod, "link to the community chosen on the left").await;

    // Marks with two filters, in communities and outside.
    synod.keys(&format!("{pane}{pane}{all_groups}{filter}turn{keep}{mark_all}")).await;
    synod.shows("2 marked").shows("Esc show all");
    synod.keys("<esc>").await.keys(&format!("{filter}~ande{keep}{mark_all}")).await;
    synod.shows("marked").shows("✔ Wanderfreunde").shows("✔ Manutenção do templo");
    synod.keys("<esc>").await.keys(&format!("{filter}board{keep}{mark_all}")).await;

    // The plan explains why the two groups in a community are blocked, and what to do instead.
    synod.keys(&link).await;
    synod.until("Plan: link 3 groups to Choir").await;
    synod
        .shows("3 to do · 2 blocked")
        .shows("⊘   Board")
        .shows("in Harbor Clinics: move it instead")
        .shows("in Igreja da Praia: move it instead")
        .shows("without admin rights the change is refused")
        .shows("Press [y] to run it for 3 groups");
    synod.keys("y").await;

    // One is refused; the cursor is already on it, and the screen shows the key that opens it.
    synod.until_done().await;
    synod.shows("#1 done: 2 verified, 1 refused").keys(&pane).await;
    synod.shows("▸✗ refused       Wanderfreunde").shows("r retry").shows("z undo").shows("Enter why");
    synod.hides("R resume").keys("<enter>").await;
    synod.until_said("Probable cause").await;
    synod.until_said("Ask a group admin to make it one, then press [r] to retry.").await;

    // The retry is a normal plan. It reads the role once more; nothing has changed, so it is not sent.
    synod.keys("r").await;
    synod.until("Plan: link 1 group to Choir").await;
    synod.shows("this number is not an admin of this group").keys("<esc><esc>").await.shows("r retry");

    // The first operation is undone from the list of operations.
    let operations = looked_up(&mut synod, "operations and their history").await;
    synod.keys(&operations).await.shows("#1 link 5 groups to Choir");
    synod.shows("z undo").keys("z").await;
    synod.until("Plan: unlink 2 groups").await;
    synod.keys("y").await;
    synod.until("#2 done: 2 verified").await;
    synod.keys("<esc><esc>").await.shows("Choir · 3+ of 50");
    synod.end().await;
}

/// `docs/first-five-minutes.md` and `README.md` name these keys.
#[tokio::test(start_paused = true)]
async fn the_first_five_minutes_go_as_the_documents_say() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut synod = Harness::world("harbor").size(width, height).start().await;
        synod.loaded().await.keys("<tab><tab>").await;
        synod.shows("Standalone groups").shows("▸  Ambulance standby").keys("   l").await;
        synod.until("Plan: link 3 groups to Choir").await;
        synod.shows("3 to do").keys("y").await;
        synod.until("#1 done: 3 verified").await;
        synod.keys("oz").await;
        synod.until("Plan: unlink 3 groups").await;
        synod.keys("y").await;
        synod.until("#2 done: 3 verified").await;
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_community_offers_no_swap_and_no_key_that_does_nothing() {
    let mut synod = demo().await;
    synod.keys("/north<enter><tab><tab>/night<enter>al").await;
    synod.until("Plan: link 2 groups to North Schools").await;
    synod
        .shows("2 blocked")
        .shows("over the limit")
        .hides("swaps it in")
        .hides("0 requests")
        .shows("This plan would send nothing. [Esc] goes back.")
        .hides("Space in or out")
        .hides("y do it")
        .hides("w save to file")
        .shows("t other community");
    synod.keys("t").await;
    synod.until("To which community?").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_reason_that_its_row_cuts_is_shown_below() {
    let mut synod = Harness::world("harbor").size(66, 24).start().await;
    synod.loaded().await.keys("<tab>au").await;
    synod.until("Plan: unlink").await;
    let whole = "the last group: the gateway may refuse";
    synod.hides(whole).keys("G").await.shows(whole).keys("g").await.hides(whole);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn hints_match_the_available_actions() {
    let mut synod = demo().await;
    synod.shows("Tab groups").hides("Space mark").keys(" ").await;
    synod.shows("Only groups can be marked: [Tab] goes to them.").hides("marked    ");
    synod.keys("o").await.hides("r retry").hides("w export").shows("Esc back").keys("<esc>").await;
    synod.keys("I").await;
    synod.until("● connected").await;
    synod.hides("c QR code").shows("Enter choose").keys("<esc>F").await;
    synod.shows("All groups have been checked").hides("start or continue").shows("a add").keys("<esc>").await;
    synod.keys("<tab><tab> l").await;
    synod.until("Press [y]").await;
    synod.shows("Space in or out").hides("a include all").keys("y").await;
    synod.until("sending").await;
    synod.keys("<tab>").await.hides("r retry").hides("z undo").shows("S stop");
    synod.until_done().await;
    synod.shows("z undo").hides("r retry").keys("o").await;
    synod.hides("by outcome").shows("w export").keys("<enter>").await.shows("Tab filter by outcome");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_community_pasted_by_name_is_explained() {
    let mut synod = demo().await;
    synod.paste("Night nurses\nChoir\n").await;
    synod.shows("Marked 1 of the pasted lines, 1 not");
    synod.shows("“Choir” is a community or its announcement group; neither can be marked");
    synod.keys("<esc>").await.paste(" \n").await.shows("The pasted text matches no group.");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_tiny_screen_shows_its_minimum_size_uncut() {
    let mut synod = demo().await;
    synod.resize(20, 5).await;
    synod.says("too small: 40×10 at least");
    synod.end().await;
}
