//! What a group's list of members tells: whether the own number is in it, as what, and how many admins there are.

use crate::domain::community::Role;

/// A member, without a name.
#[derive(Debug)]
pub(super) struct Participant {
    /// The phone and the hidden id, in whatever order and spelling they came.
    pub(super) ids: Vec<String>,
    pub(super) is_admin: Option<bool>,
}

/// What a list of members says of the own number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) role: Role,
    /// Whether it is listed; `None` where that cannot be told.
    pub(super) is_listed: Option<bool>,
}

impl Member {
    /// Seeks the own number, without suffix, among the members.
    pub(super) fn find(participants: Option<&[Participant]>, own: Option<&str>) -> Self {
        let unknown = Self { role: Role::Unknown, is_listed: None };
        let (Some(participants), Some(own)) = (participants, own) else { return unknown };
        let is_own = |member: &&Participant| member.ids.iter().any(|id| user(id) == own);
        match participants.iter().find(is_own) {
            Some(member) => {
                let role = match member.is_admin {
                    Some(true) => Role::Admin,
                    Some(false) => Role::Member,
                    None => Role::Unknown,
                };
                Self { role, is_listed: Some(true) }
            }
            // Whoever shows only a hidden id, or a number that may be the own one, may be the own number.
            None if participants.is_empty() || participants.iter().any(|member| may_be(member, own)) => {
                unknown
            }
            None => Self { role: Role::Unknown, is_listed: Some(false) },
        }
    }
}

/// How many admins there are, where that is told of every member.
pub(super) fn admins(participants: &[Participant]) -> Option<u32> {
    let is_told = !participants.is_empty() && participants.iter().all(|member| member.is_admin.is_some());
    let admins = participants.iter().filter(|member| member.is_admin == Some(true)).count();
    is_told.then(|| u32::try_from(admins).ok()).flatten()
}

/// A user's id without its suffix and without the part that names one of the user's devices.
pub(super) fn user(id: &str) -> &str {
    let number = id.split_once('@').map_or(id, |(number, _)| number);
    number.split_once(':').map_or(number, |(number, _)| number)
}

fn may_be(member: &Participant, own: &str) -> bool {
    let mut numbers = member.ids.iter().filter(|id| is_number(id)).map(|id| user(id)).peekable();
    numbers.peek().is_none() || numbers.any(|number| is_spelled_shorter(number, own))
}

fn is_number(id: &str) -> bool {
    id.ends_with("@s.whatsapp.net") || id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether one number is the other without one of its digits before the last eight: some countries' mobile numbers
/// are written with and without such a digit, and `WhatsApp` knows them by either.
fn is_spelled_shorter(one: &str, other: &str) -> bool {
    let (long, short) = if one.len() > other.len() { (one, other) } else { (other, one) };
    let is_mobile = long.len() == short.len() + 1 && short.len() > 8 && long.is_ascii() && short.is_ascii();
    is_mobile && (0..long.len() - 8).any(|at| long[..at] == short[..at] && long[at + 1..] == short[at..])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&["5511900000001"], Some(true))]
    #[case(&["5511900000001:7@s.whatsapp.net"], Some(true))]
    #[case(&["5511900000002"], Some(false))]
    #[case(&["5511900000002", "900000000000001@lid"], None)]
    #[case(&["551100000001"], None)]
    #[case(&["551200000001"], Some(false))]
    #[case(&[], None)]
    fn absence_is_told_only_where_nobody_may_be_the_own_number(
        #[case] ids: &[&str],
        #[case] is_listed: Option<bool>,
    ) {
        let participants: Vec<Participant> =
            ids.iter().map(|id| Participant { ids: vec![(*id).to_owned()], is_admin: Some(false) }).collect();
        assert_eq!(Member::find(Some(&participants), Some("5511900000001")).is_listed, is_listed);
        assert_eq!(Member::find(Some(&participants), None).is_listed, None);
    }
}
