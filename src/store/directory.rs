//! The last readings of an instance: shown immediately at the next start, but never used by a plan.
//!
//! The bodies are JSON in short rows, because there may be a hundred thousand of them: `[id, name, members, role, parent, kind]`
//! per group, the last three as numbers, and `[id, name]` per subgroup. An unreadable body is ignored, because the gateway is
//! read anyway. Groups are in the order of their names, so that the next start does not have to sort.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

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

/// The last readings of an instance, each part with the time of its read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastRead {
    pub groups: Option<Arc<GroupList>>,
    pub listings: Vec<Arc<CommunityListing>>,
}

impl LastRead {
    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.groups.is_none() && self.listings.is_empty()
    }
}

impl Store {
    /// Stores readings of an instance. A part replaces an older one, never a newer one. A part from after `now` does not count as
    /// newer: the clock was set back after it was stored.
    pub async fn keep_directory(
        &self,
        instance: &InstanceKey,
        read: LastRead,
        now: Millis,
    ) -> Result<(), StoreError> {
        let instance = instance.clone();
        self.write(move |transaction| {
            let sql = "INSERT INTO directory (instance, community, begun, body) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET begun = excluded.begun, body = excluded.body
                WHERE excluded.begun >= begun OR begun > ?5";
            let mut statement = transaction.prepare_cached(sql)?;
            if let Some(list) = &read.groups {
                let body = encode(&GroupsBody::from(list.as_ref()))?;
                statement.execute(params![instance.as_str(), "", list.begun.0, body, now.0])?;
            }
            for listing in &read.listings {
                let body = encode(&ListingBody::from(listing.as_ref()))?;
                let community = listing.community.as_str();
                statement.execute(params![instance.as_str(), community, listing.begun.0, body, now.0])?;
            }
            Ok(())
        })
        .await
    }

    /// The last readings of an instance from before `now`. Later parts are omitted: the clock was set back after they were
    /// stored, and they could not be distinguished from new readings.
    pub async fn last_read(&self, instance: &InstanceKey, now: Millis) -> Result<LastRead, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT community, begun, body FROM directory WHERE instance = ?1 AND begun < ?2
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
        read.listings.extend(
            listing.map(|listing| Arc::new(listing.into_listing(community, begun, read.groups.as_deref()))),
        );
    }
    Ok(())
}

fn encode(body: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(body).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

#[derive(Serialize, Deserialize)]
struct GroupsBody<'a> {
    /// The communities that the groups are in.
    parents: Vec<CommunityId>,
    #[serde(borrow)]
    groups: Vec<GroupRow<'a>>,
    skipped: usize,
}

#[derive(Serialize, Deserialize)]
struct GroupRow<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    Option<u32>,
    u8,
    Option<u32>,
    u8,
);

/// Roles, and kinds, by their numbers in a row.
const ROLES: [Role; 3] = [Role::Unknown, Role::Member, Role::Admin];
const KINDS: [GroupKind; 4] =
    [GroupKind::Unknown, GroupKind::Ordinary, GroupKind::Announcements, GroupKind::Community];

/// In a row: in no community. A group in a community has that community's number plus one; the field is empty if the parent is
/// unknown.
const IN_NONE: u32 = 0;

fn number<T: PartialEq>(of: &T, all: &[T]) -> u8 {
    all.iter().position(|one| one == of).and_then(|at| u8::try_from(at).ok()).unwrap_or_default()
}

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
        let mut parents = Vec::new();
        let mut numbers = HashMap::new();
        let mut groups = Vec::with_capacity(list.groups.len());
        for group in list.groups.by_name().iter().filter_map(|place| list.groups.get(*place as usize)) {
            let parent = match &group.parent {
                Parent::Unknown => None,
                Parent::None => Some(IN_NONE),
                Parent::Community(parent) => Some(*numbers.entry(parent).or_insert_with(|| {
                    parents.push(parent.clone());
                    u32::try_from(parents.len()).unwrap_or(u32::MAX)
                })),
            };
            let (id, name) = (group.id.as_str().into(), group.name.exact().into());
            let (role, kind) = (number(&group.role, &ROLES), number(&group.kind, &KINDS));
            groups.push(GroupRow(id, name, group.members, role, parent, kind));
        }
        Self { parents, groups, skipped: list.skipped }
    }
}

impl GroupsBody<'_> {
    fn into_list(self, begun: Millis) -> GroupList {
        let parents = self.parents;
        let group = |GroupRow(id, name, members, role, parent, kind): GroupRow<'_>| {
            let parent = match parent {
                None => Parent::Unknown,
                Some(IN_NONE) => Parent::None,
                Some(number) => Parent::Community(parents.get(number as usize - 1)?.clone()),
            };
            Some(Group {
                id: GroupId::parse(&id).ok()?,
                name: Name::new(&name),
                members,
                role: *ROLES.get(usize::from(role))?,
                parent,
                kind: *KINDS.get(usize::from(kind))?,
            })
        };
        let groups = self.groups.into_iter().filter_map(group).collect();
        GroupList { begun, groups, skipped: self.skipped, is_cut: false }
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
    /// The listing, with ids and names that equal those of the list of groups shared with it, so that each is stored once.
    fn into_listing(
        self,
        community: CommunityId,
        begun: Millis,
        list: Option<&GroupList>,
    ) -> CommunityListing {
        let subgroup =
            |SubgroupRow(id, name): SubgroupRow<'_>| match list.and_then(|list| list.groups.find(&id)) {
                Some(group) if group.name.exact() == name => {
                    Some(Subgroup { id: group.id.clone(), name: group.name.clone() })
                }
                Some(group) => Some(Subgroup { id: group.id.clone(), name: Name::new(&name) }),
                None => Some(Subgroup { id: GroupId::parse(&id).ok()?, name: Name::new(&name) }),
            };
        CommunityListing {
            community,
            name: self.name.as_deref().map(Name::new),
            begun,
            announcements: self.announcements.and_then(subgroup),
            subgroups: self.subgroups.into_iter().filter_map(subgroup).collect(),
            is_cut: false,
        }
    }
}
