//! How a plan handles a listing that may lack groups.

use std::sync::Arc;

use synod::domain::{
    community::CommunityListing,
    plan::{Head, Reason, Verb},
};

use super::{Case, community, heads, listing};

#[test]
fn an_incomplete_listing_proves_neither_the_last_subgroup_nor_the_number_of_subgroups() {
    let cut = || CommunityListing { is_cut: true, ..Arc::unwrap_or_clone(listing("harbor", &["a", "b"])) };
    let set = |case: &mut Case| {
        case.readings.communities.insert(community("harbor"), Ok(Arc::new(cut())));
    };
    let plan = Case::new(Verb::Unlink, &["a", "b"]).on_zapi().with(set).plan();
    assert_eq!(heads(&plan), [Head::WillDo, Head::Risky]);
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroupMayBeRefused]);
    let at_least = |case: Case| case.on_zapi().plan().capacity.unwrap().at_least;
    assert!(at_least(Case::new(Verb::Link, &["s"]).with(set)));
    assert!(!at_least(Case::new(Verb::Link, &["s"])));
}
