//! In random worlds whose answers may be incomplete, blank, refused or old, and in which other admins act: nothing is called
//! done that is not so, no community is left, and nothing is taken out of a community that the operator did not name.
//!
//! A thousand cases in every run. `PROPTEST_CASES=100000 cargo test --release --test it hostile` runs a hundred thousand.

mod gateway;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use proptest::prelude::*;
use synod::{
    clock::Clock,
    domain::{
        community::CommunityRef,
        directory::{Directory, KnownFrom},
        event::Event,
        id::{CommunityId, GroupId},
        instance::InstanceKey,
        name::Name,
        operation::Operation,
        outcome::Outcome,
        plan::{Mark, Plan, Request, Step, Verb, again},
        time::Millis,
    },
    engine::{Control, Engine, Happening, journal::Journal},
    gateway::Gateway,
};

use self::gateway::{COMMUNITIES, Flavour, GROUPS, Hostile, announcements, community, group};
use crate::support::{
    memory_journal::MemoryJournal,
    planning::planned,
    rig::{UP_TO_DATE, steady},
};

#[derive(Clone, Debug)]
struct Script {
    seed: u64,
    flavour: Flavour,
    verb: u8,
    /// What is marked; the last places stand for communities and announcements groups.
    marks: BTreeSet<usize>,
    /// Where a mark says that its group was: nowhere, or in that community.
    source: Option<usize>,
    target: usize,
    /// After so many events the operator stops it.
    stops_after: Option<usize>,
}

fn script() -> impl Strategy<Value = Script> {
    let flavour =
        (any::<bool>(), any::<bool>(), 0..3_u8, 0..60_u32, 0..50_u32, prop_oneof![Just(0), 0..15_u32])
            .prop_map(|(is_zapi, has_fields, probe, reads, writes, others)| Flavour {
                is_zapi,
                has_fields,
                probe,
                reads,
                writes,
                others,
            });
    let marks = prop::collection::btree_set(0..GROUPS + 2 * COMMUNITIES, 1..8);
    let source = prop::option::of(0..COMMUNITIES);
    let stops_after = prop::option::weighted(0.2, 0..40_usize);
    (any::<u64>(), flavour, 0..4_u8, marks, source, 0..COMMUNITIES, stops_after).prop_map(
        |(seed, flavour, verb, marks, source, target, stops_after)| Script {
            seed,
            flavour,
            verb,
            marks,
            source,
            target,
            stops_after,
        },
    )
}

fn marked(at: usize) -> GroupId {
    match at.checked_sub(GROUPS) {
        None => group(at),
        Some(at) if at < COMMUNITIES => community(at).as_group(),
        Some(at) => announcements(&community(at - COMMUNITIES)),
    }
}

fn is_community(at: usize) -> bool {
    (GROUPS..GROUPS + COMMUNITIES).contains(&at)
}

fn request(script: &Script) -> Request {
    let verb = [Verb::Link, Verb::Unlink, Verb::Move, Verb::Leave][usize::from(script.verb)];
    let source = script.source.filter(|_| verb != Verb::Link).map(community);
    let mark = |at: &usize| {
        let group = marked(*at);
        Mark { name: Name::new(group.bare()), group, source: source.clone(), again: None }
    };
    Request {
        instance: InstanceKey::new("hostile"),
        verb,
        target: matches!(verb, Verb::Link | Verb::Move).then(|| community(script.target)),
        // On Z-API no id of a group is a community's.
        marks: script
            .marks
            .iter()
            .filter(|at| !(script.flavour.is_zapi && is_community(**at)))
            .map(mark)
            .collect(),
        leaves_community: false,
        parent: None,
    }
}

struct Desk {
    clock: Clock,
    hostile: Arc<Hostile>,
    directory: Directory,
    engine: Engine,
    happenings: tokio::sync::mpsc::UnboundedReceiver<Happening>,
    key: InstanceKey,
}

impl Desk {
    fn new(script: &Script) -> Self {
        let clock = Clock::fixed(Millis(1_000_000));
        let hostile = Arc::new(Hostile::new(clock, script.flavour.clone(), script.seed));
        let mut directory = Directory::default();
        // One community is known beforehand; the others only by what is read.
        let known = CommunityRef { id: community(0), name: None };
        directory.learn(known, KnownFrom::Configuration);
        let (engine, happenings) = Engine::new(MemoryJournal::new() as Arc<dyn Journal>, clock);
        let key = InstanceKey::new("hostile");
        engine.add_instance(key.clone(), Arc::clone(&hostile) as _, steady());
        Self { clock, hostile, directory, engine, happenings, key }
    }

    async fn plan(&self, request: &Request) -> Plan {
        let gateway: Arc<dyn Gateway> = Arc::clone(&self.hostile) as _;
        self.hostile.plan_begins();
        planned(&gateway, self.clock, &self.directory, request.clone(), 50).await
    }

    /// Runs a plan to its end; when each item got its last outcome.
    async fn run(&mut self, plan: &Plan, stops_after: Option<usize>) -> (Operation, BTreeMap<usize, Millis>) {
        let id = self.engine.submit(&self.key, plan.order(), UP_TO_DATE).await.unwrap();
        let (mut operation, mut finished, mut events): (Option<Operation>, _, _) = (None, BTreeMap::new(), 0);
        let ends = async {
            while let Some(happening) = self.happenings.recv().await {
                let Happening::Recorded(record) = happening else { continue };
                if record.operation != id {
                    continue;
                }
                events += 1;
                if stops_after == Some(events) {
                    self.engine.control(&self.key, Control::Stop);
                }
                match &mut operation {
                    Some(operation) => operation.apply(&record),
                    None => operation = Operation::begin(&record),
                }
                if let Event::ItemFinished { item, .. } = record.event {
                    finished.insert(item, record.at);
                }
                if record.event == Event::Ended {
                    break;
                }
            }
        };
        let day = Duration::from_secs(24 * 60 * 60);
        tokio::time::timeout(day, ends).await.expect("it ends within a day of the paused clock");
        (operation.unwrap(), finished)
    }
}

/// Whether a step was so at any time in a span.
fn was_so(hostile: &Hostile, from: Millis, to: Millis, step: &Step, group: &GroupId) -> bool {
    let history = hostile.history();
    history.iter().enumerate().any(|(at, (begins, truth))| {
        let ends = history.get(at + 1).map_or(Millis(i64::MAX), |(next, _)| *next);
        *begins <= to && ends >= from && truth.is_done(step, group)
    })
}

/// What no gateway may bring Synod to.
fn check(
    desk: &Desk,
    script: &Script,
    plan: &Plan,
    operation: &Operation,
    finished: &BTreeMap<usize, Millis>,
) -> Result<(), TestCaseError> {
    for (at, item) in operation.items.iter().enumerate() {
        let outcome = item.outcome.unwrap();
        if outcome.is_as_wanted() {
            let wished = plan.rows[at].steps.last().cloned().or_else(|| wished(script, plan, at));
            let Some(step) = wished else { continue };
            let to = finished.get(&at).copied().unwrap_or(operation.created);
            let is_so = was_so(&desk.hostile, plan.made, to, &step, &item.group)
                || was_so(&desk.hostile, Millis(1_000_000), operation.created, &step, &item.group);
            prop_assert!(is_so, "{outcome:?} and not so: {item:#?}\n{script:#?}");
        }
        if outcome == Outcome::NotSent {
            // What may have been sent is looked at: if it is so, nobody says that it was not sent.
            let was_sent = desk.hostile.writes().iter().any(|(_, group)| *group == item.group);
            let step = item.current_step().cloned();
            let is_so = step.is_some_and(|step| desk.hostile.truth().is_done(&step, &item.group));
            let settled = script.flavour.others > 0 || script.flavour.reads > 0;
            prop_assert!(settled || !(was_sent && is_so && item.attempts > 0), "not sent? {item:#?}");
        }
    }
    let protected: BTreeSet<GroupId> = (GROUPS..GROUPS + 2 * COMMUNITIES).map(marked).collect();
    for (step, group) in desk.hostile.writes() {
        let is_leave = matches!(step, Step::Leave | Step::LeaveCommunity(_));
        prop_assert!(!(is_leave && protected.contains(&group)), "left {group}: {script:#?}");
    }
    Ok(())
}

/// What was wanted of a row that sends nothing.
fn wished(script: &Script, plan: &Plan, at: usize) -> Option<Step> {
    match plan.request.verb {
        Verb::Link | Verb::Move => Some(Step::Link(community(script.target))),
        Verb::Unlink => plan.request.marks[at].source.clone().map(Step::Unlink),
        Verb::Leave => Some(Step::Leave),
        Verb::Rejoin => None,
    }
}

/// The communities that groups were taken out of.
fn sources(writes: &[(Step, GroupId)]) -> Vec<(GroupId, CommunityId)> {
    let unlinked = writes.iter().filter_map(|(step, group)| match step {
        Step::Unlink(community) => Some((group.clone(), community.clone())),
        _ => None,
    });
    unlinked.collect()
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(usual), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn property_whatever_the_answers_nothing_untrue_is_said_and_nothing_unnamed_is_touched(script in script()) {
        paused().block_on(async {
            let mut desk = Desk::new(&script);
            let request = request(&script);
            let plan = desk.plan(&request).await;
            if plan.obstacle.is_some() {
                return Ok(());
            }
            let (operation, finished) = desk.run(&plan, script.stops_after).await;
            check(&desk, &script, &plan, &operation, &finished)?;
            let first = desk.hostile.writes();
            for (group, source) in sources(&first) {
                let row = plan.rows.iter().find(|row| row.group == group).unwrap();
                prop_assert!(row.steps.contains(&Step::Unlink(source.clone())), "{group} out of {source}");
                if let Some(named) = script.source {
                    prop_assert_eq!(&source, &community(named), "the operator named another community");
                }
            }
            // An undo takes groups out of nothing but what the operation put them into.
            if let Some(undo) = again::undo(&operation) {
                let put_into: BTreeMap<GroupId, Option<CommunityId>> = operation
                    .items
                    .iter()
                    .map(|item| (item.group.clone(), linked(item.steps.iter())))
                    .collect();
                let plan = desk.plan(&undo).await;
                if plan.obstacle.is_none() {
                    desk.run(&plan, None).await;
                }
                for (group, source) in sources(&desk.hostile.writes()[first.len()..]) {
                    prop_assert_eq!(put_into.get(&group), Some(&Some(source)), "undo: {:?}", script);
                }
            }
            Ok(())
        })?;
    }

    /// Without misbehaviour everything that is sent is verified: the rules are not merely careful.
    #[test]
    fn property_true_answers_are_believed(mut script in script()) {
        script.flavour = Flavour { reads: 0, writes: 0, others: 0, probe: 0, ..script.flavour };
        script.stops_after = None;
        paused().block_on(async {
            let mut desk = Desk::new(&script);
            desk.hostile.calm();
            let request = request(&script);
            let plan = desk.plan(&request).await;
            let (operation, _) = desk.run(&plan, None).await;
            for (item, row) in operation.items.iter().zip(&plan.rows).filter(|(_, row)| row.is_sent()) {
                let is_settled = matches!(item.outcome, Some(Outcome::Verified | Outcome::Refused));
                prop_assert!(is_settled, "{item:#?} {row:#?} {script:#?}");
            }
            Ok(())
        })?;
    }
}

fn linked<'a>(steps: impl Iterator<Item = &'a Step>) -> Option<CommunityId> {
    steps.filter_map(|step| if let Step::Link(to) = step { Some(to.clone()) } else { None }).last()
}
