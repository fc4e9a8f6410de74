//! Reads afresh what a plan needs and makes the plan, with the same two calls as the screen. It owns the decision when the
//! remembered data is not enough to locate a group.

use std::collections::{BTreeMap, HashSet};

use tokio_util::sync::CancellationToken;

use super::{Fault, Instance, Session, report::ProgressLine, survey::Survey};
use crate::{
    domain::{
        directory::Directory,
        failure::{Failure, FailureKind},
        history::{HistorySubject, Past},
        id::{CommunityId, GroupId, OperationId},
        outcome::Outcome,
        plan::{Basis, Head, Needs, Origin, Plan, Reason, Request, Step, Verb, Wish},
        reading::Readings,
    },
    engine::Engine,
    listing,
};

/// How many of the newest operations that name a group are searched for the one that left it.
const EARLIER: usize = 20;

/// A plan and the data that it was made from.
#[derive(Debug)]
pub(super) struct MadePlan {
    pub(super) plan: Plan,
    pub(super) readings: Readings,
}

/// Reads the data for a request and makes its plan; risky rows are ticked if all of them are to be sent. If it is unknown which
/// community a group is in, it reads every community's listing first: a group in another community cannot be linked, nor can
/// an announcement group, and only their listings show this.
pub(super) async fn make(
    survey: &mut Survey<'_>,
    request: &Request,
    include_risky: bool,
) -> Result<MadePlan, Fault> {
    if request.wishes.iter().any(|wish| is_unplaced(wish, &survey.directory)) {
        survey.overview().await?;
    }
    if request.wishes.iter().any(|wish| is_unplaced(wish, &survey.directory)) {
        survey.whole().await?;
    }
    let (session, instance) = (survey.session, survey.instance);
    let mut made = make_from(session, instance, &survey.directory, request.clone(), include_risky).await?;
    survey.take(&mut made.readings);
    if !survey.is_whole() && made.plan.obstacle.is_none() && has_moved_on(&made.plan, &survey.directory) {
        survey.whole().await?;
        made = make_from(session, instance, &survey.directory, request.clone(), include_risky).await?;
        survey.take(&mut made.readings);
    }
    survey.remember().await?;
    Ok(made)
}

/// How the operator edits a plan on the command line.
#[derive(Default)]
pub(super) struct Edits {
    /// The groups to leave out.
    pub(super) excluded: HashSet<GroupId>,
    /// Groups that are in another community are moved.
    pub(super) moves_if_elsewhere: bool,
    /// Where the groups go for which there is no room, in order of preference.
    pub(super) spill: Vec<CommunityId>,
}

/// Makes a plan and edits it.
pub(super) async fn make_edited(
    survey: &mut Survey<'_>,
    mut request: Request,
    include_risky: bool,
    edits: &Edits,
) -> Result<MadePlan, Fault> {
    let mut made = Box::pin(make(survey, &request, include_risky)).await?;
    let elsewhere = made.plan.groups_of(|row| edits.moves_if_elsewhere && row.is_elsewhere());
    if !elsewhere.is_empty() {
        request.set_origin(&elsewhere, &Origin::Anywhere);
        made = Box::pin(make(survey, &request, include_risky)).await?;
    }
    made.plan.exclude(&edits.excluded);
    for target in &edits.spill {
        let surplus = made.plan.groups_of(|row| row.is_surplus() && row.link_target().is_some());
        if surplus.is_empty() {
            break;
        }
        request.retarget(&surplus, target);
        made = Box::pin(make(survey, &request, include_risky)).await?;
        made.plan.exclude(&edits.excluded);
    }
    Ok(made)
}

/// Whether a wish depends on the group's community, and the community is unknown.
fn is_unplaced(wish: &Wish, directory: &Directory) -> bool {
    wish.is_about_place()
        && match wish.from {
            Origin::Nowhere => Plan::seeks(&wish.group, directory),
            Origin::Only(_) => false,
            Origin::Anywhere => Plan::is_unplaced(&wish.group, directory),
        }
}

/// Whether a group turned out not to be at its remembered place, so that it may be anywhere.
fn has_moved_on(plan: &Plan, directory: &Directory) -> bool {
    let wishes = plan.request.wishes_by_group();
    plan.rows.iter().any(|row| {
        let has_place = row.steps.iter().any(|step| matches!(step, Step::Unlink(_)));
        let is_blocked = row.head == Head::Blocked && row.reasons.first() != Some(&Reason::PlaceUnknown);
        let is_settled = row.reasons.first() == Some(&Reason::AlreadyIn) || is_blocked;
        let is_anywhere = |wish: &Wish| {
            (wish.moves() && Plan::is_unplaced(&wish.group, directory)) || is_unplaced(wish, directory)
        };
        !has_place && !is_settled && wishes.get(&row.group).copied().is_some_and(is_anywhere)
    })
}

/// The plan of a request from a directory, with everything that it needs read afresh.
pub(super) async fn make_from(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
    mut request: Request,
    include_risky: bool,
) -> Result<MadePlan, Fault> {
    let needs = Needs::new(&request, directory, &instance.capabilities, session.clock.now());
    let mut progress = ProgressLine::new();
    let tell = |read: listing::ReadProgress| {
        let args = [("done", read.done.into()), ("total", read.total.into())];
        progress.show(&session.text.with("planning-reading", &args));
    };
    // The engine checks the plan again if anything is recorded after this.
    let journal = session.store.position(&instance.key).await;
    let journal = Some(journal.map_err(|error| Fault::state(&session.text, &error))?);
    let more = |readings: &Readings| needs.more(readings);
    let skip = CancellationToken::new();
    let readings = Box::pin(listing::read(
        instance.gateway.reads.as_ref(),
        session.clock,
        needs.first(),
        more,
        &skip,
        tell,
    ))
    .await;
    let mut readings = Readings { journal, ..readings };
    directory.clone().take_readings(&mut readings);
    progress.clear();
    remember_departures(session, instance, &mut request, &readings).await?;
    let basis = Basis {
        readings: &readings,
        directory,
        capabilities: &instance.capabilities,
        subgroup_limit: instance.settings.subgroup_limit,
        busy: &busy(session, instance).await?,
        skipped: false,
        now: session.clock.now(),
    };
    let mut plan = Plan::make(request, basis);
    if include_risky {
        let risky: Vec<usize> =
            plan.under(Head::Risky).filter(|(_, row)| !row.ticked).map(|(at, _)| at).collect();
        for at in risky {
            plan.toggle(at);
        }
    }
    let (rows, sent) = (plan.rows.len(), plan.rows.iter().filter(|row| row.is_sent()).count());
    tracing::debug!(instance = %instance.key, rows, sent, "plan made: {:?}", plan.request.verb);
    Ok(MadePlan { plan, readings })
}

/// Marks the groups and communities that the gateway no longer knows, or in which it says that the number is not, and that an
/// earlier operation left.
async fn remember_departures(
    session: &Session,
    instance: &Instance,
    request: &mut Request,
    readings: &Readings,
) -> Result<(), Fault> {
    let is_missing = |wish: &&mut Wish| {
        let is_gone =
            |failure: &Failure| matches!(failure.kind, FailureKind::NotFound | FailureKind::NotMember);
        readings.details.get(&wish.group).is_some_and(|read| read.as_ref().is_err_and(is_gone))
    };
    let leaves = request.verb == Verb::Leave;
    for wish in request.wishes.iter_mut().filter(|_| leaves).filter(is_missing) {
        let subject = HistorySubject::Group(wish.group.clone());
        let history = session.store.history(&instance.key, &subject, EARLIER).await;
        let history = history.map_err(|error| Fault::state(&session.text, &error))?;
        let has_left = |past: &Past| {
            let outcome = past.item.as_ref().and_then(|item| item.outcome);
            past.verb == Verb::Leave && outcome == Some(Outcome::Verified)
        };
        if history.iter().any(has_left) {
            wish.earlier.get_or_insert_default().left = true;
        }
    }
    Ok(())
}

/// The groups that a running operation of another process holds. An interrupted operation holds none: it sends no more.
async fn busy(session: &Session, instance: &Instance) -> Result<BTreeMap<GroupId, OperationId>, Fault> {
    let (engine, _told) = Engine::sharing(session.store.clone(), session.clock, session.locks.clone());
    engine.add_instance(instance.key.clone(), instance.gateway.clone(), instance.settings.clone());
    let elsewhere = engine.elsewhere(&instance.key).await;
    let elsewhere = elsewhere.map_err(|error| Fault::state(&session.text, &error))?;
    let live = elsewhere.iter().filter(|operation| operation.is_live());
    let open = live.flat_map(|operation| {
        let open = operation.items.iter().filter(|item| item.outcome.is_none());
        open.map(|item| (item.group.clone(), operation.id))
    });
    Ok(open.collect())
}
