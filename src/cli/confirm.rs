//! Confirmation before anything is sent, by weight: a letter for reversible changes, the number of groups for leaving groups,
//! the name for leaving a community.

use std::collections::HashSet;

use super::{Fault, FaultCode, Session, args::ConfirmArgs};
use crate::{
    domain::{
        id::GroupId,
        plan::{Head, Plan, Row, Verb},
    },
    text::Text,
};

/// Refuses, before anything is read, a request that could not be confirmed later.
pub(super) fn check(
    session: &Session,
    args: &ConfirmArgs,
    verb: Verb,
    takes_stdin: bool,
) -> Result<(), Fault> {
    let refused = |code, key| Err(Fault::new(code, session.text.say(key)));
    let required = |key| refused(FaultCode::ConfirmationRequired, key);
    if args.dry_run {
        return Ok(());
    }
    if session.read_only {
        return refused(FaultCode::ReadOnly, "cli-read-only");
    }
    if args.yes {
        return if verb == Verb::Leave && args.count.is_none() {
            required("cli-needs-count")
        } else {
            Ok(())
        };
    }
    if args.json {
        return required("cli-json-needs-yes");
    }
    if takes_stdin || !session.console.can_ask() {
        return required("cli-needs-yes");
    }
    Ok(())
}

/// Fails if `--count` does not match the plan: the groups that it changes, with or without those that were left before.
pub(super) fn check_count(session: &Session, args: &ConfirmArgs, plans: &[&Plan]) -> Result<(), Fault> {
    let Some(count) = args.count else { return Ok(()) };
    let leaves_community = plans.iter().any(|plan| plan.request.leaves_community());
    let wishes = plans.iter().flat_map(|plan| &plan.request.wishes);
    let before = wishes.filter(|wish| wish.earlier.is_some_and(|earlier| earlier.left));
    let before: HashSet<&GroupId> = before.map(|wish| &wish.group).collect();
    let was_left = |row: &&Row| row.head == Head::AlreadySo && before.contains(&row.group);
    let left = plans.iter().flat_map(|plan| &plan.rows).filter(was_left).count();
    let changed: usize = plans.iter().map(|plan| plan.changed()).sum();
    // If a community was left before, nothing is sent, whatever the number.
    if count == changed || count == changed + left || (leaves_community && left > 0) {
        return Ok(());
    }
    let key = if leaves_community && changed > 0 { "cli-count-community" } else { "cli-count-differs" };
    let args = [("given", count.into()), ("sent", changed.into())];
    Err(Fault::new(FaultCode::CountDiffers, session.text.with(key, &args)))
}

/// Whether the plans may run: the given count matches, and the operator agrees if a question is needed.
pub(super) async fn ask(session: &Session, args: &ConfirmArgs, plans: &[&Plan]) -> Result<bool, Fault> {
    let text = &session.text;
    check_count(session, args, plans)?;
    if args.yes {
        return Ok(true);
    }
    let (question, expected) = question(text, plans);
    Ok(session.console.ask(&question).await.is_some_and(|typed| typed == expected))
}

fn question(text: &Text, plans: &[&Plan]) -> (String, String) {
    if let [plan] = plans
        && plan.request.leaves_community()
    {
        let row = plan.rows.first();
        let name = row.map_or("", |row| row.name.shown());
        let is_tail = name.is_empty() || !name.is_ascii();
        let tail = row.map_or("", |row| row.group.tail(4));
        let expected = if is_tail { tail } else { name }.to_owned();
        let key = if is_tail { "cli-ask-tail" } else { "cli-ask-name" };
        return (text.with(key, &[("expected", expected.as_str().into())]), expected);
    }
    let count: usize = plans.iter().map(|plan| plan.sent()).sum();
    if plans.iter().any(|plan| plan.request.verb == Verb::Leave) {
        return (text.with("cli-ask-count", &[("count", count.into())]), count.to_string());
    }
    (text.with("cli-ask", &[("count", count.into())]), "y".to_owned())
}
