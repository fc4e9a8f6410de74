//! Read-backs alongside the sending: the requests that they save, and how many run at once.

use std::time::Duration;

use rstest::rstest;
use synod::{
    domain::{
        capability::Capabilities,
        failure::{Failure, FailureKind},
        outcome::Outcome::Verified,
        plan::{Step, Verb},
        settings::OperationSettings,
    },
    engine::journal::Journal,
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, capable, clock, community, group, link_of},
    rig::{Rig, item, leave, link, order, outcomes, steady},
};

/// A request gets no response and takes effect six seconds later. The read-back that shows this is running when the
/// second attempt is due.
#[tokio::test(start_paused = true)]
async fn a_second_attempt_waits_for_a_readback_that_may_make_it_unnecessary() {
    let clock = clock();
    let fault = Failure::new(FailureKind::ServerFault).with_status(500);
    let gateway = FakeGateway::new(clock)
        .with_delay(Duration::from_secs(1))
        .faults(&group(0), [Fault::Late(fault, Duration::from_secs(6))]);
    let mut settings = OperationSettings { read_back: [1, 2].map(Duration::from_secs).to_vec(), ..steady() };
    settings.pace.link = Duration::from_millis(4_250);
    let mut rig = Rig::with_settings(clock, gateway, settings);
    let began = clock.now();
    let operation = rig.run(link(&community("c"), [group(0), group(1)])).await;
    assert_eq!(outcomes(&operation), [Verified; 2]);
    let sent: Vec<_> = rig.gateway.writes().into_iter().map(|write| write.group).collect();
    assert_eq!(sent, [group(0), group(1)], "nothing is sent twice");
    // The second attempt is due 8.5 s after the start, during this read-back.
    let readbacks: Vec<_> = rig.gateway.shown().iter().map(|shown| shown.begun.since(began)).collect();
    assert_eq!(readbacks, [2, 5, 8].map(Duration::from_secs));
}

#[tokio::test(start_paused = true)]
async fn a_readback_delays_no_first_attempt() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).with_read_delay(Duration::from_secs(5));
    let mut rig = Rig::new(clock, gateway);
    let began = clock.now();
    rig.run(link(&community("c"), (0..8).map(group))).await;
    let sent: Vec<_> = rig.gateway.writes().iter().map(|write| write.began.since(began).as_secs()).collect();
    assert_eq!(sent, (0..8).collect::<Vec<_>>());
}

/// Each is read back in its own details.
#[tokio::test(start_paused = true)]
async fn the_readbacks_of_two_leaves_run_side_by_side() {
    let clock = clock();
    let gateway =
        FakeGateway::new(clock).with_read_delay(Duration::from_secs(20)).member_of((0..3).map(group));
    let settings = OperationSettings { keep_invite_links: false, ..steady() };
    let mut rig = Rig::with_settings(clock, gateway, settings);
    let began = clock.now();
    assert_eq!(outcomes(&rig.run(leave([group(0), group(1)])).await), [Verified; 2]);
    // The second request leaves after 3 s, and its readback begins 3 s later.
    assert_eq!(clock.now().since(began), Duration::from_secs(26));
}

/// Their details cannot be read, so the list of groups is, once for both.
#[tokio::test(start_paused = true)]
async fn leaves_that_only_the_list_shows_share_its_readbacks() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).without_details().member_of((0..3).map(group));
    let mut settings = OperationSettings { keep_invite_links: false, ..steady() };
    settings.pace.leave = Duration::from_millis(1);
    let mut rig = Rig::with_settings(clock, gateway, settings);
    assert_eq!(outcomes(&rig.run(leave([group(0), group(1)])).await), [Verified; 2]);
    assert_eq!(rig.gateway.reads(), 5, "each alone, and then one for both");
}

/// The list of groups shows several joins at once; details show one each, side by side.
#[rstest]
#[case::list(true, 2, 43)]
#[case::details(false, 3, 29)]
#[tokio::test(start_paused = true)]
async fn joins_are_read_back_where_the_gateway_shows_membership(
    #[case] list_shows_membership: bool,
    #[case] reads: usize,
    #[case] seconds: u64,
) {
    let clock = clock();
    let capabilities = Capabilities { group_list_shows_membership: list_shows_membership, ..capable() };
    let gateway = FakeGateway::new(clock)
        .with_capabilities(capabilities)
        .with_read_delay(Duration::from_secs(20))
        .with_links()
        .member_of([group(9)]);
    let mut rig = Rig::new(clock, gateway);
    for at in 0..3 {
        rig.journal.keep_link(&rig.key, &group(at), &link_of(&group(at))).await.unwrap();
    }
    let began = clock.now();
    let items = (0..3).map(|at| item(&group(at), vec![Step::Join])).collect();
    assert_eq!(outcomes(&rig.run(order(Verb::Rejoin, items)).await), [Verified; 3]);
    assert_eq!((rig.gateway.reads(), clock.now().since(began).as_secs()), (reads, seconds));
}

#[tokio::test(start_paused = true)]
async fn at_most_four_readbacks_run_at_once() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).with_read_delay(Duration::from_secs(20));
    let mut settings = steady();
    settings.pace.link = Duration::from_millis(1);
    let mut rig = Rig::with_settings(clock, gateway, settings);
    let items = (0..8).map(|at| {
        let target = community(&format!("c{at}"));
        item(&group(at), vec![Step::Link(target)])
    });
    let operation = rig.run(order(Verb::Link, items.collect())).await;
    assert_eq!(outcomes(&operation), [Verified; 8]);
    let begun: Vec<_> = rig.gateway.shown().into_iter().map(|shown| shown.begun).collect();
    assert_eq!(begun.len(), 8);
    let most = begun.iter().map(|at| {
        let is_under_way = |other: &&_| *at >= **other && at.since(**other) < Duration::from_secs(20);
        begun.iter().filter(is_under_way).count()
    });
    assert_eq!(most.max(), Some(4), "{begun:?}");
}
