//! The requests to the simulated gateways, and the real state: for tests, never for a gateway's client.

use std::collections::{BTreeMap, BTreeSet};

use super::description::GatewayKind;

/// Whether a request may change the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    /// It may change something.
    Write,
}

/// One request as it was received and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The time of arrival: Unix milliseconds of the simulator's clock.
    pub received_at: i64,
    /// The time of the answer or the drop; `None` while the request is processed.
    pub answered_at: Option<i64>,
    /// The world's name of the instance; the name as given if there is no such instance.
    pub instance: String,
    pub method: String,
    /// The path without the query; Z-API's without its credentials.
    pub path: String,
    /// Whether it may change the world.
    pub kind: Kind,
    /// The verb or route, in the spelling of a fault's `on`; empty for a route that does not exist.
    pub verb: String,
    /// The community it names, as given.
    pub community: Option<String>,
    /// The groups it names, as given.
    pub groups: Vec<String>,
    /// The HTTP status of the answer; `None` if there was none.
    pub status: Option<u16>,
    /// Whether it changed the world, whatever the answer says.
    pub changed: bool,
}

/// The real state now, whatever the listings still show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// The facts that each instance's number could know, by the instance's name in the world.
    pub instances: BTreeMap<String, InstanceStanding>,
}

/// The truth for one instance, with all ids in its gateway's form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceStanding {
    /// Every community of the world with the ordinary groups linked to it, whether or not the number is in them.
    pub communities: BTreeMap<String, BTreeSet<String>>,
    /// The announcement group of each community.
    pub announcements: BTreeMap<String, String>,
    /// The ordinary groups that the number is in.
    pub groups: BTreeSet<String>,
    /// The communities that the number is in.
    pub member_of: BTreeSet<String>,
    /// The name of every group and community of the world, without announcement groups.
    pub names: BTreeMap<String, String>,
}

impl InstanceStanding {
    /// Whether the group is linked to the community.
    pub fn is_linked(&self, group: &str, community: &str) -> bool {
        self.communities.get(community).is_some_and(|groups| groups.contains(group))
    }

    /// Whether the number is in the group.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.contains(group)
    }
}

/// The values that a client's configuration needs to reach one instance.
#[derive(Clone, PartialEq, Eq)]
pub struct InstanceInfo {
    /// The instance's name in the world.
    pub name: String,
    /// The contract that it speaks.
    pub gateway: GatewayKind,
    /// The id in the path: `RyzeAPI`'s instance name, Z-API's instance id.
    pub id: String,
    /// The instance's token.
    pub token: String,
    /// `RyzeAPI`'s token of the account.
    pub account_token: Option<String>,
    /// Z-API's account security token, if the world requires one.
    pub client_token: Option<String>,
    pub number: String,
    /// The ids, in the gateway's form, of the communities that the number is in.
    pub communities: Vec<String>,
}

impl std::fmt::Debug for InstanceInfo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("InstanceInfo").field("name", &self.name).finish_non_exhaustive()
    }
}
