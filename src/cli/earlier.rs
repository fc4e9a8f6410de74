//! Finds earlier operations in the journal, across all instances of the session.

use std::collections::HashSet;

use super::{Fault, FaultCode, Instance, Session};
use crate::domain::{
    id::{GroupId, OperationId},
    operation::{Item, Operation, Summary},
    outcome::Outcome,
    plan::Verb,
};

/// An operation, and its instance.
pub(super) type Found<'a> = (&'a Instance, Operation);

/// The most recent operations of all instances of the session without their groups, newest first.
pub(super) async fn newest_of(session: &Session, newest: usize) -> Result<Vec<(&Instance, Summary)>, Fault> {
    let mut all = Vec::new();
    for instance in &session.instances {
        let read = session.store.summaries(&instance.key, newest).await;
        let read = read.map_err(|error| Fault::state(&session.text, &error))?;
        all.extend(read.into_iter().map(|summary| (instance, summary)));
    }
    all.sort_by_key(|(_, summary)| std::cmp::Reverse(summary.id));
    all.truncate(newest);
    Ok(all)
}

/// What earlier operations of an instance verifiably left, groups and communities, each once.
pub(super) async fn left(session: &Session, instance: &Instance) -> Result<Vec<Item>, Fault> {
    let failed = |error| Fault::state(&session.text, &error);
    let all = session.store.summaries(&instance.key, usize::MAX).await.map_err(failed)?;
    let (mut left, mut seen): (Vec<Item>, HashSet<GroupId>) = Default::default();
    for summary in all.iter().filter(|known| known.verb == Verb::Leave) {
        let operation = session.store.operation(&instance.key, summary.id).await;
        let operation = operation.map_err(|error| Fault::state(&session.text, &error))?;
        let items = operation.into_iter().flat_map(|operation| operation.items);
        for item in items.filter(|item| item.outcome == Some(Outcome::Verified)) {
            if seen.insert(item.group.clone()) {
                left.push(item);
            }
        }
    }
    Ok(left)
}

/// The operation with this number.
pub(super) async fn find(session: &Session, number: u64) -> Result<Found<'_>, Fault> {
    for instance in &session.instances {
        let read = session.store.operation(&instance.key, OperationId(number)).await;
        if let Some(operation) = read.map_err(|error| Fault::state(&session.text, &error))? {
            return Ok((instance, operation));
        }
    }
    let number = number.to_string();
    Err(Fault::new(
        FaultCode::NoSuchOperation,
        session.text.with("cli-no-operation", &[("number", number.into())]),
    ))
}
