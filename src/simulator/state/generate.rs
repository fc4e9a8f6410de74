//! Large worlds from a few numbers and a seed.

use super::super::description::{GenerateDef, GroupDef, Role};
use super::super::lagged::Lagged;
use super::names::{COMMUNITIES, PLACES, SUBJECTS};
use super::{State, chance};

impl State {
    pub(super) fn generate(&mut self, generate: &GenerateDef, now: i64) {
        let mut rng = chance(self.seed, 4, generate.seed);
        let [least, most] = generate.groups;
        for index in 0..generate.communities {
            let round = index / COMMUNITIES.len();
            let plain = COMMUNITIES[index % COMMUNITIES.len()];
            let name = if round == 0 { plain.to_owned() } else { format!("{plain} {}", round + 1) };
            let roles = self.dealt(index, Role::Admin, generate.spread);
            let community = self.add_community(None, &name, "", roles, None, now);
            for count in 0..rng.usize(least..=most.max(least)) {
                self.generate_group(generate, &mut rng, index, Some(community), count, now);
            }
        }
        for count in 0..generate.standalone {
            self.generate_group(generate, &mut rng, count, None, count, now);
        }
    }

    fn generate_group(
        &mut self,
        generate: &GenerateDef,
        rng: &mut fastrand::Rng,
        turn: usize,
        community: Option<usize>,
        count: usize,
        now: i64,
    ) {
        let subject = SUBJECTS[rng.usize(..SUBJECTS.len())];
        let place = PLACES[rng.usize(..PLACES.len())];
        let role = if rng.f64() < generate.admin_share { Role::Admin } else { Role::Member };
        let definition =
            GroupDef { name: Some(format!("{subject} {place} {}", count + 1)), ..GroupDef::default() };
        let roles = self.dealt(turn, role, generate.spread);
        let id = self.next_id();
        self.add_group(id, &definition, roles, community, now);
    }

    /// Everybody's role, or only that of the number whose turn it is.
    fn dealt(&self, turn: usize, role: Role, spread: bool) -> Vec<Lagged<Role>> {
        let numbers = self.numbers.len();
        let of = |number: usize| if !spread || turn % numbers == number { role } else { Role::None };
        (0..numbers).map(|number| Lagged::new(of(number))).collect()
    }
}
