//! The names of a list in the forms in which they are compared, folded once and stored contiguously, so that a search in a
//! hundred thousand of them reads memory sequentially and allocates nothing.

use super::fold::fold_into;
use crate::domain::texts::Texts;

/// Folded names, by position.
#[derive(Clone, Debug, Default)]
pub struct FoldedNames {
    /// The names without accents.
    plain: Texts,
    /// The names that have accents, with them; empty for the others.
    accented: Texts,
    /// The letters of each name without accents.
    letters: Vec<u64>,
}

/// The set of letters, as bits. A name cannot match a text with a letter that it lacks.
pub fn letters(folded: &str) -> u64 {
    folded.bytes().fold(0, |set, byte| {
        let bit = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => 26 + (byte - b'0'),
            b' ' => 36,
            // All other bytes share the remaining bits.
            _ => 37 + byte % 27,
        };
        set | 1 << bit
    })
}

impl FoldedNames {
    /// The number of names.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether there are no names.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// A name without accents.
    pub fn plain(&self, at: usize) -> &str {
        self.plain.get(at)
    }

    /// A name with its accents; `None` if it has none.
    pub fn accented(&self, at: usize) -> Option<&str> {
        Some(self.accented.get(at)).filter(|name| !name.is_empty())
    }

    /// A name with its accents, if it has any.
    pub fn whole(&self, at: usize) -> &str {
        self.accented(at).unwrap_or_else(|| self.plain(at))
    }

    /// The letters of a name without accents.
    pub fn letters(&self, at: usize) -> u64 {
        self.letters[at]
    }
}

impl<'a> FromIterator<&'a str> for FoldedNames {
    fn from_iter<T: IntoIterator<Item = &'a str>>(names: T) -> Self {
        let mut all = Self::default();
        let mut accented = String::new();
        for name in names {
            accented.clear();
            all.plain.push_with(|plain| fold_into(name, plain, &mut accented));
            let plain = all.plain.get(all.letters.len());
            all.accented.push(if accented == plain { "" } else { &accented });
            all.letters.push(letters(plain));
        }
        all
    }
}
