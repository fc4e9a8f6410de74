//! What can fail on a server, as far as it makes a difference to the operator.

use std::error::Error;

use tokio_postgres::error::SqlState;

use super::ServerAddress;
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
            Self::Full => "store-server-full",
            Self::Conflict => "store-server-conflict",
            Self::Lost => "store-server-lost",
            Self::Other => "store-server-other",
        }
    }

    /// Whether a new connection may help.
    pub(in crate::store) fn is_passing(self) -> bool {
        matches!(self, Self::Unreachable | Self::Lost)
    }
}

/// Why a statement or a connection failed.
pub(super) fn explain(address: &ServerAddress, error: &tokio_postgres::Error) -> StoreError {
    let why = words(error);
    let fault = match error.code() {
        Some(code) => of_code(code),
        None if error.is_closed() => ServerFault::Lost,
        None if why.contains("does not support TLS") => ServerFault::NoTls,
        None if why.contains("certificate") || why.contains("TLS handshake") => ServerFault::Certificate,
        None if why.contains("password") => ServerFault::Password,
        None if why.contains("error connecting") => ServerFault::Unreachable,
        None => ServerFault::Lost,
    };
    StoreError::Server { fault, server: address.to_string(), why }
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
