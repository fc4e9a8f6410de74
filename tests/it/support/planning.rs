//! A plan as the screen and the command line make it: the real reader reads its data fresh.

use std::collections::BTreeMap;

use synod::{
    clock::Clock,
    domain::{
        directory::Directory,
        plan::{Basis, Needs, Plan, Request},
        reading::Readings,
    },
    gateway::Gateway,
    listing,
};
use tokio_util::sync::CancellationToken;

/// The plan of a request, from fresh readings and a directory.
pub(crate) async fn planned(
    gateway: &Gateway,
    clock: Clock,
    directory: &Directory,
    request: Request,
    subgroup_limit: usize,
) -> Plan {
    let capabilities = gateway.capabilities();
    let needs = Needs::new(&request, directory, &capabilities, clock.now());
    let more = |readings: &Readings| needs.more(readings);
    let never = CancellationToken::new();
    let readings = listing::read(gateway.reads.as_ref(), clock, needs.first(), more, &never, |_| ()).await;
    let basis = Basis {
        readings: &readings,
        directory,
        capabilities: &capabilities,
        subgroup_limit,
        busy: &BTreeMap::new(),
        skipped: false,
        now: clock.now(),
    };
    Plan::make(request, basis)
}
