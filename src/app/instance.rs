//! What the screen knows of one instance: what was read, what is marked, what runs, and what the panes show.

mod panes;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    effect::Ticket,
    filter::Filter,
    layout::Pane,
    list::List,
    progress::Progress,
    search::{Search, SearchEnd},
    selection::Marks,
    shelf::Shelf,
};
use crate::domain::{
    budget::Budget,
    capability::Capabilities,
    community::CommunityRef,
    directory::{Community, Directory, KnownFrom},
    failure::Failure,
    id::{CommunityId, GroupId, OperationId},
    instance::{Connection, InstanceKey},
    name::Name,
    operation::{Operation, Phase},
    plan::Mark,
    sentence::Sentence,
    settings::OperationSettings,
    wait::Wait,
};

/// The lines in which a pane says why a listing could not be read, above the rows of an older one.
const FAILURE_LINES: u16 = 3;

/// What is fixed about an instance while Synod runs.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What it is known by.
    pub key: InstanceKey,
    /// How the operator calls it.
    pub label: String,
    /// The gateway's own name, for showing alone.
    pub gateway: &'static str,
    /// What the gateway can do.
    pub capabilities: Capabilities,
    /// How operations run on it.
    pub settings: OperationSettings,
    /// The communities that the configuration names.
    pub configured: Vec<CommunityRef>,
    /// Where it is on its gateway.
    pub address: Address,
}

/// Where an instance is, as far as that is no secret, and how the configuration writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The configuration's word for the gateway.
    pub gateway: &'static str,
    /// The gateway's base URL, without a trailing slash.
    pub base_url: String,
    /// The instance's name on the gateway; `None` where that is a secret.
    pub instance: Option<String>,
}

impl Address {
    /// Where another instance of the same gateway is.
    #[must_use]
    pub fn beside(&self, name: &Name) -> Self {
        Self { instance: Some(name.exact().to_owned()), ..self.clone() }
    }
}

/// Whether the instance is connected, as far as it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Nobody asked yet, or the answer is on its way.
    #[default]
    Asking,
    /// The gateway said so.
    Known(Connection),
    /// The gateway could not be asked.
    Failed(Failure),
}

/// What vouches for a search for communities: that the gateway lists nothing for a group means something only while it
/// lists a community.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// Nothing vouches yet.
    #[default]
    Missing,
    /// This community is asked about first.
    Asked(GroupId),
    /// The gateway listed a community.
    Passed,
}

/// What the right pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// The groups in no community, as far as is known.
    #[default]
    Standalone,
    /// All groups.
    All,
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// By name.
    #[default]
    Name,
    /// The largest first: subgroups of a community, members of a group.
    Size,
    /// Groups that the number is an admin of first.
    Role,
    /// Communities with the most room first.
    Capacity,
}

impl SortBy {
    /// The next of the orders that communities have.
    #[must_use]
    pub fn next_of_communities(self) -> Self {
        match self {
            Self::Name => Self::Size,
            Self::Size => Self::Capacity,
            Self::Capacity | Self::Role => Self::Name,
        }
    }

    /// The next of the orders that groups have.
    #[must_use]
    pub fn next_of_groups(self) -> Self {
        match self {
            Self::Name => Self::Size,
            Self::Size => Self::Role,
            Self::Role | Self::Capacity => Self::Name,
        }
    }
}

/// One instance on the screen.
#[derive(Clone, Debug)]
pub struct Instance {
    /// What is fixed about it.
    pub profile: Profile,
    /// Whether it is connected.
    pub link: Link,
    /// What is left of its token's requests.
    pub budget: Option<Budget>,
    /// What a read of it waits for.
    pub wait: Option<Wait>,
    /// Its communities and groups.
    pub directory: Directory,
    /// The load under way.
    pub loading: Option<Progress>,
    /// The search for communities under way, or paused.
    pub discovery: Option<Search>,
    /// How the last search for communities ended.
    pub search_end: Option<SearchEnd>,
    /// What vouches for the search: a known community that is asked about first, or any that it found.
    pub control: Control,
    /// The quiet read after an operation, of what it changed beside its own groups.
    pub refreshing: Option<Ticket>,
    /// What is marked.
    pub marks: Marks,
    /// Only what is marked is shown.
    pub only_marked: bool,
    /// What the right pane shows.
    pub shown: Shown,
    /// By what communities are sorted.
    pub communities_by: SortBy,
    /// By what groups are sorted.
    pub groups_by: SortBy,
    /// The left pane.
    pub communities: List<CommunityId>,
    /// The middle pane.
    pub subgroups: List<GroupId>,
    /// The right pane.
    pub groups: List<GroupId>,
    /// The pane below: places of items.
    pub items: List<usize>,
    /// The filters of the panes.
    pub filters: Filters,
    /// The list of groups says of each group in the right pane that it is in no community.
    pub parents_are_known: bool,
    /// How many groups belong into the right pane, whatever hides them.
    pub groups_of_pane: usize,
    /// The groups of the right pane, in order and filtered.
    pub shelf: Shelf,
    /// The groups of the middle pane by name.
    middle: HashMap<Name, Vec<GroupId>>,
    made: panes::Made,
    /// Marked groups that belong to a pane and that its filter hides.
    pub hidden_marks: usize,
    /// Groups whose invite links are kept, so that they can be joined again.
    pub links: BTreeSet<GroupId>,
    /// Its operations, the oldest first.
    pub operations: Vec<Operation>,
    /// Why nothing can be written to the journal.
    pub journal_failure: Option<Sentence>,
    /// What earlier runs left of it was told, or cannot be had.
    pub is_recalled: bool,
    /// When the groups or listings on the screen last changed, so that a row may be put aside until then.
    pub stale: Stale,
}

/// The filter of each pane.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// Of the left pane.
    pub communities: Filter,
    /// Of the middle pane.
    pub subgroups: Filter,
    /// Of the right pane.
    pub groups: Filter,
}

/// Which panes have to be made anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stale {
    /// The communities.
    pub communities: bool,
    /// The subgroups.
    pub subgroups: bool,
    /// The groups.
    pub groups: bool,
}

impl Stale {
    /// All of them.
    pub const ALL: Self = Self { communities: true, subgroups: true, groups: true };
}

impl Instance {
    /// An instance of which nothing was read yet.
    pub fn new(profile: Profile) -> Self {
        let mut directory = Directory::default();
        for community in &profile.configured {
            directory.learn(community.clone(), KnownFrom::Configuration);
        }
        Self {
            profile,
            link: Link::default(),
            budget: None,
            wait: None,
            directory,
            loading: None,
            discovery: None,
            search_end: None,
            control: Control::default(),
            refreshing: None,
            marks: Marks::default(),
            only_marked: false,
            shown: Shown::default(),
            communities_by: SortBy::default(),
            groups_by: SortBy::default(),
            communities: List::default(),
            subgroups: List::default(),
            groups: List::default(),
            items: List::default(),
            filters: Filters::default(),
            parents_are_known: false,
            groups_of_pane: 0,
            shelf: Shelf::default(),
            middle: HashMap::new(),
            made: panes::Made::default(),
            hidden_marks: 0,
            links: BTreeSet::new(),
            operations: Vec::new(),
            journal_failure: None,
            is_recalled: false,
            stale: Stale::ALL,
        }
    }

    /// What it is known by.
    pub fn key(&self) -> &InstanceKey {
        &self.profile.key
    }

    /// The community under the cursor of the left pane.
    pub fn chosen(&self) -> Option<&Community> {
        self.directory.community(self.communities.selected()?)
    }

    /// The operation that the pane below shows: the one that runs, else the newest.
    pub fn current_operation(&self) -> Option<&Operation> {
        let runs = |operation: &&Operation| operation.is_live() && operation.phase != Phase::Waiting;
        self.operations.iter().find(runs).or_else(|| self.operations.last())
    }

    /// How many operations wait for their turn.
    pub fn waiting_operations(&self) -> usize {
        self.operations.iter().filter(|operation| operation.phase == Phase::Waiting).count()
    }

    /// Whether an operation runs or waits.
    pub fn is_busy(&self) -> bool {
        self.operations.iter().any(Operation::is_live)
    }

    /// The groups that an operation that runs or waits holds.
    pub fn busy_groups(&self) -> BTreeMap<GroupId, OperationId> {
        let live = self.operations.iter().filter(|operation| operation.is_live());
        live.flat_map(|operation| {
            let open = operation.items.iter().filter(|item| item.outcome.is_none());
            open.map(|item| (item.group.clone(), operation.id))
        })
        .collect()
    }

    /// The list of a pane that shows groups.
    pub fn group_list(&self, pane: Pane) -> Option<&List<GroupId>> {
        match pane {
            Pane::Subgroups => Some(&self.subgroups),
            Pane::Groups => Some(&self.groups),
            Pane::Communities | Pane::Operation => None,
        }
    }

    /// The lines of a pane above its rows: why its listing could not be read, when an older one is shown.
    pub fn lines_above(&self, pane: Pane) -> u16 {
        let is_old = match pane {
            Pane::Subgroups => self
                .chosen()
                .is_some_and(|community| community.failure.is_some() && community.listing.is_some()),
            Pane::Groups => self.directory.groups_failure().is_some() && self.directory.groups().is_some(),
            Pane::Communities | Pane::Operation => false,
        };
        if is_old { FAILURE_LINES } else { 0 }
    }

    /// The list of a pane that shows groups, to change it.
    pub fn group_list_mut(&mut self, pane: Pane) -> Option<&mut List<GroupId>> {
        match pane {
            Pane::Subgroups => Some(&mut self.subgroups),
            Pane::Groups => Some(&mut self.groups),
            Pane::Communities | Pane::Operation => None,
        }
    }

    /// The filter of a pane.
    pub fn filter(&self, pane: Pane) -> Option<&Filter> {
        match pane {
            Pane::Communities => Some(&self.filters.communities),
            Pane::Subgroups => Some(&self.filters.subgroups),
            Pane::Groups => Some(&self.filters.groups),
            Pane::Operation => None,
        }
    }

    /// The filter of a pane, to change it.
    pub fn filter_mut(&mut self, pane: Pane) -> Option<&mut Filter> {
        match pane {
            Pane::Communities => Some(&mut self.filters.communities),
            Pane::Subgroups => Some(&mut self.filters.subgroups),
            Pane::Groups => Some(&mut self.filters.groups),
            Pane::Operation => None,
        }
    }

    /// Whether a group can be marked: an announcements group cannot.
    pub fn can_mark(&self, group: &GroupId) -> bool {
        !self.directory.is_announcements(group)
    }

    /// The mark that a row of a pane would get.
    pub fn mark_of(&self, pane: Pane, group: &GroupId) -> Option<Mark> {
        if !self.can_mark(group) {
            return None;
        }
        let source = match pane {
            Pane::Subgroups => self.communities.selected().cloned(),
            _ => self.directory.parent_of(group).cloned(),
        };
        Some(Mark { group: group.clone(), name: self.name_of(group)?, source, again: None })
    }

    /// A group's name, from whatever was read of it last.
    pub fn name_of(&self, group: &GroupId) -> Option<Name> {
        if let Some(group) = self.directory.group(group) {
            return Some(group.name.clone());
        }
        let parent = self.directory.parent_of(group);
        let listed = parent.into_iter().chain(self.communities.selected());
        listed.filter_map(|id| self.directory.community(id)?.listing.as_ref()).find_map(|listing| {
            let all = listing.subgroups.iter().chain(&listing.announcements);
            all.into_iter().find(|subgroup| subgroup.id == *group).map(|subgroup| subgroup.name.clone())
        })
    }

    /// How many members a group has, where that is known.
    pub fn members_of(&self, group: &GroupId) -> Option<u32> {
        self.directory.group(group)?.members
    }

    /// Whether a row of a pane lies in the range that was begun there.
    pub fn is_in_range(&self, pane: Pane, at: usize) -> bool {
        self.group_list(pane).and_then(List::range).is_some_and(|range| range.contains(&at))
    }
}
