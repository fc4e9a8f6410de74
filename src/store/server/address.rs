//! The address of a server, from its URL: what the client needs, and whether the connection has to be secured. The URL is a secret,
//! because it may contain a password; only the host, the port and the name of the database are shown.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use tokio_postgres::config::{Config, Host};

use crate::domain::message::{Message, ToMessage};

/// The address of a server.
#[derive(Clone)]
pub struct ServerAddress {
    pub(super) config: Config,
    /// Whether the connection is encrypted, and the server proves its name.
    pub(super) is_verified: bool,
    /// The certificates of the authorities to trust instead of the system's.
    pub(super) authorities: Option<PathBuf>,
    shown: String,
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerAddress({})", self.shown)
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Why a URL is not the address of a server. No message repeats the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be parsed.
    #[error("{}", self.message())]
    NoUrl,
    /// It names more than one host, or none.
    #[error("{}", self.message())]
    NotOneHost,
    /// It allows a connection over the network that is not verified.
    #[error("{}", self.message())]
    Unverified,
}

impl ToMessage for AddressError {
    fn message(&self) -> Message {
        Message::new(match self {
            Self::NoUrl => "store-url-invalid",
            Self::NotOneHost => "store-url-hosts",
            Self::Unverified => "store-url-unverified",
        })
    }
}

impl ServerAddress {
    /// Parses a URL such as `postgres://synod@db.example.net/synod?sslmode=verify-full`. Over the network only `verify-full` is
    /// accepted, which is also the default there. `sslrootcert` names a file with certificates of authorities.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let url = url.trim();
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(AddressError::NoUrl);
        }
        // The client knows neither of these two.
        let (mut mode, mut authorities) = (None, None);
        let bare = match url.split_once('?') {
            None => url.to_owned(),
            Some((base, query)) => {
                let rest: Vec<&str> = query
                    .split('&')
                    .filter(|pair| match pair.split_once('=') {
                        Some(("sslmode", value)) => {
                            mode = Some(value);
                            false
                        }
                        Some(("sslrootcert", value)) => {
                            authorities = Some(PathBuf::from(value));
                            false
                        }
                        _ => true,
                    })
                    .collect();
                if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) }
            }
        };
        let mut config = Config::from_str(&bare).map_err(|_| AddressError::NoUrl)?;
        let [host] = config.get_hosts() else { return Err(AddressError::NotOneHost) };
        let (is_local, shown) = match host {
            Host::Tcp(name) => (is_loopback(name), name.clone()),
            Host::Unix(path) => (true, path.display().to_string()),
        };
        let is_verified = match mode {
            Some("verify-full") => true,
            None => !is_local,
            Some("disable" | "allow" | "prefer") if is_local => false,
            Some(_) => return Err(AddressError::Unverified),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let database = config.get_dbname().unwrap_or_default();
        let shown = format!("{shown}:{port}/{database}");
        config.ssl_mode(if is_verified {
            tokio_postgres::config::SslMode::Require
        } else {
            tokio_postgres::config::SslMode::Disable
        });
        config
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        Ok(Self { config, is_verified, authorities, shown })
    }

    /// The file with the certificates of authorities, relative to a folder.
    #[must_use]
    pub fn beside(mut self, folder: &Path) -> Self {
        self.authorities = self.authorities.map(|file| folder.join(file));
        self
    }

    /// The password in the URL, to be removed from all texts.
    pub fn password(&self) -> Option<String> {
        self.config.get_password().map(|password| String::from_utf8_lossy(password).into_owned())
    }

    /// Whether the connection is encrypted and verified.
    pub fn is_encrypted(&self) -> bool {
        self.is_verified
    }
}

fn is_loopback(name: &str) -> bool {
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("postgres://synod@db.example.net/synod", Ok(true))]
    #[case("postgres://synod@db.example.net/synod?sslmode=verify-full", Ok(true))]
    #[case("postgres://synod:a%40b@localhost:5433/synod", Ok(false))]
    #[case("postgresql://synod@127.0.0.1/synod?sslmode=verify-full&sslrootcert=ca.pem", Ok(true))]
    #[case("postgres://synod@/synod?host=/run/postgresql", Ok(false))]
    #[case("postgres://synod@db.example.net/synod?sslmode=disable", Err(AddressError::Unverified))]
    #[case("postgres://synod@db.example.net/synod?sslmode=require", Err(AddressError::Unverified))]
    #[case("postgres://one,two/synod", Err(AddressError::NotOneHost))]
    #[case("mysql://db/synod", Err(AddressError::NoUrl))]
    #[case("postgres://db/synod?nonsense=1", Err(AddressError::NoUrl))]
    fn over_the_network_a_connection_is_verified(
        #[case] url: &str,
        #[case] expected: Result<bool, AddressError>,
    ) {
        assert_eq!(ServerAddress::parse(url).map(|address| address.is_encrypted()), expected);
    }

    #[test]
    fn the_password_is_never_shown() {
        let address = ServerAddress::parse("postgres://synod:hunter2@localhost:5433/synod").unwrap();
        assert_eq!(address.to_string(), "localhost:5433/synod");
        assert!(!format!("{address:?}").contains("hunter2"));
        assert_eq!(address.password().as_deref(), Some("hunter2"));
    }
}
