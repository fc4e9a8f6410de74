//! Any keys, in any order.

use std::time::Duration;

use proptest::{prelude::*, test_runner::Config};

use super::{outcomes::rows, with_settings};
use crate::support::harness::Harness;

/// Keys that do something somewhere; without those that confirm if nothing may be sent.
const KEYS: &[&str] = &[
    "<tab>",
    "<backtab>",
    "<up>",
    "<down>",
    "j",
    "k",
    "g",
    "G",
    "<pgdn>",
    "<pgup>",
    "<home>",
    "<end>",
    " ",
    "v",
    "<s-up>",
    "<s-down>",
    "a",
    "i",
    "c",
    "*",
    "/",
    "<enter>",
    "<esc>",
    "l",
    "u",
    "m",
    "X",
    "S",
    "p",
    "r",
    "F",
    "t",
    "s",
    "?",
    "Y",
    "I",
    "]",
    "[",
    "n",
    "x",
    "o",
    "z",
    "R",
    ":",
    "<c-p>",
    "<c-l>",
    "<c-z>",
    "<c-u>",
    "<c-d>",
    "<left>",
    "<right>",
    "<backspace>",
    "<del>",
    "<c-a>",
    "<c-e>",
    "<c-w>",
    "<c-k>",
    "e",
    "é",
    "漢",
    "0",
    "9",
];

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Some keys, occasional pastes, passing time, and another size.
#[derive(Clone, Debug)]
enum TestStep {
    Press(&'static str),
    Paste(&'static str),
    Wait(u64),
    Resize(u16, u16),
}

fn step() -> impl Strategy<Value = TestStep> {
    prop_oneof![
        24 => prop::sample::select(KEYS).prop_map(TestStep::Press),
        1 => prop::sample::select(&["Parking\n", "y\n", "1", "\u{1b}]0;x\u{7}\u{202e}y"][..]).prop_map(TestStep::Paste),
        4 => (0_u64..4_000).prop_map(TestStep::Wait),
        1 => (1_u16..150, 1_u16..50).prop_map(|(columns, rows)| TestStep::Resize(columns, rows)),
    ]
}

async fn act(synod: &mut Harness, step: &TestStep) {
    match step {
        TestStep::Press(key) => synod.keys(key).await,
        TestStep::Paste(text) => synod.paste(text).await,
        TestStep::Wait(span) => synod.pass(Duration::from_millis(*span)).await,
        TestStep::Resize(columns, rows) => synod.resize(*columns, *rows).await,
    };
}

proptest! {
    #![proptest_config(config(24))]

    /// No keys cause a panic, only a confirmation sends anything, and no frame contains a character that controls a terminal.
    /// The end of the program checks the frames.
    #[test]
    fn property_nothing_is_sent_without_a_confirmed_plan(
        hostile in any::<bool>(),
        steps in prop::collection::vec(step(), 1..50),
    ) {
        runtime().block_on(async {
            let world = if hostile { "hostile_names" } else { "harbor" };
            let mut synod = Harness::world(world).communities(&["120363400000000001@g.us"]).start().await;
            synod.loaded().await;
            for step in &steps {
                // The palette can quit the program too.
                if synod.is_running() {
                    act(&mut synod, step).await;
                }
            }
            synod.pass(Duration::from_secs(30)).await;
            assert!(synod.writes().is_empty(), "{:?}", synod.writes());
            synod.end().await;
        });
    }
}

proptest! {
    #![proptest_config(config(16))]

    /// Synod sends exactly the rows that the plan showed under "To do", and the ticked rows, each once.
    #[test]
    fn property_the_sent_groups_are_the_shown_groups(
        before in prop::collection::vec(
            prop::sample::select(&["<tab>", "<backtab>", "<down>", "<up>", " ", "a", "i", "v", "/a<enter>", "<esc>", "t", "s"][..]),
            1..20,
        ),
        verb in prop::sample::select(&["l", "u"][..]),
        ticks in prop::collection::vec(prop::sample::select(&["<down>", "<up>", " ", "a", "G", "g"][..]), 0..8),
    ) {
        runtime().block_on(async {
            let mut synod = with_settings("subgroup_limit = 5", "")
                .settings(|settings| settings.subgroup_limit = 5)
                .start()
                .await;
            synod.loaded().await;
            for keys in &before {
                synod.keys(keys).await;
            }
            synod.keys(verb).await;
            synod.pass(Duration::from_secs(2)).await;
            if synod.text().contains("Plan:") {
                for keys in &ticks {
                    synod.keys(keys).await;
                }
            }
            let shown = synod.text();
            if !shown.contains("Press [y]") {
                synod.keys("y").await;
                synod.pass(Duration::from_secs(5)).await;
                assert!(synod.writes().is_empty(), "without a plan that can be confirmed:\n{shown}");
                synod.end().await;
                return;
            }
            let mut expected = rows(&shown, "→");
            expected.extend(rows(&shown, "[x]"));
            expected.sort();
            synod.keys("y").await;
            synod.until_done().await;
            let mut written = synod.written();
            written.sort();
            assert_eq!(written, expected, "the plan was:\n{shown}");
            synod.end().await;
        });
    }
}
