//! The address of a gateway: `https`, or `http` on this machine or with the operator's consent, without anything that could hide
//! a secret or lead elsewhere.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::message::{Message, ToMessage};

/// The names of this machine's own loopback, the canonical one first.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// A gateway's address in normal form: lower-case scheme and host, no default port, no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

/// Why an address is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseUrlError {
    /// Another scheme, or none.
    Scheme,
    /// Plain HTTP to another machine.
    Plain,
    /// A user or a password in it.
    User,
    Query,
    /// An invalid host or port.
    Host,
    /// A character or a path segment that no gateway's address has.
    Path,
}

impl ToMessage for BaseUrlError {
    fn message(&self) -> Message {
        Message::new(match self {
            Self::Scheme => "config-url-scheme",
            Self::Plain => "config-url-plain",
            Self::User => "config-url-user",
            Self::Query => "config-url-query",
            Self::Host => "config-url-host",
            Self::Path => "config-url-path",
        })
    }
}

impl BaseUrl {
    /// Checks an address and normalises it. Only loopback may be plain HTTP.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        Self::parse_allowing(text, false)
    }

    /// The same; `allows_plain` is the operator's consent to plain HTTP to another machine.
    pub fn parse_allowing(text: &str, allows_plain: bool) -> Result<Self, BaseUrlError> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}%".contains(&byte)) {
            return Err(BaseUrlError::Path);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BaseUrlError::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(BaseUrlError::Scheme),
        };
        if rest.contains('@') {
            return Err(BaseUrlError::User);
        }
        if rest.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        if scheme == "http" && !is_loopback(&host) && !allows_plain {
            return Err(BaseUrlError::Plain);
        }
        let path = path.trim_end_matches('/');
        if path.split('/').any(|step| step == "." || step == "..") {
            return Err(BaseUrlError::Path);
        }
        let port =
            port.filter(|port| *port != default_port).map(|port| format!(":{port}")).unwrap_or_default();
        let slash = if path.is_empty() { "" } else { "/" };
        Ok(Self(format!("{scheme}://{host}{port}{slash}{path}")))
    }

    /// An address that is in normal form already.
    pub(super) fn normal(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether requests are encrypted.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether requests, with the token in them, go over the network unencrypted.
    pub fn is_insecure(&self) -> bool {
        !self.is_https() && !self.is_loopback()
    }

    /// Whether it is this machine itself.
    pub fn is_loopback(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        split_port(authority).is_ok_and(|(host, _)| is_loopback(host))
    }

    /// The address in the form that all its spellings share: all names of this machine's loopback become one host, an IPv6
    /// address has one form, and a dot at the end of a host does not count.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let Ok((host, port)) = split_port(authority) else { return self.clone() };
        let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let host = match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST)) => LOOPBACK[0].to_owned(),
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            Ok(IpAddr::V4(_)) | Err(_) => bare.to_owned(),
        };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Self(format!("{scheme}://{host}{port}{path}"))
    }

    /// The spellings that earlier versions treated as different addresses.
    pub fn spellings(&self) -> Vec<Self> {
        let canonical = self.canonical();
        let own = format!("://{}", LOOPBACK[0]);
        let is_loopback = canonical
            .0
            .split_once(&own)
            .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with([':', '/']));
        let mut spellings = vec![self.clone()];
        if is_loopback {
            let spelled = |host| Self(canonical.0.replacen(&own, &format!("://{host}"), 1));
            spellings.extend(LOOPBACK.map(spelled));
        }
        spellings.retain(|spelling| *spelling != canonical);
        spellings
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), BaseUrlError> {
    let end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority[end..].find(':') {
        Some(colon) => (&authority[..end + colon], Some(&authority[end + colon + 1..])),
        None => (authority, None),
    };
    let port = port.map(|port| port.parse::<u16>().ok().filter(|port| *port > 0).ok_or(BaseUrlError::Host));
    let known = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|host| host.parse::<Ipv6Addr>().is_ok()),
        None => {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        }
    };
    if !known {
        return Err(BaseUrlError::Host);
    }
    Ok((host, port.transpose()?))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || bare.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}
