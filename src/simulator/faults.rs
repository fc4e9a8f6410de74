//! Decides which misbehaviour strikes which request. It owns the counting; `exchange` owns the effect of a strike on an answer,
//! `check` the mistakes of a fault in the file.

mod check;

use super::description::{Description, FaultDef, On, Then};
use super::state::{Mistake, State, chance};
use check::{check, meant, ordinary};

#[derive(Debug)]
struct Rule {
    definition: FaultDef,
    instance: Option<usize>,
    /// The ids of the names in the file's `community`, `group` and `to`.
    communities: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    to: Option<String>,
    matched: u32,
    struck: u32,
}

#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    rules: Vec<Rule>,
}

/// One strike.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) then: Then,
    pub(crate) seconds: Option<f64>,
    pub(crate) text: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) change: bool,
    pub(crate) entries: usize,
    pub(crate) part: Option<f64>,
    /// The ids of the groups that the fault names; for a list also those of communities.
    pub(crate) named: Option<Vec<String>>,
    /// The id of the community that the fault names with `to`.
    pub(crate) to: Option<String>,
    /// Which of the fault's strikes this is, counted from 1.
    pub(crate) count: u32,
    /// The random generator for this strike.
    pub(crate) rng: fastrand::Rng,
}

/// The facts about a request that a fault depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) verb: On,
    pub(crate) instance: Option<usize>,
    pub(crate) community: Option<&'a str>,
    pub(crate) groups: &'a [&'a str],
}

impl Facts<'_> {
    fn names(&self, ids: &[String], one: Option<&str>) -> bool {
        let is_meant = |id: &str| ids.iter().any(|known| known == id);
        // A listing can be requested for any group, to learn whether it is a community.
        let asked = self.community.filter(|_| self.verb == On::Subgroups);
        match one {
            Some(group) => is_meant(group),
            None => self.groups.iter().copied().chain(asked).any(is_meant),
        }
    }
}

impl Rule {
    /// Whether the fault is triggered by such a request; `group` is the single group of a write under consideration.
    fn covers(&self, facts: &Facts<'_>, group: Option<&str>) -> bool {
        let then = self.definition.then;
        let is_entry = then.names_entries(facts.verb);
        let any_group = is_entry || then.is_by_another();
        let any_community = is_entry && facts.community.is_none();
        let is_of = |ids: &Vec<String>| facts.community.is_some_and(|id| ids.iter().any(|known| known == id));
        self.definition.on.covers(facts.verb)
            && self.instance.is_none_or(|instance| Some(instance) == facts.instance)
            && (any_community || self.communities.as_ref().is_none_or(is_of))
            && (any_group || self.groups.as_ref().is_none_or(|ids| facts.names(ids, group)))
    }

    /// Counts a match and returns whether it strikes.
    fn strikes(&mut self, seed: u64, index: u64) -> bool {
        self.matched += 1;
        let definition = &self.definition;
        let Some(turn) = self.matched.checked_sub(definition.skip).filter(|turn| *turn > 0) else {
            return false;
        };
        let strikes = definition.first.is_none_or(|first| turn <= first)
            && definition.nth.is_none_or(|nth| turn == nth)
            && definition.times.is_none_or(|times| self.struck < times)
            && definition.share.is_none_or(|share| chance(seed, 1000 + index, turn.into()).f64() < share);
        self.struck += u32::from(strikes);
        strikes
    }

    fn hit(&self, facts: &Facts<'_>, seed: u64, index: u64) -> Hit {
        let definition = &self.definition;
        let communities = self.communities.iter().flatten().filter(|_| facts.community.is_none());
        let named: Vec<String> = self.groups.iter().flatten().chain(communities).cloned().collect();
        Hit {
            then: definition.then,
            seconds: definition.seconds,
            text: definition.text.clone(),
            status: definition.status,
            change: definition.makes_change(),
            entries: definition.entries.unwrap_or_default(),
            part: definition.part,
            named: Some(named).filter(|named| !named.is_empty()),
            to: self.to.clone(),
            count: self.struck,
            rng: chance(seed, 2000 + index, self.struck.into()),
        }
    }
}

impl Faults {
    /// No misbehaviour.
    pub(crate) const fn none() -> Self {
        Self { seed: 0, rules: Vec::new() }
    }

    /// Reads the faults of a world, and checks them against its content.
    pub(crate) fn new(description: &Description, state: &State) -> Result<Self, Mistake> {
        let rules = description.fault.iter().map(|definition| rule(definition, state));
        Ok(Self { seed: description.seed, rules: rules.collect::<Result<_, _>>()? })
    }

    /// The actions of other admins before the request is processed.
    pub(crate) fn strike_by_another(&mut self, facts: &Facts<'_>) -> Vec<Hit> {
        self.strikes(facts, None, Then::is_by_another).collect()
    }

    /// The first fault that strikes the request as a whole.
    pub(crate) fn strike_request(&mut self, facts: &Facts<'_>) -> Option<Hit> {
        self.strikes(facts, None, |then| then.fits_request(facts.verb)).next()
    }

    /// The first fault that strikes one group of a write.
    pub(crate) fn strike_group(&mut self, facts: &Facts<'_>, group: &str) -> Option<Hit> {
        self.strikes(facts, Some(group), Then::is_by_group).next()
    }

    /// Each fault that strikes; once the last one is taken, later faults do not count the request.
    fn strikes(
        &mut self,
        facts: &Facts<'_>,
        group: Option<&str>,
        fits: impl Fn(Then) -> bool,
    ) -> impl Iterator<Item = Hit> {
        let seed = self.seed;
        self.rules.iter_mut().zip(0..).filter_map(move |(rule, index)| {
            let applies = fits(rule.definition.then) && rule.covers(facts, group);
            (applies && rule.strikes(seed, index)).then(|| rule.hit(facts, seed, index))
        })
    }
}

fn rule(definition: &FaultDef, state: &State) -> Result<Rule, Mistake> {
    check(definition)?;
    let named = |given: &Option<String>, is_group| {
        given.as_ref().map(|given| meant(state, given, is_group)).transpose()
    };
    let groups = named(&definition.group, true)?;
    let is_by_another = definition.then.is_by_another();
    let instance = definition.instance.as_ref();
    Ok(Rule {
        instance: instance.and_then(|name| state.numbers.iter().position(|number| number.name == *name)),
        communities: named(&definition.community, false)?,
        groups: if is_by_another { ordinary(state, definition, groups)? } else { groups },
        to: named(&definition.to, false)?.and_then(|ids| ids.into_iter().next()),
        definition: definition.clone(),
        matched: 0,
        struck: 0,
    })
}
