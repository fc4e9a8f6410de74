//! Large worlds from a few numbers and a seed.

use std::collections::HashMap;

use super::super::description::{GenerateDef, GroupDef, Role};
use super::names::Tongue;
use super::seats::Seats;
use super::{State, chance};

impl State {
    pub(super) fn generate(&mut self, generate: &GenerateDef, now: i64) {
        let mut rng = chance(self.seed, 4, generate.seed);
        let [least, most] = generate.groups;
        let mut rounds: HashMap<String, usize> = HashMap::new();
        let mut linked = 0;
        for index in 0..generate.communities {
            let tongue = Tongue::any(&mut rng);
            let mut name = tongue.community(&mut rng);
            let round = rounds.entry(name.clone()).or_default();
            if *round > 0 {
                name = format!("{name} {}", *round + 1);
            }
            *round += 1;
            let seats = self.dealt(index, Role::Admin, generate.spread);
            let community = self.add_community(None, &name, "", seats, None, now);
            for count in 0..rng.usize(least..=most.max(least)) {
                self.generate_group(generate, &mut rng, (index, tongue), Some(community), count, now);
                linked += 1;
            }
        }
        let standalone = generate.total.map_or(generate.standalone, |total| total.saturating_sub(linked));
        for count in 0..standalone {
            let tongue = Tongue::any(&mut rng);
            self.generate_group(generate, &mut rng, (count, tongue), None, count, now);
        }
    }

    fn generate_group(
        &mut self,
        generate: &GenerateDef,
        rng: &mut fastrand::Rng,
        (turn, tongue): (usize, &Tongue),
        community: Option<usize>,
        count: usize,
        now: i64,
    ) {
        let name = tongue.group(count, rng);
        let role = if rng.f64() < generate.admin_share { Role::Admin } else { Role::Member };
        let definition = GroupDef { name: Some(name), ..GroupDef::default() };
        let seats = self.dealt(turn, role, generate.spread);
        let id = self.next_id();
        self.add_group(id, &definition, seats, community, now);
    }

    /// The role for every number or, if `spread`, only for the number whose turn it is.
    fn dealt(&self, turn: usize, role: Role, spread: bool) -> Seats {
        let numbers = self.numbers.len();
        let among = if spread { turn % numbers..turn % numbers + 1 } else { 0..numbers };
        among.map(|number| (number, role)).collect()
    }
}
