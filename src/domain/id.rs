//! Ids as opaque strings. Synod never parses them into integers or cuts them at a dash, and sends them back exactly as the
//! gateway gave them. Only *comparison* knows that two forms of an id may be equal.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::message::{Message, ToMessage};

/// Why a text cannot be an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("an id cannot be empty")]
    Empty,
    /// It is longer than any gateway's ids.
    #[error("an id has at most 128 characters")]
    TooLong,
    /// It contains a character that no gateway uses in ids.
    #[error("an id holds only letters, digits and . _ : @ - characters")]
    Character,
}

impl ToMessage for IdError {
    fn message(&self) -> Message {
        Message::new(match self {
            Self::Empty => "id-empty",
            Self::TooLong => "id-too-long",
            Self::Character => "id-character",
        })
    }
}

/// Whether a text can be an id.
pub(super) fn is_id(text: &str) -> bool {
    check(text).is_ok()
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > 128 {
        return Err(IdError::TooLong);
    }
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@-".contains(&byte);
    if !text.bytes().all(known) {
        return Err(IdError::Character);
    }
    Ok(())
}

/// An id without the suffix that indicates its form: from an at-sign on, or a dash and a word at its end. For comparison only.
pub fn bare(text: &str) -> &str {
    // Ids are too short for a search that has to be prepared.
    if let Some(at) = text.bytes().position(|byte| byte == b'@').filter(|at| *at > 0) {
        return &text[..at];
    }
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    match text.rsplit_once('-') {
        Some((bare, word)) if is_word(word) && !bare.is_empty() => bare,
        _ => text,
    }
}

/// Whether two ids are equal except for the suffix. Most pairs first differ in a digit; only a suffix that an at-sign began before
/// can contain one.
fn are_same(one: &str, other: &str) -> bool {
    let first = one.bytes().zip(other.bytes()).find(|(one, other)| one != other || *one == b'@');
    match first {
        Some((one, other)) if one.is_ascii_digit() && other.is_ascii_digit() => false,
        _ => bare(one) == bare(other),
    }
}

/// The last characters of an id of either kind before its suffix, at most `count`.
pub fn tail(id: &str, count: usize) -> &str {
    let bare = bare(id);
    &bare[bare.len().saturating_sub(count)..]
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes an id as the gateway or the operator gave it.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text).map(|()| Self(Arc::from(text)))
            }

            /// The id as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id without the suffix that indicates its form; for comparison only, never sent anywhere.
            pub fn bare(&self) -> &str {
                bare(&self.0)
            }

            /// The last characters of the id before its suffix, at most `count`; they distinguish equal names.
            pub fn tail(&self, count: usize) -> &str {
                tail(&self.0, count)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }
    };
}

id! {
    /// A group's id, in the form of its gateway.
    GroupId
}
id! {
    /// A community's id, in the form of its gateway.
    CommunityId
}

impl GroupId {
    /// Takes an id that was checked before.
    pub(super) fn of_checked(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// Whether two ids name the same group: exactly equal, or equal except for the suffix.
    pub fn same_as(&self, other: &Self) -> bool {
        are_same(&self.0, &other.0)
    }

    /// Whether this group is that community itself, whatever suffix either has.
    pub fn is_community(&self, community: &CommunityId) -> bool {
        are_same(&self.0, &community.0)
    }
}

impl CommunityId {
    /// The same id as a group id, for gateways on which a community is itself a group.
    pub fn as_group(&self) -> GroupId {
        GroupId(Arc::clone(&self.0))
    }

    /// Whether two ids name the same community: exactly equal, or equal except for the suffix.
    pub fn same_as(&self, other: &Self) -> bool {
        are_same(&self.0, &other.0)
    }
}

impl From<&GroupId> for CommunityId {
    /// Uses a group's id as a community's, to ask the gateway whether it is one.
    fn from(group: &GroupId) -> Self {
        Self(Arc::clone(&group.0))
    }
}

/// The number of an operation in the journal, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct OperationId(pub u64);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_stay_unchanged() {
        for text in ["120363400000000001@g.us", "5511900000001-1600000000", "120363500000000002-group"] {
            assert_eq!(GroupId::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_text_that_cannot_be_an_id_is_refused() {
        for text in ["", "a b", "x\u{1b}[2J", "ação@g.us", "../etc", "a?b"] {
            assert!(GroupId::parse(text).is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<GroupId>("\"a b\"").is_err());
    }

    #[test]
    fn comparison_knows_the_forms_and_does_not_cut_at_a_dash() {
        let community = CommunityId::parse("120363500000000001").unwrap();
        assert!(GroupId::parse("120363500000000001-group").unwrap().is_community(&community));
        assert!(!GroupId::parse("120363500000000001-1600000000").unwrap().is_community(&community));
        assert_eq!(GroupId::parse("5511900000001-1600000000").unwrap().tail(4), "0000");
    }

    proptest! {
        #[test]
        fn property_two_ids_are_the_same_if_they_are_equal_without_suffixes(
            one in "[12a@-]{1,7}",
            other in "[12a@-]{1,7}",
        ) {
            prop_assert_eq!(are_same(&one, &other), bare(&one) == bare(&other));
        }
    }
}
