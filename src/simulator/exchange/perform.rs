//! Applies a request to the world: group by group, with the server's pause before each, and with the faults that strike single
//! groups.

use std::time::Duration;
use tokio::time::sleep;

use super::super::Inner;
use super::super::description::{GatewayKind, Then};
use super::super::state::{Moment, Refusal, Rules, WorldPlace};
use super::{Ask, Done, Exchange, Membership, Target};

/// `Ok(false)` claims success without a change.
type Verdict = Result<bool, Refusal>;

impl Exchange<'_> {
    /// Applies the request to the world, group by group.
    pub(super) async fn perform(&self) -> Done {
        let done = match &self.asked.ask {
            Ask::Link | Ask::Unlink => Done::Items(self.link_all().await),
            Ask::Create { name } => self.create(name).await,
            ask if ask.verb().is_write() => self.perform_one(),
            _ => Done::Read,
        };
        if done.changed() {
            self.mark_changed();
        }
        done
    }

    fn mark_changed(&self) {
        if let Some(logged) = self.simulator.lock().log.get_mut(self.entry) {
            logged.changed = true;
        }
    }

    async fn create(&self, name: &str) -> Done {
        let now = self.simulator.now();
        let (is_community, id) = {
            let mut inner = self.simulator.lock();
            let number = self.asked.number();
            // Only `RyzeAPI` makes an ordinary group instead.
            let falls_back = inner.state.numbers[number].gateway == GatewayKind::Ryzeapi;
            let is_community = !(falls_back && inner.description.ryzeapi.create_refused);
            (is_community, inner.state.create(number, name, is_community, now))
        };
        let community = Target { given: id.clone(), id: id.clone(), by_code: false };
        if is_community {
            self.each(&community, true).await;
        }
        Done::Created { is_community, id }
    }

    async fn link_all(&self) -> Vec<(Target, Verdict)> {
        match &self.asked.community {
            Some(community) => self.each(community, self.asked.ask == Ask::Link).await,
            None => Vec::new(),
        }
    }

    async fn each(&self, community: &Target, is_link: bool) -> Vec<(Target, Verdict)> {
        let mut items = Vec::with_capacity(self.asked.groups.len());
        for group in &self.asked.groups {
            let delay = self.dialect.link_delay(&self.simulator.lock());
            sleep(Duration::from_millis(delay.into())).await;
            let now = self.simulator.now();
            let mut inner = self.simulator.lock();
            let verdict = self.struck(&mut inner, group).unwrap_or_else(|| {
                let number = self.asked.number();
                let rules = Rules { last_subgroup: self.dialect.last_subgroup(&inner) };
                if is_link {
                    inner.state.link(number, &community.id, &group.id, now)
                } else {
                    inner.state.unlink(number, &community.id, &group.id, rules, now)
                }
            });
            drop(inner);
            if verdict == Ok(true) {
                // Immediately, because a test may look while other groups are still pending.
                self.mark_changed();
            }
            items.push((group.clone(), verdict));
        }
        items
    }

    /// The verdict of a fault on one group.
    fn struck(&self, inner: &mut Inner, group: &Target) -> Option<Verdict> {
        let hit = inner.faults.strike_group(&self.facts(&[group.id.as_str()]), &group.id)?;
        Some(match hit.then {
            Then::Lie => Ok(false),
            _ => Err(Refusal::Fault { text: hit.text, status: hit.status }),
        })
    }

    /// The writes that name one group or none.
    fn perform_one(&self) -> Done {
        let now = self.simulator.now();
        let mut guard = self.simulator.lock();
        let inner = &mut *guard;
        let number = self.asked.number();
        let Some(target) = self.asked.groups.first() else {
            return connect(inner, number, &self.asked.ask, now);
        };
        let struck = self.struck(inner, target);
        match self.asked.ask {
            Ask::Join => Done::Joined(join(inner, number, target, struck, now)),
            Ask::ResetLink => Done::Code(reset(inner, number, target, struck)),
            _ => {
                let verdict = struck.unwrap_or_else(|| inner.state.leave(number, &target.id, now));
                Done::Items(vec![(target.clone(), verdict)])
            }
        }
    }
}

/// Restores the session, or gives a code: the code that a phone uses connects the number after a while.
fn connect(inner: &mut Inner, number: usize, ask: &Ask, now: i64) -> Done {
    let seconds = match inner.state.numbers[number].gateway {
        GatewayKind::Ryzeapi => inner.description.ryzeapi.pairs_after_seconds,
        GatewayKind::Zapi => inner.description.zapi.pairs_after_seconds,
        kind => inner.description.own(kind).pairs_after_seconds,
    };
    let after = i64::from(seconds) * 1000;
    let (count, is_taken_up, until_scanned) = if *ask == Ask::Reconnect {
        (0, true, 0)
    } else {
        let (count, is_taken_up) = inner.state.give_code(number);
        // The person with the phone needs a while too.
        (count, is_taken_up, after / 2)
    };
    if is_taken_up {
        inner.state.connect(number, now, now + until_scanned, now + after);
    }
    Done::Connecting(count)
}

fn join(
    inner: &mut Inner,
    number: usize,
    target: &Target,
    struck: Option<Verdict>,
    now: i64,
) -> Result<Membership, Refusal> {
    let Some(WorldPlace::Group(group)) = inner.state.place(&target.id) else {
        return Err(Refusal::Unknown);
    };
    let is_in = inner.state.role(number, group, Moment::Now).is_in();
    let changed = struck.unwrap_or_else(|| inner.state.join(number, group, now))?;
    let waits_for_approval = inner.state.groups[group].approval && !is_in;
    Ok(Membership { group: target.id.clone(), waits_for_approval, changed })
}

fn reset(
    inner: &mut Inner,
    number: usize,
    target: &Target,
    struck: Option<Verdict>,
) -> Result<String, Refusal> {
    let Some(WorldPlace::Group(group)) = inner.state.place(&target.id) else {
        return Err(Refusal::Unknown);
    };
    let role = inner.state.role(number, group, Moment::Now);
    match struck {
        _ if !role.is_in() => Err(Refusal::NotAMember),
        _ if !role.is_admin() => Err(Refusal::NotGroupAdmin),
        Some(Err(refusal)) => Err(refusal),
        Some(Ok(_)) => Ok(inner.state.groups[group].code.to_string()),
        None => Ok(inner.state.reset_code(group)),
    }
}
