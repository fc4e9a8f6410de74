//! The last readings of the number, loaded from the store as at a start.

use std::hint::black_box;

use rusqlite::Connection;
use synod::{domain::time::Millis, store::FileStore};

use crate::{
    table::{self, Table},
    world::Loaded,
};

pub(crate) fn rows(table: &mut Table, loaded: &Loaded) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let state = loaded.state();
    let read = state.instances[0].directory.last_read(Millis(i64::MIN));
    let now = Millis(i64::MAX);
    runtime.block_on(store.keep_directory(loaded.key(), read, true, now)).unwrap();
    let taken = table::time(9, || {
        let read = runtime.block_on(store.last_read(loaded.key(), now)).unwrap();
        assert_eq!(read.groups.as_ref().map(|list| list.groups.len()), Some(loaded.list.groups.len()));
        black_box(read);
    });
    let bare = table::time(9, || {
        let file = Connection::open(store.file()).unwrap();
        let mut bodies = file.prepare("SELECT body FROM lists UNION ALL SELECT body FROM listings").unwrap();
        let lengths = bodies.query_map((), |row| Ok(row.get_ref(0)?.as_blob()?.len())).unwrap();
        black_box(lengths.map(Result::unwrap).sum::<usize>());
    });
    table.row("load 100,000 groups from the store", &taken, "SQLite alone", &bare);
}
