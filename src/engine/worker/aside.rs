//! What a worker reads before it sends: the check of a plan that waited for its turn, and the invite links that are kept
//! before a leave and used to join again. Reads go beside what is in flight; the links themselves are shown to nobody.

use std::sync::Arc;

use super::{Flight, Lost, Worker};
use crate::{
    domain::{
        event::{Event, ItemReason, StopReason},
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        invite::InviteLink,
        outcome::Outcome,
        plan::{Reason, Step, recheck},
        reading::{Readings, Scope},
    },
    engine::{
        Happening,
        attempt::guarded,
        draft::Draft,
        run::{Run, Stage},
    },
    gateway::Gateway,
};

/// What was read aside.
pub(super) enum Aside {
    /// All that the check of an operation needs.
    Checked(Box<Readings>),
    /// The invite link of an item's group.
    Link(usize, Result<Option<InviteLink>, Failure>),
}

impl Worker {
    /// Begins to read what is still to be sent against.
    pub(super) fn check(&mut self, run: &mut Run, flight: &mut Flight) {
        run.stage = Stage::Checking;
        let scopes = recheck::scopes(&run.operation, &run.capabilities);
        let (gateway, begun) = (Arc::clone(&self.gateway), self.clock.now());
        flight.aside.spawn(async move {
            let mut readings = Readings { begun, ..Readings::default() };
            for scope in scopes {
                read(&gateway, scope, &mut readings).await;
                // What would meet everything else too, or asks for fewer requests, is not followed by more.
                if failures(&readings).any(|failure| failure.stops_everything() || asks_to_wait(failure)) {
                    break;
                }
            }
            Aside::Checked(Box::new(readings))
        });
    }

    /// Fetches what an item needs before it is sent.
    pub(super) async fn prepare(
        &mut self,
        run: &mut Run,
        flight: &mut Flight,
        at: usize,
    ) -> Result<(), Lost> {
        let item = &run.operation.items[at];
        let group = item.group.clone();
        if item.current_step() == Some(&Step::Join) {
            return self.look_link_up(run, at, &group).await;
        }
        run.preparing = Some(at);
        let gateway = Arc::clone(&self.gateway);
        flight.aside.spawn(async move {
            let link = guarded(async move { gateway.invite_link(&group).await }).await;
            Aside::Link(at, link.and_then(|link| link))
        });
        Ok(())
    }

    async fn look_link_up(&mut self, run: &mut Run, at: usize, group: &GroupId) -> Result<(), Lost> {
        let kept = self.journal.kept_link(&self.instance, group).await;
        match kept.map_err(|error| Lost { events: Vec::new(), error })? {
            Some(link) => {
                run.books[at].is_prepared = true;
                run.link = Some((at, link));
                Ok(())
            }
            None => {
                let reason = Some(ItemReason::Plan(Reason::NoInviteLink));
                let event = Event::ItemFinished { item: at, outcome: Outcome::Blocked, reason };
                let draft = Draft::of(&run.operation, self.clock.now(), event);
                self.commit(run, draft).await
            }
        }
    }

    pub(super) async fn take_aside(&mut self, run: &mut Run, aside: Option<Aside>) -> Result<(), Lost> {
        match aside {
            Some(Aside::Checked(readings)) => self.checked(run, &readings).await,
            Some(Aside::Link(at, link)) => self.keep_link(run, at, link).await,
            // It broke down: nothing was learned, and it is tried again.
            None => {
                run.preparing = None;
                if run.stage == Stage::Checking {
                    run.stage = Stage::Unchecked;
                }
                Ok(())
            }
        }
    }

    /// Keeps the link of a group that is about to be left. A group without one, or whose link could not be read, is
    /// left all the same: the plan said so.
    async fn keep_link(
        &mut self,
        run: &mut Run,
        at: usize,
        link: Result<Option<InviteLink>, Failure>,
    ) -> Result<(), Lost> {
        run.preparing = None;
        let moment = self.moment();
        match link {
            Ok(Some(link)) => {
                let group = run.operation.items[at].group.clone();
                let kept = self.journal.keep_link(&self.instance, &group, &link).await;
                kept.map_err(|error| Lost { events: Vec::new(), error })?;
            }
            Err(failure) if failure.stops_everything() => {
                return self.commit(run, run.stop(&StopReason::Failure(failure), moment.now)).await;
            }
            Err(failure) if asks_to_wait(&failure) => {
                if !self.gate.asked_to_wait(&failure, &self.settings, moment) {
                    return self.commit(run, run.stop(&StopReason::Failure(failure), moment.now)).await;
                }
                return Ok(());
            }
            Ok(None) | Err(_) => {}
        }
        run.books[at].is_prepared = true;
        Ok(())
    }

    /// Finishes what fresh listings show as done or as blocked.
    async fn checked(&mut self, run: &mut Run, readings: &Readings) -> Result<(), Lost> {
        let moment = self.moment();
        self.show_readings(readings);
        let not_connected = match &readings.connection {
            Some(Ok(connection)) if !connection.is_connected() => {
                Some(Failure::new(FailureKind::NotConnected))
            }
            _ => None,
        };
        let stops = failures(readings).find(|failure| failure.stops_everything()).cloned();
        if let Some(failure) = not_connected.or(stops) {
            return self.commit(run, run.stop(&StopReason::Failure(failure), moment.now)).await;
        }
        if let Some(failure) = failures(readings).find(|failure| asks_to_wait(failure)).cloned() {
            run.stage = Stage::Unchecked;
            if !self.gate.asked_to_wait(&failure, &self.settings, moment) {
                return self.commit(run, run.stop(&StopReason::Failure(failure), moment.now)).await;
            }
            return Ok(());
        }
        run.stage = Stage::Checked;
        let limit = self.settings.subgroup_limit;
        let mut draft = Draft::new(&run.operation, moment.now);
        for change in recheck::judge(&run.operation, readings, &run.capabilities, limit, moment.now) {
            let recheck::Change { item, outcome, reason } = change;
            draft.push(&run.operation, Event::ItemFinished { item, outcome, reason });
        }
        self.commit(run, draft).await
    }

    fn show_readings(&self, readings: &Readings) {
        for listing in readings.communities.values().flatten() {
            let (instance, listing) = (self.instance.clone(), Arc::clone(listing));
            self.publish(Happening::Listing { instance, listing });
        }
        if let Some(list) = readings.group_list() {
            let (instance, list) = (self.instance.clone(), Arc::clone(list));
            self.publish(Happening::Groups { instance, list });
        }
    }
}

fn asks_to_wait(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::RateLimited { .. } | FailureKind::Throttled { .. })
}

fn failures(readings: &Readings) -> impl Iterator<Item = &Failure> {
    let connection = readings.connection.as_ref().and_then(|read| read.as_ref().err());
    let groups = readings.groups.as_ref().and_then(|read| read.as_ref().err());
    let communities = readings.communities.values().filter_map(|read| read.as_ref().err());
    let details = readings.details.values().filter_map(|read| read.as_ref().err());
    connection.into_iter().chain(groups).chain(communities).chain(details)
}

async fn read(gateway: &Arc<dyn Gateway>, scope: Scope, readings: &mut Readings) {
    let gateway = Arc::clone(gateway);
    match scope {
        Scope::Connection => {
            let read = guarded(async move { gateway.connection().await }).await;
            readings.connection = Some(read.and_then(|read| read));
        }
        Scope::Groups => {
            let read = guarded(async move { gateway.groups().await }).await;
            readings.groups = Some(read.and_then(|read| read).map(Arc::new));
        }
        Scope::Community(community) => {
            let asked: CommunityId = community.clone();
            let read = guarded(async move { gateway.listing(&asked).await }).await;
            readings.communities.insert(community, read.and_then(|read| read).map(Arc::new));
        }
        Scope::Details(group) => {
            let asked = group.clone();
            let read = guarded(async move { gateway.details(&asked).await }).await;
            readings.details.insert(group, read.and_then(|read| read));
        }
        // No check asks for them.
        Scope::Communities | Scope::Probe(_) => {}
    }
}
