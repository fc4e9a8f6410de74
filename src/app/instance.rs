//! The screen's knowledge of one instance: the data read, the marks, the operations, and the content of the panes.

mod panes;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    effect::Ticket,
    filter::Filter,
    layout::Pane,
    list::List,
    order::{Shown, SortBy},
    progress::Progress,
    search::{self, Search, SearchEnd},
    selection::Marks,
    shelf::Shelf,
};
use crate::domain::{
    budget::Budget,
    capability::Capabilities,
    community::CommunityRef,
    directory::{Community, Directory, KnownFrom},
    evidence::{Answers, Proof},
    failure::Failure,
    id::{CommunityId, GroupId, OperationId},
    instance::{Connection, InstanceKey},
    name::Name,
    operation::{Operation, Phase},
    plan::Mark,
    reading::{Probe, Readings},
    sentence::Sentence,
    settings::OperationSettings,
    time::Millis,
    wait::Wait,
};

/// The lines in which a pane explains why a listing could not be read, above the rows of an older listing.
const FAILURE_LINES: u16 = 3;

/// The fixed properties of an instance while Synod runs.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The key that identifies it.
    pub key: InstanceKey,
    /// The operator's label for it.
    pub label: String,
    /// The gateway's own name, for display only.
    pub gateway: &'static str,
    /// What the gateway can do.
    pub capabilities: Capabilities,
    /// The settings for operations on it.
    pub settings: OperationSettings,
    /// The communities named in the configuration.
    pub configured: Vec<CommunityRef>,
    /// Its address on the gateway.
    pub address: Address,
}

/// The address of an instance, without secrets, as written in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The configuration's name for the gateway.
    pub gateway: &'static str,
    /// The gateway's base URL, without a trailing slash.
    pub base_url: String,
    /// The instance's name on the gateway; `None` if that is a secret.
    pub instance: Option<String>,
}

impl Address {
    /// The address of another instance on the same gateway.
    #[must_use]
    pub fn beside(&self, name: &Name) -> Self {
        Self { instance: Some(name.exact().to_owned()), ..self.clone() }
    }
}

/// The connection status of an instance, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not asked yet, or the answer is pending.
    #[default]
    Asking,
    /// The gateway reported this.
    Known(Connection),
    /// The gateway could not be asked.
    Failed(Failure),
}

/// The control sample of a search for communities: if the gateway lists nothing for a group, that means something only
/// if it does list a known community.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// There is no control sample yet.
    #[default]
    Missing,
    /// This community is asked about first.
    Asked(GroupId),
    /// The gateway listed a community.
    Passed,
}

/// One instance on the screen.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its fixed properties.
    pub profile: Profile,
    /// Its connection status.
    pub link: Link,
    /// The remaining budget of its token.
    pub budget: Option<Budget>,
    /// What one of its reads waits for.
    pub wait: Option<Wait>,
    /// Its communities and groups.
    pub directory: Directory,
    /// The load in progress.
    pub loading: Option<Progress>,
    /// The search for communities, running or paused.
    pub discovery: Option<Search>,
    /// How the last search for communities ended.
    pub search_end: Option<SearchEnd>,
    /// The control sample of the search: a known community that is asked about first, or any community that it found.
    pub control: Control,
    /// The background read after an operation, of changes outside the operation's own groups.
    pub refreshing: Option<Ticket>,
    /// The marked groups.
    pub marks: Marks,
    /// Whether only marked groups are shown.
    pub only_marked: bool,
    /// What the right pane shows.
    pub shown: Shown,
    /// The order of the communities.
    pub communities_by: SortBy,
    /// The order of the groups.
    pub groups_by: SortBy,
    /// The left pane.
    pub communities: List<CommunityId>,
    /// The middle pane.
    pub subgroups: List<GroupId>,
    /// The right pane.
    pub groups: List<GroupId>,
    /// The operation pane: indices of items.
    pub items: List<usize>,
    /// The filters of the panes.
    pub filters: Filters,
    /// Whether the gateway's lists show, for each group in the right pane, which community it is in, if any.
    pub parents_are_known: bool,
    /// How many groups belong in the right pane, including hidden ones.
    pub groups_of_pane: usize,
    /// The groups of the right pane, sorted and filtered.
    pub shelf: Shelf,
    /// The groups of the middle pane by name.
    middle: HashMap<Name, Vec<GroupId>>,
    made: panes::Made,
    /// How many marked groups are hidden by the filter of their pane.
    pub hidden_marks: usize,
    /// Groups whose invite links are stored, so they can be rejoined.
    pub links: BTreeSet<GroupId>,
    /// Its operations, oldest first.
    pub operations: Vec<Operation>,
    /// Why the journal cannot be written.
    pub journal_failure: Option<Sentence>,
    /// Whether the stored data of earlier runs has arrived, or could not be read.
    pub is_recalled: bool,
    /// The panes whose rows have to be rebuilt.
    pub stale: Stale,
}

/// The filter of each pane.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// For the left pane.
    pub communities: Filter,
    /// For the middle pane.
    pub subgroups: Filter,
    /// For the right pane.
    pub groups: Filter,
}

/// Which panes have to be rebuilt.
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
    /// An instance from which nothing has been read yet.
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

    /// The groups that a search for communities would ask about, likeliest first.
    pub fn candidates(&self) -> Vec<GroupId> {
        search::candidates(&self.directory, &self.profile.capabilities)
    }

    /// Updates the data with fresh readings, and compares these with the earlier data.
    pub fn take_readings(&mut self, readings: &mut Readings) {
        self.directory.take_readings(readings);
        let answers = Answers::new(readings, Millis::default(), &self.profile.capabilities);
        for (group, probe) in &readings.probes {
            take_probe(&mut self.directory, probe);
            if answers.is_community(group) == Proof::No {
                self.directory.learn_ordinary(group);
            }
        }
        self.stale = Stale::ALL;
    }

    /// Adds the community that a probe found, if any.
    pub fn take_probe(&mut self, probe: &Probe) {
        take_probe(&mut self.directory, probe);
    }

    /// The key that identifies it.
    pub fn key(&self) -> &InstanceKey {
        &self.profile.key
    }

    /// The community under the cursor of the left pane.
    pub fn chosen(&self) -> Option<&Community> {
        self.directory.community(self.communities.selected()?)
    }

    /// The operation in the operation pane: the running one, otherwise the newest.
    pub fn current_operation(&self) -> Option<&Operation> {
        let runs = |operation: &&Operation| operation.is_live() && operation.phase != Phase::Waiting;
        self.operations.iter().find(runs).or_else(|| self.operations.last())
    }

    /// How many operations are waiting for their turn.
    pub fn waiting_operations(&self) -> usize {
        self.operations.iter().filter(|operation| operation.phase == Phase::Waiting).count()
    }

    /// Whether an operation is running or waiting.
    pub fn is_busy(&self) -> bool {
        self.operations.iter().any(Operation::is_live)
    }

    /// The groups held by operations that are running or waiting.
    pub fn busy_groups(&self) -> BTreeMap<GroupId, OperationId> {
        let live = self.operations.iter().filter(|operation| operation.is_live());
        live.flat_map(|operation| {
            let open = operation.items.iter().filter(|item| item.outcome.is_none());
            open.map(|item| (item.group.clone(), operation.id))
        })
        .collect()
    }

    /// The list of a pane with groups.
    pub fn group_list(&self, pane: Pane) -> Option<&List<GroupId>> {
        match pane {
            Pane::Subgroups => Some(&self.subgroups),
            Pane::Groups => Some(&self.groups),
            Pane::Communities | Pane::Operation => None,
        }
    }

    /// The number of lines above a pane's rows: if its listing could not be read and an older one is shown, they
    /// explain why.
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

    /// The list of a pane with groups, mutable.
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

    /// The filter of a pane, mutable.
    pub fn filter_mut(&mut self, pane: Pane) -> Option<&mut Filter> {
        match pane {
            Pane::Communities => Some(&mut self.filters.communities),
            Pane::Subgroups => Some(&mut self.filters.subgroups),
            Pane::Groups => Some(&mut self.filters.groups),
            Pane::Operation => None,
        }
    }

    /// Whether a group can be marked. Announcements groups cannot.
    pub fn can_mark(&self, group: &GroupId) -> bool {
        !self.directory.is_announcements(group)
    }

    /// The mark for a row of a pane.
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

    /// A group's name, from the latest data.
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

    /// How many members a group has, if known.
    pub fn members_of(&self, group: &GroupId) -> Option<u32> {
        self.directory.group(group)?.members
    }

    /// Whether a row of a pane is in the range that was begun there.
    pub fn is_in_range(&self, pane: Pane, at: usize) -> bool {
        self.group_list(pane).and_then(List::range).is_some_and(|range| range.contains(&at))
    }
}

/// Adds the community that a probe found, if any.
fn take_probe(directory: &mut Directory, probe: &Probe) {
    if let Probe::Community(listing) = probe {
        let community = CommunityRef { id: listing.community.clone(), name: listing.name.clone() };
        directory.learn(community, KnownFrom::Probe);
        directory.take_listing(Arc::clone(listing));
    }
}
