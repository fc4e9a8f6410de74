//! What can fail on a server, as far as it makes a difference to the operator.

use std::{error::Error, io};

use rustls::AlertDescription;
use tokio_postgres::error::SqlState;

use super::{ServerAddress, tls::NO_NAME};
use crate::store::StoreError;

/// What fails on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFault {
    /// No connection: it is down, or the address is wrong.
    Unreachable,
    /// It rejects the user or the password.
    Password,
    /// It has no TLS.
    NoTls,
    /// Its certificate is not accepted, or the authorities cannot be read.
    Certificate,
    /// There is no such database.
    NoDatabase,
    /// The user may not do that.
    Denied,
    /// A newer Synod has changed its tables.
    Newer,
    /// It accepts no changes.
    ReadOnly,
    /// It is a standby, which accepts no changes until it is promoted.
    Standby,
    /// It has no space left.
    Full,
    /// Another process recorded something at the same position.
    Conflict,
    /// The connection was lost, and with it the locks.
    Lost,
    /// Anything else, in the server's words.
    Other,
}

impl ServerFault {
    /// The key of its message.
    pub(in crate::store) fn key(self) -> &'static str {
        match self {
            Self::Unreachable => "store-server-unreachable",
            Self::Password => "store-server-password",
            Self::NoTls => "store-server-no-tls",
            Self::Certificate => "store-server-certificate",
            Self::NoDatabase => "store-server-no-database",
            Self::Denied => "store-server-denied",
            Self::Newer => "store-server-newer",
            Self::ReadOnly => "store-server-read-only",
            Self::Standby => "store-server-standby",
            Self::Full => "store-server-full",
            Self::Conflict => "store-server-conflict",
            Self::Lost => "store-server-lost",
            Self::Other => "store-server-other",
        }
    }

    /// Whether a new connection may help.
    pub(in crate::store) fn is_passing(self) -> bool {
        matches!(self, Self::Unreachable | Self::Lost | Self::Standby)
    }
}

/// Why a statement or a connection failed.
pub(super) fn explain(address: &ServerAddress, error: &tokio_postgres::Error) -> StoreError {
    let why = words(error);
    let fault = match error.code() {
        Some(code) => of_code(code),
        None if error.is_closed() => ServerFault::Lost,
        None if why.contains("does not support TLS") => ServerFault::NoTls,
        None if is_verdict(error) => ServerFault::Certificate,
        None if of_tls(error).is_some() => ServerFault::Other,
        None if why.contains("password") => ServerFault::Password,
        None if why.contains("error connecting") => ServerFault::Unreachable,
        None => ServerFault::Lost,
    };
    StoreError::Server { fault, server: address.to_string(), why }
}

/// The error of TLS, if that is what failed. A connection that breaks during the handshake gives none.
fn of_tls(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    system_error(error)?.get_ref()?.downcast_ref()
}

/// Whether a certificate is not accepted, or no certificate can prove the name of the host.
fn is_verdict(error: &tokio_postgres::Error) -> bool {
    match of_tls(error) {
        Some(rustls::Error::AlertReceived(alert)) => matches!(
            alert,
            AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateRequired
                | AlertDescription::UnknownCA
        ),
        Some(error) => {
            matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        }
        None => system_error(error).is_some_and(|error| error.kind() == NO_NAME),
    }
}

/// The error of the system, or the one that `tls` gave, among the causes.
fn system_error(error: &tokio_postgres::Error) -> Option<&io::Error> {
    error.source()?.downcast_ref()
}

fn of_code(code: &SqlState) -> ServerFault {
    // The first two characters are the class of a code.
    match code.code() {
        "28P01" | "28000" => ServerFault::Password,
        "3D000" => ServerFault::NoDatabase,
        "42501" => ServerFault::Denied,
        "25006" => ServerFault::ReadOnly,
        "53100" => ServerFault::Full,
        "23505" => ServerFault::Conflict,
        // A lock or a statement took too long, or two of them waited for each other.
        "55P03" | "57014" | "40P01" => ServerFault::Lost,
        code if code.starts_with("57P") || code.starts_with("08") || code == "53300" => ServerFault::Lost,
        _ => ServerFault::Other,
    }
}

/// The server's words, with those of the causes.
fn words(error: &tokio_postgres::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = next.source();
    }
    words
}
