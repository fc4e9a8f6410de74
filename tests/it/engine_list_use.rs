//! When an operation reads the list of groups of a number that is in many: once for many items, and not at all for a few.

use std::time::Duration;

use synod::domain::{
    capability::Capabilities,
    event::OperationEvent,
    failure::{Failure, FailureKind},
    operation::{Operation, RunControl},
    outcome::Outcome::{self, Contradicted, Unknown, Verified},
    settings::OperationSettings,
    time::Millis,
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, Twist, capable, clock, community, group},
    rig::{Rig, item, move_all, order, outcomes, steady, unlink},
};

const LONG: usize = 100_000;

/// Fifty groups in a community whose listing shows only the number's own groups, beside many others.
fn gateway(listed: usize) -> FakeGateway {
    let ryzeapi = Capabilities { lists_every_subgroup: false, ..capable() };
    FakeGateway::new(clock())
        .with_capabilities(ryzeapi)
        .member_of((0..60).map(group))
        .linked(&community("c"), (0..60).map(group))
        .with_listed(listed)
}

fn requests(rig: &Rig) -> usize {
    rig.gateway.writes().len() + rig.gateway.reads()
}

fn verified(rig: &Rig) -> Vec<Millis> {
    let is_so = |event: &OperationEvent| {
        matches!(event, OperationEvent::ItemFinished { outcome: Outcome::Verified, .. })
    };
    rig.heard.iter().filter(|record| is_so(&record.event)).map(|record| record.at).collect()
}

async fn run(gateway: FakeGateway, groups: std::ops::Range<usize>) -> (Rig, Operation) {
    let mut rig = Rig::new(clock(), gateway);
    let operation = rig.run(unlink(&community("c"), groups.map(group))).await;
    (rig, operation)
}

#[tokio::test(start_paused = true)]
async fn fifty_unlinks_share_one_long_list() {
    let (rig, operation) = run(gateway(LONG), 0..50).await;
    assert_eq!(outcomes(&operation), [Verified; 50]);
    assert_eq!(rig.gateway.lists(), 1);
    let requests = requests(&rig);
    assert!(requests * 100 <= 50 * 175, "{requests} requests");
}

#[tokio::test(start_paused = true)]
async fn a_few_unlinks_need_no_long_list() {
    for (count, listed, lists) in [(1, 501, 0), (4, LONG, 0), (1, 500, 1)] {
        let (rig, operation) = run(gateway(listed), 0..count).await;
        assert_eq!(outcomes(&operation), vec![Verified; count]);
        assert_eq!(rig.gateway.lists(), lists, "{count} of {listed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_as_soon_as_enough_items_wait_for_it() {
    let (rig, operation) = run(gateway(10_000), 0..50).await;
    assert_eq!(outcomes(&operation), [Verified; 50]);
    assert!((2..=4).contains(&rig.gateway.lists()), "{} lists", rig.gateway.lists());
}

#[tokio::test(start_paused = true)]
async fn items_of_several_communities_share_one_long_list() {
    let named = |at: usize| community(&format!("c{}", at / 10));
    let gateway = (0..40).fold(gateway(LONG), |gateway, at| gateway.linked(&named(at), [group(100 + at)]));
    let mut rig = Rig::new(clock(), gateway.member_of((100..140).map(group)));
    let unlink = |at| item(&group(100 + at), vec![synod::domain::plan::Step::Unlink(named(at))]);
    let items = (0..40).map(unlink).collect();
    let operation = rig.run(order(synod::domain::plan::Verb::Unlink, items)).await;
    assert_eq!(outcomes(&operation), [Verified; 40]);
    assert_eq!(rig.gateway.lists(), 1);
    let requests = requests(&rig);
    assert!(requests * 100 <= 40 * 175, "{requests} requests");
}

/// Between the two steps of a move, a group is in no community.
#[tokio::test(start_paused = true)]
async fn a_move_does_not_wait_for_a_long_list() {
    let mut rig = Rig::new(clock(), gateway(LONG));
    let operation = rig.run(move_all(&community("c"), &community("d"), (0..20).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified; 20]);
    assert_eq!(rig.gateway.lists(), 0);
    let writes = rig.gateway.writes();
    let alone = writes.iter().filter_map(|write| {
        let unlinked = writes.iter().find(|other| other.group == write.group)?;
        Some(write.began.since(unlinked.began))
    });
    assert!(alone.max() <= Some(Duration::from_secs(12)));
}

#[tokio::test(start_paused = true)]
async fn an_item_waits_at_most_five_minutes_for_others() {
    let mut settings = OperationSettings { pace: steady().pace, ..steady() };
    settings.pace.unlink = Duration::from_secs(60);
    let mut rig = Rig::with_settings(clock(), gateway(LONG), settings);
    let operation = rig.run(unlink(&community("c"), (0..20).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified; 20]);
    let writes = rig.gateway.writes();
    let longest = writes.iter().zip(verified(&rig)).map(|(write, at)| at.since(write.began)).max().unwrap();
    assert!(longest >= Duration::from_secs(300), "{longest:?}: the list is not read for one item");
    assert!(longest <= Duration::from_secs(320), "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_or_a_stop_ends_the_wait_for_others() {
    for control in [RunControl::Pause, RunControl::Stop] {
        let mut rig = Rig::new(clock(), gateway(LONG));
        let id = rig.submit(unlink(&community("c"), (0..50).map(group))).await;
        rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 30, .. })).await;
        let lists = rig.gateway.lists();
        rig.engine.control(&rig.key, control);
        let began = rig.clock.now();
        let mut left = 31 - verified(&rig).len();
        while left > 0 {
            let is_verified = |event: &OperationEvent| {
                matches!(event, OperationEvent::ItemFinished { outcome: Outcome::Verified, .. })
            };
            rig.until_event(is_verified).await;
            left -= 1;
        }
        assert!(rig.clock.now().since(began) <= Duration::from_secs(12));
        assert_eq!((lists, rig.gateway.lists()), (0, 1));
        rig.engine.control(&rig.key, RunControl::Stop);
        rig.ended(id).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_takes_no_readback_away() {
    // The gateway claims one of them and does nothing.
    let gateway = gateway(LONG).faults(&group(20), [Fault::Lie]);
    let (rig, operation) = run(gateway, 0..30).await;
    let mut expected = vec![Verified; 30];
    expected[20] = Contradicted;
    assert_eq!(outcomes(&operation), expected);
    assert_eq!(rig.gateway.lists(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_list_that_fails_is_read_again() {
    let mut rig = Rig::new(clock(), gateway(LONG));
    let id = rig.submit(unlink(&community("c"), (0..30).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { item: 29, .. })).await;
    // The listing of the last readback, and its list.
    rig.gateway.twist([Twist::None, Twist::Fails(Failure::new(FailureKind::ServerFault))]);
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation), [Verified; 30]);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_the_shared_list_lacks_is_searched_in_its_details() {
    let named = |at: usize| community(&format!("c{at}"));
    let gateway = (0..2).fold(gateway(LONG), |gateway, at| {
        gateway.linked(&named(at), (0..10).map(|own| group(100 + at * 10 + own)))
    });
    let mut rig = Rig::new(clock(), gateway.member_of((100..120).map(group)));
    let unlink = |at: usize| item(&group(100 + at), vec![synod::domain::plan::Step::Unlink(named(at / 10))]);
    let id = rig.submit(order(synod::domain::plan::Verb::Unlink, (0..20).map(unlink).collect())).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { item: 19, .. })).await;
    rig.gateway.twist([Twist::None, Twist::Lacks(group(109))]);
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation), [Verified; 20]);
    assert!(outcomes(&operation).iter().all(|outcome| *outcome != Unknown));
}
