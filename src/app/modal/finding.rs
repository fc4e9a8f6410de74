//! The window with the communities that are known, and the search for those that are not.

use tui_input::Input;

use crate::{
    app::{
        effect::Ticket,
        instance::Instance,
        layout::{FINDING_SIZE, Layout, finding_list},
        list::List,
        search::candidates_left,
    },
    domain::{
        community::CommunityRef, directory::Community, failure::Failure, id::CommunityId,
        instance::InstanceKey,
    },
};

/// The communities of an instance.
#[derive(Clone, Debug)]
pub struct FindingWindow {
    /// The instance.
    pub instance: InstanceKey,
    /// Those that are known.
    pub communities: List<CommunityId>,
    /// How many groups a search would ask; `None` before the list of groups was read.
    pub candidates: Option<usize>,
    /// The one that is being added.
    pub adding: Option<Adding>,
    /// What became of the last one that was added or forgotten.
    pub told: Option<Told>,
}

/// A community is added. What is typed may be an invite link, and shows itself to nobody but the screen.
#[derive(Clone, Default)]
pub struct Adding {
    /// What is typed.
    pub input: Input,
    /// Bears the answer while it is looked up.
    pub ticket: Option<Ticket>,
}

impl std::fmt::Debug for Adding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adding").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// What became of a community that was added or forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is known now.
    Added(CommunityRef),
    /// It was known already.
    WasKnown(CommunityRef),
    /// No community of this number stands behind what was typed, or that could not be read.
    NotAdded(Failure),
    /// It is forgotten.
    Forgotten(CommunityRef, Return),
}

/// Whether a community that was forgotten comes back by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// It does not.
    Never,
    /// The configuration names it.
    Configured,
    /// The gateway shows it.
    Listed,
}

impl FindingWindow {
    /// The window for an instance.
    pub fn new(instance: InstanceKey) -> Self {
        Self { instance, communities: List::default(), candidates: None, adding: None, told: None }
    }

    /// Makes the rows anew, by name, and gives the list its height on this screen.
    pub fn settle(&mut self, instance: &Instance, layout: &Layout) {
        self.candidates = candidates_left(instance);
        let mut rows: Vec<&Community> = instance.directory.communities().iter().collect();
        rows.sort_by_cached_key(|community| {
            let name = community.name.as_ref().map(|name| name.shown().to_lowercase());
            (name.is_none(), name, community.id.clone())
        });
        self.communities.set_rows(rows.into_iter().map(|community| community.id.clone()).collect());
        let inner = layout.window(FINDING_SIZE.0, FINDING_SIZE.1).inside().height;
        self.communities.set_height(usize::from(finding_list(inner).1));
    }
}
