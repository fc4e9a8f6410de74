//! The journal on a server. An append is one statement: one round trip, and durable when it returns.

use std::time::Duration;

use async_trait::async_trait;

use super::{ServerFault, ServerStore, changes};
use crate::{
    domain::{
        event::{OperationEvent, Order, Record},
        id::{GroupId, OperationId},
        instance::InstanceKey,
        invite::InviteLink,
        message::ToMessage,
        operation::{Operation, RunControl},
        time::Millis,
        writer::Writer,
    },
    engine::journal::{ControlRequest, HandedOver, Journal, JournalError},
    store::form::{control_name, control_request, encode, number_of, stored},
};

const BEGIN: &str = "
    WITH begun AS (
        INSERT INTO operations (instance, created, operator, host) VALUES ($1, $2, $4, $5) RETURNING id
    ), event AS (
        INSERT INTO events (operation, sequence, at, body, operator, host)
        SELECT id, 0, $2, $3, $4, $5 FROM begun RETURNING operation
    )
    SELECT operation FROM event";

const APPEND: &str = "
    WITH new AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) WITH ORDINALITY
            AS new (operation, sequence, at, body, place)
    ), appended AS (
        INSERT INTO events (operation, sequence, at, body, operator, host, number)
        SELECT operation, sequence, at, body, $5, $6,
            CASE WHEN body LIKE '{\"event\":\"sending\"%' THEN hashtextextended('synod ' || $7::text, 0) END
        FROM new ORDER BY place RETURNING operation, at, body
    ), ended AS (
        UPDATE operations SET ended = appended.at FROM appended
        WHERE id = appended.operation AND appended.body = '{\"event\":\"ended\"}' RETURNING id
    ), settled AS (
        DELETE FROM requests WHERE operation IN (SELECT id FROM ended)
    )
    SELECT count(*) FROM appended";

const POSITION: &str = "
    SELECT max(newest.position) FROM operations,
        LATERAL (SELECT position FROM events WHERE operation = operations.id ORDER BY sequence DESC LIMIT 1) newest
    WHERE instance = $1";

/// The age of a request counts by the server's clock: those of the machines may differ.
const LAST_SENDINGS: &str = "
    SELECT events.operation, sequence, body,
        (extract(epoch FROM clock_timestamp() - recorded) * 1000)::bigint AS age,
        events.operator, events.host, instance
    FROM events JOIN operations ON operations.id = events.operation
    WHERE position = (
        SELECT position FROM events JOIN operations ON operations.id = events.operation
        WHERE instance = $1 AND body LIKE '{\"event\":\"sending\"%' ORDER BY position DESC LIMIT 1
    ) OR position = (
        SELECT position FROM events WHERE number = hashtextextended('synod ' || $2::text, 0)
        ORDER BY position DESC LIMIT 1
    ) ORDER BY position DESC";

const UNFINISHED: &str = "SELECT id FROM operations WHERE instance = $1 AND ended IS NULL ORDER BY id";
const RECORDS: &str = "
    SELECT sequence, (extract(epoch FROM recorded) * 1000)::bigint, body, operator, host FROM events
    WHERE operation = $1 AND sequence >= $2 ORDER BY sequence";
const REQUEST: &str = "
    WITH asked AS (
        INSERT INTO requests (operation, request, at, operator, host) VALUES ($1::bigint, $2, $3, $4, $5) RETURNING operation
    ) SELECT pg_notify('synod', instance) FROM asked JOIN operations ON id = operation";
const REQUESTS: &str = "
    SELECT position, operation, request FROM requests
    WHERE position > $2 AND operation IN (SELECT id FROM operations WHERE instance = $1) ORDER BY position";
/// Offers count by the server's clock.
const HAND_OVER: &str = "
    UPDATE operations SET handed_over_until = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $2
    WHERE id = ANY ($1::bigint[])";
const HANDED_OVER: &str = "
    SELECT id, handed_over_until - (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM operations
    WHERE instance = $1 AND ended IS NULL AND handed_over_until IS NOT NULL ORDER BY id";

#[async_trait]
impl Journal for ServerStore {
    async fn begin(&self, instance: &InstanceKey, at: Millis, order: Order) -> Result<Record, JournalError> {
        let event = OperationEvent::Created(Box::new(order));
        let body = encode(&event)?;
        let [operator, host] = self.shared.signature();
        let values: super::Values<'_> = &[&instance.as_str(), &at.0, &body, &operator, &host];
        let link = self.writing_link(instance).await?;
        let rows = self.shared.query_on(&link, BEGIN, values).await?;
        changes::tell(&link, instance);
        let operation = rows.first().map_or(OperationId(0), |row| number_of(row.get(0)));
        let writer = Some(self.shared.writer.clone());
        Ok(Record { instance: instance.clone(), operation, sequence: 0, at, writer, event })
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError> {
        let Some(first) = records.first() else { return Ok(()) };
        let (mut operations, mut sequences) = (Vec::new(), Vec::new());
        let (mut times, mut bodies) = (Vec::new(), Vec::new());
        for record in &records {
            operations.push(stored(record.operation.0));
            sequences.push(stored(record.sequence));
            times.push(record.at.0);
            bodies.push(encode(&record.event)?);
        }
        let [operator, host] = self.shared.signature();
        let number = self.shared.number_of(&first.instance);
        let number = number.as_ref().map(InstanceKey::as_str);
        let values: super::Values<'_> =
            &[&operations, &sequences, &times, &bodies, &operator, &host, &number];
        let link = self.writing_link(&first.instance).await?;
        self.shared.query_on(&link, APPEND, values).await?;
        changes::tell(&link, &first.instance);
        Ok(())
    }

    async fn position(&self, instance: &InstanceKey) -> Result<u64, JournalError> {
        let rows = self.shared.query(POSITION, &[&instance.as_str()]).await?;
        let newest: Option<i64> = rows.first().and_then(|row| row.get(0));
        Ok(newest.and_then(|position| u64::try_from(position).ok()).unwrap_or_default())
    }

    async fn last_sendings(&self, instance: &InstanceKey, now: Millis) -> Result<Vec<Record>, JournalError> {
        let number = self.shared.number_of(instance);
        let number = number.as_ref().map(InstanceKey::as_str);
        let rows = self.shared.query(LAST_SENDINGS, &[&instance.as_str(), &number]).await?;
        let record = |row: &tokio_postgres::Row| {
            let event = serde_json::from_str(row.get(2)).ok()?;
            let at = Millis(now.0.saturating_sub(row.get(3)));
            let sequence = u64::try_from(row.get::<_, i64>(1)).unwrap_or_default();
            let (instance, operation) = (InstanceKey::new(row.get(6)), number_of(row.get(0)));
            let writer = Writer::recorded(row.get(4), row.get(5));
            Some(Record { instance, operation, sequence, at, writer, event })
        };
        Ok(rows.iter().filter_map(record).collect())
    }

    async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError> {
        let rows = self.shared.query(UNFINISHED, &[&instance.as_str()]).await?;
        Ok(rows.iter().map(|row| number_of(row.get(0))).collect())
    }

    async fn operation(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<Option<Operation>, JournalError> {
        Ok(self.folded(instance, stored(operation.0)).await?)
    }

    async fn records(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
        from: u64,
    ) -> Result<Vec<Record>, JournalError> {
        let rows = self.shared.query(RECORDS, &[&stored(operation.0), &stored(from)]).await?;
        let record = |row: &tokio_postgres::Row| {
            let sequence = u64::try_from(row.get::<_, i64>(0)).unwrap_or_default();
            // Ignore an event that only a newer version understands.
            let event = serde_json::from_str(row.get(2)).ok()?;
            let (at, writer) = (Millis(row.get(1)), Writer::recorded(row.get(3), row.get(4)));
            Some(Record { instance: instance.clone(), operation, sequence, at, writer, event })
        };
        Ok(rows.iter().filter_map(record).collect())
    }

    async fn request(
        &self,
        operation: OperationId,
        control: RunControl,
        at: Millis,
    ) -> Result<(), JournalError> {
        let (number, request) = (stored(operation.0), control_name(control));
        let [operator, host] = self.shared.signature();
        let values: super::Values<'_> = &[&number, &request, &at.0, &operator, &host];
        self.shared.query(REQUEST, values).await?;
        Ok(())
    }

    async fn requests(
        &self,
        instance: &InstanceKey,
        after: u64,
    ) -> Result<Vec<ControlRequest>, JournalError> {
        let rows = self.shared.query(REQUESTS, &[&instance.as_str(), &stored(after)]).await?;
        let request = |row: &tokio_postgres::Row| control_request(row.get(0), row.get(1), row.get(2));
        Ok(rows.iter().filter_map(request).collect())
    }

    async fn hand_over(
        &self,
        operations: &[OperationId],
        time: Option<Duration>,
        _: Millis,
    ) -> Result<(), JournalError> {
        let numbers: Vec<i64> = operations.iter().map(|operation| stored(operation.0)).collect();
        let time = time.map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        self.shared.query(HAND_OVER, &[&numbers, &time]).await?;
        Ok(())
    }

    async fn handed_over(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Vec<HandedOver>, JournalError> {
        let rows = self.shared.query(HANDED_OVER, &[&instance.as_str()]).await?;
        let offer = |row: &tokio_postgres::Row| HandedOver {
            operation: number_of(row.get(0)),
            until: Millis(now.0.saturating_add(row.get(1))),
        };
        Ok(rows.iter().map(offer).collect())
    }

    async fn keep_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), JournalError> {
        Ok(self.keep_sealed(instance, group, link).await?)
    }

    async fn kept_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, JournalError> {
        Ok(self.opened(instance, group).await?)
    }

    async fn operations(
        &self,
        instance: &InstanceKey,
        newest: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        Ok(self.newest(instance, newest).await?)
    }

    async fn changed(&self, instance: &InstanceKey, seen: u64) -> u64 {
        let mut changes = self.shared.changes.subscribe();
        let newer = changes.wait_for(|changes| changes.of(instance) != seen).await;
        // The store holds the sender.
        newer.map_or(seen, |changes| changes.of(instance))
    }
}

impl ServerStore {
    /// The connection for a record of an instance. If this process holds the instance's lock, it is the lock's connection, or none.
    async fn writing_link(
        &self,
        instance: &InstanceKey,
    ) -> Result<std::sync::Arc<super::Link>, JournalError> {
        let link = self.shared.link().await?;
        let locked = self.shared.held().get(instance).map(|held| held.generation);
        if locked.is_some_and(|generation| generation != link.generation) {
            let lost = self.shared.fault(ServerFault::Lost, "the lock went with it");
            return Err(JournalError::passing(lost.message()));
        }
        Ok(link)
    }
}
