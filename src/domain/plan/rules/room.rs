//! The order in which groups fit into communities: a group that leaves a full community makes room for another, and a community whose
//! groups are all exchanged gets one before it loses its last. It owns the order of the rows and which links do not fit; it judges
//! nothing else.

use std::collections::{HashMap, VecDeque};

use super::super::{Capacity, Head, Reason, Row};
use crate::domain::id::{CommunityId, GroupId};

/// Puts the rows that will be done in an order in which each link finds room, and blocks those without room. The order
/// stays as it is if everything fits in it. `is_listed` says whether a community's size counts a group.
pub(super) fn arrange(
    rows: Vec<Row>,
    capacities: &[(CommunityId, Capacity)],
    is_listed: impl Fn(&CommunityId, &GroupId) -> bool,
) -> Vec<Row> {
    let rooms = capacities.iter().map(|(community, size)| {
        (community.bare(), Room { size: size.now, limit: size.limit, ..Room::default() })
    });
    let mut arranged = Arrangement { rows: &rows, is_listed, rooms: rooms.collect(), order: Vec::new() };
    let will_do = |(at, row): (usize, &Row)| (row.head == Head::WillDo).then_some(at);
    let open: Vec<usize> = rows.iter().enumerate().filter_map(will_do).collect();
    for at in &open {
        if let Some(room) = arranged.target(*at) {
            room.expected += 1;
        }
    }
    for at in open {
        arranged.place(at, false);
    }
    // For these nothing comes any more; the rule of the last subgroup judges them.
    while let Some(at) = arranged.next_leaver() {
        arranged.place(at, true);
    }
    let Arrangement { rooms, order, .. } = arranged;
    let surplus: Vec<usize> = rooms.into_values().flat_map(|room| room.comers).collect();
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
    let mut moved: HashMap<usize, Option<Row>> =
        places.into_iter().zip(order).map(|(place, at)| (place, rows[at].take())).collect();
    let row = |(place, row): (usize, Option<Row>)| row.or_else(|| moved.remove(&place).flatten());
    rows.into_iter().enumerate().filter_map(row).collect()
}

/// A community that groups come to.
#[derive(Default)]
struct Room {
    size: usize,
    limit: usize,
    /// How many groups are still to come.
    expected: usize,
    /// The rows that wait until another group has left.
    comers: VecDeque<usize>,
    /// The rows that wait until another group has come.
    leavers: VecDeque<usize>,
}

struct Arrangement<'a, IsListed> {
    rows: &'a [Row],
    is_listed: IsListed,
    rooms: HashMap<&'a str, Room>,
    order: Vec<usize>,
}

impl<IsListed: Fn(&CommunityId, &GroupId) -> bool> Arrangement<'_, IsListed> {
    fn target(&mut self, at: usize) -> Option<&mut Room> {
        self.rooms.get_mut(self.rows[at].link_target()?.bare())
    }

    fn source(&mut self, at: usize) -> Option<&mut Room> {
        let row = &self.rows[at];
        let source = row.source().filter(|source| (self.is_listed)(source, &row.group))?;
        self.rooms.get_mut(source.bare())
    }

    /// Places a row, and then the rows that waited for it; or lets it wait. `is_last` says not to wait for another group to come.
    fn place(&mut self, at: usize, is_last: bool) {
        let mut next = vec![(at, is_last)];
        while let Some((at, is_last)) = next.pop() {
            if let Some(room) = self.target(at).filter(|room| room.size >= room.limit) {
                room.comers.push_back(at);
                continue;
            }
            let waits = |room: &&mut Room| !is_last && room.size == 1 && room.expected > 0;
            if let Some(room) = self.source(at).filter(waits) {
                room.leavers.push_back(at);
                continue;
            }
            self.order.push(at);
            if let Some(room) = self.target(at) {
                room.size += 1;
                room.expected = room.expected.saturating_sub(1);
                next.extend(room.leavers.pop_front().map(|at| (at, false)));
            }
            if let Some(room) = self.source(at) {
                room.size = room.size.saturating_sub(1);
                next.extend(room.comers.pop_front().map(|at| (at, false)));
            }
        }
    }

    /// The first row that still waits for another group to come.
    fn next_leaver(&mut self) -> Option<usize> {
        let all = self.rooms.values().filter_map(|room| room.leavers.iter().min());
        let first = all.min().copied()?;
        self.rooms.values_mut().for_each(|room| room.leavers.retain(|at| *at != first));
        Some(first)
    }
}
