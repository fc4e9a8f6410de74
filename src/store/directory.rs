//! What an instance had when it was last read: shown at once at the next start, and never believed by a plan.
//!
//! The bodies are JSON in rows of few letters, for there may be a hundred thousand of them:
//! `[id, name, members, role, parent, kind]` a group, `[id, name]` a subgroup. One that cannot be read is as good as none:
//! it is read from the gateway anyway.

use std::{borrow::Cow, sync::Arc};

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError};
use crate::domain::{
    community::{CommunityListing, Group, GroupKind, GroupList, Parent, Role, Subgroup},
    id::{CommunityId, GroupId},
    instance::InstanceKey,
    name::Name,
    time::Millis,
};

/// What was last read of an instance, each part with the time at which it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastRead {
    /// The list of groups.
    pub groups: Option<Arc<GroupList>>,
    /// The listings of its communities.
    pub listings: Vec<Arc<CommunityListing>>,
}

impl LastRead {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.groups.is_none() && self.listings.is_empty()
    }
}

impl Store {
    /// Keeps what was read of an instance. A part replaces an older one and never a newer.
    pub async fn keep_directory(&self, instance: &InstanceKey, read: LastRead) -> Result<(), StoreError> {
        let instance = instance.clone();
        self.write(move |transaction| {
            let sql = "INSERT INTO directory (instance, community, begun, body) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET begun = excluded.begun, body = excluded.body
                WHERE excluded.begun >= begun";
            let mut statement = transaction.prepare_cached(sql)?;
            if let Some(list) = &read.groups {
                let body = encode(&GroupsBody::from(list.as_ref()))?;
                statement.execute(params![instance.as_str(), "", list.begun.0, body])?;
            }
            for listing in &read.listings {
                let body = encode(&ListingBody::from(listing.as_ref()))?;
                let community = listing.community.as_str();
                statement.execute(params![instance.as_str(), community, listing.begun.0, body])?;
            }
            Ok(())
        })
        .await
    }

    /// What was last read of an instance. Parts from after `now` are left out: the clock was set back since, and nobody
    /// could tell them from newer ones.
    pub async fn last_read(&self, instance: &InstanceKey, now: Millis) -> Result<LastRead, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT community, begun, body FROM directory WHERE instance = ?1 AND begun <= ?2
                ORDER BY community";
            let mut statement = transaction.prepare_cached(sql)?;
            let mut rows = statement.query(params![instance.as_str(), now.0])?;
            let mut read = LastRead::default();
            while let Some(row) = rows.next()? {
                take(&mut read, row)?;
            }
            Ok(read)
        })
        .await
    }
}

fn take(read: &mut LastRead, row: &Row<'_>) -> rusqlite::Result<()> {
    let community = row.get_ref(0)?.as_str()?;
    let begun = Millis(row.get(1)?);
    let body = row.get_ref(2)?.as_str()?;
    if community.is_empty() {
        let list = serde_json::from_str::<GroupsBody<'_>>(body).ok();
        read.groups = list.map(|list| Arc::new(list.into_list(begun)));
    } else if let Ok(community) = CommunityId::parse(community) {
        let listing = serde_json::from_str::<ListingBody<'_>>(body).ok();
        read.listings.extend(listing.map(|listing| Arc::new(listing.into_listing(community, begun))));
    }
    Ok(())
}

fn encode(body: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(body).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

#[derive(Serialize, Deserialize)]
struct GroupsBody<'a> {
    #[serde(borrow)]
    groups: Vec<GroupRow<'a>>,
    skipped: usize,
}

#[derive(Serialize, Deserialize)]
struct GroupRow<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    Option<u32>,
    Role,
    Parent,
    GroupKind,
);

#[derive(Serialize, Deserialize)]
struct ListingBody<'a> {
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    announcements: Option<SubgroupRow<'a>>,
    #[serde(borrow)]
    subgroups: Vec<SubgroupRow<'a>>,
}

#[derive(Serialize, Deserialize)]
struct SubgroupRow<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>);

impl<'a> From<&'a GroupList> for GroupsBody<'a> {
    fn from(list: &'a GroupList) -> Self {
        let row = |group: &'a Group| {
            let (id, name) = (group.id.as_str().into(), group.name.exact().into());
            GroupRow(id, name, group.members, group.role, group.parent.clone(), group.kind)
        };
        Self { groups: list.groups.iter().map(row).collect(), skipped: list.skipped }
    }
}

impl GroupsBody<'_> {
    fn into_list(self, begun: Millis) -> GroupList {
        let group = |GroupRow(id, name, members, role, parent, kind): GroupRow<'_>| {
            let (id, name) = (GroupId::parse(&id).ok()?, Name::new(&name));
            Some(Group { id, name, members, role, parent, kind })
        };
        GroupList {
            begun,
            groups: self.groups.into_iter().filter_map(group).collect(),
            skipped: self.skipped,
        }
    }
}

impl<'a> From<&'a CommunityListing> for ListingBody<'a> {
    fn from(listing: &'a CommunityListing) -> Self {
        let row =
            |subgroup: &'a Subgroup| SubgroupRow(subgroup.id.as_str().into(), subgroup.name.exact().into());
        Self {
            name: listing.name.as_ref().map(|name| name.exact().into()),
            announcements: listing.announcements.as_ref().map(row),
            subgroups: listing.subgroups.iter().map(row).collect(),
        }
    }
}

impl ListingBody<'_> {
    fn into_listing(self, community: CommunityId, begun: Millis) -> CommunityListing {
        let subgroup = |SubgroupRow(id, name): SubgroupRow<'_>| {
            Some(Subgroup { id: GroupId::parse(&id).ok()?, name: Name::new(&name) })
        };
        CommunityListing {
            community,
            name: self.name.as_deref().map(Name::new),
            begun,
            announcements: self.announcements.and_then(subgroup),
            subgroups: self.subgroups.into_iter().filter_map(subgroup).collect(),
        }
    }
}
