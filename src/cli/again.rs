//! Taking up an earlier operation: whatever makes a request out of it, the request goes through a plan as any other
//! does, with everything read afresh.

use super::{Fault, Session, args::VerbArgs, change, confirm, operations};
use crate::domain::{operation::Operation, plan::Request};

/// Plans, asks and runs what is left of an operation, or undoes it: what, `make` says. Without a number the newest
/// operation that it makes something of is meant. Gives the exit code.
pub async fn again(
    session: &Session,
    number: Option<u64>,
    make: impl Fn(&Operation) -> Option<Request>,
    args: &VerbArgs,
) -> Result<u8, Fault> {
    let text = &session.text;
    let (instance, operation) = if let Some(number) = number {
        operations::find(session, number).await?
    } else {
        let all = operations::newest_of(session, usize::MAX).await?;
        let mut fitting = all.into_iter().filter(|(_, operation)| make(operation).is_some());
        fitting.next().ok_or_else(|| Fault::Usage(text.say("cli-nothing-again").into_owned()))?
    };
    let Some(request) = make(&operation) else {
        let number = operation.id.to_string();
        return Err(Fault::Usage(text.with("cli-nothing-of-it", &[("number", number.into())])));
    };
    let mut how = args.confirm.clone();
    how.dry_run |= args.plan.is_some();
    confirm::check(text, &how, request.verb, false, session.read_only)?;
    let directory = change::look(session, instance, how.dry_run).await?;
    let asked = change::Asked {
        request,
        parent: Some(operation.id),
        include_risky: args.include_risky,
        how,
        file: args.plan.as_deref(),
    };
    change::carry_out(session, instance, &directory, asked).await
}
