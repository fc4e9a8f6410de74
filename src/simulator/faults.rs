//! Which misbehaviour strikes which request. Owns the counting; what a strike does to an answer is `exchange`'s.

use super::description::{Description, FaultDef, On, Then};
use super::state::{Mistake, Place, State, chance};

#[derive(Debug)]
struct Rule {
    definition: FaultDef,
    instance: Option<usize>,
    /// The ids that `community` and `group` of the file stand for.
    communities: Option<Vec<String>>,
    groups: Option<Vec<String>>,
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
}

/// What a fault looks at in a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) verb: On,
    pub(crate) instance: Option<usize>,
    pub(crate) community: Option<&'a str>,
    pub(crate) groups: &'a [&'a str],
}

impl On {
    /// The name that world files and the log use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Unlink => "unlink",
            Self::Leave => "leave",
            Self::Join => "join",
            Self::Create => "create",
            Self::ResetLink => "reset_link",
            Self::Connect => "connect",
            Self::Reconnect => "reconnect",
            Self::Groups => "groups",
            Self::Communities => "communities",
            Self::Subgroups => "subgroups",
            Self::Info => "info",
            Self::Instances => "instances",
            Self::Requests => "requests",
            Self::InviteLink => "invite_link",
            Self::Device => "device",
            Self::Me => "me",
            Self::Health => "health",
            Self::Any => "any",
            Self::AnyRead => "any_read",
            Self::AnyWrite => "any_write",
        }
    }

    pub(crate) const fn is_write(self) -> bool {
        matches!(
            self,
            Self::Link
                | Self::Unlink
                | Self::Leave
                | Self::Join
                | Self::Create
                | Self::ResetLink
                | Self::Connect
                | Self::Reconnect
                | Self::AnyWrite
        )
    }

    fn covers(self, verb: Self) -> bool {
        match self {
            // The page that says whether the gateway is up is hit only by its own name.
            Self::Any => verb != Self::Health,
            Self::AnyRead => !verb.is_write() && verb != Self::Health,
            Self::AnyWrite => verb.is_write(),
            _ => self == verb,
        }
    }
}

impl Then {
    /// Whether it strikes a group rather than a whole request.
    const fn is_by_group(self) -> bool {
        matches!(self, Self::Refuse | Self::Lie)
    }

    /// Whether the change is made all the same, unless the file says otherwise.
    const fn makes_change(self) -> bool {
        matches!(self, Self::DropAfter | Self::TimeoutAfter | Self::Slow | Self::Html200 | Self::EmptyBody)
    }
}

impl Rule {
    fn covers(&self, facts: &Facts<'_>, group: Option<&str>) -> bool {
        let named = |ids: &Option<Vec<String>>, asked: &[&str]| {
            ids.as_ref().is_none_or(|ids| asked.iter().any(|id| ids.iter().any(|known| known == id)))
        };
        let one = group.map(|group| [group]);
        self.definition.on.covers(facts.verb)
            && self.instance.is_none_or(|instance| Some(instance) == facts.instance)
            && named(&self.communities, facts.community.as_slice())
            && named(&self.groups, one.as_ref().map_or(facts.groups, |one| one))
    }

    /// Counts a match and says whether it strikes.
    fn strikes(&mut self, seed: u64, index: usize) -> bool {
        self.matched += 1;
        let definition = &self.definition;
        let Some(turn) = self.matched.checked_sub(definition.skip).filter(|turn| *turn > 0) else {
            return false;
        };
        let what = 1000 + u64::try_from(index).unwrap_or_default();
        let strikes = definition.first.is_none_or(|first| turn <= first)
            && definition.nth.is_none_or(|nth| turn == nth)
            && definition.times.is_none_or(|times| self.struck < times)
            && definition.share.is_none_or(|share| chance(seed, what, turn.into()).f64() < share);
        self.struck += u32::from(strikes);
        strikes
    }
}

impl Faults {
    /// No misbehaviour at all.
    pub(crate) const fn none() -> Self {
        Self { seed: 0, rules: Vec::new() }
    }

    /// Reads the faults of a world, against what is in it.
    pub(crate) fn new(description: &Description, state: &State) -> Result<Self, Mistake> {
        let mut rules = Vec::new();
        for definition in &description.fault {
            check(definition)?;
            let named = |given: &Option<String>, is_group: bool| match given {
                Some(given) => meant(state, given, is_group).map(Some),
                None => Ok(None),
            };
            rules.push(Rule {
                instance: definition
                    .instance
                    .as_ref()
                    .and_then(|name| state.numbers.iter().position(|number| number.name == *name)),
                communities: named(&definition.community, false)?,
                groups: named(&definition.group, true)?,
                definition: definition.clone(),
                matched: 0,
                struck: 0,
            });
        }
        Ok(Self { seed: description.seed, rules })
    }

    /// The first fault that strikes the request as a whole.
    pub(crate) fn strike_request(&mut self, facts: &Facts<'_>) -> Option<Hit> {
        let is_read = !facts.verb.is_write();
        self.strike(facts, None, |then| if is_read { then != Then::Lie } else { !then.is_by_group() })
    }

    /// The first fault that strikes one group of a write.
    pub(crate) fn strike_group(&mut self, facts: &Facts<'_>, group: &str) -> Option<Hit> {
        self.strike(facts, Some(group), Then::is_by_group)
    }

    fn strike(&mut self, facts: &Facts<'_>, group: Option<&str>, fits: impl Fn(Then) -> bool) -> Option<Hit> {
        let seed = self.seed;
        let mut rules = self.rules.iter_mut().enumerate();
        let definition = rules.find_map(|(index, rule)| {
            let applies = fits(rule.definition.then) && rule.covers(facts, group);
            (applies && rule.strikes(seed, index)).then_some(&rule.definition)
        })?;
        Some(Hit {
            then: definition.then,
            seconds: definition.seconds,
            text: definition.text.clone(),
            status: definition.status,
            change: definition.change.unwrap_or(definition.then.makes_change()),
        })
    }
}

/// What cannot strike, or only by accident, is a mistake in the file.
fn check(definition: &FaultDef) -> Result<(), Mistake> {
    let on = definition.on;
    let is_sole_read = !on.is_write() && on != On::Any;
    let mistake = |what: String| Err(Mistake { offender: on.name().to_owned(), what });
    match (definition.share, definition.seconds, definition.status) {
        (Some(share), ..) if !(0.0..=1.0).contains(&share) => {
            mistake(format!("share {share} is not between 0 and 1"))
        }
        (_, Some(seconds), _) if !(0.0..=1e6).contains(&seconds) => {
            mistake(format!("seconds {seconds} is not between 0 and 1000000"))
        }
        (.., Some(status)) if !(200..600).contains(&status) => {
            mistake(format!("status {status} is not one of HTTP's"))
        }
        _ if definition.then == Then::Lie && is_sole_read => {
            mistake(format!("`lie` needs something that changes the world, and `{}` only reads", on.name()))
        }
        _ if definition.then == Then::EmptyListing && on.is_write() => mistake(format!(
            "`empty_listing` needs something that reads, and `{}` changes the world",
            on.name()
        )),
        _ => Ok(()),
    }
}

/// The ids that a name or an id, with or without a gateway's suffix, stands for.
fn meant(state: &State, given: &str, is_group: bool) -> Result<Vec<String>, Mistake> {
    let bare = given.strip_suffix("@g.us").or_else(|| given.strip_suffix("-group")).unwrap_or(given);
    let ids: Vec<String> = match state.place(bare) {
        Some(Place::Group(_)) if is_group => vec![bare.to_owned()],
        Some(Place::Community(_)) => vec![bare.to_owned()],
        Some(Place::Group(_)) => Vec::new(),
        None if is_group => {
            state.groups.iter().filter(|group| &*group.name == given).map(|g| g.id.to_string()).collect()
        }
        None => {
            state.communities.iter().filter(|known| known.name == given).map(|c| c.id.to_string()).collect()
        }
    };
    let what = || format!("no group or community of this world has the id or name `{given}`");
    if ids.is_empty() { Err(Mistake { offender: given.to_owned(), what: what() }) } else { Ok(ids) }
}
