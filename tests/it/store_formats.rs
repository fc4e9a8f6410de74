//! The journal's file has a fixed format: a test holds the JSON of every event, and files of earlier versions are readable.

use std::collections::BTreeSet;

use rusqlite::Connection;
use synod::{
    domain::{
        community::CommunityRef,
        event::{
            Fate, Guess, ItemReason, OperationEvent, Order, OrderItem, PauseReason, Record, SeenBefore,
            StopReason,
        },
        failure::{Failure, FailureKind},
        id::OperationId,
        instance::InstanceKey,
        name::Name,
        operation::Phase,
        outcome::{Claim, Outcome, Shows},
        plan::{Reason, Step, Verb},
        time::Millis,
    },
    engine::journal::Journal,
    store::{FileStore, Renamed, Store},
};
use tempfile::TempDir;

use crate::support::fake_gateway::{community, group, link_of};

const GOLDEN: &str = include_str!("golden/events.jsonl");

fn record(event: OperationEvent) -> Record {
    let instance = InstanceKey::new("ryzeapi-0a1b2c");
    let at = Millis(1_772_366_400_250);
    Record { instance, operation: OperationId(14), sequence: 3, at, writer: None, event }
}

fn refused() -> Failure {
    Failure::new(FailureKind::Refused).saying("already in another community").with_status(200)
}

fn order() -> Order {
    let item = |at: usize, steps: Vec<Step>, fate: Fate, reason: Option<Reason>| OrderItem {
        group: group(at),
        name: Name::new("Lab results"),
        steps,
        done: 0,
        fate,
        reason,
        evidence: SeenBefore { was_listed: true, had_details: false, ..SeenBefore::default() },
        sent_before: false,
        subgroups: Vec::new(),
    };
    let (from, to) = (community("a"), community("b"));
    let mut taken_up = item(1, vec![Step::Unlink(from.clone()), Step::Link(to.clone())], Fate::Send, None);
    (taken_up.done, taken_up.sent_before) = (1, true);
    let elsewhere = CommunityRef { id: from.clone(), name: Some(Name::new("Harbor")) };
    let not_ticked = Reason::NotTicked(Box::new(Reason::ProbeFailed(Failure::new(FailureKind::TimedOut))));
    Order {
        verb: Verb::Move,
        target: Some(CommunityRef { id: to, name: None }),
        parent: Some(OperationId(9)),
        items: vec![
            taken_up,
            item(2, Vec::new(), Fate::AlreadySo, Some(Reason::AlreadyIn)),
            item(3, Vec::new(), Fate::Blocked, Some(Reason::InOtherCommunity(elsewhere))),
            item(4, vec![Step::Leave], Fate::Blocked, Some(not_ticked)),
            item(5, vec![Step::Join], Fate::Blocked, Some(Reason::NoInviteLink)),
            item(6, vec![Step::LeaveCommunity(from)], Fate::Send, None),
            item(7, Vec::new(), Fate::Blocked, Some(Reason::InOperation(OperationId(12)))),
        ],
    }
}

/// Every kind of event, with every kind of content.
fn events() -> Vec<OperationEvent> {
    let finished = |outcome, reason| OperationEvent::ItemFinished { item: 0, outcome, reason };
    let mut events = vec![
        OperationEvent::Created(Box::new(order())),
        OperationEvent::Started,
        OperationEvent::Sending { item: 0, step: 1, attempt: 2, timeout_ms: None },
        OperationEvent::Sending { item: 0, step: 1, attempt: 2, timeout_ms: Some(65_000) },
        OperationEvent::Answered { item: 0, claim: Claim::Yes, failure: None },
        OperationEvent::Answered { item: 0, claim: Claim::No, failure: Some(refused()) },
        OperationEvent::Answered {
            item: 0,
            claim: Claim::Silence,
            failure: Some(Failure::new(FailureKind::Dropped)),
        },
        OperationEvent::PutBack {
            item: 0,
            failure: Failure::new(FailureKind::RateLimited { until: Some(Millis(7)) }),
        },
        OperationEvent::PutBack { item: 0, failure: Failure::new(FailureKind::Throttled { until: None }) },
        OperationEvent::LookBegan { items: vec![0, 2] },
        OperationEvent::Looked {
            seen: vec![(0, Shows::Wanted), (1, Shows::Unwanted), (2, Shows::Unreadable)],
        },
        OperationEvent::TryingAgain { item: 0 },
        OperationEvent::StepVerified { item: 0 },
    ];
    let reasons = [
        ItemReason::Plan(Reason::OverLimit),
        ItemReason::Gateway(refused()),
        ItemReason::Guess(Guess::ElsewhereOrNotAdmin),
        ItemReason::MayAwaitApproval,
        ItemReason::NoListing(Failure::new(FailureKind::NoListing)),
        ItemReason::CannotBeShown,
        ItemReason::InNeither,
        ItemReason::LeftStanding,
        ItemReason::Stopped,
        ItemReason::Halted(Failure::new(FailureKind::TokenRefused)),
        ItemReason::Interrupted,
    ];
    events.extend(Outcome::ALL.map(|outcome| finished(outcome, None)));
    events.extend(reasons.map(|reason| finished(Outcome::Unknown, Some(reason))));
    events.extend(
        [
            PauseReason::Operator,
            PauseReason::Budget { until: Millis(8) },
            PauseReason::Throttled { until: Millis(9) },
            PauseReason::InFlight { until: Millis(10) },
        ]
        .map(|why| OperationEvent::Paused { why }),
    );
    events.push(OperationEvent::Resumed);
    events.extend(
        [
            StopReason::Operator,
            StopReason::Failure(Failure::new(FailureKind::Banned)),
            StopReason::Alike(refused()),
            StopReason::CommunityFull,
            StopReason::Journal,
            StopReason::Interrupted,
        ]
        .map(|why| OperationEvent::Stopping { why }),
    );
    events.push(OperationEvent::Ended);
    events
}

#[test]
fn the_json_of_every_event_is_unchanged() {
    let written: String =
        events().into_iter().map(|event| serde_json::to_string(&record(event)).unwrap() + "\n").collect();
    // To change the format on purpose: write this beside the test, and keep the old lines readable.
    assert!(written == GOLDEN, "the format differs from tests/it/golden/events.jsonl; it is now:\n{written}");
}

#[test]
fn written_events_can_be_read_back() {
    let read: Vec<Record> = GOLDEN.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let meant: Vec<Record> = events().into_iter().map(record).collect();
    assert_eq!(read, meant);
    let kinds: BTreeSet<String> = GOLDEN
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].to_string())
        .collect();
    assert_eq!(kinds.len(), 14, "{kinds:?}");
}

/// The tables of the first version.
const FIRST: &str = "
    CREATE TABLE operations (
        id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, created INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX operations_of_instance ON operations (instance, id);
    CREATE TABLE events (
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (operation, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE communities (
        instance TEXT NOT NULL, community TEXT NOT NULL, name TEXT, PRIMARY KEY (instance, community)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ordinary_groups (
        instance TEXT NOT NULL, group_id TEXT NOT NULL, PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;
    INSERT INTO operations (instance, created) VALUES ('one', 5), ('one', 6);
    INSERT INTO events VALUES (1, 0, 5, '{\"event\":\"created\",\"verb\":\"link\",\"items\":[]}');
    INSERT INTO events VALUES (1, 1, 9, '{\"event\":\"ended\"}');
    INSERT INTO events VALUES (2, 0, 6, '{\"event\":\"created\",\"verb\":\"link\",\"items\":[]}');
";

#[tokio::test]
async fn a_file_of_the_first_version_is_upgraded_with_all_its_content() {
    let directory = TempDir::new().unwrap();
    let store = FileStore::open(directory.path()).unwrap();
    Connection::open(store.file()).unwrap().execute_batch(FIRST).unwrap();
    let key = InstanceKey::new("one");
    assert_eq!(store.unfinished(&key).await.unwrap(), [OperationId(2)]);
    let told = store.operations(&key, 9).await.unwrap();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|operation| operation.begun_by.is_none()), "nobody knows who began them");
    assert_eq!(told[1].phase, Phase::Ended(None));
    // The summaries are made at the first use.
    assert!(store.list(&key, 9).await.unwrap().iter().all(|listed| listed.summary.is_none()));
    let summaries: Vec<_> = told.into_iter().map(|operation| operation.summary).collect();
    assert_eq!(store.summaries(&key, 9).await.unwrap(), summaries);
    let kept: Vec<_> = store.list(&key, 9).await.unwrap().into_iter().map(|listed| listed.summary).collect();
    assert_eq!(kept, [None, Some(summaries[1].clone())]);
    store.keep_link(&key, &group(1), &link_of(&group(1))).await.unwrap();
    assert_eq!(store.kept_link(&key, &group(1)).await.unwrap(), Some(link_of(&group(1))));
    store.forget_invite_link(&key, &group(1)).await.unwrap();
    assert_eq!(store.kept_link(&key, &group(1)).await.unwrap(), None);
}

/// The additions of the third version to the first, with two operations whose events alternate.
const THIRD: &str = "
    ALTER TABLE operations ADD COLUMN ended INTEGER;
    CREATE INDEX operations_without_end ON operations (instance, id) WHERE ended IS NULL;
    CREATE TABLE invite_links (
        instance TEXT NOT NULL, group_id TEXT NOT NULL, link TEXT NOT NULL, PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE directory (
        instance TEXT NOT NULL, community TEXT NOT NULL, begun INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (instance, community)
    ) STRICT;
    PRAGMA user_version = 3;
    UPDATE operations SET ended = 9 WHERE id = 1;
    INSERT INTO events VALUES (2, 1, 7, '{\"event\":\"started\"}');
    INSERT INTO events VALUES (2, 2, 8, '{\"event\":\"sending\",\"item\":0,\"step\":0,\"attempt\":1}');
    INSERT INTO communities VALUES ('one', 'c@g.us', 'Harbor'), ('now', 'c@g.us', NULL), ('one', 'd@g.us', NULL);
    INSERT INTO ordinary_groups VALUES ('one', 'g1@g.us');
    INSERT INTO invite_links VALUES ('one', 'g1@g.us', 'https://chat.whatsapp.com/AAAAAAAAAAAAAAAAAAAAAA');
    INSERT INTO directory VALUES ('one', '', 5, '{}');
";

#[tokio::test]
async fn a_file_of_the_third_version_keeps_its_events_and_gives_each_its_position() {
    let directory = TempDir::new().unwrap();
    let store = FileStore::open(directory.path()).unwrap();
    Connection::open(store.file()).unwrap().execute_batch(&format!("{FIRST}{THIRD}")).unwrap();
    let key = InstanceKey::new("one");
    assert_eq!(store.position(&key).await.unwrap(), 5);
    let sending = store.last_sendings(&key, Millis(9)).await.unwrap().remove(0);
    assert_eq!((sending.operation, sending.sequence, sending.at), (OperationId(2), 2, Millis(8)));
    assert_eq!(sending.event, OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: None });
    let records = store.records(&key, OperationId(2), 0).await.unwrap();
    assert_eq!(records.len(), 3);
    store.remove_operations(&[OperationId(2)]).await.unwrap();
    assert_eq!(store.records(&key, OperationId(2), 0).await.unwrap(), []);
    assert_eq!(store.position(&key).await.unwrap(), 2);
}

#[tokio::test]
async fn events_under_a_former_key_are_found_under_the_present_one() {
    let directory = TempDir::new().unwrap();
    let (former, key) = (InstanceKey::new("one"), InstanceKey::new("now"));
    let renamed = vec![Renamed { from: former.clone(), to: key.clone() }];
    let store = FileStore::open_renaming(directory.path(), renamed).unwrap();
    Connection::open(store.file()).unwrap().execute_batch(&format!("{FIRST}{THIRD}")).unwrap();
    assert_eq!(store.unfinished(&key).await.unwrap(), [OperationId(2)]);
    assert_eq!(store.operations(&key, 9).await.unwrap().len(), 2);
    assert_eq!(store.last_sendings(&key, Millis(9)).await.unwrap().len(), 1);
    assert_eq!(store.remembered(&key).await.unwrap().communities.len(), 2);
    assert_eq!(store.remembered(&key).await.unwrap().ordinary.len(), 1);
    assert_eq!(store.groups_with_invite_link(&key).await.unwrap().len(), 1);
    assert_eq!(store.operations(&former, 9).await.unwrap(), []);
    assert_eq!(store.remembered(&former).await.unwrap().communities, []);
    assert_eq!(store.groups_with_invite_link(&former).await.unwrap().len(), 0);
}
