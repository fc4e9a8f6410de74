//! `synod doctor`.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use serde_json::Value;

use super::sandbox::CliSandbox;

/// A gateway that answers each path as the test says, with its own date header; returns its address.
fn gateway(date: &'static str, answer: fn(&str) -> &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let path = lines.next().unwrap_or_default();
            lines.find(String::is_empty);
            let body = answer(&path);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{date}Connection: close\r\nContent-Length: {}",
                body.len()
            );
            let _ = write!(&stream, "{head}\r\n\r\n{body}");
        }
    });
    format!("http://{address}")
}

/// The findings of the doctor for one instance, by subject.
fn found(sandbox: &CliSandbox, subject: &str) -> Value {
    let findings = sandbox.expect(0, &["doctor", "--json"]).events();
    let found = findings.into_iter().find(|finding| finding["subject"] == subject);
    found.unwrap_or_default()
}

#[test]
fn a_sound_setup_has_no_fault_and_shows_no_secret() {
    let sandbox = CliSandbox::new();
    let ended = sandbox.expect(0, &["doctor"]);
    assert!(!ended.stdout.contains('✗') && ended.stdout.contains("connected"), "{}", ended.stdout);
    let json = sandbox.expect(0, &["doctor", "--json", "--instance", "ops"]);
    for text in [&ended.stdout, &ended.stderr, &json.stdout] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn each_fault_is_reported_with_a_fix() {
    let sandbox = CliSandbox::new();
    let config = sandbox.read("config.toml");
    let faulty = |from: &str, to: &str, subject: &str| {
        assert!(config.contains(from), "{from} in {config}");
        sandbox.write("config.toml", &config.replace(from, to));
        let findings = sandbox.expect(1, &["doctor", "--json"]).events();
        let fault = findings.iter().find(|finding| finding["level"] == "fault").unwrap();
        assert_eq!(fault["subject"], subject, "{fault}");
        assert!(fault["words"].as_str().unwrap().len() > 10, "{fault}");
    };
    faulty("canary-token-5511", "canary-token-0000", "token");
    faulty("token = \"canary-token-5511\"", "token = { env = \"SYNOD_TEST_UNSET\" }", "instance");
    let address = config.lines().find(|line| line.starts_with("base_url")).unwrap();
    // Nothing listens on port 9 of this machine's loopback: it is the port of the discard service.
    faulty(address, "base_url = \"http://127.0.0.1:9\"", "reachable");
}

#[test]
fn a_wrong_clock_is_reported_with_a_fix() {
    let sandbox = CliSandbox::new();
    let clock = found(&sandbox, "clock");
    assert_eq!(clock["level"], "ok", "{clock}");
    for (date, level, words) in [
        ("Date: Sun, 01 Mar 2020 12:00:00 GMT\r\n", "warning", "ahead"),
        ("Date: Fri, 01 Mar 2120 12:00:00 GMT\r\n", "warning", "behind"),
        ("", "note", "no time"),
    ] {
        let answer =
            |_: &str| r#"{"success":true,"instances":[{"name":"ops","connection":{"state":"connected"}}]}"#;
        let address = gateway(date, answer);
        let instance = format!(
            "[[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\nbase_url = \"{address}\"\ninstance = \"ops\"\n\
             token = \"canary\"\n"
        );
        sandbox.write("config.toml", &instance);
        let clock = found(&sandbox, "clock");
        assert_eq!(clock["level"], level, "{date}: {clock}");
        assert!(clock["words"].as_str().unwrap().contains(words), "{date}: {clock}");
        assert_eq!(clock["advice"].is_null(), level != "warning", "{clock}");
    }
}

#[test]
fn an_offline_phone_is_only_a_warning() {
    let sandbox = CliSandbox::new();
    let answer = |path: &str| {
        if path.contains("/status") {
            r#"{"connected":true,"error":"You are already connected.","smartphoneConnected":false}"#
        } else {
            r#"{"phone":"5511900000001"}"#
        }
    };
    let address = gateway("", answer);
    let instance = format!(
        "[[instance]]\nname = \"shop\"\ngateway = \"zapi\"\nbase_url = \"{address}\"\ninstance = \"canary-1\"\n\
         token = \"canary-2\"\n"
    );
    sandbox.write("config.toml", &instance);
    let phone = found(&sandbox, "phone");
    assert_eq!(phone["level"], "warning", "{phone}");
    assert_eq!(found(&sandbox, "connection")["level"], "ok");
    assert!(!sandbox.expect(0, &["doctor"]).stdout.contains("canary"));
}

#[test]
fn everything_that_a_run_needs_is_checked() {
    let sandbox = CliSandbox::new();
    let findings = sandbox.expect(0, &["doctor", "--json"]).events();
    let subjects: Vec<&str> = findings.iter().map(|finding| finding["subject"].as_str().unwrap()).collect();
    let expected = [
        "program",
        "configuration",
        "config_mode",
        "reachable",
        "tls",
        "token",
        "connection",
        "budget",
        "clock",
        "state_dir",
        "free_space",
        "journal",
        "terminal",
        "locale",
    ];
    assert_eq!(subjects, expected);
    let schema = include_str!("../../../docs/json/event.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    assert!(findings.iter().all(|finding| schema.is_valid(finding)), "{findings:?}");
}

#[test]
fn an_example_after_a_finding_can_be_copied() {
    let sandbox = CliSandbox::alone();
    let ended = sandbox.expect(1, &["doctor"]);
    let row = ended.stdout.lines().find(|line| line.starts_with('✗')).unwrap();
    assert!(row.contains("config.toml") && row.ends_with("Fix it, then run synod doctor again."), "{row}");
    // The lines from the heading to the next empty line are a configuration.
    let (_, example) = ended.stdout.split_once("\n[[instance]]\n").expect("an example in lines of its own");
    let (example, after) = example.split_once("\n\n").unwrap();
    sandbox.write("config.toml", &format!("[[instance]]\n{example}\n"));
    let listed = sandbox.run_in(&["list", "instances"], &[("RYZE_TOKEN", "canary")]);
    assert_eq!((listed.code, listed.stdout.trim()), (Some(0), "ops  RyzeAPI"), "{listed:?}");
    assert!(!after.contains(" — "), "{after}");
}
