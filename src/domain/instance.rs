//! An instance: one connected `WhatsApp` number on a gateway.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{base_url::BaseUrl, name::Name};

/// The key of an instance in events, marks, locks and the journal. It is made of gateway, base URL and instance, never of the
/// name in the configuration, and does not reveal a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct InstanceKey(Arc<str>);

impl InstanceKey {
    /// A key from its text: lower-case letters, digits and dashes, safe in a file name.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The gateways that Synod supports. Only `gateway`, `config` and `bootstrap` choose by it; all other code uses
/// [`Capabilities`](super::capability::Capabilities).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayKind {
    RyzeApi,
    /// <https://z-api.io>
    Zapi,
    /// <https://wsapi.chat>
    WsApi,
    /// <https://github.com/verbeux-ai/whatsmiau>
    Whatsmiau,
    /// Evolution API, version 2
    Evolution,
    /// uazapiGO, version 2
    Uazapi,
}

impl GatewayKind {
    /// All gateways, in the order in which people choose from them.
    pub const ALL: [Self; 6] =
        [Self::RyzeApi, Self::Zapi, Self::WsApi, Self::Whatsmiau, Self::Evolution, Self::Uazapi];

    /// The gateway with this word in the configuration.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word for it in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::RyzeApi => "ryzeapi",
            Self::Zapi => "zapi",
            Self::WsApi => "wsapi",
            Self::Whatsmiau => "whatsmiau",
            Self::Evolution => "evolution",
            Self::Uazapi => "uazapi",
        }
    }

    /// The gateway's own address (docs/gateways/ryzeapi.md, base URL; docs/gateways/zapi.md, base URL). A gateway that people run
    /// themselves has none: a usual one would send their token to somebody else.
    pub fn base_url(self) -> Option<BaseUrl> {
        let usual = match self {
            Self::RyzeApi => "https://ryzeapi.cloud",
            Self::Zapi => "https://api.z-api.io",
            Self::WsApi | Self::Whatsmiau | Self::Evolution | Self::Uazapi => return None,
        };
        Some(BaseUrl::normal(usual))
    }

    /// The gateway's own name.
    pub fn label(self) -> &'static str {
        match self {
            Self::RyzeApi => "RyzeAPI",
            Self::Zapi => "Z-API",
            Self::WsApi => "WSAPI",
            Self::Whatsmiau => "whatsmiau",
            Self::Evolution => "Evolution API",
            Self::Uazapi => "uazapi",
        }
    }
}

/// An entry of the configuration as it was read, by which it is found again to be changed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPlace {
    /// The operator's name for it, exactly as it is written.
    pub label: String,
    /// The line of its heading, counted from 1.
    pub line: usize,
    /// Stands for the whole text of the file.
    pub version: u64,
}

/// The gateway's report on an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Whether the number can be used now.
    pub state: ConnectionState,
    /// The instance's own number, in the gateway's spelling without its suffix.
    pub number: Option<Name>,
}

/// Whether an instance can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// It is connected to `WhatsApp`.
    Connected,
    Connecting,
    /// It is not connected; holds the gateway's own word for the state, if it gave one.
    NotConnected(Option<Name>),
    /// `WhatsApp` has banned the number, temporarily or permanently.
    Banned,
}

impl Connection {
    /// Whether operations may run.
    pub fn is_connected(&self) -> bool {
        self.state == ConnectionState::Connected
    }
}
