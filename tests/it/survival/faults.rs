//! A world in which one write in five misbehaves: every outcome matches the truth, one write at a time
//! is in flight, and nothing is sent while a limit applies.

use std::{sync::Arc, time::Duration};

use synod::{
    clock::Clock,
    domain::{
        base_url::BaseUrl,
        event::Order,
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::{GatewayKind, InstanceKey},
        operation::Operation,
        outcome::Outcome,
        plan::{Mark, Request, Step, Task, Verb},
        time::Millis,
    },
    gateway::{ClientParts, Gateway, InstanceSpec},
    simulator::{InstanceStanding, Kind, Simulator, World},
};

use super::lives::Lives;
use crate::support::{
    cut_journal::Cut,
    fake_gateway::{FakeGateway, Fault, clock, community, group, shared},
    gateway::{EPOCH, parts_over},
    memory_journal::MemoryJournal,
    rig::{item, order, steady},
    transport::transport_over,
};

/// Whether the statement about an item is false.
fn is_wrong(outcome: Outcome, is_done: bool) -> bool {
    match outcome {
        Outcome::Verified | Outcome::AlreadySo => !is_done,
        Outcome::Contradicted | Outcome::Refused | Outcome::NotSent => is_done,
        Outcome::Unknown | Outcome::Blocked => false,
    }
}

#[tokio::test(start_paused = true)]
async fn three_hundred_items_and_one_fault_in_five_give_no_wrong_outcome() {
    let clock = clock();
    let mut dice = fastrand::Rng::with_seed(17);
    let targets: Vec<CommunityId> = (0..8).map(|at| community(&format!("c{at}"))).collect();
    let mut gateway = FakeGateway::new(clock).with_delay(Duration::from_millis(200));
    gateway = gateway.with_lag(Duration::from_secs(2)).member_of((0..400).map(group));
    for (at, target) in targets.iter().enumerate() {
        gateway = gateway.linked(target, (0..10).map(|nth| group(300 + at * 10 + nth)));
    }
    let of = |at: usize| &targets[at % targets.len()];
    let steps = |at: usize| match at {
        0..200 => (group(at), vec![Step::Link(of(at).clone())]),
        200..250 => (group(at + 100), vec![Step::Unlink(targets[(at - 200) / 10].clone())]),
        _ => (group(at - 50), vec![Step::Leave]),
    };
    for at in 0..300 {
        let passing = Failure::new(FailureKind::ServerFault).with_status(502);
        let fault = match dice.u8(..40) {
            0 => Fault::Refuse(Failure::new(FailureKind::Refused)),
            1 => Fault::Lie,
            2 => Fault::DropBefore,
            3 => Fault::DropAfter,
            4 => Fault::Refuse(Failure::new(FailureKind::RateLimited { until: None })),
            5 => Fault::Refuse(Failure::new(FailureKind::Throttled { until: None })),
            6 => Fault::RefuseAfter(passing),
            7 => Fault::Slow(Duration::from_secs(20)),
            _ => continue,
        };
        gateway = gateway.faults(&steps(at).0, [fault]);
    }
    let gateway = shared(gateway);
    let lives = Lives {
        clock,
        gateway: Gateway::new(Arc::clone(&gateway)),
        journal: MemoryJournal::new(),
        settings: steady(),
        key: InstanceKey::new("ryzeapi-test"),
    };
    let mut life = lives.begin(None).await;
    for range in [0..200, 200..250, 250..300] {
        let items = range.map(|at| {
            let (group, steps) = steps(at);
            item(&group, steps)
        });
        life.run(&lives.key, order(Verb::Link, items.collect())).await;
    }
    let truth = gateway.truth();
    let operations = lives.operations().await;
    let items: Vec<_> = operations.iter().flat_map(|operation| &operation.items).collect();
    assert_eq!(items.len(), 300);
    for item in items {
        let is_done = truth.is_done(item.steps.last().unwrap(), &item.group);
        assert!(!is_wrong(item.outcome.unwrap(), is_done), "{item:?}");
    }
    let verified: usize = operations.iter().map(|operation| operation.totals.of(Outcome::Verified)).sum();
    assert!(verified >= 270, "{verified} verified");
    let writes = gateway.writes();
    assert!(writes.windows(2).all(|pair| pair[0].ended.unwrap() <= pair[1].began));
    assert!(writes.windows(2).all(|pair| pair[1].began.since(pair[0].began) >= Duration::from_secs(1)));
}

/// The real client of the simulated `RyzeAPI` instance.
fn client(simulator: &Simulator, clock: Clock) -> Gateway {
    let info = simulator.instances().into_iter().next().unwrap();
    let spec = InstanceSpec {
        kind: GatewayKind::RyzeApi,
        base_url: BaseUrl::parse("http://127.0.0.1").unwrap(),
        instance: Some(info.id.into()),
        token: info.token.into(),
        client_token: None,
    };
    let transport = transport_over(simulator.router());
    let parts = ClientParts { clock, transport, ..parts_over(axum::Router::new()) };
    synod::gateway::open(&spec, &parts).unwrap().retrying(clock)
}

fn standing(simulator: &Simulator) -> InstanceStanding {
    simulator.truth().instances.into_values().next().unwrap()
}

fn is_done(step: &Step, group: &GroupId, standing: &InstanceStanding) -> bool {
    match step {
        Step::Link(community) => standing.is_linked(group.as_str(), community.as_str()),
        Step::Unlink(community) => !standing.is_linked(group.as_str(), community.as_str()),
        Step::Leave => !standing.is_in(group.as_str()),
        Step::Join => standing.is_in(group.as_str()),
        Step::LeaveCommunity(community) => !standing.member_of.contains(community.as_str()),
    }
}

/// A request for groups of the simulated world.
fn request(task: &Task, groups: &[(GroupId, Option<CommunityId>)]) -> Request {
    let mark = |(group, source): &(GroupId, Option<CommunityId>)| Mark {
        group: group.clone(),
        name: synod::domain::name::Name::new(group.as_str()),
        source: source.clone(),
    };
    Request::new(InstanceKey::new("ryzeapi-test"), task, groups.iter().map(mark).collect())
}

/// Links, unlinks and leaves of three hundred groups of a world.
fn wishes(standing: &InstanceStanding, communities: &[CommunityId]) -> Vec<Request> {
    let parse = |id: &String| GroupId::parse(id).unwrap();
    let linked: Vec<(GroupId, Option<CommunityId>)> = communities
        .iter()
        .flat_map(|id| {
            let groups = standing.communities[id.as_str()].iter().skip(1);
            groups.map(move |group| (parse(group), Some(id.clone())))
        })
        .collect();
    let is_linked = |group: &String| standing.communities.values().any(|groups| groups.contains(group));
    let alone: Vec<(GroupId, Option<CommunityId>)> =
        standing.groups.iter().filter(|group| !is_linked(group)).map(|group| (parse(group), None)).collect();
    let mut requests: Vec<Request> = communities
        .iter()
        .zip(alone.chunks(30))
        .map(|(target, groups)| request(&Task::Link(target.clone()), groups))
        .collect();
    requests.push(request(&Task::Unlink, &linked));
    let unused: Vec<_> = alone.into_iter().skip(communities.len() * 30).collect();
    let rest = 300_usize.saturating_sub(communities.len() * 30 + linked.len());
    requests.push(request(&Task::Leave, &unused[..rest.min(unused.len())]));
    requests
}

#[tokio::test(start_paused = true)]
async fn two_hundred_items_and_fifty_deaths_on_the_real_client_repeat_no_change() {
    let clock = Clock::fixed(EPOCH);
    let text = World::built_in_text("one_in_five").unwrap().split("[[fault]]").next().unwrap();
    let simulator = Simulator::with_epoch(World::parse(text, "without faults").unwrap(), EPOCH.0);
    let info = simulator.instances().into_iter().next().unwrap();
    let communities: Vec<CommunityId> =
        info.communities.iter().map(|id| CommunityId::parse(id).unwrap()).collect();
    let lives = Lives {
        clock,
        gateway: client(&simulator, clock),
        journal: MemoryJournal::new(),
        settings: steady(),
        key: InstanceKey::new("ryzeapi-test"),
    };
    let mut dice = fastrand::Rng::with_seed(23);
    let mut items = 0;
    for mut request in wishes(&standing(&simulator), &communities) {
        request.wishes.truncate(40);
        items += request.wishes.len();
        let order = lives.order(request).await;
        let mut cuts = Vec::new();
        for _ in 0..8 {
            let cut = Cut { at: dice.usize(2..40), is_written: dice.bool() };
            cuts.push((cut, Duration::from_secs(dice.u64(..30))));
        }
        lives.carry(&order, &cuts).await;
    }
    assert!(items >= 200, "{items} items");
    let truth = standing(&simulator);
    let mut operations = lives.operations().await;
    operations.sort_by_key(|operation| operation.id);
    let deaths = operations.iter().filter(|operation| operation.was_interrupted()).count();
    assert!(deaths >= 40, "{deaths} deaths");
    for (group, (outcome, step)) in super::last_words(operations) {
        let is_done = step.as_ref().is_none_or(|step| is_done(step, &group, &truth));
        assert!(outcome.is_as_wanted() == is_done, "{group}: {outcome:?}");
    }
    let log = simulator.requests();
    let needless = log.iter().filter(|logged| logged.kind == Kind::Write && !logged.changed);
    assert_eq!(needless.count(), 0, "each write changed something");
}

#[rstest::rstest]
#[case::of_writes("one_in_five", 220)]
#[case::of_reads_too("one_in_five_reads", 190)]
#[tokio::test(start_paused = true)]
async fn the_real_client_in_the_world_of_faults_gives_no_wrong_outcome(
    #[case] world: &str,
    #[case] at_least: usize,
) {
    let clock = Clock::fixed(EPOCH);
    let world = World::built_in(world).unwrap();
    let simulator = Simulator::with_epoch(world, EPOCH.0);
    let info = simulator.instances().into_iter().next().unwrap();
    let communities: Vec<CommunityId> =
        info.communities.iter().map(|id| CommunityId::parse(id).unwrap()).collect();
    let lives = Lives {
        clock,
        gateway: client(&simulator, clock),
        journal: MemoryJournal::new(),
        settings: steady(),
        key: InstanceKey::new("ryzeapi-test"),
    };
    let (mut count, mut verified, mut unknown) = (0, 0, 0);
    let mut life = lives.begin(None).await;
    for request in wishes(&standing(&simulator), &communities) {
        if request.wishes.is_empty() {
            continue;
        }
        // No answer is older than the plan's own reading.
        simulator.forget_reads();
        let order: Order = lives.order(request).await;
        let id = life.run(&lives.key, order).await;
        let operation: Operation = lives.journal.operation(&lives.key, id).await.unwrap().unwrap();
        unknown += operation.totals.of(Outcome::Unknown);
        verified += operation.totals.of(Outcome::Verified);
        let truth = standing(&simulator);
        for item in &operation.items {
            count += 1;
            let Some(step) = item.steps.last() else { continue };
            let is_done = is_done(step, &item.group, &truth);
            assert!(!is_wrong(item.outcome.unwrap(), is_done), "{item:#?}");
        }
    }
    println!("{count} items: {verified} verified, {unknown} unknown");
    assert!(count >= 280 && verified >= at_least, "{verified} of {count} verified, {unknown} unknown");
    let log = simulator.requests();
    let writes: Vec<_> = log.iter().filter(|logged| logged.kind == Kind::Write).collect();
    for pair in writes.windows(2) {
        let apart = Millis(pair[1].received_at).since(Millis(pair[0].received_at));
        assert!(apart >= Duration::from_secs(1), "{pair:?}");
    }
}
