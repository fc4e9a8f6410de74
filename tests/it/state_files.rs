//! Files with any content: a configuration, a journal, a lock, a plan. The program reads the content or refuses it with a
//! message, and never panics.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config as Cases, TestCaseError},
};
use rusqlite::Connection;
use synod::{
    config::{Config, Environment},
    domain::{
        event::OperationEvent, id::OperationId, instance::InstanceKey, message::ToMessage, time::Millis,
    },
    engine::journal::Journal,
    export::{group_list, plan_file::PlanFile},
    simulator::World,
    store::FileStore,
    text::{Language, Text},
};
use tempfile::TempDir;

use crate::support::{
    fake_gateway::{community, group, link_of},
    rig::link,
};

const CONFIG: &str = include_str!("../../docs/configuration.md");

fn cases(usual: u32) -> Cases {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Cases { cases: asked.unwrap_or(usual), failure_persistence: None, ..Cases::default() }
}

/// The documented configuration, without the parts that a file cannot contain.
fn example() -> &'static str {
    CONFIG.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap()
}

/// A change to a text: some bytes at a place are replaced.
#[derive(Clone, Debug)]
struct Change {
    at: Index,
    taken: usize,
    put: Vec<u8>,
}

fn change() -> impl Strategy<Value = Change> {
    let telling = prop_oneof![
        Just(b"".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"[[".to_vec()),
        Just(b" = ".to_vec()),
        Just(b"{ file = \"".to_vec()),
        Just(b"18446744073709551616".to_vec()),
        Just(b"-1".to_vec()),
        Just(b"1e999".to_vec()),
        Just("\u{feff}\u{202e}\u{0}".as_bytes().to_vec()),
        Just(b"\xff\xfe".to_vec()),
        Just(vec![b'['; 3000]),
        proptest::collection::vec(any::<u8>(), 1..12),
    ];
    (any::<Index>(), 0_usize..40, telling).prop_map(|(at, taken, put)| Change { at, taken, put })
}

fn changed(text: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut text = text.to_vec();
    for Change { at, taken, put } in changes {
        let begin = at.index(text.len() + 1);
        let end = (begin + taken).min(text.len());
        text.splice(begin..end, put.iter().copied());
    }
    text
}

fn private(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

/// Every language has a message for it.
fn told(error: &impl ToMessage) -> Result<(), TestCaseError> {
    for language in Language::ALL {
        prop_assert!(Text::of(language).tell(error).len() > 10);
    }
    Ok(())
}

fn key() -> InstanceKey {
    InstanceKey::new("ryzeapi-test")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A store with an operation and a link.
async fn filled(state: &Path) -> FileStore {
    let store = FileStore::open(state).unwrap();
    store.begin(&key(), Millis(5), link(&community("c"), [group(1), group(2)])).await.unwrap();
    store.keep_invite_link(&key(), &group(1), &link_of(&group(1))).await.unwrap();
    store
}

/// Reads everything in a journal; unreadable parts are reported.
async fn read_all(state: &Path) -> Result<(), TestCaseError> {
    let store = match FileStore::open(state) {
        Ok(store) => store,
        Err(error) => return told(&error),
    };
    macro_rules! read {
        ($($read:expr),*) => { $( if let Err(error) = $read.await { told(&error)?; } )* };
    }
    read!(
        store.operations(&key(), usize::MAX),
        store.operation(&key(), OperationId(1)),
        store.records(&key(), OperationId(1), 0),
        store.last_sendings(&key(), Millis(9)),
        store.unfinished(&key()),
        store.position(&key()),
        store.kept_link(&key(), &group(1)),
        store.groups_with_invite_link(&key()),
        store.remembered(&key()),
        store.remove_operations(&[OperationId(1)]),
        store.forget_invite_links(None)
    );
    Ok(())
}

/// The bodies of events, right and wrong ones, with numbers from everywhere.
fn body() -> impl Strategy<Value = String> {
    let number = prop_oneof![0_u64..4, Just(u64::MAX), any::<u64>()];
    let kind = proptest::sample::select(vec![
        "created",
        "started",
        "sending",
        "answered",
        "silent",
        "looked",
        "settled",
        "finished",
        "paused",
        "resumed",
        "stopping",
        "stopped",
        "ended",
        "link_kept",
        "other",
    ]);
    (kind, number.clone(), number.clone(), number, proptest::collection::vec(change(), 0..2)).prop_map(
        |(kind, item, step, attempt, changes)| {
            let body = format!(
                r#"{{"event":"{kind}","verb":"leave","items":[{{"group":"g1@g.us","name":"x","steps":["leave"]}},{item},"x",[]],"item":{item},"step":{step},"attempt":{attempt},"claim":"yes","outcome":"verified","seen":[[{item},"wanted"]]}}"#
            );
            String::from_utf8_lossy(&changed(body.as_bytes(), &changes)).into_owned()
        },
    )
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn property_any_configuration_is_read_or_refused_with_a_message(
        changes in proptest::collection::vec(change(), 0..6),
    ) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("config.toml");
        private(&path, &changed(example().as_bytes(), &changes));
        let environment = Environment { home: Some(folder.path().to_owned()), ..Environment::default() };
        if let Err(error) = Config::load(Some(&path), None, &environment) {
            told(&error)?;
        }
    }

    #[test]
    fn property_any_plan_file_is_read_or_refused(changes in proptest::collection::vec(change(), 0..6)) {
        let plan = br#"{"v":1,"synod_plan":1,"instance":"ops","made":5,"verb":"link","groups":[{"group":"g1@g.us","name":"x"}]}"#;
        let text = String::from_utf8_lossy(&changed(plan, &changes)).into_owned();
        let _ = PlanFile::parse(&text);
    }

    #[test]
    fn property_any_world_is_read_or_refused(
        world in proptest::sample::select(vec!["harbor", "one_in_five", "whatsapp_words", "hostile_names"]),
        changes in proptest::collection::vec(change(), 0..6),
    ) {
        let text = World::built_in_text(world).unwrap();
        let text = String::from_utf8_lossy(&changed(text.as_bytes(), &changes)).into_owned();
        if let Err(error) = World::parse(&text, "world.toml") {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn property_any_list_of_groups_is_read_or_refused(
        list in proptest::sample::select(vec![
            "name,id\n\"Kitchen; old\",120363400000000031@g.us\n",
            "{\"v\":1,\"group\":\"120363400000000031@g.us\",\"name\":\"Kitchen\"}\n",
            "# rota\n- Board\n1. Radiology\n[x] Lab results;41\n",
        ]),
        changes in proptest::collection::vec(change(), 0..8),
    ) {
        let text = String::from_utf8_lossy(&changed(list.as_bytes(), &changes)).into_owned();
        let _ = group_list::read(&text);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn property_any_bytes_of_a_journal_are_read_or_refused_with_a_message(
        changes in proptest::collection::vec(change(), 1..5),
        cut in any::<Index>(),
        is_cut in any::<bool>(),
    ) {
        let state = TempDir::new().unwrap();
        runtime().block_on(async {
            let file = {
                let store = filled(state.path()).await;
                store.file().to_owned()
            };
            // All of it is in one file.
            Connection::open(&file).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            let mut bytes = fs::read(&file).unwrap();
            for Change { at, put, .. } in &changes {
                let begin = at.index(bytes.len());
                let end = (begin + put.len()).min(bytes.len());
                bytes[begin..end].copy_from_slice(&put[..end - begin]);
            }
            if is_cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            private(&file, &bytes);
            read_all(state.path()).await
        })?;
    }

    #[test]
    fn property_any_events_in_a_journal_are_folded_or_skipped(bodies in proptest::collection::vec(body(), 1..8)) {
        let state = TempDir::new().unwrap();
        runtime().block_on(async {
            let store = filled(state.path()).await;
            store
                .append(vec![synod::domain::event::Record {
                    instance: key(),
                    operation: OperationId(1),
                    sequence: 1,
                    at: Millis(6),
                    writer: None,
                    event: OperationEvent::Started,
                }])
                .await
                .unwrap();
            let file = Connection::open(store.file()).unwrap();
            for (body, sequence) in bodies.iter().zip(2_i64..) {
                let sql = "INSERT INTO events (operation, sequence, at, body) VALUES (1, ?1, 7, ?2)";
                file.execute(sql, (sequence, body)).unwrap();
                let sql = "INSERT INTO operations (id, instance, created) VALUES (?1, ?2, 7)";
                file.execute(sql, (sequence, key().as_str())).unwrap();
                let sql = "INSERT INTO events (operation, sequence, at, body) VALUES (?1, 0, 7, ?2)";
                file.execute(sql, (sequence, body)).unwrap();
            }
            read_all(state.path()).await
        })?;
    }
}
