//! Past operations from the journal: list, show, export, prune; and the invite links kept for rejoining.

use std::{collections::HashMap, time::Duration};

use super::{
    Fault, FaultCode, Instance, Session, again,
    args::{AgainArgs, ExportFormat, ListOperationsArgs, OperationsArgs, OperationsCommand},
    earlier::{Found, find, newest_of},
    exit, interrupted, json, out,
    out::Out,
    report::{changed_item_line, counts, operation_title},
    steer,
    table::Table,
};
use crate::{
    clock,
    domain::{
        id::{CommunityId, OperationId},
        operation::{Operation, Phase, RunControl, Summary},
        plan::again as again_of,
        time::Millis,
        writer,
    },
    export::{
        self,
        operation::{CommunityNames, OperationBody},
    },
    text::Text,
};

impl OperationsCommand {
    /// The instance that the operator named.
    pub fn instance(&self) -> Option<&str> {
        match self {
            Self::List(ListOperationsArgs { common, .. })
            | Self::Show { common, .. }
            | Self::Look { common, .. }
            | Self::Pause { common, .. }
            | Self::Stop { common, .. }
            | Self::Prune { common, .. }
            | Self::ForgetLinks { common, .. } => common.instance.named(),
            Self::Export { instance, .. } => instance.named(),
            Self::Resume(again) | Self::Retry(again) | Self::Undo(again) | Self::Rejoin(again) => {
                again.verb.instance.named()
            }
        }
    }

    /// Whether its output is for programs.
    pub fn is_json(&self) -> bool {
        match self {
            Self::List(ListOperationsArgs { common, .. })
            | Self::Show { common, .. }
            | Self::Look { common, .. }
            | Self::Pause { common, .. }
            | Self::Stop { common, .. }
            | Self::Prune { common, .. }
            | Self::ForgetLinks { common, .. } => common.json,
            Self::Export { format, .. } => *format == ExportFormat::Json,
            Self::Resume(again) | Self::Retry(again) | Self::Undo(again) | Self::Rejoin(again) => {
                again.verb.confirm.json
            }
        }
    }

    /// Whether it makes a plan and may send something.
    pub fn plans(&self) -> bool {
        matches!(self, Self::Resume(_) | Self::Retry(_) | Self::Undo(_) | Self::Rejoin(_))
    }
}

/// Runs the requested command on the operations in the journal.
pub async fn operations(session: &Session, command: &OperationsCommand) -> Result<u8, Fault> {
    let mut out = Out::stdout();
    match command {
        OperationsCommand::List(args) => {
            let all = chosen(session, args).await?;
            let dead = interrupted::all_dead(session).await?;
            list(session, &all, &dead, args.common.json, &mut out);
        }
        OperationsCommand::Show { number, common } => {
            let found = find(session, *number).await?;
            show(session, &found, common.json, &mut out).await?;
        }
        OperationsCommand::Look { number, common } => {
            let (instance, operation) = again::look(session, *number).await?;
            let code = exit::of_operation(&operation);
            show(session, &(instance, operation), common.json, &mut out).await?;
            return out.finish(code);
        }
        OperationsCommand::Export { number, format, .. } => {
            let (instance, operation) = find(session, *number).await?;
            match format {
                ExportFormat::Csv => out.cells(&export::csv::csv(&session.text, &operation)),
                ExportFormat::Json => show(session, &(instance, operation), true, &mut out).await?,
            }
        }
        OperationsCommand::Pause { number, common } => {
            return steer::steer(session, *number, RunControl::Pause, common.json, out).await;
        }
        OperationsCommand::Stop { number, common } => {
            return steer::steer(session, *number, RunControl::Stop, common.json, out).await;
        }
        OperationsCommand::Resume(AgainArgs { number: Some(number), verb })
            if steer::is_run_elsewhere(session, *number).await? =>
        {
            return steer::steer(session, *number, RunControl::Resume, verb.confirm.json, out).await;
        }
        OperationsCommand::Resume(args) => {
            return again::again(
                session,
                args.number,
                again::Maker::of(again_of::resume),
                again::Kind::Resume,
                &args.verb,
            )
            .await;
        }
        OperationsCommand::Retry(args) => {
            return again::again(
                session,
                args.number,
                again::Maker::of(again_of::retry),
                again::Kind::Retry,
                &args.verb,
            )
            .await;
        }
        OperationsCommand::Undo(args) => {
            return again::again(
                session,
                args.number,
                again::Maker::of(again_of::undo),
                again::Kind::Undo,
                &args.verb,
            )
            .await;
        }
        OperationsCommand::Rejoin(args) => return rejoin(session, args).await,
        OperationsCommand::Prune { older_than, yes, common } => {
            return prune(session, *older_than, *yes, common.json, out).await;
        }
        OperationsCommand::ForgetLinks { yes, common } => {
            return forget_links(session, *yes, common, out).await;
        }
    }
    out.finish(0)
}

async fn rejoin(session: &Session, args: &AgainArgs) -> Result<u8, Fault> {
    let mut stored = HashMap::new();
    for instance in &session.instances {
        let links = session.store.stored_links(&instance.key).await;
        stored.insert(instance.key.clone(), links.map_err(|error| Fault::state(&session.text, &error))?);
    }
    let make = |operation: &Operation| {
        let links = stored.get(&operation.instance)?;
        again_of::rejoin(operation, |group| links.open.contains(group))
    };
    let closed = |operation: &Operation| again_of::not_opened(operation, stored.get(&operation.instance)?);
    again::again(session, args.number, again::Maker { make, closed }, again::Kind::Rejoin, &args.verb).await
}

/// The newest operations that the arguments ask for.
async fn chosen<'a>(
    session: &'a Session,
    args: &ListOperationsArgs,
) -> Result<Vec<(&'a Instance, Summary)>, Fault> {
    if args.by.is_none() && args.since.is_none() {
        return newest_of(session, args.newest).await;
    }
    let mut all = newest_of(session, usize::MAX).await?;
    let since = args.since.map(|since| since.at(session.clock.now()));
    all.retain(|(_, operation)| {
        let is_by = |name: &String| operation.begun_by.as_ref().is_some_and(|writer| writer.is_called(name));
        since.is_none_or(|since| operation.created >= since) && args.by.as_ref().is_none_or(is_by)
    });
    all.truncate(args.newest);
    Ok(all)
}

fn list(session: &Session, all: &[(&Instance, Summary)], dead: &[OperationId], is_json: bool, out: &mut Out) {
    let text = &session.text;
    let mut table = Table::default();
    let names_writers = session.store.is_shared()
        || writer::are_several(all.iter().map(|(_, operation)| operation.begun_by.as_ref()));
    for (instance, operation) in all {
        if is_json {
            let is_dead = dead.contains(&operation.id);
            let body = OperationBody::new(&instance.label, operation).interrupted(is_dead);
            json::write(out, "operation", operation.created, body);
        } else {
            let [when, label] = [clock::local_date_time(operation.created), instance.label.clone()];
            let title = operation_title(text, operation);
            let standing = standing(text, operation, dead.contains(&operation.id));
            if names_writers {
                let by = operation.begun_by.as_ref().map(ToString::to_string).unwrap_or_default();
                table.push([when, label, by, title, standing]);
            } else {
                table.push([when, label, title, standing]);
            }
        }
    }
    let lines = table.lines();
    if !lines.is_empty() {
        out.line(&lines.join("\n"));
    }
}

/// The result of an operation; if it did not end, it says so.
fn standing(text: &Text, operation: &Summary, is_dead: bool) -> String {
    if is_dead {
        let counts = interrupted::counts(text, &operation.totals);
        return text.with("cli-dead", &[("counts", counts.into())]);
    }
    let counts = counts(text, &operation.totals);
    let key = match operation.phase {
        Phase::Paused(_) => "cli-list-paused",
        _ if operation.is_live() => "cli-unended",
        _ => return counts,
    };
    text.with(key, &[("counts", counts.into())])
}

async fn show(
    session: &Session,
    (instance, operation): &Found<'_>,
    is_json: bool,
    out: &mut Out,
) -> Result<(), Fault> {
    let text = &session.text;
    let remembered = session.store.remembered(&instance.key).await;
    let remembered = remembered.map_err(|error| Fault::state(text, &error))?.communities;
    // The gateway's name for a community takes precedence, its name when the operation was confirmed comes last.
    let known = remembered.iter().chain(&instance.configured).chain(&operation.target);
    let names = CommunityNames::new(known);
    let dead = interrupted::dead(session, instance).await?;
    let is_dead = dead.iter().any(|dead| dead.id == operation.id);
    if is_json {
        out.json(&export::operation::lines(&instance.label, operation, &names, is_dead));
        return Ok(());
    }
    let name_of = |id: &CommunityId| text.name_or_tail(names.of(id), id);
    let created = clock::local_date_time(operation.created);
    let by = operation.begun_by.as_ref().map(|writer| format!("  {writer}")).unwrap_or_default();
    let mut lines = vec![format!("{}  {created}  {}{by}", operation_title(text, operation), instance.label)];
    lines.extend(operation.items.iter().map(|item| changed_item_line(text, item, &name_of)));
    lines.push(standing(text, operation, is_dead));
    out.line(&lines.join("\n"));
    Ok(())
}

#[derive(serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Removed {
    removed: usize,
}

/// Removes operations that ended long enough ago. An unfinished operation stays: it shows what may still need attention.
async fn prune(session: &Session, days: u64, yes: bool, is_json: bool, mut out: Out) -> Result<u8, Fault> {
    let text = &session.text;
    may_remove(session, yes, is_json)?;
    let age = Duration::from_secs(days.saturating_mul(86_400));
    let now = session.clock.now();
    let is_old = |ended: Millis| now.since(ended) >= age;
    let all = newest_of(session, usize::MAX).await?;
    let old = all.iter().filter(|(_, operation)| operation.ended.is_some_and(is_old));
    let old: Vec<_> = old.map(|(_, operation)| operation.id).collect();
    if !yes && !old.is_empty() && !agreed(session, "cli-ask-prune", old.len()).await {
        out::tell(&text.say("cli-not-confirmed"));
        return Ok(super::exit::STOPPED);
    }
    session.store.remove_operations(&old).await.map_err(|error| Fault::state(&session.text, &error))?;
    if is_json {
        json::write(&mut out, "operations_pruned", now, Removed { removed: old.len() });
    } else if !out::is_quiet() {
        out.line(&text.with("cli-pruned", &[("count", old.len().into())]));
    }
    out.finish(0)
}

/// Forgets the invite links of the named instance, or else all links, including those of instances that are no longer in the
/// configuration.
async fn forget_links(
    session: &Session,
    yes: bool,
    common: &OperationsArgs,
    mut out: Out,
) -> Result<u8, Fault> {
    let text = &session.text;
    may_remove(session, yes, common.json)?;
    let keys = || session.instances.iter().map(|instance| instance.key.clone()).collect::<Vec<_>>();
    let of = || common.instance.named().is_some().then(keys);
    let failed = |error| Fault::state(text, &error);
    let count = session.store.count_invite_links(of()).await.map_err(failed)?;
    if !yes && count > 0 && !agreed(session, "cli-ask-forget-links", count).await {
        out::tell(&text.say("cli-not-confirmed"));
        return Ok(exit::STOPPED);
    }
    let removed = session.store.forget_invite_links(of()).await.map_err(failed)?;
    if common.json {
        json::write(&mut out, "invite_links_forgotten", session.clock.now(), Removed { removed });
    } else if !out::is_quiet() {
        out.line(&text.with("cli-forgot-links", &[("count", removed.into())]));
    }
    out.finish(0)
}

/// With `--read-only` nothing is removed. Without `--yes` nothing is removed unless a person can be asked,
/// which `--json` excludes.
fn may_remove(session: &Session, yes: bool, is_json: bool) -> Result<(), Fault> {
    let (code, refused) = if session.read_only {
        (FaultCode::ReadOnly, "cli-read-only")
    } else if !yes && (is_json || !session.console.can_ask()) {
        (FaultCode::ConfirmationRequired, "cli-needs-yes")
    } else {
        return Ok(());
    };
    Err(Fault::new(code, session.text.say(refused)))
}

async fn agreed(session: &Session, question: &'static str, count: usize) -> bool {
    let question = session.text.with(question, &[("count", count.into())]);
    session.console.ask(&question).await.as_deref() == Some("y")
}
