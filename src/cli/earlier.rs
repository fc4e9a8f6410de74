//! Finds earlier operations in the journal, across all instances of the session.

use super::{Fault, Instance, Session};
use crate::{domain::operation::Operation, engine::journal::Journal};

/// An operation, and its instance.
pub(super) type Found<'a> = (&'a Instance, Operation);

/// The most recent operations of all instances of the session, newest first.
pub(super) async fn newest_of(session: &Session, newest: usize) -> Result<Vec<Found<'_>>, Fault> {
    let mut all = Vec::new();
    for instance in &session.instances {
        let read = session.store.operations(&instance.key, newest).await;
        let read = read.map_err(|error| Fault::failed(&session.text, &error))?;
        all.extend(read.into_iter().map(|operation| (instance, operation)));
    }
    all.sort_by_key(|(_, operation)| std::cmp::Reverse(operation.id));
    all.truncate(newest);
    Ok(all)
}

/// The operation with this number.
pub(super) async fn find(session: &Session, number: u64) -> Result<Found<'_>, Fault> {
    let all = newest_of(session, usize::MAX).await?;
    all.into_iter().find(|(_, operation)| operation.id.0 == number).ok_or_else(|| {
        let number = number.to_string();
        Fault::Usage(session.text.with("cli-no-operation", &[("number", number.into())]))
    })
}
