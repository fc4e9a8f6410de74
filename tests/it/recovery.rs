//! The state that another Synod left or holds at start: interrupted operations, locks, progress, and the links that lead
//! back into groups.

use std::{os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use synod::{
    domain::{
        budget::Budget,
        event::{ItemReason, OperationEvent, StopReason},
        failure::{Failure, FailureKind},
        operation::Phase,
        outcome::Outcome::{AlreadySo, Blocked, NotSent, Unknown, Verified},
        plan::{Reason, Step, again},
        settings::OperationSettings,
    },
    engine::{
        Engine, EngineEvent, SubmitError, instance_lock::FileLocks, journal::Journal, locks::LockError,
    },
    gateway::Gateway,
    text::Text,
};
use tempfile::TempDir;

use crate::support::{
    fake_gateway::{FakeGateway, Fault, clock, community, group, link_of, shared},
    memory_journal::MemoryJournal,
    process::without_forks,
    rig::{Rig, UP_TO_DATE, in_time, item, leave, link, order, outcomes, steady},
    shared::{Shared, key},
};

#[tokio::test(start_paused = true)]
async fn one_synod_writes_and_the_other_says_who() {
    let shared = Shared::new(|gateway| gateway);
    let (mut first, second) = shared.two();
    first.submit(link(&community("c"), (0..5).map(group))).await;
    first.until(|event| matches!(event, OperationEvent::Sending { item: 1, .. })).await;
    let refused =
        second.engine.submit(&key(), link(&community("c"), [group(8)]), UP_TO_DATE).await.unwrap_err();
    let SubmitError::Lock(LockError::Held(Some(holder))) = refused.clone() else { panic!("{refused}") };
    assert_eq!(holder.process, std::process::id());
    let said = Text::english().tell(&refused);
    assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
    first.until_idle().await;
    second.submit(link(&community("c"), [group(8)])).await;
    second.until_idle().await;
    assert_eq!(outcomes(&second.newest().await), [Verified]);
    let locks = shared.directory().join("locks");
    let file = locks.join(format!("{}.lock", key()));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&locks), mode(&file)), (0o700, 0o600));
}

#[tokio::test(start_paused = true)]
async fn the_progress_of_another_synod_is_followed_from_the_journal() {
    let shared = Shared::new(|gateway| gateway);
    let (mut first, mut second) = shared.two();
    assert_eq!(second.engine.follow(&key()).await.unwrap(), []);
    first.submit(link(&community("c"), (0..5).map(group))).await;
    first.until(|event| matches!(event, OperationEvent::Sending { item: 2, .. })).await;
    let mut followed = second.engine.follow(&key()).await.unwrap();
    assert_eq!(followed.len(), 1);
    assert_eq!(second.engine.recover(&key()).await.unwrap(), [], "it runs elsewhere");
    let mut operation = followed.remove(0);
    second.follow(&mut operation).await;
    assert_eq!(operation, first.newest().await);
    assert_eq!(outcomes(&operation), [Verified; 5]);
}

/// It ends after the follower has read its events and before the follower looks for a dead runner.
#[tokio::test(start_paused = true)]
async fn an_operation_that_ends_while_it_is_followed_is_followed_to_its_end() {
    let _alone = without_forks();
    let directory = TempDir::new().unwrap();
    let clock = clock();
    let gateway = shared(FakeGateway::new(clock));
    let journal = MemoryJournal::new();
    let synod = || {
        let journal = Arc::clone(&journal) as Arc<dyn Journal>;
        let (engine, engine_events) = Engine::sharing(journal, clock, FileLocks::new(directory.path()));
        engine.add_instance(key(), Gateway::new(Arc::clone(&gateway)), steady());
        (engine, engine_events)
    };
    let ((first, _), (second, mut heard)) = (synod(), synod());
    first.submit(&key(), link(&community("c"), [group(0)]), UP_TO_DATE).await.unwrap();
    let mut operation = second.follow(&key()).await.unwrap().remove(0);
    // The follower reads the events, and then asks whether anything is unfinished.
    journal.answer_until_an_end(1);
    while operation.is_live() {
        if let EngineEvent::Recorded(record) = in_time(heard.recv()).await.unwrap() {
            operation.apply(&record);
        }
    }
    assert_eq!(outcomes(&operation), [Verified]);
    let questions = journal.questions();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(journal.questions(), questions, "nothing is followed any more");
}

#[tokio::test(start_paused = true)]
async fn only_an_operation_that_another_synod_still_runs_is_elsewhere() {
    let shared = Shared::new(|gateway| gateway);
    let (mut first, second) = shared.two();
    assert_eq!(second.engine.elsewhere(&key()).await.unwrap(), []);
    let id = first.submit(link(&community("c"), (0..6).map(group))).await;
    first.until_answered(0).await;
    let running = second.engine.elsewhere(&key()).await.unwrap();
    assert_eq!(running.iter().map(|operation| operation.id).collect::<Vec<_>>(), [id]);
    assert_eq!(first.engine.elsewhere(&key()).await.unwrap(), [], "it runs here");
    assert_eq!(first.engine.follow(&key()).await.unwrap(), [], "it runs here");
    first.die().await;
    assert_eq!(second.engine.elsewhere(&key()).await.unwrap(), [], "nobody runs it any more");
}

#[tokio::test(start_paused = true)]
async fn an_operation_whose_runner_died_is_interrupted_settled_by_reading_and_resumed() {
    let target = community("c");
    let shared = Shared::new(|gateway| gateway.faults(&group(2), [Fault::DropBefore]));
    let mut first = shared.synod();
    first.submit(link(&target, (0..8).map(group))).await;
    first.until_answered(2).await;
    first.die().await;
    let second = shared.synod();
    let writes = shared.gateway.writes().len();
    let recovered = second.engine.recover(&key()).await.unwrap();
    assert_eq!(recovered.len(), 1);
    second.until_idle().await;
    let operation = second.newest().await;
    assert_eq!(shared.gateway.writes().len(), writes, "recovery sends nothing");
    let (verified, unknown, not_sent) =
        (operation.totals.of(Verified), operation.totals.of(Unknown), operation.totals.of(NotSent));
    assert_eq!((verified, unknown, not_sent), (2, 1, 5));
    assert!(!operation.is_live() && again::resume(&operation).is_some());
    assert_eq!(second.engine.recover(&key()).await.unwrap(), [], "it is settled once");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_was_cut_off_says_that_it_was_interrupted() {
    let clock = clock();
    let gateway = FakeGateway::new(clock);
    let mut rig = Rig::new(clock, gateway);
    let created = rig.journal.begin(&rig.key, clock.now(), link(&community("c"), (0..3).map(group))).await;
    let created = created.unwrap();
    let events =
        [OperationEvent::Started, OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: None }];
    let records = events.into_iter().zip(1..).map(|(event, sequence)| synod::domain::event::Record {
        event,
        sequence,
        ..created.clone()
    });
    rig.journal.append(records.collect()).await.unwrap();
    rig.gateway.settle(&Step::Link(community("c")), &group(0));
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let recovered = rig.engine.recover(&rig.key).await.unwrap();
    assert_eq!(recovered[0].phase, Phase::Stopping(StopReason::Interrupted));
    assert_eq!(rig.gateway.writes().len(), 0);
    in_time(rig.engine.until_idle(&rig.key)).await;
    let operation = rig.journal.operations(&rig.key, 1).await.unwrap().remove(0);
    assert_eq!(outcomes(&operation), [Verified, NotSent, NotSent]);
    assert_eq!(operation.items[1].reason, Some(ItemReason::Interrupted));
    assert!(operation.was_interrupted());
    assert_eq!(rig.gateway.reads(), 1, "all read-backs were due: one is enough");
    assert_eq!(again::resume(&operation).unwrap().wishes.len(), 2);
    rig.catch_up_with(&created);
    assert_eq!(rig.operations[&operation.id], operation);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_operation_is_checked_before_it_sends_anything() {
    let clock = clock();
    let (target, other) = (community("c"), community("d"));
    let gateway = FakeGateway::new(clock).linked(&target, []).linked(&other, []);
    let mut rig = Rig::with_settings(clock, gateway, OperationSettings { subgroup_limit: 3, ..steady() });
    rig.submit(link(&other, (20..30).map(group))).await;
    let waiting = rig.submit(link(&target, (0..4).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 2, .. })).await;
    // Somebody else links one of them, and another group besides.
    rig.gateway.settle(&Step::Link(target.clone()), &group(0));
    rig.gateway.settle(&Step::Link(target.clone()), &group(40));
    let operation = rig.ended(waiting).await;
    assert_eq!(outcomes(&operation), [AlreadySo, Verified, Blocked, Blocked]);
    assert_eq!(operation.items[2].reason, Some(ItemReason::Plan(Reason::OverLimit)));
    let to_target = rig.gateway.writes().into_iter().filter(|write| write.step == Step::Link(target.clone()));
    assert_eq!(to_target.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_delayed_for_a_minute_is_checked_and_a_prompt_one_is_not() {
    let clock = clock();
    let target = community("c");
    let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&target, []));
    let resets_at = clock.now() + Duration::from_secs(90);
    rig.gateway.set_budget(Budget { limit: 100, remaining: 0, resets_at, told_by_gateway: true });
    let id = rig.submit(link(&target, [group(0), group(1)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::Paused { .. })).await;
    rig.gateway.settle(&Step::Link(target.clone()), &group(0));
    assert_eq!(outcomes(&rig.ended(id).await), [AlreadySo, Verified]);
    let reads = rig.gateway.reads();
    rig.run(link(&target, [group(5)])).await;
    assert_eq!(rig.gateway.reads() - reads, 1, "only the read-back");
}

#[tokio::test(start_paused = true)]
async fn a_check_that_finds_the_number_disconnected_sends_nothing() {
    let clock = clock();
    let failure = Failure::new(FailureKind::NotConnected);
    let reads = [None, Some(failure.clone())];
    let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&community("c"), []).read_faults(reads));
    rig.submit(link(&community("c"), [group(1)])).await;
    let waiting = rig.submit(link(&community("c"), [group(2)])).await;
    let operation = rig.ended(waiting).await;
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Failure(failure))));
    assert_eq!(outcomes(&operation), [NotSent]);
}

#[tokio::test(start_paused = true)]
async fn a_left_group_can_be_rejoined_with_its_kept_link() {
    let shared = Shared::new(|gateway| gateway.with_links().member_of((0..4).map(group)));
    let mut synod = shared.synod();
    synod.submit(leave([group(0), group(1)])).await;
    synod.until_idle().await;
    let left = synod.newest().await;
    assert_eq!(outcomes(&left), [Verified; 2]);
    let kept = synod.store.groups_with_invite_link(&key()).await.unwrap();
    assert_eq!(kept.iter().cloned().collect::<Vec<_>>(), [group(0), group(1)]);
    let request = again::rejoin(&left, |group| kept.contains(group)).unwrap();
    assert_eq!(request.wishes.len(), 2);
    let items = request.wishes.iter().map(|wish| item(&wish.group, vec![Step::Join])).collect();
    synod.submit(order(request.verb, items)).await;
    synod.until_idle().await;
    assert_eq!(outcomes(&synod.newest().await), [Verified; 2]);
    assert!(shared.gateway.truth().member_of.contains(&group(0)));
    // The link is a secret: no event contains it.
    let link = link_of(&group(0)).expose().to_owned();
    while let Ok(engine_event) = synod.happenings.try_recv() {
        assert!(!format!("{engine_event:?}").contains(&link));
    }
    assert!(!format!("{:?}", link_of(&group(0))).contains(&link));
    assert!(!format!("{:?}", synod.store.operations(&key(), 9).await.unwrap()).contains(&link));
}

#[tokio::test(start_paused = true)]
async fn without_the_setting_no_link_is_read_and_without_a_link_nothing_is_joined() {
    let clock = clock();
    let settings = OperationSettings { keep_invite_links: false, ..steady() };
    let gateway = FakeGateway::new(clock).with_links().member_of((0..4).map(group));
    let mut rig = Rig::with_settings(clock, gateway, settings);
    assert_eq!(outcomes(&rig.run(leave([group(0)])).await), [Verified]);
    assert_eq!(rig.gateway.reads(), 1, "only the read-back");
    let rejoin = order(synod::domain::plan::Verb::Rejoin, vec![item(&group(0), vec![Step::Join])]);
    let operation = rig.run(rejoin).await;
    assert_eq!(outcomes(&operation), [Blocked]);
    assert_eq!(operation.items[0].reason, Some(ItemReason::Plan(Reason::NoInviteLink)));
}

#[tokio::test(start_paused = true)]
async fn a_group_is_not_left_while_its_link_cannot_be_kept() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).with_links().member_of((0..4).map(group));
    let mut rig = Rig::new(clock, gateway);
    rig.journal.refuse_links();
    let operation = rig.run(leave([group(0), group(1)])).await;
    assert_eq!(outcomes(&operation), [NotSent; 2]);
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Journal)));
    assert_eq!(rig.gateway.writes().len(), 0);
    assert_eq!(rig.failures.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_follower_settles_the_operation_of_a_dead_runner() {
    let shared = Shared::new(|gateway| gateway);
    let (mut first, mut second) = shared.two();
    first.submit(link(&community("c"), (0..6).map(group))).await;
    first.until_answered(2).await;
    let mut operation = second.engine.follow(&key()).await.unwrap().remove(0);
    first.die().await;
    second.follow(&mut operation).await;
    assert_eq!(operation, second.newest().await);
    assert_eq!((operation.totals.of(Verified), operation.totals.of(NotSent)), (3, 3));
    assert_eq!(shared.gateway.writes().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_new_operation_first_settles_abandoned_ones() {
    let shared = Shared::new(|gateway| gateway.linked(&community("c"), []));
    let mut first = shared.synod();
    first.submit(link(&community("c"), (0..6).map(group))).await;
    first.until_answered(0).await;
    first.die().await;
    let second = shared.synod();
    second.submit(link(&community("c"), [group(7)])).await;
    second.until_idle().await;
    let operations = second.store.operations(&key(), 9).await.unwrap();
    assert_eq!(operations.iter().filter(|operation| operation.is_live()).count(), 0);
    assert_eq!(outcomes(&operations[0]), [Verified]);
    assert_eq!((operations[1].totals.of(Verified), operations[1].totals.of(NotSent)), (1, 5));
}
