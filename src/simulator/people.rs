//! The people in a group's list of participants: the world's own numbers, and invented ones up to its size.

use super::description::Role;
use super::state::{Moment, State, chance, lid_of};

/// One participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) phone: String,
    pub(crate) is_admin: bool,
    pub(crate) is_superadmin: bool,
}

impl Person {
    pub(crate) fn lid(&self) -> String {
        lid_of(&self.phone)
    }
}

/// The participants of a group, always in the same order; the world's own numbers are in the middle of the invented ones.
pub(crate) fn participants(state: &State, group: usize, at: Moment) -> Vec<Person> {
    let own = (0..state.numbers.len()).filter_map(|number| {
        let role = state.role(number, group, at);
        let is_superadmin = role == Role::Superadmin;
        let phone = state.numbers[number].phone.clone();
        role.is_in().then(|| Person { phone, is_admin: role.is_admin(), is_superadmin })
    });
    let own: Vec<Person> = own.collect();
    let known = &state.groups[group];
    let count = usize::try_from(known.members).unwrap_or_default().saturating_sub(own.len());
    let mut rng = chance(state.seed, 6, u64::try_from(group).unwrap_or_default());
    let has_superadmin = own.iter().any(|person| person.is_superadmin);
    let other_admins = usize::try_from(known.other_admins).unwrap_or_default();
    let mut people: Vec<Person> = (0..count)
        .map(|index| Person {
            phone: format!("55{}9{:08}", rng.u32(11..99), rng.u32(0..100_000_000)),
            is_admin: index < other_admins,
            is_superadmin: index == 0 && other_admins > 0 && !has_superadmin,
        })
        .collect();
    let middle = people.len() / 2;
    people.splice(middle..middle, own);
    people
}

/// The number of the group's creator.
pub(crate) fn creator(people: &[Person]) -> String {
    people
        .iter()
        .find(|person| person.is_superadmin)
        .or(people.first())
        .map(|p| p.phone.clone())
        .unwrap_or_default()
}
