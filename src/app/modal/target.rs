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
    domain::{id::CommunityId, instance::InstanceKey, plan::Request},
};

/// The window in which the operator chooses a community for a request.
#[derive(Clone, Debug)]
pub struct TargetWindow {
    pub instance: InstanceKey,
    /// The operator's request; its target is chosen here.
    pub request: Request,
    pub communities: List<CommunityId>,
    /// The filter on the communities.
    pub filter: Filter,
}

impl Window for TargetWindow {
    fn context(&self) -> Context {
        Context::Target
    }

    fn settle(&mut self, scene: Scene<'_>) {
        self.communities.set_height(usize::from(scene.lines(TARGET_SIZE).saturating_sub(2)));
        let Some(instance) = scene.instance(&self.instance) else { return };
        self.communities.set_rows(kept(by_name(&instance.directory), &self.filter));
    }
}
