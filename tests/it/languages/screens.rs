//! The real screens in each language at 80×24: no important text of ours is cut. Group names from strangers
//! may be cut, and so may the reason behind a name in a row.

use std::{collections::BTreeMap, path::Path, time::Duration};

use fluent_syntax::{
    ast::{Entry, Expression, Pattern, PatternElement},
    parser,
};
use rstest::rstest;
use synod::{
    config::InstanceFault,
    domain::message::{Message, ToMessage},
    text::{Arg, Language, Text},
};

use super::catalogues::{ENGLISH, OTHERS};
use crate::{
    screens::{MIXED, picture},
    support::harness::{Harness, Setup, Weather},
};

/// Keys whose texts end a row, and may be cut there on a narrow screen.
const MAY_BE_CUT: [&str; 6] = ["reason-", "remark-", "plan-remark-", "item-", "guess-", "failure-"];

/// The maximum number of letters before a cut that identify its text.
const TAIL: usize = 12;

/// The words of a message, without variables.
fn literals(pattern: &Pattern<&str>, into: &mut Vec<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => into.push((*value).to_owned()),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                for variant in variants {
                    literals(&variant.value, into);
                }
            }
            PatternElement::Placeable { .. } => {}
        }
    }
}

/// A program in a language, at 80×24, and the texts that it may not cut.
struct Shown {
    synod: Harness,
    ours: BTreeMap<String, Vec<String>>,
    may_be_cut: Vec<String>,
}

impl Shown {
    async fn start(language: Language, setup: Setup) -> Self {
        let file = OTHERS.iter().find(|(file, _)| *file == format!("{}.ftl", language.tag()));
        let catalogue = file.map_or(ENGLISH, |(_, catalogue)| catalogue);
        let (mut ours, mut may_be_cut) = (BTreeMap::new(), Vec::new());
        for entry in &parser::parse(catalogue).unwrap().body {
            let Entry::Message(message) = entry else { continue };
            let mut words = Vec::new();
            message.value.iter().for_each(|value| literals(value, &mut words));
            if MAY_BE_CUT.iter().any(|prefix| message.id.name.starts_with(prefix)) {
                may_be_cut.extend(words);
            } else {
                ours.insert(message.id.name.to_owned(), words);
            }
        }
        let synod = setup.language(language).size(80, 24).start().await;
        Self { synod, ours, may_be_cut }
    }

    async fn loaded(language: Language, setup: Setup) -> Self {
        let mut shown = Self::start(language, setup).await;
        shown.synod.loaded().await;
        shown
    }

    fn words(&self) -> Text {
        self.synod.words.clone()
    }

    /// Waits until the screen has a text of the catalogue, up to its first variable.
    async fn until(&mut self, key: &'static str) -> &mut Self {
        let said = self.words().say(key).into_owned();
        let start = said.split('{').next().unwrap().trim().to_owned();
        self.synod.until(&start).await;
        self
    }

    /// Fails if one of our own texts is cut.
    fn check(&mut self) -> &mut Self {
        let screen = self.synod.text();
        let mut wrong = Vec::new();
        for line in screen.lines() {
            // The state of an operation is cut at the border without a sign.
            if line.starts_with("┌ #") && !line.ends_with(" ┐") && !line.ends_with("─┐") {
                wrong.push(format!("the operation: {line}"));
            }
            for (at, _) in line.match_indices('…') {
                let before: Vec<char> = line[..at].chars().collect();
                let tail: String = before[before.len().saturating_sub(TAIL)..].iter().collect();
                // Text before two blanks or a border belongs to something else.
                let tail = tail.rsplit(['│', '┌']).next().unwrap().rsplit("  ").next().unwrap().to_owned();
                let whole = format!("{tail}…");
                if self.ours.values().flatten().any(|words| words.contains(&whole)) {
                    continue;
                }
                if tail.trim().len() < 3 || self.may_be_cut.iter().any(|words| words.contains(&tail)) {
                    continue;
                }
                for (key, words) in &self.ours {
                    if words.iter().any(|part| part.contains(&tail)) {
                        wrong.push(format!("{key}: {line}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "cut:\n{}\n{screen}", wrong.join("\n"));
        self
    }

    /// Fails unless these hints are in the last line, uncut.
    fn hints(&mut self, keys: &[&'static str]) -> &mut Self {
        let screen = self.synod.text();
        let last = format!("{} ", screen.lines().last().unwrap());
        for key in keys {
            let words = self.words().say(key).into_owned();
            assert!(
                last.contains(&format!(" {words} ")),
                "{key} ({words}) is not in the last line:\n{screen}"
            );
        }
        self
    }

    /// Fails unless the line below an ended operation has these hints, uncut.
    fn ending(&mut self, keys: &[&'static str]) -> &mut Self {
        let start = self.words().with("operation-done", &[("operation", "1".into())]);
        let line = format!("{} ", self.synod.line(&start));
        for key in keys {
            let words = self.words().say(key).into_owned();
            assert!(line.contains(&format!(" {words} ")), "{key} ({words}) is not in {line}");
        }
        self
    }

    /// Fails unless a pane shows the whole message.
    fn says(&mut self, key: &'static str, args: &[(&'static str, Arg<'_>)]) -> &mut Self {
        let mut args = args.to_vec();
        args.push(("back", "Esc".into()));
        let words = self.words().with(key, &args);
        self.synod.says(&words.split_whitespace().collect::<Vec<_>>().join(" "));
        self.check()
    }

    fn snapshot(&mut self, name: &str) -> &mut Self {
        let tag = self.words().language().tag();
        if tag == "en" {
            // The English ones are with the screens.
            return self.check();
        }
        insta::assert_snapshot!(format!("{tag}_{name}"), picture(&self.synod.buffer()));
        self.check()
    }

    async fn keys(&mut self, keys: &str) -> &mut Self {
        self.synod.keys(keys).await;
        self.check()
    }
}

/// What can be done with groups that are in no community.
const OF_STANDALONE: [&str; 3] = ["hint-link", "hint-move", "hint-leave"];

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_panes(#[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language) {
    let mut shown = Shown::start(language, Harness::world("harbor")).await;
    shown.check();
    shown.synod.loaded().await;
    shown.snapshot("panes").hints(&["hint-next-pane", "hint-enter", "hint-leave", "hint-palette"]);
    shown.keys("<tab><tab>   <down>v<down><down>").await.hints(&OF_STANDALONE).hints(&["hint-mark"]);
    shown.keys("v/er").await.hints(&["hint-keep-filter", "hint-show-all"]);
    shown
        .keys("<enter>")
        .await
        .says("footer-marked-hidden", &[("count", 6_u64.into()), ("hidden", 6_u64.into())]);
    shown.hints(&OF_STANDALONE).keys("<esc>t*").await.hints(&OF_STANDALONE);
    shown.says("footer-only-marked", &[]);
    shown.keys("*?").await.snapshot("help");
    for _ in 0..60 {
        shown.keys("<down>").await;
    }
    shown.hints(&["hint-back"]);
    // There the window is narrower than a narrow screen.
    shown.synod.resize(120, 40).await;
    shown.keys("G").await.keys("g").await.keys("<esc>").await;
    shown.synod.end().await;
}

/// The sort orders are in the titles of the panes, which are narrow.
#[rstest]
#[tokio::test(start_paused = true)]
async fn the_orders(
    #[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language,
) {
    let mut shown = Shown::loaded(language, Harness::world("harbor")).await;
    for size in [(80, 24), (120, 40)] {
        shown.synod.resize(size.0, size.1).await;
        for orders in [
            &["sorted-by-size", "sorted-by-capacity"][..],
            &["sorted-by-size", "sorted-by-role"],
            &["sorted-by-size", "sorted-by-role"],
        ] {
            for order in orders {
                shown.keys("s").await.says(order, &[]);
            }
            shown.keys("s<tab>").await;
        }
        shown.keys("<backtab><backtab><backtab>").await;
    }
    shown.synod.end().await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_plans(#[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language) {
    let setup = Harness::toml(MIXED).settings(|settings| settings.subgroup_limit = 6);
    let mut shown = Shown::loaded(language, setup).await;
    let plan = ["hint-tick", "hint-confirm", "hint-back"];
    shown.keys("<tab>a<backtab><down><tab>a<backtab><up><tab><tab>al").await;
    shown.until("plan-title").await.snapshot("plan_link").says("plan-link", &[]).hints(&plan);
    shown.says("plan-roles-unknown", &[("count", 4_u64.into())]);
    shown.says("plan-confirm-key", &[("key", "y".into()), ("count", 4_u64.into())]);
    shown
        .says("head-blocked", &[])
        .keys("<down><down><down><down><down><down><down><down><down><down><down>")
        .await;
    shown.says("head-already-so", &[]);
    shown.keys("<esc><backtab><backtab>g<tab><tab>cgX").await;
    shown.until("plan-title").await.says("plan-leave", &[]).hints(&["hint-back"]);
    shown.says("plan-confirm-count", &[("count", 1_u64.into())]);
    shown.keys("<esc><backtab><backtab>X").await;
    shown.until("plan-title").await.says("plan-leave-community", &[]);
    shown.says("plan-confirm-name", &[("expected", "Harbor Clinics".into())]).keys("Harb").await;
    shown.keys("<esc><tab>cau").await;
    shown
        .until("plan-title")
        .await
        .says("plan-unlink", &[])
        .says("head-risky", &[])
        .hints(&plan)
        .hints(&["hint-tick-all"]);
    shown.keys("<esc>m").await.says("target-title", &[("count", 2_u64.into())]);
    shown.hints(&["hint-choose", "hint-back"]).keys("nor<enter>").await;
    shown.until("plan-title").await.says("plan-move", &[]);
    shown.synod.end().await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn an_operation(
    #[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language,
) {
    let mut shown = Shown::loaded(language, Harness::toml(MIXED)).await;
    shown.keys("<tab><tab>a<backtab><down> <backtab><down><tab><down> <backtab><up>l").await;
    shown.until("hint-confirm").await.keys("y").await;
    shown.synod.until("! 1").await;
    shown
        .says("operation-open", &[("count", 3_u64.into())])
        .hints(&["hint-stop", "hint-pause", "hint-palette"])
        .hints(&OF_STANDALONE[..1])
        .check();
    shown.keys("q").await.says("quit-ask", &[("count", 3_u64.into()), ("key", "y".into())]);
    shown.hints(&["hint-confirm-quit", "hint-back"]).keys("<esc>p").await;
    shown.until("pause-operator").await.snapshot("paused");
    shown.keys("p").await.synod.until_done().await;
    shown.snapshot("ended").keys("<tab><tab>").await.ending(&["ending-why", "hint-undo", "ending-dismiss"]);
    shown.keys("o").await.says("operations-title", &[("instance", "ops".into())]);
    shown.hints(&["hint-retry", "hint-undo", "hint-open", "hint-back"]);
    shown.keys("<enter>").await.hints(&["hint-next-outcome", "hint-back"]).keys("<tab>").await;
    shown.synod.end().await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn what_is_read_and_what_was_stopped(
    #[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language,
) {
    let slow = MIXED.replace("[100, 100]", "[3000, 3000]");
    let mut shown = Shown::loaded(language, Harness::toml(&slow)).await;
    shown.keys("<tab><tab>aX").await.synod.pass(Duration::from_secs(4)).await;
    shown.says("planning-skip", &[("key", "s".into())]).hints(&["hint-skip-checks", "hint-back"]);
    shown.keys("<esc>l").await.until("hint-confirm").await.keys("y").await;
    shown.until("state-sending").await.keys("S").await.says("notice-stopping", &[("key", "Ctrl-c".into())]);
    shown.synod.until_done().await;
    shown.check().says("stop-operator", &[]);
    shown.synod.end().await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_errors(
    #[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language,
) {
    let plain = || Harness::toml(MIXED);
    for (setup, advice) in [
        (plain().wrong_token(), "advice-token"),
        (plain().unknown_instance(), "advice-instance"),
        (plain().connection("disconnected"), "advice-connect"),
        (plain().connection("banned"), "advice-banned"),
        (plain().weather(Weather::Unreachable), "advice-network"),
        (plain().weather(Weather::Page), "advice-base-url"),
        (plain().weather(Weather::TooMany), "advice-wait"),
    ] {
        let mut shown = Shown::loaded(language, setup).await;
        shown.says(advice, &[]).hints(&["hint-palette"]);
        if advice == "advice-token" {
            shown.snapshot("error");
        }
        shown.synod.end().await;
    }
    let mut shown = Shown::loaded(language, Harness::world("no_fields")).await;
    shown.says("communities-unknown", &[("key", "F".into())]);
    shown.synod.end().await;
    let mut shown = Shown::loaded(language, plain().read_only()).await;
    shown.keys("<tab><tab> l").await.until("plan-title").await.says("obstacle-read-only", &[]);
    shown.synod.end().await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn broken_instances(
    #[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language,
) {
    let variable = Message::new("secret-from-variable").put("name", "RYZE_TOKEN");
    let unset = Message::new("secret-not-set").put("from", variable);
    let same = InstanceFault::same_instance(Path::new("/home/ana/.config/synod/config.toml"), 31, vec![7]);
    let setup = Harness::toml(MIXED).broken("night shift", Some("RyzeAPI"), same.message()).broken(
        "(13)",
        None,
        Message::new("instance-unread").put("key", "token").put("why", unset),
    );
    let mut shown = Shown::loaded(language, setup).await;
    shown.check().says("header-broken", &[("count", 2_usize.into())]);
    let keys = [("read", "r".into())];
    shown.keys("I<down>").await.check().says("instances-broken-by-hand", &keys);
    shown.says("config-same-instance", &[("other", "7".into())]).snapshot("broken");
    shown.keys("<down>").await.check().says("instances-broken-by-hand", &keys);
    shown.keys("<enter>").await.check().says("notice-broken", &[]);
    shown.synod.end().await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_form_for_an_instance(
    #[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language,
) {
    let mut shown = Shown::start(language, Harness::toml(MIXED).configuration("")).await;
    shown.check().says("entry-welcome", &[]).snapshot("entry");
    shown.keys("<enter>").await.check().says("entry-missing", &[("key", "Enter".into())]);
    shown.keys("<up><up>https://gateway.test").await.check().says("entry-help-address", &usual());
    shown.keys("<down>harbor").await.check().says("entry-help-instance", &[]);
    shown.keys("<down>").await.check().says("entry-help-token", &[]);
    for key in ["entry-help-variable", "entry-help-file", "entry-help-command"] {
        shown.keys("<c-t>").await.check().says(key, &[]);
    }
    shown.keys("<down>").await.check().says("entry-help-name", &[]);
    shown.keys("<up><c-t>canary-5d1e-wrong<enter>").await;
    shown.synod.until("✗ Token").await;
    shown.check();
    shown.keys("<esc>").await.check();
    let keys = [("open", "I".into()), ("add", "a".into()), ("quit", "q".into())];
    shown.says("entry-none", &keys);
    shown.synod.end().await;
}

fn usual() -> [(&'static str, Arg<'static>); 1] {
    [("usual", "https://ryzeapi.cloud".into())]
}
