//! The journal at a start and afterwards: a list of operations needs no groups, and groups are read when somebody looks.

use std::{sync::Arc, time::Duration};

use crossterm::event::KeyEvent;
use ratatui::{Terminal, backend::TestBackend};
use rusqlite::Connection;
use synod::{
    app::{
        State,
        effect::Work,
        event::AppEvent,
        instance::{Address, Profile},
    },
    clock::Clock,
    domain::{
        event::{OperationEvent, Order, Record},
        id::OperationId,
        instance::{EntryPlace, InstanceKey},
        message::Message,
        name::Name,
        operation::Operation,
        outcome::{Claim, Outcome},
        plan::{Step, Verb},
        settings::OperationSettings,
        time::Millis,
        writer::Writer,
    },
    engine::journal::Journal,
    store::FileStore,
    text::Text,
    tui::{
        event_loop::Program,
        input::{Arrived, Input},
        keymap::Keymap,
        program::Ui,
        theme::{Depth, Theme},
    },
};
use tempfile::TempDir;

use super::plain;
use crate::support::{
    domain::{RYZEAPI, group, item, operation},
    fake_gateway::community,
    harness::{Harness, parse},
    screen,
};

const LATER: Duration = Duration::from_secs(3_600);

/// How many groups are too many to read before the first frame.
const MANY: usize = 1_000;

fn order(count: usize) -> Order {
    let named = |at: usize| {
        let unlinked = item(&group(&format!("1{at}")), vec![Step::Unlink(community("c"))]);
        synod::domain::event::OrderItem { name: Name::new(&format!("Ward {at}")), ..unlinked }
    };
    Order { verb: Verb::Unlink, target: None, parent: None, items: (0..count).map(named).collect() }
}

/// What happens to these groups if everything goes well, without the end.
fn all_verified(count: usize) -> impl Iterator<Item = OperationEvent> {
    (0..count).flat_map(|item| {
        [
            OperationEvent::Sending { item, step: 0, attempt: 1, timeout_ms: None },
            OperationEvent::Answered { item, claim: Claim::Yes, failure: None },
            OperationEvent::ItemFinished { item, outcome: Outcome::Verified, reason: None },
        ]
    })
}

/// Adds an operation to a journal that an earlier run left.
async fn record(left: &TempDir, count: usize, events: impl IntoIterator<Item = OperationEvent>) {
    record_by("ana", left, count, events).await;
}

async fn record_by(
    operator: &str,
    left: &TempDir,
    count: usize,
    events: impl IntoIterator<Item = OperationEvent>,
) {
    let store = FileStore::open(&left.path().join("state").join("synod")).unwrap();
    let store = store.written_by(Writer::new(operator, "desk"));
    let file = Connection::open(store.file()).unwrap();
    let key: String = file.query_row("SELECT instance FROM communities", [], |row| row.get(0)).unwrap();
    let begun = store.begin(&InstanceKey::new(&key), Millis(5), order(count)).await.unwrap();
    let Record { instance, operation, at, .. } = begun;
    let records = events.into_iter().zip(1..).map(|(event, sequence)| {
        let instance = instance.clone();
        Record { instance, operation, sequence, at, writer: None, event }
    });
    store.append(records.collect()).await.unwrap();
}

/// A program that finds an operation of many groups in the journal.
async fn after_many(end: impl IntoIterator<Item = OperationEvent>) -> Harness {
    let mut first = plain().start().await;
    first.loaded().await;
    let left = first.left_behind();
    first.end().await;
    record(&left, MANY, all_verified(MANY - 1).chain(end)).await;
    plain().after(left, LATER).start().await
}

#[tokio::test(start_paused = true)]
async fn a_start_shows_the_groups_of_a_short_operation() {
    let mut first = plain().start().await;
    first.loaded().await.keys("<tab><tab>/night<enter> l").await.confirmed().await;
    let left = first.left_behind();
    first.end().await;
    let mut second = plain().after(left, LATER).start().await;
    second.shows("#1 link 1 group to Harbor Clinics").shows("✓ verified");
    let frames = second.frames();
    assert!(frames[0].contains("✓ verified"), "the first frame has them:\n{}", frames[0]);
    second.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_list_of_operations_names_the_operators_if_there_are_several() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    let left = synod.left_behind();
    synod.end().await;
    let end = || [OperationEvent::Started, OperationEvent::Ended];
    record_by("ana", &left, 1, end()).await;
    let mut synod = plain().after(left, LATER).start().await;
    synod.loaded().await.keys("o").await.shows("#1 unlink 1 group").hides("ana@desk");
    let left = synod.left_behind();
    synod.keys("<esc>").await;
    synod.end().await;
    record_by("ben\u{202e}", &left, 1, end()).await;
    let mut synod = plain().after(left, LATER).start().await;
    synod.loaded().await.keys("o").await.shows("ana@desk").shows("ben@desk");
    synod.keys("<esc>").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_long_operation_is_read_when_its_pane_has_the_focus() {
    let mut synod = after_many([OperationEvent::Ended]).await;
    synod.loaded().await.shows("#1 unlink 1,000 groups").shows("999 verified").hides("Ward 0");
    synod.says("Its groups are read from the journal when this pane has the focus.");
    synod.keys("<backtab>").await.until("Ward 0").await;
    synod.keys("z").await.until("Plan: ").await;
    // It stays in memory while it is below the lists.
    synod.keys("<esc><tab>").await.shows("Ward 0");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_list_of_operations_reads_the_groups_of_the_one_that_is_opened() {
    let mut synod = after_many([OperationEvent::Ended]).await;
    synod.loaded().await.keys("o").await.shows("#1 unlink 1,000 groups").shows("999 verified");
    synod.keys("<enter>").await.until("Ward 0").await;
    synod.keys("<esc>z").await.until("Plan: ").await;
    synod.keys("<esc><esc>").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_needs_the_groups_waits_for_them() {
    let mut synod = after_many([OperationEvent::Ended]).await;
    synod.loaded().await.keys("oz").await.until("Plan: ").await;
    synod.keys("<esc>Y").await.until("synod unlink").await;
    synod.keys("<esc>w").await.until("Save operation #1").await;
    synod.keys("<enter>").await.until("1.csv").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_long_operation_without_an_end_is_settled_and_offered() {
    let mut synod = after_many([]).await;
    synod.until("interrupted: Synod was closed").await;
    synod.keys("oR").await.until("Plan: ").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_older_operation_is_checked_again_with_its_events() {
    let mut synod = Harness::world("lies").communities(&["120363400000000001@g.us"]).start().await;
    synod.loaded().await.keys("<tab><tab>/kitchen<enter>l").await.confirmed().await;
    synod.keys("<esc><esc>/parking<enter>l").await.confirmed().await;
    synod.keys("o<down>L").await.until("Checked operation #1 again").await;
    synod.keys("<enter>").await.until("Kitchen").await;
    synod.end().await;
}

/// A screen that receives events in any order, and the work that it asks for.
struct Screen {
    ui: Ui<Box<dyn FnMut(Work)>>,
    asked: Arc<std::sync::Mutex<Vec<OperationId>>>,
}

fn key() -> InstanceKey {
    InstanceKey::new("one")
}

fn ended() -> Operation {
    operation(4, order(3), all_verified(3).chain([OperationEvent::Ended]))
}

impl Screen {
    fn new() -> Self {
        let address = Address {
            gateway: "ryzeapi",
            base_url: "https://gateway.test".into(),
            instance: None,
            is_insecure: false,
        };
        let profile = Profile {
            key: key(),
            label: "ops".to_owned(),
            entry: EntryPlace { label: "ops".to_owned(), line: 1, version: 0 },
            gateway: "RyzeAPI",
            address,
            capabilities: RYZEAPI,
            settings: OperationSettings::default(),
            configured: Vec::new(),
        };
        let state = State::new(vec![profile], (120, 40), false, Millis(0));
        let asked = Arc::<std::sync::Mutex<Vec<OperationId>>>::default();
        let asks = Arc::clone(&asked);
        let worker: Box<dyn FnMut(Work)> = Box::new(move |work| {
            if let Work::ReadOperation { operation, .. } = work {
                asks.lock().unwrap().push(operation);
            }
        });
        let themes = Theme::default().with_others(Depth::True);
        let clock = Clock::fixed(Millis(1_000));
        Self { ui: Ui::new(state, themes, Text::english(), Keymap::default(), clock, worker), asked }
    }

    fn keys(&mut self, keys: &str) -> &mut Self {
        for key in parse(keys).into_iter().flatten() {
            let key: KeyEvent = key;
            self.ui.on_input(Input::Key(key), Arrived::alone(tokio::time::Instant::now()));
        }
        self
    }

    fn journal(&mut self, known: &[&Operation], is_all: bool) -> &mut Self {
        let summaries = known.iter().map(|operation| operation.summary.clone()).collect();
        let operations = Vec::new();
        self.ui.on_event(AppEvent::JournalRead { instance: key(), summaries, operations, is_all });
        self
    }

    fn answer(&mut self, result: Result<Option<Operation>, Message>) -> &mut Self {
        let result = result.map(|found| found.map(Box::new));
        self.ui.on_event(AppEvent::OperationRead { instance: key(), id: OperationId(4), result });
        self
    }

    fn text(&mut self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
        terminal.draw(|frame| self.ui.draw(frame)).unwrap();
        screen::text(terminal.backend().buffer())
    }

    fn is_whole(&self) -> bool {
        self.ui.state().instance().unwrap().operations.whole(OperationId(4)).is_some()
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[tokio::test]
async fn a_journal_that_is_still_being_read_is_no_empty_journal() {
    let mut screen = Screen::new();
    let text = screen.keys("o").text();
    assert!(
        text.contains("The journal is still being read.") && !text.contains("No operation yet"),
        "{text}"
    );
    let text = screen.journal(&[&ended()], false).text();
    assert!(
        text.contains("#4 unlink 3 groups") && text.contains("The journal is still being read."),
        "{text}"
    );
    let text = screen.journal(&[], true).text();
    assert!(text.contains("#4 unlink 3 groups") && !text.contains("still being read"), "{text}");
    let mut empty = Screen::new();
    let text = empty.keys("o").journal(&[], true).text();
    assert!(text.contains("No operation yet"), "{text}");
}

#[tokio::test]
async fn groups_are_asked_for_once_and_kept_while_something_shows_them() {
    let mut screen = Screen::new();
    screen.journal(&[&ended(), &operation(5, order(1), [OperationEvent::Ended])], true);
    assert_eq!((screen.asked(), screen.is_whole()), (0, false));
    let text = screen.keys("o<down><enter>").text();
    assert!(text.contains("The journal is still being read."), "{text}");
    screen.keys("<down>");
    assert_eq!(screen.asked(), 1);
    let text = screen.answer(Ok(Some(ended()))).text();
    assert!(text.contains("Ward 2") && screen.is_whole(), "{text}");
    screen.keys("<esc>");
    assert!(!screen.is_whole(), "nothing shows them any more");
    // Gone from the journal meanwhile.
    screen.keys("<enter>").answer(Ok(None));
    assert!(!screen.text().contains("#4 "));
}

#[tokio::test]
async fn groups_that_cannot_be_read_are_not_asked_for_again_and_again() {
    let mut screen = Screen::new();
    screen.journal(&[&ended()], true).keys("o<enter>").answer(Err(Message::new("submit-ending")));
    let text = screen.keys("<down><up>").text();
    assert_eq!(screen.asked(), 1, "{text}");
    assert!(!text.contains("still being read"), "the failure is shown instead:\n{text}");
}

#[tokio::test]
async fn an_action_that_waits_for_groups_is_dropped_by_the_next_key() {
    let mut screen = Screen::new();
    let text = screen.journal(&[&ended()], true).keys("oY").text();
    assert!(text.contains("The journal is still being read."), "{text}");
    let text = screen.keys("<up>").answer(Ok(Some(ended()))).text();
    assert!(!text.contains("synod unlink"), "{text}");
    let text = screen.keys("Y").answer(Ok(Some(ended()))).text();
    assert!(text.contains("synod unlink"), "{text}");
}
