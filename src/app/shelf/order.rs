//! The sort orders for the groups in the right pane. All are derived from the order by name.

use std::cmp::Reverse;

use crate::{
    app::instance::SortBy,
    domain::community::{GroupList, Role},
};

/// The indices into the list of groups, in a sort order.
pub(super) fn places(sort: SortBy, list: &GroupList) -> Vec<u32> {
    let mut order = list.groups.by_name().to_vec();
    let group = |place: &u32| &list.groups[*place as usize];
    match sort {
        SortBy::Name | SortBy::Capacity => {}
        SortBy::Size => order.sort_by_cached_key(|place| Reverse(group(place).members)),
        SortBy::Role => order.sort_by_key(|place| role_rank(group(place).role)),
    }
    order
}

/// Groups in which the number is an admin come first; those in which it is not come last.
pub(in crate::app) fn role_rank(role: Role) -> u8 {
    match role {
        Role::Admin => 0,
        Role::Unknown => 1,
        Role::Member => 2,
    }
}
