//! Invite links are kept in a file, and on a server only encrypted, with a key that the operators hold.

use std::sync::Arc;

use synod::{
    domain::{event::OperationEvent, instance::InstanceKey, invite::InviteLink, time::Millis},
    engine::journal::Journal,
    store::{FileStore, LinkKey, Renamed, ServerStore, Store},
};
use tempfile::TempDir;

use super::{key, next};
use crate::support::{
    fake_gateway::{group, link_of},
    postgres::Postgres,
    rig::leave,
};

/// A store that keeps invite links.
struct Keeper {
    name: &'static str,
    store: Arc<dyn Store>,
    _folder: TempDir,
}

fn file() -> (TempDir, FileStore) {
    let folder = TempDir::new().unwrap();
    let store = FileStore::open(&folder.path().join("state")).unwrap();
    (folder, store)
}

/// A store on a server, with this key.
fn server(server: &Postgres, database: &str, key: Option<LinkKey>) -> (TempDir, ServerStore) {
    let folder = TempDir::new().unwrap();
    let store = server.store(database, "ana", &folder.path().join("state")).with_key(key);
    (folder, store)
}

fn keepers() -> Vec<Keeper> {
    let (folder, store) = file();
    let mut keepers = vec![Keeper { name: "file", store: Arc::new(store), _folder: folder }];
    if let Some(postgres) = Postgres::shared() {
        let (folder, store) = server(postgres, &postgres.database(), Some(LinkKey::generate()));
        keepers.push(Keeper { name: "server", store: Arc::new(store), _folder: folder });
    }
    keepers
}

fn other() -> InstanceKey {
    InstanceKey::new("ryzeapi-other")
}

#[tokio::test]
async fn a_link_is_kept_replaced_counted_and_forgotten() {
    for Keeper { name, store, .. } in keepers() {
        let old = InviteLink::new("https://chat.whatsapp.com/old").unwrap();
        store.keep_link(&key(), &group(1), &old).await.unwrap();
        store.keep_link(&key(), &group(1), &link_of(&group(1))).await.unwrap();
        store.keep_link(&key(), &group(2), &link_of(&group(2))).await.unwrap();
        store.keep_link(&other(), &group(1), &old).await.unwrap();
        assert_eq!(store.kept_link(&key(), &group(1)).await.unwrap(), Some(link_of(&group(1))), "{name}");
        assert_eq!(store.kept_link(&key(), &group(3)).await.unwrap(), None, "{name}");
        let groups = store.groups_with_invite_link(&key()).await.unwrap();
        assert_eq!(groups.into_iter().collect::<Vec<_>>(), [group(1), group(2)], "{name}");
        assert_eq!(store.count_invite_links(None).await.unwrap(), 3, "{name}");
        assert_eq!(store.count_invite_links(Some(vec![key()])).await.unwrap(), 2, "{name}");
        assert_eq!(store.forget_invite_links(Some(vec![key()])).await.unwrap(), 2, "{name}");
        assert_eq!(store.kept_link(&key(), &group(1)).await.unwrap(), None, "{name}");
        assert_eq!(store.forget_invite_links(None).await.unwrap(), 1, "{name}");
        assert_eq!(store.forget_invite_links(None).await.unwrap(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_link_goes_with_the_last_operation_that_needs_it() {
    for Keeper { name, store, .. } in keepers() {
        let first = store.begin(&key(), Millis(5), leave([group(1), group(2)])).await.unwrap();
        let second = store.begin(&key(), Millis(6), leave([group(2)])).await.unwrap();
        for record in [&first, &second] {
            store.append(vec![next(record, 1, OperationEvent::Ended)]).await.unwrap();
        }
        for id in [group(1), group(2)] {
            store.keep_link(&key(), &id, &link_of(&id)).await.unwrap();
        }
        store.remove_operations(&[first.operation]).await.unwrap();
        let left = store.groups_with_invite_link(&key()).await.unwrap();
        assert_eq!(left.into_iter().collect::<Vec<_>>(), [group(2)], "{name}");
        store.remove_operations(&[second.operation]).await.unwrap();
        assert_eq!(store.count_invite_links(None).await.unwrap(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_link_is_found_under_the_present_key_of_its_instance() {
    for Keeper { name, store, .. } in keepers() {
        store.keep_link(&key(), &group(1), &link_of(&group(1))).await.unwrap();
        store.rename(vec![Renamed { from: key(), to: other() }]).await.unwrap();
        assert_eq!(store.kept_link(&other(), &group(1)).await.unwrap(), Some(link_of(&group(1))), "{name}");
        assert_eq!(store.kept_link(&key(), &group(1)).await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn a_server_holds_only_what_opens_with_the_key_and_in_its_place() {
    let Some(postgres) = Postgres::shared() else { return };
    let (database, secret) = (postgres.database(), LinkKey::generate());
    let written = secret.to_line();
    let same = || LinkKey::parse(&written).unwrap();
    let (_folder, store) = server(postgres, &database, Some(secret));
    store.keep_link(&key(), &group(1), &link_of(&group(1))).await.unwrap();
    let read = |sql: &str| String::from_utf8(postgres.sql(&database, sql).stdout).unwrap();
    let rows = read("SELECT *, encode(sealed, 'escape') FROM invite_links");
    let link = link_of(&group(1));
    assert!(rows.contains(group(1).as_str()) && !rows.contains(link.expose()), "{rows}");
    assert!(rows.contains("age-encryption.org"), "the operators can open it with age: {rows}");

    // Another operator with the same key opens it, one with another key or none does not.
    let (_second, ben) = server(postgres, &database, Some(same()));
    assert_eq!(ben.kept_link(&key(), &group(1)).await.unwrap(), Some(link));
    for key_of_carla in [Some(LinkKey::generate()), None] {
        let (_third, carla) = server(postgres, &database, key_of_carla);
        assert_eq!(carla.kept_link(&key(), &group(1)).await.unwrap(), None);
        assert!(carla.groups_with_invite_link(&key()).await.unwrap().is_empty());
        assert_eq!(carla.count_invite_links(None).await.unwrap(), 1, "it can still be forgotten");
    }

    // Somebody copies it to another group: a rejoin must not enter that.
    let copy = format!(
        "INSERT INTO invite_links SELECT instance, '{}', sealed, operator, host FROM invite_links",
        group(2)
    );
    assert!(postgres.sql(&database, &copy).status.success());
    assert_eq!(store.kept_link(&key(), &group(2)).await.unwrap(), None);
    let groups = store.groups_with_invite_link(&key()).await.unwrap();
    assert_eq!(groups.into_iter().collect::<Vec<_>>(), [group(1)]);
}
