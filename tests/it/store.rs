//! The store: durability, permissions, and its error messages.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::Connection;
use synod::{
    domain::{
        community::{CommunityRef, Group, GroupKind, GroupList, Parent, Role, Subgroup},
        directory::{LastGroup, LastListing, LastRead},
        event::{OperationEvent, Record},
        history::HistorySubject,
        instance::InstanceKey,
        name::Name,
        operation::{Operation, Phase},
        outcome::Outcome,
        time::Millis,
    },
    engine::{Engine, EngineEvent, journal::Journal},
    gateway::Gateway,
    store::{FileStore, StoreError},
    text::Text,
};
use tempfile::TempDir;

use crate::support::{
    fake_gateway::{FakeGateway, Fault, clock, community, group},
    rig::{UP_TO_DATE, in_time, link, outcomes, steady},
    shared::{key, store},
};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

async fn begin(store: &FileStore) -> Result<Record, String> {
    let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await;
    begun.map_err(|error| Text::english().tell(&error))
}

fn next(record: &Record, sequence: u64, event: OperationEvent) -> Record {
    Record { sequence, event, ..record.clone() }
}

#[tokio::test]
async fn only_the_owner_can_read_the_stores_files() {
    let (_directory, store) = store();
    begin(&store).await.unwrap();
    let wal = PathBuf::from(format!("{}-wal", store.file().display()));
    assert_eq!(mode(store.file().parent().unwrap()), 0o700);
    assert_eq!((mode(store.file()), mode(&wal)), (0o600, 0o600));
}

#[tokio::test]
async fn a_file_that_others_can_read_is_restricted_before_use() {
    let (_directory, store) = store();
    begin(&store).await.unwrap();
    for open in [0o644, 0o640, 0o660, 0o604, 0o602] {
        std::fs::set_permissions(store.file(), std::fs::Permissions::from_mode(open)).unwrap();
        let again = FileStore::open(store.file().parent().unwrap()).unwrap();
        assert!(!again.operations(&key(), 1).await.unwrap().is_empty());
        assert_eq!(mode(store.file()), 0o600, "it was {open:o}");
    }
}

#[tokio::test]
async fn an_operation_is_removed_with_all_its_events_and_no_other() {
    let (_directory, store) = store();
    let (first, second) = (begin(&store).await.unwrap(), begin(&store).await.unwrap());
    for record in [&first, &second] {
        store
            .append(vec![next(record, 1, OperationEvent::Started), next(record, 2, OperationEvent::Ended)])
            .await
            .unwrap();
    }
    store.remove_operations(&[first.operation]).await.unwrap();
    let file = Connection::open(store.file()).unwrap();
    let mut rows = file.prepare("SELECT operation FROM events ORDER BY sequence").unwrap();
    let left: Vec<i64> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(left, [2, 2, 2]);
    assert_eq!(store.operations(&key(), 9).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn recovery_covers_only_the_one_instance() {
    let (_directory, store) = store();
    let clock = clock();
    let other = InstanceKey::new("ryzeapi-other");
    let (engine, _happenings) = Engine::new(Arc::new(store.clone()), clock);
    for instance in [key(), other.clone()] {
        store.begin(&instance, clock.now(), link(&community("c"), [group(1)])).await.unwrap();
        engine.add_instance(instance, Gateway::new(Arc::new(FakeGateway::new(clock))), steady());
    }
    let recovered = engine.recover(&key()).await.unwrap();
    assert_eq!(recovered.iter().map(|operation| operation.id.0).collect::<Vec<_>>(), [1]);
    in_time(engine.until_idle(&key())).await;
    let phases = |operations: Vec<Operation>| -> Vec<Phase> {
        operations.into_iter().map(|operation| operation.summary.phase).collect()
    };
    assert!(store.unfinished(&key()).await.unwrap().is_empty());
    assert_eq!(phases(store.operations(&other, 9).await.unwrap()), [Phase::Waiting]);
    assert_eq!(store.unfinished(&other).await.unwrap().len(), 1, "it is left to its own instance");
}

#[tokio::test]
async fn no_file_is_created_before_it_is_needed() {
    let (directory, _store) = store();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn operations_are_numbered_and_listed_newest_first() {
    let (_directory, store) = store();
    let first = begin(&store).await.unwrap();
    let second = begin(&store).await.unwrap();
    assert_eq!((first.operation.0, second.operation.0, second.sequence), (1, 2, 0));
    store
        .append(vec![next(&first, 1, OperationEvent::Started), next(&first, 2, OperationEvent::Ended)])
        .await
        .unwrap();
    let again = FileStore::open(store.file().parent().unwrap()).unwrap();
    let operations = again.operations(&key(), 10).await.unwrap();
    let phases: Vec<_> = operations.iter().map(|operation| operation.phase.clone()).collect();
    assert_eq!(phases, [Phase::Waiting, Phase::Ended(None)]);
    assert_eq!(again.operations(&key(), 1).await.unwrap()[0].id, second.operation);
    assert_eq!(again.operations(&InstanceKey::new("other"), 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_history_has_the_newest_operations_that_name_its_subject() {
    let (_directory, store) = store();
    for number in [1, 2, 1, 1] {
        store.begin(&key(), Millis(5), link(&community("c"), [group(number)])).await.unwrap();
    }
    let history = async |subject, newest| {
        let past = store.history(&key(), &subject, newest).await.unwrap();
        past.iter().map(|past| past.operation.0).collect::<Vec<_>>()
    };
    assert_eq!(history(HistorySubject::Group(group(1)), 9).await, [4, 3, 1]);
    assert_eq!(history(HistorySubject::Group(group(1)), 2).await, [4, 3]);
    assert_eq!(history(HistorySubject::Community(community("c")), 9).await, [4, 3, 2, 1]);
    assert!(history(HistorySubject::Group(group(3)), 9).await.is_empty());
}

#[tokio::test]
async fn records_are_kept_all_or_none() {
    let (_directory, store) = store();
    let first = begin(&store).await.unwrap();
    let twice = vec![next(&first, 1, OperationEvent::Started), next(&first, 1, OperationEvent::Ended)];
    let error = Text::english().tell(&store.append(twice).await.unwrap_err());
    assert!(error.contains("another Synod"), "{error}");
    assert_eq!(store.operations(&key(), 1).await.unwrap()[0].phase, Phase::Waiting);
}

#[tokio::test]
async fn an_event_of_a_newer_version_does_not_lose_the_rest() {
    let (_directory, store) = store();
    let first = begin(&store).await.unwrap();
    let file = Connection::open(store.file()).unwrap();
    let sql = "INSERT INTO events (operation, sequence, at, body) VALUES (1, 1, 6, '{\"event\":\"teleported\",\"item\":0}')";
    file.execute(sql, []).unwrap();
    assert_eq!(store.operations(&key(), 1).await.unwrap()[0].next_sequence, 2);
    store.append(vec![next(&first, 2, OperationEvent::Ended)]).await.unwrap();
    assert_eq!(store.operations(&key(), 1).await.unwrap()[0].phase, Phase::Ended(None));
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_not_touched() {
    let (_directory, store) = store();
    begin(&store).await.unwrap();
    Connection::open(store.file()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let again = FileStore::open(store.file().parent().unwrap()).unwrap();
    let error = begin(&again).await.unwrap_err();
    assert!(error.contains("newer Synod") && error.contains("--state-dir"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_says_what_to_do() {
    let (_directory, store) = store();
    std::fs::create_dir(store.file().parent().unwrap()).unwrap();
    std::fs::write(store.file(), "this is no journal, but long enough to be taken for one".repeat(100))
        .unwrap();
    let error = begin(&store).await.unwrap_err();
    assert!(error.contains("damaged") && error.contains("move it away"), "{error}");
}

#[tokio::test]
async fn a_file_as_directory_is_refused_and_missing_rights_are_explained() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(FileStore::open(&file), Err(StoreError::NoDirectory(_))));
    let below = FileStore::open(&file.join("state")).unwrap();
    let error = begin(&below).await.unwrap_err();
    assert!(error.contains("--state-dir"), "{error}");
}

/// The companion file holds the latest writes: without it they are lost.
#[tokio::test]
async fn nothing_is_written_once_the_companion_of_the_file_is_gone() {
    let (_directory, store) = store();
    begin(&store).await.unwrap();
    begin(&store).await.unwrap();
    std::fs::remove_file(format!("{}-wal", store.file().display())).unwrap();
    let error = begin(&store).await.unwrap_err();
    assert!(error.contains("removed or replaced"), "{error}");
}

#[tokio::test]
async fn nothing_is_written_once_the_file_was_emptied() {
    let (_directory, store) = store();
    begin(&store).await.unwrap();
    std::fs::File::options().write(true).open(store.file()).unwrap().set_len(0).unwrap();
    let error = begin(&store).await.unwrap_err();
    assert!(error.contains("removed or replaced"), "{error}");
}

#[tokio::test]
async fn communities_and_ordinary_groups_are_remembered_for_their_instance() {
    let (_directory, store) = store();
    let named = CommunityRef { id: community("c"), name: Some(Name::new("Harbor")) };
    let unnamed = CommunityRef { name: None, ..named.clone() };
    store.remember(&key(), vec![named.clone()], Vec::new()).await.unwrap();
    store.remember(&key(), vec![unnamed], Vec::new()).await.unwrap();
    assert_eq!(store.remembered(&key()).await.unwrap().communities, [named]);
    assert_eq!(store.remembered(&InstanceKey::new("other")).await.unwrap().communities, []);
    store.forget_community(&key(), &community("c")).await.unwrap();
    assert_eq!(store.remembered(&key()).await.unwrap().communities, []);
    for _ in 0..2 {
        store.remember(&key(), Vec::new(), vec![group(1), group(2)]).await.unwrap();
    }
    assert_eq!(store.remembered(&key()).await.unwrap().ordinary, [group(1), group(2)]);
    let communities = [1, 2].map(|at| CommunityRef { id: (&group(at)).into(), name: None });
    store.remember(&key(), communities.into(), vec![group(1)]).await.unwrap();
    assert_eq!(store.remembered(&key()).await.unwrap().ordinary, []);
}

#[tokio::test(start_paused = true)]
async fn the_engine_on_the_store_writes_a_journal_that_equals_the_reported_events() {
    let (_directory, store) = store();
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .with_delay(Duration::from_millis(200))
        .faults(&group(3), [Fault::DropBefore])
        .faults(&group(4), [Fault::Lie]);
    let (engine, mut engine_events) = Engine::new(Arc::new(store.clone()), clock);
    engine.add_instance(key(), Gateway::new(Arc::new(gateway)), steady());
    engine.submit(&key(), link(&community("c"), (0..10).map(group)), UP_TO_DATE).await.unwrap();
    let mut heard: Option<Operation> = None;
    while heard.as_ref().is_none_or(|operation| operation.is_live()) {
        if let Some(EngineEvent::Recorded(record)) = in_time(engine_events.recv()).await {
            match &mut heard {
                Some(operation) => operation.apply(&record),
                None => heard = Operation::begin(&record),
            }
        }
    }
    let heard = heard.unwrap();
    assert_eq!(outcomes(&heard).iter().filter(|outcome| **outcome == Outcome::Verified).count(), 9);
    assert_eq!(
        FileStore::open(store.file().parent().unwrap()).unwrap().operations(&key(), 5).await.unwrap(),
        [heard]
    );
}

fn list(begun: i64, names: &[&str]) -> Arc<GroupList> {
    let groups = names.iter().enumerate().map(|(at, name)| Group {
        id: group(at),
        name: Name::new(name),
        members: Some(7),
        role: Role::Admin,
        parent: Parent::Community(community("c")),
        kind: GroupKind::Ordinary,
    });
    Arc::new(GroupList { begun: Millis(begun), groups: groups.collect(), skipped: 2, is_cut: false })
}

fn listing(begun: i64) -> LastListing {
    let subgroup = |number, name: &str| Subgroup { id: group(number), name: Name::new(name) };
    LastListing {
        community: community("c"),
        begun: Millis(begun),
        announcements: Some(LastGroup::Unlisted(subgroup(1, "News"))),
        listed: Vec::new(),
        unlisted: vec![subgroup(2, "\u{1b}[2J \"quoted\"")],
    }
}

async fn keep(store: &FileStore, read: &LastRead, now: i64) {
    let writes_list = read.groups.is_some();
    store.keep_directory(&key(), read.clone(), writes_list, Millis(now)).await.unwrap();
}

#[tokio::test]
async fn the_last_readings_are_restored_and_never_replaced_by_older_ones() {
    let (_directory, store) = store();
    let read = LastRead { groups: Some(list(10, &["a", "ação\n"])), listings: vec![listing(12)] };
    assert!(store.last_read(&key(), Millis(20)).await.unwrap().is_empty());
    keep(&store, &read, 20).await;
    let older = LastRead { groups: Some(list(9, &[])), listings: vec![listing(11)] };
    keep(&store, &older, 20).await;
    assert_eq!(store.last_read(&key(), Millis(20)).await.unwrap().groups, read.groups);
    assert!(!read.is_empty());
    let newer = LastRead { groups: Some(list(13, &[])), ..read.clone() };
    keep(&store, &newer, 20).await;
    assert_eq!(store.last_read(&key(), Millis(20)).await.unwrap(), newer);
    let same = LastRead { groups: Some(list(15, &[])), ..read.clone() };
    keep(&store, &same, 20).await;
    assert_eq!(store.last_read(&key(), Millis(20)).await.unwrap(), same, "only the time has changed");
}

/// A listing refers to places in its list. If another list is stored, it names its groups itself.
#[tokio::test]
async fn a_listing_never_refers_to_the_places_of_another_list() {
    let (_directory, store) = store();
    let (list, other) = (list(10, &["Attic", "News", "Zebra"]), list(13, &["News", "Zebra", "Attic"]));
    let by_place = LastListing {
        announcements: Some(LastGroup::Listed(1)),
        listed: vec![0, 2],
        unlisted: Vec::new(),
        ..listing(12)
    };
    let read = LastRead { groups: Some(list), listings: vec![by_place] };
    keep(&store, &read, 20).await;
    assert_eq!(store.last_read(&key(), Millis(20)).await.unwrap(), read);
    keep(&store, &LastRead { groups: Some(Arc::clone(&other)), listings: Vec::new() }, 20).await;
    assert!(store.last_read(&key(), Millis(20)).await.unwrap().listings.is_empty());
    store.keep_directory(&key(), read, false, Millis(20)).await.unwrap();
    let LastRead { groups, listings } = store.last_read(&key(), Millis(20)).await.unwrap();
    assert_eq!(groups, Some(other));
    let names: Vec<&str> = listings[0].unlisted.iter().map(|group| group.name.shown()).collect();
    assert_eq!((names, listings[0].listed.len()), (vec!["Attic", "Zebra"], 0));
}

#[test]
fn readings_are_empty_only_without_any_part() {
    assert!(LastRead::default().is_empty());
    assert!(!LastRead { groups: Some(list(10, &[])), ..LastRead::default() }.is_empty());
    assert!(!LastRead { listings: vec![listing(10)], ..LastRead::default() }.is_empty());
}

#[tokio::test]
async fn readings_from_before_a_clock_change_are_replaced() {
    let (_directory, store) = store();
    let future = LastRead { groups: Some(list(3_600, &["a"])), listings: vec![listing(3_600)] };
    keep(&store, &future, 4_000).await;
    let read = LastRead { groups: Some(list(12, &["b"])), listings: vec![listing(13)] };
    keep(&store, &read, 20).await;
    assert_eq!(store.last_read(&key(), Millis(20)).await.unwrap(), read);
}

#[tokio::test]
async fn every_fact_of_a_group_is_restored() {
    let (_directory, store) = store();
    let roles = [Role::Unknown, Role::Member, Role::Admin];
    let parents = ["a", "b", "a"].map(|at| Parent::Community(community(at))).into_iter();
    let kinds = [GroupKind::Unknown, GroupKind::Ordinary, GroupKind::Announcements, GroupKind::Community];
    let mut groups = Vec::new();
    for parent in parents.chain([Parent::Unknown, Parent::None]) {
        for (role, kind) in roles.into_iter().flat_map(|role| kinds.map(|kind| (role, kind))) {
            let at = groups.len();
            let members = (at % 3 > 0).then_some(7);
            let name = Name::new(&format!("{at:03}"));
            groups.push(Group { id: group(at), name, members, role, parent: parent.clone(), kind });
        }
    }
    let list = Arc::new(GroupList { begun: Millis(10), groups: groups.into(), skipped: 0, is_cut: false });
    let read = LastRead { groups: Some(list), listings: Vec::new() };
    keep(&store, &read, 20).await;
    assert_eq!(store.last_read(&key(), Millis(20)).await.unwrap(), read);
}

#[tokio::test]
async fn readings_from_the_future_or_of_a_forgotten_community_are_ignored() {
    let (_directory, store) = store();
    let read = LastRead { groups: Some(list(10, &["a"])), listings: vec![listing(30)] };
    keep(&store, &read, 20).await;
    let restored = store.last_read(&key(), Millis(20)).await.unwrap();
    assert_eq!((restored.groups.is_some(), restored.listings.len()), (true, 0));
    store.forget_community(&key(), &community("c")).await.unwrap();
    assert!(store.last_read(&key(), Millis(40)).await.unwrap().listings.is_empty());
}

#[tokio::test]
async fn roles_are_remembered_for_a_day() {
    use std::time::Duration;

    use synod::domain::{community::Role, directory::KnownRole, id::GroupId};

    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::open(directory.path()).unwrap();
    let (one, two) = (InstanceKey::new("one"), InstanceKey::new("two"));
    let now = Millis(1_000_000_000);
    let known = |id: &str, role, begun| KnownRole {
        group: GroupId::parse(&format!("{id}@g.us")).unwrap(),
        role,
        begun,
    };
    let (admin, member) = (known("a", Role::Admin, now), known("b", Role::Member, Millis(now.0 - 3_600_000)));
    let nothing = known("c", Role::Unknown, now);
    let later = known("d", Role::Admin, Millis(now.0 + 5));
    store.keep_roles(&one, vec![admin.clone(), member.clone(), nothing, later], now).await.unwrap();
    assert_eq!(store.remembered_roles(&one, now).await.unwrap(), [admin.clone(), member]);
    assert_eq!(store.remembered_roles(&two, now).await.unwrap(), []);
    let hours = |hours: u64| now + Duration::from_secs(hours * 3600);
    assert_eq!(store.remembered_roles(&one, hours(24)).await.unwrap(), [admin]);
    assert_eq!(store.remembered_roles(&one, hours(25)).await.unwrap(), []);
}
