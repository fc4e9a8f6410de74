//! The parts of an instance's client: the instance as it was configured, and the parts that clients share.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use super::{
    Gateway,
    client::{Client, Wire},
    http::{Http, meter::BudgetBook, secret_header, transport::Transport},
};
use crate::{
    clock::Clock,
    domain::{
        base_url::BaseUrl,
        capability::Capabilities,
        instance::GatewayKind,
        message::{Message, ToMessage},
        settings::Timeouts,
    },
    scrub::Scrubber,
};

/// An instance as the operator configured it.
#[derive(Clone, Debug)]
pub struct InstanceSpec {
    pub kind: GatewayKind,
    /// The gateway's address.
    pub base_url: BaseUrl,
    /// The instance's name or id on the gateway, if it has one. On Z-API it is a secret too.
    pub instance: Option<SecretString>,
    pub token: SecretString,
    /// Z-API's second token, if the account has one.
    pub client_token: Option<SecretString>,
}

impl InstanceSpec {
    /// The instance's name on the gateway, unless it is a secret.
    pub fn name(&self) -> Option<&str> {
        self.instance.as_ref().filter(|_| self.kind != GatewayKind::Zapi).map(ExposeSecret::expose_secret)
    }

    /// Everything of the instance that must never be shown.
    pub fn secrets(&self) -> Vec<SecretString> {
        let mut secrets = vec![self.token.clone()];
        secrets.extend(self.client_token.clone());
        secrets.extend(self.instance.clone().filter(|_| self.kind == GatewayKind::Zapi));
        secrets
    }
}

/// The parts of an instance's client besides the instance itself.
#[derive(Clone)]
pub struct ClientParts {
    /// How long to wait for answers.
    pub timeouts: Timeouts,
    /// The clock that stamps listings and measures waits.
    pub clock: Clock,
    /// The budgets of all tokens of this program.
    pub budgets: Arc<BudgetBook>,
    /// Carries the requests.
    pub transport: Arc<dyn Transport>,
    /// Scrubs the secrets of all instances from this gateway's texts.
    pub scrubber: Arc<Scrubber>,
}

impl fmt::Debug for ClientParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientParts").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

/// Why an instance cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The token is empty, or no header can carry it.
    Token,
    /// The instance has no name.
    Instance,
    /// No header can carry the client token.
    ClientToken,
}

impl ToMessage for OpenError {
    fn message(&self) -> Message {
        match self {
            Self::Token => Message::new("open-token").put("key", "token"),
            Self::Instance => Message::new("open-instance"),
            Self::ClientToken => Message::new("open-token").put("key", "client_token"),
        }
    }
}

/// The instance's name, which is part of the paths.
pub(super) fn name(spec: &InstanceSpec) -> Result<&SecretString, OpenError> {
    spec.instance.as_ref().filter(|name| !name.expose_secret().is_empty()).ok_or(OpenError::Instance)
}

/// The credentials of a gateway that takes one key, in a header of this name.
pub(super) fn key_header(header: &'static str, spec: &InstanceSpec) -> Result<HeaderMap, OpenError> {
    Ok(HeaderMap::from_iter([secret_header(header, &spec.token).ok_or(OpenError::Token)?]))
}

/// A client that speaks a gateway's wire format.
pub(super) fn client(
    spec: &InstanceSpec,
    parts: &ClientParts,
    credentials: HeaderMap,
    wire: impl Wire,
) -> Gateway {
    let http = http(spec, parts, &wire.capabilities(), credentials);
    Gateway::new(Arc::new(Client::new(http, wire, parts.timeouts)))
}

pub(super) fn http(
    spec: &InstanceSpec,
    parts: &ClientParts,
    capabilities: &Capabilities,
    credentials: HeaderMap,
) -> Http {
    let base = spec.base_url.clone();
    let meter = parts.budgets.meter(base.as_str(), &spec.token, capabilities.requests_per_minute);
    let scrubber = parts.scrubber.knowing(spec.secrets());
    let transport = Arc::clone(&parts.transport);
    let clock = parts.clock;
    Http { transport, base, credentials, meter, scrubber, clock, vitals: Mutex::default() }
}
