//! Words for the entries of a file that says where groups belong: their faults, and how groups differ from them.

use std::borrow::Cow;

use super::Text;
use crate::domain::{
    desired::{DifferenceKind, EntryError},
    lookup::LookupError,
};

impl Text {
    /// Why a text leads to no group or community, or to several, each of these or of the nearest ones on a line of its own.
    /// `unknown` is the key for a text that matches nothing.
    pub fn unfound<Id: AsRef<str>>(&self, error: &LookupError<Id>, unknown: &'static str) -> String {
        let (head, candidates) = match error {
            LookupError::Unknown { given, near } => {
                let mut head = self.with(unknown, &[("given", given.shown().into())]);
                if !near.is_empty() {
                    head = format!("{head} {}", self.say("cli-unknown-near"));
                }
                (head, near)
            }
            LookupError::Ambiguous { given, candidates } => {
                let args = [("given", given.shown().into()), ("count", candidates.len().into())];
                (self.with("cli-ambiguous", &args), candidates)
            }
        };
        let lines = candidates.iter().map(|candidate| {
            let name = self.name_or_tail(Some(&candidate.name), &candidate.id);
            let words = format!("{}  {name}", candidate.id.as_ref());
            format!("\n  {}", self.candidate(words, candidate.community.as_ref(), candidate.members))
        });
        std::iter::once(head).chain(lines).collect()
    }

    /// Why an entry cannot be used. `unknown_community` is the key for a community that nothing matches.
    pub fn entry_error(&self, error: &EntryError, unknown_community: &'static str) -> String {
        match error {
            EntryError::Community(error) => self.unfound(error, unknown_community),
            EntryError::Group(error) => self.unfound(error, "cli-unknown-group"),
            EntryError::NoId(error) => self.tell(error),
            EntryError::InviteLink => self.say("state-invite-link").into_owned(),
            EntryError::InTwoPlaces { group, id, other } => {
                let group = self.name_or_tail(Some(group), id);
                self.with("state-in-two-places", &[("group", group.into()), ("other", (*other).into())])
            }
        }
    }

    /// The word for a difference.
    pub fn difference(&self, kind: DifferenceKind) -> Cow<'_, str> {
        self.say(match kind {
            DifferenceKind::Missing => "diff-missing",
            DifferenceKind::Extra => "diff-extra",
            DifferenceKind::Elsewhere => "diff-elsewhere",
            DifferenceKind::Unknown => "diff-unknown",
        })
    }
}
