//! Reading what a plan needs afresh, and making the plan from it: the same two calls as the screen's.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use super::{Instance, Session, report::Progress};
use crate::{
    domain::{
        directory::Directory,
        id::{GroupId, OperationId},
        plan::{Basis, Head, Plan, Request},
        reading::Readings,
    },
    listing,
};

/// A plan and what it was made from.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) plan: Plan,
    pub(super) readings: Readings,
}

/// Reads what a request needs, and makes its plan; risky rows are ticked when all of them are to be sent.
pub(super) async fn make(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
    request: Request,
    include_risky: bool,
) -> Made {
    let scopes = Plan::scopes(&request, directory, &instance.capabilities);
    let mut progress = Progress::new();
    let told = |read: listing::Progress| {
        let args = [("done", read.done.into()), ("total", read.total.into())];
        progress.show(&session.text.with("planning-reading", &args));
    };
    let now = session.now();
    let readings = listing::read(&instance.gateway, &now, scopes, &CancellationToken::new(), told).await;
    progress.clear();
    let basis = Basis {
        readings: &readings,
        directory,
        capabilities: &instance.capabilities,
        subgroup_limit: instance.settings.subgroup_limit,
        busy: &busy(),
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
    Made { plan, readings }
}

/// Groups in operations that run or wait. This process has none when it plans; what another one runs is told by
/// whoever holds the instance's lock, and an interrupted operation sends nothing any more.
fn busy() -> BTreeMap<GroupId, OperationId> {
    BTreeMap::new()
}
