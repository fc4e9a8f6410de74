//! Plans to leave groups or a community, and to rejoin groups.

use super::*;

#[test]
fn a_group_that_the_list_lacks_is_left_unless_its_details_say_that_the_number_is_out() {
    let lacking = || Case::new(Verb::Leave, &["s"]).without(&["s"]);
    assert_eq!(lacking().only_row().head, Head::WillDo, "its details show the number in it");
    let told = |read: Result<GroupDetails, FailureKind>| {
        lacking().with(|case| drop(case.readings.details.insert(id("s"), read.map_err(Failure::new))))
    };
    told(Err(FailureKind::NotMember)).assert(Head::AlreadySo, &Reason::NotMember);
    let out = GroupDetails { own_number_listed: Some(false), ..details("s") };
    let lacks_the_number = told(Ok(out.clone()));
    assert_ne!(lacks_the_number.only_row().head, Head::AlreadySo, "one answer that lacks it proves nothing");
    let second = lacks_the_number.with(|case| {
        let mut again = Readings::default();
        again.details.insert(id("s"), Ok(out));
        case.readings.again = Some(Box::new(again));
    });
    second.assert(Head::AlreadySo, &Reason::NotMember);
    let failed = Failure::new(FailureKind::ServerFault);
    told(Err(failed.kind)).assert(Head::Risky, &Reason::DetailsFailed(failed));
}

#[test]
fn a_group_that_its_community_lists_does_not_count_as_left() {
    let case = Case::new(Verb::Leave, &["a"]).without(&["a"]).with(|case| {
        case.readings.details.insert(id("a"), Err(Failure::new(FailureKind::NotMember)));
    });
    assert_ne!(case.only_row().head, Head::AlreadySo);
}

#[test]
fn a_group_that_the_number_is_already_in_is_not_rejoined() {
    Case::new(Verb::Rejoin, &["s"]).assert(Head::AlreadySo, &Reason::AlreadyMember);
    assert_eq!(
        Case::new(Verb::Rejoin, &["s"])
            .without(&["s"])
            .with(|case| case.readings.details.clear())
            .only_row()
            .head,
        Head::WillDo
    );
}

#[test]
fn leaving_as_the_only_admin_is_a_risk() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| {
        case.readings.details.insert(id("s"), Ok(GroupDetails { admins: Some(1), ..details("s") }));
    });
    case.assert(Head::Risky, &Reason::OnlyAdmin);
}

#[test]
fn a_group_is_left_only_with_a_tick_if_its_details_say_nothing() {
    let empty = Case::new(Verb::Leave, &["s"]).with(|case| {
        let empty = GroupDetails { name: Name::new(""), members: None, ..details("s") };
        case.readings.details.insert(id("s"), Ok(empty));
    });
    empty.assert(Head::Risky, &Reason::DetailsFailed(Failure::new(FailureKind::Malformed)));
    let unread = Case::new(Verb::Leave, &["s"]).with(|case| case.readings.details.clear());
    unread.assert(Head::Risky, &Reason::NotChecked);
    let unchecked = unread.with(|case| case.readings.probes.clear());
    assert_eq!(unchecked.only_row().reasons, [Reason::NotChecked], "the reason appears once");
}

#[test]
fn a_group_without_an_invite_link_says_that_there_is_no_way_back() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| {
        case.readings.details.insert(id("s"), Ok(GroupDetails { has_invite_link: false, ..details("s") }));
    });
    assert_eq!(case.only_row().remarks, [Remark::NoWayBack]);
}

#[test]
fn an_unrecognised_community_is_not_left() {
    let probed = |probe: Option<Probe>| {
        Case::new(Verb::Leave, &["s"]).with(|case| {
            case.readings.probes.remove(&id("s"));
            case.readings.probes.extend(probe.map(|probe| (id("s"), probe)));
        })
    };
    probed(Some(Probe::Community(listing("s", &["x"])))).assert(Head::Blocked, &Reason::IsCommunity);
    probed(None).assert(Head::Risky, &Reason::NotChecked);
    let failure = Failure::new(FailureKind::TimedOut);
    probed(Some(Probe::Failed(failure.clone()))).assert(Head::Risky, &Reason::ProbeFailed(failure));
    assert_eq!(probed(Some(ordinary())).only_row().head, Head::WillDo);
    for kind in [FailureKind::NotFound, FailureKind::Refused, FailureKind::NoListing] {
        let generic = Failure::new(kind).saying("item-not-found");
        probed(Some(Probe::Nothing(generic.clone()))).assert(Head::Risky, &Reason::ProbeFailed(generic));
    }
}

#[test]
fn the_gateways_words_about_a_group_count_only_beside_a_known_ordinary_group() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| drop(case.readings.probes.remove(&id("a"))));
    case.assert(Head::Risky, &Reason::ProbeUnreliable);
    let needed = case.needs().more(&case.readings);
    assert_eq!(needed, [Scope::Probe(id("a"))]);
}

#[test]
fn a_gateway_that_lists_nothing_even_for_a_community_cannot_vouch_for_a_group() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| {
        let nothing = Err(Failure::new(FailureKind::NoListing));
        case.readings.communities.insert(community("harbor"), nothing);
    });
    case.assert(Head::Risky, &Reason::ProbeUnreliable);
}

#[test]
fn a_plan_to_leave_asks_about_every_group_that_its_reads_do_not_show_as_ordinary() {
    let case = Case::new(Verb::Leave, &["s", "t"])
        .with(|case| case.readings.probes.clear())
        .group("t", |group| group.kind = GroupKind::Ordinary);
    let scopes = case.needs_at(NOW).first();
    assert!(scopes.contains(&Scope::Details(id("s"))) && scopes.contains(&Scope::Details(id("t"))));
    // A known community is read too, to validate the answers about others.
    assert!(scopes.iter().any(|scope| matches!(scope, Scope::Community(_))), "{scopes:?}");
    let more = case.needs().more(&case.readings);
    assert_eq!(more, [Scope::Probe(id("a")), Scope::Probe(id("s"))], "the one in doubt, and a known one");
}

#[test]
fn leaving_a_community_itself_depends_on_the_gateway() {
    let leave = |case: Case| {
        case.with(|case| {
            let instance = case.request.instance.clone();
            case.request = Request::leave_community(instance, community("harbor"));
        })
    };
    let row = leave(Case::new(Verb::Leave, &[])).only_row();
    assert_eq!((row.head, row.remarks), (Head::WillDo, vec![Remark::LeavesSubgroups(2)]));
    leave(Case::new(Verb::Leave, &[]).on_zapi()).assert(Head::Blocked, &Reason::NoCallToLeaveCommunity);
    // Its listing is still readable, and its details say that the number has left.
    let failure = Failure::new(FailureKind::NotMember);
    let left = leave(Case::new(Verb::Leave, &[])).with(|case| {
        case.readings.details.insert(community("harbor").as_group(), Err(failure.clone()));
    });
    left.assert(Head::Risky, &Reason::DetailsFailed(failure));
}

#[test]
fn a_community_that_was_left_before_is_already_left_if_the_gateway_no_longer_knows_it() {
    let again = |was_left: bool, details: Option<FailureKind>, is_listed: bool| {
        Case::new(Verb::Leave, &[]).with(|case| {
            let instance = case.request.instance.clone();
            case.request = Request::leave_community(instance, community("harbor"));
            case.request.wishes[0].earlier = was_left.then(|| Earlier { left: true, ..Earlier::default() });
            if let Some(kind) = details {
                case.readings.details.insert(community("harbor").as_group(), Err(Failure::new(kind)));
            }
            if !is_listed {
                let unread = Err(Failure::new(FailureKind::NoListing));
                case.readings.communities.insert(community("harbor"), unread);
            }
        })
    };
    for kind in [FailureKind::NotMember, FailureKind::NotFound] {
        let case = again(true, Some(kind), false);
        case.assert(Head::AlreadySo, &Reason::NotMember);
        assert_eq!(case.plan().obstacle, None, "nothing is sent, so nothing has to be verified");
        assert_ne!(again(false, Some(kind), false).only_row().head, Head::AlreadySo);
    }
    // "Not a member" says it whatever a listing shows; "not found" may be wrong about a community that can still be listed.
    again(true, Some(FailureKind::NotMember), true).assert(Head::AlreadySo, &Reason::NotMember);
    assert_ne!(again(true, Some(FailureKind::NotFound), true).only_row().head, Head::AlreadySo);
    assert_ne!(again(true, Some(FailureKind::TimedOut), false).only_row().head, Head::AlreadySo);
    let unread = again(true, None, false);
    assert_ne!(unread.only_row().head, Head::AlreadySo);
    assert!(matches!(unread.plan().obstacle, Some(Obstacle::TargetUnread(_))));
}

#[test]
fn a_group_without_a_listing_is_a_risk_if_no_community_can_be_listed_to_compare() {
    let case = Case::new(Verb::Leave, &["s"]).with(|case| case.readings.communities.clear());
    case.assert(Head::Risky, &Reason::ProbeUnreliable);
}

/// "Not found" for a group's details proves that the number has left it only if the group ever existed.
#[test]
fn an_id_that_was_never_seen_is_not_a_left_group() {
    let missing = |text: &str| {
        Case::new(Verb::Leave, &[text]).on_zapi().with(|case| {
            let failure = Failure::new(FailureKind::NotFound);
            case.readings.details.insert(id(text), Err(failure));
        })
    };
    missing("nowhere").assert(Head::Blocked, &Reason::NoSuchGroup);
    // The list still shows a group that was left.
    missing("s").assert(Head::AlreadySo, &Reason::NotMember);
    // An earlier operation knows it.
    let mut again = missing("nowhere");
    again.request.wishes[0].earlier = Some(Earlier { sent_before: true, ..Earlier::default() });
    assert_ne!(again.only_row().reasons, [Reason::NoSuchGroup]);
}

#[test]
fn a_group_of_unknown_kind_is_left_only_with_a_tick_if_communities_are_listed_separately() {
    let kind = |kind: GroupKind| {
        Case::new(Verb::Leave, &["s"]).on_zapi().with(|case| {
            let details = GroupDetails { kind, ..details("s") };
            case.readings.details.insert(id("s"), Ok(details));
        })
    };
    kind(GroupKind::Unknown).assert(Head::Risky, &Reason::KindUnknown);
    kind(GroupKind::Announcements).assert(Head::Blocked, &Reason::AnnouncementsGroup);
    assert_eq!(kind(GroupKind::Ordinary).only_row().head, Head::WillDo);
    // A complete listing shows it as a subgroup: that settles it too.
    let listed = |listing: Arc<CommunityListing>| {
        kind(GroupKind::Unknown).with(|case| {
            case.readings.communities.insert(community("harbor"), Ok(listing));
        })
    };
    assert_eq!(listed(listing("harbor", &["s"])).only_row().head, Head::WillDo);
    let cut = CommunityListing { announcements: None, ..(*listing("harbor", &["s"])).clone() };
    listed(Arc::new(cut)).assert(Head::Risky, &Reason::KindUnknown);
}
