//! Encrypts the invite links in a store that others can read, with a key that only the operators hold. Each
//! encrypted value names its instance and group, so a value that somebody copied to another place is not accepted there.

use std::{fmt, str::FromStr};

use age::{secrecy::ExposeSecret, x25519::Identity};

use crate::domain::{
    id::GroupId,
    instance::InstanceKey,
    invite::InviteLink,
    message::{Message, ToMessage},
};

/// The first part of everything that is encrypted: what it is, and its version.
const FORM: &str = "synod invite link 1";
/// The most bytes of an encrypted link; a longer value was not made here.
const LONGEST: usize = 16_384;

/// The key that all operators of a store hold: an X25519 identity of `age`.
pub struct LinkKey(Identity);

/// The text is not such a key. The message does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct NoLinkKey;

impl ToMessage for NoLinkKey {
    fn message(&self) -> Message {
        Message::new("store-key-invalid")
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(secret)")
    }
}

impl LinkKey {
    /// Reads a key, which begins with `AGE-SECRET-KEY-1`. Around it there may be comments, as `age-keygen` writes them.
    pub fn parse(text: &str) -> Result<Self, NoLinkKey> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (Some(key), None) = (lines.next(), lines.next()) else { return Err(NoLinkKey) };
        Identity::from_str(key).map(Self).map_err(|_| NoLinkKey)
    }

    /// Makes a new key.
    pub fn generate() -> Self {
        Self(Identity::generate())
    }

    /// The key as a line of a file that only its owner may read.
    pub fn to_line(&self) -> String {
        format!("{}\n", self.0.to_string().expose_secret())
    }

    /// Encrypts the link of a group; `None` if the system has no random numbers.
    pub(super) fn seal(&self, instance: &InstanceKey, group: &GroupId, link: &InviteLink) -> Option<Vec<u8>> {
        let plain = serde_json::to_vec(&[FORM, instance.as_str(), group.as_str(), link.expose()]).ok()?;
        age::encrypt(&self.0.to_public(), &plain).ok()
    }

    /// The link of a group; `None` if it was encrypted with another key or for another group, or if it was changed.
    pub(super) fn open(&self, instance: &InstanceKey, group: &GroupId, sealed: &[u8]) -> Option<InviteLink> {
        if sealed.len() > LONGEST {
            return None;
        }
        let plain = age::decrypt(&self.0, sealed).ok()?;
        let [form, of_instance, of_group, link]: [String; 4] = serde_json::from_slice(&plain).ok()?;
        let fits = form == FORM && of_instance == instance.as_str() && of_group == group.as_str();
        InviteLink::new(&link).filter(|_| fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str) -> GroupId {
        GroupId::parse(id).unwrap()
    }

    #[test]
    fn a_link_opens_only_with_its_key_and_in_its_place() {
        let (key, other) = (LinkKey::generate(), LinkKey::generate());
        let (ops, one) = (InstanceKey::new("ops"), group("1@g.us"));
        let link = InviteLink::new("https://chat.whatsapp.com/Kx7SecretCode").unwrap();
        let sealed = key.seal(&ops, &one, &link).unwrap();
        assert_eq!(key.open(&ops, &one, &sealed), Some(link));
        assert_eq!(other.open(&ops, &one, &sealed), None);
        assert_eq!(key.open(&ops, &group("2@g.us"), &sealed), None);
        assert_eq!(key.open(&InstanceKey::new("annex"), &one, &sealed), None);
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(key.open(&ops, &one, &changed), None);
        assert!(!String::from_utf8_lossy(&sealed).contains("Kx7Secret"), "nothing can be read in it");
    }

    #[test]
    fn a_key_is_read_back_and_never_shown() {
        let key = LinkKey::generate();
        let line = key.to_line();
        assert!(line.starts_with("AGE-SECRET-KEY-1"), "`age` can use it");
        assert_eq!(LinkKey::parse(&line).unwrap().to_line(), line);
        let file = format!("# created: 2026-11-29\n# public key: age1qqqq\n{line}\n");
        assert_eq!(LinkKey::parse(&file).unwrap().to_line(), line);
        assert!(LinkKey::parse(&format!("{line}{line}")).is_err(), "which one?");
        assert_eq!(format!("{key:?}"), "LinkKey(secret)");
        assert_eq!(LinkKey::parse("age1qqqq").unwrap_err(), NoLinkKey);
    }
}
