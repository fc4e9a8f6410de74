//! Which rows a filter lets through, and in which order.
//!
//! Every word that is typed has to be found. A word is found in a name when its letters stand there in their order,
//! without regard to accents; those that stand together, and at the beginning, come first. With `'` in front of it a
//! word is found only where its letters stand together, and so is a number, for scattered digits stand everywhere. A
//! number of four digits and more is looked for in ids too. Small letters match both cases.

mod haystacks;
mod sieve;
mod terms;

use nucleo_matcher::Matcher;
use tui_input::Input;

pub use haystacks::Haystacks;
pub use sieve::Sieve;
pub use terms::Terms;

/// A filter that is typed and then kept.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The text as it stands in the field.
    pub input: Input,
    /// Whether the field has the focus.
    pub is_open: bool,
}

impl Filter {
    /// Whether it hides anything.
    pub fn is_empty(&self) -> bool {
        Terms::parse(self.input.value()).is_empty()
    }

    /// Forgets the text and closes the field.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps those whose name or id matches: the best first, alike ones in their order. All of them, in their order,
    /// where the filter is empty.
    pub fn keep<T>(&self, rows: Vec<T>, text: impl for<'a> Fn(&'a T) -> (&'a str, &'a str)) -> Vec<T> {
        if self.is_empty() {
            return rows;
        }
        let haystacks: Haystacks = rows.iter().map(text).collect();
        let mut rows: Vec<Option<T>> = rows.into_iter().map(Some).collect();
        let kept = Sieve::default().sift(self.input.value(), &haystacks).to_vec();
        kept.into_iter().filter_map(|place| rows.get_mut(place as usize)?.take()).collect()
    }

    /// Which grapheme clusters of a name made it match, counted from 0, in ascending order.
    pub fn hits(&self, name: &str) -> Vec<u32> {
        let terms = Terms::parse(self.input.value());
        if terms.is_empty() { Vec::new() } else { terms.hits(name, &mut Matcher::default()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(filter: &str, names: &[&str]) -> Vec<String> {
        let filter = Filter { input: filter.into(), is_open: true };
        let rows = names.iter().map(|name| (*name).to_owned()).collect();
        filter.keep(rows, |name: &String| (name, "120363400000001234@g.us"))
    }

    #[test]
    fn letters_are_found_without_accents_and_in_either_case() {
        assert_eq!(kept("acao", &["Ação Social", "Avisos"]), ["Ação Social"]);
        assert_eq!(kept("ação", &["Acao de Natal", "Ação Social"]), ["Acao de Natal", "Ação Social"]);
        assert_eq!(kept("Acao", &["ação", "Ação"]), ["Ação"]);
    }

    #[test]
    fn what_stands_together_and_at_the_beginning_comes_first() {
        let names = ["Passagem da rua", "Old park", "Car", "Plants, a rake", "Parking"];
        assert_eq!(kept("par", &names), ["Parking", "Old park", "Passagem da rua", "Plants, a rake"]);
        assert_eq!(kept("'par", &names), ["Parking", "Old park"]);
    }

    #[test]
    fn every_word_has_to_be_found() {
        assert_eq!(kept("park old", &["Parking", "Old park"]), ["Old park"]);
        assert_eq!(kept("  ", &["b", "a"]), ["b", "a"]);
    }

    #[test]
    fn numbers_are_found_only_as_they_stand_and_long_ones_in_ids() {
        assert_eq!(kept("12", &["Room 12", "Room 1, floor 2"]), ["Room 12"]);
        assert_eq!(kept("1234", &["Room", "Hall"]), ["Room", "Hall"]);
        assert_eq!(kept("0336", &["Room"]), Vec::<String>::new());
        assert_eq!(kept("us", &["Room"]), Vec::<String>::new());
    }

    #[test]
    fn the_clusters_that_matched_are_told() {
        let filter = |text: &str| Filter { input: text.into(), is_open: false };
        assert_eq!(filter("cao").hits("Ação Social"), [1, 2, 3]);
        assert_eq!(filter("soc 'a").hits("👩‍👩‍👧 a soc"), [2, 4, 5, 6]);
        assert_eq!(filter("zz").hits("Ação"), Vec::<u32>::new());
    }
}
