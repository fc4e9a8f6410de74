//! Builds a world from a description. It owns ids, invite codes and sizes that the file leaves open, and the checks that need
//! the whole file.

use std::{collections::BTreeSet, sync::Arc};

use super::super::description::{CommunityDef, Description, GroupDef, InstanceDef, Role, Roles};
use super::super::lagged::Lagged;
use super::{Community, Group, Number, Seats, State, WorldPlace, chance, names};

const COMMUNITY_BASE: u64 = 120_363_400_000_000_000;
const FIRST_OF_GENERATED: u64 = 500_000_000;

/// A mistake that shows only in the whole file: the wrong value, and the problem.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) offender: String,
    pub(crate) what: String,
}

/// 22 letters and digits, as in a `WhatsApp` invite link.
pub(super) fn invite_code(seed: u64, count: u64) -> String {
    let mut rng = chance(seed, 2, count);
    (0..22).map(|_| rng.alphanumeric()).collect()
}

impl State {
    /// Builds the world as it is at `now` (Unix milliseconds); its groups were created before that.
    pub(crate) fn build(description: &Description, now: i64) -> Result<Self, Mistake> {
        let mut state =
            Self { seed: description.seed, settings: description.settings.clone(), ..Self::empty() };
        state.add_numbers(description)?;
        for (index, definition) in description.community.iter().enumerate() {
            state.describe_community(index, definition, &description.instance, now)?;
        }
        let mut counter = 0;
        for definition in &description.standalone.groups {
            let around = Around { role: description.standalone.role, roles: &Roles::new(), community: None };
            state.describe_group(definition, &around, &description.instance, &mut counter, now)?;
        }
        state.generated.clear();
        if let Some(generate) = &description.generate {
            state.generate(generate, now);
        }
        for fault in &description.fault {
            let named = fault.instance.as_ref();
            if let Some(name) = named.filter(|name| state.numbers.iter().all(|number| number.name != **name))
            {
                return Err(unknown_instance(name));
            }
        }
        Ok(state)
    }

    fn add_numbers(&mut self, description: &Description) -> Result<(), Mistake> {
        for definition in &description.instance {
            if self.numbers.iter().any(|number| number.name == definition.name) {
                let what = format!("two instances are called `{}`", definition.name);
                return Err(Mistake { offender: definition.name.clone(), what });
            }
            self.add_number(definition);
        }
        let generated = description.generate.as_ref();
        for index in 0..generated.map_or(0, |generate| generate.instances) {
            let name = names::number(index);
            let gateway = generated.map(|generate| generate.gateway).unwrap_or_default();
            self.add_number(&InstanceDef { gateway, ..plain_instance(&name) });
        }
        if self.numbers.is_empty() {
            self.add_number(&plain_instance("harbor"));
        }
        Ok(())
    }

    fn add_number(&mut self, definition: &InstanceDef) {
        let default_number = || format!("55119000{:05}", self.numbers.len() + 1);
        let name = definition.name.clone();
        self.numbers.push(Number {
            gateway: definition.gateway,
            id: definition.id.clone().unwrap_or_else(|| name.clone()),
            token: definition.token.clone().unwrap_or_else(|| format!("{name}-token")),
            account_token: definition.account_token.clone().unwrap_or_else(|| "account-token".to_owned()),
            client_token: definition.client_token.clone(),
            phone: definition.number.clone().unwrap_or_else(default_number),
            state: Lagged::new(definition.state.clone().unwrap_or_else(|| "connected".to_owned())),
            codes: 0,
            name,
        });
    }

    fn describe_community(
        &mut self,
        index: usize,
        definition: &CommunityDef,
        instances: &[InstanceDef],
        now: i64,
    ) -> Result<(), Mistake> {
        self.check_roles(&definition.roles)?;
        let own = Around { role: definition.role, roles: &definition.roles, community: None };
        let seats = self.seats(&own, None, &Roles::new(), instances);
        let position = u64::try_from(index).unwrap_or_default();
        let given = definition.id.as_deref();
        let id = given.map_or_else(|| (COMMUNITY_BASE + position * 1000 + 1).to_string(), str::to_owned);
        self.check_id(&id, given.is_none(), &definition.name)?;
        let announcements = definition.announcements.as_ref();
        if let Some(id) = announcements.and_then(|group| group.id.as_ref()) {
            self.check_id(id, false, &definition.name)?;
        }
        let community = self.add_community(
            Some(id),
            &definition.name,
            &definition.description,
            seats,
            announcements,
            now,
        );
        if announcements.is_none_or(|group| group.id.is_none()) {
            let group = &self.groups[self.communities[community].announcements];
            self.generated.insert(Arc::clone(&group.id));
        }
        let mut counter = position * 1000 + 10;
        let around = Around { community: Some(community), ..own };
        for group in &definition.groups {
            self.describe_group(group, &around, instances, &mut counter, now)?;
        }
        Ok(())
    }

    fn describe_group(
        &mut self,
        definition: &GroupDef,
        around: &Around<'_>,
        instances: &[InstanceDef],
        counter: &mut u64,
        now: i64,
    ) -> Result<(), Mistake> {
        self.check_roles(&definition.roles)?;
        let seats = self.seats(around, definition.role, &definition.roles, instances);
        for copy in 0..definition.copies.unwrap_or(1).max(1) {
            *counter += 1;
            let base = if around.community.is_some() {
                COMMUNITY_BASE
            } else {
                COMMUNITY_BASE + FIRST_OF_GENERATED / 2
            };
            let given = definition.id.clone().filter(|_| copy == 0);
            let is_generated = given.is_none();
            let id = given.unwrap_or_else(|| (base + *counter).to_string());
            self.check_id(&id, is_generated, definition.name.as_deref().unwrap_or_default())?;
            let mut definition = definition.clone();
            if definition.copies.is_some() {
                definition.name = definition.name.map(|name| format!("{name} {}", copy + 1));
            }
            self.add_group(id, &definition, seats.clone(), around.community, now);
        }
        Ok(())
    }

    /// Checks the id of the group or community called `name`. If the file gives it no id, the id is generated, and the file may
    /// give the same id to another one.
    fn check_id(&mut self, id: &str, is_generated: bool, name: &str) -> Result<(), Mistake> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let what = if !id.split('-').all(digits) || id.split('-').count() > 2 {
            format!("the id `{id}` is not digits, or digits, a dash and digits (no suffix)")
        } else if let Some(place) = self.place(id) {
            let other = self.title_of(place);
            let without = if is_generated {
                Some(format!("`{name}`"))
            } else {
                self.generated.contains(id).then_some(other)
            };
            match without {
                None => format!("the id `{id}` is used twice"),
                Some(without) => format!(
                    "the id `{id}` stands here once, and was also generated for {without}, which has none in the file: give that \
                     one an id, or use another id here"
                ),
            }
        } else {
            if is_generated {
                self.generated.insert(id.into());
            }
            return Ok(());
        };
        Err(Mistake { offender: id.to_owned(), what })
    }

    fn title_of(&self, place: WorldPlace) -> String {
        match place {
            WorldPlace::Community(index) => format!("`{}`", self.communities[index].name),
            WorldPlace::Group(index) => {
                let group = &self.groups[index];
                let whose = if group.announces.is_some() { "the announcement group of " } else { "" };
                format!("{whose}`{}`", group.name)
            }
        }
    }

    fn check_roles(&self, roles: &Roles) -> Result<(), Mistake> {
        let is_unknown = |name: &&String| self.numbers.iter().all(|number| number.name != **name);
        roles.keys().find(is_unknown).map_or(Ok(()), |name| Err(unknown_instance(name)))
    }

    /// The most specific role wins: the group's for this instance, the community's for it, the instance's own, the group's, the
    /// community's; else admin.
    fn seats(
        &self,
        around: &Around<'_>,
        role: Option<Role>,
        roles: &Roles,
        instances: &[InstanceDef],
    ) -> Seats {
        let of = |number: &Number| {
            let named = roles.get(&number.name).or_else(|| around.roles.get(&number.name)).copied();
            let own = instances
                .iter()
                .find(|instance| instance.name == number.name)
                .and_then(|instance| instance.role);
            named.or(own).or(role).or(around.role).unwrap_or(Role::Admin)
        };
        self.numbers.iter().map(of).enumerate().collect()
    }

    /// Adds a community and its announcement group; without an id it gets the next free one.
    pub(super) fn add_community(
        &mut self,
        id: Option<String>,
        name: &str,
        description: &str,
        seats: Seats,
        announcements: Option<&GroupDef>,
        now: i64,
    ) -> usize {
        let index = self.communities.len();
        let id = id.unwrap_or_else(|| self.next_id());
        let shared: Arc<str> = Arc::from(id.as_str());
        self.by_id.insert(Arc::clone(&shared), WorldPlace::Community(index));
        let mut definition = announcements.cloned().unwrap_or_default();
        definition.name.get_or_insert_with(|| name.to_owned());
        let wanted = id.parse::<u64>().ok().map(|id| (id + 1).to_string());
        let free = wanted.filter(|id| !self.by_id.contains_key(id.as_str()));
        let group_id = definition.id.clone().or(free).unwrap_or_else(|| self.next_id());
        let group = self.add_group(group_id, &definition, Seats::default(), None, now);
        self.groups[group].announces = Some(index);
        self.communities.push(Community {
            id: shared,
            name: name.to_owned(),
            description: description.to_owned(),
            announcements: group,
            seats,
            ever: BTreeSet::new(),
        });
        index
    }

    /// Adds a group outside any community, defined only by its name.
    pub(super) fn add_plain_group(&mut self, name: &str, seats: Seats, now: i64) -> usize {
        let id = self.next_id();
        let definition = GroupDef { name: Some(name.to_owned()), members: Some(1), ..GroupDef::default() };
        self.add_group(id, &definition, seats, None, now)
    }

    pub(super) fn add_group(
        &mut self,
        id: String,
        definition: &GroupDef,
        seats: Seats,
        community: Option<usize>,
        now: i64,
    ) -> usize {
        let index = self.groups.len();
        let count = u64::try_from(index).unwrap_or_default();
        let mut rng = chance(self.seed, 3, count);
        let code = definition.code.clone().unwrap_or_else(|| invite_code(self.seed, count));
        let (id, code): (Arc<str>, Arc<str>) = (id.into(), code.into());
        self.by_id.insert(Arc::clone(&id), WorldPlace::Group(index));
        self.by_code.insert(Arc::clone(&code), index);
        if let Some(community) = community {
            self.communities[community].ever.insert(index);
        }
        self.groups.push(Group {
            id,
            name: definition.name.as_deref().unwrap_or_default().into(),
            description: definition.description.clone(),
            // Most groups are small; a few are not.
            members: definition.members.unwrap_or_else(|| 4 + rng.u32(0..40) + rng.u32(0..8).pow(3)),
            other_admins: definition.other_admins.unwrap_or(1),
            code,
            approval: definition.approval,
            requests: definition.requests,
            created: now - 86_400_000 * i64::from(rng.u32(30..1500)),
            announces: None,
            parent: Lagged::new(community),
            seats,
            left: BTreeSet::new(),
        });
        index
    }

    pub(super) fn next_id(&self) -> String {
        let count = u64::try_from(self.by_id.len()).unwrap_or_default();
        let mut id = COMMUNITY_BASE + FIRST_OF_GENERATED + count;
        while self.by_id.contains_key(id.to_string().as_str()) {
            id += 1;
        }
        id.to_string()
    }
}

/// The surroundings of a group in the file.
struct Around<'a> {
    role: Option<Role>,
    roles: &'a Roles,
    community: Option<usize>,
}

fn plain_instance(name: &str) -> InstanceDef {
    InstanceDef {
        name: name.to_owned(),
        gateway: super::GatewayKind::Ryzeapi,
        id: None,
        token: None,
        account_token: None,
        client_token: None,
        number: None,
        state: None,
        role: None,
    }
}

fn unknown_instance(name: &str) -> Mistake {
    Mistake { offender: name.to_owned(), what: format!("no [[instance]] is called `{name}`") }
}
