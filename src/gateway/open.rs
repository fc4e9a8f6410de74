//! Opens an instance: chooses the adapter, the credentials and the transport. Sends nothing.

use std::sync::Arc;

use http::HeaderMap;
use secrecy::ExposeSecret;

use super::{
    Gateway, evolution,
    http::secret_header,
    parts::{ClientParts, InstanceSpec, OpenError, http, name},
    ryzeapi::RyzeApi,
    uazapi, wsapi,
    zapi::Zapi,
};
use crate::domain::instance::GatewayKind;

/// Opens an instance.
pub fn open(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    match spec.kind {
        GatewayKind::RyzeApi => open_ryzeapi(spec, parts),
        GatewayKind::Zapi => open_zapi(spec, parts),
        GatewayKind::WsApi => wsapi::open(spec, parts),
        GatewayKind::Whatsmiau | GatewayKind::Evolution => evolution::open(spec, parts),
        GatewayKind::Uazapi => uazapi::open(spec, parts),
    }
}

fn open_ryzeapi(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    let name = name(spec)?.expose_secret().to_owned();
    let header = secret_header("token", &spec.token).ok_or(OpenError::Token)?;
    let capabilities = RyzeApi::CAPABILITIES;
    let http = http(spec, parts, &capabilities, HeaderMap::from_iter([header]));
    Ok(Gateway::new(Arc::new(RyzeApi::new(http, name, parts.timeouts))))
}

fn open_zapi(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    let name = name(spec)?;
    if spec.token.expose_secret().is_empty() {
        return Err(OpenError::Token);
    }
    let header = match &spec.client_token {
        Some(secret) => Some(secret_header("client-token", secret).ok_or(OpenError::ClientToken)?),
        None => None,
    };
    let http = http(spec, parts, &Zapi::CAPABILITIES, header.into_iter().collect());
    Ok(Gateway::new(Arc::new(Zapi::new(http, name, &spec.token, parts.timeouts))))
}
