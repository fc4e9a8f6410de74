//! What the clients of gateways make of what gateways answer: each tolerance, claim and failure of the contracts in
//! `docs/gateways`, against small servers in the same process.

mod claims;
mod failures;
mod invites;
mod pairing;
mod reads;
mod secrets;
mod socket;
mod words;
mod wrappers;

use std::sync::Arc;

use serde_json::Value;
use synod::{
    domain::id::{CommunityId, GroupId},
    gateway::Gateway,
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

/// A client whose every request gets this answer.
fn answering(status: u16, body: Value) -> Arc<dyn Gateway> {
    client_over(Server::new().answering(move |_| std::future::ready(json(status, body.clone()))), harbor())
}
