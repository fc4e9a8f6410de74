//! The possible changes of the world, and the reasons to refuse them. It owns `WhatsApp`'s rules; each gateway reports a
//! refusal in its own way.

use std::{fmt, sync::Arc};

use super::super::description::{LastSubgroup, Role};
use super::{Moment, Rules, Seats, State, WorldPlace};

/// The time of a change, and the time from which lists show it.
#[derive(Clone, Copy)]
struct Times {
    now: i64,
    visible_at: i64,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unknown,
    NotACommunity,
    IsACommunity,
    IsAnnouncements,
    NotCommunityAdmin,
    NotGroupAdmin,
    InAnotherCommunity,
    AlreadyHere,
    NotHere,
    OverLimit,
    LastSubgroup,
    NotAMember,
    /// A fault of the world file, with its words and status if given.
    Fault {
        text: Option<String>,
        status: Option<u16>,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unknown => "group not found",
            Self::NotACommunity => "not a community",
            Self::IsACommunity => "a community cannot be linked",
            Self::IsAnnouncements => "the announcement group cannot be linked or unlinked",
            Self::NotCommunityAdmin => "not an admin of the community",
            Self::NotGroupAdmin => "not an admin of the group",
            Self::InAnotherCommunity => "already in another community",
            Self::AlreadyHere => "already in this community",
            Self::NotHere => "not in this community",
            Self::OverLimit => "the community is full",
            Self::LastSubgroup => "a community keeps at least one group",
            Self::NotAMember => "not a member of the group",
            Self::Fault { text, .. } => text.as_deref().unwrap_or("not allowed"),
        })
    }
}

impl State {
    fn community(&self, id: &str) -> Result<usize, Refusal> {
        match self.place(id) {
            Some(WorldPlace::Community(community)) => Ok(community),
            _ => Err(Refusal::NotACommunity),
        }
    }

    fn ordinary(&self, id: &str) -> Result<usize, Refusal> {
        match self.place(id) {
            Some(WorldPlace::Group(group)) if self.groups[group].announces.is_some() => {
                Err(Refusal::IsAnnouncements)
            }
            Some(WorldPlace::Group(group)) => Ok(group),
            Some(WorldPlace::Community(_)) => Err(Refusal::IsACommunity),
            None => Err(Refusal::Unknown),
        }
    }

    /// Links one group; `Ok(false)` if success is claimed but the link waits for the community's admins.
    pub(crate) fn link(
        &mut self,
        number: usize,
        community: &str,
        group: &str,
        now: i64,
    ) -> Result<bool, Refusal> {
        let community = self.community(community)?;
        let group = self.ordinary(group)?;
        match self.parent(group, Moment::Now) {
            Some(parent) if parent == community => return Err(Refusal::AlreadyHere),
            Some(_) => return Err(Refusal::InAnotherCommunity),
            None => {}
        }
        if !self.role(number, group, Moment::Now).is_admin() {
            return Err(Refusal::NotGroupAdmin);
        }
        let role = self.role_in_community(number, community, Moment::Now);
        if self.suggests(role) {
            return Ok(false);
        }
        if !role.is_admin() {
            return Err(Refusal::NotCommunityAdmin);
        }
        let counted = self.subgroups(community, Moment::Now).len()
            + usize::from(self.settings.limit_counts_announcements);
        if counted >= usize::try_from(self.settings.subgroup_limit).unwrap_or(usize::MAX) {
            return Err(Refusal::OverLimit);
        }
        self.put(group, Some(community), now);
        Ok(true)
    }

    /// Puts a group into a community or takes it out of its community, whatever the rules say.
    pub(crate) fn put(&mut self, group: usize, into: Option<usize>, now: i64) {
        let from = self.parent(group, Moment::Now);
        if from == into {
            return;
        }
        let visible_at = self.visible_at(now);
        self.groups[group].parent.set(into, now, visible_at);
        let at = Times { now, visible_at };
        for other in 0..self.numbers.len() {
            if let Some(community) = from {
                self.leave_announcements(other, group, community, at);
            }
            if let Some(community) = into {
                self.join_announcements(other, group, community, at);
            }
        }
        if let Some(community) = into {
            self.communities[community].ever.insert(group);
        }
    }

    /// The members of a linked group join the announcement group.
    fn join_announcements(&mut self, number: usize, group: usize, community: usize, at: Times) {
        if self.role(number, group, Moment::Now).is_in()
            && !self.role_in_community(number, community, Moment::Now).is_in()
        {
            self.communities[community].seats.set(number, Role::Member, at.now, at.visible_at);
        }
    }

    /// Unlinks one group.
    pub(crate) fn unlink(
        &mut self,
        number: usize,
        community: &str,
        group: &str,
        rules: Rules,
        now: i64,
    ) -> Result<bool, Refusal> {
        let community = self.community(community)?;
        let group = self.ordinary(group)?;
        if self.parent(group, Moment::Now) != Some(community) {
            return Err(Refusal::NotHere);
        }
        if !self.role_in_community(number, community, Moment::Now).is_admin() {
            return Err(Refusal::NotCommunityAdmin);
        }
        if rules.last_subgroup == LastSubgroup::Stays && self.subgroups(community, Moment::Now).len() == 1 {
            return Err(Refusal::LastSubgroup);
        }
        self.put(group, None, now);
        Ok(true)
    }

    /// A member who was in the announcement group through one group only leaves it when that group is unlinked.
    fn leave_announcements(&mut self, number: usize, group: usize, community: usize, at: Times) {
        let only_a_member = self.role_in_community(number, community, Moment::Now) == Role::Member;
        let was_in = self.role(number, group, Moment::Now).is_in();
        let elsewhere = || {
            self.subgroups(community, Moment::Now).iter().any(|&g| self.role(number, g, Moment::Now).is_in())
        };
        if only_a_member && was_in && !elsewhere() {
            self.communities[community].seats.set(number, Role::None, at.now, at.visible_at);
        }
    }

    /// Takes the number out of a group, or out of a community and all its groups.
    pub(crate) fn leave(&mut self, number: usize, id: &str, now: i64) -> Result<bool, Refusal> {
        let place = self.place(id).ok_or(Refusal::Unknown)?;
        let visible_at = self.visible_at(now);
        match place {
            WorldPlace::Group(group) if self.groups[group].announces.is_some() => {
                let is_in = self.role(number, group, Moment::Now).is_in();
                return Err(if is_in { Refusal::IsAnnouncements } else { Refusal::NotAMember });
            }
            WorldPlace::Group(group) => {
                if !self.role(number, group, Moment::Now).is_in() {
                    return Err(Refusal::NotAMember);
                }
                self.take_out(number, group, now, visible_at);
            }
            WorldPlace::Community(community) => {
                if !self.role_in_community(number, community, Moment::Now).is_in() {
                    return Err(Refusal::NotAMember);
                }
                for group in self.subgroups(community, Moment::Now) {
                    if self.role(number, group, Moment::Now).is_in() {
                        self.take_out(number, group, now, visible_at);
                    }
                }
                self.communities[community].seats.set(number, Role::None, now, visible_at);
            }
        }
        Ok(true)
    }

    fn take_out(&mut self, number: usize, group: usize, now: i64, visible_at: i64) {
        let group = &mut self.groups[group];
        group.seats.set(number, Role::None, now, visible_at);
        group.members = group.members.saturating_sub(1);
        group.left.insert(number);
    }

    /// Joins by a group's index; `Ok(false)` if the group's admins must approve first, or the number is already in the group.
    pub(crate) fn join(&mut self, number: usize, group: usize, now: i64) -> Result<bool, Refusal> {
        if self.role(number, group, Moment::Now).is_in() || self.groups[group].approval {
            return Ok(false);
        }
        if self.groups[group].announces.is_some() {
            return Err(Refusal::IsAnnouncements);
        }
        let visible_at = self.visible_at(now);
        self.groups[group].seats.set(number, Role::Member, now, visible_at);
        self.groups[group].members += 1;
        if let Some(community) = self.parent(group, Moment::Now)
            && !self.role_in_community(number, community, Moment::Now).is_in()
        {
            self.communities[community].seats.set(number, Role::Member, now, visible_at);
        }
        Ok(true)
    }

    /// Gives a group a new invite code; the old one becomes invalid at once.
    pub(crate) fn reset_code(&mut self, group: usize) -> String {
        self.changes += 1;
        let code: Arc<str> = super::build::invite_code(self.seed, self.changes.wrapping_add(1 << 32)).into();
        let old = std::mem::replace(&mut self.groups[group].code, Arc::clone(&code));
        self.by_code.remove(&old);
        self.by_code.insert(Arc::clone(&code), group);
        code.to_string()
    }

    /// Makes a community with its announcement group or, if `WhatsApp` refuses it, an ordinary group; returns its id.
    pub(crate) fn create(&mut self, number: usize, name: &str, as_community: bool, now: i64) -> String {
        let visible_at = self.visible_at(now);
        let mut seats = Seats::default();
        seats.set(number, Role::Superadmin, now, visible_at);
        if as_community {
            let community = self.add_community(None, name, "", seats, None, now);
            self.communities[community].id.to_string()
        } else {
            let group = self.add_plain_group(name, seats, now);
            self.groups[group].id.to_string()
        }
    }

    /// Changes a number's connection immediately.
    pub(crate) fn set_state(&mut self, number: usize, state: &str, now: i64) {
        self.numbers[number].state.set(state.to_owned(), now, now);
    }

    /// Gives a code and counts it; returns the count, and whether a phone uses the code.
    pub(crate) fn give_code(&mut self, number: usize) -> (u32, bool) {
        let codes = &mut self.numbers[number].codes;
        *codes += 1;
        (*codes, *codes == self.settings.scanned_code)
    }

    /// Connects a number some time after the request; before `connecting_at` its state does not change.
    pub(crate) fn connect(&mut self, number: usize, now: i64, connecting_at: i64, connected_at: i64) {
        let state = &mut self.numbers[number].state;
        state.set("connecting".to_owned(), now, connecting_at);
        state.set("connected".to_owned(), now, connected_at);
    }
}
