//! The last readings of an instance: shown immediately at the next start, but never used by a plan.
//!
//! The list of groups is one value: its columns, as the program holds them. The listing of a community is a value that refers to
//! places in that list, and is only good together with it. A value that cannot be read, or that somebody changed, is ignored:
//! the gateway is read anyway.

use std::{
    collections::HashMap,
    error::Error,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, BufWriter, Write},
    sync::Arc,
};

use rusqlite::{MAIN_DB, OptionalExtension, Transaction, blob::ZeroBlob, params};
use serde::{Deserialize, Serialize};

use super::{FileStore, StoreError};
use crate::domain::{
    community::{GroupList, Groups},
    directory::{LastListing, LastRead},
    instance::InstanceKey,
    time::Millis,
};

/// How much of a list is written to the database at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// The stored list of groups.
#[derive(Serialize, Deserialize)]
struct StoredList {
    groups: Groups,
    skipped: usize,
}

/// For a listing that refers to no list.
const NO_LIST: i64 = 0;

impl FileStore {
    /// Stores readings of an instance. A part replaces an older one, never a newer one. A part from after `now` does not count as
    /// newer: the clock was set back after it was stored. The list of groups is only written if it differs from the stored one,
    /// and not at all without `writes_list`; the listings are then stored without it.
    pub async fn keep_directory(
        &self,
        instance: &InstanceKey,
        read: LastRead,
        writes_list: bool,
        now: Millis,
    ) -> Result<(), StoreError> {
        let instance = instance.clone();
        self.write(move |transaction| {
            let keep = Keep { transaction, instance: instance.as_str(), now };
            let list = read.groups.as_deref();
            if let Some(list) = list.filter(|_| writes_list) {
                keep.list(list)?;
            }
            keep.listings(list, &read.listings)
        })
        .await
    }

    /// The last readings of an instance from before `now`. Later parts are omitted: the clock was set back after they were
    /// stored, and they could not be distinguished from new readings.
    pub async fn last_read(&self, instance: &InstanceKey, now: Millis) -> Result<LastRead, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT begun, places, body FROM lists WHERE instance = ?1 AND begun < ?2";
            let list = transaction.prepare_cached(sql)?.query_row(params![instance.as_str(), now.0], |row| {
                let begun = Millis(row.get(0)?);
                let stored = postcard::from_bytes::<StoredList>(row.get_ref(2)?.as_blob()?).ok();
                let list = stored.map(|StoredList { groups, skipped }| {
                    Arc::new(GroupList { begun, groups, skipped, is_cut: false })
                });
                Ok(list.zip(Some(row.get::<_, i64>(1)?)))
            });
            let list = list.optional()?.flatten();
            let places = list.as_ref().map_or(NO_LIST, |(_, places)| *places);
            let sql = "SELECT body FROM listings WHERE instance = ?1 AND begun < ?2 AND places IN (?3, ?4)
                ORDER BY community";
            let mut statement = transaction.prepare_cached(sql)?;
            let mut rows = statement.query(params![instance.as_str(), now.0, NO_LIST, places])?;
            let mut read = LastRead { groups: list.map(|(list, _)| list), listings: Vec::new() };
            while let Some(row) = rows.next()? {
                read.listings.extend(postcard::from_bytes::<LastListing>(row.get_ref(0)?.as_blob()?).ok());
            }
            Ok(read)
        })
        .await
    }
}

/// Stores readings of an instance in a transaction.
struct Keep<'a> {
    transaction: &'a Transaction<'a>,
    instance: &'a str,
    now: Millis,
}

impl Keep<'_> {
    /// Writes the list of groups, or only the time of its read if it has not changed.
    fn list(&self, list: &GroupList) -> rusqlite::Result<()> {
        let sql = "SELECT digest FROM lists WHERE instance = ?1 AND begun <= ?2 AND begun <= ?3";
        let mut held = self.transaction.prepare_cached(sql)?;
        let digest = digest((&list.groups, list.skipped));
        let held =
            held.query_row(params![self.instance, list.begun.0, self.now.0], |row| row.get::<_, i64>(0));
        if held.optional()? == Some(digest) {
            let sql = "UPDATE lists SET begun = ?2 WHERE instance = ?1";
            self.transaction.prepare_cached(sql)?.execute(params![self.instance, list.begun.0])?;
            return Ok(());
        }
        let body = StoredList { groups: list.groups.clone(), skipped: list.skipped };
        let sql = "INSERT INTO lists (instance, begun, places, digest, body) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET begun = excluded.begun, places = excluded.places, digest = excluded.digest,
                body = excluded.body
            WHERE excluded.begun >= begun OR begun > ?6 RETURNING rowid";
        let (places, room) = (places(&list.groups), ZeroBlob(size(&body)?));
        let values = params![self.instance, list.begun.0, places, digest, room, self.now.0];
        let row = self.transaction.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
        let Some(row) = row else { return Ok(()) };
        // Written in pieces: a list of 100,000 groups has 6 MB, and the database would copy it twice.
        let room = self.transaction.blob_open(MAIN_DB, "lists", "body", row, false)?;
        write(&body, BufWriter::with_capacity(PIECE, room))?
            .into_inner()
            .map_err(|error| failed(error.into_error()))?
            .close()
    }

    /// Writes the listings that are newer than the stored ones, or refer to another list.
    fn listings(&self, list: Option<&GroupList>, listings: &[LastListing]) -> rusqlite::Result<()> {
        let sql = "SELECT places FROM lists WHERE instance = ?1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let stored = statement.query_row([self.instance], |row| row.get::<_, i64>(0)).optional()?;
        // The list itself may not be stored.
        let places = list.map(|list| places(&list.groups)).filter(|places| stored == Some(*places));
        let unplaced = list.filter(|_| places.is_none());
        let places = places.unwrap_or(NO_LIST);
        let sql = "SELECT community, begun, places FROM listings WHERE instance = ?1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let rows = statement.query_map([self.instance], |row| {
            Ok((row.get::<_, String>(0)?, (row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
        })?;
        let held: HashMap<String, (i64, i64)> = rows.collect::<rusqlite::Result<_>>()?;
        let sql = "INSERT OR REPLACE INTO listings (instance, community, begun, places, body)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = self.transaction.prepare_cached(sql)?;
        for listing in listings {
            let (begun, community) = (listing.begun.0, listing.community.as_str());
            let held = held.get(community).filter(|(held, _)| *held <= self.now.0);
            let is_newer = held.is_none_or(|held| begun > held.0 || begun == held.0 && places != held.1);
            if !is_newer {
                continue;
            }
            let body = match unplaced {
                Some(list) => encode(&listing.without_places(list))?,
                None => encode(listing)?,
            };
            statement.execute(params![self.instance, community, begun, places, body])?;
        }
        Ok(())
    }
}

/// A number that changes if any group gets another place.
fn places(groups: &Groups) -> i64 {
    let mut hasher = DefaultHasher::new();
    groups.hash_places(&mut hasher);
    hasher.finish().cast_signed() | 1
}

fn digest(value: impl Hash) -> i64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish().cast_signed()
}

fn encode(body: &impl Serialize) -> rusqlite::Result<Vec<u8>> {
    write(body, Vec::new())
}

fn write<T: Write>(body: &impl Serialize, to: T) -> rusqlite::Result<T> {
    postcard::to_io(body, to).map_err(failed)
}

/// How many bytes a value has when it is stored.
fn size(body: &impl Serialize) -> rusqlite::Result<u64> {
    write(body, Counter(0)).map(|Counter(bytes)| bytes)
}

fn failed(error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// Counts the written bytes.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
