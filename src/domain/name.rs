//! Text from strangers: kept exactly, and cleaned for display once, when it enters. It owns the pair of the two texts. The rules
//! of the cleaning are in `clean`; the words for an empty name are in `text`.

mod clean;
pub mod fold;
pub mod folded_names;
pub mod listed;
pub mod seen;
mod tables;

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

/// A text that came from a server: exact for the record, cleaned for every screen, log and report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "String", into = "String")]
pub struct Name {
    exact: Arc<str>,
    shown: Arc<str>,
}

impl Name {
    /// Takes a text as the gateway gave it, and cleans it for display.
    pub fn new(exact: &str) -> Self {
        let kept: Arc<str> = Arc::from(exact);
        let shown = cleaned(exact).map_or_else(|| Arc::clone(&kept), Arc::from);
        Self { exact: kept, shown }
    }

    /// The text as the gateway gave it; only for the record and for JSON, which escapes it.
    pub fn exact(&self) -> &str {
        &self.exact
    }

    /// The text made safe for a terminal; empty if no visible character is left.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether cleaning changed anything.
    pub fn was_cleaned(&self) -> bool {
        self.by_ref().was_cleaned()
    }

    /// See [`NameRef::has_right_to_left`].
    pub fn has_right_to_left(&self) -> bool {
        self.by_ref().has_right_to_left()
    }

    /// Both texts without owning them.
    pub fn by_ref(&self) -> NameRef<'_> {
        NameRef { exact: &self.exact, shown: &self.shown }
    }
}

/// A [`Name`] whose texts belong to something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NameRef<'a> {
    exact: &'a str,
    shown: &'a str,
}

impl<'a> From<&'a Name> for NameRef<'a> {
    fn from(name: &'a Name) -> Self {
        name.by_ref()
    }
}

impl<'a> NameRef<'a> {
    /// A text as the gateway gave it, with the form that cleaning made of it.
    pub(super) fn of_cleaned(exact: &'a str, shown: &'a str) -> Self {
        Self { exact, shown }
    }

    /// The text as the gateway gave it; only for the record and for JSON, which escapes it.
    pub fn exact(self) -> &'a str {
        self.exact
    }

    /// The text made safe for a terminal; empty if no visible character is left.
    pub fn shown(self) -> &'a str {
        self.shown
    }

    /// Whether cleaning changed anything.
    pub fn was_cleaned(self) -> bool {
        self.exact != self.shown
    }

    /// Whether the shown text contains right-to-left letters, which a terminal may reorder together with their neighbours: code
    /// that draws it must isolate it.
    pub fn has_right_to_left(self) -> bool {
        !self.shown.is_ascii() && self.shown.chars().any(tables::is_right_to_left)
    }

    /// The same name as an own value, to be kept.
    pub fn to_name(self) -> Name {
        let exact: Arc<str> = Arc::from(self.exact);
        let shown = if self.was_cleaned() { Arc::from(self.shown) } else { Arc::clone(&exact) };
        Name { exact, shown }
    }
}

/// The form of a text that is displayed, if it differs from the text.
pub(super) fn cleaned(exact: &str) -> Option<String> {
    if clean::is_plain(exact) {
        return None;
    }
    Some(clean::clean(exact)).filter(|cleaned| cleaned != exact)
}

/// Makes a text of several lines safe for a terminal: control characters are made visible or dropped. A text that was already
/// cleaned for display does not change.
pub fn printable(text: &str) -> Cow<'_, str> {
    // Most characters stay as they are wherever they stand.
    if text.chars().all(|c| matches!(c, ' '..='~' | '\n') || !clean::is_replaced(c)) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(clean::line).collect::<Vec<_>>();
    Cow::Owned(lines.join("\n"))
}

/// Whether a character can be invisible in a text: one that cleaning drops, replaces or inserts, or a mark on the character
/// before it.
pub fn is_unseen(c: char) -> bool {
    !matches!(c, ' '..='~') && (clean::is_replaced(c) || tables::is_common_mark(c))
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.exact.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    /// Characters that cause trouble, and a few that do not.
    fn troublesome() -> impl Strategy<Value = char> {
        prop_oneof![
            any::<char>(),
            prop::char::range('\0', '\u{ff}'),
            prop::char::range('\u{2000}', '\u{206f}'),
            prop::char::range('\u{300}', '\u{36f}'),
            prop::char::range('\u{600}', '\u{6ff}'),
            prop::char::range('\u{900}', '\u{97f}'),
            prop::char::range('\u{1100}', '\u{11ff}'),
            prop::char::range('\u{1f1e6}', '\u{1f1ff}'),
            prop::char::range('\u{1f3f0}', '\u{1f470}'),
            prop::sample::select(vec![
                '\u{200c}',
                '\u{200d}',
                '\u{fe0f}',
                '\u{e0041}',
                '\u{94d}',
                '👩',
                ' ',
                'e',
                '\u{d4e}'
            ]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn property_a_text_that_needs_no_change_is_returned_as_it_is(
            text in prop::collection::vec(troublesome(), 0..6).prop_map(String::from_iter)
        ) {
            let lines: Vec<String> = text.split('\n').map(clean::line).collect();
            prop_assert_eq!(printable(&text), lines.join("\n"));
        }

        #[test]
        fn property_no_control_character_is_left_and_cleaning_again_changes_nothing(
            text in prop::collection::vec(troublesome(), 0..200).prop_map(String::from_iter)
        ) {
            let name = Name::new(&text);
            let shown: Vec<char> = name.shown().chars().collect();
            prop_assert!(shown.iter().all(|&c| !c.is_control() && !tables::is_ignored(c)));
            for (place, &c) in shown.iter().enumerate() {
                if c == '\u{200d}' || c == '\u{200c}' {
                    let (left, right) = (shown[place - 1], shown[place + 1]);
                    let emoji = c == '\u{200d}' && tables::is_picture(right);
                    prop_assert!(emoji || tables::join_their_letters(left, right));
                }
            }
            for cluster in name.shown().graphemes(true) {
                prop_assert!(cluster.len() <= 32, "{:?}", cluster);
            }
            prop_assert!(name.shown().len() <= clean::LONGEST);
            let again = Name::new(name.shown());
            prop_assert_eq!(again.shown(), name.shown());
            prop_assert_eq!(name.exact(), text);
        }
    }
}
