//! Where a marked group is: moved, listed twice, or in an unknown place.

use super::*;

#[test]
fn an_unlink_of_a_group_with_an_unknown_place_is_blocked() {
    Case::new(Verb::Unlink, &["s"]).assert(Head::Blocked, &Reason::PlaceUnknown);
}

/// A group that was marked in Harbor, whose fresh listing lacks it.
fn gone_from_harbor(verb: Verb) -> Case {
    Case::new(verb, &["s"]).with(|case| case.request.wishes[0].from = Origin::Only(community("harbor")))
}

fn read_again(case: &mut Case, listing: Arc<CommunityListing>) {
    let mut again = Readings::default();
    again.communities.insert(listing.community.clone(), Ok(listing));
    case.readings.again = Some(Box::new(again));
}

#[test]
fn a_group_that_left_its_community_meanwhile_is_already_unlinked_once_two_listings_lack_it() {
    let case = gone_from_harbor(Verb::Unlink);
    assert_eq!(case.only_row().head, Head::WillDo, "one listing that lacks it proves nothing");
    let needed = |case: &Case| case.needs().more(&case.readings);
    let again = [Scope::Community(community("harbor")), Scope::Details(community("harbor").as_group())];
    assert_eq!(needed(&case), again, "the listing once more, and the role in the community");
    let case = case.with(|case| read_again(case, listing("harbor", &["a", "b"])));
    case.assert(Head::AlreadySo, &Reason::NotIn);
    assert_eq!(needed(&case), again[1..], "no listing is read a third time");
    let case = case.with(|case| read_again(case, listing("harbor", &["a", "b", "s"])));
    assert_eq!(case.only_row().head, Head::WillDo);
}

#[test]
fn a_listing_that_lacks_a_group_whose_parent_it_is_proves_nothing() {
    let case = gone_from_harbor(Verb::Unlink)
        .group("s", |group| group.parent = Parent::Community(community("harbor")))
        .with(|case| read_again(case, listing("harbor", &["a", "b"])));
    assert_eq!(case.only_row().head, Head::WillDo);
    let denied = gone_from_harbor(Verb::Unlink).group("s", |group| group.parent = Parent::None);
    denied.assert(Head::AlreadySo, &Reason::NotIn);
}

#[test]
fn a_group_that_somebody_else_has_moved_is_not_removed_from_anywhere() {
    let north = CommunityRef { id: community("north"), name: Some(Name::new("north")) };
    let moved = |verb: Verb, earlier: Option<Earlier>| {
        Case::new(verb, &["n"]).with(|case| {
            let wish = &mut case.request.wishes[0];
            (wish.from, wish.earlier) = (Origin::Only(community("old")), earlier);
            case.readings.communities.insert(community("old"), Ok(listing("old", &["x"])));
            read_again(case, listing("old", &["x"]));
        })
    };
    let why = Reason::MovedElsewhere(north);
    for earlier in [None, Some(Earlier::default())] {
        moved(Verb::Move, earlier).assert(Head::Blocked, &why);
        moved(Verb::Unlink, earlier).assert(Head::Blocked, &why);
    }
}

#[test]
fn a_group_that_two_communities_list_is_not_touched() {
    let north = CommunityRef { id: community("north"), name: Some(Name::new("north")) };
    for verb in [Verb::Link, Verb::Move] {
        let case = Case::new(verb, &["n"]).with(|case| {
            case.readings.communities.insert(community("harbor"), Ok(listing("harbor", &["a", "b", "n"])));
        });
        case.assert(Head::Blocked, &Reason::ListedTwice(north.clone()));
    }
}

#[test]
fn a_group_of_another_community_is_blocked_with_a_hint_to_move_it() {
    let north = CommunityRef { id: community("north"), name: Some(Name::new("north")) };
    Case::new(Verb::Link, &["n"]).assert(Head::Blocked, &Reason::InOtherCommunity(north));
}

#[test]
fn a_field_of_the_list_can_name_another_community_too() {
    let case = Case::new(Verb::Link, &["s"])
        .group("s", |group| group.parent = Parent::Community(community("elsewhere")));
    let elsewhere = CommunityRef { id: community("elsewhere"), name: None };
    case.assert(Head::Blocked, &Reason::InOtherCommunity(elsewhere));
}

#[test]
fn a_group_in_neither_the_community_nor_the_list() {
    Case::new(Verb::Link, &["s"]).without(&["s"]).assert(Head::Risky, &Reason::InNeither);
}

#[test]
fn an_unlink_of_a_group_in_neither_is_a_risk_if_listings_are_partial() {
    let case = Case::new(Verb::Unlink, &["s"])
        .without(&["s"])
        .with(|case| case.request.wishes[0].from = Origin::Only(community("harbor")));
    case.assert(Head::Risky, &Reason::InNeither);
}

#[test]
fn a_group_without_a_place_field_is_searched_for_if_the_listings_are_old() {
    let mut case = Case::new(Verb::Link, &["s"]);
    let sought = |case: &Case, now: Millis| {
        let scopes = case.needs_at(now).first();
        scopes.contains(&Scope::Community(community("north")))
    };
    assert!(sought(&case, NOW), "that listing was never read");
    case.directory.take_listing(&listing("north", &["n"]));
    let later = NOW + Duration::from_secs(5 * 60);
    assert!(!sought(&case, later) && sought(&case, later + Duration::from_secs(1)));
    // A list that names a group's community, or says that it is in none, makes it unnecessary.
    let told = Group { parent: Parent::None, ..group("s") };
    let list = GroupList { begun: NOW, groups: vec![told].into(), skipped: 0, is_cut: false };
    case.directory.take_groups(Arc::new(list));
    assert!(!sought(&case, later + Duration::from_secs(1)));
}

#[test]
fn a_group_is_not_searched_in_more_communities_than_the_quota_allows() {
    let mut case = Case::new(Verb::Link, &["s"]);
    for at in 0..49 {
        let known = CommunityRef { id: community(&format!("c{at}")), name: None };
        case.directory.learn(known, KnownFrom::Configuration);
    }
    let scopes = case.needs_at(NOW).first();
    let listings = scopes.iter().filter(|scope| matches!(scope, Scope::Community(_))).count();
    assert_eq!(listings, 1, "the target alone");
}

/// A move of n to Harbor, on a gateway whose lists name no community. When it was marked, n was in North; two listings of
/// North lack it.
fn moved_on_unnoticed(verb: Verb) -> Case {
    let mut case = Case::new(verb, &["n"]).on_zapi();
    case.request.wishes[0].from = Origin::Only(community("north"));
    case.readings.communities.insert(community("north"), Ok(listing("north", &["x"])));
    read_again(&mut case, listing("north", &["x"]));
    case
}

#[test]
fn a_move_of_a_group_that_has_moved_searches_all_communities() {
    let mut case = moved_on_unnoticed(Verb::Move);
    let third = CommunityRef { id: community("third"), name: None };
    case.directory.learn(third, KnownFrom::Configuration);
    let needed = case.needs().more(&case.readings);
    assert!(needed.contains(&Scope::Community(community("third"))), "{needed:?}");
    case.assert(Head::Risky, &Reason::PlaceUnknown);
    // One listing that lacks it proves nothing: it is moved from its old place.
    let mut once = moved_on_unnoticed(Verb::Move);
    once.readings.again = None;
    let row = once.only_row();
    let steps = vec![Step::Unlink(community("north")), Step::Link(community("harbor"))];
    assert_eq!((row.head, row.steps), (Head::WillDo, steps));
    // It is found there: somebody else has moved it on.
    let found = case.with(|case| {
        case.readings.communities.insert(community("third"), Ok(listing("third", &["n", "y"])));
    });
    let place = CommunityRef { id: community("third"), name: Some(Name::new("third")) };
    found.assert(Head::Blocked, &Reason::MovedElsewhere(place));
    // It is in none of them: the rest of the move is a link.
    let nowhere = found.with(|case| {
        case.readings.communities.insert(community("third"), Ok(listing("third", &["y"])));
    });
    let row = nowhere.only_row();
    assert_eq!((row.head, row.steps), (Head::WillDo, vec![Step::Link(community("harbor"))]));
    // One of them is unreadable, or is cut off: the group may be there.
    let unread = nowhere.with(|case| {
        let failed = Err(Failure::new(FailureKind::ServerFault));
        case.readings.communities.insert(community("third"), failed);
    });
    unread.assert(Head::Risky, &Reason::PlaceUnknown);
    let cut = unread.with(|case| {
        let mut cut = (*listing("third", &["y"])).clone();
        cut.is_cut = true;
        case.readings.communities.insert(community("third"), Ok(Arc::new(cut)));
    });
    cut.assert(Head::Risky, &Reason::PlaceUnknown);
}

/// One listing of North lacks the group, which alone would not show that the group has gone.
#[test]
fn a_move_of_a_group_that_its_target_lists_already_needs_nothing() {
    let mut case = moved_on_unnoticed(Verb::Move);
    case.readings.again = None;
    case.readings.communities.insert(community("harbor"), Ok(listing("harbor", &["a", "b", "n"])));
    case.assert(Head::AlreadySo, &Reason::AlreadyIn);
}

#[test]
fn an_unlink_of_a_group_that_was_moved_since_it_was_marked_is_blocked() {
    let case = moved_on_unnoticed(Verb::Unlink).with(|case| {
        case.readings.communities.insert(community("harbor"), Ok(listing("harbor", &["a", "b", "n"])));
    });
    let place = CommunityRef { id: community("harbor"), name: Some(Name::new("harbor")) };
    case.assert(Head::Blocked, &Reason::MovedElsewhere(place));
}

/// A move without a source community: nothing shows the group's place, and not all known communities were read.
#[test]
fn a_move_without_a_source_is_risky_while_the_place_is_unknown() {
    let case = Case::new(Verb::Move, &["s"]).on_zapi();
    assert_eq!(case.only_row().head, Head::WillDo, "all known listings lack it");
    let third = CommunityRef { id: community("third"), name: None };
    case.with(|case| case.directory.learn(third, KnownFrom::Configuration))
        .assert(Head::Risky, &Reason::PlaceUnknown);
}
