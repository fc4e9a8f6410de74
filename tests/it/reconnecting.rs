//! The connection to the journal is lost in the middle of an operation: nothing is sent, the engine tries again, and either continues or
//! follows the Synod that has the lock by then. The clock is paused, and the waits are the real ones.

use std::{sync::Arc, time::Duration};

use synod::{
    clock::Clock,
    domain::{
        event::{OperationEvent, Record, StopReason},
        failure::{Failure, FailureKind},
        id::OperationId,
        message::{Message, ToMessage},
        operation::{Operation, Phase, RunControl},
        outcome::Outcome::{self, Verified},
    },
    engine::{Engine, EngineEvent, journal::Journal, journal::JournalError},
    gateway::Gateway,
    text::Text,
};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::support::{
    fake_gateway::{FakeGateway, Fault, clock, community, group, shared},
    line::{Far, Line, LineLocks},
    memory_journal::MemoryJournal,
    rig::{UP_TO_DATE, in_time, leave, link, outcomes, steady},
    shared::key,
};

const TWO_MINUTES: Duration = Duration::from_secs(120);

/// A journal that several machines share, and a gateway.
struct World {
    clock: Clock,
    gateway: Arc<FakeGateway>,
    journal: Arc<MemoryJournal>,
    far: Arc<Far>,
}

/// One Synod with its line to the journal.
struct Synod {
    engine: Engine,
    line: Arc<Line>,
    heard: Vec<EngineEvent>,
    events: UnboundedReceiver<EngineEvent>,
}

impl World {
    fn new(set_up: impl FnOnce(FakeGateway) -> FakeGateway) -> Self {
        let clock = clock();
        let gateway = shared(set_up(FakeGateway::new(clock).linked(&community("c"), [])));
        Self { clock, gateway, journal: MemoryJournal::new(), far: Arc::default() }
    }

    fn synod(&self, name: &'static str) -> Synod {
        let line = Line::new(name, Arc::clone(&self.journal) as Arc<dyn Journal>, &self.far);
        let locks = Arc::new(LineLocks(Arc::clone(&line)));
        let (engine, events) = Engine::sharing(Arc::clone(&line) as Arc<dyn Journal>, self.clock, locks);
        engine.add_instance(key(), Gateway::new(Arc::clone(&self.gateway)), steady());
        Synod { engine, line, heard: Vec::new(), events }
    }

    async fn operation(&self, id: OperationId) -> Operation {
        self.journal.operation(&key(), id).await.unwrap().unwrap()
    }

    /// Every request was recorded before it was sent, and none was sent twice.
    fn assert_true(&self) {
        let records = self.journal.records();
        let sendings = records.iter().filter(|record| matches!(record.event, OperationEvent::Sending { .. }));
        let starts: Vec<_> = sendings.map(|record| record.at).collect();
        let writes = self.gateway.writes();
        assert!(starts.len() >= writes.len(), "a request without its record");
        for (at, write) in writes.iter().enumerate() {
            assert!(
                starts.iter().filter(|start| **start <= write.began).count() > at,
                "{writes:?} {starts:?}"
            );
            assert!(writes[..at].iter().all(|earlier| earlier.group != write.group), "sent twice: {write:?}");
        }
    }
}

impl Synod {
    async fn submit(&self, groups: std::ops::Range<usize>) -> OperationId {
        self.engine.submit(&key(), link(&community("c"), groups.map(group)), UP_TO_DATE).await.unwrap()
    }

    async fn until(&mut self, is_so: impl Fn(&EngineEvent) -> bool) {
        loop {
            let event = in_time(self.events.recv()).await.unwrap();
            self.heard.push(event.clone());
            if is_so(&event) {
                return;
            }
        }
    }

    async fn until_event(&mut self, is_so: impl Fn(&OperationEvent) -> bool) {
        self.until(|event| matches!(event, EngineEvent::Recorded(record) if is_so(&record.event))).await;
    }

    async fn until_away(&mut self) {
        self.until(|event| matches!(event, EngineEvent::StoreAway)).await;
    }

    async fn until_idle(&mut self) {
        in_time(self.engine.until_idle(&key())).await;
        while let Ok(event) = self.events.try_recv() {
            self.heard.push(event);
        }
    }

    fn count(&self, is_so: impl Fn(&EngineEvent) -> bool) -> usize {
        self.heard.iter().filter(|event| is_so(event)).count()
    }

    /// How often it was said that the store was away, and that it was back.
    fn said(&self) -> (usize, usize) {
        let away = self.count(|event| matches!(event, EngineEvent::StoreAway));
        (away, self.count(|event| matches!(event, EngineEvent::StoreBack)))
    }

    fn failures(&self) -> Vec<&Message> {
        fn why(event: &EngineEvent) -> Option<&Message> {
            match event {
                EngineEvent::JournalFailed { why, .. } => Some(why),
                _ => None,
            }
        }
        self.heard.iter().filter_map(why).collect()
    }

    /// What a screen makes of the events of an operation.
    fn shown(&self, id: OperationId) -> Operation {
        let mut shown: Option<Operation> = None;
        for event in &self.heard {
            let EngineEvent::Recorded(record) = event else { continue };
            match &mut shown {
                _ if record.operation != id => {}
                Some(operation) => {
                    assert!(record.sequence <= operation.next_sequence, "an event is missing: {record:?}");
                    operation.apply(record);
                }
                None => shown = Operation::begin(record),
            }
        }
        shown.unwrap()
    }
}

fn is_ended(event: &OperationEvent) -> bool {
    *event == OperationEvent::Ended
}

/// At every append, before and after it is recorded.
#[tokio::test(start_paused = true)]
async fn an_operation_continues_after_a_cut_of_two_minutes_wherever_it_happens() {
    let mut appends = 1;
    loop {
        let mut was_cut = false;
        for is_recorded in [false, true] {
            let world = World::new(|gateway| gateway.with_delay(Duration::from_millis(300)));
            let mut synod = world.synod("ana");
            synod.line.cut_at(appends, is_recorded);
            let id = synod.submit(0..3).await;
            let line = Arc::clone(&synod.line);
            let gateway = Arc::clone(&world.gateway);
            let repair = tokio::spawn(async move {
                while !line.is_down() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                // The request in flight ends.
                tokio::time::sleep(Duration::from_secs(1)).await;
                let sent = gateway.writes().len();
                tokio::time::sleep(TWO_MINUTES).await;
                assert_eq!(gateway.writes().len(), sent, "something was sent");
                line.restore();
            });
            synod.until_idle().await;
            let operation = world.operation(id).await;
            assert_eq!(outcomes(&operation), [Verified; 3], "append {appends}, recorded: {is_recorded}");
            assert_eq!(operation.phase, Phase::Ended(None));
            assert_eq!(world.gateway.writes().len(), 3);
            world.assert_true();
            assert_eq!(synod.shown(id), operation, "the screen shows what is recorded");
            if repair.is_finished() {
                repair.await.unwrap();
                was_cut = true;
                assert_eq!((synod.said(), synod.failures().len()), ((1, 1), 0));
                // 0.5, 1, 2, 4, 8 and 15 seconds, and so on.
                assert!(synod.line.attempts() <= 14, "{}", synod.line.attempts());
            } else {
                repair.abort();
            }
        }
        if !was_cut {
            assert!(appends > 8, "it was cut nowhere");
            return;
        }
        appends += 1;
    }
}

/// The gateway's answer cannot be found out in any other way.
#[tokio::test(start_paused = true)]
async fn the_answer_that_arrives_while_the_store_is_away_is_recorded_later() {
    let refused = Fault::Refuse(Failure::new(FailureKind::Refused).saying("no"));
    let world = World::new(|gateway| gateway.with_delay(Duration::from_secs(2)).faults(&group(0), [refused]));
    let mut synod = world.synod("ana");
    let id = synod.submit(0..1).await;
    synod.until_event(|event| matches!(event, OperationEvent::Sending { .. })).await;
    synod.line.cut();
    synod.until_away().await;
    synod.line.restore();
    synod.until_idle().await;
    let operation = world.operation(id).await;
    assert_eq!(outcomes(&operation), [Outcome::Refused]);
    assert_eq!(world.gateway.writes().len(), 1, "it is not sent again");
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_the_store_is_away_counts_when_it_is_back() {
    let world = World::new(|gateway| gateway);
    let mut synod = world.synod("ana");
    let (one, two) = (synod.submit(0..9).await, synod.submit(9..11).await);
    synod.until_event(|event| matches!(event, OperationEvent::ItemFinished { .. })).await;
    synod.line.cut();
    synod.until_away().await;
    synod.engine.control(&key(), RunControl::Stop);
    synod.line.restore();
    synod.until_idle().await;
    for id in [one, two] {
        assert_eq!(world.operation(id).await.phase, Phase::Ended(Some(StopReason::Operator)));
    }
    assert!(world.gateway.writes().len() < 9);
    world.assert_true();
}

#[tokio::test(start_paused = true)]
async fn what_was_paused_stays_paused_and_what_was_resumed_goes_on() {
    for (before, during, goes_on) in [
        (RunControl::Pause, None, false),
        (RunControl::Pause, Some(RunControl::Resume), true),
        (RunControl::Resume, Some(RunControl::Pause), false),
    ] {
        let world = World::new(|gateway| gateway);
        let mut synod = world.synod("ana");
        let id = synod.submit(0..4).await;
        synod.until_event(|event| matches!(event, OperationEvent::Answered { .. })).await;
        synod.engine.control(&key(), before);
        if before == RunControl::Pause {
            synod.until_event(|event| matches!(event, OperationEvent::Paused { .. })).await;
        }
        synod.line.cut();
        synod.until_away().await;
        if let Some(control) = during {
            synod.engine.control(&key(), control);
        }
        synod.line.restore();
        synod.until(|event| matches!(event, EngineEvent::StoreBack)).await;
        if goes_on {
            synod.until_idle().await;
            assert_eq!(outcomes(&world.operation(id).await), [Verified; 4]);
        } else {
            let idle =
                tokio::time::timeout(Duration::from_secs(3_600), synod.engine.until_idle(&key())).await;
            assert!(idle.is_err(), "it waits for the operator");
            assert!(world.gateway.writes().len() < 4);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_program_ends_at_once_while_the_store_is_away() {
    let world = World::new(|gateway| gateway);
    let mut synod = world.synod("ana");
    let id = synod.submit(0..9).await;
    synod.until_event(|event| matches!(event, OperationEvent::ItemFinished { .. })).await;
    synod.line.cut();
    synod.until_away().await;
    in_time(synod.engine.until_store_is_away()).await;
    let before = world.clock.now();
    in_time(synod.engine.shutdown()).await;
    assert!(world.clock.now().since(before) < Duration::from_secs(1));
    synod.until_idle().await;
    let sent = world.gateway.writes().len();
    // The next Synod settles it.
    let ben = world.synod("ben");
    ben.engine.recover(&key()).await.unwrap();
    in_time(ben.engine.until_idle(&key())).await;
    assert_eq!(world.operation(id).await.phase, Phase::Ended(Some(StopReason::Interrupted)));
    assert_eq!(world.gateway.writes().len(), sent);
    world.assert_true();
}

#[tokio::test(start_paused = true)]
async fn a_synod_that_comes_back_to_a_taken_instance_follows() {
    let world = World::new(|gateway| gateway);
    let (mut ana, mut ben) = (world.synod("ana"), world.synod("ben"));
    let id = ana.submit(0..9).await;
    ana.until_event(|event| matches!(event, OperationEvent::ItemFinished { .. })).await;
    ana.line.cut();
    ana.until_away().await;
    let sent = world.gateway.writes().len();
    // Ben settles it, and runs something else.
    ben.engine.recover(&key()).await.unwrap();
    let other = ben.submit(20..40).await;
    ben.until_event(|event| matches!(event, OperationEvent::Started)).await;
    ana.line.restore();
    ana.until(|event| matches!(event, EngineEvent::TakenElsewhere { .. })).await;
    let Some(EngineEvent::TakenElsewhere { why, .. }) = ana.heard.last() else { panic!() };
    assert!(Text::english().tell(why).contains("ben@desk"), "{why:?}");
    in_time(ana.engine.until_idle(&key())).await;
    ana.until(|event| matches!(event, EngineEvent::Recorded(record) if record.operation == other && is_ended(&record.event))).await;
    ben.until_idle().await;
    assert_eq!(ana.said(), (1, 1));
    assert_eq!(ana.shown(id).phase, Phase::Ended(Some(StopReason::Interrupted)));
    let ours =
        world.gateway.writes().iter().filter(|write| (0..9).any(|at| write.group == group(at))).count();
    assert_eq!(ours, sent, "nothing more of it was sent");
    world.assert_true();
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_does_not_pass_ends_the_operation_with_its_message() {
    let world = World::new(|gateway| gateway);
    let mut synod = world.synod("ana");
    let id = synod.submit(0..9).await;
    synod.until_event(|event| matches!(event, OperationEvent::ItemFinished { .. })).await;
    let why = Message::new("store-server-password").put("server", "db").put("why", "no");
    synod.line.refuse(JournalError::new(why.clone()));
    synod.line.cut();
    synod.until_away().await;
    synod.line.restore();
    let sent = world.gateway.writes().len();
    synod.until_idle().await;
    assert_eq!((synod.failures(), synod.said()), (vec![&why], (1, 0)));
    assert_eq!(world.gateway.writes().len(), sent);
    assert!(world.operation(id).await.is_live(), "nobody could record its end");
}

/// A server was replaced by a standby that lacks the newest records.
#[tokio::test(start_paused = true)]
async fn records_that_the_journal_lacks_are_written_again() {
    let world = World::new(|gateway| gateway);
    let mut synod = world.synod("ana");
    let id = synod.submit(0..6).await;
    synod.until_event(|event| matches!(event, OperationEvent::ItemFinished { item: 2, .. })).await;
    synod.line.cut();
    synod.until_away().await;
    let before = world.journal.records();
    world.journal.forget_after(4);
    synod.line.restore();
    synod.until_idle().await;
    assert_eq!(world.journal.records()[..before.len()], before, "nothing is missing");
    let operation = world.operation(id).await;
    assert_eq!((outcomes(&operation), world.gateway.writes().len()), (vec![Verified; 6], 6));
    assert_eq!(synod.shown(id), operation);
    world.assert_true();
}

/// More than a worker keeps.
#[tokio::test(start_paused = true)]
async fn what_was_sent_counts_even_if_most_of_its_records_are_missing() {
    let refused = Fault::Refuse(Failure::new(FailureKind::Refused).saying("no"));
    let world = World::new(|gateway| {
        let gateway = gateway.member_of((0..300).map(group));
        gateway.faults(&group(3), [refused]).faults(&group(5), [Fault::DropAfter])
    });
    let mut synod = world.synod("ana");
    let id = synod.engine.submit(&key(), leave((0..300).map(group)), UP_TO_DATE).await.unwrap();
    synod.until_event(|event| matches!(event, OperationEvent::ItemFinished { item: 280, .. })).await;
    let before = world.operation(id).await;
    assert!(before.next_sequence > 1_100, "{}", before.next_sequence);
    synod.line.cut();
    synod.until_away().await;
    world.journal.forget_after(4);
    synod.line.restore();
    synod.until_idle().await;
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Ended(None));
    let mut expected = [Verified; 300];
    expected[3] = Outcome::Refused;
    assert_eq!(outcomes(&operation), expected);
    assert_eq!(operation.items[3].reason, before.items[3].reason);
    assert_eq!(world.gateway.writes().len(), 300, "each was requested once");
    assert_eq!(synod.failures(), [] as [&Message; 0]);
    assert_eq!(synod.shown(id), operation, "the screen shows what is recorded");
    world.assert_true();
}

/// Begins an operation of six groups. The line is cut in the middle of it, and the journal forgets the operation.
async fn begin_six_and_lose_the_journal(world: &World) -> (Synod, OperationId) {
    let mut synod = world.synod("ana");
    let id = synod.submit(0..6).await;
    synod.until_event(|event| matches!(event, OperationEvent::ItemFinished { .. })).await;
    synod.line.cut();
    synod.until_away().await;
    world.journal.forget_after(0);
    (synod, id)
}

/// Gives the number of that operation to another one.
async fn begin_another(world: &World, id: OperationId, groups: std::ops::Range<usize>) -> Record {
    let order = link(&community("c"), groups.map(group));
    let other = world.journal.begin(&key(), world.clock.now(), order).await.unwrap();
    assert_eq!(other.operation, id);
    other
}

/// Restores the line: Synod misses its operation, and sends nothing.
async fn come_back_without_the_operation(world: &World, synod: &mut Synod) {
    let sent = world.gateway.writes().len();
    synod.line.restore();
    synod.until_idle().await;
    let failures: Vec<&str> = synod.failures().into_iter().map(Message::key).collect();
    assert_eq!((failures, world.gateway.writes().len()), (vec!["journal-lacks-operation"], sent));
}

#[tokio::test(start_paused = true)]
async fn another_order_for_the_same_groups_is_not_taken_for_the_one_that_is_missing() {
    let world = World::new(|gateway| gateway);
    let (mut synod, id) = begin_six_and_lose_the_journal(&world).await;
    begin_another(&world, id, 0..6).await;
    come_back_without_the_operation(&world, &mut synod).await;
    assert_eq!(world.operation(id).await.phase, Phase::Ended(Some(StopReason::Interrupted)), "it is settled");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_the_journal_lacks_is_not_continued() {
    let world = World::new(|gateway| gateway);
    let (mut synod, id) = begin_six_and_lose_the_journal(&world).await;
    let other = begin_another(&world, id, 50..51).await;
    let ended = Record { sequence: 1, event: OperationEvent::Ended, ..other };
    world.journal.append(vec![ended]).await.unwrap();
    come_back_without_the_operation(&world, &mut synod).await;
    // The instance can be used again.
    let id = synod.submit(50..51).await;
    synod.until_idle().await;
    assert_eq!(outcomes(&world.operation(id).await), [Verified]);
}

#[tokio::test(start_paused = true)]
async fn operations_that_wait_continue_in_their_order_and_others_are_settled() {
    let world = World::new(|gateway| gateway);
    let mut synod = world.synod("ana");
    let (one, two) = (synod.submit(0..3).await, synod.submit(3..5).await);
    synod.until_event(|event| matches!(event, OperationEvent::ItemFinished { .. })).await;
    synod.line.cut();
    synod.until_away().await;
    // Another machine dies in the meantime.
    let dead =
        world.journal.begin(&key(), world.clock.now(), link(&community("c"), [group(50)])).await.unwrap();
    synod.line.restore();
    synod.until_idle().await;
    for id in [one, two] {
        assert!(world.operation(id).await.items.iter().all(|item| item.outcome == Some(Verified)));
    }
    let order: Vec<_> = world.gateway.writes().into_iter().map(|write| write.group).collect();
    assert_eq!(order, (0..5).map(group).collect::<Vec<_>>());
    assert_eq!(world.operation(dead.operation).await.phase, Phase::Ended(Some(StopReason::Interrupted)));
    world.assert_true();
}

#[tokio::test(start_paused = true)]
async fn an_order_while_the_store_is_away_is_rejected_and_one_afterwards_is_taken() {
    let world = World::new(|gateway| gateway);
    let mut synod = world.synod("ana");
    synod.submit(0..3).await;
    synod.until_event(|event| matches!(event, OperationEvent::Answered { .. })).await;
    synod.line.cut();
    synod.until_away().await;
    let order = || link(&community("c"), [group(9)]);
    let refused = synod.engine.submit(&key(), order(), UP_TO_DATE).await.unwrap_err();
    assert_eq!(refused.message().key(), "lock-lost");
    synod.line.restore();
    // Before the engine itself tries again.
    let id = synod.engine.submit(&key(), order(), UP_TO_DATE).await.unwrap();
    synod.until_idle().await;
    assert_eq!(outcomes(&world.operation(id).await), [Verified]);
    assert_eq!(world.gateway.writes().len(), 4);
    world.assert_true();
}

/// A Synod that only follows loses its connection, too.
#[tokio::test(start_paused = true)]
async fn a_follower_comes_back_by_itself_and_leaves_the_operation_to_its_synod() {
    let world = World::new(|gateway| gateway);
    let (mut ana, mut ben) = (world.synod("ana"), world.synod("ben"));
    let id = ana.submit(0..40).await;
    ana.until_event(|event| matches!(event, OperationEvent::ItemFinished { .. })).await;
    assert_eq!(ben.engine.follow(&key()).await.unwrap().len(), 1);
    // The server is restarted.
    ana.line.cut();
    ben.line.cut();
    ana.until_away().await;
    ben.until_away().await;
    ana.line.restore();
    ben.line.restore();
    ben.until(|event| matches!(event, EngineEvent::Recorded(record) if is_ended(&record.event))).await;
    ana.until_idle().await;
    assert_eq!((ben.said(), ana.said()), ((1, 1), (1, 1)));
    let operation = world.operation(id).await;
    assert_eq!((operation.phase.clone(), outcomes(&operation)), (Phase::Ended(None), vec![Verified; 40]));
    world.assert_true();
}
