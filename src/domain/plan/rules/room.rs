//! The order in which groups fit into communities that are nearly full: a group that leaves a community makes room for another. It
//! owns the order of the rows and which links do not fit; it judges nothing else.

use std::collections::{HashMap, VecDeque};

use super::super::{Capacity, Head, Reason, Row};
use crate::domain::id::{CommunityId, GroupId};

/// Puts the rows that will be done in an order in which each link finds room, and blocks those for which there is none. The order
/// stays as it is if everything fits in it. `is_listed` says whether a community's size counts a group.
pub(super) fn arrange(
    rows: Vec<Row>,
    capacities: &[(CommunityId, Capacity)],
    is_listed: impl Fn(&CommunityId, &GroupId) -> bool,
) -> Vec<Row> {
    let sizes = capacities.iter().map(|(community, size)| {
        let room = size.limit.saturating_sub(size.now);
        (community.bare().to_owned(), Room { free: room, waiting: VecDeque::new() })
    });
    let mut rooms: HashMap<String, Room> = sizes.collect();
    let mut order = Vec::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.head == Head::WillDo) {
        let target = row.link_target().and_then(|target| rooms.get_mut(target.bare()));
        if let Some(room) = target.filter(|room| room.free == 0) {
            room.waiting.push_back(at);
            continue;
        }
        let mut next = Some(at);
        while let Some(at) = next {
            order.push(at);
            let row = &rows[at];
            if let Some(room) = row.link_target().and_then(|target| rooms.get_mut(target.bare())) {
                room.free -= 1;
            }
            let source = row.source().filter(|source| is_listed(source, &row.group));
            next = source.and_then(|source| rooms.get_mut(source.bare())).and_then(|room| {
                room.free += 1;
                room.waiting.pop_front()
            });
        }
    }
    let surplus: Vec<usize> = rooms.into_values().flat_map(|room| room.waiting).collect();
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    for at in surplus {
        if let Some(row) = &mut rows[at] {
            row.head = Head::Blocked;
            row.reasons.insert(0, Reason::OverLimit);
        }
    }
    // The places of the rows that will be done, taken in the new order.
    let mut places = order.clone();
    places.sort_unstable();
    let mut arranged: HashMap<usize, Option<Row>> =
        places.into_iter().zip(order).map(|(place, at)| (place, rows[at].take())).collect();
    let moved = |(place, row): (usize, Option<Row>)| row.or_else(|| arranged.remove(&place).flatten());
    rows.into_iter().enumerate().filter_map(moved).collect()
}

/// The room in a community, and the rows that wait for more.
struct Room {
    free: usize,
    waiting: VecDeque<usize>,
}
