//! The choice of a community to link or move to.

use crate::{
    app::{filter::Filter, list::List},
    domain::{id::CommunityId, instance::InstanceKey, plan::Request},
};

/// The window in which the operator chooses a community for a request.
#[derive(Clone, Debug)]
pub struct TargetWindow {
    /// The instance.
    pub instance: InstanceKey,
    /// The operator's request; its target is chosen here.
    pub request: Request,
    /// The communities.
    pub communities: List<CommunityId>,
    /// The filter on the communities.
    pub filter: Filter,
}
