//! Which roles are read in the background: those of the rows on the screen that no reading says, one at a time, and only while
//! nothing else needs the requests.

use std::{collections::HashSet, time::Duration};

use super::effect::Ticket;
use crate::domain::{community::Role, failure::Failure, id::GroupId, time::Millis};

/// After this many answers in a row that give no role, the gateway is not asked again until everything is refreshed.
const MOST_IN_VAIN: usize = 5;

/// How many roles to read before they are stored.
const AT_ONCE: usize = 16;

/// The background reading of an instance's roles.
#[derive(Clone, Debug, Default)]
pub struct RoleReading {
    /// The read that is running.
    running: Option<(Ticket, GroupId)>,
    /// The groups whose details gave no role.
    in_vain: HashSet<GroupId>,
    /// How many answers in a row gave no role.
    vain: usize,
    /// Roles that are not stored yet, and since when.
    unstored: usize,
    since: Option<Millis>,
}

impl RoleReading {
    /// Asks everything again.
    pub fn reset(&mut self) {
        (self.vain, self.in_vain) = (0, HashSet::new());
    }

    /// Whether this read is running.
    pub fn waits_for(&self, ticket: Ticket) -> bool {
        self.running.as_ref().is_some_and(|(running, _)| *running == ticket)
    }

    /// Whether asking about a group is worth a request.
    pub(super) fn may_ask(&self, group: &GroupId) -> bool {
        self.vain < MOST_IN_VAIN && !self.in_vain.contains(group)
    }

    /// Whether any read is running.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn begin(&mut self, ticket: Ticket, group: GroupId) {
        self.running = Some((ticket, group));
    }

    /// Ends the running read before its answer.
    pub(super) fn stop(&mut self) -> Option<Ticket> {
        self.running.take().map(|(ticket, _)| ticket)
    }

    /// Records the answer of the running read: whether it gave a role.
    pub(super) fn take(&mut self, role: Result<Role, &Failure>, begun: Millis) {
        let Some((_, group)) = self.running.take() else { return };
        match role {
            Ok(Role::Unknown) | Err(_) => {
                self.in_vain.insert(group);
                self.vain += 1;
                if role.is_err_and(Failure::stops_everything) {
                    self.vain = MOST_IN_VAIN;
                }
            }
            Ok(Role::Member | Role::Admin) => {
                self.vain = 0;
                self.unstored += 1;
                self.since.get_or_insert(begun);
            }
        }
    }

    /// The start of the roles to store now: enough were read, or no more will be.
    pub(super) fn take_unstored(&mut self, is_last: bool) -> Option<Millis> {
        if self.unstored >= AT_ONCE || is_last && self.unstored > 0 {
            self.unstored = 0;
            return self.since.take();
        }
        None
    }
}

/// How long to wait before each request: somebody who scrolls causes none.
pub const ROLE_PACE: Duration = Duration::from_millis(300);
