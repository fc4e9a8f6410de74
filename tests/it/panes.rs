//! The rows of the panes after any history: incremental updates give the same rows as a fresh start, marks stay, and
//! a key that marks several rows marks exactly the visible ones.

use std::{collections::BTreeSet, sync::Arc};

use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError},
};
use synod::{
    app::{
        Incoming, State,
        action::{Action, FocusChange, Marking, Motion},
        effect::{Effect, Work},
        event::AppEvent,
        instance::Profile,
        layout::Pane,
        start, update,
    },
    domain::{
        community::{CommunityListing, Group, GroupKind, GroupList, Parent, Role, Subgroup},
        directory::{Entry, KnownRole},
        id::{CommunityId, GroupId},
        instance::{EntryPlace, InstanceKey},
        name::Name,
        reading::Loaded,
        settings::OperationSettings,
        time::Millis,
    },
};
use tui_input::InputRequest;

use crate::support::domain::RYZEAPI;

const NAMES: [&str; 10] = [
    "Ação Social",
    "Avisos",
    "avisos",
    "Recepção 12",
    "Parking",
    "Old park",
    "Horta 🌱",
    "Sala 1234",
    "",
    "Padres y madres",
];

/// One change on the screen.
#[derive(Clone, Debug)]
enum TestStep {
    Do(Action),
    Filter(&'static str),
    List { seed: u8, size: u8 },
    Listing { community: u8, groups: Vec<u8> },
    Role { group: u8, role: Role },
}

fn group(number: u8) -> GroupId {
    GroupId::parse(&format!("12036340000{number:04}@g.us")).unwrap()
}

fn community(number: u8) -> CommunityId {
    CommunityId::parse(&format!("12036350000{number:04}@g.us")).unwrap()
}

fn named(number: u8) -> Name {
    Name::new(NAMES[usize::from(number) % NAMES.len()])
}

fn step() -> impl Strategy<Value = TestStep> {
    let keys = [
        Action::Go(Motion::Down),
        Action::Go(Motion::Up),
        Action::Focus(FocusChange::Next),
        Action::Focus(FocusChange::Previous),
        Action::Mark(Marking::Toggle),
        Action::Mark(Marking::All),
        Action::Mark(Marking::Invert),
        Action::Mark(Marking::OnlyMarked),
        Action::Mark(Marking::Range),
        Action::Sort,
        Action::ToggleAllGroups,
        Action::Accept,
        Action::Cancel,
        Action::Edit(InputRequest::DeletePrevChar),
    ];
    prop_oneof![
        6 => prop::sample::select(keys.to_vec()).prop_map(TestStep::Do),
        3 => prop::sample::select(vec![
            "a", "av", "so", "1", "1234", "par", "'p", " ", "o p", "zz", " is:marked", "is:standalone ", " is:duplicate",
            "is:admin ", " members:>2", "in:esc ", " is:notadmin a", "is:full",
        ]).prop_map(TestStep::Filter),
        1 => (any::<u8>(), 0_u8..24).prop_map(|(seed, size)| TestStep::List { seed, size }),
        1 => (0_u8..3, prop::collection::vec(0_u8..24, 0..5))
            .prop_map(|(community, groups)| TestStep::Listing { community, groups }),
        1 => (0_u8..24, prop::sample::select(vec![Role::Member, Role::Admin]))
            .prop_map(|(group, role)| TestStep::Role { group, role }),
    ]
}

/// Readings of the instance, for any number of screens.
#[derive(Clone, Debug)]
enum Told {
    Groups(Arc<GroupList>),
    Listing(Arc<CommunityListing>),
    Role(KnownRole),
}

fn reading_of(step: &TestStep, at: i64) -> Option<Told> {
    match step {
        TestStep::Do(_) | TestStep::Filter(_) => None,
        TestStep::List { seed, size } => {
            let entry = |place: u8| {
                let number = place.wrapping_mul(7).wrapping_add(*seed) % 24;
                // Some lists say where every group is.
                let says_places = seed % 4 == 0;
                Group {
                    id: group(number),
                    name: named(number),
                    members: Some(u32::from(number) % 5),
                    role: [Role::Admin, Role::Member, Role::Unknown][usize::from(number % 3)],
                    parent: match number % 2 {
                        1 => Parent::None,
                        _ if says_places => Parent::Community(community(number % 3)),
                        _ => Parent::Unknown,
                    },
                    kind: if says_places { GroupKind::Ordinary } else { GroupKind::Unknown },
                }
            };
            let groups = (0..*size).map(entry).collect();
            Some(Told::Groups(Arc::new(GroupList { begun: Millis(at), groups, skipped: 0, is_cut: false })))
        }
        TestStep::Listing { community: number, groups } => {
            let mut groups = groups.clone();
            groups.sort_unstable();
            groups.dedup();
            let subgroup = |number: u8| Subgroup { id: group(number), name: named(number) };
            Some(Told::Listing(Arc::new(CommunityListing {
                community: community(*number),
                name: Some(Name::new(["Clinics", "Escolas", "Coro"][usize::from(*number)])),
                begun: Millis(at),
                announcements: Some(subgroup(100 + number)),
                subgroups: groups.into_iter().map(subgroup).collect(),
                is_cut: false,
            })))
        }
        TestStep::Role { group: number, role } => {
            Some(Told::Role(KnownRole { group: group(*number), role: *role, begun: Millis(at) }))
        }
    }
}

/// A screen with one instance.
struct Screen {
    state: State,
    ticket: synod::app::effect::Ticket,
}

impl Screen {
    fn new() -> Self {
        let profile = Profile {
            key: InstanceKey::new("one"),
            label: "ops".to_owned(),
            entry: EntryPlace { label: "ops".to_owned(), line: 1, version: 0 },
            gateway: "RyzeAPI",
            address: synod::app::instance::Address {
                gateway: "ryzeapi",
                base_url: "https://gateway.test".to_owned(),
                instance: None,
                is_insecure: false,
            },
            capabilities: RYZEAPI,
            settings: OperationSettings::default(),
            configured: Vec::new(),
        };
        let mut state = State::new(vec![profile], (120, 40), false, Millis(0));
        let ticket = start(&mut state).into_iter().find_map(|effect| match effect {
            Effect::Work(Work::Load { ticket, .. }) => Some(ticket),
            _ => None,
        });
        Self { state, ticket: ticket.unwrap() }
    }

    fn tell(&mut self, told: &Told) {
        self.hear(told);
        self.state.settle();
    }

    /// The same before the next frame.
    fn hear(&mut self, told: &Told) {
        let ticket = self.ticket;
        let loaded = |part| AppEvent::Loaded { ticket, part };
        let event = match told {
            Told::Groups(list) => loaded(Loaded::Groups(Ok(Arc::clone(list)))),
            Told::Listing(listing) => {
                loaded(Loaded::Community(listing.community.clone(), Ok(Arc::clone(listing))))
            }
            Told::Role(role) => {
                let instance = self.instance().key().clone();
                AppEvent::RolesRecalled { instance, roles: vec![role.clone()] }
            }
        };
        update(&mut self.state, Incoming::Event(event), Millis(1));
    }

    fn act(&mut self, action: Action) {
        update(&mut self.state, Incoming::Action(action), Millis(1));
    }

    fn instance(&self) -> &synod::app::instance::Instance {
        self.state.instance().unwrap()
    }

    /// The groups that a pane shows.
    fn rows(&self, pane: Pane) -> Vec<GroupId> {
        let rows = self.instance().group_list(pane).unwrap().rows();
        self.instance().directory.entries(rows).map(Entry::to_id).collect()
    }

    fn marked(&self) -> BTreeSet<GroupId> {
        self.instance().marks.iter().map(|mark| mark.group.clone()).collect()
    }

    /// Another screen with the same data, set up like this one in one go.
    fn again(&self, told: &[Told]) -> Self {
        let mut other = Self::new();
        for told in told {
            other.tell(told);
        }
        let here = self.instance();
        let there = &mut other.state.instances[0];
        there.marks = here.marks.clone();
        there.only_marked = here.only_marked;
        there.groups.shown = here.groups.shown;
        there.groups.sort = here.groups.sort;
        there.communities.sort = here.communities.sort;
        there.communities.rows.filter = here.communities.rows.filter.clone();
        there.subgroups.rows.filter = here.subgroups.rows.filter.clone();
        there.groups.rows.filter = here.groups.rows.filter.clone();
        there.make_stale();
        other.state.focus = self.state.focus;
        other.state.settle();
        let there = &mut other.state.instances[0];
        if let Some(chosen) = here.communities.rows.selected() {
            there.communities.rows.select(chosen);
        }
        there.make_stale();
        other.state.settle();
        other
    }

    /// The marks that a pane would show without its filter, counted one by one.
    fn hidden_by_hand(&self) -> usize {
        let here = self.instance();
        let is_hidden = |group: &GroupId| {
            let Some(slot) = here.directory.slot(group) else { return here.only_marked };
            let shown = here.groups.rows.rows().contains(&slot) || here.subgroups.rows.rows().contains(&slot);
            let mark = here.marks.get(group.as_str()).unwrap();
            let chosen = here.chosen();
            let in_middle = chosen.is_some_and(|chosen| {
                mark.source.as_ref() == Some(&chosen.id)
                    && here.directory.shown_in(chosen).is_some_and(|shown| shown.subgroups.contains(&slot))
            });
            let listed = here.directory.group(group);
            let in_right = listed.is_some_and(|listed| {
                here.directory.is_ordinary_row(listed)
                    && (here.groups.shown == synod::app::order::Shown::All
                        || here.directory.parent_of(group).is_none())
            });
            (in_middle || in_right || here.only_marked) && !shown
        };
        self.marked().iter().filter(|group| is_hidden(group)).count()
    }
}

/// Applies the steps to a screen: after each step, it equals a screen that was set up like it in one go.
fn follow(steps: &[TestStep]) -> Result<(), TestCaseError> {
    let mut screen = Screen::new();
    let mut all_told = Vec::new();
    for (at, step) in (1_i64..).zip(steps) {
        let before = screen.marked();
        let has_window = !screen.state.modals.is_empty();
        let rows = screen.instance().group_list(screen.state.focus).map(|list| list.rows().to_vec());
        match step {
            TestStep::Do(action) => screen.act(*action),
            TestStep::Filter(text) => {
                screen.act(Action::Filter);
                for letter in text.chars() {
                    screen.act(Action::Edit(InputRequest::InsertChar(letter)));
                }
            }
            TestStep::List { .. } | TestStep::Listing { .. } | TestStep::Role { .. } => {}
        }
        if let Some(told) = reading_of(step, at) {
            screen.tell(&told);
            all_told.push(told);
        }
        let now = screen.marked();
        match step {
            TestStep::Do(Action::Mark(Marking::All)) if !has_window => {
                let instance = screen.instance();
                let rows = rows.into_iter().flatten().filter(|slot| instance.can_mark(*slot));
                let shown: BTreeSet<GroupId> =
                    rows.map(|slot| instance.directory.entry(slot).unwrap().to_id()).collect();
                prop_assert_eq!(&now, &before.union(&shown).cloned().collect());
            }
            TestStep::Do(Action::Mark(_)) if !has_window => {}
            _ => prop_assert_eq!(&now, &before),
        }
        let other = screen.again(&all_told);
        for pane in [Pane::Groups, Pane::Subgroups] {
            prop_assert_eq!(screen.rows(pane), other.rows(pane));
        }
        prop_assert_eq!(screen.instance().communities.rows.rows(), other.instance().communities.rows.rows());
        prop_assert_eq!(screen.instance().hidden_marks, screen.hidden_by_hand());
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn property_incremental_rows_equal_rows_from_scratch(steps in prop::collection::vec(step(), 1..40)) {
        follow(&steps)?;
    }
}

#[test]
fn a_mark_of_a_group_that_the_list_repeats_is_hidden_once_or_not_at_all() {
    let steps = [
        TestStep::Do(Action::Focus(FocusChange::Next)),
        TestStep::Listing { community: 0, groups: vec![8] },
        // It lists that group twice: first and last.
        TestStep::List { seed: 200, size: 17 },
        TestStep::Do(Action::Mark(Marking::All)),
        TestStep::Filter("a"),
    ];
    follow(&steps).unwrap();
}

#[test]
fn marked_groups_stay_in_name_order_even_if_only_listings_give_the_names() {
    let steps = [
        TestStep::Do(Action::Focus(FocusChange::Next)),
        TestStep::Listing { community: 0, groups: vec![0, 4, 7] },
        TestStep::Do(Action::Mark(Marking::All)),
        TestStep::Do(Action::Mark(Marking::OnlyMarked)),
        TestStep::Listing { community: 0, groups: vec![4, 7] },
        TestStep::Listing { community: 0, groups: vec![] },
    ];
    follow(&steps).unwrap();
}

#[test]
fn marks_in_every_community_are_visible_among_marked_groups() {
    let mut screen = Screen::new();
    screen.tell(&reading_of(&TestStep::List { seed: 0, size: 12 }, 1).unwrap());
    for number in 0..3 {
        let groups = vec![number * 4, number * 4 + 1];
        screen.tell(&reading_of(&TestStep::Listing { community: number, groups }, 2).unwrap());
    }
    screen.act(Action::Focus(FocusChange::Next));
    for _ in 0..3 {
        screen.act(Action::Mark(Marking::All));
        screen.act(Action::Focus(FocusChange::Previous));
        screen.act(Action::Go(Motion::Down));
        screen.act(Action::Focus(FocusChange::Next));
    }
    screen.act(Action::Mark(Marking::OnlyMarked));
    let instance = screen.instance();
    let shown = instance.directory.entries(instance.groups.rows.rows());
    let shown: BTreeSet<GroupId> = shown.map(Entry::to_id).collect();
    assert_eq!(shown.len(), 6);
    assert_eq!(shown, screen.marked());
    assert_eq!(screen.instance().hidden_marks, 0);
}

/// With a hundred thousand rows, each role that arrives would delay the keys.
#[test]
fn a_role_rebuilds_only_rows_that_depend_on_roles() {
    let panes = [Pane::Communities, Pane::Subgroups, Pane::Groups];
    let rebuilt = |prepare: &[TestStep]| {
        let mut screen = Screen::new();
        screen.tell(&reading_of(&TestStep::List { seed: 0, size: 24 }, 1).unwrap());
        for step in prepare {
            match step {
                TestStep::Do(action) => screen.act(*action),
                TestStep::Filter(text) => {
                    screen.act(Action::Filter);
                    text.chars()
                        .for_each(|letter| screen.act(Action::Edit(InputRequest::InsertChar(letter))));
                }
                _ => unreachable!("only what an operator does"),
            }
        }
        screen.state.settle();
        let role = TestStep::Role { group: 2, role: Role::Admin };
        screen.hear(&reading_of(&role, 9).unwrap());
        let instance = screen.instance();
        let slot = instance.directory.slot(&group(2)).unwrap();
        assert_eq!(instance.directory.role_at(slot), Role::Admin, "the row shows it");
        let stale = [
            instance.communities.rows.is_stale,
            instance.subgroups.rows.is_stale,
            instance.groups.rows.is_stale,
        ];
        let stale = panes.into_iter().zip(stale).filter(|(_, is_stale)| *is_stale);
        stale.map(|(pane, _)| pane).collect::<Vec<Pane>>()
    };
    let next = TestStep::Do(Action::Focus(FocusChange::Next));
    let to_groups = [next.clone(), next];
    assert_eq!(rebuilt(&[]), []);
    assert_eq!(rebuilt(&[TestStep::Filter("a")]), []);
    assert_eq!(rebuilt(&[TestStep::Filter("is:admin")]), [Pane::Communities]);
    let with = |more: &[TestStep]| rebuilt(&[&to_groups, more].concat());
    assert_eq!(with(&[TestStep::Filter("is:duplicate")]), []);
    assert_eq!(with(&[TestStep::Filter("is:notadmin")]), [Pane::Groups]);
    let sort = TestStep::Do(Action::Sort);
    assert_eq!(with(&[sort.clone(), sort]), [Pane::Subgroups, Pane::Groups], "by role");
}
