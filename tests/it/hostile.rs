//! Random worlds whose answers may be incomplete, blank, refused or old, and in which other admins act. Synod never reports
//! a change that did not happen, never leaves a community by accident, and never removes a group from a community that the
//! operator did not name. This holds at first, and also when an operation is stopped, dies, is checked again, retried, resumed,
//! undone or rejoined.
//!
//! Each run tests a thousand cases. `PROPTEST_CASES=100000 cargo test --release --test it hostile` tests a hundred thousand.

mod desired;
mod gateway;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use proptest::{prelude::*, strategy::ValueTree};
use synod::{
    clock::Clock,
    domain::{
        community::CommunityRef,
        directory::{Directory, KnownFrom},
        event::OperationEvent,
        id::{GroupId, OperationId},
        instance::InstanceKey,
        name::Name,
        operation::{Operation, RunControl},
        outcome::Outcome,
        plan::{Head, Mark, Plan, Request, Step, Task, Verb, Want, again},
        time::Millis,
    },
    engine::{Engine, EngineEvent, journal::Journal},
    gateway::Gateway,
};

use self::gateway::{COMMUNITIES, Flavour, GROUPS, Hostile, Truth, Write, announcements, community, group};
use crate::support::{
    cut_journal::{Cut, CutJournal},
    memory_journal::MemoryJournal,
    planning::planned,
    rig::{UP_TO_DATE, in_time, steady},
};

/// How an operation ends.
#[derive(Clone, Copy, Debug)]
enum Ends {
    Itself,
    /// The operator stops it after this many events.
    Stopped(usize),
    /// Synod dies at a write to its journal; another one recovers.
    Dead(Cut),
}

/// The operator's action after an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Next {
    LookAgain,
    Retry,
    Resume,
    Undo,
    Rejoin,
}

#[derive(Clone, Debug)]
struct Script {
    seed: u64,
    flavour: Flavour,
    /// One of the four verbs, or the fifth: leave the target itself.
    verb: u8,
    /// The marked groups; the last places stand for communities and announcement groups.
    marks: BTreeSet<usize>,
    /// The place of each group according to its mark: no community, or this one.
    source: Option<usize>,
    target: usize,
    /// Whether the operator ticks risky rows; never for a leave.
    ticks: bool,
    /// Whether the plan is checked again before the first request.
    is_checked_again: bool,
    ends: Ends,
    nexts: Vec<Next>,
}

fn ends() -> impl Strategy<Value = Ends> {
    prop_oneof![
        6 => Just(Ends::Itself),
        2 => (0..40_usize).prop_map(Ends::Stopped),
        2 => (1..40_usize, any::<bool>()).prop_map(|(at, is_written)| Ends::Dead(Cut { at, is_written })),
    ]
}

fn script() -> impl Strategy<Value = Script> {
    let flavour =
        (
            any::<bool>(),
            any::<(bool, bool)>(),
            0..3_u8,
            0..60_u32,
            0..50_u32,
            prop_oneof![Just(0), 0..15_u32],
        )
            .prop_map(|(is_zapi, (has_fields, has_long_list), probe, reads, writes, others)| {
                Flavour { is_zapi, has_fields, has_long_list, probe, reads, writes, others }
            });
    let marks = prop::collection::btree_set(0..GROUPS + 2 * COMMUNITIES, 1..8);
    let source = prop::option::of(0..COMMUNITIES);
    let asked = (0..5_u8, marks, source, 0..COMMUNITIES);
    let nexts = [Next::LookAgain, Next::Retry, Next::Resume, Next::Undo, Next::Rejoin];
    let nexts = prop::collection::vec(prop::sample::select(nexts.to_vec()), 0..4);
    (any::<u64>(), flavour, asked, any::<bool>(), any::<bool>(), ends(), nexts).prop_map(
        |(seed, flavour, (verb, marks, source, target), ticks, is_checked_again, ends, nexts)| Script {
            seed,
            flavour,
            verb,
            marks,
            source,
            target,
            ticks,
            is_checked_again,
            ends,
            nexts,
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
    let source = script.source.map(community);
    let mark = |at: &usize| {
        let group = marked(*at);
        Mark { name: Name::new(group.bare()), group, source: source.clone() }
    };
    // On Z-API a group never has the ID of a community.
    let is_no_group = |at: &usize| script.flavour.is_zapi && is_community(*at);
    let (instance, target) = (InstanceKey::new("hostile"), community(script.target));
    let task = match script.verb {
        0 => Task::Link(target),
        1 => Task::Unlink,
        2 => Task::Move(target),
        3 => Task::Leave,
        _ => return Request::leave_community(instance, target),
    };
    Request::new(instance, &task, script.marks.iter().filter(|at| !is_no_group(at)).map(mark).collect())
}

/// A plan, and the start of its readings.
struct Planned {
    plan: Plan,
    begun: Millis,
}

struct ScriptRun<'a> {
    script: &'a Script,
    clock: Clock,
    hostile: Arc<Hostile>,
    directory: Directory,
    journal: Arc<MemoryJournal>,
    key: InstanceKey,
}

impl<'a> ScriptRun<'a> {
    fn new(script: &'a Script) -> Self {
        let clock = Clock::fixed(Millis(1_000_000));
        let hostile = Arc::new(Hostile::new(clock, script.flavour.clone(), script.seed));
        let mut directory = Directory::default();
        // One community is known beforehand; the others only from readings.
        let known = CommunityRef { id: community(0), name: None };
        directory.learn(known, KnownFrom::Configuration);
        let key = InstanceKey::new("hostile");
        Self { script, clock, hostile, directory, journal: MemoryJournal::new(), key }
    }

    async fn plan(&self, request: Request) -> Planned {
        let gateway: Gateway = Gateway::new(Arc::clone(&self.hostile));
        let begun = self.clock.now();
        self.hostile.plan_begins();
        let mut plan = planned(&gateway, self.clock, &self.directory, request, 50).await;
        let may_tick = self.script.ticks && plan.request.verb != Verb::Leave;
        for at in 0..plan.rows.len() {
            if may_tick && plan.rows[at].head == Head::Risky {
                plan.toggle(at);
            }
        }
        Planned { plan, begun }
    }

    fn engine(&self, cut: Option<Cut>) -> (Engine, Arc<CutJournal>, Happenings) {
        let journal = CutJournal::new(Arc::clone(&self.journal) as _, cut);
        let (engine, engine_events) = Engine::new(Arc::clone(&journal) as _, self.clock);
        engine.add_instance(self.key.clone(), Gateway::new(Arc::clone(&self.hostile)), steady());
        (engine, journal, engine_events)
    }

    async fn newest(&self) -> Option<Operation> {
        let operations = self.journal.operations(&self.key, usize::MAX).await.unwrap();
        operations.into_iter().max_by_key(|operation| operation.id)
    }

    /// Runs a plan to its end, in one life or two. `None` if not even its order was recorded.
    async fn run(&self, plan: &Plan, ends: Ends) -> Option<Operation> {
        let before = self.newest().await.map(|operation| operation.id);
        let cut = if let Ends::Dead(cut) = ends { Some(cut) } else { None };
        let (engine, journal, mut engine_events) = self.engine(cut);
        let read_from = if self.script.is_checked_again { None } else { UP_TO_DATE };
        let life = async {
            engine.submit(&self.key, plan.order(), read_from).await.unwrap();
            let mut events = 0;
            while let Some(engine_event) = engine_events.recv().await {
                let EngineEvent::Recorded(record) = engine_event else { continue };
                events += 1;
                if matches!(ends, Ends::Stopped(after) if after == events) {
                    engine.control(&self.key, RunControl::Stop);
                }
                if record.event == OperationEvent::Ended {
                    break;
                }
            }
            in_time(engine.until_idle(&self.key)).await;
        };
        let is_dead = in_time(async {
            tokio::select! {
                () = life => false,
                () = journal.died() => true,
            }
        });
        if is_dead.await {
            drop((engine, engine_events));
            let (engine, _, _happenings) = self.engine(None);
            engine.recover(&self.key).await.unwrap();
            in_time(engine.until_idle(&self.key)).await;
        }
        self.newest().await.filter(|operation| Some(operation.id) != before)
    }

    /// Checks an operation again; returns its new state.
    async fn look_again(&self, id: OperationId) -> Operation {
        let (engine, _, _happenings) = self.engine(None);
        engine.look_again(&self.key, id).await.unwrap();
        in_time(engine.until_idle(&self.key)).await;
        self.newest().await.unwrap()
    }

    /// The time at which each item of an operation got its last outcome.
    fn finished(&self, operation: &Operation) -> BTreeMap<usize, Millis> {
        let records = self.journal.records().into_iter().filter(|record| record.operation == operation.id);
        let finished = records.filter_map(|record| match record.event {
            OperationEvent::ItemFinished { item, .. } => Some((item, record.at)),
            _ => None,
        });
        finished.collect()
    }

    /// Whether a condition held at any time in a span.
    fn was_so(&self, from: Millis, to: Millis, is_so: impl Fn(&Truth) -> bool) -> bool {
        self.states(from, to).iter().any(is_so)
    }

    /// The states of the world in a span.
    fn states(&self, from: Millis, to: Millis) -> Vec<Truth> {
        let history = self.hostile.history();
        let ends = |at: usize| history.get(at + 1).map_or(Millis(i64::MAX), |(next, _)| *next);
        let is_in = |(at, (begins, _)): &(usize, &(Millis, Truth))| *begins <= to && ends(*at) >= from;
        history.iter().enumerate().filter(is_in).map(|(_, (_, truth))| truth.clone()).collect()
    }

    /// Statements about an operation that no gateway may make Synod give; these requests were sent for it.
    fn check_outcomes(
        &self,
        planned: &Planned,
        operation: &Operation,
        writes: &[Write],
    ) -> Result<(), TestCaseError> {
        let finished = self.finished(operation);
        let request = &planned.plan.request;
        for (at, item) in operation.items.iter().enumerate() {
            let outcome = item.outcome.unwrap();
            let to = finished.get(&at).copied().unwrap_or(operation.created);
            let wish = Wish::of(request, &item.group, item.steps.last());
            if outcome.is_as_wanted() {
                let was_so = self.was_so(planned.begun, to, |truth| wish.is_so(truth, &item.group));
                prop_assert!(was_so, "{outcome:?} but not {wish:?}: {item:#?}\n{:#?}", self.script);
            }
            // For a move, the current step.
            let is_its_request =
                |write: &&Write| write.group == item.group && Some(&write.step) == item.current_step();
            let last = writes.iter().rev().find(is_its_request);
            if let Some(write) = last.filter(|_| outcome == Outcome::NotSent) {
                prop_assert!(
                    self.hostile.was_read_since(write.begun),
                    "not sent, without a read-back: {item:#?}\n{:#?}",
                    self.script
                );
                // If reads are truthful, they see every state between the request and the end.
                let states = self.states(write.begun + Duration::from_secs(2), to);
                let is_so = |truth: &Truth| truth.is_done(&write.step, &item.group);
                let is_seen = self.script.flavour.reads == 0 && !states.is_empty();
                prop_assert!(
                    !(is_seen && states.iter().all(is_so)),
                    "not sent? {item:#?}\n{:#?}",
                    self.script
                );
            }
        }
        Ok(())
    }

    /// Requests that no gateway may make Synod send for a plan.
    fn check_writes(&self, planned: &Planned, writes: &[Write]) -> Result<(), TestCaseError> {
        let request = &planned.plan.request;
        let protected: BTreeSet<GroupId> = (GROUPS..GROUPS + 2 * COMMUNITIES).map(marked).collect();
        for Write { step, group, .. } in writes {
            let row = planned.plan.rows.iter().find(|row| row.group == *group);
            let is_planned = row.is_some_and(|row| row.is_sent() && row.steps.contains(step));
            prop_assert!(is_planned, "{step:?} of {group} was not planned: {:#?}", self.script);
            match step {
                Step::LeaveCommunity(community) => {
                    prop_assert!(request.leaves_community() && request.target() == Some(community));
                }
                Step::Leave => prop_assert!(!protected.contains(group), "left {group}: {:#?}", self.script),
                Step::Unlink(source) => {
                    let wish = request.wishes.iter().find(|wish| wish.group == *group).unwrap();
                    let named = wish.source().unwrap_or(source);
                    prop_assert_eq!(
                        source,
                        named,
                        "the operator named another community: {:#?}",
                        self.script
                    );
                }
                Step::Link(_) | Step::Join => {}
            }
        }
        Ok(())
    }

    /// Plans a request, runs the plan and checks all that follows.
    async fn carry_out(&self, request: Request, ends: Ends) -> Result<Option<Carried>, TestCaseError> {
        let planned = self.plan(request).await;
        if planned.plan.obstacle.is_some() {
            return Ok(None);
        }
        let before = self.hostile.writes().len();
        let operation = self.run(&planned.plan, ends).await;
        let writes = self.hostile.writes().split_off(before);
        self.check_writes(&planned, &writes)?;
        let Some(operation) = operation else { return Ok(None) };
        self.check_outcomes(&planned, &operation, &writes)?;
        Ok(Some(Carried { planned, operation, writes }))
    }

    /// The next action after an operation, if there is anything to do.
    async fn go_on(&self, carried: Carried, next: Next) -> Result<Carried, TestCaseError> {
        let Carried { planned, operation, writes } = carried;
        let mut links = BTreeSet::new();
        for item in &operation.items {
            if self.journal.kept_link(&self.key, &item.group).await.unwrap().is_some() {
                links.insert(item.group.clone());
            }
        }
        let request = match next {
            Next::LookAgain => {
                let before = self.hostile.writes().len();
                let operation = self.look_again(operation.id).await;
                prop_assert_eq!(self.hostile.writes().len(), before, "a check sends nothing");
                self.check_outcomes(&planned, &operation, &writes)?;
                return Ok(Carried { planned, operation, writes });
            }
            Next::Retry => again::retry(&operation),
            Next::Resume => again::resume(&operation),
            Next::Undo => again::undo(&operation),
            Next::Rejoin => again::rejoin(&operation, |group| links.contains(group)),
        };
        let Some(request) = request else { return Ok(Carried { planned, operation, writes }) };
        let carried_on = self.carry_out(request, Ends::Itself).await?;
        Ok(carried_on.unwrap_or(Carried { planned, operation, writes }))
    }
}

type Happenings = tokio::sync::mpsc::UnboundedReceiver<EngineEvent>;

/// A finished operation.
struct Carried {
    planned: Planned,
    operation: Operation,
    writes: Vec<Write>,
}

/// The wanted state of a group.
#[derive(Debug)]
enum Wish {
    Step(Step),
    /// It is in no community.
    InNone,
}

impl Wish {
    fn of(request: &Request, group: &GroupId, planned: Option<&Step>) -> Self {
        let wish = request.wishes.iter().find(|wish| wish.group == *group).unwrap();
        Self::Step(match (&wish.want, wish.source()) {
            (Want::In(target), _) => Step::Link(target.clone()),
            (Want::InNone, Some(source)) => Step::Unlink(source.clone()),
            // If the operator named no community, the plan did.
            (Want::InNone, None) => return planned.cloned().map_or(Self::InNone, Self::Step),
            (Want::Left, _) => Step::Leave,
            (Want::CommunityLeft(community), _) => Step::LeaveCommunity(community.clone()),
            (Want::Member, _) => Step::Join,
        })
    }

    fn is_so(&self, truth: &Truth, group: &GroupId) -> bool {
        match self {
            Self::Step(step) => truth.is_done(step, group),
            Self::InNone => !truth.parent.contains_key(group),
        }
    }
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
    fn property_no_answers_cause_a_false_statement_or_an_unrequested_change(script in script()) {
        paused().block_on(async {
            let run = ScriptRun::new(&script);
            let Some(mut carried) = run.carry_out(request(&script), script.ends).await? else {
                return Ok(());
            };
            for next in &script.nexts {
                carried = run.go_on(carried, *next).await?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }

    /// Without misbehaviour, everything that is sent is verified: the rules are not merely careful.
    #[test]
    fn property_true_answers_are_believed(mut script in script()) {
        script.flavour = Flavour { reads: 0, writes: 0, others: 0, probe: 0, ..script.flavour };
        script.ticks = false;
        paused().block_on(async {
            let run = ScriptRun::new(&script);
            run.hostile.calm();
            let Some(Carried { planned, operation, .. }) =
                run.carry_out(request(&script), Ends::Itself).await?
            else {
                return Ok(());
            };
            for (item, row) in operation.items.iter().zip(&planned.plan.rows).filter(|(_, row)| row.is_sent()) {
                let is_settled = matches!(item.outcome, Some(Outcome::Verified | Outcome::Refused));
                prop_assert!(is_settled, "{item:#?} {row:#?} {script:#?}");
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

/// The interesting situations really occur in these cases: otherwise the properties would prove nothing.
#[test]
fn the_worlds_reach_every_outcome_and_every_follow_up() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut outcomes, mut nexts) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..400 {
        let script = script().new_tree(&mut runner).unwrap().current();
        paused().block_on(async {
            let run = ScriptRun::new(&script);
            let Some(mut carried) = run.carry_out(request(&script), script.ends).await.unwrap() else {
                return;
            };
            for next in &script.nexts {
                let before = carried.operation.id;
                outcomes.extend(carried.operation.items.iter().map(|item| item.outcome.unwrap()));
                carried = run.go_on(carried, *next).await.unwrap();
                if carried.operation.id != before {
                    nexts.insert(format!("{next:?}"));
                }
            }
        });
    }
    assert_eq!(outcomes.len(), Outcome::ALL.len(), "{outcomes:?}");
    assert_eq!(nexts.len(), 4, "{nexts:?}");
}
