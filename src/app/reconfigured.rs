//! The instances after a change of the configuration, as the screen learns about them.

use super::{broken::BrokenEntry, instance::Profile};
use crate::domain::instance::InstanceKey;

/// The instances after a change of the configuration.
#[derive(Clone, Debug)]
pub struct Reconfigured {
    /// The instances that can be used, in the order of the file.
    pub profiles: Vec<Profile>,
    pub broken: Vec<BrokenEntry>,
    /// Those of them whose client or settings are new.
    pub renewed: Vec<InstanceKey>,
    /// Instances that stay as they were, because they have an operation in progress.
    pub held: Vec<InstanceKey>,
}
