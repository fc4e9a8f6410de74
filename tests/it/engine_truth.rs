//! Whatever a gateway does, Synod reports nothing as done that is not, and sends nothing twice without a check.

use std::time::Duration;

use proptest::prelude::*;
use synod::domain::{
    capability::Capabilities,
    event::Order,
    failure::{Failure, FailureKind},
    outcome::Outcome,
    plan::Step,
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, capable, clock, community, group},
    rig::{Rig, leave, link, move_all, unlink},
};

const GROUPS: usize = 12;

fn failure() -> impl Strategy<Value = Failure> {
    let kinds = prop_oneof![
        Just(FailureKind::Refused),
        Just(FailureKind::NotFound),
        Just(FailureKind::Forbidden),
        Just(FailureKind::NotMember),
        Just(FailureKind::TimedOut),
        Just(FailureKind::ServerFault),
        Just(FailureKind::Throttled { until: None }),
        Just(FailureKind::RateLimited { until: None }),
    ];
    (kinds, prop::bool::ANY).prop_map(|(kind, says)| {
        let failure = Failure::new(kind);
        if says { failure.saying("no") } else { failure }
    })
}

/// A read that fails. A false statement that the number is in no such group is a listing that lies, which nobody
/// can detect.
fn unread() -> impl Strategy<Value = Failure> {
    failure().prop_filter("no lie", |failure| {
        !matches!(failure.kind, FailureKind::NotMember | FailureKind::NotFound)
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::DropAfter),
        Just(Fault::DropBefore),
        Just(Fault::Lie),
        failure().prop_map(Fault::Refuse),
        failure().prop_map(Fault::RefuseAfter),
        (0..70_u64).prop_map(|seconds| Fault::Slow(Duration::from_secs(seconds))),
        (0..30_u64).prop_map(|seconds| Fault::Late(
            Failure::new(FailureKind::Dropped),
            Duration::from_secs(seconds)
        )),
    ]
}

#[derive(Clone, Debug)]
struct Script {
    verb: u8,
    faults: Vec<(usize, Fault)>,
    reads: Vec<Option<Failure>>,
    lag: u64,
    delay: u64,
    lists_every_subgroup: bool,
    shows_membership: bool,
}

fn script() -> impl Strategy<Value = Script> {
    let faults = prop::collection::vec((0..GROUPS, fault()), 0..20);
    let reads = prop::collection::vec(prop::option::weighted(0.3, unread()), 0..12);
    (0..4_u8, faults, reads, 0..10_u64, 0..1_500_u64, any::<bool>(), any::<bool>()).prop_map(
        |(verb, faults, reads, lag, delay, lists_every_subgroup, shows_membership)| Script {
            verb,
            faults,
            reads,
            lag,
            delay,
            lists_every_subgroup,
            shows_membership,
        },
    )
}

fn build(script: &Script) -> (Rig, Order) {
    let clock = clock();
    let (one, two) = (community("a"), community("b"));
    let capabilities = Capabilities {
        lists_every_subgroup: script.lists_every_subgroup,
        group_list_shows_membership: script.shows_membership,
        ..capable()
    };
    let mut gateway = FakeGateway::new(clock)
        .with_capabilities(capabilities)
        .with_lag(Duration::from_secs(script.lag))
        .with_delay(Duration::from_millis(script.delay))
        .member_of((0..GROUPS + 2).map(group))
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
    (Rig::new(clock, gateway), order)
}

/// The writes that were sent although a listing, begun after the write before, had shown that nothing was left to do.
fn needless_writes(rig: &Rig) -> usize {
    let (writes, shown) = (rig.gateway.writes(), rig.gateway.shown());
    let is_needless = |at: &usize| {
        let write = &writes[*at];
        let before = writes[..*at]
            .iter()
            .rev()
            .find(|before| before.group == write.group && before.step == write.step);
        let Some(ended) = before.and_then(|before| before.ended) else { return false };
        let Step::Link(community) = &write.step else { return false };
        let mut shown = shown.iter().filter(|shown| shown.community == *community);
        shown.any(|shown| {
            shown.begun >= ended && shown.begun < write.began && shown.groups.contains(&write.group)
        })
    };
    (0..writes.len()).filter(is_needless).count()
}

/// The writes that followed another write for the same item without a read-back between them.
fn blind_writes(rig: &Rig) -> usize {
    use synod::domain::event::OperationEvent;
    let mut looked = [true; GROUPS];
    let mut blind = 0;
    for record in &rig.heard {
        match &record.event {
            OperationEvent::Sending { item, .. } => {
                blind += usize::from(!std::mem::take(&mut looked[*item]));
            }
            OperationEvent::Looked { seen } => seen.iter().for_each(|(item, _)| looked[*item] = true),
            _ => {}
        }
    }
    blind
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn property_reported_changes_are_real_and_nothing_is_sent_twice_without_a_readback(script in script()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (mut rig, order) = build(&script);
            let operation = rig.run(order).await;
            let truth = rig.gateway.truth();
            for item in &operation.items {
                let is_done = item.steps.iter().last().is_some_and(|step| truth.is_done(step, &item.group));
                if item.outcome.is_some_and(Outcome::is_as_wanted) {
                    prop_assert!(is_done, "{item:?}");
                }
                prop_assert!(item.outcome.is_some());
            }
            prop_assert_eq!(needless_writes(&rig), 0);
            prop_assert_eq!(blind_writes(&rig), 0);
            let writes = rig.gateway.writes();
            prop_assert!(writes.windows(2).all(|pair| pair[0].ended.unwrap() <= pair[1].began));
            Ok(())
        })?;
    }
}
