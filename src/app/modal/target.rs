//! Choosing a community to link or move to.

use crate::{
    app::{filter::Filter, list::List},
    domain::{id::CommunityId, instance::InstanceKey, plan::Request},
};

/// A community is chosen for a request.
#[derive(Clone, Debug)]
pub struct TargetWindow {
    /// The instance.
    pub instance: InstanceKey,
    /// What was asked for; its target is what is chosen here.
    pub request: Request,
    /// The communities.
    pub communities: List<CommunityId>,
    /// What is typed to find one.
    pub filter: Filter,
}
