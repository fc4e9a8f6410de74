//! Controls running operations, whichever process runs them.

use super::Runtime;
use crate::{
    app::event::AppEvent,
    domain::{instance::InstanceKey, message::ToMessage, operation::RunControl},
};

impl Runtime {
    /// Pauses, resumes or stops what runs on an instance, in this process or in another one.
    pub(super) fn control(&self, instance: InstanceKey, control: RunControl) {
        let (engine, events) = (self.parts.engine.clone(), self.events.clone());
        self.run_to_end(async move {
            if let Err(error) = engine.control_anywhere(&instance, control).await {
                let _ = events.send(AppEvent::StoreFailed(error.message()));
            }
        });
    }
}
