//! An entry of the configuration as a person types it, and the reasons why it cannot be written. The screen does not know the rules
//! of the configuration: the code that writes the entry checks the values.

use crate::domain::{
    failure::{Failure, FailureKind},
    instance::{Connection, EntryPlace, InstanceKey},
    message::Message,
    private::Private,
};

/// A gateway that an entry can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayChoice {
    /// The configuration's word for it.
    pub word: &'static str,
    /// The gateway's own name.
    pub name: &'static str,
    /// The address that is used if an entry names none; `None` if every entry has to name one.
    pub usual_address: Option<String>,
    /// The fields that it has besides its own, each with the key of its help.
    pub fields: Vec<(EntryField, &'static str)>,
    /// Whether an entry has to name its instance.
    pub needs_instance: bool,
    /// Whether the name of an instance is a secret there.
    pub keeps_name_secret: bool,
    /// Whether the token of an account lists its instances.
    pub lists_instances: bool,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryField {
    Gateway,
    Address,
    Instance,
    Token,
    ClientToken,
    Name,
}

/// Where a secret comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretOrigin {
    /// It is typed, and gets a file of its own.
    #[default]
    Typed,
    /// An environment variable.
    Variable,
    /// A file that is there already.
    File,
    /// A program prints it.
    Command,
    /// It stays as the entry has it.
    Kept,
}

/// A value that may be a secret, or leads to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenSecret {
    pub origin: SecretOrigin,
    /// The text in the field, if there is any.
    pub text: Option<Private>,
}

impl GivenSecret {
    /// Whether nothing is given.
    pub fn is_missing(&self) -> bool {
        self.origin != SecretOrigin::Kept && self.text.is_none()
    }
}

/// The values of an entry, as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryValues {
    /// The configuration's word for the gateway.
    pub gateway: String,
    /// Empty if it is the gateway's own.
    pub address: String,
    /// The instance's name on the gateway, which is a secret on some.
    pub instance: GivenSecret,
    pub token: GivenSecret,
    pub client_token: GivenSecret,
    /// The operator's name for it. Empty if it is the same as on the gateway.
    pub label: String,
}

/// An entry of the configuration that somebody chose, to change or remove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenEntry {
    pub place: EntryPlace,
    /// Its instance, if it can be used.
    pub instance: Option<InstanceKey>,
}

/// Why an entry was not written. The configuration is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRefusal {
    /// The field that has to be corrected.
    pub field: Option<EntryField>,
    pub why: EntryTrouble,
}

impl EntryRefusal {
    /// Whether an entry can be written although it was refused: the gateway says nothing against it.
    pub fn may_pass(&self) -> bool {
        match &self.why {
            EntryTrouble::NotConnected(_) => true,
            EntryTrouble::Missing | EntryTrouble::Wrong(_) => false,
            EntryTrouble::Refused(failure) => matches!(
                failure.kind,
                FailureKind::NotConnected
                    | FailureKind::Banned
                    | FailureKind::RateLimited { .. }
                    | FailureKind::Throttled { .. }
                    | FailureKind::ServerFault
                    | FailureKind::TimedOut
                    | FailureKind::Dropped
                    | FailureKind::Unreachable
                    | FailureKind::Tls
            ),
        }
    }
}

/// A fault of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryTrouble {
    /// A field that must not be empty is empty.
    Missing,
    /// The values, or the configuration.
    Wrong(Message),
    /// The gateway refused them, or cannot be reached.
    Refused(Failure),
    /// The gateway accepts them, but no phone is connected.
    NotConnected(Connection),
}
