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
    domain::{
        id::CommunityId,
        instance::InstanceKey,
        plan::{Mark, Request, Task},
    },
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
        self.communities.set_rows(kept(by_name(&instance.directory), &self.filter));
    }
}

/// A request whose target is still to be chosen.
#[derive(Clone, Debug)]
pub enum Unaimed {
    Link(Vec<Mark>),
    Move(Vec<Mark>),
    /// Make this request for another target.
    Request(Box<Request>),
}

impl Unaimed {
    /// How many groups wait.
    pub fn count(&self) -> usize {
        match self {
            Self::Link(marks) | Self::Move(marks) => marks.len(),
            Self::Request(request) => request.wishes.len(),
        }
    }

    /// The request for this target.
    pub fn at(self, instance: InstanceKey, target: CommunityId) -> Request {
        match self {
            Self::Link(marks) => Request::new(instance, &Task::Link(target), marks),
            Self::Move(marks) => Request::new(instance, &Task::Move(target), marks),
            Self::Request(mut request) => {
                request.retarget(&target);
                *request
            }
        }
    }
}
