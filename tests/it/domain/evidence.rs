//! What answers prove, case by case.

use std::sync::Arc;

use proptest::prelude::*;
use rstest::rstest;
use synod::domain::{
    capability::Capabilities,
    community::{CommunityListing, Group, GroupDetails, GroupKind, GroupList, Parent, Role},
    event::SeenBefore,
    evidence::{Answers, Lacking, Proof, may_be_cut},
    failure::{Failure, FailureKind},
    name::Name,
    reading::{Probe, Reading, Readings},
    time::Millis,
};

use crate::support::domain::{BEGUN, RYZEAPI, community, details, entry as group, group as id, listing};

#[derive(Default)]
struct Look(Readings);

impl Look {
    fn listing(mut self, listing: CommunityListing) -> Self {
        self.0.take(Reading::Community(listing.community.clone(), Ok(Arc::new(listing))));
        self
    }

    fn groups(mut self, groups: Vec<Group>) -> Self {
        let groups = groups.into_iter().map(Group::without_zero_values).collect();
        let list = GroupList { begun: BEGUN, groups, skipped: 0, is_cut: false };
        self.0.take(Reading::Groups(Ok(Arc::new(list))));
        self
    }

    fn details(mut self, text: &str, read: Result<GroupDetails, FailureKind>) -> Self {
        self.0.take(Reading::Details(id(text), read.map_err(Failure::new)));
        self
    }

    fn probe(mut self, text: &str, probe: Probe) -> Self {
        self.0.take(Reading::Probe(id(text), probe));
        self
    }

    fn answers(&self) -> Answers<'_> {
        Answers::new(&self.0, BEGUN, &RYZEAPI)
    }
}

fn says(kind: FailureKind, words: &str) -> Probe {
    Probe::Nothing(Failure::new(kind).saying(words).with_status(400))
}

#[rstest]
#[case::listed(&["g"], Parent::Unknown, Proof::Yes)]
#[case::listed_and_named(&["g"], Parent::Community(community("c")), Proof::Yes)]
#[case::listed_and_denied(&["g"], Parent::None, Proof::Unknown)]
#[case::listed_and_named_elsewhere(&["g"], Parent::Community(community("d")), Proof::Unknown)]
#[case::lacking(&["h"], Parent::Unknown, Proof::Absent(Lacking::Listing))]
#[case::lacking_and_denied(&["h"], Parent::None, Proof::No)]
#[case::lacking_and_named_elsewhere(&["h"], Parent::Community(community("d")), Proof::No)]
#[case::lacking_and_named(&["h"], Parent::Community(community("c")), Proof::Unknown)]
fn a_listing_and_the_field_of_the_list(
    #[case] listed: &[&str],
    #[case] parent: Parent,
    #[case] proof: Proof,
) {
    let look = Look::default().listing(listing("c", listed)).groups(vec![Group { parent, ..group("g") }]);
    assert_eq!(look.answers().contains(&community("c"), &id("g")), proof);
}

#[test]
fn a_listing_that_is_cut_or_lacks_its_announcements_proves_no_absence() {
    let of = |listing| Look::default().listing(listing).answers().contains(&community("c"), &id("g"));
    assert_eq!(of(listing("c", &["h"])), Proof::Absent(Lacking::Listing));
    assert_eq!(of(CommunityListing { is_cut: true, ..listing("c", &["h"]) }), Proof::Unknown);
    assert_eq!(of(CommunityListing { announcements: None, ..listing("c", &["h"]) }), Proof::Unknown);
    assert_eq!(of(CommunityListing { begun: Millis(9), ..listing("c", &["g"]) }), Proof::Unknown);
}

#[test]
fn two_readbacks_that_both_lack_it_prove_absence() {
    let (groups, members) = (Proof::Absent(Lacking::Groups), Proof::Absent(Lacking::Members));
    assert_eq!(groups.then(groups), Proof::No);
    assert_eq!(members.then(Proof::Absent(Lacking::GroupsAndMembers)), Proof::No);
    assert_eq!(groups.then(members), members, "each of the two answers lacks it once");
    assert_eq!(Proof::Unknown.then(groups), groups);
    assert_eq!(Proof::Yes.then(groups), groups);
    assert_eq!(groups.then(Proof::Yes), Proof::Yes);
}

#[rstest]
#[case::in_both(true, Ok(Some(true)), Proof::Yes)]
#[case::in_the_list(true, Err(FailureKind::ServerFault), Proof::Yes)]
#[case::the_list_lacks_it(false, Err(FailureKind::ServerFault), Proof::Absent(Lacking::Groups))]
#[case::the_list_lacks_it_and_details_show_it(false, Ok(Some(true)), Proof::Unknown)]
#[case::the_list_lacks_it_and_details_are_given(false, Ok(None), Proof::Unknown)]
#[case::both_lack_it(false, Ok(Some(false)), Proof::Absent(Lacking::GroupsAndMembers))]
#[case::said_in_words(false, Err(FailureKind::NotMember), Proof::No)]
#[case::said_in_words_against_the_list(true, Err(FailureKind::NotMember), Proof::Unknown)]
#[case::a_right_that_is_lacking(false, Err(FailureKind::Forbidden), Proof::Absent(Lacking::Groups))]
fn the_list_of_groups_and_the_details(
    #[case] is_listed: bool,
    #[case] response: Result<Option<bool>, FailureKind>,
    #[case] proof: Proof,
) {
    let response = response.map(|own_number_listed| GroupDetails { own_number_listed, ..details("g") });
    let listed = group(if is_listed { "g" } else { "h" });
    let look = Look::default().groups(vec![listed]).details("g", response);
    assert_eq!(look.answers().is_member(&id("g")), proof);
}

#[rstest]
#[case::the_same_words(says(FailureKind::NotACommunity, "JID 120@g.us is not a community"), Proof::No)]
#[case::other_words(says(FailureKind::NotACommunity, "not a community, or hidden"), Proof::Unknown)]
#[case::an_empty_list(Probe::Nothing(Failure::new(FailureKind::NoListing)), Proof::Unknown)]
#[case::a_generic_error(says(FailureKind::NotFound, "item-not-found"), Proof::Unknown)]
#[case::throttled(Probe::Failed(Failure::new(FailureKind::Throttled { until: None })), Proof::Unknown)]
fn a_probe_counts_only_in_the_words_of_a_known_ordinary_group(#[case] probe: Probe, #[case] proof: Proof) {
    let control = says(FailureKind::NotACommunity, "JID 7@g.us is not a community");
    let look = Look::default().probe("x", probe.clone()).probe("known", control);
    assert_eq!(
        look.answers().is_community(&id("x")),
        Proof::Unknown,
        "nothing shows that `known` is ordinary"
    );
    let look = look.listing(listing("c", &["known"]));
    assert_eq!(look.answers().is_community(&id("x")), proof);
    // Controls that also give generic answers prove nothing about any group.
    let generic = says(FailureKind::NotFound, "item-not-found");
    let look =
        Look::default().listing(listing("c", &["known"])).probe("known", generic.clone()).probe("x", generic);
    assert_eq!(look.answers().is_community(&id("x")), Proof::Unknown);
}

#[rstest]
#[case::community(GroupKind::Community, Proof::Yes)]
#[case::ordinary(GroupKind::Ordinary, Proof::No)]
#[case::unsaid(GroupKind::Unknown, Proof::Unknown)]
fn the_flags_of_an_entry(#[case] kind: GroupKind, #[case] proof: Proof) {
    let look = Look::default().groups(vec![Group { kind, ..group("g") }]);
    assert_eq!(look.answers().is_community(&id("g")), proof);
}

#[test]
fn the_flags_of_a_zero_value_mean_nothing() {
    let zero = Group {
        name: Name::new(""),
        members: Some(0),
        parent: Parent::None,
        kind: GroupKind::Ordinary,
        ..group("g")
    };
    let look = Look::default().groups(vec![zero]).listing(listing("c", &["h"]));
    assert_eq!(look.answers().is_community(&id("g")), Proof::Unknown);
    assert_eq!(look.answers().contains(&community("c"), &id("g")), Proof::Absent(Lacking::Listing));
}

#[test]
fn a_role_in_a_community_comes_from_its_own_group_or_its_announcement_group() {
    let news = GroupDetails { role: Role::Member, ..details("c-news") };
    let look = Look::default().listing(listing("c", &[])).details("c-news", Ok(news));
    assert_eq!(look.answers().role_in_community(&community("c")), Role::Member);
    let own = GroupDetails { role: Role::Admin, ..details("c") };
    assert_eq!(look.details("c", Ok(own)).answers().role_in_community(&community("c")), Role::Admin);
}

#[rstest]
fn lists_of_a_known_length_may_be_cut(
    #[values(100, 250, 256, 500, 512, 1_000, 1_024, 5_000)] entries: usize,
) {
    assert!(may_be_cut(entries));
    assert!(!may_be_cut(entries - 1) && !may_be_cut(entries + 1));
}

/// One answer about group `g` and community `c`: correct, or with the group missing or the field blank.
fn answer() -> impl Strategy<Value = (bool, bool)> {
    (any::<bool>(), any::<bool>())
}

proptest! {
    /// Whichever single entries are missing or blank, an answer never proves anything untrue.
    #[test]
    fn property_missing_entries_and_blank_fields_prove_nothing_untrue(
        is_in in any::<bool>(),
        is_member in any::<bool>(),
        (listing_misses, field_is_blank) in answer(),
        list_misses in any::<bool>(),
    ) {
        let is_in = is_in && is_member;
        let shown: &[&str] = if is_in && !listing_misses { &["g", "h"] } else { &["h"] };
        let parent = match (field_is_blank, is_in) {
            (true, _) => Parent::Unknown,
            (_, true) => Parent::Community(community("c")),
            (_, false) => Parent::None,
        };
        let mut groups = vec![group("h")];
        if is_member && !list_misses {
            groups.push(Group { parent, ..group("g") });
        }
        let look = Look::default().listing(listing("c", shown)).groups(groups);
        let answers = look.answers();
        match answers.contains(&community("c"), &id("g")) {
            Proof::Yes => prop_assert!(is_in),
            Proof::No => prop_assert!(!is_in),
            Proof::Absent(_) | Proof::Unknown => {}
        }
        match answers.is_member(&id("g")) {
            Proof::Yes => prop_assert!(is_member),
            Proof::No => prop_assert!(!is_member),
            Proof::Absent(_) | Proof::Unknown => {}
        }
    }
}

/// The readings of community c, which the number was in: its details, whether the list of groups still shows it or something in
/// it, and why its listing failed.
#[rstest]
#[case::own_number_listed(Ok(Some(true)), false, Some(FailureKind::NotFound), Proof::Yes)]
#[case::not_a_member(Err(FailureKind::NotMember), true, None, Proof::No)]
#[case::gone_everywhere(
    Err(FailureKind::NotFound),
    false,
    Some(FailureKind::NotFound),
    Proof::Absent(Lacking::Groups)
)]
#[case::own_number_missing(
    Ok(Some(false)),
    false,
    Some(FailureKind::NotMember),
    Proof::Absent(Lacking::Groups)
)]
#[case::details_that_tell_nothing(
    Ok(None),
    false,
    Some(FailureKind::Forbidden),
    Proof::Absent(Lacking::Groups)
)]
#[case::details_that_tell_nothing_while_it_is_listed(
    Ok(None),
    true,
    Some(FailureKind::NotFound),
    Proof::Unknown
)]
#[case::still_listed(Err(FailureKind::NotFound), false, None, Proof::Unknown)]
#[case::listing_failed_by_itself(
    Err(FailureKind::NotFound),
    false,
    Some(FailureKind::TimedOut),
    Proof::Unknown
)]
#[case::details_failed_by_themselves(
    Err(FailureKind::ServerFault),
    true,
    Some(FailureKind::NotFound),
    Proof::Unknown
)]
fn whether_the_number_is_in_a_community(
    #[case] response: Result<Option<bool>, FailureKind>,
    #[case] is_in_the_list: bool,
    #[case] listing_failed: Option<FailureKind>,
    #[case] proof: Proof,
) {
    let response = response.map(|own_number_listed| GroupDetails { own_number_listed, ..details("c") });
    let subgroup = Group { parent: Parent::Community(community("c")), ..group("g") };
    let mut groups = vec![group("other")];
    groups.extend(is_in_the_list.then_some(subgroup));
    let mut look = Look::default().details("c", response).groups(groups);
    look = match listing_failed {
        Some(kind) => {
            look.0.take(Reading::Community(community("c"), Err(Failure::new(kind))));
            look
        }
        None => look.listing(listing("c", &["g"])),
    };
    let seen = SeenBefore { was_listed: true, had_details: true, ..SeenBefore::default() };
    assert_eq!(look.answers().is_in_community(&community("c"), seen), proof);
    // Absence proves nothing about a community that was never seen before.
    let unseen = look.answers().is_in_community(&community("c"), SeenBefore::default());
    assert_eq!(unseen, if proof == Proof::Yes { Proof::Yes } else { Proof::Unknown });
}

#[rstest]
#[case::nothing_known(true, GroupKind::Unknown, false, false)]
#[case::flagged_ordinary(true, GroupKind::Ordinary, false, true)]
#[case::flagged_announcements(true, GroupKind::Announcements, false, false)]
#[case::flagged_community(true, GroupKind::Community, true, false)]
#[case::in_a_listing(true, GroupKind::Unknown, true, true)]
#[case::announcements_in_a_listing(true, GroupKind::Announcements, true, false)]
#[case::apart_nothing_known(false, GroupKind::Unknown, false, false)]
#[case::apart_flagged_ordinary(false, GroupKind::Ordinary, false, true)]
#[case::apart_flagged_announcements(false, GroupKind::Announcements, false, false)]
#[case::apart_in_a_listing(false, GroupKind::Unknown, true, true)]
fn only_positive_knowledge_makes_a_group_ordinary(
    #[case] community_may_pass_for_group: bool,
    #[case] kind: GroupKind,
    #[case] is_listed: bool,
    #[case] is_ordinary: bool,
) {
    let capabilities = Capabilities { community_may_pass_for_group, ..RYZEAPI };
    let look = Look::default()
        .listing(listing("c", if is_listed { &["g"] } else { &["h"] }))
        .groups(vec![Group { kind, ..group("g") }]);
    assert_eq!(Answers::new(&look.0, BEGUN, &capabilities).is_ordinary(&id("g")), is_ordinary);
}

#[rstest]
#[case::both_agree(Some(true), Parent::Community(community("c")), false)]
#[case::the_listing_lacks_what_the_field_names(Some(false), Parent::Community(community("c")), true)]
#[case::no_listing_and_a_field_that_names_it(None, Parent::Community(community("c")), false)]
#[case::the_listing_shows_what_the_field_denies(Some(true), Parent::None, true)]
#[case::both_deny_it(Some(false), Parent::None, false)]
#[case::no_listing_and_a_field_that_denies_it(None, Parent::None, false)]
#[case::a_blank_field(Some(true), Parent::Unknown, false)]
fn a_listing_and_a_field_contradict_each_other_only_if_they_say_opposite_things(
    #[case] is_listed: Option<bool>,
    #[case] parent: Parent,
    #[case] contradicts: bool,
) {
    let mut look = Look::default().groups(vec![Group { parent, ..group("g") }]);
    if let Some(is_listed) = is_listed {
        look = look.listing(listing("c", if is_listed { &["g"] } else { &["h"] }));
    }
    assert_eq!(look.answers().contradict(&community("c"), &id("g")), contradicts);
}

#[rstest]
#[case::both_name_it(Parent::Community(community("c")), Parent::Community(community("c")), Proof::Yes)]
#[case::one_names_it(Parent::Unknown, Parent::Community(community("c")), Proof::Yes)]
#[case::one_denies_it(Parent::Unknown, Parent::None, Proof::Unknown)]
#[case::the_details_deny_what_the_list_names(Parent::Community(community("c")), Parent::None, Proof::Unknown)]
#[case::the_list_denies_what_the_details_name(
    Parent::None,
    Parent::Community(community("c")),
    Proof::Unknown
)]
fn fields_that_contradict_each_other_prove_nothing_and_fields_that_agree_do(
    #[case] in_list: Parent,
    #[case] in_details: Parent,
    #[case] proof: Proof,
) {
    let contradicts = in_list != Parent::Unknown && in_list != in_details;
    let look = Look::default()
        .groups(vec![Group { parent: in_list, ..group("g") }])
        .details("g", Ok(GroupDetails { parent: in_details, ..details("g") }));
    assert_eq!(look.answers().contains(&community("c"), &id("g")), proof);
    assert_eq!(look.answers().contradict(&community("c"), &id("g")), contradicts);
    // A listing that shows the group does not outweigh two fields that disagree.
    let look = look.listing(listing("c", &["g"]));
    assert_eq!(look.answers().contains(&community("c"), &id("g")), proof);
}

#[test]
fn membership_counts_as_asked_about_only_if_the_list_or_the_details_were_read() {
    let is_asked = |look: Look| look.answers().asked_about_members(&id("g"));
    assert!(!is_asked(Look::default()));
    assert!(!is_asked(Look::default().listing(listing("c", &["g"]))), "a listing shows no members");
    assert!(!is_asked(Look::default().details("h", Ok(details("h")))), "these are another group's details");
    assert!(is_asked(Look::default().details("g", Err(FailureKind::NotFound))));
    assert!(is_asked(Look::default().groups(vec![group("h")])));
}

#[rstest]
#[case::only_the_list(true, Ok(None), Proof::Yes)]
#[case::not_among_the_members(true, Ok(Some(false)), Proof::Unknown)]
#[case::only_the_list_but_it_keeps_groups_that_were_left(false, Ok(None), Proof::Unknown)]
#[case::details_failed_and_the_list_keeps_groups_that_were_left(
    false,
    Err(FailureKind::ServerFault),
    Proof::Unknown
)]
#[case::not_among_the_members_and_the_list_keeps_groups_that_were_left(
    false,
    Ok(Some(false)),
    Proof::Absent(Lacking::Members)
)]
#[case::said_in_words_and_the_list_keeps_groups_that_were_left(false, Err(FailureKind::NotMember), Proof::No)]
#[case::not_found_and_the_list_keeps_groups_that_were_left(false, Err(FailureKind::NotFound), Proof::No)]
#[case::not_found_is_no_answer_about_members(true, Err(FailureKind::NotFound), Proof::Yes)]
fn a_listed_group_proves_membership_only_if_the_list_drops_groups_that_were_left(
    #[case] group_list_shows_membership: bool,
    #[case] told: Result<Option<bool>, FailureKind>,
    #[case] proof: Proof,
) {
    let capabilities = Capabilities { group_list_shows_membership, ..RYZEAPI };
    let told = told.map(|own_number_listed| GroupDetails { own_number_listed, ..details("g") });
    let look = Look::default().groups(vec![group("g")]).details("g", told);
    assert_eq!(Answers::new(&look.0, BEGUN, &capabilities).is_member(&id("g")), proof);
}

#[test]
fn a_group_counts_as_absent_only_from_a_complete_list_that_shows_membership() {
    let of = |is_cut, group_list_shows_membership| {
        let mut look = Look::default();
        let groups = std::iter::once(group("h")).collect();
        let list = GroupList { begun: BEGUN, groups, skipped: 0, is_cut };
        look.0.take(Reading::Groups(Ok(Arc::new(list))));
        let capabilities = Capabilities { group_list_shows_membership, ..RYZEAPI };
        Answers::new(&look.0, BEGUN, &capabilities).is_member(&id("g"))
    };
    assert_eq!(of(false, true), Proof::Absent(Lacking::Groups));
    assert_eq!(of(true, true), Proof::Unknown, "the list may have been cut before it");
    assert_eq!(of(false, false), Proof::Unknown);
    assert_eq!(of(true, false), Proof::Unknown);
}
