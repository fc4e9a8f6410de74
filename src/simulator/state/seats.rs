//! The role of each number in one group or community. A number that was never in it takes no memory, so that a world of many
//! numbers and many groups stays small.

use super::super::description::Role;
use super::super::lagged::Lagged;

static NOBODY: Lagged<Role> = Lagged::new(Role::None);

/// The numbers that are or were in a place, with their roles.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Vec<(usize, Lagged<Role>)>);

impl Seats {
    /// The role of a number.
    pub(super) fn of(&self, number: usize) -> &Lagged<Role> {
        self.0.iter().find(|(other, _)| *other == number).map_or(&NOBODY, |(_, role)| role)
    }

    /// Changes the role of a number.
    pub(super) fn set(&mut self, number: usize, role: Role, now: i64, visible_at: i64) {
        if let Some((_, held)) = self.0.iter_mut().find(|(other, _)| *other == number) {
            held.set(role, now, visible_at);
        } else {
            let mut held = Lagged::new(Role::None);
            held.set(role, now, visible_at);
            self.0.push((number, held));
        }
    }
}

impl FromIterator<(usize, Role)> for Seats {
    fn from_iter<T: IntoIterator<Item = (usize, Role)>>(roles: T) -> Self {
        let inside = roles.into_iter().filter(|(_, role)| role.is_in());
        let mut seats = Self(inside.map(|(number, role)| (number, Lagged::new(role))).collect());
        seats.0.shrink_to_fit();
        seats
    }
}
