//! One number under two names or addresses: only one Synod writes to it.

use synod::domain::failure::FailureKind;

use super::*;
use crate::support::{
    fake_gateway::{Fault, Write},
    proxy::Proxy,
};

const NUMBER: &str = "5511900000001";

/// The instance of the same number under another name.
fn other() -> InstanceKey {
    InstanceKey::new("ryzeapi-other-name")
}

fn gateway_of(number: Option<&'static str>) -> Arc<FakeGateway> {
    let gateway = FakeGateway::new(clock()).linked(&community("c"), []);
    shared(match number {
        Some(number) => gateway.with_number(number),
        None => gateway,
    })
}

impl Machine {
    fn with_other_name(self, gateway: &Arc<FakeGateway>) -> Self {
        self.engine.add_instance(other(), Gateway::new(Arc::clone(gateway)), quick());
        self
    }

    async fn submit_as(
        &self,
        instance: &InstanceKey,
        groups: std::ops::Range<usize>,
    ) -> Result<OperationId, SubmitError> {
        self.engine.submit(instance, link(&community("c"), groups.map(group)), UP_TO_DATE).await
    }
}

#[tokio::test]
async fn two_names_of_one_number_exclude_each_other() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    // Gateways spell numbers differently.
    let (hers, his) = (gateway_of(Some(NUMBER)), gateway_of(Some("+55 11 90000-0001")));
    let mut ana = machine(server, &database, "ana", &hers).with_other_name(&hers);
    let ben = machine(server, &database, "ben", &his).with_other_name(&his);
    ana.submit(0..20).await;
    ana.until_answered(1).await;
    let refused = ben.submit_as(&other(), 20..21).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Lock(LockError::NumberHeld(Some(_)))), "{refused:?}");
    let words = Text::english().tell(&refused);
    assert!(words.contains("ana@desk") && words.contains("number"), "{words}");
    // The lock of the name is free again, as soon as the server has released it.
    while ben.store.locks().ensure_free(&other()).await.is_err() {
        tokio::task::yield_now().await;
    }
    let refused = ana.submit_as(&other(), 20..21).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Lock(LockError::NumberHeld(None))), "{refused:?}");
    assert_eq!(his.writes().len(), 0);
    // Her next operation has the same lock.
    ana.submit(20..22).await;
    ana.engine.control(&key(), RunControl::Stop);
    ana.until_idle().await;
    while let Err(refused) = ben.submit_as(&other(), 20..21).await {
        // The server has not released it yet.
        assert!(matches!(refused, SubmitError::Lock(LockError::NumberHeld(_))), "{refused:?}");
        tokio::task::yield_now().await;
    }
    ben.engine.until_idle(&other()).await;
    assert_eq!(his.writes().len(), 1);
}

#[tokio::test]
async fn of_two_that_begin_at_once_one_writes_and_none_waits() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway_of(Some(NUMBER)));
    let ana = machine(server, &database, "ana", &gateway);
    let ben = machine(server, &database, "ben", &gateway).with_other_name(&gateway);
    let (here, there) = (key(), other());
    let both = async { tokio::join!(ana.submit_as(&here, 0..2), ben.submit_as(&there, 2..4)) };
    let (one, two) =
        tokio::time::timeout(Duration::from_secs(60), both).await.expect("they wait for each other");
    let refused = the_refused(one, two);
    assert!(matches!(refused, SubmitError::Lock(LockError::NumberHeld(_))), "{refused:?}");
}

/// Why one of two orders was refused; the other was taken.
fn the_refused(one: Result<OperationId, SubmitError>, two: Result<OperationId, SubmitError>) -> SubmitError {
    match (one, two) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        both => panic!("not one of them was taken: {both:?}"),
    }
}

#[tokio::test]
async fn two_names_of_one_number_exclude_each_other_in_one_process_at_once() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway_of(Some(NUMBER)));
    let ana = machine(server, &database, "ana", &gateway).with_other_name(&gateway);
    let (here, there) = (key(), other());
    let (one, two) = tokio::join!(ana.submit_as(&here, 0..3), ana.submit_as(&there, 3..6));
    let refused = the_refused(one, two);
    assert!(matches!(refused, SubmitError::Lock(LockError::NumberHeld(None))), "{refused:?}");
    tokio::join!(ana.engine.until_idle(&here), ana.engine.until_idle(&there));
    assert_eq!(gateway.writes().len(), 3);
}

#[tokio::test]
async fn nothing_is_sent_if_the_gateway_does_not_answer_which_number_is_connected() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway_of(Some(NUMBER)));
    let ana = machine(server, &database, "ana", &gateway);
    for kind in [
        FailureKind::Dropped,
        FailureKind::Redirected,
        FailureKind::ProxyAuth,
        FailureKind::TokenRefused,
        FailureKind::NotConnected,
    ] {
        gateway.fail_connection_once(kind);
        let refused = ana.submit_as(&key(), 0..1).await.unwrap_err();
        assert!(matches!(refused, SubmitError::Lock(LockError::NumberUnread)), "{kind:?}: {refused:?}");
        let words = Text::english().tell(&refused);
        assert!(words.contains("does not say now which number"), "{words}");
    }
    assert_eq!(gateway.writes().len(), 0);
    ana.submit(0..1).await;
    ana.until_idle().await;
    // By now the number is known.
    gateway.fail_connection_once(FailureKind::Dropped);
    ana.submit(1..2).await;
    ana.until_idle().await;
    assert_eq!(gateway.writes().len(), 2);
}

#[tokio::test]
async fn a_gateway_that_answers_that_it_cannot_say_the_number_is_written_to() {
    let Some(server) = Postgres::shared() else { return };
    for kind in [
        FailureKind::Unsupported,
        FailureKind::NotFound,
        FailureKind::Forbidden,
        FailureKind::Refused,
        FailureKind::WrongRequest,
        FailureKind::Malformed,
        FailureKind::TooLong,
    ] {
        let (database, gateway) = (server.database(), gateway_of(None));
        let ana = machine(server, &database, "ana", &gateway);
        gateway.fail_connection_once(kind);
        ana.submit(0..1).await;
        ana.until_idle().await;
        // Its answer counts when it does not answer later.
        gateway.fail_connection_once(FailureKind::Dropped);
        ana.submit(1..2).await;
        ana.until_idle().await;
        assert_eq!(gateway.writes().len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn who_takes_over_asks_again_which_number_is_connected() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway_of(Some(NUMBER)));
    let mut ana = machine(server, &database, "ana", &gateway);
    let ben = machine(server, &database, "ben", &gateway);
    let id = ana.submit(0..5).await;
    ana.until_answered(1).await;
    ana.engine.hand_over().await.unwrap();
    gateway.fail_connection_once(FailureKind::Dropped);
    assert_eq!(ben.engine.take_over(&key(), &[id]).await.unwrap(), [id]);
    ben.until_idle().await;
    assert_eq!(gateway.writes().len(), 5, "each was requested once");
}

#[tokio::test]
async fn numbers_that_are_different_or_unknown_exclude_nobody() {
    let Some(server) = Postgres::shared() else { return };
    for (hers, his) in [(Some(NUMBER), Some("5511900000002")), (None, None)] {
        let database = server.database();
        let (hers, his) = (gateway_of(hers), gateway_of(his));
        let mut ana = machine(server, &database, "ana", &hers);
        let ben = machine(server, &database, "ben", &his).with_other_name(&his);
        ana.submit(0..5).await;
        ana.until_answered(1).await;
        ben.submit_as(&other(), 20..21).await.unwrap();
        ben.engine.until_idle(&other()).await;
        ana.until_idle().await;
        assert_eq!((hers.writes().len(), his.writes().len()), (5, 1));
    }
}

/// Whether a request began while an earlier one was under way.
fn overlap(writes: &[Write]) -> bool {
    let is_late = |pair: &[Write]| pair[0].ended.is_none_or(|ended| ended > pair[1].began);
    writes.windows(2).any(is_late)
}

impl Machine {
    /// The same as soon as nobody else uses the number.
    async fn submit_when_free(&self, instance: &InstanceKey, groups: std::ops::Range<usize>) -> OperationId {
        loop {
            match self.submit_as(instance, groups.clone()).await {
                Ok(id) => return id,
                Err(SubmitError::Lock(LockError::NumberHeld(_))) => tokio::task::yield_now().await,
                Err(refused) => panic!("{refused:?}"),
            }
        }
    }

    async fn until_sending(&mut self, at: usize) {
        self.until(|event| {
            matches!(event, EngineEvent::Recorded(record)
                if matches!(record.event, OperationEvent::Sending { item, .. } if item == at))
        })
        .await;
    }
}

/// The request of the machine that dies takes longer than the server needs to free its locks.
#[tokio::test]
async fn a_request_that_may_be_under_way_is_waited_for_under_every_name_of_the_number() {
    let Some(server) = Postgres::shared() else { return };
    let slow = FakeGateway::new(clock()).linked(&community("c"), []).with_number(NUMBER);
    let gateway = shared(slow.faults(&group(1), [Fault::Slow(SECOND * 9 / 20)]));
    let (database, proxy) = (server.database(), Proxy::to(server.port()).await);
    let mut ana = machine_at(&proxy.url(&database), "ana", &gateway);
    let ben = machine(server, &database, "ben", &gateway).with_other_name(&gateway);
    ana.submit(0..3).await;
    ana.until_sending(1).await;
    // She is gone, and her request is under way.
    proxy.cut();
    let id = ben.submit_when_free(&other(), 20..22).await;
    ben.engine.until_idle(&other()).await;
    let operation = ben.store.operation(&other(), id).await.unwrap().unwrap();
    assert!(operation.items.iter().all(|item| item.outcome == Some(Outcome::Verified)), "{operation:?}");
    let writes = gateway.writes();
    let groups: Vec<_> = writes.iter().map(|write| write.group.clone()).collect();
    assert_eq!(groups, [0, 1, 20, 21].map(group));
    assert!(!overlap(&writes), "two at once: {writes:?}");
}

#[tokio::test]
async fn a_number_that_is_in_use_at_a_reconnection_is_waited_for() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway_of(Some(NUMBER)));
    let proxy = Proxy::to(server.port()).await;
    let mut ana = machine_at(&proxy.url(&database), "ana", &gateway);
    let mut ben = machine(server, &database, "ben", &gateway).with_other_name(&gateway);
    let id = ana.submit(0..6).await;
    ana.until_answered(2).await;
    proxy.cut();
    ana.until_away().await;
    ben.submit_when_free(&other(), 20..32).await;
    ben.until_answered(1).await;
    proxy.restore();
    let there = other();
    tokio::join!(ana.until_idle(), ben.engine.until_idle(&there));
    assert_eq!(ana.failures(), [""; 0]);
    assert_eq!(outcomes(&ana.operation(id).await), [Outcome::Verified; 6]);
    let writes = gateway.writes();
    assert_eq!(writes.len(), 18, "each was requested once: {writes:?}");
    assert!(!overlap(&writes), "two at once: {writes:?}");
}

/// Nothing needs to be sent any more, so nobody has to wait for the number.
#[tokio::test]
async fn an_operation_that_waits_for_its_number_can_be_stopped() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway_of(Some(NUMBER)));
    let proxy = Proxy::to(server.port()).await;
    let mut ana = machine_at(&proxy.url(&database), "ana", &gateway);
    let ben = machine(server, &database, "ben", &gateway).with_other_name(&gateway);
    let id = ana.submit(0..6).await;
    ana.until_answered(2).await;
    proxy.cut();
    ana.until_away().await;
    ben.submit_when_free(&other(), 20..60).await;
    proxy.restore();
    ana.until(|event| matches!(event, EngineEvent::StoreBack)).await;
    ana.engine.control(&key(), RunControl::Stop);
    ana.until_idle().await;
    assert_eq!(ana.operation(id).await.phase, Phase::Ended(Some(StopReason::Operator)));
    assert_eq!(ana.failures(), [""; 0]);
    ben.engine.control(&other(), RunControl::Stop);
    ben.engine.until_idle(&other()).await;
    assert!(!overlap(&gateway.writes()));
}

#[tokio::test]
async fn the_last_requests_are_that_of_the_instance_and_that_of_its_number() {
    let Some(server) = Postgres::shared() else { return };
    let (database, folder) = (server.database(), TempDir::new().unwrap());
    let store = |operator: &str| server.store(&database, operator, &folder.path().join(operator));
    let (ana, ben) = (store("ana"), store("ben"));
    let number = InstanceKey::new("number-1");
    let begin = async |store: &ServerStore, instance: &InstanceKey| {
        let begun = store.begin(instance, Millis(5), link(&community("c"), [group(1)])).await.unwrap();
        let sending = OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: None };
        store.append(vec![next(&begun, 1, sending)]).await.unwrap();
        (instance.clone(), begun.operation)
    };
    let found = async |store: &ServerStore| -> Vec<(InstanceKey, OperationId)> {
        let found = store.last_sendings(&other(), Millis(9)).await.unwrap();
        found.into_iter().map(|record| (record.instance, record.operation)).collect()
    };
    // His gateway does not say the number yet.
    let his = begin(&ben, &other()).await;
    let (hers, her_locks) = {
        let (instance, of_number) = (ana.locks(), ana.locks());
        let locks = (
            instance.take(&key(), Millis(5)).await.unwrap(),
            of_number.take_number(&number, &key(), Millis(5)).await.unwrap(),
        );
        (begin(&ana, &key()).await, locks)
    };
    assert_eq!(found(&ben).await, std::slice::from_ref(&his));
    drop(her_locks);
    let lock = loop {
        match ben.locks().take_number(&number, &other(), Millis(6)).await {
            Ok(lock) => break lock,
            Err(LockError::Held(_)) => tokio::task::yield_now().await,
            Err(refused) => panic!("{refused:?}"),
        }
    };
    assert_eq!(found(&ben).await, [hers, his]);
    let newer = begin(&ben, &other()).await;
    assert_eq!(found(&ben).await, std::slice::from_ref(&newer), "it is the newest of both");
    drop(lock);
    assert_eq!(found(&ben).await, [newer]);
}

#[tokio::test]
async fn a_number_in_use_can_be_waited_for_before_an_order() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway_of(Some(NUMBER)));
    let mut ana = machine(server, &database, "ana", &gateway);
    let ben = machine(server, &database, "ben", &gateway);
    let locks = ben.store.locks();
    let needed = WriteLocks::of(locks.as_ref(), &other(), &Gateway::new(Arc::clone(&gateway))).await.unwrap();
    needed.ensure_free(locks.as_ref()).await.unwrap();
    ana.submit(0..20).await;
    ana.until_answered(1).await;
    let held = needed.ensure_free(locks.as_ref()).await;
    assert!(matches!(held, Err(LockError::NumberHeld(Some(_)))), "{held:?}");
    ana.engine.control(&key(), RunControl::Stop);
    ana.until_idle().await;
    while let Err(LockError::NumberHeld(_)) = needed.ensure_free(locks.as_ref()).await {
        // The server has not released it yet.
        tokio::task::yield_now().await;
    }
    needed.ensure_free(locks.as_ref()).await.unwrap();
}
