//! One number under two names or addresses: only one Synod writes to it.

use super::*;

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
    assert_eq!([&one, &two].iter().filter(|taken| taken.is_ok()).count(), 1, "{one:?} {two:?}");
    let refused = one.err().or(two.err()).unwrap();
    assert!(matches!(refused, SubmitError::Lock(LockError::NumberHeld(_))), "{refused:?}");
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
