//! What the parts of a load and the results of probes add to a directory.

use super::{Directory, KnownFrom};
use crate::domain::{
    community::CommunityRef,
    reading::{Loaded, Probe},
};

impl Directory {
    /// Takes a part of a load. A connection and a failed list of communities add nothing.
    pub fn take_loaded(&mut self, part: Loaded) {
        match part {
            Loaded::Connection(_) | Loaded::Communities(Err(_)) | Loaded::Done => {}
            Loaded::Communities(Ok(communities)) => {
                for community in communities {
                    self.learn(community, KnownFrom::Listing);
                }
            }
            Loaded::Groups(Ok(list)) => self.take_groups(list),
            Loaded::Groups(Err(failure)) => self.take_groups_failure(failure),
            Loaded::Community(_, Ok(listing)) => self.take_listing(&listing),
            Loaded::Community(community, Err(failure)) => self.take_listing_failure(&community, failure),
            Loaded::Name(id, name) => {
                let known_from = self.community(&id).map_or(KnownFrom::Listing, |known| known.known_from);
                self.learn(CommunityRef { id, name: Some(name) }, known_from);
            }
        }
    }

    /// Takes the community that a probe found, if any.
    pub fn take_probe(&mut self, probe: &Probe) {
        if let Probe::Community(listing) = probe {
            let community = CommunityRef { id: listing.community.clone(), name: listing.name.clone() };
            self.learn(community, KnownFrom::Probe);
            self.take_listing(listing);
        }
    }
}
