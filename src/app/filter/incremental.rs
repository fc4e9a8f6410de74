//! A filter that is typed letter by letter: a longer text searches only the rows that matched before, and a shorter
//! text reuses its earlier result.

use super::{Haystacks, Terms};

/// How many earlier texts to remember.
const DEPTH: usize = 24;

/// The matches of each text of a filter, longest text last. They belong to one set of haystacks and rows.
#[derive(Clone, Debug, Default)]
pub struct IncrementalFilter {
    steps: Vec<Step>,
    ranked: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Step {
    terms: Terms,
    /// The matching rows in order, each with the score of its match.
    kept: Vec<(u32, u32)>,
}

impl IncrementalFilter {
    /// Clears everything, for other haystacks or rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Those of the rows that match a text, best first, equal matches in their original order. The rows are positions in the
    /// haystacks; they stay the same until the filter is cleared.
    pub fn keep_matching(&mut self, text: &str, haystacks: &impl Haystacks, rows: &[u32]) -> &[u32] {
        let terms = Terms::parse(text);
        while self.steps.last().is_some_and(|step| !terms.narrow(&step.terms)) {
            self.steps.pop();
        }
        if self.steps.last().is_none_or(|step| step.terms != terms) {
            let kept = if let Some(step) = self.steps.last() {
                terms.filter(step.kept.iter().map(|(row, _)| *row), haystacks)
            } else {
                terms.filter(rows.iter().copied(), haystacks)
            };
            if self.steps.len() == DEPTH {
                self.steps.remove(0);
            }
            self.steps.push(Step { terms, kept });
        }
        let kept = self.steps.last().map_or(&[][..], |step| &step.kept);
        rank(kept, &mut self.ranked);
        &self.ranked
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

    use super::{super::FewHaystacks, *};

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

    fn at_once(text: &str, haystacks: &FewHaystacks) -> Vec<u32> {
        IncrementalFilter::default().keep_matching(text, haystacks, &ROWS).to_vec()
    }

    proptest! {
        #[test]
        fn property_incremental_filtering_equals_a_fresh_filter(
            texts in prop::collection::vec("[aeoprsAP1234' ç~]{0,6}", 1..8)
        ) {
            let ids: Vec<String> = (0..NAMES.len()).map(|at| format!("12036340{at:04}@g.us")).collect();
            let haystacks: FewHaystacks = NAMES.into_iter().zip(ids.iter().map(String::as_str)).collect();
            let mut filter = IncrementalFilter::default();
            let mut typed = String::new();
            for text in texts {
                // Edit from one text to the next as a user does: delete back to the common prefix, then type.
                while !text.starts_with(&typed) {
                    typed.pop();
                    prop_assert_eq!(filter.keep_matching(&typed, &haystacks, &ROWS), at_once(&typed, &haystacks));
                }
                for letter in text[typed.len()..].chars() {
                    typed.push(letter);
                    prop_assert_eq!(filter.keep_matching(&typed, &haystacks, &ROWS), at_once(&typed, &haystacks));
                }
            }
        }
    }
}
