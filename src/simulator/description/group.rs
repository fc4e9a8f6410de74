//! A group in a world file: only its name, or a table.

use super::{Role, Roles};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;

/// A group as a world file names it.
#[derive(Debug, Clone, Default)]
pub(crate) struct GroupDef {
    pub(crate) name: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) description: String,
    pub(crate) members: Option<u32>,
    pub(crate) other_admins: Option<u32>,
    pub(crate) role: Option<Role>,
    pub(crate) roles: Roles,
    pub(crate) approval: bool,
    pub(crate) requests: u32,
    pub(crate) code: Option<String>,
    /// The number of identical groups to create, with a number after the name.
    pub(crate) copies: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupTable {
    name: Option<String>,
    id: Option<String>,
    #[serde(default)]
    description: String,
    members: Option<u32>,
    other_admins: Option<u32>,
    role: Option<Role>,
    #[serde(default)]
    roles: Roles,
    #[serde(default)]
    approval: bool,
    #[serde(default)]
    requests: u32,
    code: Option<String>,
    copies: Option<u32>,
}

impl From<GroupTable> for GroupDef {
    fn from(table: GroupTable) -> Self {
        Self {
            name: table.name,
            id: table.id,
            description: table.description,
            members: table.members,
            other_admins: table.other_admins,
            role: table.role,
            roles: table.roles,
            approval: table.approval,
            requests: table.requests,
            code: table.code,
            copies: table.copies,
        }
    }
}

struct NameOrTable;

impl<'de> Visitor<'de> for NameOrTable {
    type Value = GroupDef;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a group's name, or a table such as { name = \"Reception\", members = 18 }")
    }

    fn visit_str<E>(self, name: &str) -> Result<GroupDef, E> {
        Ok(GroupDef { name: Some(name.to_owned()), ..GroupDef::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<GroupDef, A::Error> {
        GroupTable::deserialize(MapAccessDeserializer::new(map)).map(GroupDef::from)
    }
}

impl<'de> Deserialize<'de> for GroupDef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrTable)
    }
}
