//! A gateway whose answers may all be incomplete, blank, refused, late or older than the one before, within the
//! assumptions of `docs/operations.md`: no entry is missing twice in a row, and no answer is older than the plan's own reading.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::Duration,
};

use async_trait::async_trait;
use synod::domain::reading::Scope;
use tokio::sync::watch;

use crate::support::{fake_gateway::link_of, prelude::*};

pub(crate) const COMMUNITIES: usize = 3;
pub(crate) const GROUPS: usize = 14;

/// Differences between gateways.
#[derive(Clone, Debug)]
pub(crate) struct Flavour {
    /// Like Z-API: communities are no groups, listings show every subgroup, the list of groups proves no membership.
    pub(crate) is_zapi: bool,
    /// The list of groups has fields for parents and kinds.
    pub(crate) has_fields: bool,
    /// Its list of groups was so long that Synod avoids reading it.
    pub(crate) has_long_list: bool,
    /// The answer to a probe of an ordinary group: words, an empty list, or a generic error.
    pub(crate) probe: u8,
    /// The percentage of reads that misbehave.
    pub(crate) reads: u32,
    /// The percentage of writes that misbehave.
    pub(crate) writes: u32,
    /// The percentage of requests before which another admin acts.
    pub(crate) others: u32,
}

/// The real state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) parent: BTreeMap<GroupId, CommunityId>,
    pub(crate) member_of: BTreeSet<GroupId>,
}

impl Truth {
    pub(crate) fn is_done(&self, step: &Step, group: &GroupId) -> bool {
        match step {
            Step::Link(community) => self.parent.get(group) == Some(community),
            Step::Unlink(community) => self.parent.get(group) != Some(community),
            Step::Leave | Step::LeaveCommunity(_) => !self.member_of.contains(group),
            Step::Join => self.member_of.contains(group),
        }
    }

    /// Carries out a step, as far as the world allows; returns whether it did.
    fn perform(&mut self, step: &Step, group: &GroupId) -> bool {
        match step {
            Step::Link(community) if !self.parent.contains_key(group) && self.member_of.contains(group) => {
                self.parent.insert(group.clone(), community.clone());
                true
            }
            Step::Unlink(community) if self.parent.get(group) == Some(community) => {
                self.parent.remove(group).is_some()
            }
            Step::Leave | Step::LeaveCommunity(_) => self.member_of.remove(group),
            Step::Join => self.member_of.insert(group.clone()),
            Step::Link(_) | Step::Unlink(_) => false,
        }
    }
}

struct World {
    dice: fastrand::Rng,
    /// The states of the world, with their start times.
    history: Vec<(Millis, Truth)>,
    /// The entries that the last answer to a read left out.
    missed: BTreeMap<Scope, BTreeSet<GroupId>>,
    /// No answer is older than this.
    since: Millis,
    writes: Vec<Write>,
    /// The start times of reads.
    reads: Vec<Millis>,
    /// Nobody misbehaves and nobody else acts.
    is_calm: bool,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) step: Step,
    pub(crate) group: GroupId,
    /// The time of its arrival.
    pub(crate) begun: Millis,
}

/// The gateway.
pub(crate) struct Hostile {
    clock: Clock,
    flavour: Flavour,
    budget: watch::Sender<Option<Budget>>,
    world: Mutex<World>,
}

pub(crate) fn group(at: usize) -> GroupId {
    GroupId::parse(&format!("12036340000000{at:04}@g.us")).unwrap()
}

pub(crate) fn community(at: usize) -> CommunityId {
    CommunityId::parse(&format!("12036349900000{at:04}@g.us")).unwrap()
}

pub(crate) fn announcements(community: &CommunityId) -> GroupId {
    GroupId::parse(&format!("{}-1@g.us", community.bare())).unwrap()
}

/// The misbehaviour of one read.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    True,
    Missing,
    Cut,
    Blank,
    Refused,
    Older(u64),
}

impl Hostile {
    pub(crate) fn new(clock: Clock, flavour: Flavour, seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut truth = Truth::default();
        for at in 0..GROUPS {
            if dice.u8(..10) > 0 {
                truth.member_of.insert(group(at));
            }
            if dice.u8(..10) < 6 {
                truth.parent.insert(group(at), community(dice.usize(..COMMUNITIES)));
            }
        }
        for at in 0..COMMUNITIES {
            truth.member_of.insert(community(at).as_group());
            truth.member_of.insert(announcements(&community(at)));
        }
        let world = World {
            dice,
            history: vec![(Millis(0), truth)],
            missed: BTreeMap::new(),
            since: Millis(0),
            writes: Vec::new(),
            reads: Vec::new(),
            is_calm: false,
        };
        Self { clock, flavour, budget: watch::Sender::new(None), world: Mutex::new(world) }
    }

    /// A plan begins to read: from now on no answer is older than this.
    pub(crate) fn plan_begins(&self) {
        self.world.lock().unwrap().since = self.clock.now();
    }

    /// From now on every answer is true.
    pub(crate) fn calm(&self) {
        self.world.lock().unwrap().is_calm = true;
    }

    pub(crate) fn writes(&self) -> Vec<Write> {
        self.world.lock().unwrap().writes.clone()
    }

    /// Whether anything was read at or after a time.
    pub(crate) fn was_read_since(&self, time: Millis) -> bool {
        self.world.lock().unwrap().reads.iter().any(|begun| *begun >= time)
    }

    pub(crate) fn history(&self) -> Vec<(Millis, Truth)> {
        self.world.lock().unwrap().history.clone()
    }

    fn mood(&self) -> Mood {
        let mut world = self.world.lock().unwrap();
        if world.is_calm || world.dice.u32(..100) >= self.flavour.reads {
            return Mood::True;
        }
        match world.dice.u8(..6) {
            0 => Mood::Missing,
            1 => Mood::Cut,
            2 => Mood::Blank,
            3 => Mood::Refused,
            _ => Mood::Older(world.dice.u64(1..20)),
        }
    }

    /// A read begins, and another admin may act before it.
    fn read(&self) {
        self.somebody_else();
        let now = self.clock.now();
        self.world.lock().unwrap().reads.push(now);
    }

    /// Another admin may act.
    fn somebody_else(&self) {
        let mut world = self.world.lock().unwrap();
        if world.is_calm || world.dice.u32(..100) >= self.flavour.others {
            return;
        }
        let at = group(world.dice.usize(..GROUPS));
        let to = community(world.dice.usize(..COMMUNITIES));
        let mut truth = world.history.last().unwrap().1.clone();
        truth.parent.remove(&at);
        if world.dice.bool() {
            truth.parent.insert(at, to);
        }
        world.history.push((self.clock.now(), truth));
    }

    /// The state that a read sees.
    fn seen(&self, mood: Mood) -> (Millis, Truth) {
        let world = self.world.lock().unwrap();
        let begun = self.clock.now();
        let at = match mood {
            Mood::Older(seconds) => {
                let ago = i64::try_from(seconds * 1_000).unwrap();
                Millis(begun.0 - ago).max(world.since)
            }
            _ => begun,
        };
        let truth = world.history.iter().rfind(|(from, _)| *from <= at).unwrap_or(&world.history[0]);
        (begun, truth.1.clone())
    }

    /// The entries of an answer: some may be missing, none twice in a row.
    fn told(&self, scope: Scope, entries: Vec<GroupId>, mood: Mood) -> Vec<GroupId> {
        let mut world = self.world.lock().unwrap();
        let before = world.missed.remove(&scope).unwrap_or_default();
        let end = world.dice.usize(..=entries.len());
        let mut missed = BTreeSet::new();
        let mut kept = Vec::new();
        for (at, entry) in entries.into_iter().enumerate() {
            let is_missing = match mood {
                Mood::Missing => world.dice.u8(..3) == 0,
                Mood::Cut => at >= end,
                _ => false,
            };
            if is_missing && !before.contains(&entry) {
                missed.insert(entry);
            } else {
                kept.push(entry);
            }
        }
        world.missed.insert(scope, missed);
        kept
    }

    fn chance(&self, of: u8) -> bool {
        self.world.lock().unwrap().dice.u8(..of) == 0
    }

    fn refusal(&self) -> Failure {
        let kinds = [
            FailureKind::Forbidden,
            FailureKind::Refused,
            FailureKind::ServerFault,
            FailureKind::TimedOut,
            FailureKind::NotJson,
            FailureKind::Malformed,
        ];
        Failure::new(self.world.lock().unwrap().dice.choice(kinds).unwrap())
            .saying("rate-overlimit, or worse")
    }

    fn kind(group: &GroupId) -> GroupKind {
        let is_community = (0..COMMUNITIES).any(|at| group.is_community(&community(at)));
        let is_announcements = (0..COMMUNITIES).any(|at| announcements(&community(at)) == *group);
        match (is_community, is_announcements) {
            (true, _) => GroupKind::Community,
            (_, true) => GroupKind::Announcements,
            _ => GroupKind::Ordinary,
        }
    }

    async fn write(&self, step: Step, group: &GroupId) -> Answer {
        self.somebody_else();
        let (fault, slow) = {
            let mut world = self.world.lock().unwrap();
            world.writes.push(Write { step: step.clone(), group: group.clone(), begun: self.clock.now() });
            let strikes = !world.is_calm && world.dice.u32(..100) < self.flavour.writes;
            (strikes.then(|| world.dice.u8(..8)), world.dice.u64(..1_500))
        };
        tokio::time::sleep(Duration::from_millis(slow)).await;
        let perform = || {
            let mut world = self.world.lock().unwrap();
            let mut truth = world.history.last().unwrap().1.clone();
            let is_done = truth.perform(&step, group);
            world.history.push((self.clock.now(), truth));
            is_done
        };
        let no = |kind| Answer::from_failure(Failure::new(kind).saying("no"));
        let held = [FailureKind::Throttled { until: None }, FailureKind::RateLimited { until: None }];
        match fault {
            None if perform() => Answer::yes(),
            // It refuses, and may do it all the same.
            None | Some(1) => no(FailureKind::Refused),
            // It says yes and does nothing.
            Some(0) => Answer::yes(),
            Some(2) => {
                perform();
                no(FailureKind::Forbidden)
            }
            // No response arrives.
            Some(3) => no(FailureKind::Dropped),
            Some(4) => {
                perform();
                no(FailureKind::TimedOut)
            }
            // It asks to wait, and may have done it.
            Some(5) => no(held[usize::from(self.chance(2))]),
            Some(_) => {
                perform();
                no(held[usize::from(self.chance(2))])
            }
        }
    }
}

fn name(group: &GroupId) -> Name {
    Name::new(group.bare())
}

#[async_trait]
impl Reads for Hostile {
    fn capabilities(&self) -> Capabilities {
        let is_zapi = self.flavour.is_zapi;
        Capabilities {
            lists_communities: is_zapi,
            links: true,
            unlinks: true,
            listings_from_groups: false,
            announcements_in_listing: !is_zapi,
            most_listed: None,
            leaves_communities: !is_zapi,
            community_may_pass_for_group: !is_zapi,
            lists_every_subgroup: is_zapi,
            group_list_shows_membership: !is_zapi,
            last_subgroup: LastSubgroup::Risky,
            requests_per_minute: None,
            gives_reasons: is_zapi,
            pairing: synod::domain::pairing::Pairing::NONE,
        }
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.budget.subscribe()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        Ok(Connection { state: ConnectionState::Connected, number: None })
    }

    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure> {
        Ok((0..COMMUNITIES).map(|at| CommunityRef { id: community(at), name: None }).collect())
    }

    fn listed_groups(&self) -> usize {
        if self.flavour.has_long_list { 100_000 } else { 0 }
    }

    async fn groups(&self) -> Result<GroupList, Failure> {
        self.read();
        let mood = self.mood();
        if mood == Mood::Refused {
            return Err(self.refusal());
        }
        let (begun, truth) = self.seen(mood);
        let mut entries: Vec<GroupId> = truth.member_of.iter().cloned().collect();
        if self.flavour.is_zapi {
            entries.retain(|entry| Self::kind(entry) != GroupKind::Community);
        }
        let entry = |id: GroupId| {
            if mood == Mood::Blank && self.chance(2) {
                let (kind, parent) = (GroupKind::Ordinary, Parent::None);
                return Group { id, name: Name::new(""), members: Some(0), role: Role::Member, parent, kind };
            }
            let has_fields = self.flavour.has_fields && !self.flavour.is_zapi;
            let parent =
                truth.parent.get(&id).map_or(Parent::None, |parent| Parent::Community(parent.clone()));
            Group {
                name: name(&id),
                members: Some(5),
                role: Role::Unknown,
                parent: if has_fields { parent } else { Parent::Unknown },
                kind: if has_fields { Self::kind(&id) } else { GroupKind::Unknown },
                id,
            }
        };
        let told = self.told(Scope::Groups, entries, mood);
        let groups = told.into_iter().map(|id| entry(id).without_zero_values()).collect();
        Ok(GroupList { begun, groups, skipped: 0, is_cut: false })
    }

    async fn listing(&self, asked: &CommunityId) -> Result<CommunityListing, Failure> {
        self.read();
        let mood = self.mood();
        let (begun, truth) = self.seen(mood);
        let is_known = (0..COMMUNITIES).any(|at| community(at) == *asked);
        if !is_known || !truth.member_of.contains(&asked.as_group()) {
            return Err(Failure::new(FailureKind::NoListing));
        }
        match mood {
            Mood::Refused => return Err(self.refusal()),
            Mood::Blank => return Err(Failure::new(FailureKind::NoListing)),
            _ => {}
        }
        let is_in = |(_, parent): &(&GroupId, &CommunityId)| *parent == asked;
        let entries = truth.parent.iter().filter(is_in).map(|(group, _)| group.clone());
        let is_shown = |group: &GroupId| self.flavour.is_zapi || truth.member_of.contains(group);
        let told = self.told(Scope::Community(asked.clone()), entries.filter(is_shown).collect(), mood);
        let subgroup = |id: GroupId| Subgroup { name: name(&id), id };
        Ok(CommunityListing {
            community: asked.clone(),
            name: None,
            begun,
            announcements: Some(subgroup(announcements(asked))),
            subgroups: told.into_iter().map(subgroup).collect(),
            is_cut: false,
        })
    }

    async fn probe(&self, group: &GroupId) -> Probe {
        if self.flavour.is_zapi {
            return Probe::Failed(Failure::new(FailureKind::Unsupported));
        }
        let mood = self.mood();
        if mood == Mood::Refused {
            return Probe::Failed(self.refusal());
        }
        if Self::kind(group) == GroupKind::Community {
            return match (mood, self.listing(&CommunityId::from(group)).await) {
                (Mood::True, Ok(listing)) => Probe::Community(std::sync::Arc::new(listing)),
                (Mood::Blank, _) => Probe::Nothing(Failure::new(FailureKind::NoListing)),
                (_, Err(failure)) => Probe::Failed(failure),
                (_, Ok(_)) => Probe::Nothing(Failure::new(FailureKind::NotFound).saying("item-not-found")),
            };
        }
        Probe::Nothing(match self.flavour.probe {
            0 => Failure::new(FailureKind::NotACommunity).saying("JID is not a community"),
            1 => Failure::new(FailureKind::NoListing),
            _ => Failure::new(FailureKind::NotFound).saying("item-not-found"),
        })
    }

    async fn details(&self, asked: &GroupId) -> Result<GroupDetails, Failure> {
        self.read();
        let mood = self.mood();
        if mood == Mood::Refused {
            return Err(self.refusal());
        }
        let (_, truth) = self.seen(mood);
        let is_member = truth.member_of.contains(asked);
        if !is_member && !self.flavour.is_zapi {
            return Err(Failure::new(FailureKind::NotMember));
        }
        // The own number may be missing from the members, like any other entry.
        let own: Vec<GroupId> = is_member.then(|| asked.clone()).into_iter().collect();
        let told = self.told(Scope::Details(asked.clone()), own, mood);
        let is_blank = mood == Mood::Blank;
        Ok(GroupDetails {
            id: asked.clone(),
            name: if is_blank { Name::new("") } else { name(asked) },
            description: None,
            members: (!is_blank).then_some(5),
            role: Role::Admin,
            admins: Some(2),
            own_number_listed: (!is_blank).then_some(!told.is_empty()),
            parent: Parent::Unknown,
            // Both contracts have a flag for announcement groups here, and none for communities.
            kind: match Self::kind(asked) {
                GroupKind::Announcements if !is_blank => GroupKind::Announcements,
                GroupKind::Ordinary if !is_blank && self.flavour.is_zapi => GroupKind::Ordinary,
                _ => GroupKind::Unknown,
            },
            has_invite_link: true,
        })
    }

    async fn invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        self.read();
        if self.mood() == Mood::Refused {
            return Err(self.refusal());
        }
        Ok(Some(link_of(group)))
    }
}

#[async_trait]
impl Writes for Hostile {
    async fn link(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.write(Step::Link(community.clone()), group).await
    }

    async fn unlink(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.write(Step::Unlink(community.clone()), group).await
    }

    async fn leave(&self, group: &GroupId) -> Answer {
        self.write(Step::Leave, group).await
    }

    async fn leave_community(&self, community: &CommunityId) -> Answer {
        self.write(Step::LeaveCommunity(community.clone()), &community.as_group()).await
    }

    async fn join(&self, group: &GroupId, link: &InviteLink) -> Answer {
        assert_eq!(*link, link_of(group));
        self.write(Step::Join, group).await
    }
}
