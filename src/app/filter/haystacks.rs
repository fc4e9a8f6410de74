//! The names and ids that a filter looks through, folded once and kept side by side, so that matching a hundred thousand of
//! them reads memory in a row and allocates nothing.

use nucleo_matcher::Utf32Str;

use crate::domain::name::fold::fold_into;

/// Folded names, and the ids that belong to them.
#[derive(Clone, Debug, Default)]
pub struct Haystacks {
    /// The names of which every cluster folds to ASCII.
    narrow: String,
    /// The others, a character a cluster.
    wide: Vec<char>,
    ids: String,
    rows: Vec<Row>,
}

/// Where a name and an id stand, and which letters the name has.
#[derive(Clone, Copy, Debug)]
struct Row {
    letters: u64,
    start: u32,
    id_end: u32,
    length: u16,
    is_wide: bool,
}

/// The set of letters, as bits, in either case: what a name lacks here it cannot match.
pub(super) fn letters(folded: impl Iterator<Item = char>) -> u64 {
    folded.fold(0, |set, letter| {
        let bit = match letter {
            'a'..='z' => letter as u32 - 'a' as u32,
            'A'..='Z' => letter as u32 - 'A' as u32,
            '0'..='9' => 26 + (letter as u32 - '0' as u32),
            // Letters of other scripts may have cases that this does not know of.
            _ => 36,
        };
        set | 1 << bit
    })
}

impl Haystacks {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The folded name of a row.
    pub(super) fn name(&self, row: usize) -> Utf32Str<'_> {
        let Row { start, length, is_wide, .. } = self.rows[row];
        let range = start as usize..start as usize + usize::from(length);
        if is_wide {
            Utf32Str::Unicode(&self.wide[range])
        } else {
            Utf32Str::Ascii(&self.narrow.as_bytes()[range])
        }
    }

    /// The letters of a row's name.
    pub(super) fn letters(&self, row: usize) -> u64 {
        self.rows[row].letters
    }

    /// The id of a row, as it was given.
    pub(super) fn id(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.rows[before].id_end);
        &self.ids[start as usize..self.rows[row].id_end as usize]
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Haystacks {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(rows: T) -> Self {
        let small = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let mut all = Self::default();
        let mut folded = Vec::new();
        for (name, id) in rows {
            fold_into(name, &mut folded);
            // Shown names are far shorter than this.
            folded.truncate(usize::from(u16::MAX));
            let is_wide = folded.iter().any(|letter| !letter.is_ascii());
            let start = small(if is_wide { all.wide.len() } else { all.narrow.len() });
            if is_wide {
                all.wide.extend_from_slice(&folded);
            } else {
                all.narrow.extend(&folded);
            }
            all.ids.push_str(id);
            all.rows.push(Row {
                letters: letters(folded.iter().copied()),
                start,
                id_end: small(all.ids.len()),
                length: u16::try_from(folded.len()).unwrap_or(u16::MAX),
                is_wide,
            });
        }
        all
    }
}
