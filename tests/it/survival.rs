//! However often Synod dies, and wherever: its changes are known, it never repeats a change that took effect, the rest
//! continues, and changes can be undone.

mod faults;
mod lives;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use proptest::prelude::*;
use synod::{
    domain::{
        capability::Capabilities,
        event::{ItemReason, OperationEvent, Order},
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::InstanceKey,
        operation::Operation,
        outcome::Outcome,
        plan::{Reason, Step, again},
        settings::OperationSettings,
    },
    engine::journal::Journal,
    gateway::Gateway,
};

use self::lives::Lives;
use crate::support::{
    cut_journal::Cut,
    fake_gateway::{FakeGateway, Fault, capable, clock, community, group, shared},
    memory_journal::MemoryJournal,
    rig::{leave, link, move_all, steady, unlink},
};

const GROUPS: usize = 10;

#[derive(Clone, Debug)]
struct Script {
    verb: u8,
    faults: Vec<(usize, Fault)>,
    reads: Vec<Option<Failure>>,
    lag: u64,
    delay: u64,
    lists_every_subgroup: bool,
    cuts: Vec<(usize, bool, u64)>,
}

fn fault() -> impl Strategy<Value = Fault> {
    let passing = prop_oneof![
        Just(FailureKind::ServerFault),
        Just(FailureKind::GatewayError),
        Just(FailureKind::Throttled { until: None }),
        Just(FailureKind::RateLimited { until: None }),
        Just(FailureKind::Refused),
    ];
    prop_oneof![
        Just(Fault::DropAfter),
        Just(Fault::DropBefore),
        Just(Fault::Lie),
        passing.clone().prop_map(|kind| Fault::Refuse(Failure::new(kind))),
        passing.prop_map(|kind| Fault::RefuseAfter(Failure::new(kind))),
        (0..30_u64).prop_map(|seconds| Fault::Slow(Duration::from_secs(seconds))),
    ]
}

fn script() -> impl Strategy<Value = Script> {
    let faults = prop::collection::vec((0..GROUPS, fault()), 0..8);
    let unread = Just(Failure::new(FailureKind::ServerFault));
    let reads = prop::collection::vec(prop::option::weighted(0.2, unread), 0..8);
    let cuts = prop::collection::vec((1..45_usize, any::<bool>(), 0..90_u64), 0..7);
    (0..4_u8, faults, reads, 0..8_u64, 0..1_500_u64, any::<bool>(), cuts).prop_map(
        |(verb, faults, reads, lag, delay, lists_every_subgroup, cuts)| Script {
            verb,
            faults,
            reads,
            lag,
            delay,
            lists_every_subgroup,
            cuts,
        },
    )
}

fn world(script: &Script) -> (Arc<FakeGateway>, Lives, Order) {
    let clock = clock();
    let (one, two) = (community("a"), community("b"));
    let capabilities = Capabilities { lists_every_subgroup: script.lists_every_subgroup, ..capable() };
    let mut gateway = FakeGateway::new(clock)
        .with_capabilities(capabilities)
        .with_lag(Duration::from_secs(script.lag))
        .with_delay(Duration::from_millis(script.delay))
        .member_of((0..GROUPS + 2).map(group))
        .linked(&two, [])
        .linked(&one, [group(GROUPS)])
        .read_faults(script.reads.iter().cloned());
    if matches!(script.verb, 1 | 2) {
        gateway = gateway.linked(&one, (0..GROUPS).map(group));
    }
    for (at, fault) in &script.faults {
        gateway = gateway.faults(&group(*at), [fault.clone()]);
    }
    let groups = (0..GROUPS).map(group);
    let order = match script.verb {
        0 => link(&one, groups),
        1 => unlink(&one, groups),
        2 => move_all(&one, &two, groups),
        _ => leave(groups),
    };
    let gateway = shared(gateway);
    let journal = MemoryJournal::new();
    let key = InstanceKey::new("ryzeapi-test");
    let lives =
        Lives { clock, gateway: Gateway::new(Arc::clone(&gateway)), journal, settings: steady(), key };
    (gateway, lives, order)
}

fn cuts(script: &Script) -> Vec<(Cut, Duration)> {
    let cut = |(at, is_written, pause): &(usize, bool, u64)| {
        (Cut { at: *at, is_written: *is_written }, Duration::from_secs(*pause))
    };
    script.cuts.iter().map(cut).collect()
}

/// The last statement about each group.
fn last_words(mut operations: Vec<Operation>) -> BTreeMap<GroupId, (Outcome, Option<Step>)> {
    operations.sort_by_key(|operation| operation.id);
    let items = operations.into_iter().flat_map(|operation| operation.items);
    items.map(|item| (item.group, (item.outcome.unwrap(), item.steps.last().cloned()))).collect()
}

/// The writes of changes that the listing before them had already shown.
fn needless_writes(gateway: &FakeGateway, delay: u64, shows_absence: bool) -> Vec<Step> {
    let shown = gateway.shown();
    let is_shown = |community: &CommunityId, group: &GroupId, began: i64| {
        let delay = i64::try_from(delay).unwrap();
        let seen = shown.iter().rfind(|shown| shown.community == *community && shown.begun.0 + delay < began);
        seen.map(|seen| seen.groups.contains(group))
    };
    let needless = |write: &crate::support::fake_gateway::Write| match &write.step {
        Step::Link(community) => is_shown(community, &write.group, write.began.0) == Some(true),
        Step::Unlink(community) => {
            shows_absence && is_shown(community, &write.group, write.began.0) == Some(false)
        }
        _ => false,
    };
    gateway.writes().into_iter().filter(needless).map(|write| write.step).collect()
}

/// Whether the gateway may still work on a request for this group when its last read-back happens.
fn lands_late(script: &Script, group_id: &GroupId) -> bool {
    let last_look = Duration::from_secs(9);
    let is_late = |fault: &Fault| matches!(fault, Fault::Slow(span) if *span >= last_look);
    script.faults.iter().any(|(at, fault)| group(*at) == *group_id && is_late(fault))
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn property_every_item_ends_in_its_true_state_wherever_synod_dies(script in script()) {
        paused().block_on(async {
            let (gateway, lives, order) = world(&script);
            lives.carry(&order, &cuts(&script)).await;
            let truth = gateway.truth();
            let said = last_words(lives.operations().await);
            prop_assert_eq!(said.len(), GROUPS);
            for (group, (outcome, step)) in &said {
                let is_done = step.as_ref().is_none_or(|step| truth.is_done(step, group));
                match outcome {
                    Outcome::Verified | Outcome::AlreadySo => prop_assert!(is_done, "{group} {outcome:?}"),
                    // A request of an earlier life may take effect after all read-backs; nobody can detect that.
                    Outcome::Contradicted | Outcome::Refused if lands_late(&script, group) => {}
                    Outcome::Contradicted | Outcome::Refused => prop_assert!(!is_done, "{group} {outcome:?}"),
                    Outcome::Unknown => {}
                    Outcome::NotSent | Outcome::Blocked => {
                        prop_assert!(script.verb == 2 || !is_done, "{group} {outcome:?}");
                    }
                }
            }
            let needless = needless_writes(&gateway, script.delay, script.lists_every_subgroup);
            prop_assert!(needless.is_empty(), "{needless:?}");
            Ok(())
        })?;
    }

    #[test]
    fn property_undo_brings_back_what_was_before(mut script in script()) {
        // A leave is not undone.
        script.verb %= 3;
        paused().block_on(async {
            let (gateway, lives, order) = world(&script);
            let before = links(&gateway);
            lives.carry(&order, &cuts(&script)).await;
            lives.retry(20).await;
            let said = last_words(lives.operations().await);
            let all_done = said.values().all(|(outcome, _)| outcome.is_as_wanted());
            prop_assert!(all_done, "{said:?}");
            let after = links(&gateway);
            tokio::time::sleep(Duration::from_secs(60)).await;
            gateway.heal();
            lives.undo_all().await;
            prop_assert_eq!(links(&gateway), before);
            // The undo can be undone too.
            let undone: Vec<Operation> = lives.operations().await;
            let mut last = undone.iter().filter(|operation| operation.parent.is_some()).take(1);
            let request = last.find_map(again::undo);
            if let Some(request) = request.filter(|_| undone.len() == 2) {
                let order = lives.order(request).await;
                lives.begin(None).await.run(&lives.key, order).await;
                prop_assert_eq!(links(&gateway), after);
            }
            Ok(())
        })?;
    }
}

fn links(gateway: &FakeGateway) -> BTreeMap<CommunityId, BTreeSet<GroupId>> {
    let links = gateway.truth().links.into_iter();
    links.map(|(community, groups)| (community, groups.into_iter().collect())).collect()
}

/// Every place in the life of one item at which Synod can die.
#[tokio::test(start_paused = true)]
async fn no_place_to_die_sends_twice_or_loses_an_item() {
    for verb in 0..4_u8 {
        for at in 1..=14 {
            for is_written in [false, true] {
                let script = Script {
                    verb,
                    faults: Vec::new(),
                    reads: Vec::new(),
                    lag: 0,
                    delay: 100,
                    lists_every_subgroup: true,
                    cuts: vec![(at, is_written, 20)],
                };
                let (gateway, lives, mut order) = world(&script);
                order.items.truncate(1);
                lives.carry(&order, &cuts(&script)).await;
                let said = last_words(lives.operations().await);
                let (outcome, step) = &said[&group(0)];
                assert!(outcome.is_as_wanted(), "{script:?}: {outcome:?}");
                let truth = gateway.truth();
                assert!(step.as_ref().is_none_or(|step| truth.is_done(step, &group(0))), "{script:?}");
                let writes = gateway.writes().len();
                assert_eq!(writes, if verb == 2 { 2 } else { 1 }, "{script:?}");
            }
        }
    }
}

/// A full disk at each kind of event.
#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_anywhere_stops_the_sending_and_the_rest_continues_later() {
    let kinds: [fn(&OperationEvent) -> bool; 6] = [
        |event| matches!(event, OperationEvent::Started),
        |event| matches!(event, OperationEvent::Sending { item: 3, .. }),
        |event| matches!(event, OperationEvent::Answered { item: 3, .. }),
        |event| matches!(event, OperationEvent::LookBegan { .. }),
        |event| matches!(event, OperationEvent::Looked { .. }),
        |event| matches!(event, OperationEvent::ItemFinished { item: 2, .. }),
    ];
    for fails in kinds {
        let clock = clock();
        let target = community("a");
        let gateway = shared(FakeGateway::new(clock).linked(&target, []).member_of((0..9).map(group)));
        let journal = MemoryJournal::new();
        let lives = Lives {
            clock,
            gateway: Gateway::new(Arc::clone(&gateway)),
            journal: Arc::clone(&journal) as Arc<dyn Journal>,
            settings: steady(),
            key: InstanceKey::new("ryzeapi-test"),
        };
        journal.fail_on(Some(fails));
        let mut life = lives.begin(None).await;
        life.run(&lives.key, link(&target, (0..8).map(group))).await;
        let sent = gateway.writes().len();
        assert!(sent <= 5, "{sent} were sent although the journal failed");
        drop(life);
        journal.fail_on(None);
        lives.carry(&link(&target, (0..8).map(group)), &[]).await;
        let truth = gateway.truth();
        assert!((0..8).all(|at| truth.has(&target, &group(at))));
        assert_eq!(gateway.writes().len(), 8, "each was sent once");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unlink_from_several_communities_is_undone_into_each_and_a_full_one_blocks_only_its_own() {
    let clock = clock();
    let (one, two) = (community("a"), community("b"));
    let gateway = FakeGateway::new(clock).member_of((0..20).map(group));
    let gateway = gateway.linked(&one, (0..3).map(group)).linked(&two, (3..6).map(group));
    let gateway = shared(gateway);
    let lives = Lives {
        clock,
        gateway: Gateway::new(Arc::clone(&gateway)),
        journal: MemoryJournal::new(),
        settings: OperationSettings { subgroup_limit: 3, ..steady() },
        key: InstanceKey::new("ryzeapi-test"),
    };
    let before = links(&gateway);
    let mut unlinks = unlink(&one, (0..3).map(group));
    unlinks.items.extend(unlink(&two, (3..6).map(group)).items);
    let mut life = lives.begin(None).await;
    life.run(&lives.key, unlinks).await;
    assert!(links(&gateway).values().all(BTreeSet::is_empty));
    // Somebody else takes one of the places.
    gateway.settle(&Step::Link(two.clone()), &group(9));
    let unlinked = lives.operations().await.remove(0);
    let order = lives.order(again::undo(&unlinked).unwrap()).await;
    assert_eq!((order.target.clone(), order.parent), (None, Some(unlinked.id)));
    life.run(&lives.key, order).await;
    let linked = lives.operations().await.remove(0);
    assert_eq!(linked.totals.of(Outcome::Verified), 5);
    assert_eq!(linked.items[5].reason, Some(ItemReason::Plan(Reason::OverLimit)));
    let after = links(&gateway);
    assert_eq!(after[&one], before[&one]);
    // The undo removes exactly the groups that the operation linked.
    let order = lives.order(again::undo(&linked).unwrap()).await;
    life.run(&lives.key, order).await;
    assert_eq!(links(&gateway)[&one], BTreeSet::new());
    assert_eq!(links(&gateway)[&two], BTreeSet::from([group(9)]));
}
