//! The screen itself: where its parts are, what the operator can move, and what can be done from the panes after an operation.

use std::time::Duration;

use ratatui::style::Modifier;
use synod::{text::Language, tui::theme::Depth};

use super::{PLAIN, plain, with};
use crate::support::harness::{Harness, Setup};

/// A world in which the first link of a group does not happen, although the gateway says that it did.
fn one_lie(group: &str) -> Setup {
    with(&format!("[[fault]]\non = \"link\"\ngroup = \"{group}\"\nthen = \"lie\"\nfirst = 1\n"))
}

/// Links two groups, and one link fails; the panes have the focus, and no filter.
async fn after_a_failure() -> Harness {
    let mut synod = one_lie("Kitchen").start().await;
    synod.loaded().await.keys("<tab><tab><down>  l").await;
    synod.confirmed().await;
    synod
}

#[tokio::test(start_paused = true)]
async fn the_line_below_an_operation_says_what_became_of_it_and_what_comes_next() {
    let mut synod = after_a_failure().await;
    synod.shows("#1 done: 1 verified, 1 contradicted   Tab why · r retry 1 · z undo · Esc close");
    // What needs somebody comes first, although it was not the last.
    let screen = synod.text();
    let row =
        |name: &str| screen.lines().position(|line| line.contains(name) && !line.contains('│')).unwrap();
    assert!(row("Kitchen") < row("Night nurses"), "{screen}");
    synod.keys("<tab>").await.shows("Enter why").keys("<enter>").await;
    synod.until_said("Probable cause").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_row_that_the_plan_blocked_comes_before_those_that_are_done() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>t/kitchen<enter> <esc>/class 1a<enter> <esc>l").await;
    synod.confirmed().await;
    let screen = synod.text();
    let row = |state: &str| screen.lines().position(|line| line.contains(state));
    assert!(row("⊘ blocked") < row("✓ verified"), "{screen}");
    // And the line below says how to read why.
    synod.shows("1 blocked   Tab why").keys("<tab><enter>").await.until_said("Class 1A").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn retry_and_undo_work_from_the_panes_right_after_an_operation() {
    let mut synod = after_a_failure().await;
    synod.keys("r").await.until("Plan: link 1 group").await;
    synod.keys("y").await.until("#2 done: 1 verified").await;
    synod.hides("retry").keys("z").await.until("Plan: unlink 1 group").await;
    synod.keys("y").await.until("#3 done: 1 verified").await;
    assert!(!synod.is_linked("Kitchen", "Harbor Clinics"));
    // Once it is closed, the same key reads everything again.
    synod.keys("<esc>").await.hides("#3 done").keys("z").await.hides("Plan:");
    let before = synod.requests().len();
    synod.keys("r").await.loaded().await.hides("Plan:");
    assert!(synod.requests().len() > before);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_finished_pane_is_closed_with_esc_and_comes_back_with_o() {
    let mut synod = after_a_failure().await;
    synod.keys("/ni<enter>").await.shows("#1 done");
    // The filter comes first.
    synod.keys("<esc>").await.hides("/ni").shows("#1 done").keys("<esc>").await.hides("#1 done");
    synod.keys("o").await.shows("#1 link 2 groups").keys("<esc>").await.shows("#1 done: 1 verified");
    // From its own pane, too; the focus goes back to the groups.
    synod
        .keys("<tab>")
        .await
        .shows("Enter why")
        .keys("<esc>")
        .await
        .hides("#1 done")
        .keys(" ")
        .await
        .shows("1 marked");
    // The next operation is shown again.
    synod.keys("l").await;
    synod.confirmed().await;
    synod.shows("#2 done");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_pane_takes_the_whole_screen_and_gives_it_back() {
    let mut synod = after_a_failure().await;
    synod.keys("+").await.shows("Standalone groups 4").hides("Communities").hides("#1 done");
    // Rows out of sight are counted above.
    synod.shows("1 needs you").keys("<tab>").await.shows("#1 done").hides("Standalone groups");
    synod.keys("<tab>").await.shows("Communities 2").hides("Standalone").keys("+").await;
    synod.shows("Communities 2").shows("Standalone groups 4").shows("#1 done");
    synod.keys("+<esc>").await.shows("Standalone groups 4").shows("#1 done");
    synod.end().await;
}

/// The columns of the lines between the panes.
fn lines(synod: &Harness) -> Vec<usize> {
    let screen = synod.text();
    let line = screen.lines().nth(2).unwrap();
    line.chars().enumerate().filter(|(_, letter)| *letter == '│').map(|(at, _)| at).collect()
}

#[tokio::test(start_paused = true)]
async fn the_lines_between_panes_move_and_are_remembered() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    let usual = lines(&synod);
    synod.keys(">>").await;
    assert_eq!(lines(&synod)[0], usual[0] + 4);
    synod.keys("<tab><lt>").await;
    let moved = lines(&synod);
    let middle = |lines: &[usize]| lines[1] - lines[0];
    assert!(middle(&moved) < middle(&usual), "{moved:?}");
    // A line that cannot move any further comes back with the first key.
    let narrow = "<lt>".repeat(100);
    synod.keys(&narrow).await;
    let least = lines(&synod);
    assert!(least[1] - least[0] > 20, "{least:?}");
    synod.keys(">").await;
    assert!(lines(&synod)[1] > least[1], "{least:?}");
    let left = lines(&synod);
    // On a screen with two panes, there is one line.
    synod.resize(80, 24).await;
    assert_eq!(lines(&synod).len(), 1);
    let folder = synod.left_behind();
    synod.end().await;
    let mut next = plain().after(folder, Duration::from_secs(60)).start().await;
    next.loaded().await;
    assert_eq!(lines(&next), left);
    next.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_time_left_grows_while_a_request_hangs_and_its_row_counts_the_seconds() {
    let head = "[[fault]]\non = \"link\"\ngroup = \"Kitchen\"\nthen = \"slow\"\nseconds = 30.0\n";
    let mut synod = with(head).start().await;
    synod.loaded().await.keys("<tab><tab>al").await.until("Press [y]").await;
    synod.keys("y").await.until("waiting for the gateway for 5 s").await;
    let left = |screen: &str| -> u64 {
        let after = screen.split("about ").nth(1).unwrap_or_else(|| panic!("no time left:\n{screen}"));
        after.split_whitespace().next().unwrap().parse().unwrap()
    };
    let early = left(&synod.text());
    let late = left(&synod.until("waiting for the gateway for 25 s").await);
    assert!(late >= early + 15, "{early} s after 5 s, {late} s after 25 s");
    synod.until_done().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn without_colours_the_focus_and_the_cursor_can_be_seen() {
    for setup in
        [plain().colourless(), plain().theme("light", Depth::Sixteen), plain().theme("dark", Depth::True)]
    {
        let mut synod = setup.start().await;
        synod.loaded().await;
        let mut seen = Vec::new();
        for title in ["Communities", "Harbor Clinics", "Standalone groups"] {
            let buffer = synod.buffer();
            let row = |y: u16| (0..buffer.area.width).map(move |x| (x, y));
            let underlined: String = row(1)
                .filter(|at| buffer[*at].modifier.contains(Modifier::UNDERLINED))
                .map(|at| buffer[at].symbol())
                .collect();
            assert_eq!(underlined, title);
            // The bar covers the row from one line to the next, and nothing else.
            let is_bar = |cell: &ratatui::buffer::Cell| {
                cell.modifier.contains(Modifier::REVERSED) || cell.bg != ratatui::style::Color::Reset
            };
            let bars: Vec<(u16, u16)> = (0..40).flat_map(row).filter(|at| is_bar(&buffer[*at])).collect();
            let (first, last) = (bars[0], bars[bars.len() - 1]);
            assert!(bars.iter().all(|at| at.1 == first.1) && bars.len() == usize::from(last.0 - first.0) + 1);
            assert!(bars.len() > 30, "{bars:?}");
            seen.push(first.0);
            synod.keys("<tab>").await;
        }
        assert!(seen.windows(2).all(|two| two[0] < two[1]), "each pane has its own: {seen:?}");
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_reason_is_cut() {
    let why = "this group cannot be linked now because somebody else has asked for exactly the same change a moment ago \
               and the answer to that has not come yet";
    // Only this form of the answer has the gateway's words.
    let head = format!(
        "seed = 1\n[ryzeapi]\nlist_community_fields = true\nfailed_items = \"objects\"\n\
         [[fault]]\non = \"link\"\ngroup = \"Kitchen\"\nthen = \"refuse\"\ntext = \"{why}\"\n{PLAIN}"
    );
    for (columns, rows) in [(120, 40), (80, 24), (60, 30)] {
        let mut synod = Harness::toml(&head).size(columns, rows).start().await;
        synod.loaded().await.keys("<tab><tab>/kitchen<enter> <esc>/parking<enter> <esc>l").await;
        synod.confirmed().await;
        synod.keys("<backtab><backtab><backtab>").await.says(why);
        // The last row comes in sight below a reason of any length.
        synod.keys("G").await.shows("▸✓ verified      Parking");
        synod.end().await;
    }
    // Where only one row fits, the row's own window has the reason.
    let mut synod = Harness::toml(&head).size(50, 12).start().await;
    synod.loaded().await.keys("<tab><tab>/kitchen<enter> l").await;
    synod.confirmed().await;
    synod
        .keys("<esc><backtab><backtab><backtab><enter>")
        .await
        .until_said("this group cannot be linked")
        .await;
    synod.keys("<down><down><down>").await.says("the answer to that has not come yet");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_of_two_lines_covers_nothing() {
    let mut synod = Harness::world("harbor").size(42, 14).start().await;
    synod.loaded().await.keys("<tab><tab>G").await.shows("▸  町内清掃").keys("Y").await;
    let screen = synod.text();
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines[12].contains("Sent to the terminal's clipboard") && lines[13].contains("g.us"), "{screen}");
    assert!(lines[11].contains("▸  町内清掃"), "{screen}");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_small_screen_shows_what_is_left_and_how_to_get_help_during_a_run() {
    let mut synod = Harness::world("harbor").size(80, 24).start().await;
    synod.loaded().await.keys("<tab><tab>al").await.until("Press [y]").await;
    synod.keys("y").await.until("verified").await;
    let screen = synod.text();
    let header = screen.lines().next().unwrap();
    assert!(header.contains("/100") && header.ends_with("? help"), "{header}");
    assert!(synod.line(" #1 link").contains("to go"), "{screen}");
    let rows = screen.lines().skip_while(|line| !line.contains(" #1 link")).skip(1);
    assert_eq!(rows.count(), 6, "five rows, and the keys:\n{screen}");
    synod.keys("S").await.until_done().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_wide_screen_shows_what_is_known_about_the_row_under_the_cursor() {
    let mut synod = plain().size(159, 40).start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter>").await;
    let id = synod.group("Parking");
    synod.hides(&id).resize(160, 41).await;
    synod.shows(&id).shows("in no community").shows("none since the start").shows("hidden");
    synod.keys("l").await;
    synod.confirmed().await;
    synod.keys("<esc><tab>").await.shows("✓ verified");
    synod.keys("<backtab><backtab>/parking<enter>").await.shows(&id).shows("#1 ✓ verified");
    let community = synod.community("Harbor Clinics");
    synod.keys("<backtab>").await.shows(&community).hides(&id).keys("<down>").await.hides(&community);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn enter_goes_into_a_community_i_opens_details_and_h_goes_back() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<enter><down>i").await.until("up to date;").await;
    synod
        .shows(&synod.group("Lab results"))
        .keys("<esc>h")
        .await
        .keys("i")
        .await
        .until("at least 3 of 50")
        .await;
    synod.keys("<esc>F").await.keys("i").await.until("at least 3 of 50").await;
    synod.end().await;
}

/// The keys that open each place from the panes, and whether letters are text there.
const PLACES: &[(&str, bool)] = &[
    ("", false),
    ("<tab><tab>/n", true),
    ("o", false),
    ("<tab><tab>m", true),
    ("<tab><tab> l", false),
    ("<tab><tab> X", false),
    ("<tab><tab>i", false),
    ("F", false),
    ("Fa", true),
    ("I", false),
    ("D", true),
];

#[tokio::test(start_paused = true)]
async fn the_palette_and_the_help_open_everywhere() {
    for (place, is_text) in PLACES {
        let mut synod = plain().start().await;
        synod.loaded().await.keys(place).await.pass(Duration::from_secs(9)).await;
        // The remaining requests and the ages of readings change.
        let below = |synod: &Harness| {
            let screen = synod.text();
            let lines = screen.lines().skip(1).filter(|line| !line.contains(", read "));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let before = below(&synod);
        synod.keys("<c-p>").await.shows("Every action").keys("<esc>").await.hides("Every action");
        assert_eq!(below(&synod), before, "{place}");
        synod.keys("<f1>").await.shows("┌ Keys ").keys("<esc>").await.hides("┌ Keys ");
        if !is_text {
            synod
                .keys(":")
                .await
                .shows("Every action")
                .keys("<esc>?")
                .await
                .shows("┌ Keys ")
                .keys("<esc>")
                .await;
        }
        assert_eq!(below(&synod), before, "{place}");
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_help_begins_with_the_keys_of_the_place_and_fills_two_columns() {
    let mut synod = plain().size(200, 60).start().await;
    synod.loaded().await.keys("?").await;
    let screen = synod.text();
    assert!(screen.contains("Marking") && screen.contains("In a plan"), "{screen}");
    for once in ["mark and move down", "confirm (to leave, type the number)", "this help"] {
        assert_eq!(screen.matches(once).count(), 1, "{once}:\n{screen}");
    }
    let line = synod.line("mark everything that is shown");
    let right = line.split("mark everything that is shown").nth(1).unwrap();
    assert!(right.split('│').next().is_some_and(|rest| !rest.trim().is_empty()), "two columns: {line}");
    synod.keys("<esc><tab><tab> l").await.until("Press [y]").await;
    synod.keys("?").await;
    let screen = synod.text();
    let first = screen.lines().skip_while(|line| !line.contains("┌ Keys ")).nth(1).unwrap();
    assert!(first.contains("│ In a plan "), "{screen}");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_help_fills_two_columns_from_120_columns_on_and_cuts_nothing() {
    for language in [Language::English, Language::Portuguese, Language::Spanish] {
        let mut synod = plain().language(language).start().await;
        synod.loaded().await.keys("?").await;
        let screen = synod.text();
        // Nine columns after the left edge of the window, and as far from its middle, rows begin.
        let inside = |line: &str| Some(line.split_once('│')?.1.rsplit_once('│')?.0.to_owned());
        let lines: Vec<String> = screen.lines().skip(2).filter_map(inside).collect();
        let halves = |line: &String| {
            let letters: Vec<char> = line.chars().collect();
            let (left, right) = letters.split_at(letters.len() / 2);
            [left, right].map(|half| half.iter().any(|letter| !letter.is_whitespace()))
        };
        let both = lines.iter().filter(|line| halves(line) == [true, true]).count();
        assert!(lines.len() > 30 && both > 25, "{both} of {}:\n{screen}", lines.len());
        assert!(!lines.iter().any(|line| line.contains('…')), "{screen}");
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn zoom_and_focus_outlive_a_window_that_is_too_small() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>+").await.shows("Standalone groups 5").hides("Communities");
    synod.resize(12, 4).await.hides("Standalone").resize(120, 40).await;
    synod.shows("Standalone groups 5").hides("Communities").keys(" ").await.shows("1 marked");
    synod.keys("+").await.shows("Communities 2").resize(20, 5).await.resize(120, 40).await;
    synod.keys(" ").await.shows("2 marked");
    synod.end().await;
}

/// The last line of the screen.
fn footer(synod: &Harness) -> String {
    synod.text().lines().last().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_footer_offers_what_marks_or_the_cursor_make_possible() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    let offers = |synod: &Harness| {
        ["l link", "u unlink", "m move", "X leave"].map(|hint| footer(synod).contains(hint))
    };
    // On a community, only that one can be left.
    assert_eq!(offers(&synod), [false, false, false, true], "{}", footer(&synod));
    // The announcements group cannot be linked, unlinked or left.
    synod.keys("<tab>").await.shows("▸◆");
    assert_eq!(offers(&synod), [false, false, false, false], "{}", footer(&synod));
    synod.keys("<down>").await;
    assert_eq!(offers(&synod), [true, true, true, true], "{}", footer(&synod));
    // A standalone group is in no community.
    synod.keys("<tab>").await;
    assert_eq!(offers(&synod), [true, false, true, true], "{}", footer(&synod));
    synod.keys(" <tab>").await;
    assert_eq!(offers(&synod), [true, false, true, true], "{}", footer(&synod));
    synod.keys("<tab><down> <backtab>").await.shows("2 marked");
    assert_eq!(offers(&synod), [true, true, true, true], "{}", footer(&synod));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn enter_and_more_stay_in_the_footer_of_a_small_screen() {
    let mut synod = Harness::world("harbor").size(80, 24).start().await;
    synod.loaded().await;
    for keys in ["", "<tab><tab>   ", "<backtab><backtab>", "/harb<enter>"] {
        synod.keys(keys).await;
        let line = footer(&synod);
        assert!(line.contains(": more"), "{keys}: {line}");
        let is_in_groups = keys.contains("<tab>   ");
        assert!(is_in_groups || line.contains("Enter its groups"), "{keys}: {line}");
    }
    // The marks take room, and so do the keys of an operation.
    synod.keys("<esc><tab><tab>/er<enter>al").await.until("Press [y]").await;
    synod.keys("y").await.until("S stop").await;
    for keys in ["", "<tab>", "<tab>"] {
        synod.keys(keys).await;
        let line = footer(&synod);
        assert!(line.contains(": more"), "{line}");
    }
    assert!(footer(&synod).contains("Enter its groups"), "{}", synod.text());
    synod.keys("S").await.until_done().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_operation_is_resumed_by_the_same_key_and_the_footer_says_so() {
    let head = "[[fault]]\non = \"link\"\ngroup = \"Kitchen\"\nthen = \"slow\"\nseconds = 30.0\n";
    let mut synod = with(head).start().await;
    synod.loaded().await.keys("<tab><tab>al").await.until("Press [y]").await;
    synod.keys("y").await.until("waiting for the gateway").await;
    synod.shows("p pause").keys("p").await.until("p resume").await;
    synod.hides("p pause").keys("p").await.until("p pause").await;
    synod.keys("S").await.until_done().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn retry_and_undo_say_during_a_run_why_they_do_nothing() {
    let head = "[[fault]]\non = \"link\"\ngroup = \"Kitchen\"\nthen = \"slow\"\nseconds = 30.0\n";
    let mut synod = with(head).start().await;
    synod.loaded().await.keys("<tab><tab>al").await.until("Press [y]").await;
    synod.keys("y").await.until("waiting for the gateway").await;
    for keys in ["z", "<tab>z", "r"] {
        synod.keys(keys).await.shows("The operation has not ended yet").hides("Plan:");
    }
    synod.keys("S").await.until_done().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_zoomed_pane_says_how_to_get_the_others_back() {
    let mut synod = plain().start().await;
    synod.loaded().await.hides("+ all panes").keys("+").await.shows("+ all panes");
    synod.keys("+").await.hides("+ all panes");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn h_and_the_left_arrow_stop_at_the_first_pane() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("hh<left> ").await.shows("Only groups can be marked");
    synod.keys("<tab><tab>hh<left> ").await.shows("Only groups can be marked");
    // The other way, Tab and Shift-Tab go round.
    synod.keys("<backtab> ").await.shows("1 marked");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_operation_has_no_bare_colon_when_the_counts_do_not_fit() {
    let mut synod = one_lie("Kitchen").size(62, 24).start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.confirmed().await;
    let line = synod.line("#1 done");
    assert!(!line.contains("done: ") || line.contains("done: ✓"), "{line}");
    synod.resize(60, 24).await.resize(61, 30).await;
    for columns in (60..=80).rev() {
        synod.resize(columns, 24).await;
        let line = synod.line("#1 done");
        assert!(line.contains("done: ✓") || line.contains("done: 4") || !line.contains("done:"), "{line}");
    }
    synod.end().await;
}
