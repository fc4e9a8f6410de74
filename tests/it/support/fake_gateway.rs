//! A gateway over a small world; tests configure its misbehaviour, and it logs its requests.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::watch;

pub(crate) use super::domain::community;
use super::{domain::CAPABILITIES, prelude::*};

/// Misbehaviour of a write.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is carried out, but no response arrives.
    DropAfter,
    /// No response arrives, and nothing was done.
    DropBefore,
    /// It says yes, and nothing was done.
    Lie,
    /// It says no, and nothing was done.
    Refuse(Failure),
    /// It says no, and it was done.
    RefuseAfter(Failure),
    /// The call breaks down.
    Panic,
    /// It takes this long.
    Slow(Duration),
    /// This response arrives, and it is carried out this much later.
    Late(Failure, Duration),
}

/// Misbehaviour of a read.
#[derive(Clone, Debug)]
pub(crate) enum Twist {
    None,
    /// A list or listing lacks this group.
    Lacks(GroupId),
    /// A listing shows this group although it is not there.
    Holds(GroupId),
    /// The list of groups names this community as the group's.
    Parent(GroupId, CommunityId),
    /// The read fails.
    Fails(Failure),
}

/// A request that changes something, as the gateway saw it.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) step: Step,
    pub(crate) group: GroupId,
    pub(crate) began: Millis,
    pub(crate) ended: Option<Millis>,
}

/// A listing that the gateway returned.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) begun: Millis,
    pub(crate) community: CommunityId,
    pub(crate) groups: BTreeSet<GroupId>,
}

/// The real state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) links: BTreeMap<CommunityId, Vec<GroupId>>,
    pub(crate) member_of: BTreeSet<GroupId>,
}

impl Truth {
    pub(crate) fn has(&self, community: &CommunityId, group: &GroupId) -> bool {
        self.links.get(community).is_some_and(|groups| groups.contains(group))
    }

    /// Whether a step has the wanted result.
    pub(crate) fn is_done(&self, step: &Step, group: &GroupId) -> bool {
        match step {
            Step::Link(community) => self.has(community, group),
            Step::Unlink(community) => !self.has(community, group),
            Step::Leave => !self.member_of.contains(group),
            Step::LeaveCommunity(community) => !self.member_of.contains(&community.as_group()),
            Step::Join => self.member_of.contains(group),
        }
    }

    fn perform(&mut self, step: &Step, group: &GroupId) {
        match step {
            Step::Link(community) => {
                let groups = self.links.entry(community.clone()).or_default();
                if !groups.contains(group) {
                    groups.push(group.clone());
                }
            }
            Step::Unlink(community) => {
                self.links.entry(community.clone()).or_default().retain(|linked| linked != group);
            }
            Step::Leave => {
                self.member_of.remove(group);
            }
            Step::LeaveCommunity(community) => {
                self.member_of.remove(&community.as_group());
            }
            Step::Join => {
                self.member_of.insert(group.clone());
            }
        }
    }
}

#[derive(Debug, Default)]
struct World {
    /// The states of the world, with their start times.
    history: Vec<(Millis, Truth)>,
    /// Changes that come later.
    late: Vec<(Millis, Step, GroupId)>,
    faults: BTreeMap<GroupId, VecDeque<Fault>>,
    read_faults: VecDeque<Option<Failure>>,
    /// How the next reads of the connection fail.
    failing_connections: VecDeque<FailureKind>,
    twists: VecDeque<Twist>,
    writes: Vec<Write>,
    shown: Vec<Shown>,
    reads: usize,
    /// How many of them asked for the list of groups.
    lists: usize,
}

/// The gateway.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a test")]
pub(crate) struct FakeGateway {
    clock: Clock,
    capabilities: Capabilities,
    /// The delay until listings show a change.
    lag: Duration,
    /// The duration of every call.
    delay: Duration,
    /// The additional duration of every read.
    read_delay: Duration,
    /// Listings lack everything that identifies a listing.
    is_blind: bool,
    /// Groups have invite links.
    has_links: bool,
    /// The details of a group cannot be read.
    has_no_details: bool,
    is_disconnected: bool,
    /// The connected number.
    number: Option<&'static str>,
    /// How many groups its list had before.
    listed: usize,
    budget: watch::Sender<Option<Budget>>,
    world: Mutex<World>,
}

pub(crate) fn group(at: usize) -> GroupId {
    GroupId::parse(&format!("1203630000{at:04}@g.us")).unwrap()
}

/// A gateway that lists every subgroup, and whose list of groups shows the groups of the number.
pub(crate) fn capable() -> Capabilities {
    Capabilities { lists_communities: true, gives_reasons: true, ..CAPABILITIES }
}

impl FakeGateway {
    pub(crate) fn new(clock: Clock) -> Self {
        let world = World { history: vec![(Millis(0), Truth::default())], ..World::default() };
        Self {
            clock,
            capabilities: capable(),
            lag: Duration::ZERO,
            delay: Duration::ZERO,
            read_delay: Duration::ZERO,
            is_blind: false,
            has_links: false,
            has_no_details: false,
            is_disconnected: false,
            number: None,
            listed: 0,
            budget: watch::Sender::new(None),
            world: Mutex::new(world),
        }
    }

    pub(crate) fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    pub(crate) fn with_lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }

    pub(crate) fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(crate) fn with_read_delay(mut self, delay: Duration) -> Self {
        self.read_delay = delay;
        self
    }

    pub(crate) fn with_links(mut self) -> Self {
        self.has_links = true;
        self
    }

    pub(crate) fn without_details(mut self) -> Self {
        self.has_no_details = true;
        self
    }

    /// The list of groups had this many groups when the plan read it.
    pub(crate) fn with_listed(mut self, listed: usize) -> Self {
        self.listed = listed;
        self
    }

    pub(crate) fn with_number(mut self, number: &'static str) -> Self {
        self.number = Some(number);
        self
    }

    /// Lets one more of the next reads of the connection fail.
    pub(crate) fn fail_connection_once(&self, kind: FailureKind) {
        self.world.lock().unwrap().failing_connections.push_back(kind);
    }

    pub(crate) fn disconnected(mut self) -> Self {
        self.is_disconnected = true;
        self
    }

    pub(crate) fn blind(mut self) -> Self {
        self.is_blind = true;
        self
    }

    /// Puts the number into groups.
    pub(crate) fn member_of(self, groups: impl IntoIterator<Item = GroupId>) -> Self {
        self.world.lock().unwrap().history[0].1.member_of.extend(groups);
        self
    }

    /// Links groups from the start.
    pub(crate) fn linked(self, community: &CommunityId, groups: impl IntoIterator<Item = GroupId>) -> Self {
        let mut world = self.world.lock().unwrap();
        world.history[0].1.links.entry(community.clone()).or_default().extend(groups);
        drop(world);
        self
    }

    /// Sets the misbehaviour of the next writes for a group.
    pub(crate) fn faults(self, group: &GroupId, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.world.lock().unwrap().faults.entry(group.clone()).or_default().extend(faults);
        self
    }

    /// Sets the misbehaviour of the next reads.
    pub(crate) fn read_faults(self, faults: impl IntoIterator<Item = Option<Failure>>) -> Self {
        self.world.lock().unwrap().read_faults.extend(faults);
        self
    }

    /// Sets the distortion of the next reads.
    pub(crate) fn twists(self, twists: impl IntoIterator<Item = Twist>) -> Self {
        self.twist(twists);
        self
    }

    pub(crate) fn twist(&self, twists: impl IntoIterator<Item = Twist>) {
        self.world.lock().unwrap().twists.extend(twists);
    }

    fn next_twist(&self) -> Twist {
        self.world.lock().unwrap().twists.pop_front().unwrap_or(Twist::None)
    }

    /// From now on nothing misbehaves.
    pub(crate) fn heal(&self) {
        let mut world = self.world.lock().unwrap();
        world.faults.clear();
        world.read_faults.clear();
    }

    pub(crate) fn set_budget(&self, budget: Budget) {
        self.budget.send_replace(Some(budget));
    }

    pub(crate) fn writes(&self) -> Vec<Write> {
        self.world.lock().unwrap().writes.clone()
    }

    pub(crate) fn shown(&self) -> Vec<Shown> {
        self.world.lock().unwrap().shown.clone()
    }

    /// The number of reads of the list of groups.
    pub(crate) fn lists(&self) -> usize {
        self.world.lock().unwrap().lists
    }

    pub(crate) fn reads(&self) -> usize {
        self.world.lock().unwrap().reads
    }

    /// The current state.
    pub(crate) fn truth(&self) -> Truth {
        self.at(self.clock.now())
    }

    fn at(&self, at: Millis) -> Truth {
        let mut world = self.world.lock().unwrap();
        let now = self.clock.now();
        while let Some(due) = world.late.iter().position(|(due, ..)| *due <= now) {
            let (due, step, group) = world.late.remove(due);
            let mut truth = world.history.last().unwrap().1.clone();
            truth.perform(&step, &group);
            world.history.push((due, truth));
        }
        world.history.iter().rfind(|(from, _)| *from <= at).unwrap_or(&world.history[0]).1.clone()
    }

    /// Somebody else makes this change.
    pub(crate) fn settle(&self, step: &Step, group: &GroupId) {
        self.perform(step, group);
    }

    fn perform(&self, step: &Step, group: &GroupId) {
        let mut truth = self.truth();
        truth.perform(step, group);
        self.world.lock().unwrap().history.push((self.clock.now(), truth));
    }

    fn count(&self) {
        self.budget.send_if_modified(|budget| match budget {
            Some(budget) => {
                if self.clock.now() >= budget.resets_at {
                    budget.remaining = budget.limit;
                    budget.resets_at = self.clock.now() + Duration::from_secs(60);
                }
                budget.remaining = budget.remaining.saturating_sub(1);
                true
            }
            None => false,
        });
    }

    async fn read(&self) -> Result<(Millis, Truth), Failure> {
        self.count();
        let begun = self.clock.now();
        let fault = {
            let mut world = self.world.lock().unwrap();
            world.reads += 1;
            world.read_faults.pop_front().flatten()
        };
        tokio::time::sleep(self.delay + self.read_delay).await;
        match fault {
            Some(failure) => Err(failure),
            None => Ok((begun, self.at(Millis(begun.0 - i64::try_from(self.lag.as_millis()).unwrap())))),
        }
    }

    async fn write(&self, step: Step, group: &GroupId) -> Answer {
        self.count();
        let (at, fault) = {
            let mut world = self.world.lock().unwrap();
            let fault = world.faults.get_mut(group).and_then(VecDeque::pop_front);
            let write =
                Write { step: step.clone(), group: group.clone(), began: self.clock.now(), ended: None };
            world.writes.push(write);
            (world.writes.len() - 1, fault)
        };
        tokio::time::sleep(self.delay).await;
        let answer = self.answer(&step, group, fault).await;
        self.world.lock().unwrap().writes[at].ended = Some(self.clock.now());
        answer
    }

    async fn answer(&self, step: &Step, group: &GroupId, fault: Option<Fault>) -> Answer {
        let dropped = || Answer::silence(Failure::new(FailureKind::Dropped));
        match fault {
            None => {
                self.perform(step, group);
                Answer::yes()
            }
            Some(Fault::DropAfter) => {
                self.perform(step, group);
                dropped()
            }
            Some(Fault::DropBefore) => dropped(),
            Some(Fault::Lie) => Answer::yes(),
            Some(Fault::Refuse(failure)) => Answer::from_failure(failure),
            Some(Fault::RefuseAfter(failure)) => {
                self.perform(step, group);
                Answer::from_failure(failure)
            }
            Some(Fault::Panic) => panic!("the fake gateway breaks down as configured"),
            Some(Fault::Slow(span)) => {
                tokio::time::sleep(span).await;
                self.perform(step, group);
                Answer::yes()
            }
            Some(Fault::Late(failure, span)) => {
                let due = self.clock.now() + span;
                self.world.lock().unwrap().late.push((due, step.clone(), group.clone()));
                Answer::silence(failure)
            }
        }
    }
}

/// The invite link of a group.
pub(crate) fn link_of(group: &GroupId) -> InviteLink {
    InviteLink::new(&format!("https://chat.whatsapp.com/{}", group.tail(6))).unwrap()
}

fn announcements_of(community: &CommunityId) -> GroupId {
    GroupId::parse(&format!("{}-news@g.us", community.bare())).unwrap()
}

fn named(group: &GroupId) -> Name {
    Name::new(group.as_str())
}

#[async_trait]
impl Reads for FakeGateway {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.budget.subscribe()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        if let Some(kind) = { self.world.lock().unwrap().failing_connections.pop_front() } {
            return Err(Failure::new(kind));
        }
        if self.is_disconnected {
            // This answer is the last one.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let state = if self.is_disconnected {
            ConnectionState::NotConnected(None)
        } else {
            ConnectionState::Connected
        };
        Ok(Connection { state, number: self.number.map(Name::new) })
    }

    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure> {
        let truth = self.truth();
        Ok(truth.links.keys().map(|id| CommunityRef { id: id.clone(), name: None }).collect())
    }

    fn listed_groups(&self) -> usize {
        self.listed
    }

    async fn groups(&self) -> Result<GroupList, Failure> {
        self.world.lock().unwrap().lists += 1;
        let (begun, truth) = self.read().await?;
        let twist = self.next_twist();
        if let Twist::Fails(failure) = twist {
            return Err(failure);
        }
        let parent = |id: &GroupId| match &twist {
            Twist::Parent(group, community) if group == id => Parent::Community(community.clone()),
            _ => Parent::Unknown,
        };
        let listed = |id: &GroupId| Group {
            id: id.clone(),
            name: named(id),
            members: None,
            role: Role::Admin,
            parent: parent(id),
            kind: GroupKind::Unknown,
        };
        let is_told = |id: &&GroupId| !matches!(&twist, Twist::Lacks(group) if group == *id);
        let members = truth.member_of.iter().filter(is_told);
        let groups = if self.is_blind { Vec::new() } else { members.map(listed).collect() };
        Ok(GroupList { begun, groups: groups.into(), skipped: 0, is_cut: false })
    }

    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        let (begun, truth) = self.read().await?;
        if self.is_blind {
            return Err(Failure::new(FailureKind::NoListing));
        }
        let mut groups = truth.links.get(community).cloned().unwrap_or_default();
        match self.next_twist() {
            Twist::Lacks(lacking) => groups.retain(|group| *group != lacking),
            Twist::Holds(held) => groups.push(held),
            Twist::Fails(failure) => return Err(failure),
            Twist::None | Twist::Parent(..) => {}
        }
        groups.retain(|group| self.capabilities.lists_every_subgroup || truth.member_of.contains(group));
        let shown = Shown { begun, community: community.clone(), groups: groups.iter().cloned().collect() };
        self.world.lock().unwrap().shown.push(shown);
        let subgroups = groups.into_iter().map(|id| Subgroup { name: named(&id), id }).collect();
        Ok(CommunityListing {
            community: community.clone(),
            name: None,
            begun,
            announcements: Some(Subgroup { id: announcements_of(community), name: Name::new("news") }),
            subgroups,
            is_cut: false,
        })
    }

    async fn probe(&self, _group: &GroupId) -> Probe {
        Probe::Nothing(Failure::new(FailureKind::NotACommunity).saying("not a community"))
    }

    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure> {
        let (_, truth) = self.read().await?;
        if let Twist::Fails(failure) = self.next_twist() {
            return Err(failure);
        }
        if self.has_no_details {
            return Err(Failure::new(FailureKind::ServerFault));
        }
        let is_member = truth.member_of.contains(group);
        let place = truth.links.iter().find(|(_, groups)| groups.contains(group));
        let parent = place.map_or(Parent::Unknown, |(community, _)| Parent::Community(community.clone()));
        if self.capabilities.group_list_shows_membership && !is_member {
            return Err(Failure::new(FailureKind::NotMember));
        }
        Ok(GroupDetails {
            id: group.clone(),
            name: named(group),
            description: None,
            members: None,
            role: Role::Unknown,
            admins: None,
            own_number_listed: if self.is_blind { None } else { Some(is_member) },
            parent,
            kind: GroupKind::Unknown,
            has_invite_link: self.has_links,
        })
    }

    async fn invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        let (_, truth) = self.read().await?;
        let has_link = self.has_links && truth.member_of.contains(group);
        Ok(has_link.then(|| link_of(group)))
    }
}

#[async_trait]
impl Writes for FakeGateway {
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
        if *link != link_of(group) {
            return Answer::no(Failure::new(FailureKind::NotFound));
        }
        self.write(Step::Join, group).await
    }
}

/// A clock that begins at an even time.
pub(crate) fn clock() -> Clock {
    Clock::fixed(Millis(1_000_000))
}

/// A gateway that is ready to be shared.
pub(crate) fn shared(gateway: FakeGateway) -> Arc<FakeGateway> {
    Arc::new(gateway)
}
