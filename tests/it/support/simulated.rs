//! One simulated world with an instance on each gateway, accessed over HTTP without Synod's own clients.

use http::Method;
use serde_json::{Value, json};
use synod::simulator::{GatewayKind, Logged, Simulator, World};

use crate::simulator::{EPOCH, Got, request, send, strings};

/// The communities and groups of the world, by their IDs in the world.
pub(crate) const HARBOR: &str = "120363400000000001";
pub(crate) const SCHOOLS: &str = "120363400000001001";
pub(crate) const RECEPTION: &str = "120363400000000011";
pub(crate) const PARKING: &str = "120363400000000021";

/// Both gateways, for tests that apply to each.
pub(crate) const BOTH: [GatewayKind; 2] = [GatewayKind::Ryzeapi, GatewayKind::Zapi];

/// A community of two groups, as in a world file.
pub(crate) const CLINICS: &str = r#"[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", "Lab results"]"#;

/// A small world with `extra` in front, which may contain faults and settings.
pub(crate) fn two_gateways(extra: &str) -> Simulator {
    let text = format!(
        r#"{extra}
[[instance]]
name = "harbor"

[[instance]]
name = "shop"
gateway = "zapi"

[[community]]
name = "Harbor Clinics"
id = "{HARBOR}"
groups = [{{ name = "Reception", id = "{RECEPTION}", members = 30 }}, "Lab", "Radiology", "Board", "Kitchen", "Garden"]

[[community]]
name = "North Schools"
id = "{SCHOOLS}"
groups = ["Class 1A", "Class 1B"]

[standalone]
groups = [{{ name = "Parking", id = "{PARKING}", members = 5 }}, "Cleaning", "Night nurses"]
"#
    );
    Simulator::with_epoch(World::parse(&text, "test.toml").unwrap_or_else(|error| panic!("{error}")), EPOCH)
}

/// A small world with one fault; `more` contains further fields.
pub(crate) fn two_gateways_with(on: &str, then: &str, more: &str) -> Simulator {
    two_gateways(&format!("[[fault]]\non = \"{on}\"\nthen = \"{then}\"\n{more}\n"))
}

/// The built-in world with this name.
pub(crate) fn built_in(name: &str) -> Simulator {
    Simulator::with_epoch(World::built_in(name).unwrap(), EPOCH)
}

pub(crate) fn group_id(kind: GatewayKind, id: &str) -> String {
    match kind {
        GatewayKind::Ryzeapi => format!("{id}@g.us"),
        _ => format!("{id}-group"),
    }
}

pub(crate) fn community_id(kind: GatewayKind, id: &str) -> String {
    match kind {
        GatewayKind::Ryzeapi => format!("{id}@g.us"),
        _ => format!("98{id}"),
    }
}

/// Sends one request to RyzeAPI's instance.
pub(crate) async fn ryze(simulator: &Simulator, method: Method, path: &str, body: Option<&Value>) -> Got {
    send(simulator, request(method, &format!("/api/{path}"), Some("harbor-token"), body)).await
}

/// Sends one request to Z-API's instance.
pub(crate) async fn zapi(
    simulator: &Simulator,
    method: Method,
    operation: &str,
    body: Option<&Value>,
) -> Got {
    let path = format!("/instances/shop/token/shop-token/{operation}");
    send(simulator, request(method, &path, None, body)).await
}

/// The answer to the list of groups; its first page if there are several.
pub(crate) async fn list(simulator: &Simulator, kind: GatewayKind) -> Got {
    match kind {
        GatewayKind::Ryzeapi => ryze(simulator, Method::GET, "group/list/harbor", None).await,
        _ => zapi(simulator, Method::GET, "groups?page=1&pageSize=100", None).await,
    }
}

/// The entries of the list of groups.
pub(crate) async fn entries(simulator: &Simulator, kind: GatewayKind) -> Vec<Value> {
    let got = list(simulator, kind).await;
    let entries = if kind == GatewayKind::Ryzeapi { &got.json["groups"] } else { &got.json };
    entries.as_array().unwrap_or_else(|| panic!("{}", got.text)).clone()
}

/// The IDs in the list of groups.
pub(crate) async fn ids(simulator: &Simulator, kind: GatewayKind) -> Vec<String> {
    let key = if kind == GatewayKind::Ryzeapi { "groupJid" } else { "phone" };
    strings(&entries(simulator, kind).await.into(), key)
}

/// The answer that lists a community.
pub(crate) async fn listing(simulator: &Simulator, kind: GatewayKind, community: &str) -> Got {
    let id = community_id(kind, community);
    match kind {
        GatewayKind::Ryzeapi => {
            let path = format!("community/listSubGroups/harbor?communityJid={id}");
            ryze(simulator, Method::GET, &path, None).await
        }
        _ => zapi(simulator, Method::GET, &format!("communities-metadata/{id}"), None).await,
    }
}

/// The IDs of the groups in a community's listing, the announcement group first.
pub(crate) async fn subgroups(simulator: &Simulator, kind: GatewayKind, community: &str) -> Vec<String> {
    let got = listing(simulator, kind, community).await;
    match kind {
        GatewayKind::Ryzeapi => strings(&got.json["subgroups"], "jid"),
        _ => strings(&got.json["subGroups"], "phone"),
    }
}

/// Links a group to a community or unlinks it from there.
pub(crate) async fn change(
    simulator: &Simulator,
    kind: GatewayKind,
    verb: &str,
    community: &str,
    group: &str,
) -> Got {
    let (community, group) = (community_id(kind, community), group_id(kind, group));
    if kind == GatewayKind::Ryzeapi {
        let body = json!({ "communityJid": community, "groupJid": [group] });
        ryze(simulator, Method::POST, &format!("community/{verb}/harbor"), Some(&body)).await
    } else {
        let body = json!({ "communityId": community, "groupsPhones": [group] });
        zapi(simulator, Method::POST, &format!("communities/{verb}"), Some(&body)).await
    }
}

/// Removes the number from a group.
pub(crate) async fn leave(simulator: &Simulator, kind: GatewayKind, group: &str) -> Got {
    let group = group_id(kind, group);
    if kind == GatewayKind::Ryzeapi {
        let path = format!("group/leave/harbor?identifier={group}");
        ryze(simulator, Method::DELETE, &path, None).await
    } else {
        zapi(simulator, Method::POST, "leave-group", Some(&json!({ "groupId": group }))).await
    }
}

/// Whether a group is really in a community.
pub(crate) fn is_linked(simulator: &Simulator, group: &str, community: &str) -> bool {
    let (group, kind) = (group_id(GatewayKind::Ryzeapi, group), GatewayKind::Ryzeapi);
    simulator.truth().instances["harbor"].is_linked(&group, &community_id(kind, community))
}

/// Whether the number of a gateway's instance is really in a group.
pub(crate) fn is_in(simulator: &Simulator, kind: GatewayKind, group: &str) -> bool {
    let name = if kind == GatewayKind::Ryzeapi { "harbor" } else { "shop" };
    simulator.truth().instances[name].is_in(&group_id(kind, group))
}

/// The last recorded request.
pub(crate) fn last_request(simulator: &Simulator) -> Logged {
    simulator.requests().pop().unwrap()
}
