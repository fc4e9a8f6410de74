//! The requests in the world of faults, and whether the reported outcomes are true.

use synod::{
    domain::{
        event::{Order, OrderItem},
        id::CommunityId,
        outcome::Outcome,
        plan::{Step, Verb},
    },
    simulator::InstanceStanding,
};

use super::rig::{item, link};

/// Links, unlinks and leaves of three hundred groups.
pub(crate) fn wishes(standing: &InstanceStanding, communities: &[String]) -> Vec<Order> {
    let parse = |id: &String| CommunityId::parse(id).unwrap();
    let alone = alone(standing);
    let links = communities.iter().zip(alone.chunks(30));
    let mut orders: Vec<Order> = links.map(|(target, groups)| link(target, groups.to_vec())).collect();
    let linked = communities.iter().flat_map(|id| {
        let groups = standing.communities[id].iter().skip(1);
        groups.map(move |group| item(group, Step::Unlink(parse(id))))
    });
    let unlinks: Vec<OrderItem> = linked.collect();
    let done = communities.len() * 30 + unlinks.len();
    orders.push(Order { verb: Verb::Unlink, target: None, parent: None, items: unlinks });
    let rest = alone.iter().skip(communities.len() * 30).take(300_usize.saturating_sub(done));
    let leaves = rest.map(|group| item(group, Step::Leave)).collect();
    orders.push(Order { verb: Verb::Leave, target: None, parent: None, items: leaves });
    orders
}

/// Whether the reported outcome of an item is untrue.
pub(crate) fn is_wrong(outcome: Outcome, is_done: bool) -> bool {
    match outcome {
        Outcome::Verified | Outcome::AlreadySo => !is_done,
        Outcome::Contradicted | Outcome::Refused | Outcome::NotSent => is_done,
        Outcome::Unknown | Outcome::Blocked => false,
    }
}

pub(crate) fn is_done(item: &OrderItem, standing: &InstanceStanding) -> bool {
    item.steps.iter().all(|step| match step {
        Step::Link(community) => standing.is_linked(item.group.as_str(), community.as_str()),
        Step::Unlink(community) => !standing.is_linked(item.group.as_str(), community.as_str()),
        Step::Leave => !standing.is_in(item.group.as_str()),
        _ => false,
    })
}

/// The groups that are in no community, and that the number is in.
pub(crate) fn alone(standing: &InstanceStanding) -> Vec<String> {
    let is_linked = |group: &&String| standing.communities.values().any(|groups| groups.contains(*group));
    standing.groups.iter().filter(|group| !is_linked(group)).cloned().collect()
}
