//! Every record says who wrote it, whichever store it is in.

use synod::domain::{event::OperationEvent, id::OperationId, time::Millis, writer::Writer};

use super::{Place, key, next, places};
use crate::support::{
    fake_gateway::{community, group},
    rig::link,
};

#[tokio::test]
async fn every_record_says_who_wrote_it() {
    let ana = Some(Writer::new("ana", "desk"));
    for Place { name, store, .. } in places() {
        let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
        assert_eq!(begun.writer, ana, "{name}");
        let sending = OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: Some(5) };
        store.append(vec![next(&begun, 1, sending)]).await.unwrap();
        let records = store.records(&key(), begun.operation, 0).await.unwrap();
        assert!(records.len() == 2 && records.iter().all(|record| record.writer == ana), "{name}");
        assert_eq!(store.last_sending(&key()).await.unwrap().unwrap().writer, ana, "{name}");
        assert_eq!(store.operation(&key(), OperationId(1)).await.unwrap().unwrap().begun_by, ana, "{name}");
        store.append(vec![next(&begun, 2, OperationEvent::Ended)]).await.unwrap();
        // The second list comes from the kept summary.
        for _ in 0..2 {
            assert_eq!(store.summaries(&key(), 9).await.unwrap()[0].begun_by, ana, "{name}");
        }
    }
}
