//! Which base URLs of a gateway are accepted. Plain `http` only on loopback, because elsewhere others could read the token.

use http::Uri;

use crate::domain::sentence::{Sentence, Tell};

/// Why a base URL cannot be used. The error does not repeat the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseUrlError {
    /// It is not a URL.
    Form,
    /// Others on the network path could read the token.
    PlainHttp,
    /// It contains more than scheme, host, port and path.
    Extras,
}

impl Tell for BaseUrlError {
    fn sentence(&self) -> Sentence {
        Sentence::new(match self {
            Self::Form => "config-url-scheme",
            Self::PlainHttp => "config-url-plain",
            Self::Extras => "open-url-extras",
        })
    }
}

/// A gateway's base URL, without a trailing slash.
#[derive(Clone)]
pub(crate) struct BaseUrl {
    text: String,
    is_https: bool,
    is_loopback: bool,
}

impl BaseUrl {
    /// Parses a base URL as the operator gave it.
    pub(crate) fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let text = text.trim().trim_end_matches('/');
        if text.contains(['?', '#', '@']) {
            return Err(BaseUrlError::Extras);
        }
        let uri: Uri = text.parse().map_err(|_| BaseUrlError::Form)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(BaseUrlError::Form)?;
        let is_loopback = is_loopback(host);
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_loopback => false,
            Some("http") => return Err(BaseUrlError::PlainHttp),
            _ => return Err(BaseUrlError::Form),
        };
        Ok(Self { text: text.to_owned(), is_https, is_loopback })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_https(&self) -> bool {
        self.is_https
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://ryzeapi.cloud/", "https://ryzeapi.cloud")]
    #[case("https://example.com/under//", "https://example.com/under")]
    #[case("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    #[case("http://[::1]:8080/", "http://[::1]:8080")]
    #[case("http://localhost", "http://localhost")]
    fn what_is_accepted_loses_its_trailing_slash(#[case] given: &str, #[case] kept: &str) {
        assert_eq!(BaseUrl::parse(given).unwrap().as_str(), kept);
    }

    #[rstest]
    #[case("http://ryzeapi.cloud", BaseUrlError::PlainHttp)]
    #[case("http://127.0.0.1.example.com", BaseUrlError::PlainHttp)]
    #[case("https://user:word@example.com", BaseUrlError::Extras)]
    #[case("https://example.com?token=x", BaseUrlError::Extras)]
    #[case("ftp://example.com", BaseUrlError::Form)]
    #[case("ryzeapi.cloud", BaseUrlError::Form)]
    #[case("", BaseUrlError::Form)]
    fn what_is_not_accepted_is_named(#[case] given: &str, #[case] why: BaseUrlError) {
        assert_eq!(BaseUrl::parse(given).err(), Some(why));
    }
}
