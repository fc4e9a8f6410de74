//! What the operator asked for: one wish per group. A verb is a way to make wishes, and so is the follow-up of an operation.

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

/// The state that a group shall be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    In(CommunityId),
    InNone,
    /// The number is no member of it.
    Left,
    /// The number is in neither this community nor its groups.
    CommunityLeft(CommunityId),
    /// The number is a member of it again, by the invite link that was kept.
    Member,
}

/// Where a group may be taken from to fulfil a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Origin nowhere: the wish holds only if the group is in no community.
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

    /// The community that the group shall be in.
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
    /// What is wanted for each group.
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

    /// Whether a community itself is to be left.
    pub fn leaves_community(&self) -> bool {
        self.wishes.iter().any(|wish| matches!(wish.want, Want::CommunityLeft(_)))
    }

    /// Puts every group that shall be in a community into this one instead.
    pub fn retarget(&mut self, target: &CommunityId) {
        for wish in &mut self.wishes {
            if let Want::In(community) = &mut wish.want {
                community.clone_from(target);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::tests::{community, group, link, unlink};

    fn mark(text: &str, source: Option<&str>) -> Mark {
        Mark { group: group(text), name: Name::new(text), source: source.map(community) }
    }

    fn request(task: &Task) -> Request {
        Request::new(InstanceKey::new("i"), task, vec![mark("g", Some("a")), mark("h", None)])
    }

    #[test]
    fn a_group_is_taken_only_from_where_it_was_marked() {
        let of = |task: &Task, source| {
            let wish = Wish::of(task, mark("g", source));
            (wish.want, wish.from)
        };
        let (a, b) = (community("a"), community("b"));
        let there = Origin::Only(a);
        assert_eq!(of(&Task::Link(b.clone()), Some("a")), (Want::In(b.clone()), Origin::Nowhere));
        assert_eq!(of(&Task::Move(b.clone()), Some("a")), (Want::In(b.clone()), there.clone()));
        assert_eq!(of(&Task::Move(b.clone()), None), (Want::In(b), Origin::Anywhere));
        assert_eq!(of(&Task::Unlink, Some("a")), (Want::InNone, there));
        assert_eq!(of(&Task::Unlink, None), (Want::InNone, Origin::Anywhere));
        assert_eq!(of(&Task::Leave, Some("a")), (Want::Left, Origin::Anywhere));
        assert_eq!(of(&Task::Rejoin, Some("a")), (Want::Member, Origin::Anywhere));
    }

    #[test]
    fn each_task_has_its_verb_its_steps_and_its_communities() {
        let b = community("b");
        let of = |task: &Task| {
            let request = request(task);
            let wish = &request.wishes[0];
            let ends = (wish.source().cloned(), wish.target().cloned());
            (request.verb, wish.steps(), ends, wish.is_about_place(), wish.moves())
        };
        let (from, to) = (Some(community("a")), Some(b.clone()));
        assert_eq!(
            of(&Task::Link(b.clone())),
            (Verb::Link, vec![link("b")], (None, to.clone()), true, false)
        );
        assert_eq!(
            of(&Task::Move(b)),
            (Verb::Move, vec![unlink("a"), link("b")], (from.clone(), to), true, true)
        );
        assert_eq!(of(&Task::Unlink), (Verb::Unlink, vec![unlink("a")], (from, None), true, false));
        assert_eq!(of(&Task::Leave), (Verb::Leave, vec![Step::Leave], (None, None), false, false));
        assert_eq!(of(&Task::Rejoin), (Verb::Rejoin, vec![Step::Join], (None, None), false, false));
    }

    #[test]
    fn leaving_a_community_is_about_that_community_and_not_about_a_group() {
        let request = Request::leave_community(InstanceKey::new("i"), community("a"));
        assert!(request.leaves_community());
        assert_eq!((request.verb, request.target()), (Verb::Leave, Some(&community("a"))));
        let wish = &request.wishes[0];
        assert_eq!((&wish.group, wish.target()), (&group("a"), None));
        assert_eq!(wish.steps(), [Step::LeaveCommunity(community("a"))]);
        assert!(!wish.is_about_place() && !wish.moves());
        assert!(!self::request(&Task::Leave).leaves_community());
    }

    #[test]
    fn a_request_has_a_target_only_if_all_its_wishes_share_it() {
        let mut request = request(&Task::Link(community("b")));
        assert_eq!(request.target(), Some(&community("b")));
        request.wishes[1].want = Want::In(community("c"));
        assert_eq!(request.target(), None);
        request.wishes[1].want = Want::InNone;
        assert_eq!(request.target(), None);
        request.wishes.clear();
        assert_eq!(request.target(), None);
    }

    #[test]
    fn another_target_changes_only_the_groups_that_are_linked() {
        let mut request = request(&Task::Move(community("b")));
        request.wishes[1].want = Want::InNone;
        request.retarget(&community("c"));
        let wants: Vec<_> = request.wishes.iter().map(|wish| wish.want.clone()).collect();
        assert_eq!(wants, [Want::In(community("c")), Want::InNone]);
        assert_eq!(request.wishes[0].source(), Some(&community("a")), "it is still taken from there");
    }

    #[test]
    fn only_an_earlier_operation_that_sent_something_counts_as_sent() {
        let mut wish = request(&Task::Unlink).wishes.remove(0);
        assert!(!wish.was_sent());
        wish.earlier = Some(Earlier::default());
        assert!(!wish.was_sent());
        wish.earlier = Some(Earlier { sent_before: true, may_be_others: false });
        assert!(wish.was_sent());
    }
}
