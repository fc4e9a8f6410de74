//! Applies a file. For a plan, everything is read again, and it runs only if exactly the same would be sent. For a desired state, a
//! plan is made now.

use std::{collections::HashMap, path::Path};

use serde::Serialize;

use super::{
    Fault, FaultCode, Session,
    args::ApplyArgs,
    confirm,
    desired::{self, State, Unresolved},
    exit,
    interrupt::Interrupts,
    json::{self, Why},
    lock, planning,
    report::Reporter,
    sending::{self, Shown},
    survey::Survey,
    wait::telling,
};
use crate::{
    domain::{
        directory::KnownFrom,
        id::{CommunityId, GroupId},
        plan::{Head, Plan, Row, Step, Verb},
    },
    text::{Text, shown_name},
};

use crate::export::{
    operation::{StepBody, step},
    plan_file::PlanFile,
};

/// Runs a plan; returns the exit code.
pub async fn apply(
    session: &Session,
    file: &PlanFile,
    args: &ApplyArgs,
    mut interrupts: Interrupts,
) -> Result<u8, Fault> {
    let how = &args.confirm;
    if args.plan.is_some() {
        return Err(Fault::new(FaultCode::Usage, session.text.say("cli-plan-again")));
    }
    confirm::check(session, how, file.verb(), takes_stdin(args))?;
    if args.include_risky {
        return Err(Fault::new(FaultCode::Usage, session.text.say("cli-plan-risky")));
    }
    let instance = session.instance()?;
    if instance.key != *file.instance_key() && !instance.former_keys.contains(file.instance_key()) {
        let name = [("name", instance.label.as_str().into())];
        return Err(Fault::new(FaultCode::Usage, session.text.with("cli-plan-other-instance", &name)));
    }
    if !how.dry_run {
        lock::free(session, instance, &mut interrupts).await?;
    }
    let mut survey = Survey::recall(session, instance, how.dry_run).await?;
    for community in file.communities() {
        survey.directory.learn(community, KnownFrom::Configuration);
    }
    let mut before = file.plan();
    before.request.instance = instance.key.clone();
    let made = planning::make(&mut survey, &before.request, false);
    let made = telling(&session.text, session.clock, instance, made);
    let mut made = interrupts.end(made).await?;
    made.plan.take_choices(&before);
    let mut reporter = Reporter::new(session, how.json, how.yes);
    if let Some(obstacle) = &made.plan.obstacle {
        return Err(Fault::obstacle(&session.text, obstacle));
    }
    let changes = changes(&before, &made.plan);
    if !changes.is_empty() {
        if how.json {
            let groups: Vec<Changed<'_>> = changes.iter().map(Changed::new).collect();
            json::write(&mut reporter.out, "plan_changed", made.plan.made, Changes { groups });
        }
        let text = &session.text;
        let name_of = |id: &CommunityId| {
            let community = survey.directory.community(id);
            text.name_or_tail(community.and_then(|community| community.name.as_ref()), id)
        };
        let lines = changes.iter().map(|change| format!("\n  {}", change.line(text, &name_of)));
        let words = text.say("cli-plan-changed").into_owned();
        return Err(Fault::new(FaultCode::PlanChanged, words + &lines.collect::<String>()));
    }
    sending::show(&survey, &made.plan, &mut reporter);
    if how.dry_run {
        return reporter.out.finish(exit::of_shown(&made.plan));
    }
    sending::confirm_and_run(vec![Shown { survey, made, reporter }], how, interrupts).await
}

fn takes_stdin(args: &ApplyArgs) -> bool {
    args.state.file == Path::new("-")
}

/// Puts the groups of each instance where the file says that they belong; returns the exit code. The instances of the session are
/// those of the state, in the same order.
pub async fn state(
    session: &Session,
    state: &State,
    args: &ApplyArgs,
    mut interrupts: Interrupts,
) -> Result<u8, Fault> {
    let mut how = args.confirm.clone();
    // Writing a plan to a file sends as little as showing it.
    how.dry_run |= args.plan.is_some();
    let is_output = args.plan.as_deref() == Some(Path::new("-"));
    if args.plan.is_some() && session.instances.len() > 1 {
        return Err(Fault::new(FaultCode::Usage, session.text.say("cli-plan-several")));
    }
    confirm::check(session, &how, Verb::Move, takes_stdin(args))?;
    if !how.dry_run {
        for instance in &session.instances {
            lock::free(session, instance, &mut interrupts).await?;
        }
    }
    let resolved = desired::resolve(session, state, how.dry_run, Unresolved::Fault, &mut interrupts).await?;
    let planned = desired::plan(session, state, resolved, args.include_risky, &mut interrupts).await?;
    let is_alone = planned.len() == 1;
    let (mut shown, mut codes) = (Vec::new(), Vec::new());
    for one in planned {
        let reporter = Reporter::new(session, how.json, how.yes);
        let mut reporter = if is_alone { reporter } else { reporter.without_status_line() };
        if !is_alone && !how.json {
            let label = one.survey.instance.label.as_str();
            reporter.out.line(&session.text.with("diff-instance", &[("instance", label.into())]));
        }
        // If the plan goes to standard output, nothing else is written there.
        if !is_output {
            sending::show(&one.survey, &one.made.plan, &mut reporter);
        }
        for skipped in &one.skipped {
            if !is_output {
                desired::not_compared(&one.survey, skipped, &mut reporter.out, how.json);
            }
            codes.push(exit::SOME);
        }
        if let Some(obstacle) = &one.made.plan.obstacle {
            return Err(Fault::obstacle(&session.text, obstacle));
        }
        if let Some(file) = &args.plan {
            let written = sending::write_plan(one.survey.instance, &one.made, file, &mut reporter);
            interrupts.end(written).await?;
        }
        codes.push(if how.dry_run { exit::of_shown(&one.made.plan) } else { 0 });
        shown.push(Shown { survey: one.survey, made: one.made, reporter });
    }
    if how.dry_run {
        return sending::finish(&mut shown, exit::first_of(&codes));
    }
    codes.push(sending::confirm_and_run(shown, &how, interrupts).await?);
    Ok(exit::first_of(&codes))
}

/// A group for which a different request would be sent now than when the plan was made.
struct Change<'a> {
    before: &'a Row,
    now: Option<&'a Row>,
}

/// The steps that a row of a plan sends.
fn sent(row: &Row) -> &[Step] {
    if row.is_sent() { &row.steps } else { &[] }
}

/// The differences between what two plans for the same request would send.
fn changes<'a>(before: &'a Plan, now: &'a Plan) -> Vec<Change<'a>> {
    let sent = |row: &'a Row| row.is_sent().then_some(row.steps.as_slice());
    let rows_now: HashMap<&GroupId, &'a Row> = now.rows.iter().map(|row| (&row.group, row)).collect();
    let change = |row: &'a Row| {
        let again = rows_now.get(&row.group).copied();
        (again.and_then(sent) != sent(row)).then_some(Change { before: row, now: again })
    };
    before.rows.iter().filter_map(change).collect()
}

impl Change<'_> {
    fn line(&self, text: &Text, name_of: &dyn Fn(&CommunityId) -> String) -> String {
        let name = shown_name(text, &self.before.name, self.before.group.tail(4)).into_owned();
        // The heads may be the same while the steps differ.
        let stands = |row: &Row, why: Option<String>| {
            let steps: Vec<String> = sent(row).iter().map(|step| text.step(step, name_of)).collect();
            let steps = (!steps.is_empty()).then(|| steps.join(", "));
            let details: Vec<String> = steps.into_iter().chain(why).collect();
            let head = text.head(row.head);
            if details.is_empty() { head.into_owned() } else { format!("{head} ({})", details.join("; ")) }
        };
        let before = stands(self.before, None);
        let now = self.now.map(|row| stands(row, row.reasons.first().map(|why| text.reason(why))));
        let args =
            [("name", name.into()), ("before", before.into()), ("now", now.unwrap_or_default().into())];
        text.with("cli-plan-change", &args)
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Changes<'a> {
    groups: Vec<Changed<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Changed<'a> {
    group: &'a GroupId,
    name: &'a str,
    before: Head,
    now: Option<Head>,
    before_steps: Vec<StepBody<'a>>,
    now_steps: Vec<StepBody<'a>>,
    reason: Option<Why>,
}

impl<'a> Changed<'a> {
    fn new(change: &Change<'a>) -> Self {
        Self {
            group: &change.before.group,
            name: change.before.name.exact(),
            before: change.before.head,
            now: change.now.map(|row| row.head),
            before_steps: sent(change.before).iter().map(step).collect(),
            now_steps: change.now.map(sent).unwrap_or_default().iter().map(step).collect(),
            reason: change.now.and_then(|row| row.reasons.first()).map(Why::plan),
        }
    }
}
