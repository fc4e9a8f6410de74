//! The check-up, completions and manual pages.

use super::desk::{Desk, exists};

#[test]
fn a_sound_setup_has_no_fault_and_no_secret_is_told() {
    let desk = Desk::new();
    let ended = desk.expect(0, &["doctor"]);
    assert!(!ended.stdout.contains('✗') && ended.stdout.contains("connected"), "{}", ended.stdout);
    let json = desk.expect(0, &["doctor", "--json", "--instance", "ops"]);
    for text in [&ended.stdout, &ended.stderr, &json.stdout] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn each_fault_is_named_with_what_to_do() {
    let desk = Desk::new();
    let config = desk.read("config.toml");
    let faulty = |from: &str, to: &str, subject: &str| {
        assert!(config.contains(from), "{from} in {config}");
        desk.write("config.toml", &config.replace(from, to));
        let findings = desk.expect(1, &["doctor", "--json"]).events();
        let fault = findings.iter().find(|finding| finding["level"] == "fault").unwrap();
        assert_eq!(fault["subject"], subject, "{fault}");
        assert!(fault["words"].as_str().unwrap().len() > 10, "{fault}");
    };
    faulty("canary-token-5511", "canary-token-0000", "token");
    faulty("token = \"canary-token-5511\"", "token = { env = \"SYNOD_TEST_UNSET\" }", "instance");
    let address = config.lines().find(|line| line.starts_with("base_url")).unwrap();
    // Port 9 is never taken on this machine's loopback: it is the discard service's.
    faulty(address, "base_url = \"http://127.0.0.1:9\"", "reachable");
}

#[test]
fn completions_and_manual_pages_are_made() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = desk.expect(0, &["completions", shell]).stdout;
        assert!(script.contains("synod") && script.contains("include-risky"), "{shell}");
    }
    assert!(desk.expect(0, &["man"]).stdout.contains(".TH"));
    desk.expect(0, &["man", "--dir", "pages"]);
    for page in ["synod.1", "synod-link.1", "synod-operations-show.1"] {
        assert!(exists(&desk.path("pages").join(page)), "{page}");
    }
    desk.expect(1, &["man", "--dir", "config.toml"]);
}
