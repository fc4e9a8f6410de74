//! The screen's knowledge of one instance: the data read, the marks, the operations, and the content of the panes.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Deref,
};

use super::{
    effect::Ticket,
    filter::{Filter, Searched},
    layout::{Layout, Pane},
    list::List,
    listing_reading::ListingReading,
    operations::Operations,
    order::SortBy,
    panes::{self, CommunitiesPane, GroupsPane, OperationPane, Rows, Source, SubgroupsPane},
    progress::WindowProgress,
    role_reading::RoleReading,
    row_facts::FactRules,
    search::{self, Discovery},
    selection::Marks,
};
use crate::domain::{
    budget::Budget,
    capability::Capabilities,
    community::CommunityRef,
    directory::{Community, Directory, Entry, KnownFrom, Slot},
    evidence::{Answers, Proof},
    failure::Failure,
    id::{CommunityId, GroupId, OperationId},
    instance::{Connection, EntryPlace, InstanceKey},
    invite::StoredLinks,
    message::Message,
    name::{Name, NameRef},
    operation::{Operation, Phase, Summary},
    outcome::Outcome,
    plan::Mark,
    reading::Readings,
    settings::OperationSettings,
    time::Millis,
    wait::Wait,
};

/// The lines in which a pane explains why a listing could not be read, above the rows of an older listing.
const FAILURE_LINES: u16 = 3;

/// The fixed properties of an instance while Synod runs.
#[derive(Clone, Debug)]
pub struct Profile {
    pub key: InstanceKey,
    /// The operator's label for it.
    pub label: String,
    /// Its entry in the configuration, as it was read last.
    pub entry: EntryPlace,
    /// The gateway's own name, for display only.
    pub gateway: &'static str,
    /// What the gateway can do.
    pub capabilities: Capabilities,
    pub settings: OperationSettings,
    /// The communities named in the configuration.
    pub configured: Vec<CommunityRef>,
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
    /// Whether requests, with the token in them, go over the network unencrypted.
    pub is_insecure: bool,
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
pub enum ConnectionStatus {
    /// Not asked yet, or the answer is pending.
    #[default]
    Asking,
    /// The gateway reported this.
    Known(Connection),
    /// The gateway could not be asked.
    Failed(Failure),
}

/// The communities and groups of an instance. They change only through [`Instance::learn`], so that no row refers to the former
/// slot of a group.
#[derive(Clone, Debug, Default)]
pub struct Known(Directory);

impl Deref for Known {
    type Target = Directory;

    fn deref(&self) -> &Directory {
        &self.0
    }
}

/// One instance on the screen.
#[derive(Clone, Debug)]
pub struct Instance {
    pub profile: Profile,
    pub link: ConnectionStatus,
    /// The remaining budget of its token.
    pub budget: Option<Budget>,
    /// The reason why one of its reads waits.
    pub wait: Option<Wait>,
    /// Its communities and groups.
    pub directory: Known,
    /// Changes whenever the directory has learned something.
    learned: u64,
    pub loading: Option<WindowProgress>,
    /// The search for communities.
    pub discovery: Discovery,
    /// The background read after an operation, of changes outside the operation's own groups.
    pub refreshing: Option<Ticket>,
    /// The background reading of roles.
    pub roles: RoleReading,
    /// The reading of listings that the screen shows.
    pub listings: ListingReading,
    pub marks: Marks,
    /// Whether only marked groups are shown.
    pub only_marked: bool,
    /// How many marked groups are hidden by the filter of their pane.
    pub hidden_marks: usize,
    pub communities: CommunitiesPane,
    pub subgroups: SubgroupsPane,
    pub groups: GroupsPane,
    pub operation: OperationPane,
    /// The groups whose invite links are stored, so they can be rejoined if the links open.
    pub links: StoredLinks,
    pub operations: Operations,
    /// The ended operation that the operator has closed.
    pub dismissed: Option<OperationId>,
    /// The last interrupted operation that a notice has reported.
    pub(super) shown_interrupted: Option<OperationId>,
    /// The last operation of each group since the start, and the group's outcome.
    pub latest: HashMap<GroupId, (OperationId, Outcome)>,
    /// Why the journal cannot be written.
    pub journal_failure: Option<Message>,
    /// Whether the stored data of earlier runs has arrived, or could not be read.
    pub is_recalled: bool,
    /// Changes whenever its communities and groups change.
    pub revision: u64,
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
            link: ConnectionStatus::default(),
            budget: None,
            wait: None,
            directory: Known(directory),
            learned: 0,
            loading: None,
            discovery: Discovery::default(),
            refreshing: None,
            roles: RoleReading::default(),
            listings: ListingReading::default(),
            marks: Marks::default(),
            only_marked: false,
            hidden_marks: 0,
            communities: CommunitiesPane::default(),
            subgroups: SubgroupsPane::default(),
            groups: GroupsPane::default(),
            operation: OperationPane::default(),
            links: StoredLinks::default(),
            operations: Operations::default(),
            dismissed: None,
            shown_interrupted: None,
            latest: HashMap::new(),
            journal_failure: None,
            is_recalled: false,
            revision: 0,
        }
    }

    /// Rebuilds the panes whose data has changed, and sets the height of every list.
    pub fn settle(&mut self, layout: &Layout) {
        self.communities.rows.set_height(layout.list_height(Pane::Communities));
        let communities = std::mem::take(&mut self.communities.rows.is_stale);
        let subgroups = std::mem::take(&mut self.subgroups.rows.is_stale);
        let groups = std::mem::take(&mut self.groups.rows.is_stale);
        if communities {
            self.communities.settle(&self.directory, self.fact_rules());
        }
        for pane in [Pane::Subgroups, Pane::Groups] {
            let height = layout.list_height(pane).saturating_sub(usize::from(self.lines_above(pane)));
            self.group_list_mut(pane).into_iter().for_each(|list| list.set_height(height));
        }
        // Marked groups are rows even if no reading shows them any more.
        if self.only_marked && (subgroups || groups) {
            self.marks.iter().for_each(|mark| self.directory.0.keep(&mark.group, &mark.name));
        }
        let source = Source {
            directory: &self.directory,
            marks: &self.marks,
            only_marked: self.only_marked,
            chosen: self.communities.rows.selected(),
            rules: self.fact_rules(),
            learned: self.learned,
        };
        if subgroups || communities {
            self.subgroups.settle(source, self.groups.sort);
        }
        if groups {
            self.groups.settle(source);
        }
        if communities || subgroups || groups {
            self.hidden_marks = panes::hidden_marks(source, &self.subgroups, &mut self.groups);
        }
    }

    /// Removes the marks of groups, whatever suffix their ids have.
    pub fn unmark<'a>(&mut self, groups: impl IntoIterator<Item = &'a GroupId>) {
        for group in groups {
            let known = self.directory.slot(group).and_then(|slot| self.directory.entry(slot));
            let own = known.map_or_else(|| group.clone(), Entry::to_id);
            self.marks.remove(&own);
        }
        self.make_stale();
    }

    /// The data that decides the facts about rows, besides the readings and the marks.
    pub fn fact_rules(&self) -> FactRules {
        let Profile { capabilities, settings, .. } = &self.profile;
        FactRules { capabilities: *capabilities, limit: settings.subgroup_limit }
    }

    /// Has the rows of all panes rebuilt before the next frame.
    pub fn make_stale(&mut self) {
        for pane in Pane::ALL {
            self.make_pane_stale(pane);
        }
    }

    /// Has the rows of a pane rebuilt before the next frame.
    pub fn make_pane_stale(&mut self, pane: Pane) {
        match pane {
            Pane::Communities => self.communities.rows.is_stale = true,
            Pane::Subgroups => self.subgroups.rows.is_stale = true,
            Pane::Groups => self.groups.rows.is_stale = true,
            Pane::Operation => {}
        }
    }

    /// Has the rows that depend on the marks rebuilt before the next frame.
    pub fn marks_changed(&mut self) {
        let asks = self.groups.rows.filter.query(Searched::Groups).asks_about_marks();
        if self.only_marked || asks {
            self.make_stale();
        } else {
            self.make_pane_stale(Pane::Subgroups);
        }
    }

    /// Moves the cursor of the communities. If it moves to another community, that one's groups are shown from the top.
    pub fn choose(&mut self, go: impl FnOnce(&mut List<CommunityId>)) {
        let before = self.communities.rows.selected().cloned();
        go(&mut self.communities.rows);
        if self.communities.rows.selected() != before.as_ref() {
            self.subgroups.rows.clear();
        }
    }

    /// Whether the gateway's lists show, for each group in the right pane, which community it is in, if any.
    pub fn parents_are_known(&self) -> bool {
        self.profile.capabilities.lists_communities || self.groups.parents_are_known
    }

    /// Whether another group in the middle or right pane, hidden or not, has the same name.
    pub fn has_twin(&self, slot: Slot) -> bool {
        let name = self.directory.entry(slot).map(Entry::name).filter(|name| !name.shown().is_empty());
        name.is_some_and(|name| {
            self.subgroups.has_other(name, slot) || self.groups.has_other(name, slot, &self.directory)
        })
    }

    /// The groups that a search for communities would ask about, likeliest first.
    pub fn candidates(&self) -> Vec<GroupId> {
        search::candidates(&self.directory, &self.profile.capabilities)
    }

    /// Updates the data with fresh readings, and compares these with the earlier data.
    pub fn take_readings(&mut self, readings: &mut Readings) {
        let capabilities = self.profile.capabilities;
        self.learn(|directory| {
            directory.take_readings(readings);
            let answers = Answers::new(readings, Millis::default(), &capabilities);
            for (group, probe) in &readings.probes {
                directory.take_probe(probe);
                if answers.is_community(group) == Proof::No {
                    directory.learn_ordinary(group);
                }
            }
        });
    }

    /// Changes the data. The rows follow groups to their new slots, and are rebuilt before the next frame.
    pub fn learn<T>(&mut self, change: impl FnOnce(&mut Directory) -> T) -> T {
        let changed = change(&mut self.directory.0);
        self.learned += 1;
        if let Some(moves) = self.directory.0.take_moves() {
            self.subgroups.follow(&moves);
            self.groups.follow(&moves);
        }
        self.revision += 1;
        self.make_stale();
        changed
    }

    /// Records roles in groups. Only the rows of panes whose order or filter depends on roles are rebuilt: the others show the new
    /// role as they are.
    pub fn learn_roles(&mut self, change: impl FnOnce(&mut Directory)) {
        let before = self.directory.roles_revision();
        change(&mut self.directory.0);
        if self.directory.roles_revision() == before {
            return;
        }
        let asks = |rows: &Filter, searched| rows.query(searched).asks_about_roles();
        let is_ordered = self.groups.sort == SortBy::Role;
        if asks(&self.communities.rows.filter, Searched::Communities) {
            self.make_pane_stale(Pane::Communities);
        }
        if is_ordered || asks(&self.subgroups.rows.filter, Searched::Groups) {
            self.make_pane_stale(Pane::Subgroups);
        }
        if is_ordered || asks(&self.groups.rows.filter, Searched::Groups) {
            // The filter's facts are new.
            self.learned += 1;
            self.make_pane_stale(Pane::Groups);
        }
    }

    /// Replaces the data as a whole. The rows follow the groups by their ids, and are rebuilt before the next frame.
    pub fn replace(&mut self, directory: Directory) {
        let moves = self.directory.0.turn_into(directory);
        self.subgroups.follow(&moves);
        self.groups.follow(&moves);
        self.revision += 1;
        self.make_stale();
    }

    /// The key that identifies it.
    pub fn key(&self) -> &InstanceKey {
        &self.profile.key
    }

    /// The community under the cursor of the left pane.
    pub fn chosen(&self) -> Option<&Community> {
        self.directory.community(self.communities.rows.selected()?)
    }

    /// The operation in the operation pane: the running one, otherwise the newest, unless the operator has closed it.
    pub fn current_operation(&self) -> Option<&Summary> {
        self.operations.current().filter(|known| known.is_live() || self.dismissed != Some(known.id))
    }

    /// The same with its groups, if these are in memory.
    pub fn current_whole(&self) -> Option<&Operation> {
        self.operations.whole(self.current_operation()?.id)
    }

    /// Brings the rows of the operation pane up to date. Without the focus, it shows them from the top.
    pub fn show_items(&mut self, has_focus: bool) {
        let mut pane = std::mem::take(&mut self.operation);
        if let Some(operation) = self.current_whole() {
            pane.show(operation, has_focus);
        }
        self.operation = pane;
    }

    /// How many operations are waiting for their turn.
    pub fn waiting_operations(&self) -> usize {
        self.operations.iter().filter(|operation| operation.phase == Phase::Waiting).count()
    }

    /// Whether an operation is running or waiting.
    pub fn is_busy(&self) -> bool {
        self.operations.iter().any(Summary::is_live)
    }

    /// The groups held by operations that are running or waiting.
    pub fn busy_groups(&self) -> BTreeMap<GroupId, OperationId> {
        let live = self.operations.wholes().filter(|operation| operation.is_live());
        live.flat_map(|operation| {
            let open = operation.items.iter().filter(|item| item.outcome.is_none());
            open.map(|item| (item.group.clone(), operation.id))
        })
        .collect()
    }

    /// The rows of a pane with groups.
    pub fn group_list(&self, pane: Pane) -> Option<&Rows<Slot>> {
        match pane {
            Pane::Subgroups => Some(&self.subgroups.rows),
            Pane::Groups => Some(&self.groups.rows),
            Pane::Communities | Pane::Operation => None,
        }
    }

    /// The rows of a pane with groups, mutable.
    pub fn group_list_mut(&mut self, pane: Pane) -> Option<&mut Rows<Slot>> {
        match pane {
            Pane::Subgroups => Some(&mut self.subgroups.rows),
            Pane::Groups => Some(&mut self.groups.rows),
            Pane::Communities | Pane::Operation => None,
        }
    }

    /// The filter of a pane.
    pub fn filter(&self, pane: Pane) -> Option<&Filter> {
        match pane {
            Pane::Communities => Some(&self.communities.rows.filter),
            _ => self.group_list(pane).map(|rows| &rows.filter),
        }
    }

    /// The filter of a pane, mutable.
    pub fn filter_mut(&mut self, pane: Pane) -> Option<&mut Filter> {
        match pane {
            Pane::Communities => Some(&mut self.communities.rows.filter),
            _ => self.group_list_mut(pane).map(|rows| &mut rows.filter),
        }
    }

    /// The number of lines above a pane's rows: if its listing could not be read and an older one is shown, they
    /// explain why.
    pub fn lines_above(&self, pane: Pane) -> u16 {
        let is_old = match pane {
            Pane::Subgroups => self
                .chosen()
                .is_some_and(|known| known.failure.is_some() && self.directory.size_of(known).is_some()),
            Pane::Groups => self.directory.groups_failure().is_some() && self.directory.groups().is_some(),
            Pane::Communities | Pane::Operation => false,
        };
        if is_old { FAILURE_LINES } else { 0 }
    }

    /// Whether a group can be marked. Announcements groups cannot.
    pub fn can_mark(&self, slot: Slot) -> bool {
        !self.directory.is_announcements_at(slot)
    }

    /// The mark for a row of a pane.
    pub fn mark_of(&self, pane: Pane, slot: Slot) -> Option<Mark> {
        let group = self.directory.entry(slot).filter(|_| self.can_mark(slot))?;
        let source = match pane {
            Pane::Subgroups => self.communities.rows.selected(),
            _ => self.directory.parent_at(slot),
        };
        Some(Mark { group: group.to_id(), name: group.name().to_name(), source: source.cloned() })
    }

    /// The row under the cursor of a pane with groups.
    pub fn selected_group(&self, pane: Pane) -> Option<Entry<'_>> {
        self.directory.entry(*self.group_list(pane)?.selected()?)
    }

    /// A group's name, from the latest data.
    pub fn name_of(&self, group: &GroupId) -> Option<NameRef<'_>> {
        Some(self.directory.entry(self.directory.slot(group)?)?.name())
    }

    /// How many members a group has, if known.
    pub fn members_of(&self, group: &GroupId) -> Option<u32> {
        self.directory.group(group)?.members()
    }

    /// Whether a row of a pane is in the range that was begun there.
    pub fn is_in_range(&self, pane: Pane, at: usize) -> bool {
        self.group_list(pane).and_then(|rows| rows.range()).is_some_and(|range| range.contains(&at))
    }
}
