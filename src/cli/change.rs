//! Link, unlink, move and leave: from names to a plan, from the plan to a confirmed order, from the order to results.

use std::{path::Path, time::Duration};

use super::{
    Fault, Instance, Session,
    args::{ConfirmArgs, GroupArgs, LeaveArgs, LinkArgs, MoveArgs, UnlinkArgs, VerbArgs},
    confirm, exit, out, plan_file,
    planning::{self, Made},
    report::Reporter,
    run, survey, target,
};
use crate::{
    domain::{
        directory::Directory,
        id::CommunityId,
        plan::{Mark, Obstacle, Plan, Request, Verb},
    },
    export::plan_file::PlanFile,
};

/// A plan that is older is checked again before it is carried out.
const FRESH: Duration = Duration::from_secs(60);

/// What was asked for, with the names as people gave them.
#[derive(Clone, Debug)]
pub struct Change {
    verb: Verb,
    groups: GroupArgs,
    to: Option<String>,
    from: Option<String>,
    /// The community itself that is left.
    leaves: Option<String>,
    args: VerbArgs,
}

impl Change {
    /// The instance that was named.
    pub fn instance(&self) -> Option<&str> {
        self.args.instance.as_deref()
    }
}

impl From<LinkArgs> for Change {
    fn from(LinkArgs { groups, to, verb }: LinkArgs) -> Self {
        Self { verb: Verb::Link, groups, to: Some(to), from: None, leaves: None, args: verb }
    }
}

impl From<UnlinkArgs> for Change {
    fn from(UnlinkArgs { groups, from, verb }: UnlinkArgs) -> Self {
        Self { verb: Verb::Unlink, groups, to: None, from, leaves: None, args: verb }
    }
}

impl From<MoveArgs> for Change {
    fn from(MoveArgs { groups, to, from, verb }: MoveArgs) -> Self {
        Self { verb: Verb::Move, groups, to: Some(to), from, leaves: None, args: verb }
    }
}

impl From<LeaveArgs> for Change {
    fn from(LeaveArgs { groups, community, verb }: LeaveArgs) -> Self {
        Self { verb: Verb::Leave, groups, to: None, from: None, leaves: community, args: verb }
    }
}

/// Plans, asks and runs; gives the exit code.
pub async fn change(session: &Session, change: Change) -> Result<u8, Fault> {
    let mut how = change.args.confirm.clone();
    // Writing a plan sends as little as showing one.
    how.dry_run |= change.args.plan.is_some();
    let leaves_community = change.leaves.is_some();
    let takes_stdin = !leaves_community && change.groups.takes_stdin();
    confirm::check(&session.text, &how, change.verb, takes_stdin, session.read_only)?;
    let instance = session.instance()?;
    let names = if leaves_community { Vec::new() } else { change.groups.gather(&session.text).await? };
    let mut directory = look(session, instance, how.dry_run).await?;
    let request = request(session, instance, &mut directory, &change, &names)?;
    let asked =
        Asked { request, include_risky: change.args.include_risky, how, file: change.args.plan.as_deref() };
    carry_out(session, instance, &directory, asked).await
}

/// Reads the instance, and remembers what it shows where something is about to be done.
pub(super) async fn look(
    session: &Session,
    instance: &Instance,
    only_shown: bool,
) -> Result<Directory, Fault> {
    let memory = match survey::recall(session, instance).await {
        Ok(memory) => memory,
        Err(error) if only_shown => {
            out::tell(&error.to_string());
            survey::Memory::default()
        }
        Err(error) => return Err(Fault::Failed(error.to_string())),
    };
    let directory = survey::survey(session, instance, memory).await?;
    if !only_shown {
        let remembered = survey::remember(session, instance, &directory).await;
        remembered.map_err(|error| Fault::Failed(error.to_string()))?;
    }
    Ok(directory)
}

/// Finds what the names mean.
fn request(
    session: &Session,
    instance: &Instance,
    directory: &mut Directory,
    change: &Change,
    names: &[String],
) -> Result<Request, Fault> {
    let text = &session.text;
    let mut find = |given: &Option<String>| -> Result<Option<CommunityId>, Fault> {
        let given = given.as_deref();
        given
            .map(|given| target::community(text, instance, directory, given).map(|found| found.id))
            .transpose()
    };
    let (to, from, leaves) = (find(&change.to)?, find(&change.from)?, find(&change.leaves)?);
    let marks = target::groups(text, directory, names, from.as_ref())?;
    if let (Verb::Move, Some(from), Some(to)) = (change.verb, &from, &to) {
        stand_in(session, directory, &marks, from, to)?;
    }
    Ok(Request {
        instance: instance.key.clone(),
        verb: change.verb,
        leaves_community: leaves.is_some(),
        target: leaves.or(to),
        marks,
        parent: None,
    })
}

/// A move takes a group from wherever it is; whoever says from where means no other place.
fn stand_in(
    session: &Session,
    directory: &Directory,
    marks: &[Mark],
    from: &CommunityId,
    to: &CommunityId,
) -> Result<(), Fault> {
    let is_elsewhere = |mark: &&Mark| {
        directory.parent_of(&mark.group).is_none_or(|parent| !parent.same_as(from) && !parent.same_as(to))
    };
    let elsewhere: Vec<String> = marks
        .iter()
        .filter(is_elsewhere)
        .map(|mark| format!("\n  {}  {}", mark.group, mark.name.shown()))
        .collect();
    if elsewhere.is_empty() {
        return Ok(());
    }
    let name = directory.community(from).and_then(|community| community.name.as_ref());
    let community = session.text.name_or_tail(name, from);
    let words = session.text.with("cli-not-in-source", &[("community", community.into())]);
    Err(Fault::Usage(words + &elsewhere.concat()))
}

/// A request, and how its plan is confirmed and told.
pub(super) struct Asked<'a> {
    pub(super) request: Request,
    pub(super) include_risky: bool,
    pub(super) how: ConfirmArgs,
    /// Where the plan is written instead.
    pub(super) file: Option<&'a Path>,
}

/// Makes the plan of a request, shows it, has it confirmed, and runs it.
pub(super) async fn carry_out(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
    asked: Asked<'_>,
) -> Result<u8, Fault> {
    let Asked { request, include_risky, how, file } = asked;
    let made = planning::make(session, instance, directory, request, include_risky).await;
    let mut reporter = Reporter::new(&session.text, session.clock, how.json);
    show(session, instance, &made.plan, &mut reporter);
    if let Some(obstacle) = &made.plan.obstacle {
        return Err(refused(session, obstacle));
    }
    if let Some(file) = file {
        let plan = PlanFile::new(&instance.label, &made.plan, &made.readings);
        plan_file::write(&plan, file, &session.text).await?;
        let args = [("file", file.display().to_string().into())];
        reporter.tell(&session.text.with("cli-plan-written", &args));
    }
    if how.dry_run {
        return reporter.out.finish(exit::of_shown(&made.plan));
    }
    confirm_and_run(session, instance, directory, made, &how, reporter).await
}

/// Has a plan confirmed that was shown, and runs it.
pub(super) async fn confirm_and_run(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
    made: Made,
    how: &ConfirmArgs,
    mut reporter: Reporter<'_>,
) -> Result<u8, Fault> {
    let mut plan = made.plan;
    loop {
        if plan.sent() == 0 {
            if let Some(count) = how.count.filter(|count| *count > 0) {
                let args = [("given", count.into()), ("sent", 0_usize.into())];
                return Err(Fault::Usage(session.text.with("cli-count-differs", &args)));
            }
            let code = exit::of_unsent(&plan);
            reporter.nothing_sent(instance, &plan, code);
            return reporter.out.finish(code);
        }
        if !confirm::ask(&session.text, how, &plan).await? {
            reporter.tell(&session.text.say("cli-not-confirmed"));
            return Ok(exit::STOPPED);
        }
        if session.clock.now().since(plan.made) <= FRESH {
            break;
        }
        let mut again = planning::make(session, instance, directory, plan.request.clone(), false).await.plan;
        again.take_choices(&plan);
        let is_the_same = again.would_send_the_same(&plan);
        plan = again;
        if let Some(obstacle) = &plan.obstacle {
            return Err(refused(session, obstacle));
        }
        if is_the_same {
            break;
        }
        reporter.tell(&session.text.say("notice-plan-changed"));
        show(session, instance, &plan, &mut reporter);
    }
    if !reporter.out.is_open() {
        // Whoever asked has gone before anything was begun.
        return reporter.out.finish(exit::STOPPED);
    }
    let code = run::run(session, instance, plan.order(), &mut reporter).await?;
    // Something was sent, so that the code tells what became of it even where not all could be written.
    if let Err(fault) = reporter.out.finish(code) {
        reporter.tell(&fault.to_string());
    }
    Ok(code)
}

/// Shows a plan with what it costs.
pub(super) fn show(session: &Session, instance: &Instance, plan: &Plan, reporter: &mut Reporter<'_>) {
    let budget = *instance.gateway.budget().borrow();
    let estimate = plan.estimate(&instance.settings, budget, session.clock.now());
    reporter.plan(instance, plan, &estimate);
}

/// What keeps a plan from running, as the reason why nothing was sent.
pub(super) fn refused(session: &Session, obstacle: &Obstacle) -> Fault {
    Fault::Failed(session.text.obstacle(obstacle))
}
