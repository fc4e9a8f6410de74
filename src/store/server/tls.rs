//! Encrypts the connection to a server, and has the server prove its name.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Socket,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream},
};
use tokio_rustls::client::TlsStream as Encrypted;

use super::{ServerAddress, ServerFault};
use crate::store::StoreError;

/// The kind of the error about the name of a host that no certificate can prove.
pub(super) const NO_NAME: io::ErrorKind = io::ErrorKind::InvalidInput;

/// Makes verified connections.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

/// What secures a connection to an address; `None` if it is not to be secured.
pub(super) fn connector(address: &ServerAddress) -> Result<Option<Tls>, StoreError> {
    if !address.is_verified {
        return Ok(None);
    }
    let failed = |why: String| StoreError::Server {
        fault: ServerFault::Certificate,
        server: address.to_string(),
        why,
    };
    let mut roots = RootCertStore::empty();
    match &address.authorities {
        Some(file) => {
            let named = |why: String| failed(format!("{}: {why}", file.display()));
            let certificates =
                CertificateDer::pem_file_iter(file).map_err(|error| named(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| named(error.to_string()))?;
                roots.add(certificate).map_err(|error| named(error.to_string()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(Tls(Arc::new(config))))
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Secured;
    type TlsConnect = Connector;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Connector> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| io::Error::new(NO_NAME, error))?;
        Ok(Connector { config: Arc::clone(&self.0), name })
    }
}

/// Secures one connection.
pub(super) struct Connector {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Connector {
    type Stream = Secured;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Secured>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        let connector = tokio_rustls::TlsConnector::from(self.config);
        Box::pin(
            async move { connector.connect(self.name, stream).await.map(|stream| Secured(Box::new(stream))) },
        )
    }
}

/// A secured connection.
pub(super) struct Secured(Box<Encrypted<Socket>>);

impl TlsStream for Secured {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
