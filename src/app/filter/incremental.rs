//! A filter that is typed letter by letter: a longer text searches only the rows that matched before, and a shorter
//! text reuses its earlier result.

use super::{Condition, Haystacks, Query};

/// How many earlier texts to remember.
const DEPTH: usize = 24;

/// Whether a row fulfils a condition; `None` if that is not known.
pub type Test<'a> = Box<dyn Fn(u32) -> Option<bool> + 'a>;

/// The facts about rows.
pub trait Facts {
    /// The test for a condition.
    fn test<'a>(&'a self, condition: &'a Condition) -> Test<'a>;
}

/// For rows about which nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct NoFacts;

impl Facts for NoFacts {
    fn test<'a>(&'a self, _: &'a Condition) -> Test<'a> {
        Box::new(|_| None)
    }
}

/// The rows that match.
#[derive(Clone, Copy, Debug)]
pub struct Matches<'a> {
    /// Best first.
    pub rows: &'a [u32],
    /// The other rows that may match, but a fact about them is not known; each with the score of its words.
    pub unknown: &'a [(u32, u32)],
}

/// The matches of each text of a filter, longest text last. They belong to one set of haystacks, facts and rows.
#[derive(Clone, Debug, Default)]
pub struct IncrementalFilter {
    steps: Vec<Step>,
    ranked: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct Step {
    query: Query,
    /// The matching rows in order, each with the score of its match.
    kept: Vec<(u32, u32)>,
    /// The rows that may match, but a fact about them is not known.
    unknown: Vec<(u32, u32)>,
}

impl IncrementalFilter {
    /// Clears everything, for other haystacks or rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Those of the rows that match a query, best first, equal matches in their original order. The rows are positions in the
    /// haystacks; they and their facts stay the same until the filter is cleared.
    pub fn keep_matching(
        &mut self,
        query: Query,
        haystacks: &impl Haystacks,
        facts: &impl Facts,
        rows: &[u32],
    ) -> Matches<'_> {
        self.ranked.clear();
        if query.problem.is_some() {
            return Matches { rows: &self.ranked, unknown: &[] };
        }
        while self.steps.last().is_some_and(|step| !query.narrows(&step.query)) {
            self.steps.pop();
        }
        if self.steps.last().is_none_or(|step| step.query != query) {
            let words = &query.words;
            let matching = |rows: &[(u32, u32)]| words.filter(rows.iter().map(|(row, _)| *row), haystacks);
            let mut step = match self.steps.last() {
                Some(step) => {
                    Step { kept: matching(&step.kept), unknown: matching(&step.unknown), ..Step::default() }
                }
                None => Step { kept: words.filter(rows.iter().copied(), haystacks), ..Step::default() },
            };
            let tested = self.steps.last().map_or(0, |step| step.query.conditions.len());
            for condition in &query.conditions[tested..] {
                step.check(&facts.test(condition));
            }
            if self.steps.len() == DEPTH {
                self.steps.remove(0);
            }
            self.steps.push(Step { query, ..step });
        }
        let Some(step) = self.steps.last() else { return Matches { rows: &self.ranked, unknown: &[] } };
        rank(&step.kept, &mut self.ranked);
        Matches { rows: &self.ranked, unknown: &step.unknown }
    }
}

impl Query {
    /// Whether the other matches everything that this one matches, and may match everything that this one may match.
    fn narrows(&self, wider: &Self) -> bool {
        self.words.narrow(&wider.words) && self.conditions.starts_with(&wider.conditions)
    }
}

impl Step {
    /// Keeps the rows that pass a test.
    fn check(&mut self, test: &Test<'_>) {
        let unknown = &mut self.unknown;
        unknown.retain(|(row, _)| test(*row) != Some(false));
        self.kept.retain(|kept| {
            let passes = test(kept.0);
            if passes.is_none() {
                unknown.push(*kept);
            }
            passes == Some(true)
        });
    }
}

/// Sorts the rows by score, highest first, otherwise in order. Scores lie close together, so counting beats comparing.
fn rank(kept: &[(u32, u32)], out: &mut Vec<u32>) {
    out.clear();
    let worths = || kept.iter().map(|(_, worth)| *worth);
    let (Some(least), Some(most)) = (worths().min(), worths().max()) else { return };
    let mut starts = vec![0_u32; (most - least) as usize + 2];
    for worth in worths() {
        starts[(most - worth) as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    out.resize(kept.len(), 0);
    for (row, worth) in kept {
        let start = &mut starts[(most - worth) as usize];
        out[*start as usize] = *row;
        *start += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{FewHaystacks, Searched},
        *,
    };

    const NAMES: [&str; 12] = [
        "Ação Social",
        "Avisos 12",
        "Recepção – Bloco A 1234",
        "reception",
        "Parking 12",
        "3º B Manhã",
        "Horta 🌱",
        "ÁGUA VERDE",
        "Padres y madres",
        "1 2 3 4",
        "",
        "Old park",
    ];

    const ROWS: [u32; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    /// Each row number by its number of members; every fourth is not known.
    struct Sizes;

    impl Facts for Sizes {
        fn test<'a>(&'a self, condition: &'a Condition) -> Test<'a> {
            let Condition::Members(range) = *condition else { return Box::new(|_| None) };
            Box::new(move |row| (row % 4 != 0).then_some(range.contains(row.into())))
        }
    }

    fn kept(filter: &mut IncrementalFilter, text: &str, haystacks: &FewHaystacks) -> (Vec<u32>, usize) {
        let query = Query::parse(text, Searched::Groups);
        let Matches { rows, unknown } = filter.keep_matching(query, haystacks, &Sizes, &ROWS);
        (rows.to_vec(), unknown.len())
    }

    fn at_once(text: &str, haystacks: &FewHaystacks) -> (Vec<u32>, usize) {
        kept(&mut IncrementalFilter::default(), text, haystacks)
    }

    proptest! {
        #[test]
        fn property_incremental_filtering_equals_a_fresh_filter(
            texts in prop::collection::vec("([aeoprsAP1234' ç~]|a?( ?members:[>3]?[1-9]? ?)){0,6}", 1..8)
        ) {
            let ids: Vec<String> = (0..NAMES.len()).map(|at| format!("12036340{at:04}@g.us")).collect();
            let haystacks: FewHaystacks = NAMES.into_iter().zip(ids.iter().map(String::as_str)).collect();
            let mut filter = IncrementalFilter::default();
            let mut typed = String::new();
            for text in texts {
                // Edit from one text to the next as a user does: delete back to the common prefix, then type.
                while !text.starts_with(&typed) {
                    typed.pop();
                    prop_assert_eq!(kept(&mut filter, &typed, &haystacks), at_once(&typed, &haystacks));
                }
                for letter in text[typed.len()..].chars() {
                    typed.push(letter);
                    prop_assert_eq!(kept(&mut filter, &typed, &haystacks), at_once(&typed, &haystacks));
                }
            }
        }
    }
}
