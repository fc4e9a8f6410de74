//! How ids and names find their matches, in a small directory and with arbitrary names.

use std::sync::Arc;

use proptest::prelude::*;
use rstest::rstest;
use synod::domain::{
    community::{CommunityListing, Group, GroupKind, GroupList, Parent, Role, Subgroup},
    directory::Directory,
    id::{CommunityId, GroupId},
    lookup::{Accept, Invited, Lookup, LookupError, invited, is_surely_id, looks_like_id},
    name::{Name, listed},
    time::Millis,
};

fn group(id: &str, name: &str) -> Group {
    Group {
        id: GroupId::parse(id).unwrap(),
        name: Name::new(name),
        members: None,
        role: Role::Unknown,
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
    }
}

fn subgroup(id: &str, name: &str) -> Subgroup {
    Subgroup { id: GroupId::parse(id).unwrap(), name: Name::new(name) }
}

/// Two communities, and three groups in no community; there is a `Parking` in each community and outside.
fn directory() -> Directory {
    let mut directory = Directory::default();
    let groups = vec![
        group("120363400000000011@g.us", "Parking"),
        group("120363400000000012@g.us", "parking"),
        group("5511900000001-1450000000@g.us", "Kitchen"),
        group("120363400000000101@g.us", "Choir"),
    ];
    directory.take_groups(Arc::new(GroupList {
        begun: Millis(1),
        groups: groups.into(),
        skipped: 0,
        is_cut: false,
    }));
    for (number, name) in [(1, "Choir"), (2, "Harbor")] {
        let community = CommunityId::parse(&format!("12036340000000010{number}@g.us")).unwrap();
        directory.take_listing(&Arc::new(CommunityListing {
            community,
            name: Some(Name::new(name)),
            begun: Millis(2),
            announcements: Some(subgroup(&format!("12036340000000020{number}@g.us"), name)),
            subgroups: vec![subgroup(&format!("12036340000000030{number}@g.us"), "Sopranos")],
            is_cut: false,
        }));
    }
    directory
}

fn found(given: &str) -> Result<String, LookupError<GroupId>> {
    Lookup::groups(&directory(), None).find(given).map(|found| found.id.to_string())
}

#[test]
fn an_id_is_found_in_either_form_and_before_any_name() {
    assert_eq!(found("120363400000000011@g.us").unwrap(), "120363400000000011@g.us");
    assert_eq!(found(" 120363400000000011 ").unwrap(), "120363400000000011@g.us");
    assert!(found("12036340000000001").is_err());
}

#[test]
fn the_displayed_name_comes_before_another_letter_case() {
    assert_eq!(found("Parking").unwrap(), "120363400000000011@g.us");
    assert_eq!(found("parking").unwrap(), "120363400000000012@g.us");
    assert_eq!(found("KITCHEN").unwrap(), "5511900000001-1450000000@g.us");
}

#[test]
fn an_ambiguous_name_lists_its_matches_with_their_communities() {
    let Err(LookupError::Ambiguous { candidates, .. }) = found("sopranos") else { panic!("not ambiguous") };
    let shown: Vec<(&str, &str)> = candidates
        .iter()
        .map(|candidate| {
            let community = candidate.community.as_ref().unwrap().name.as_ref().unwrap();
            (candidate.id.as_str(), community.shown())
        })
        .collect();
    assert_eq!(shown, [("120363400000000301@g.us", "Choir"), ("120363400000000302@g.us", "Harbor")]);
    let directory = directory();
    let harbor = CommunityId::parse("120363400000000102@g.us").unwrap();
    let within = Lookup::groups(&directory, Some(&harbor));
    assert_eq!(within.find("sopranos").unwrap().id.as_str(), "120363400000000302@g.us");
    assert!(matches!(within.find("Kitchen"), Err(LookupError::Unknown { .. })));
}

#[test]
fn communities_are_found_by_name_and_id() {
    let communities = Lookup::communities(&directory());
    assert_eq!(communities.find("choir").unwrap().id.as_str(), "120363400000000101@g.us");
    assert_eq!(communities.find("120363400000000102").unwrap().name.shown(), "Harbor");
    assert!(communities.find("Kitchen").is_err());
}

#[test]
fn an_unknown_name_lists_the_three_nearest() {
    let near = |given: &str, names: &[&str]| {
        let Err(LookupError::Unknown { near, .. }) = among(names).find(given) else { panic!("not unknown") };
        near.iter().map(|candidate| candidate.name.shown().to_owned()).collect::<Vec<_>>()
    };
    let names = ["Old park", "Harbor Clinics", "Parque", "Carpark", "Northpark", "Spark 2"];
    assert_eq!(near("park", &names), ["Carpark", "Northpark", "Old park"]);
    assert_eq!(near("Harbour", &names), ["Harbor Clinics"]);
    assert_eq!(near("Raqeu", &names), Vec::<String>::new());
    assert_eq!(near("Paqrue", &names), ["Parque"]);
    assert_eq!(near("", &names), Vec::<String>::new());
}

/// A look-up over groups with these names; the last digits of an id give the group's index.
fn among(names: &[&str]) -> Lookup<GroupId> {
    let id = |at: usize| format!("1203634000000000{at:02}@g.us");
    let groups = names.iter().enumerate().map(|(at, name)| group(&id(at), name)).collect();
    let mut directory = Directory::default();
    directory.take_groups(Arc::new(GroupList { begun: Millis(1), groups, skipped: 0, is_cut: false }));
    Lookup::groups(&directory, None)
}

#[rstest]
#[case::apart("Ac\u{327}a\u{303}o Social", "Ação Social")]
#[case::no_break_space("Ação\u{a0}Social", "Ação Social")]
#[case::two_blanks(" Ação  Social\t", "Ação Social")]
#[case::no_accents("acao social", "Ação Social")]
#[case::invisible("A\u{ad}ção\u{200b} Social", "Ação Social")]
#[case::sharp_s("grosse strasse", "Große Straße")]
#[case::exact_before_folded("coco", "coco")]
#[case::accents_that_were_typed("Cocó", "Cocó")]
#[case::folded_before_a_beginning("BOARD", "board")]
#[case::a_beginning("boarding", "Boarding school")]
#[case::a_beginning_without_accents("grosse", "Große Straße")]
fn a_name_is_found_in_every_form(#[case] given: &str, #[case] expected: &str) {
    let names =
        ["Ação Social", "Große Straße", "Coco", "coco", "Cocó", "Board games", "board", "Boarding school"];
    assert_eq!(among(&names).find(given).map(|found| found.name.shown()), Ok(expected));
}

#[test]
fn an_ambiguous_or_short_prefix_matches_nothing() {
    let lookup = among(&["Sub 15", "Sub 17", "Board", "Sub 15 feminino"]);
    let Err(LookupError::Ambiguous { candidates, .. }) = lookup.find("sub") else { panic!("not ambiguous") };
    assert_eq!(candidates.len(), 3);
    assert_eq!(lookup.find("sub 15").unwrap().name.shown(), "Sub 15", "the whole name wins");
    for given in ["Bo", "sub 1", "b", "oard"] {
        assert!(matches!(lookup.find(given), Err(LookupError::Unknown { .. })), "{given}");
    }
    let whole = Lookup::find_in(&[&lookup], &["Boa"], Accept::Whole);
    assert!(matches!(whole, Err(LookupError::Unknown { .. })));
}

#[test]
fn the_whole_line_comes_before_a_part_of_it() {
    let lookup = among(&["1. Board", "Board", "Radiology"]);
    let found = |line: &str| {
        let readings = listed::readings(line);
        Lookup::find_in(&[&lookup], &readings, Accept::Whole).map(|found| found.name.shown())
    };
    assert_eq!(found("1. Board"), Ok("1. Board"));
    assert_eq!(found("2. Board"), Ok("Board"));
    assert_eq!(found("- [x] radiology;41"), Ok("Radiology"));
}

#[test]
fn groups_of_the_given_community_come_first_but_a_whole_name_before_a_prefix() {
    let directory = directory();
    let harbor = CommunityId::parse("120363400000000102@g.us").unwrap();
    let (inside, all) = (Lookup::groups(&directory, Some(&harbor)), Lookup::groups(&directory, None));
    let found = |given: &str| {
        Lookup::find_in(&[&inside, &all], &[given], Accept::Beginning).map(|found| found.id.to_string())
    };
    assert_eq!(found("sopranos").unwrap(), "120363400000000302@g.us");
    assert_eq!(found("sopr").unwrap(), "120363400000000302@g.us");
    assert_eq!(found("kitchen").unwrap(), "5511900000001-1450000000@g.us");
}

#[test]
fn an_unknown_id_is_distinguished_from_a_name() {
    for id in ["120363499999999999@g.us", "120363499999999999-group", "5511900000001-1600000000"] {
        assert!(looks_like_id(id), "{id}");
    }
    for name in ["Kitchen", "2026", "Class 1A", "", "@g.us", "-group", "1-2", "120363499999999999-"] {
        assert!(!looks_like_id(name), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn property_it_finds_only_unique_matches_and_never_chooses_among_equals(
        names in prop::collection::vec("[a-cA-C ]{0,3}", 1..12),
        at in 0usize..12,
        asked in "[a-cA-C]{1,3}",
    ) {
        let id = |at: usize| format!("1203634000000000{at:02}@g.us");
        let groups = names.iter().enumerate().map(|(at, name)| group(&id(at), name)).collect();
        let mut directory = Directory::default();
        directory.take_groups(Arc::new(GroupList { begun: Millis(1), groups, skipped: 0, is_cut: false }));
        let lookup = Lookup::groups(&directory, None);
        let at = at % names.len();
        prop_assert_eq!(lookup.find(&id(at)).unwrap().id.as_str(), id(at));

        // Candidates are in the order of the directory, which keeps a list of groups in the order of their names.
        let list = directory.groups().unwrap();
        let shown: Vec<(String, String)> =
            list.groups.iter().map(|group| (group.id().to_owned(), group.name().shown().to_owned())).collect();
        let with = |is_meant: &dyn Fn(&str) -> bool| -> Vec<String> {
            shown.iter().filter(|(_, name)| is_meant(name)).map(|(id, _)| id.clone()).collect()
        };
        let same = with(&|name| name == asked);
        // The names are too short for a prefix match.
        let fold = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let alike = with(&|name| fold(name) == fold(&asked));
        let fitting = if same.is_empty() { alike } else { same };
        match (lookup.find(&asked), fitting.as_slice()) {
            (Ok(found), [one]) => prop_assert_eq!(found.id.as_str(), one),
            (Err(LookupError::Ambiguous { candidates, .. }), many) if many.len() > 1 => {
                let ids: Vec<String> = candidates.iter().map(|candidate| candidate.id.to_string()).collect();
                prop_assert_eq!(ids.as_slice(), many);
            }
            (Err(LookupError::Unknown { .. }), []) => {}
            (found, fitting) => prop_assert!(false, "{found:?} for {fitting:?}"),
        }
    }
}

#[test]
fn invite_links_and_possible_codes_are_distinguished_from_names() {
    const CODE: &str = "Kx7Secret9CodeAbCdEfGh";
    let link = |text: &str| match invited(text) {
        Some(Invited::Link(link)) => Some(link.expose().to_owned()),
        _ => None,
    };
    let whole = format!("https://chat.whatsapp.com/{CODE}");
    for text in [
        whole.clone(),
        format!(" {whole} "),
        format!("chat.whatsapp.com/{CODE}"),
        format!("{whole}?mode=ac_t"),
        format!("https://chat.whatsapp.com/invite/{CODE}/"),
        format!("HTTPS://Chat.WhatsApp.com/{CODE}"),
    ] {
        assert_eq!(link(&text).as_deref(), Some(whole.as_str()), "{text}");
    }
    assert!(matches!(invited(CODE), Some(Invited::PerhapsCode(code)) if code.expose() == CODE));
    assert!(matches!(invited("https://chat.whatsapp.com/"), Some(Invited::Link(_))));
    for name in
        ["Kitchen", "Pharmacy night shift at noon", "administradoresgerais1", "120363400000000011@g.us", ""]
    {
        assert_eq!(invited(name), None, "{name}");
    }
}

#[test]
fn only_a_text_that_no_name_contains_is_certainly_an_id() {
    for id in [
        "120363400000000011@g.us",
        "120363400000000011",
        "120363400000000011-group",
        "5511900000001-1400000000",
    ] {
        assert!(is_surely_id(id), "{id}");
    }
    for name in ["5511900000001", "2026", "Class 1A", "-group", "Parking-group"] {
        assert!(!is_surely_id(name), "{name}");
    }
}
