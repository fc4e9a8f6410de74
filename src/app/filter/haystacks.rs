//! The names and ids that a filter searches, folded once and stored contiguously, so that matching a hundred thousand
//! of them reads memory sequentially and allocates nothing.

use std::ops::Range;

use crate::domain::name::fold::fold_into;

/// Folded names, and their ids.
#[derive(Clone, Debug, Default)]
pub struct Haystacks {
    /// The names without accents, concatenated.
    plain: String,
    /// The names that have accents, with them.
    accented: String,
    ids: String,
    rows: Vec<Row>,
}

/// Where a name and an id end, and which letters the name contains.
#[derive(Clone, Copy, Debug)]
struct Row {
    letters: u64,
    plain_end: u32,
    accented_end: u32,
    id_end: u32,
}

/// The set of letters, as bits. A name cannot match a text with a letter that it lacks.
pub(super) fn letters(folded: &str) -> u64 {
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

impl Haystacks {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The folded name of a row without accents.
    pub(super) fn plain(&self, row: usize) -> &str {
        &self.plain[self.range(row, |row| row.plain_end)]
    }

    /// The folded name of a row with its accents; `None` if it has none.
    pub(super) fn accented(&self, row: usize) -> Option<&str> {
        Some(&self.accented[self.range(row, |row| row.accented_end)]).filter(|name| !name.is_empty())
    }

    /// The letters of a row's name without accents.
    pub(super) fn letters(&self, row: usize) -> u64 {
        self.rows[row].letters
    }

    /// The id of a row, unchanged.
    pub(super) fn id(&self, row: usize) -> &str {
        &self.ids[self.range(row, |row| row.id_end)]
    }

    fn range(&self, row: usize, end: impl Fn(&Row) -> u32) -> Range<usize> {
        let start = row.checked_sub(1).map_or(0, |before| end(&self.rows[before]));
        start as usize..end(&self.rows[row]) as usize
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Haystacks {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(rows: T) -> Self {
        let small = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let mut all = Self::default();
        for (name, id) in rows {
            let (plain, accented) = (all.plain.len(), all.accented.len());
            fold_into(name, &mut all.plain, &mut all.accented);
            if all.plain[plain..] == all.accented[accented..] {
                all.accented.truncate(accented);
            }
            all.ids.push_str(id);
            all.rows.push(Row {
                letters: letters(&all.plain[plain..]),
                plain_end: small(all.plain.len()),
                accented_end: small(all.accented.len()),
                id_end: small(all.ids.len()),
            });
        }
        all
    }
}
