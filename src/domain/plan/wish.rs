//! What the operator asked for: one wish per group. A verb is a way to make wishes, and so is the follow-up of an operation.

use std::collections::{HashMap, HashSet};

use super::{Step, Verb};
use crate::domain::{
    id::{CommunityId, GroupId, OperationId},
    instance::InstanceKey,
    name::Name,
};

/// A verb, with the community that it links to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    Link(CommunityId),
    /// Unlink groups from the communities that they are in.
    Unlink,
    /// Unlink groups from wherever they are, then link them to this community.
    Move(CommunityId),
    Leave,
    Rejoin,
}

impl Task {
    /// The community that it links to.
    pub fn target(&self) -> Option<&CommunityId> {
        match self {
            Self::Link(target) | Self::Move(target) => Some(target),
            Self::Unlink | Self::Leave | Self::Rejoin => None,
        }
    }

    /// The same with another community to link to, if it links to any.
    #[must_use]
    pub fn aimed_at(self, target: CommunityId) -> Self {
        match self {
            Self::Link(_) => Self::Link(target),
            Self::Move(_) => Self::Move(target),
            other => other,
        }
    }

    /// Its verb.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Link(_) => Verb::Link,
            Self::Unlink => Verb::Unlink,
            Self::Move(_) => Verb::Move,
            Self::Leave => Verb::Leave,
            Self::Rejoin => Verb::Rejoin,
        }
    }
}

/// A group that the operator marked, with the place where it was marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub group: GroupId,
    pub name: Name,
    /// The community whose subgroups pane it was marked in; `None` for the other panes.
    pub source: Option<CommunityId>,
}

/// What the operator wants for one group. The rules of a plan judge it; where it came from does not matter to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub group: GroupId,
    pub name: Name,
    /// The state to reach.
    pub want: Want,
    /// Where the group may be taken from.
    pub from: Origin,
    /// What an earlier operation did for the group, if this wish follows it up.
    pub earlier: Option<Earlier>,
}

/// The wanted state of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    In(CommunityId),
    InNone,
    /// The number is not a member of it.
    Left,
    /// The number is in neither this community nor its groups.
    CommunityLeft(CommunityId),
    /// The number is a member of it again, by the invite link that was kept.
    Member,
}

/// Where a group may be taken from to fulfil a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From no community: the wish holds only if the group is in none.
    Nowhere,
    Only(CommunityId),
    Anywhere,
}

/// What an earlier operation did for a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// It has already sent something for the group.
    pub sent_before: bool,
    /// The gateway refused the request that is now undone, yet the change was there: somebody else may have made it.
    pub may_be_others: bool,
    /// It verifiably left the group, or the community.
    pub left: bool,
}

impl Wish {
    /// What a task wants for a marked group.
    pub fn of(task: &Task, mark: Mark) -> Self {
        let Mark { group, name, source } = mark;
        let from = source.map_or(Origin::Anywhere, Origin::Only);
        let (want, from) = match task {
            Task::Link(target) => (Want::In(target.clone()), Origin::Nowhere),
            Task::Move(target) => (Want::In(target.clone()), from),
            Task::Unlink => (Want::InNone, from),
            Task::Leave => (Want::Left, Origin::Anywhere),
            Task::Rejoin => (Want::Member, Origin::Anywhere),
        };
        Self { group, name, want, from, earlier: None }
    }

    /// The wish to leave a community itself.
    pub fn community_left(community: CommunityId) -> Self {
        Self {
            group: community.as_group(),
            name: Name::new(""),
            want: Want::CommunityLeft(community),
            from: Origin::Anywhere,
            earlier: None,
        }
    }

    /// The community in which the group is wanted.
    pub fn target(&self) -> Option<&CommunityId> {
        if let Want::In(target) = &self.want { Some(target) } else { None }
    }

    /// The only community that the group may be taken from.
    pub fn source(&self) -> Option<&CommunityId> {
        if let Origin::Only(source) = &self.from { Some(source) } else { None }
    }

    /// Whether the group is to be put into a community, or taken out of one.
    pub fn is_about_place(&self) -> bool {
        matches!(self.want, Want::In(_) | Want::InNone)
    }

    /// Whether the group may be taken out of a community to be put into another.
    pub fn moves(&self) -> bool {
        self.target().is_some() && self.from != Origin::Nowhere
    }

    /// Whether an earlier operation has already sent something for the group.
    pub fn was_sent(&self) -> bool {
        self.earlier.is_some_and(|earlier| earlier.sent_before)
    }

    /// All steps of the wish for a group that is where the wish expects it.
    pub fn steps(&self) -> Vec<Step> {
        match &self.want {
            Want::In(_) | Want::InNone => {
                let unlink = self.source().cloned().map(Step::Unlink);
                unlink.into_iter().chain(self.target().cloned().map(Step::Link)).collect()
            }
            Want::Left => vec![Step::Leave],
            Want::CommunityLeft(community) => vec![Step::LeaveCommunity(community.clone())],
            Want::Member => vec![Step::Join],
        }
    }
}

/// What the operator asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub instance: InstanceKey,
    /// The verb that the operator used. It names the plan and its operation; no rule asks for it.
    pub verb: Verb,
    /// The wishes for each group.
    pub wishes: Vec<Wish>,
    /// The operation that this one retries, resumes or undoes.
    pub parent: Option<OperationId>,
}

impl Request {
    /// A request to do the same to all marked groups.
    pub fn new(instance: InstanceKey, task: &Task, marks: Vec<Mark>) -> Self {
        let wishes = marks.into_iter().map(|mark| Wish::of(task, mark)).collect();
        Self { instance, verb: task.verb(), wishes, parent: None }
    }

    /// A request to leave a community itself.
    pub fn leave_community(instance: InstanceKey, community: CommunityId) -> Self {
        Self { instance, verb: Verb::Leave, wishes: vec![Wish::community_left(community)], parent: None }
    }

    /// The community that all wishes are about: the one to put every group into, or the one to leave.
    pub fn target(&self) -> Option<&CommunityId> {
        let mut communities = self.wishes.iter().map(|wish| match &wish.want {
            Want::In(community) | Want::CommunityLeft(community) => Some(community),
            _ => None,
        });
        let first = communities.next()??;
        communities.all(|community| community == Some(first)).then_some(first)
    }

    /// The wish that a plan fulfils for each group: the first one.
    pub fn wishes_by_group(&self) -> HashMap<&GroupId, &Wish> {
        self.wishes.iter().rev().map(|wish| (&wish.group, wish)).collect()
    }

    /// Whether a community itself is to be left.
    pub fn leaves_community(&self) -> bool {
        self.wishes.iter().any(|wish| matches!(wish.want, Want::CommunityLeft(_)))
    }

    /// Puts these groups into this community instead of another.
    pub fn retarget(&mut self, groups: &HashSet<GroupId>, target: &CommunityId) {
        for wish in self.wishes.iter_mut().filter(|wish| groups.contains(&wish.group)) {
            if let Want::In(community) = &mut wish.want {
                community.clone_from(target);
            }
        }
    }

    /// Takes these groups out of whatever community they are in, or links them only if they are in none.
    pub fn set_origin(&mut self, groups: &HashSet<GroupId>, from: &Origin) {
        for wish in self.wishes.iter_mut().filter(|wish| groups.contains(&wish.group)) {
            wish.from.clone_from(from);
        }
        if matches!(self.verb, Verb::Link | Verb::Move) {
            self.verb = if self.wishes.iter().any(Wish::moves) { Verb::Move } else { Verb::Link };
        }
    }
}
