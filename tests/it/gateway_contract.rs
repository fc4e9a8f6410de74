//! How the gateway clients interpret answers: each tolerance, claim and failure of the contracts in
//! `docs/gateways`, against small servers in the same process.

mod boundaries;
mod claims;
mod failures;
mod fresh;
mod invites;
mod named;
mod own;
mod pairing;
mod reads;
mod secrets;
mod socket;
mod words;
mod wrappers;

use std::future::ready;

use axum::response::Response;
use secrecy::SecretString;
use serde_json::Value;
use synod::{
    domain::{
        id::{CommunityId, GroupId},
        instance::GatewayKind::{self, RyzeApi, Zapi},
    },
    gateway::{Gateway, InstanceSpec},
};

use crate::support::gateway::{Server, client_over, harbor, json};

const HARBOR: &str = "120363400000000001@g.us";
const ANNOUNCEMENTS: &str = "120363400000000002@g.us";
const RECEPTION: &str = "120363400000000011@g.us";
const LAB: &str = "120363400000000012@g.us";

fn community() -> CommunityId {
    CommunityId::parse(HARBOR).unwrap()
}

fn group(id: &str) -> GroupId {
    GroupId::parse(id).unwrap()
}

/// A client that gets this answer to every request.
fn answering(status: u16, body: Value) -> Gateway {
    client_over(Server::new().answering(move |_| std::future::ready(json(status, body.clone()))), harbor())
}

/// A client of a connected instance that gets this answer to everything except the question whether it is connected.
fn connected(kind: GatewayKind, then: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Gateway {
    let router = Server::new().answering(move |seen| {
        ready(if seen.path.ends_with("/status") {
            json(200, serde_json::json!({ "connected": true }))
        } else if seen.path.ends_with("/device") {
            json(200, serde_json::json!({ "phone": "5511900000001" }))
        } else if seen.path.starts_with("/api/instance/list") {
            json(200, serde_json::json!({ "instances": [{ "name": "harbor", "status": "connected" }] }))
        } else {
            then()
        })
    });
    match kind {
        RyzeApi => client_over(router, harbor()),
        _ => client_over(
            router,
            InstanceSpec { kind: Zapi, instance: Some(SecretString::from("SHOP")), ..harbor() },
        ),
    }
}
