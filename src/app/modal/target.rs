//! The choice of a community to link or move to.

use crate::{
    app::{
        context::Context,
        filter::Filter,
        layout::TARGET_SIZE,
        list::List,
        modal::window::{Scene, Window},
        panes::{by_name, kept},
    },
    domain::{id::CommunityId, instance::InstanceKey, plan::Mark},
};

/// The window in which the operator chooses a community for a request.
#[derive(Clone, Debug)]
pub struct TargetWindow {
    pub instance: InstanceKey,
    /// What waits for the target.
    pub unaimed: Unaimed,
    pub communities: List<CommunityId>,
    pub filter: Filter,
}

impl Window for TargetWindow {
    fn context(&self) -> Context {
        Context::Target
    }

    fn settle(&mut self, scene: Scene<'_>) {
        self.communities.set_height(usize::from(scene.lines(TARGET_SIZE).saturating_sub(2)));
        let Some(instance) = scene.instance(&self.instance) else { return };
        let directory = &instance.directory;
        let (rows, _) = kept(directory, &by_name(directory), &self.filter, instance.fact_rules());
        self.communities.set_rows(rows);
    }
}

/// A request whose target is still to be chosen.
#[derive(Clone, Debug)]
pub enum Unaimed {
    Link(Vec<Mark>),
    Move(Vec<Mark>),
    /// Put the groups of these rows of the plan below into another community.
    Rows(Vec<usize>),
}

impl Unaimed {
    /// How many groups wait.
    pub fn count(&self) -> usize {
        match self {
            Self::Link(marks) | Self::Move(marks) => marks.len(),
            Self::Rows(rows) => rows.len(),
        }
    }
}
