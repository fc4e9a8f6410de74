//! Search terms: which rows they keep, compared with a search that asks each group one question after the other.

use std::{collections::BTreeSet, sync::Arc};

use proptest::prelude::*;
use synod::{
    app::{
        filter::{Condition, Filter, IncrementalFilter, Is, Problem, Query, Searched, begins_a_term},
        row_facts::{FactRules, FewGroups, GroupFacts},
        selection::Marks,
    },
    domain::{
        capability::Capabilities,
        community::{Group, GroupKind, GroupList, Parent, Role},
        count_range::CountRange,
        directory::{Directory, Entry, Slot},
        failure::{Failure, FailureKind},
        id::GroupId,
        name::Name,
        plan::Mark,
        time::Millis,
    },
};

use crate::support::domain::{CAPABILITIES, RYZEAPI, community, group, listing};

const NAMES: [&str; 5] = ["Harbor crew", "Night shift", "Night shift", "", "Ação"];
const COMMUNITIES: [&str; 2] = ["Harbor", "North Harbor"];

/// A group, as the gateway may describe it.
#[derive(Clone, Debug)]
#[expect(clippy::option_option, reason = "not told, told that there is none, told which")]
struct Told {
    name: usize,
    members: Option<u32>,
    role: Role,
    parent: Option<Option<usize>>,
    kind: GroupKind,
    marked: bool,
}

#[derive(Clone, Debug)]
enum Asked {
    Is(Is),
    In(&'static str),
    Members(&'static str, u32),
    Range(u32, u32),
    Word(&'static str),
}

impl Asked {
    fn text(&self) -> String {
        match self {
            Self::Is(is) => format!("is:{}", is.word()),
            Self::In(name) => format!("in:\"{name}\""),
            Self::Members(sign, count) => format!("members:{sign}{count}"),
            Self::Range(least, most) => format!("members:{least}..{most}"),
            Self::Word(word) => (*word).to_owned(),
        }
    }
}

/// The world as the gateway describes it, for an oracle that looks nothing up.
#[derive(Debug)]
struct World {
    groups: Vec<Told>,
    /// The listing of each community: the numbers of its groups; `None` if it could not be read.
    listings: Vec<Option<BTreeSet<usize>>>,
    capabilities: Capabilities,
}

impl World {
    fn id(at: usize) -> GroupId {
        group(&format!("g{at}"))
    }

    fn directory(&self) -> Directory {
        let mut directory = Directory::default();
        let entry = |(at, told): (usize, &Told)| Group {
            id: Self::id(at),
            name: Name::new(NAMES[told.name]),
            members: told.members,
            role: told.role,
            parent: match told.parent {
                None => Parent::Unknown,
                Some(None) => Parent::None,
                Some(Some(at)) => Parent::Community(community(&format!("c{at}"))),
            },
            kind: told.kind,
        };
        let groups = self.groups.iter().enumerate().map(entry).collect();
        let list = GroupList { begun: Millis(1), groups, skipped: 0, is_cut: false };
        for (at, name) in COMMUNITIES.iter().enumerate() {
            let (own, id) = (format!("c{at}"), community(&format!("c{at}")));
            let groups = self.listings[at].iter().flatten().map(|at| format!("g{at}")).collect::<Vec<_>>();
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            let mut read = listing(&own, &groups);
            read.name = Some(Name::new(name));
            read.begun = Millis(2);
            // The id alone would be the name of a group that the list lacks.
            directory.take_listing(&read);
            if self.listings[at].is_none() {
                directory.take_listing_failure(&id, Failure::new(FailureKind::TimedOut));
            }
        }
        directory.take_groups(Arc::new(list));
        directory
    }

    /// Whether a group certainly has the wanted fact.
    fn has(&self, directory: &Directory, at: usize, asked: &Asked) -> bool {
        let told = &self.groups[at];
        let parent = directory.parent_of(&Self::id(at));
        let place = parent.map(|id| usize::from(id.same_as(&community("c1"))));
        match asked {
            Asked::Is(Is::Standalone) => {
                let all_listed =
                    self.capabilities.lists_communities && self.listings.iter().all(Option::is_some);
                parent.is_none()
                    && (told.parent == Some(None) || all_listed)
                    && (told.kind == GroupKind::Ordinary || !self.capabilities.community_may_pass_for_group)
            }
            Asked::Is(Is::Full) => {
                place.is_some_and(|at| self.listings[at].as_ref().is_some_and(|groups| groups.len() >= 3))
            }
            Asked::Is(Is::Duplicate) => {
                let name = NAMES[told.name];
                let others = self.groups.iter().enumerate().filter(|(other, _)| *other != at);
                !name.is_empty() && others.into_iter().any(|(_, other)| NAMES[other.name] == name)
            }
            Asked::Is(Is::Admin) => told.role == Role::Admin,
            Asked::Is(Is::NotAdmin) => told.role == Role::Member,
            Asked::Is(Is::Marked) => told.marked,
            Asked::In(name) => place.is_some_and(|at| {
                let words = COMMUNITIES[at].to_lowercase();
                name.to_lowercase().split_whitespace().all(|word| words.contains(word))
            }),
            Asked::Members(sign, count) => told.members.is_some_and(|members| match *sign {
                ">" => members > *count,
                ">=" => members >= *count,
                "<" => members < *count,
                "<=" => members <= *count,
                _ => members == *count,
            }),
            Asked::Range(least, most) => {
                told.members.is_some_and(|members| *least <= members && members <= *most)
            }
            Asked::Word(word) => NAMES[told.name].to_lowercase().contains(word),
        }
    }
}

fn told() -> impl Strategy<Value = Told> {
    let role = prop::sample::select(vec![Role::Unknown, Role::Member, Role::Admin]);
    let parent = prop::option::of(prop::option::of(0_usize..2));
    let kind = prop::sample::select(vec![GroupKind::Unknown, GroupKind::Ordinary]);
    (0..NAMES.len(), prop::option::of(0_u32..6), role, parent, kind, any::<bool>()).prop_map(
        |(name, members, role, parent, kind, marked)| Told { name, members, role, parent, kind, marked },
    )
}

fn asked() -> impl Strategy<Value = Asked> {
    prop_oneof![
        4 => prop::sample::select(Is::ALL.to_vec()).prop_map(Asked::Is),
        1 => prop::sample::select(vec!["Harbor", "north", "harbor NORTH", "x"]).prop_map(Asked::In),
        2 => (prop::sample::select(vec![">", "<", ">=", "<=", "=", ""]), 0_u32..6)
            .prop_map(|(sign, count)| Asked::Members(sign, count)),
        1 => (0_u32..4, 0_u32..4).prop_map(|(least, more)| Asked::Range(least, least + more)),
        1 => prop::sample::select(vec!["night", "harbor"]).prop_map(Asked::Word),
    ]
}

fn world() -> impl Strategy<Value = World> {
    let listings = prop::collection::vec(prop::option::of(prop::collection::btree_set(0_usize..12, 0..6)), 2);
    (prop::collection::vec(told(), 12), listings, any::<bool>()).prop_map(|(groups, listings, lists)| {
        let capabilities =
            if lists { Capabilities { lists_communities: true, ..CAPABILITIES } } else { RYZEAPI };
        World { groups, listings, capabilities }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A group is shown if, and only if, everything that is asked is known of it.
    #[test]
    fn property_terms_match_like_a_naive_search(world in world(), asked in prop::collection::vec(asked(), 1..4)) {
        let directory = world.directory();
        let mut marks = Marks::default();
        for (at, told) in world.groups.iter().enumerate().filter(|(_, told)| told.marked) {
            marks.add(Mark { group: World::id(at), name: Name::new(NAMES[told.name]), source: None });
        }
        let rules = FactRules { capabilities: world.capabilities, limit: 3 };
        let facts = GroupFacts { directory: &directory, marks: &marks, rules, inside: None };
        let typed = asked.iter().map(Asked::text).collect::<Vec<_>>().join(" ");
        let expected: BTreeSet<GroupId> = (0..world.groups.len())
            .filter(|at| asked.iter().all(|asked| world.has(&directory, *at, asked)))
            .map(World::id)
            .collect();

        let list = directory.groups().unwrap().groups.clone();
        let rows: Vec<u32> = (0_u32..).take(list.len()).collect();
        let id = |row: &u32| directory.entry(Slot::at(*row as usize)).map(Entry::to_id);
        let mut filter = IncrementalFilter::default();
        // Letter by letter, so that every earlier text had its turn.
        for (at, letter) in typed.char_indices() {
            let query = Query::parse(&typed[..at + letter.len_utf8()], Searched::Groups);
            filter.keep_matching(query, &list, &facts, &rows);
        }
        let query = Query::parse(&typed, Searched::Groups);
        let shown = filter.keep_matching(query, &list, &facts, &rows).rows;
        prop_assert_eq!(&shown.iter().filter_map(id).collect::<BTreeSet<_>>(), &expected, "{}", &typed);

        // The same among a few rows.
        let slots: Vec<Slot> = rows.iter().map(|row| Slot::at(*row as usize)).collect();
        let entry = |slot: &Slot| directory.entry(*slot).unwrap();
        let names = slots.iter().map(|slot| (entry(slot).name().shown(), *slot)).collect();
        let filter = Filter { input: typed.as_str().into(), is_open: true };
        let few = FewGroups(facts, &slots);
        let (kept, _) = filter.keep_where(names, |(name, _)| (*name, ""), (Searched::Groups, &few));
        let kept: BTreeSet<GroupId> = kept.iter().map(|(_, slot)| entry(slot).to_id()).collect();
        prop_assert_eq!(kept, expected);
    }
}

#[test]
fn what_looks_like_a_term_is_never_plain_text() {
    let problem = |text: &str| Query::parse(text, Searched::Groups).problem;
    for typed in [
        "is:foo",
        "is:fulll",
        "IS:Foo",
        "is：foo",
        "-is:full",
        "!is:full",
        "~park ~is:full",
        "\"is:full\"",
        "member:>5",
        "members>5",
        "members:many",
        "members:>5k",
        "members:=>5",
        "not:admin",
        "park is:full,",
    ] {
        assert!(matches!(problem(typed), Some(Problem::Unknown(_))), "{typed}");
    }
    for typed in [
        "is:",
        "is:du",
        "in:",
        "in:\"",
        "members:",
        "members:>",
        "members:>=",
        "members:5.",
        "members:50..5",
        "members:..",
    ] {
        assert_eq!(problem(typed), Some(Problem::Unfinished), "{typed}");
    }
    for typed in ["'is:foo", "this:foo", "http://is", "Turma:A", "members", "is", "in", "10:30"] {
        let query = Query::parse(typed, Searched::Groups);
        assert_eq!((query.problem, query.conditions), (None, Vec::new()), "{typed}");
        assert!(!query.words.is_empty());
    }
}

#[test]
fn terms_are_read_in_either_case_and_with_any_quotation_marks() {
    let conditions = |text: &str| Query::parse(text, Searched::Groups).conditions;
    assert_eq!(conditions("IS:Full"), [Condition::Is(Is::Full)]);
    assert_eq!(conditions("is：full"), [Condition::Is(Is::Full)]);
    assert_eq!(conditions("~is:full ab"), [Condition::Is(Is::Full)]);
    assert_eq!(conditions("in:\"North Harbor\" x"), conditions("x IN:“North Harbor”"));
    assert_eq!(conditions("in:\"north"), conditions("in:north"), "the second mark is still to come");
    assert_eq!(conditions("members:>500"), [Condition::Members(CountRange::parse(">500").unwrap())]);
}

#[test]
fn communities_have_fewer_terms() {
    let problem = |text: &str| Query::parse(text, Searched::Communities).problem;
    for typed in ["is:marked", "is:standalone", "in:Harbor", "members:>5"] {
        assert!(matches!(problem(typed), Some(Problem::Unknown(_))), "{typed}");
    }
    for typed in ["is:full", "is:admin", "is:notadmin", "is:duplicate"] {
        assert_eq!(problem(typed), None, "{typed}");
    }
}

#[test]
fn terms_are_listed_when_a_word_begins_like_one() {
    for typed in ["is", "is:", "park is:fu", "mem", "IN:x", "~is:", "in"] {
        assert!(begins_a_term(typed), "{typed}");
    }
    for typed in ["", "i", "park", "is ", "is: park", "main"] {
        assert!(!begins_a_term(typed), "{typed}");
    }
}
