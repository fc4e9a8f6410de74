//! The choice of a community to link or move to.

use crate::{
    app::{
        context::Context,
        filter::Filter,
        layout::TARGET_SIZE,
        list::List,
        modal::window::{Scene, Window},
    },
    domain::{id::CommunityId, instance::InstanceKey, name::fold::sort_key, plan::Request},
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
        let mut rows: Vec<_> = instance.directory.communities().iter().collect();
        rows.sort_by_cached_key(|community| {
            let name = community.name.as_ref();
            (name.is_none(), name.map(|name| sort_key(name.shown())), community.id.clone())
        });
        let rows = self.filter.keep(rows, |community| {
            (community.name.as_ref().map_or("", |name| name.shown()), community.id.bare())
        });
        self.communities.set_rows(rows.into_iter().map(|community| community.id.clone()).collect());
    }
}
