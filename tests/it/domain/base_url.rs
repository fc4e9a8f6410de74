//! Addresses of gateways: which are accepted, and when two are the same.

use synod::domain::base_url::*;

#[test]
fn addresses_come_to_one_spelling() {
    for (given, kept) in [
        ("https://RyzeAPI.cloud/", "https://ryzeapi.cloud"),
        ("HTTPS://host:443//", "https://host"),
        ("https://host:8443/v1/", "https://host:8443/v1"),
        ("http://127.9.9.9:80", "http://127.9.9.9"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ] {
        assert_eq!(BaseUrl::parse(given).unwrap().as_str(), kept);
    }
}

#[test]
fn every_spelling_of_an_address_has_one_canonical_form() {
    let canonical = |given: &str| BaseUrl::parse(given).unwrap().canonical().as_str().to_owned();
    for given in
        ["http://127.0.0.1:8080", "HTTP://LocalHost:8080/", "http://[::1]:8080", "http://[0:0::1]:8080//"]
    {
        assert_eq!(canonical(given), "http://localhost:8080");
    }
    for given in ["http://127.0.0.1", "http://localhost:80/", "http://[::1]:80"] {
        assert_eq!(canonical(given), "http://localhost");
    }
    assert_eq!(canonical("https://Gateway.example.:443/v1/"), "https://gateway.example/v1");
    assert_eq!(canonical("https://[2001:DB8:0:0::1]"), "https://[2001:db8::1]");
    for other in ["http://127.0.0.2:8080", "http://localhost:8081", "https://localhost:8080/v1"] {
        assert_ne!(canonical(other), "http://localhost:8080");
    }
}

#[test]
fn an_address_tells_whether_it_is_encrypted_and_whether_it_is_this_machine() {
    for (given, is_https, is_loopback) in [
        ("https://host/v1", true, false),
        ("https://localhost:8443/v1", true, true),
        ("http://127.0.0.9:8080", false, true),
        ("http://[::1]", false, true),
        ("https://localhost.example", true, false),
    ] {
        let url = BaseUrl::parse(given).unwrap();
        assert_eq!((url.is_https(), url.is_loopback()), (is_https, is_loopback), "{given}");
    }
}

#[test]
fn addresses_that_could_leak_or_mislead_are_refused() {
    use BaseUrlError::{Host, Path, Plain, Query, Scheme, User};
    for (given, error) in [
        ("ryzeapi.cloud", Scheme),
        ("ftp://host", Scheme),
        ("http://ryzeapi.cloud", Plain),
        ("http://localhost.evil.example", Plain),
        ("http://128.0.0.1", Plain),
        ("http://[::2]", Plain),
        ("https://user:word@host", User),
        ("https://host?token=x", Query),
        ("https://host/#x", Query),
        ("https://", Host),
        ("https://host:0", Host),
        ("https://host:99999", Host),
        ("https://ho st", Path),
        ("https://host/a/../b", Path),
        ("https://host\\@evil", Path),
    ] {
        assert_eq!(BaseUrl::parse(given), Err(error), "{given}");
    }
}
