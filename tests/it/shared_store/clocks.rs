//! Machines whose clocks are a day apart.

use super::*;
use crate::support::{fake_gateway::Fault, proxy::Proxy};

const DAY: Duration = Duration::from_secs(86_400);

fn machine_in(time: Millis, url: &str, operator: &str, gateway: &Arc<FakeGateway>) -> Machine {
    let folder = TempDir::new().unwrap();
    let store = store_at(url, operator, folder.path());
    let locks = store.locks();
    Machine::new(store.clone(), (Arc::new(store), locks), Clock::fixed(time), folder, gateway)
}

/// The request of the machine that dies takes longer than the read-backs; nobody sends before its time is over.
#[tokio::test]
async fn machines_whose_clocks_are_a_day_apart_wait_for_each_others_requests() {
    let Some(server) = Postgres::shared() else { return };
    let now = Clock::system().now();
    let yesterday = Millis(now.0 - i64::try_from(DAY.as_millis()).unwrap());
    for (hers, his) in [(now, yesterday), (now, now + DAY), (yesterday, now + DAY)] {
        let slow = FakeGateway::new(clock()).linked(&community("c"), []);
        let gateway = shared(slow.faults(&group(1), [Fault::Slow(SECOND * 2 / 5)]));
        let (database, proxy) = (server.database(), Proxy::to(server.port()).await);
        let mut ana = machine_in(hers, &proxy.url(&database), "ana", &gateway);
        let mut ben = machine_in(his, &server.url(&database), "ben", &gateway);
        let id = ana.submit(0..3).await;
        ana.until(|event| {
            matches!(event, EngineEvent::Recorded(record)
                if matches!(record.event, OperationEvent::Sending { item: 1, .. }))
        })
        .await;
        // She is gone, and her request is under way.
        proxy.cut();
        let order = || link(&community("c"), (1..4).map(group));
        let mut taken = ben.engine.submit(&key(), order(), None).await;
        while let Err(SubmitError::Lock(LockError::Held(_))) = taken {
            // The server has not noticed yet.
            tokio::task::yield_now().await;
            taken = ben.engine.submit(&key(), order(), None).await;
        }
        let id_of_his = taken.unwrap();
        ben.until_idle().await;
        let (hers, his) = (ben.operation(id).await, ben.operation(id_of_his).await);
        assert!(!hers.is_live() && !his.is_live());
        assert_eq!(ben.failures(), [""; 0]);
        let writes = gateway.writes();
        let slow = writes.iter().find(|write| write.group == group(1)).unwrap();
        for write in writes.iter().filter(|write| write.began > slow.began) {
            assert!(slow.ended.is_some_and(|ended| ended <= write.began), "two at once: {writes:?}");
        }
        let groups: Vec<_> = writes.iter().map(|write| write.group.clone()).collect();
        assert_eq!(groups, (0..4).map(group).collect::<Vec<_>>(), "each was requested once");
    }
}

#[tokio::test]
async fn an_offer_counts_by_the_clock_of_the_server() {
    let Some(server) = Postgres::shared() else { return };
    let now = Clock::system().now();
    let yesterday = Millis(now.0 - i64::try_from(DAY.as_millis()).unwrap());
    for (hers, his) in [(now, yesterday), (yesterday, now)] {
        let (database, gateway) = (server.database(), gateway());
        let mut ana = machine_in(hers, &server.url(&database), "ana", &gateway);
        let mut ben = machine_in(his, &server.url(&database), "ben", &gateway);
        let id = ana.submit(0..5).await;
        ana.until_answered(1).await;
        let offered = ana.engine.hand_over().await.unwrap();
        assert_eq!(offered, [(key(), vec![id])]);
        assert_eq!(ben.engine.recover(&key()).await.unwrap(), [], "it is on its way");
        assert_eq!(ben.engine.take_over(&key(), &[id]).await.unwrap(), [id]);
        ben.until_idle().await;
        assert_eq!(ben.operation(id).await.phase, Phase::Ended(None));
        assert_eq!(gateway.writes().len(), 5, "each was requested once");
        assert_eq!(ben.failures(), [""; 0]);
    }
}
