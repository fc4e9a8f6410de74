//! What a filter searches: names in their folded form, and ids.

use crate::domain::{community::Groups, id::bare, name::folded_names::FoldedNames, texts::Texts};

/// Names and ids by position.
pub trait Haystacks {
    /// The folded names.
    fn names(&self) -> &FoldedNames;

    /// The id at a position, without its suffix.
    fn id(&self, at: usize) -> &str;
}

impl Haystacks for Groups {
    fn names(&self) -> &FoldedNames {
        self.folded()
    }

    fn id(&self, at: usize) -> &str {
        self.get(at).map_or("", |group| bare(group.id()))
    }
}

/// The names and ids of a few rows.
#[derive(Clone, Debug, Default)]
pub struct FewHaystacks {
    names: FoldedNames,
    ids: Texts,
}

impl Haystacks for FewHaystacks {
    fn names(&self) -> &FoldedNames {
        &self.names
    }

    fn id(&self, at: usize) -> &str {
        self.ids.get(at)
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for FewHaystacks {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(rows: T) -> Self {
        let mut ids = Texts::default();
        let names = rows.into_iter().map(|(name, id)| {
            ids.push(id);
            name
        });
        Self { names: names.collect(), ids }
    }
}
