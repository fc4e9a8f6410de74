//! Random desired states in random worlds: applying one ends in it, or says for each group why it does not.

use std::collections::HashMap;

use proptest::prelude::*;
use synod::{
    domain::{
        desired::{Desired, Difference, Given, Section, differences},
        lookup::Accept,
        reading::Scope,
    },
    listing,
};
use tokio_util::sync::CancellationToken;

use super::{
    gateway::{COMMUNITIES, Flavour, GROUPS, community, group},
    *,
};

/// Where a group belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Unnamed,
    In(usize),
    InNone,
}

/// A desired state: the place of each group that it names, and the communities in which only these belong.
#[derive(Clone, Debug)]
struct Wanted {
    places: Vec<Place>,
    only: Vec<bool>,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let place = prop_oneof![
        4 => Just(Place::Unnamed),
        5 => (0..COMMUNITIES).prop_map(Place::In),
        1 => Just(Place::InNone),
    ];
    let places = prop::collection::vec(place, GROUPS);
    let only = prop::collection::vec(prop::bool::weighted(0.4), COMMUNITIES);
    (places, only).prop_map(|(places, only)| Wanted { places, only })
}

impl Wanted {
    fn sections(&self) -> Vec<Section> {
        let given = |line: usize, id: &str| Given { line, readings: vec![id.to_owned()] };
        let named = |place: Place| -> Vec<Given> {
            let here = (0..GROUPS).filter(|at| self.places[*at] == place);
            here.map(|at| given(at + 1, group(at).as_str())).collect()
        };
        let inside = (0..COMMUNITIES).map(|at| Section {
            instance: None,
            community: Some(given(100 + at, community(at).as_str())),
            groups: named(Place::In(at)),
            is_only: self.only[at],
        });
        let outside =
            Section { instance: None, community: None, groups: named(Place::InNone), is_only: false };
        inside.chain([outside]).collect()
    }

    /// Whether a group is in its place.
    fn is_so(&self, truth: &Truth, at: usize) -> bool {
        let now = truth.parent.get(&group(at));
        match self.places[at] {
            Place::In(place) => now == Some(&community(place)),
            Place::InNone => now.is_none(),
            Place::Unnamed => {
                let is_only = |place: usize| self.only[place] && now == Some(&community(place));
                !(0..COMMUNITIES).any(is_only)
            }
        }
    }
}

impl ScriptRun<'_> {
    /// Reads everything, as `apply` does if it needs to, and returns the request. Exclusive communities whose listing is unknown are
    /// no longer exclusive.
    async fn desire(&mut self, wanted: &mut Wanted) -> Request {
        for at in 0..COMMUNITIES {
            self.directory.learn(CommunityRef { id: community(at), name: None }, KnownFrom::Configuration);
        }
        let communities = (0..COMMUNITIES).map(|at| Scope::Community(community(at)));
        let scopes = [Scope::Groups].into_iter().chain(communities).collect();
        let gateway = Gateway::new(Arc::clone(&self.hostile));
        let skip = CancellationToken::new();
        let reads = gateway.reads.as_ref();
        let mut readings = listing::read(reads, self.clock, scopes, listing::no_more, &skip, |_| ()).await;
        self.directory.take_readings(&mut readings);
        let sections = wanted.sections();
        let mut desired = Desired::of(&sections, &self.directory, Accept::Whole, |_| None);
        assert!(desired.is_complete(), "{desired:?}");
        let skipped = desired.unlink_others(&self.directory);
        for (at, is_only) in wanted.only.iter_mut().enumerate() {
            *is_only &= !skipped.iter().any(|skipped| skipped.community == community(at));
        }
        Request { instance: self.key.clone(), verb: Verb::Move, wishes: desired.wishes, parent: None }
    }

    fn truth(&self) -> Truth {
        self.hostile.history().pop().unwrap().1
    }
}

fn script(seed: u64, flavour: Flavour, ticks: bool) -> Script {
    Script {
        seed,
        flavour,
        verb: 2,
        marks: BTreeSet::new(),
        source: None,
        target: 0,
        ticks,
        is_checked_again: seed.is_multiple_of(2),
        ends: Ends::Itself,
        nexts: Vec::new(),
    }
}

fn flavour() -> impl Strategy<Value = Flavour> {
    let misbehaves = prop_oneof![Just((0, 0)), (0..40_u32, 0..40_u32)];
    (any::<bool>(), any::<(bool, bool)>(), misbehaves).prop_map(
        |(is_zapi, (has_fields, has_long_list), (reads, writes))| Flavour {
            is_zapi,
            has_fields,
            has_long_list,
            probe: 0,
            reads,
            writes,
            others: 0,
        },
    )
}

proptest! {
    #![proptest_config(cases(150))]

    /// Whatever the gateway answers, each group is in its place in the end, or the plan or its item says why not.
    #[test]
    fn property_a_desired_state_is_reached_or_each_difference_is_explained(
        seed in any::<u64>(), flavour in flavour(), ticks in any::<bool>(), mut wanted in wanted(),
    ) {
        let script = script(seed, flavour, ticks);
        paused().block_on(async {
            let mut run = ScriptRun::new(&script);
            if script.flavour.reads == 0 && script.flavour.writes == 0 {
                run.hostile.calm();
            }
            let request = run.desire(&mut wanted).await;
            let wishes: BTreeSet<GroupId> = request.wishes.iter().map(|wish| wish.group.clone()).collect();
            let planned = run.plan(request).await;
            if planned.plan.obstacle.is_some() {
                return Ok(());
            }
            let operation = run.run(&planned.plan, Ends::Itself).await;
            let truth = run.truth();
            let outcomes: HashMap<&GroupId, Outcome> = operation
                .iter()
                .flat_map(|operation| &operation.items)
                .filter_map(|item| Some((&item.group, item.outcome?)))
                .collect();
            for at in (0..GROUPS).filter(|at| wishes.contains(&group(*at))) {
                let row = planned.plan.rows.iter().find(|row| row.group == group(at)).unwrap();
                let outcome = outcomes.get(&row.group);
                let is_explained = match row.head {
                    Head::AlreadySo => false,
                    _ if row.is_sent() => outcome.is_some_and(|outcome| !outcome.is_as_wanted()),
                    _ => !row.reasons.is_empty(),
                };
                prop_assert!(wanted.is_so(&truth, at) || is_explained, "{row:#?} {outcome:?} {script:#?} {wanted:#?}");
            }
            Ok::<(), TestCaseError>(())
        })?;
    }

    /// Without misbehaviour, a comparison shows exactly the groups that are not in their places, before and after. What a plan sends is
    /// done, and it does not take many plans: only where a community would lose its last group does one plan wait for another.
    #[test]
    fn property_a_comparison_shows_exactly_what_differs(
        seed in any::<u64>(), flavour in flavour(), mut wanted in wanted(),
    ) {
        let script = script(seed, Flavour { reads: 0, writes: 0, ..flavour }, false);
        paused().block_on(async {
            let mut run = ScriptRun::new(&script);
            run.hostile.calm();
            for nth in 0..=COMMUNITIES {
                let request = run.desire(&mut wanted).await;
                let truth = run.truth();
                let planned = run.plan(request).await;
                let shown: BTreeSet<GroupId> =
                    differences(&planned.plan).iter().map(|difference| difference.row.group.clone()).collect();
                // On RyzeAPI nothing shows a group that the number is not in, and without fields nothing says that a group is in none.
                let can_be_seen = |at: &usize| script.flavour.is_zapi || truth.member_of.contains(&group(*at));
                let says_none = !script.flavour.is_zapi && script.flavour.has_fields;
                for at in (0..GROUPS).filter(can_be_seen) {
                    let is_so = wanted.is_so(&truth, at);
                    let is_shown = shown.contains(&group(at));
                    let may_be_unknown = !says_none && is_so && is_unknown(&planned.plan, &group(at));
                    prop_assert!(is_so != is_shown || may_be_unknown, "{nth} {at} {:#?} {script:#?}", planned.plan);
                }
                let operation = run.run(&planned.plan, Ends::Itself).await;
                let items = operation.iter().flat_map(|operation| &operation.items);
                for item in items.filter(|item| planned.plan.rows.iter().any(|row| row.group == item.group && row.is_sent())) {
                    let is_member = truth.member_of.contains(&item.group);
                    prop_assert!(item.outcome == Some(Outcome::Verified) || !is_member, "{item:#?}");
                }
                let is_sent = |row: &synod::domain::plan::Row| row.is_sent() && truth.member_of.contains(&row.group);
                prop_assert!(nth < COMMUNITIES || !planned.plan.rows.iter().any(is_sent), "{:#?}", planned.plan);
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

/// Whether the comparison says that it does not know where a group is.
fn is_unknown(plan: &Plan, group: &GroupId) -> bool {
    let kind =
        |difference: &Difference<'_>| difference.kind == synod::domain::desired::DifferenceKind::Unknown;
    differences(plan).iter().any(|difference| difference.row.group == *group && kind(difference))
}
