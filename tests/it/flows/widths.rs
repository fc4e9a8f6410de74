//! How much of a name each pane shows, from a narrow screen to a wide one.

use proptest::{prelude::*, test_runner::Config};
use synod::app::layout::{DETAILS_FROM, THREE_FROM, WHOLE_NAME};

use super::any_keys::runtime;
use crate::support::harness::Harness;

/// The widths that the names are looked at.
const WIDTHS: std::ops::RangeInclusive<u16> = 60..=220;

/// A community, its group and a standalone group, each with a name of one letter, this many cells long.
fn world([community, subgroup, standalone]: [usize; 3]) -> String {
    format!(
        "seed = 1\n[ryzeapi]\nlist_community_fields = true\n[[community]]\nname = \"{}\"\ngroups = [\"{}\"]\n\
         [standalone]\ngroups = [\"{}\"]\n",
        "Q".repeat(community),
        "W".repeat(subgroup),
        "Y".repeat(standalone),
    )
}

/// How many cells of each name its pane shows: the community's, the subgroup's, the standalone group's; `None` for a pane that is
/// not there.
fn shown(screen: &str, letters: [char; 3]) -> [Option<usize>; 3] {
    letters.map(|letter| {
        let is_row = |part: &&str| part.trim_start_matches(['▸', ' ']).starts_with(letter);
        let rows = screen.lines().skip(2);
        let parts = rows.flat_map(|line| line.split('│').take(3)).filter(is_row);
        let cells = |part: &str| {
            let name = part.trim_start_matches(['▸', ' ']);
            let rest = name.trim_start_matches(letter);
            name.chars().count() - rest.chars().count() + usize::from(rest.starts_with('…'))
        };
        parts.map(cells).max()
    })
}

/// The panes and columns at this width: between two such, each name may only grow.
fn stage(columns: u16) -> usize {
    [THREE_FROM, DETAILS_FROM].into_iter().filter(|from| columns >= *from).count()
}

/// Checks that no name becomes shorter when the window grows, with the groups of the community or the standalone ones beside the
/// communities.
async fn never_shorter(lengths: [usize; 3], keys: &str) {
    let mut synod = Harness::toml(&world(lengths)).size(*WIDTHS.start(), 24).start().await;
    synod.loaded().await.keys(keys).await;
    let mut most = [(0, 0); 3];
    for columns in WIDTHS {
        synod.resize(columns, 24 + columns % 2).await;
        let now = shown(&synod.text(), ['Q', 'W', 'Y']);
        for ((now, before), length) in now.into_iter().zip(&mut most).zip(lengths) {
            // After a whole name, the beginning of the next part may be cut.
            let Some(now) = now.map(|now| now.min(length)) else { continue };
            // A name that is longer than most may give way when another pane or column appears, but not otherwise.
            let may_give_way = length > usize::from(WHOLE_NAME) && before.0 < stage(columns);
            let least = if may_give_way { before.1.min(usize::from(WHOLE_NAME)) } else { before.1 };
            assert!(now >= least, "{now} cells after {before:?} at {columns} columns:\n{}", synod.text());
            *before = (stage(columns), now);
        }
    }
    synod.end().await;
}

proptest! {
    #![proptest_config(Config { cases: 6, failure_persistence: None, ..Config::default() })]

    /// No name becomes shorter when the window grows.
    #[test]
    fn property_a_wider_window_never_cuts_a_name(
        lengths in prop::array::uniform3(prop_oneof![1_usize..=26, 27_usize..60]),
        keys in prop::sample::select(&["", "<tab><tab>", "<tab><tab>t"][..]),
    ) {
        // With all groups, a column for their communities appears beside names that are longer than most.
        let most = if keys.ends_with('t') { WHOLE_NAME.into() } else { usize::MAX };
        runtime().block_on(never_shorter(lengths.map(|length| length.min(most)), keys));
    }
}

#[tokio::test(start_paused = true)]
async fn usual_names_are_whole_at_120_columns_beside_a_gauge_and_at_160_beside_the_details() {
    let lengths = [usize::from(WHOLE_NAME); 3];
    let mut synod = Harness::toml(&world(lengths)).start().await;
    synod.loaded().await;
    for columns in [120, DETAILS_FROM, 200] {
        synod.resize(columns, 40 + columns % 3).await.shows("▌");
        assert_eq!(shown(&synod.text(), ['Q', 'W', 'Y']), lengths.map(Some), "{}", synod.text());
    }
    synod.end().await;
}
