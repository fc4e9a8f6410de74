//! The simulated gateway on its own: who can reach it, and with which tokens.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Stdio,
};

use super::sandbox::{CliSandbox, PROGRAM, WORLD, is_sentence};
use crate::support::process::{self, Process};

#[test]
fn it_listens_for_other_machines_only_with_the_option() {
    let sandbox = CliSandbox::alone();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let ended = sandbox.expect(2, &["simulate", "--listen", address]);
        assert!(is_sentence(&ended.stderr) && ended.stderr.contains("--allow-remote"), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

/// Its output, up to the end of its first instance.
fn printed(sandbox: &CliSandbox) -> String {
    sandbox.write("world.toml", WORLD);
    let mut command = process::command(PROGRAM);
    sandbox.dress(&mut command);
    command.args(["simulate", "--listen", "0.0.0.0:0", "--allow-remote", "--world", "world.toml"]);
    command.stdout(Stdio::piped());
    let mut simulator = Process::spawn(&mut command);
    let mut said = BufReader::new(simulator.stdout.take().unwrap());
    let mut printed = String::new();
    while !printed.contains("\ncommunities = ") {
        assert!(said.read_line(&mut printed).unwrap() > 0, "it ended: {printed}");
    }
    let value = |key: &str| {
        let (_, rest) = printed.split_once(&format!("\n{key} = \"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let status = |token: &str| {
        let port: u16 = value("base_url").rsplit_once(':').unwrap().1.parse().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!(
            "GET /api/group/list/ops HTTP/1.1\r\nhost: x\r\ntoken: {token}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_whitespace().nth(1).unwrap().to_owned()
    };
    let token = value("token");
    assert_eq!(
        (status(&token), status("canary-token-5511")),
        ("200".to_owned(), "401".to_owned()),
        "{printed}"
    );
    token
}

#[test]
fn other_machines_need_a_token_that_nobody_knows() {
    let sandbox = CliSandbox::alone();
    let tokens = [printed(&sandbox), printed(&sandbox)];
    assert_ne!(tokens[0], tokens[1]);
    for token in tokens {
        assert!(token.len() >= 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    }
}

/// The simulated gateway with a world, while it runs; its first line.
fn serving(sandbox: &CliSandbox, arguments: &[&str]) -> (Process, String) {
    let mut command = sandbox.command(&[&["simulate", "--listen", "127.0.0.1:0"], arguments].concat());
    let mut simulator = Process::spawn(command.stdout(Stdio::piped()));
    let mut line = String::new();
    BufReader::new(simulator.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (simulator, line)
}

#[test]
fn its_configuration_goes_into_a_private_file_that_works_at_once() {
    let sandbox = CliSandbox::alone();
    let write = ["--write-config", "new/sim.toml"];
    let (_first, _) = serving(&sandbox, &write);
    // The next start replaces it.
    let (_second, line) = serving(&sandbox, &write);
    assert!(line.contains("export SYNOD_CONFIG=new/sim.toml"), "{line}");
    assert_eq!(sandbox.mode("new/sim.toml"), 0o600);
    let port = line.split_once("127.0.0.1:").unwrap().1.split_once('.').unwrap().0;
    assert!(sandbox.read("new/sim.toml").contains(port), "{line}");
    let list = ["--config", "new/sim.toml", "list", "communities"];
    let several = sandbox.expect(2, &list);
    assert!(several.stderr.contains("--instance harbor, or set SYNOD_INSTANCE"), "{}", several.stderr);
    assert!(sandbox.read("new/sim.toml").contains("export SYNOD_INSTANCE=harbor"));
    let listed = sandbox.run_in(&list, &[("SYNOD_INSTANCE", "harbor")]);
    assert!(listed.code == Some(0) && listed.stdout.contains("Harbor Clinics"), "{listed:?}");
}

#[test]
fn a_configuration_of_ones_own_is_not_overwritten() {
    let sandbox = CliSandbox::alone();
    sandbox.write("mine.toml", "# mine\n");
    let ended = sandbox.expect(2, &["simulate", "--listen", "127.0.0.1:0", "--write-config", "mine.toml"]);
    assert!(is_sentence(&ended.stderr) && ended.stderr.contains("mine.toml"), "{}", ended.stderr);
    assert_eq!(sandbox.read("mine.toml"), "# mine\n");
}
