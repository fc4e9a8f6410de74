//! Facts from a group's list of members: whether the own number is in it, with which role, and how many admins there are.
//!
//! Only this module compares numbers. It compares their digits, whatever their spelling. It concludes that the own number is
//! absent from a list only if nobody in the list may be the own number.

use std::borrow::Cow;

use serde_json::Value;

use super::json::{Object, flag, id_text};
use crate::domain::community::Role;

/// A list with this many members or more may be incomplete.
const CAP: usize = 1_024;

/// The last digits that identify somebody within any country; fewer digits identify nobody.
const LOCAL: usize = 8;

/// A member, without a name.
#[derive(Debug)]
pub(super) struct Participant {
    /// The phone number and the hidden id, in the order and spelling of the answer.
    pub(super) ids: Vec<String>,
    pub(super) is_admin: Option<bool>,
}

impl Participant {
    /// A member as an answer shows it, with its ids in any of these fields. An unreadable member has no id, and so may be anyone.
    pub(super) fn read(value: &Value, ids: &[&str]) -> Self {
        let empty = Object::new();
        let object = value.as_object().unwrap_or(&empty);
        let fields = ids.iter().filter_map(|name| object.get(*name));
        let ids = fields.chain([value]).filter_map(id_text).map(Cow::into_owned).collect();
        let flags = ["isAdmin", "isSuperAdmin", "IsAdmin", "IsSuperAdmin"];
        let by_flag = flags.iter().filter_map(|name| flag(object, &[name])).reduce(|one, other| one || other);
        // Some gateways name the role instead; without a role, the member is a plain one.
        let by_name = object.get("admin").map(|role| !role.is_null());
        Self { ids, is_admin: by_flag.or(by_name) }
    }
}

/// A list of members, and how many there should be.
#[derive(Debug)]
pub(super) struct MemberList {
    participants: Vec<Participant>,
    stated: Option<u32>,
}

/// What a list of members shows about the own number.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) role: Role,
    /// Whether it is listed; `None` if unknown.
    pub(super) is_listed: Option<bool>,
}

impl MemberList {
    /// The members that an answer lists, and the number of members that it states, if any.
    pub(super) fn new(participants: Vec<Participant>, stated: Option<u32>) -> Self {
        Self { participants, stated }
    }

    /// How many members are listed, readable or not.
    pub(super) fn listed(&self) -> Option<u32> {
        u32::try_from(self.participants.len()).ok()
    }

    /// Whether members may be missing from the list.
    fn is_cut(&self) -> bool {
        let stated = self.stated.and_then(|stated| usize::try_from(stated).ok());
        self.participants.len() >= CAP || stated.is_some_and(|stated| stated > self.participants.len())
    }

    /// The number of admins, if the role of every member is known.
    pub(super) fn admins(&self) -> Option<u32> {
        let is_told = !self.participants.is_empty()
            && !self.is_cut()
            && self.participants.iter().all(|member| member.is_admin.is_some());
        let admins = self.participants.iter().filter(|member| member.is_admin == Some(true)).count();
        is_told.then(|| u32::try_from(admins).ok()).flatten()
    }
}

impl Member {
    /// Looks for the own number among the members.
    pub(super) fn find(list: Option<&MemberList>, own: Option<&str>) -> Self {
        let (Some(list), Some(Id::Phone(own))) = (list, own.map(Id::read)) else { return Self::default() };
        let is_own = |member: &&Participant| member.ids.iter().any(|id| Id::read(id).is(&own));
        match list.participants.iter().find(is_own) {
            Some(member) => {
                let role = match member.is_admin {
                    Some(true) => Role::Admin,
                    Some(false) => Role::Member,
                    None => Role::Unknown,
                };
                Self { role, is_listed: Some(true) }
            }
            None if list.participants.is_empty() || list.is_cut() => Self::default(),
            None if list.participants.iter().any(|member| may_be(member, &own)) => Self::default(),
            None => Self { role: Role::Unknown, is_listed: Some(false) },
        }
    }
}

/// The digits of a number, for display and comparison. `None` if the id hides the number or is not a number.
pub(super) fn own_number(id: &str) -> Option<String> {
    match Id::read(id) {
        Id::Phone(digits) => Some(digits),
        Id::Hidden | Id::Unreadable => None,
    }
}

/// What an id says about a person.
enum Id {
    /// The digits of a phone number.
    Phone(String),
    /// The id hides the number.
    Hidden,
    Unreadable,
}

impl Id {
    fn read(text: &str) -> Self {
        let text = text.trim();
        let (user, server) = text.split_once('@').unwrap_or((text, ""));
        match server.to_ascii_lowercase().as_str() {
            "lid" => return Self::Hidden,
            "" | "s.whatsapp.net" | "c.us" => {}
            _ => return Self::Unreadable,
        }
        // The part after the colon names one of the user's devices.
        let number = user.split_once(':').map_or(user, |(number, _)| number);
        let is_spelling =
            |c: char| c.is_ascii_digit() || c.is_whitespace() || "+()-./\u{2010}\u{2011}\u{2013}".contains(c);
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        // Zeros dialled before a country or an area code are not part of the number.
        let digits = digits.trim_start_matches('0');
        if digits.len() < LOCAL || !number.chars().all(is_spelling) {
            return Self::Unreadable;
        }
        Self::Phone(digits.to_owned())
    }

    fn is(&self, own: &str) -> bool {
        matches!(self, Self::Phone(digits) if digits == own)
    }
}

/// Whether a member may be the own number: a member with only a hidden or unreadable id may be, and so may one whose number
/// may be another spelling of it.
fn may_be(member: &Participant, own: &str) -> bool {
    let mut phones = member.ids.iter().filter_map(|id| own_number(id)).peekable();
    phones.peek().is_none() || phones.any(|phone| may_be_same(&phone, own))
}

/// Whether two numbers may be the same: one is a suffix of the other (as without its country code), or would be one without
/// one of the digits before the last eight. In some countries mobile numbers are written with or without such a digit, and
/// `WhatsApp` knows them by either form.
fn may_be_same(one: &str, other: &str) -> bool {
    let are_one = |one: &str, other: &str| {
        let (long, short) = if one.len() > other.len() { (one, other) } else { (other, one) };
        short.len() >= LOCAL && long.ends_with(short)
    };
    let without_a_digit = |number: &str, other: &str| {
        (0..number.len().saturating_sub(LOCAL))
            .any(|at| are_one(&format!("{}{}", &number[..at], &number[at + 1..]), other))
    };
    are_one(one, other) || without_a_digit(one, other) || without_a_digit(other, one)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const OWN: &str = "5511900000001";

    fn list(ids: &[&str], stated: Option<u32>) -> MemberList {
        let member = |id: &&str| Participant { ids: vec![(*id).to_owned()], is_admin: Some(false) };
        MemberList::new(ids.iter().map(member).collect(), stated)
    }

    #[rstest]
    #[case(&["5511900000001"], Some(true))]
    #[case(&["5511900000001:7@s.whatsapp.net"], Some(true))]
    #[case(&["5511900000001:12@s.whatsapp.net"], Some(true))]
    #[case(&["5511900000001@c.us"], Some(true))]
    #[case(&["5511900000001@S.WhatsApp.net"], Some(true))]
    #[case(&["+55 11 90000-0001"], Some(true))]
    #[case(&["+55 (11) 9.0000-0001"], Some(true))]
    #[case(&["005511900000001"], Some(true))]
    #[case(&["5511900000002", "+5511900000001"], Some(true))]
    #[case::national(&["(11) 90000-0001"], None)]
    #[case::national_with_a_zero(&["011 90000-0001"], None)]
    #[case::local(&["90000-0001"], None)]
    #[case::local_without_the_ninth_digit(&["2000-0001"], Some(false))]
    #[case::without_the_ninth_digit(&["551100000001"], None)]
    #[case::national_without_the_ninth_digit(&["(11) 0000-0001"], None)]
    #[case::hidden(&["5511900000002", "900000000000001@lid"], None)]
    #[case::hidden_with_the_same_digits(&["5511900000001@lid"], None)]
    #[case::masked(&["5511*****0009"], None)]
    #[case::of_another_kind(&["5511900000002@newsletter"], None)]
    #[case::too_short(&["12345"], None)]
    #[case::a_name(&["somebody"], None)]
    #[case::nobody(&[], None)]
    #[case(&["5511900000002"], Some(false))]
    #[case(&["+55 11 90000-0002"], Some(false))]
    #[case(&["(11) 90000-0002"], Some(false))]
    #[case(&["551200000001"], Some(false))]
    #[case(&["5521900000001"], Some(false))]
    fn absence_is_reported_only_if_no_member_may_be_the_own_number(
        #[case] ids: &[&str],
        #[case] is_listed: Option<bool>,
    ) {
        for own in [OWN, "+55 11 90000-0001", "5511900000001:3@s.whatsapp.net", "5511900000001@c.us"] {
            assert_eq!(Member::find(Some(&list(ids, None)), Some(own)).is_listed, is_listed, "{own}");
        }
        for unknown in [None, Some("900000000000001@lid"), Some("")] {
            assert_eq!(Member::find(Some(&list(ids, None)), unknown).is_listed, None);
        }
    }

    #[rstest]
    #[case("551100000001", "5511900000001")]
    #[case("551100000001", "11900000001")]
    #[case("11900000001", "5511900000001")]
    #[case("900000001", "5511900000001")]
    fn an_own_number_in_another_spelling_shows_no_absence(#[case] own: &str, #[case] member: &str) {
        assert_eq!(Member::find(Some(&list(&[member], None)), Some(own)).is_listed, None);
    }

    #[rstest]
    #[case(2, None, Some(false))]
    #[case(2, Some(2), Some(false))]
    #[case(2, Some(1), Some(false))]
    #[case(2, Some(3), None)]
    #[case(1_023, None, Some(false))]
    #[case(1_024, None, None)]
    #[case(1_024, Some(1_024), None)]
    #[case(1_100, None, None)]
    fn a_list_that_may_be_cut_shows_no_absence_and_counts_no_admins(
        #[case] members: usize,
        #[case] stated: Option<u32>,
        #[case] is_listed: Option<bool>,
    ) {
        let cut = list(&vec!["5511900000002"; members], stated);
        assert_eq!(Member::find(Some(&cut), Some(OWN)).is_listed, is_listed);
        assert_eq!(cut.admins(), is_listed.map(|_| 0));
        let with_own = list(&[vec!["5511900000002"; members], vec![OWN]].concat(), stated);
        assert_eq!(Member::find(Some(&with_own), Some(OWN)).is_listed, Some(true));
    }
}
