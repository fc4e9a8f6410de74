//! Common imports for tests that write a gateway themselves.

pub(crate) use synod::{
    clock::Clock,
    domain::{
        budget::Budget,
        capability::{Capabilities, LastSubgroup},
        community::{
            CommunityListing, CommunityRef, Group, GroupDetails, GroupKind, GroupList, Parent, Role, Subgroup,
        },
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::{Connection, ConnectionState},
        invite::InviteLink,
        name::Name,
        plan::Step,
        reading::Probe,
        time::Millis,
    },
    gateway::{Answer, Reads, Writes},
};
