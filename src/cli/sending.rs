//! Has plans confirmed that were already shown, and runs them: each is one operation on its own instance, and they run side by side.
//! It owns the conclusion over all of them.

use std::path::Path;

use futures_util::future::join_all;

use super::{
    Fault, FaultCode, Instance, Session,
    args::ConfirmArgs,
    confirm,
    detach::{self, Detached, Successor},
    exit,
    interrupt::Interrupts,
    lock, plan_file,
    planning::{self, MadePlan},
    report::Reporter,
    run::{self, Ran},
    survey::Survey,
    wait::telling,
};
use crate::{
    domain::{message::Message, operation::Totals, plan::Plan, reading::is_fresh},
    engine::Engine,
    export::plan_file::PlanFile,
};

/// A plan that was shown, with what it was made from.
pub(super) struct Shown<'a> {
    pub(super) survey: Survey<'a>,
    pub(super) made: MadePlan,
    pub(super) reporter: Reporter<'a>,
}

/// Has plans confirmed, all with one question, and runs them.
pub(super) async fn confirm_and_run(
    mut shown: Vec<Shown<'_>>,
    how: &ConfirmArgs,
    mut interrupts: Interrupts,
) -> Result<u8, Fault> {
    let Some(session) = shown.first().map(|one| one.survey.session) else { return Ok(0) };
    loop {
        let plans: Vec<&Plan> = shown.iter().map(|one| &one.made.plan).collect();
        if plans.iter().all(|plan| plan.sent() == 0) {
            confirm::check_count(session, how, &plans)?;
            let codes: Vec<u8> = shown.iter_mut().map(nothing_sent).collect();
            return finish(&mut shown, exit::first_of(&codes));
        }
        if !interrupts.end(confirm::ask(session, how, &plans)).await? {
            shown[0].reporter.tell(&session.text.say("cli-not-confirmed"));
            return Ok(exit::STOPPED);
        }
        for one in &shown {
            // A plan that waited for the lock may be old by then.
            lock::free(session, one.survey.instance, &mut interrupts).await?;
        }
        if !renew(session, &mut shown, how, &mut interrupts).await? {
            break;
        }
    }
    if !shown.iter().all(|one| one.reporter.out.is_open()) {
        // The reader of the output is gone before anything was begun.
        return finish(&mut shown, exit::STOPPED);
    }
    // If another process wrote to an instance since its plan was read, the engine checks the plan once more. The check can only
    // drop groups, and reports them with the reason like any other. It never sends anything that was not confirmed.
    let code = match shown.as_mut_slice() {
        several if how.detach => Box::pin(run_in_background(session, several, &mut interrupts)).await?,
        [one] => Box::pin(run_one(one, interrupts)).await?.code,
        several => Box::pin(run_all(session, several)).await?,
    };
    // Something was sent, so the exit code reports its result even if not all output could be written.
    if let Err(fault) = finish(&mut shown, code) {
        shown[0].reporter.tell(&fault.to_string());
    }
    Ok(code)
}

fn nothing_sent(shown: &mut Shown<'_>) -> u8 {
    let code = exit::of_unsent(&shown.made.plan);
    shown.reporter.nothing_sent(shown.survey.instance, &shown.made.plan, code);
    code
}

/// The exit code of commands that end, or the reason why not all of their output could be written.
pub(super) fn finish(shown: &mut [Shown<'_>], code: u8) -> Result<u8, Fault> {
    shown.iter_mut().try_for_each(|one| one.reporter.out.finish(code).map(drop)).map(|()| code)
}

/// Makes plans again that are too old, and shows those that would send something else now. Returns whether there are any. With
/// `--yes`, which allows no second question, it fails if one would send more than before.
async fn renew(
    session: &Session,
    shown: &mut [Shown<'_>],
    how: &ConfirmArgs,
    interrupts: &mut Interrupts,
) -> Result<bool, Fault> {
    let mut differs = false;
    for Shown { survey, made, reporter } in shown {
        if is_fresh(made.plan.made, session.clock.now()) {
            continue;
        }
        let (instance, request) = (survey.instance, made.plan.request.clone());
        let again = Box::pin(planning::make_from(session, instance, &survey.directory, request, false));
        let mut again = interrupts.end(telling(&session.text, session.clock, instance, again)).await?;
        again.plan.take_choices(&made.plan);
        let is_the_same = again.plan.would_send_the_same(&made.plan);
        let is_overtaken = how.yes && !again.plan.sends_part_of(&made.plan);
        *made = again;
        if let Some(obstacle) = &made.plan.obstacle {
            return Err(Fault::obstacle(&session.text, obstacle));
        }
        if !is_the_same {
            differs = true;
            reporter.tell(&session.text.say("notice-plan-changed"));
            show(survey, &made.plan, reporter);
        }
        if is_overtaken {
            return Err(Fault::new(FaultCode::PlanOvertaken, session.text.say("notice-plan-changed")));
        }
    }
    Ok(differs)
}

async fn run_one(shown: &mut Shown<'_>, interrupts: Interrupts) -> Result<Ran, Fault> {
    let Shown { survey, made, reporter } = shown;
    let (session, instance) = (survey.session, survey.instance);
    let order = made.plan.order();
    Box::pin(run::run(session, instance, order, made.readings.journal, reporter, interrupts)).await
}

/// Runs several plans side by side. A fault of one is reported and does not keep the others from their end.
async fn run_all(session: &Session, shown: &mut [Shown<'_>]) -> Result<u8, Fault> {
    let run = async |one: &mut Shown<'_>| {
        if one.made.plan.sent() == 0 {
            return Ran { code: nothing_sent(one), totals: Totals::default() };
        }
        let ran = match Interrupts::new(&session.text, session.deadline) {
            Ok(interrupts) => run_one(one, interrupts).await,
            Err(fault) => Err(fault),
        };
        ran.unwrap_or_else(|fault| {
            one.reporter.fault(&fault);
            Ran { code: fault.code.exit_code(), totals: Totals::default() }
        })
    };
    let ran = join_all(shown.iter_mut().map(run)).await;
    let code = exit::first_of(&ran.iter().map(|ran| ran.code).collect::<Vec<_>>());
    let mut totals = Totals::default();
    for ran in &ran {
        totals.extend(&ran.totals);
    }
    shown[0].reporter.all_ended(&totals, code);
    Ok(code)
}

/// Starts the plans' operations, and lets another process run them.
async fn run_in_background(
    session: &Session,
    shown: &mut [Shown<'_>],
    interrupts: &mut Interrupts,
) -> Result<u8, Fault> {
    let labels: Vec<String> = shown.iter().map(|one| one.survey.instance.label.clone()).collect();
    let options = [session.options.clone(), detach::time_left(session.deadline)].concat();
    let failed = |why: &Message| {
        let args = [("why", session.text.tell(why).into())];
        Fault::new(FaultCode::System, session.text.with("detach-failed-unsent", &args))
    };
    // Nothing is begun unless somebody can continue it.
    let ready = async { Successor::start(&options, &labels).await.map_err(|why| failed(&why)) };
    let successor = interrupts.end(ready).await?;
    let (engine, _told) = Engine::sharing(session.store.clone(), session.clock, session.locks.clone());
    let mut codes = vec![0];
    for one in &mut *shown {
        if one.made.plan.sent() == 0 {
            codes.push(nothing_sent(one));
            continue;
        }
        let instance = one.survey.instance;
        engine.add_instance(instance.key.clone(), instance.gateway.clone(), instance.settings.clone());
        let submitted = engine.submit(&instance.key, one.made.plan.order(), one.made.readings.journal).await;
        if let Err(error) = submitted {
            let fault = Fault::rejected(&session.text, &error);
            one.reporter.fault(&fault);
            codes.push(fault.code.exit_code());
        }
    }
    let detached = successor.take_over(&engine).await.map_err(|why| Fault::state(&session.text, &why))?;
    if !detached.operations.is_empty() {
        report_detached(session, shown, &detached).await?;
        codes.push(if detached.left.is_empty() { 0 } else { exit::FAILED });
    }
    Ok(exit::first_of(&codes))
}

async fn report_detached(
    session: &Session,
    shown: &mut [Shown<'_>],
    detached: &Detached,
) -> Result<(), Fault> {
    for one in &mut *shown {
        for id in detached.taken() {
            let found = session.store.operation(&one.survey.instance.key, id).await;
            if let Some(operation) = found.map_err(|error| Fault::state(&session.text, &error))? {
                one.reporter.detached(one.survey.instance, &operation);
            }
        }
    }
    let sentence = detach::sentence(&session.text, detached);
    if detached.left.is_empty() {
        shown[0].reporter.note(&sentence);
    } else {
        shown[0].reporter.tell(&sentence);
    }
    Ok(())
}

/// Writes a plan to a file, or to standard output if the file is `-`.
pub(super) async fn write_plan(
    instance: &Instance,
    made: &MadePlan,
    file: &Path,
    reporter: &mut Reporter<'_>,
) -> Result<(), Fault> {
    let plan = PlanFile::new(&instance.label, &made.plan, &made.readings);
    if file == Path::new("-") {
        let content = plan.content().map_err(|error| Fault::new(FaultCode::System, error.to_string()))?;
        reporter.out.json(&content);
        return Ok(());
    }
    let text = reporter.text;
    plan_file::write(&plan, file, text).await?;
    reporter.note(&text.with("cli-plan-written", &[("file", file.display().to_string().into())]));
    Ok(())
}

/// Shows a plan and its cost.
pub(super) fn show(survey: &Survey<'_>, plan: &Plan, reporter: &mut Reporter<'_>) {
    let (session, instance) = (survey.session, survey.instance);
    let budget = *instance.gateway.budget().borrow();
    let estimate = plan.estimate(&instance.settings, budget, session.clock.now());
    reporter.plan(instance, plan, &survey.directory, &estimate);
}
