//! The state of the world: numbers, communities, groups, and memberships. Pure: no I/O; time is passed in, chance comes from a
//! seed. It does not know a gateway's wire forms; ids here are `WhatsApp`'s digits, without any suffix.

mod build;
mod change;
mod generate;
mod names;
mod seats;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::description::{GatewayKind, LastSubgroup, MemberLink, Role, Settings};
use super::lagged::Lagged;

pub(crate) use build::Mistake;
pub(crate) use change::Refusal;
use seats::Seats;

/// A connected number, reached through one gateway.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) name: String,
    pub(crate) gateway: GatewayKind,
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) account_token: String,
    pub(crate) client_token: Option<String>,
    pub(crate) phone: String,
    pub(crate) state: Lagged<String>,
    /// The number of codes that were given for it.
    pub(crate) codes: u32,
}

/// The hidden id of a phone number, without its suffix.
pub(crate) fn lid_of(number: &str) -> String {
    format!("199{}", number.get(number.len().saturating_sub(12)..).unwrap_or(number))
}

#[derive(Debug, Clone)]
pub(crate) struct Community {
    pub(crate) id: Arc<str>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) announcements: usize,
    seats: Seats,
    /// Every group that was ever in it, so that a listing need not search all groups.
    ever: BTreeSet<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) description: String,
    pub(crate) members: u32,
    pub(crate) other_admins: u32,
    pub(crate) code: Arc<str>,
    pub(crate) approval: bool,
    pub(crate) requests: u32,
    pub(crate) created: i64,
    /// The community whose announcement group this is.
    pub(crate) announces: Option<usize>,
    parent: Lagged<Option<usize>>,
    seats: Seats,
    /// The numbers that left it, for gateways that continue to list a group after leaving.
    left: BTreeSet<usize>,
}

/// The thing that an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorldPlace {
    Community(usize),
    Group(usize),
}

/// The state of the world that a question is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// The real state now.
    Now,
    /// The real state at that time (Unix milliseconds).
    True(i64),
    /// The state in listings at that time; they follow a change with a delay.
    Listed(i64),
}

impl Moment {
    fn of<T: Copy>(self, value: &Lagged<T>) -> T {
        match self {
            Self::Now => *value.truth(),
            Self::True(at) => *value.true_at(at),
            Self::Listed(at) => *value.shown(at),
        }
    }
}

/// The two rules that differ between gateways.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) last_subgroup: LastSubgroup,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    pub(crate) numbers: Vec<Number>,
    pub(crate) communities: Vec<Community>,
    pub(crate) groups: Vec<Group>,
    by_id: HashMap<Arc<str>, WorldPlace>,
    by_code: HashMap<Arc<str>, usize>,
    /// The ids that the file left open, while the world is built.
    generated: HashSet<Arc<str>>,
    /// The number of changes so far; with the seed it determines each change's lag.
    changes: u64,
}

/// A generator that depends only on the seed and two counters, so that the order of requests has no other effect.
pub(crate) fn chance(seed: u64, what: u64, count: u64) -> fastrand::Rng {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ what.wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mut rng = fastrand::Rng::with_seed(mixed ^ count.wrapping_mul(0x94D0_49BB_1331_11EB));
    // The first draws of similar seeds are similar; one is discarded.
    rng.u64(..);
    rng
}

impl State {
    /// An empty world.
    pub(crate) fn empty() -> Self {
        Self {
            seed: 0,
            settings: Settings::default(),
            numbers: Vec::new(),
            communities: Vec::new(),
            groups: Vec::new(),
            by_id: HashMap::new(),
            by_code: HashMap::new(),
            generated: HashSet::new(),
            changes: 0,
        }
    }

    pub(crate) fn place(&self, id: &str) -> Option<WorldPlace> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn group_by_code(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    /// The role of a number in a group.
    pub(crate) fn role(&self, number: usize, group: usize, at: Moment) -> Role {
        let group = &self.groups[group];
        let seats = group.announces.map_or(&group.seats, |community| &self.communities[community].seats);
        at.of(seats.of(number))
    }

    /// The role of a number in a community.
    pub(crate) fn role_in_community(&self, number: usize, community: usize, at: Moment) -> Role {
        at.of(self.communities[community].seats.of(number))
    }

    /// The community of a group.
    pub(crate) fn parent(&self, group: usize, at: Moment) -> Option<usize> {
        let group = &self.groups[group];
        group.announces.or_else(|| at.of(&group.parent))
    }

    /// The ordinary groups of a community, in the order of their numbers in the world.
    pub(crate) fn subgroups(&self, community: usize, at: Moment) -> Vec<usize> {
        let candidates = self.communities[community].ever.iter().copied();
        candidates.filter(|&group| self.parent(group, at) == Some(community)).collect()
    }

    /// The id of a community that the number is in, other than the one with this id.
    pub(crate) fn another_community(&self, number: usize, beside: Option<&str>) -> Option<String> {
        let mut known = self.communities.iter().enumerate();
        let found = known.find(|(index, community)| {
            Some(&*community.id) != beside && self.role_in_community(number, *index, Moment::Now).is_in()
        });
        found.map(|(_, community)| community.id.to_string())
    }

    /// Whether the number was in the group and no longer is.
    pub(crate) fn has_left(&self, number: usize, group: usize) -> bool {
        self.groups[group].left.contains(&number) && !self.role(number, group, Moment::Now).is_in()
    }

    fn visible_at(&mut self, now: i64) -> i64 {
        let [least, most] = self.settings.listing_lag_ms;
        self.changes += 1;
        now + i64::from(chance(self.seed, 1, self.changes).u32(least..=most.max(least)))
    }

    fn suggests(&self, role: Role) -> bool {
        role == Role::Member && self.settings.member_link == MemberLink::Suggest
    }
}
