//! The window with the known communities, and the search for others.

use tui_input::Input;

use crate::{
    app::{
        context::Context,
        effect::Ticket,
        layout::{FINDING_SIZE, finding_list},
        list::List,
        modal::window::{Scene, Window},
    },
    domain::{
        community::CommunityRef, directory::Community, failure::Failure, id::CommunityId,
        instance::InstanceKey,
    },
};

/// The communities of an instance.
#[derive(Clone, Debug)]
pub struct FindingWindow {
    pub instance: InstanceKey,
    pub communities: List<CommunityId>,
    /// How many groups a search would ask about; `None` before the list of groups has been read.
    pub candidates: Option<usize>,
    /// The community being added.
    pub adding: Option<Adding>,
    /// The result of the last addition or removal.
    pub result: Option<Told>,
}

/// The form for adding a community. Its text may be an invite link, so only the screen shows it.
#[derive(Clone, Default)]
pub struct Adding {
    pub input: Input,
    pub ticket: Option<Ticket>,
}

impl std::fmt::Debug for Adding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adding").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// The result of adding or forgetting a community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Added(CommunityRef),
    WasKnown(CommunityRef),
    /// The text leads to no community of this number, or the community could not be read.
    NotAdded(Failure),
    Forgotten(CommunityRef, Return),
}

/// Whether a forgotten community comes back automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    Never,
    /// Yes: the configuration names it.
    Configured,
    /// Yes: the gateway lists it.
    Listed,
}

impl FindingWindow {
    /// The window for an instance.
    pub fn new(instance: InstanceKey) -> Self {
        Self { instance, communities: List::default(), candidates: None, adding: None, result: None }
    }
}

impl Window for FindingWindow {
    fn context(&self) -> Context {
        if self.adding.is_some() { Context::FindingAdd } else { Context::Finding }
    }

    /// Rebuilds the rows, sorted by name, and sets the height of the list on this screen.
    fn settle(&mut self, scene: Scene<'_>) {
        let Some(instance) = scene.instance(&self.instance) else { return };
        self.candidates = instance.directory.groups().map(|_| instance.candidates().len());
        let mut rows: Vec<&Community> = instance.directory.communities().iter().collect();
        rows.sort_by_cached_key(|community| {
            let name = community.name.as_ref().map(|name| name.shown().to_lowercase());
            (name.is_none(), name, community.id.clone())
        });
        self.communities.set_rows(rows.into_iter().map(|community| community.id.clone()).collect());
        self.communities.set_height(usize::from(finding_list(scene.lines(FINDING_SIZE)).1));
    }
}
