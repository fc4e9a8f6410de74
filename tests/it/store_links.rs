//! Kept invite links: which operation each belongs to, and how all of them are forgotten.

use rusqlite::Connection;
use synod::{
    domain::{id::OperationId, instance::InstanceKey, time::Millis},
    engine::journal::Journal,
    store::FileStore,
};

use crate::support::{
    fake_gateway::{community, group, link_of},
    rig::link,
    shared::{key, store},
};

async fn keep(store: &FileStore, instance: &InstanceKey, number: usize) {
    store.keep_invite_link(instance, &group(number), &link_of(&group(number))).await.unwrap();
}

/// A link is removed with the last operation that left its group; links of an earlier version are removed too.
#[tokio::test]
async fn links_are_removed_with_the_last_operation_that_needs_them() {
    let (_directory, store) = store();
    let leave = |groups: &[usize]| {
        let items = groups.iter().map(|number| {
            format!(r#"{{"group":"{}","name":"x","steps":["leave"]}}"#, group(*number).as_str())
        });
        format!(r#"{{"event":"created","verb":"leave","items":[{}]}}"#, items.collect::<Vec<_>>().join(","))
    };
    store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
    let file = Connection::open(store.file()).unwrap();
    for (number, body) in [
        (2, leave(&[2, 3])),
        (3, leave(&[3])),
        (4, "{broken".to_owned()),
        (5, r#"{"verb":"leave","items":["x",1,[],{}]}"#.to_owned()),
    ] {
        file.execute(
            "INSERT INTO operations (id, instance, created) VALUES (?1, ?2, 5)",
            (number, key().as_str()),
        )
        .unwrap();
        file.execute(
            "INSERT INTO events (operation, sequence, at, body) VALUES (?1, 0, 5, ?2)",
            (number, body),
        )
        .unwrap();
    }
    // Group 1 was linked and not left.
    for number in 1..4 {
        keep(&store, &key(), number).await;
    }
    let kept = async || store.count_invite_links(Some(vec![key()])).await.unwrap();
    assert_eq!(kept().await, 3);
    store.remove_operations(&[]).await.unwrap();
    assert_eq!(kept().await, 2);
    store.remove_operations(&[OperationId(2)]).await.unwrap();
    let left = store.groups_with_invite_link(&key()).await.unwrap();
    assert_eq!(left, [group(3)].into());
    store.remove_operations(&[OperationId(3)]).await.unwrap();
    assert_eq!(store.count_invite_links(None).await.unwrap(), 0);
}

#[tokio::test]
async fn all_links_or_those_of_one_instance_are_forgotten() {
    let (_directory, store) = store();
    let other = InstanceKey::new("ryzeapi-gone");
    for instance in [&key(), &other] {
        keep(&store, instance, 1).await;
    }
    assert_eq!(store.forget_invite_links(Some(vec![key()])).await.unwrap(), 1);
    assert_eq!(store.count_invite_links(None).await.unwrap(), 1);
    assert_eq!(store.forget_invite_links(None).await.unwrap(), 1);
    assert_eq!(store.count_invite_links(None).await.unwrap(), 0);
}

/// An invite link is a secret: no file contains it once it is forgotten.
#[tokio::test]
async fn a_forgotten_link_is_in_no_file_any_more() {
    let (directory, store) = store();
    keep(&store, &key(), 1).await;
    let link = link_of(&group(1));
    let state = directory.path().join("state");
    let contains = || {
        let files =
            std::fs::read_dir(&state).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files
            .filter(|file| file.windows(link.expose().len()).any(|part| part == link.expose().as_bytes()))
            .count()
    };
    assert!(contains() > 0);
    store.forget_invite_links(None).await.unwrap();
    assert_eq!(contains(), 0);
}
