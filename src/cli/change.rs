//! Link, unlink, move and leave: names become a plan, the plan a confirmed order, the order results.

use std::path::Path;

use super::{
    Fault, FaultCode, Session,
    args::{ConfirmArgs, GroupArgs, LeaveArgs, LinkArgs, MoveArgs, TargetArgs, UnlinkArgs, VerbArgs},
    confirm, earlier, exit,
    groups::{self, Named},
    interrupt::Interrupts,
    invites::{self, Given},
    lock, out,
    planning::{self, Edits, MadePlan},
    report::Reporter,
    sending::{self, Shown},
    survey::Survey,
    target,
    wait::telling,
};
use crate::domain::{
    directory::KnownFrom,
    id::CommunityId,
    lookup::{Accept, Invited, invited, is_surely_id},
    operation::Item,
    plan::{Head, Plan, Request, Row, Step, Task, Verb},
};

/// The request of the operator, with the names as given.
#[derive(Clone, Debug)]
pub struct Change {
    verb: Verb,
    groups: GroupArgs,
    to: TargetArgs,
    move_if_elsewhere: bool,
    from: Option<String>,
    /// The community itself to leave.
    leaves: Option<String>,
    args: VerbArgs,
}

impl Change {
    /// The instance that the operator named.
    pub fn instance(&self) -> Option<&str> {
        self.args.instance.named()
    }
}

impl From<LinkArgs> for Change {
    fn from(LinkArgs { groups, to, move_if_elsewhere, verb }: LinkArgs) -> Self {
        Self { verb: Verb::Link, groups, to, move_if_elsewhere, from: None, leaves: None, args: verb }
    }
}

impl From<UnlinkArgs> for Change {
    fn from(UnlinkArgs { groups, from, verb }: UnlinkArgs) -> Self {
        let to = TargetArgs::default();
        Self { verb: Verb::Unlink, groups, to, move_if_elsewhere: false, from, leaves: None, args: verb }
    }
}

impl From<MoveArgs> for Change {
    fn from(MoveArgs { groups, to, from, verb }: MoveArgs) -> Self {
        Self { verb: Verb::Move, groups, to, move_if_elsewhere: false, from, leaves: None, args: verb }
    }
}

impl From<LeaveArgs> for Change {
    fn from(LeaveArgs { groups, community, verb }: LeaveArgs) -> Self {
        let (to, leaves) = (TargetArgs::default(), community);
        Self { verb: Verb::Leave, groups, to, move_if_elsewhere: false, from: None, leaves, args: verb }
    }
}

/// Plans, confirms and runs; returns the exit code.
pub async fn change(session: &Session, change: Change, mut interrupts: Interrupts) -> Result<u8, Fault> {
    let mut how = change.args.confirm.clone();
    // Writing a plan to a file sends as little as showing it.
    how.dry_run |= change.args.plan.is_some();
    let leaves_community = change.leaves.is_some();
    let takes_stdin = !leaves_community && change.groups.takes_stdin();
    confirm::check(session, &how, change.verb, takes_stdin)?;
    if change.to.to.len() > 1 && !change.to.spill {
        return Err(Fault::new(FaultCode::Usage, session.text.say("cli-several-targets")));
    }
    let instance = session.instance()?;
    let capabilities = &instance.capabilities;
    let impossible = match change.verb {
        Verb::Link if !capabilities.links => Some("no-call-to-link"),
        Verb::Unlink if !capabilities.unlinks => Some("no-call-to-unlink"),
        Verb::Move if !(capabilities.links && capabilities.unlinks) => Some("no-call-to-move"),
        _ => None,
    };
    if let Some(key) = impossible {
        let words = session.text.with(key, &[("gateway", instance.kind.label().into())]);
        return Err(Fault::new(FaultCode::Usage, words));
    }
    if !how.dry_run {
        lock::free(session, instance, &mut interrupts).await?;
    }
    let asked = async {
        let names = if leaves_community { Vec::new() } else { change.groups.gather(&session.text).await? };
        let mut survey = Survey::recall(session, instance, how.dry_run).await?;
        let asked = request(&mut survey, &change, &names).await?;
        Ok::<_, Fault>((survey, asked))
    };
    let asked = Box::pin(telling(&session.text, session.clock, instance, asked));
    let (survey, (request, named, edits)) = interrupts.end(asked).await?;
    if request.wishes.is_empty() {
        out::note(&session.text.say("cli-empty-list"));
    }
    let asked = Asked {
        request,
        named,
        edits,
        include_risky: change.args.include_risky,
        how,
        file: change.args.plan.as_deref(),
    };
    carry_out(survey, asked, interrupts).await
}

/// Resolves the names: among the remembered data if all are ids, otherwise in the list of groups too, and if that is not
/// enough, in everything that can be read.
async fn request(
    survey: &mut Survey<'_>,
    change: &Change,
    names: &[Named],
) -> Result<(Request, NamedCommunities, Edits), Fault> {
    let is_link = |name: &str| matches!(invited(name), Some(Invited::Link(_)));
    let is_settled = |name: &Named| {
        let readings = name.readings();
        readings.iter().any(|reading| is_surely_id(reading.trim()) || is_link(reading))
    };
    let communities = change.to.to.iter().chain(&change.from).chain(&change.leaves);
    let excluded: Vec<Named> = change.args.exclude.iter().map(|name| Named::argument(name)).collect();
    if !names.iter().chain(&excluded).all(is_settled)
        || !communities.clone().all(|community| is_surely_id(community.trim()))
    {
        survey.overview().await?;
    }
    let names = invites::follow(survey, names).await?;
    let excluded = invites::follow(survey, &excluded).await?;
    let leaves = change.verb == Verb::Leave;
    match find(survey, change, &names, &excluded, &[]) {
        Err(fault) if fault.is_usage() && (leaves || !survey.is_whole()) => {
            survey.overview().await?;
            survey.whole().await?;
            let left =
                if leaves { earlier::left(survey.session, survey.instance).await? } else { Vec::new() };
            find(survey, change, &names, &excluded, &left)
        }
        found => found,
    }
}

/// The request, and the communities that it names.
fn find(
    survey: &mut Survey<'_>,
    change: &Change,
    names: &[Given],
    excluded: &[Given],
    left: &[Item],
) -> Result<(Request, NamedCommunities, Edits), Fault> {
    let (session, instance) = (survey.session, survey.instance);
    let text = &session.text;
    // If only part of the names is known, the beginning of one name may match while the full name is elsewhere.
    // A group that was left does not come back, so it must be named in full.
    let is_enough = survey.is_whole() && change.verb != Verb::Leave;
    let accept = if is_enough { Accept::Beginning } else { Accept::Whole };
    let directory = &mut survey.directory;
    let mut find = |given: &String| -> Result<CommunityId, Fault> {
        let found = target::community(text, instance, directory, given, accept).or_else(|fault| {
            let found = target::left_community(left, given).ok_or(fault)?;
            directory.learn(found.clone(), KnownFrom::Memory);
            Ok(found)
        });
        found.map(|found| found.id)
    };
    let mut to = change.to.to.iter().map(&mut find).collect::<Result<Vec<_>, _>>()?;
    let from = change.from.as_ref().map(&mut find).transpose()?;
    let leaves = change.leaves.as_ref().map(&mut find).transpose()?;
    let marks = target::groups(text, directory, names, from.as_ref(), left, accept);
    let marks = marks.map_err(|fault| groups::first_of(text, fault))?;
    let key = instance.key.clone();
    let communities = NamedCommunities {
        all: to.iter().chain(&from).chain(&leaves).cloned().collect(),
        moved_from: from.filter(|_| change.verb == Verb::Move),
    };
    let excluded = target::groups(text, directory, excluded, None, left, accept);
    let excluded = excluded.map_err(|fault| groups::first_of(text, fault))?;
    let mut edits = Edits {
        excluded: excluded.into_iter().map(|mark| mark.group).collect(),
        moves_if_elsewhere: change.move_if_elsewhere,
        spill: to.split_off(to.len().min(1)),
    };
    let task = match (change.verb, to.pop(), leaves) {
        (_, _, Some(community)) => {
            edits.excluded.clear();
            return Ok((Request::leave_community(key, community), communities, edits));
        }
        (Verb::Link, Some(target), _) => Task::Link(target),
        (Verb::Move, Some(target), _) => Task::Move(target),
        (Verb::Link | Verb::Move, None, _) => {
            return Err(Fault::new(FaultCode::Usage, text.say("obstacle-no-target")));
        }
        (Verb::Unlink, ..) => Task::Unlink,
        (Verb::Leave, ..) => Task::Leave,
        (Verb::Rejoin, ..) => Task::Rejoin,
    };
    Ok((Request::new(key, &task, marks), communities, edits))
}

/// The communities that the operator named.
#[derive(Default)]
pub(super) struct NamedCommunities {
    all: Vec<CommunityId>,
    /// The community that the groups to move are said to be in.
    moved_from: Option<CommunityId>,
}

impl NamedCommunities {
    /// Fails if one of them does not exist, or if the plan takes a group from another one than was said.
    fn check(&self, survey: &Survey<'_>, made: &MadePlan) -> Result<(), Fault> {
        let is_needed = made.plan.rows.iter().any(|row| row.head != Head::AlreadySo);
        for community in self.all.iter().filter(|_| is_needed) {
            if let Some(Err(failure)) = made.readings.communities.get(community)
                && let Some(fault) =
                    target::missing(&survey.session.text, &survey.directory, community, failure)
            {
                return Err(fault);
            }
        }
        match &self.moved_from {
            Some(from) if made.plan.obstacle.is_none() => stand_in(survey, &made.plan, from),
            _ => Ok(()),
        }
    }
}

/// A move takes a group from wherever it is. If the operator names a source, every group that the plan sends must be taken from
/// that community.
fn stand_in(survey: &Survey<'_>, plan: &Plan, from: &CommunityId) -> Result<(), Fault> {
    let text = &survey.session.text;
    let is_elsewhere = |row: &&Row| match row.steps.first() {
        Some(Step::Unlink(source)) => !source.same_as(from),
        Some(Step::Link(_)) => row.head != Head::Blocked,
        _ => false,
    };
    let elsewhere: Vec<String> = plan
        .rows
        .iter()
        .filter(is_elsewhere)
        .map(|row| format!("\n  {}  {}", row.group, text.name_or_tail(Some(&row.name), &row.group)))
        .collect();
    if elsewhere.is_empty() {
        return Ok(());
    }
    let name = survey.directory.community(from).and_then(|community| community.name.as_ref());
    let community = text.name_or_tail(name, from);
    let words = text.with("cli-not-in-source", &[("community", community.into())]);
    Err(Fault::new(FaultCode::Usage, words + &elsewhere.concat()))
}

/// A request, and how its plan is confirmed and reported.
pub(super) struct Asked<'a> {
    pub(super) request: Request,
    /// The communities that the operator named for it.
    pub(super) named: NamedCommunities,
    pub(super) edits: Edits,
    pub(super) include_risky: bool,
    pub(super) how: ConfirmArgs,
    /// The file to write the plan to instead of running it.
    pub(super) file: Option<&'a Path>,
}

/// Plans a request, shows the plan, has it confirmed, and runs it.
pub(super) async fn carry_out(
    mut survey: Survey<'_>,
    asked: Asked<'_>,
    mut interrupts: Interrupts,
) -> Result<u8, Fault> {
    let Asked { request, named, edits, include_risky, how, file } = asked;
    let (session, instance) = (survey.session, survey.instance);
    let made = Box::pin(planning::make_edited(&mut survey, request, include_risky, &edits));
    let made = interrupts.end(telling(&session.text, session.clock, instance, made)).await?;
    named.check(&survey, &made)?;
    let mut reporter = Reporter::new(session, how.json, how.yes || file.is_some());
    // If the plan goes to standard output, nothing else is written there.
    let is_output = file.is_some_and(|file| file == Path::new("-"));
    if !is_output {
        sending::show(&survey, &made.plan, &mut reporter);
    }
    if let Some(obstacle) = &made.plan.obstacle {
        return Err(Fault::obstacle(&session.text, obstacle));
    }
    if let Some(file) = file {
        interrupts.end(sending::write_plan(instance, &made, file, &mut reporter)).await?;
    }
    if how.dry_run {
        return reporter.out.finish(exit::of_shown(&made.plan));
    }
    sending::confirm_and_run(vec![Shown { survey, made, reporter }], &how, interrupts).await
}
