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
