//! Read-backs alongside the sending: the requests that they save, and how many run at once.

use std::time::Duration;

use synod::domain::{
    failure::{Failure, FailureKind},
    outcome::Outcome::Verified,
    settings::OperationSettings,
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, clock, community, group},
    rig::{Rig, item, link, order, outcomes, steady},
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
async fn at_most_four_readbacks_run_at_once() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).with_read_delay(Duration::from_secs(20));
    let mut settings = steady();
    settings.pace.link = Duration::from_millis(1);
    let mut rig = Rig::with_settings(clock, gateway, settings);
    let items = (0..8).map(|at| {
        let target = community(&format!("c{at}"));
        item(&group(at), vec![synod::domain::plan::Step::Link(target)])
    });
    let operation = rig.run(order(synod::domain::plan::Verb::Link, items.collect())).await;
    assert_eq!(outcomes(&operation), [Verified; 8]);
    let begun: Vec<_> = rig.gateway.shown().into_iter().map(|shown| shown.begun).collect();
    assert_eq!(begun.len(), 8);
    let most = begun.iter().map(|at| {
        let is_under_way = |other: &&_| *at >= **other && at.since(**other) < Duration::from_secs(20);
        begun.iter().filter(is_under_way).count()
    });
    assert_eq!(most.max(), Some(4), "{begun:?}");
}
