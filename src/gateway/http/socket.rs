//! The socket transport: the only place that builds an HTTP client.
//!
//! Certificates come from the system's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured) and from a file that the
//! operator names. Proxies come from the operator or from `HTTPS_PROXY`. A server on loopback is always contacted directly
//! and needs no certificates.

use std::{
    error::Error as StdError,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use hyper_util::client::proxy::matcher::Matcher;
use secrecy::{ExposeSecret, SecretString};

use super::transport::{Transport, TransportError};

use crate::{
    domain::{
        base_url::BaseUrl,
        message::{Message, ToMessage},
    },
    files::{self, FileError, MIB},
};

/// The most bytes of a certificate file: far more than a system's own.
const LONGEST_CA: u64 = 4 * MIB;

/// The initial capacity for an answer's body.
const PIECE: usize = 64 << 10;

/// A connection that was idle for longer is not reused, so that few requests meet one that the server has closed.
const IDLE: Duration = Duration::from_secs(20);

/// How a client reaches its gateway.
#[derive(Clone, Debug)]
pub struct SocketOptions {
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// The proxy's URL, which may contain a password; without it `HTTPS_PROXY` and similar variables decide.
    pub proxy: Option<SecretString>,
    /// A PEM file of certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
}

/// Why a client could not be built.
#[derive(Debug)]
pub enum SocketError {
    /// The certificate file could not be read.
    CaFile { path: PathBuf, source: FileError },
    /// The file contains no certificates.
    NoCertificates(PathBuf),
    /// The proxy's URL is invalid.
    Proxy,
    /// The proxy's URL in this environment variable is invalid.
    ProxyVariable(&'static str),
    /// The system has no certificates to check servers against.
    Tls,
}

impl ToMessage for SocketError {
    fn message(&self) -> Message {
        match self {
            Self::CaFile { source, .. } if source.is_unsafe() => {
                Message::new("open-ca-unsafe").put("why", source.message())
            }
            Self::CaFile { path, source } => Message::new("open-ca-file")
                .put("path", path.display().to_string())
                .put("why", source.message()),
            Self::NoCertificates(path) => {
                Message::new("open-no-certificates").put("path", path.display().to_string())
            }
            Self::Proxy => Message::new("open-proxy"),
            Self::ProxyVariable(name) => Message::new("open-proxy-variable").put("name", *name),
            Self::Tls => Message::new("open-tls"),
        }
    }
}

/// Builds the transport for one gateway. Sends nothing.
pub fn socket(base: &BaseUrl, options: &SocketOptions) -> Result<Arc<dyn Transport>, SocketError> {
    // Building a client without a provider panics; a second installation is refused, which is fine.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "this is the one constructor of clients")]
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("synod/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE);
    let proxy = if base.is_loopback() {
        None
    } else if let Some(proxy) = &options.proxy {
        Some(Proxy::new(proxy.expose_secret()).ok_or(SocketError::Proxy)?)
    } else {
        proxy_of(|name| std::env::var(name).ok(), base.as_str())?
    };
    builder = builder.no_proxy();
    let named = proxy.as_ref().map(|proxy| proxy.address.clone());
    if let Some(proxy) = proxy {
        builder = builder.proxy(proxy.used);
    }
    if base.is_https() {
        builder = builder.https_only(true);
        if let Some(path) = &options.ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
    } else {
        // Plain http needs no certificates; a machine without any can still build the client.
        builder = builder.tls_certs_only([]);
    }
    let client = builder.build().map_err(|_| SocketError::Tls)?;
    Ok(Arc::new(Socket { client, proxy: named }))
}

/// A proxy that requests go through.
struct Proxy {
    used: reqwest::Proxy,
    /// Its host and port, without credentials.
    address: String,
}

impl Proxy {
    /// The proxy with this URL; a bare host and port means http.
    fn new(url: &str) -> Option<Self> {
        let uri: http::Uri = url.trim().parse().ok()?;
        let has_known_scheme = matches!(uri.scheme_str(), None | Some("http" | "https"));
        let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        let address = uri.host().filter(|host| has_known_scheme && !host.is_empty())?;
        Some(Self { used: reqwest::Proxy::all(url.trim()).ok()?, address: format!("{address}{port}") })
    }
}

/// The proxy in the environment for a server. An empty variable names no proxy and does not hide another variable; the
/// client's own reading of the environment gets this wrong.
fn proxy_of(variable: impl Fn(&str) -> Option<String>, base_url: &str) -> Result<Option<Proxy>, SocketError> {
    let first = |names: &[&'static str]| {
        let mut set = names.iter().filter_map(|name| Some((*name, variable(name)?.trim().to_owned())));
        set.find(|(_, value)| !value.is_empty())
    };
    let Some((name, url)) = first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
        return Ok(None);
    };
    let proxy = Proxy::new(&url).ok_or(SocketError::ProxyVariable(name))?;
    let spared = first(&["NO_PROXY", "no_proxy"]).map(|(_, hosts)| hosts).unwrap_or_default();
    let rules = Matcher::builder().all(url).no(spared).build();
    let is_spared = base_url.parse().is_ok_and(|url| rules.intercept(&url).is_none());
    Ok((!is_spared).then_some(proxy))
}

fn certificates(path: &Path) -> Result<Vec<reqwest::Certificate>, SocketError> {
    let read = files::open(path).and_then(files::Input::trusted).and_then(|file| file.bytes(LONGEST_CA));
    let pem = read.map_err(|source| SocketError::CaFile { path: path.to_owned(), source })?;
    match reqwest::Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(SocketError::NoCertificates(path.to_owned())),
    }
}

struct Socket {
    client: reqwest::Client,
    proxy: Option<String>,
}

#[async_trait]
impl Transport for Socket {
    async fn send(&self, request: Request<Bytes>, longest: usize) -> Result<Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(|_| TransportError::Unreachable)?;
        let mut answer = self.client.execute(request).await.map_err(|error| reason(&error))?;
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        // The limit applies to the decompressed bytes, which are counted before memory is reserved for them.
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| TransportError::Body)? {
            let length = body.len() + chunk.len();
            if length > longest {
                return Err(TransportError::TooLong);
            }
            if length > body.capacity() {
                let room = (2 * body.capacity()).max(length).max(PIECE).min(longest);
                body.reserve_exact(room - body.len());
            }
            body.extend_from_slice(&chunk);
        }
        *response.body_mut() = Bytes::from(body);
        Ok(response)
    }

    fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }
}

/// The meaning of a client's error; its own text is dropped because it contains the address.
fn reason(error: &reqwest::Error) -> TransportError {
    if is_tls(error) {
        TransportError::Tls
    } else if error.is_connect() && wants_a_password(error) {
        TransportError::ProxyAuth
    } else if error.is_connect() || error.is_builder() {
        TransportError::Unreachable
    } else {
        TransportError::Dropped
    }
}

/// Whether a proxy answered 407 to a connection request. Only the error's text shows this.
fn wants_a_password(error: &reqwest::Error) -> bool {
    let mut next: Option<&dyn StdError> = error.source();
    while let Some(cause) = next {
        if cause.to_string().contains("proxy authorization required") {
            return true;
        }
        next = cause.source();
    }
    false
}

/// Whether TLS failed during the handshake; a later failure is an ordinary broken connection.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn StdError + 'static)> = error.is_connect().then_some(error);
    while let Some(cause) = next {
        if cause.is::<rustls::Error>() {
            return true;
        }
        // An I/O error does not list the error that it wraps among its sources.
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn found(variables: &[(&str, &str)]) -> Result<Option<String>, SocketError> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let proxy = proxy_of(variable, "https://gateway.example/path");
        proxy.map(|proxy| proxy.map(|proxy| proxy.address))
    }

    #[rstest]
    #[case(&[], None)]
    #[case(&[("HTTPS_PROXY", ""), ("https_proxy", "http://small:1")], Some("small:1"))]
    #[case(&[("HTTPS_PROXY", "  "), ("all_proxy", "http://all:1")], Some("all:1"))]
    #[case(&[("HTTPS_PROXY", "http://large:1"), ("https_proxy", "http://small:1")], Some("large:1"))]
    #[case(&[("HTTPS_PROXY", "user:password@bare:3128")], Some("bare:3128"))]
    #[case(&[("HTTPS_PROXY", ""), ("https_proxy", "")], None)]
    fn an_empty_variable_hides_no_other(#[case] variables: &[(&str, &str)], #[case] host: Option<&str>) {
        assert_eq!(found(variables).unwrap().as_deref(), host);
    }

    #[rstest]
    #[case("gateway.example", false)]
    #[case(".example", false)]
    #[case("*", false)]
    #[case("other.example, 10.0.0.0/8", true)]
    #[case(",;; not a host ;;", true)]
    fn a_host_in_no_proxy_is_reached_directly(#[case] spared: &str, #[case] is_used: bool) {
        let variables = [("HTTPS_PROXY", "http://proxy:1"), ("NO_PROXY", ""), ("no_proxy", spared)];
        assert_eq!(found(&variables).unwrap().is_some(), is_used);
    }

    #[rstest]
    #[case("HTTPS_PROXY", "http://[")]
    #[case("https_proxy", "http://canary@")]
    #[case("ALL_PROXY", "socks5://proxy:1080")]
    #[case("all_proxy", "two words")]
    fn a_variable_that_names_no_proxy_is_named(#[case] name: &str, #[case] value: &str) {
        let error = found(&[(name, value)]).unwrap_err();
        assert!(matches!(error, SocketError::ProxyVariable(wrong) if wrong == name), "{error:?}");
        assert!(!error.message().to_string().contains(value), "it may contain a password");
    }
}
