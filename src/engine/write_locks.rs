//! The locks that a Synod needs in order to write to an instance: that of the instance, and that of the connected number if other
//! machines may know the number by another name. `lock_slot` takes them.

use std::time::Duration;

use tokio::time::timeout;

use super::locks::{LockError, Locks};
use crate::{
    domain::{failure::FailureKind, instance::InstanceKey},
    gateway::Gateway,
};

/// How long the gateway may take to say which number is connected.
const PATIENCE: Duration = Duration::from_secs(10);

/// The digit of mobile numbers that `WhatsApp` knows with and without it, with its country and its place: in Brazil, Mexico and
/// Argentina.
const OPTIONAL: [(&str, usize, &str); 3] = [("55", 4, "9"), ("52", 2, "1"), ("54", 2, "9")];

/// How many digits these numbers have with it.
const LONG: usize = 13;

/// The keys of the locks for one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteLocks {
    instance: InstanceKey,
    /// `None` if the gateway does not say it, or if the locks are those of one machine.
    number: Option<InstanceKey>,
}

impl WriteLocks {
    /// Asks the gateway for the number if the locks are shared. Fails if the gateway does not answer.
    pub async fn of(locks: &dyn Locks, instance: &InstanceKey, gateway: &Gateway) -> Result<Self, LockError> {
        let number = if locks.are_shared() { number(gateway).await? } else { None };
        Ok(Self { instance: instance.clone(), number })
    }

    /// The lock of the instance alone.
    pub fn of_instance(instance: &InstanceKey) -> Self {
        Self { instance: instance.clone(), number: None }
    }

    /// Fails if a process holds one of the locks, or if they cannot be tested. Does not take them.
    pub async fn ensure_free(&self, locks: &dyn Locks) -> Result<(), LockError> {
        locks.ensure_free(&self.instance).await?;
        match &self.number {
            Some(number) => locks.ensure_free(number).await.map_err(of_number),
            None => Ok(()),
        }
    }
}

/// The key of the lock for the connected number; `None` if the gateway answers that it cannot say the number, now or later. Fails if
/// it does not answer, or if no number is connected: then another Synod may be writing to the number that will be.
pub(super) async fn number(gateway: &Gateway) -> Result<Option<InstanceKey>, LockError> {
    match timeout(PATIENCE, gateway.reads.number()).await {
        Ok(Ok(number)) => Ok(number.and_then(|number| key_of(number.exact()))),
        Ok(Err(failure)) if cannot_say(failure.kind) => Ok(None),
        Ok(Err(_)) | Err(_) => Err(LockError::NumberUnread),
    }
}

/// Whether the gateway itself answered, and would answer the same again.
fn cannot_say(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Unsupported
            | FailureKind::NotFound
            | FailureKind::Forbidden
            | FailureKind::Refused
            | FailureKind::WrongRequest
            | FailureKind::Malformed
            | FailureKind::TooLong
    )
}

/// The same error for the lock of a number.
pub(super) fn of_number(error: LockError) -> LockError {
    match error {
        LockError::Held(holder) => LockError::NumberHeld(holder),
        error => error,
    }
}

/// The key for a number, however the gateway spells it: `5511900000001`, `+55 11 90000-0001` or `5511900000001:7@s.whatsapp.net`.
fn key_of(number: &str) -> Option<InstanceKey> {
    let bare = number.split([':', '@']).next().unwrap_or_default();
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    let mut digits = digits.trim_start_matches('0').to_owned();
    let is_of = |(country, place, digit): &(&str, usize, &str)| {
        digits.len() == LONG && digits.starts_with(country) && digits[*place..].starts_with(digit)
    };
    if let Some((_, place, _)) = OPTIONAL.iter().find(|optional| is_of(optional)) {
        digits.remove(*place);
    }
    (!digits.is_empty()).then(|| InstanceKey::new(&format!("number-{digits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_number_have_one_key() {
        let key = key_of("5511900000001");
        assert!(key.is_some());
        for spelling in [
            "+55 11 90000-0001",
            "5511900000001:7@s.whatsapp.net",
            "5511900000001@c.us",
            "005511900000001",
            "551100000001",
        ] {
            assert_eq!(key_of(spelling), key, "{spelling}");
        }
        assert_eq!(key_of("+52 1 55 1000 0001"), key_of("525510000001"));
        assert_eq!(key_of("+54 9 11 1000 0001"), key_of("541110000001"));
        for other in ["5511900000002", "5521900000001", "491511000001"] {
            assert_ne!(key_of(other), key, "{other}");
        }
        assert_eq!(key_of("unknown"), None);
    }
}
