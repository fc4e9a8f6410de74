//! Opens an instance: chooses the adapter, the credentials and the transport. Sends nothing.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use super::{
    Gateway,
    http::{Http, meter::BudgetBook, secret_header, transport::Transport},
    ryzeapi::RyzeApi,
    zapi::Zapi,
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
    /// The instance's name in the gateway's paths. On Z-API it is a secret too.
    pub instance: SecretString,
    pub token: SecretString,
    /// Z-API's second token, if the account has one.
    pub client_token: Option<SecretString>,
}

impl InstanceSpec {
    /// The instance's name on the gateway, unless it is a secret.
    pub fn name(&self) -> Option<&str> {
        (self.kind == GatewayKind::RyzeApi).then(|| self.instance.expose_secret())
    }

    /// Everything of the instance that must never be shown.
    pub fn secrets(&self) -> Vec<SecretString> {
        let mut secrets = vec![self.token.clone()];
        secrets.extend(self.client_token.clone());
        secrets.extend((self.kind == GatewayKind::Zapi).then(|| self.instance.clone()));
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
    /// What carries the requests.
    pub transport: Arc<dyn Transport>,
    /// The secrets of all other instances: they too are scrubbed from this gateway's texts.
    pub other_secrets: Vec<SecretString>,
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

/// Opens an instance.
pub fn open(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    match spec.kind {
        GatewayKind::RyzeApi => open_ryzeapi(spec, parts),
        GatewayKind::Zapi => open_zapi(spec, parts),
    }
}

fn open_ryzeapi(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    let name = spec.instance.expose_secret().to_owned();
    if name.is_empty() {
        return Err(OpenError::Instance);
    }
    let header = secret_header("token", &spec.token).ok_or(OpenError::Token)?;
    let capabilities = RyzeApi::CAPABILITIES;
    let http = http(spec, parts, &capabilities, HeaderMap::from_iter([header]));
    Ok(Gateway::new(Arc::new(RyzeApi::new(http, name, parts.timeouts))))
}

fn open_zapi(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    if spec.instance.expose_secret().is_empty() {
        return Err(OpenError::Instance);
    }
    if spec.token.expose_secret().is_empty() {
        return Err(OpenError::Token);
    }
    let header = match &spec.client_token {
        Some(secret) => Some(secret_header("client-token", secret).ok_or(OpenError::ClientToken)?),
        None => None,
    };
    let http = http(spec, parts, &Zapi::CAPABILITIES, header.into_iter().collect());
    Ok(Gateway::new(Arc::new(Zapi::new(http, &spec.instance, &spec.token, parts.timeouts))))
}

fn http(
    spec: &InstanceSpec,
    parts: &ClientParts,
    capabilities: &Capabilities,
    credentials: HeaderMap,
) -> Http {
    let base = spec.base_url.clone();
    let meter = parts.budgets.meter(base.as_str(), &spec.token, capabilities.requests_per_minute);
    let secrets = spec.secrets().into_iter().chain(parts.other_secrets.iter().cloned());
    let scrubber = Arc::new(Scrubber::new(secrets));
    let transport = Arc::clone(&parts.transport);
    let clock = parts.clock;
    Http { transport, base, credentials, meter, scrubber, clock, vitals: Mutex::default() }
}
