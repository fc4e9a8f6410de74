//! The memory of the real program, for any answer from a gateway: the system allows it at most 150 MiB of data.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use flate2::{Compression, write::GzEncoder};

use super::sandbox::CliSandbox;

/// The memory limit of the process, in KiB.
const MOST: usize = 150 << 10;

/// An answer that is made piece by piece, so the test never holds all of it in memory either.
struct Answer {
    name: &'static str,
    begin: &'static str,
    piece: fn(usize) -> String,
    count: usize,
    end: &'static str,
}

impl Answer {
    fn packed(&self) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(self.begin.as_bytes()).unwrap();
        for at in 0..self.count {
            packed.write_all(latin(&(self.piece)(at)).as_slice()).unwrap();
        }
        packed.write_all(self.end.as_bytes()).unwrap();
        packed.finish().unwrap()
    }
}

/// The text with a raw byte for each `ÿ`, so it is not UTF-8.
fn latin(text: &str) -> Vec<u8> {
    let bytes = |c: char| if c == 'ÿ' { vec![0xff] } else { c.to_string().into_bytes() };
    text.chars().flat_map(bytes).collect()
}

/// A gateway that gives one compressed answer to everything.
fn serve(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || converse(stream, &answer));
        }
    });
    port
}

/// Answers until the client hangs up.
fn converse(stream: TcpStream, answer: &[u8]) -> Option<()> {
    let mut requests = BufReader::new(stream.try_clone().ok()?).lines();
    let mut stream = stream;
    loop {
        while !requests.next()?.ok()?.is_empty() {}
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(answer).ok()?;
    }
}

fn group(at: usize) -> String {
    format!("{{\"jid\":\"{at}@g.us\",\"phone\":\"{at}-group\",\"name\":\"{}\"}},", "é\u{200b}".repeat(20))
}

/// Answers of every size and shape; on the wire they are as small as a compression bomb.
static ANSWERS: [Answer; 9] = [
    Answer {
        name: "small objects",
        begin: "{\"instances\":[",
        piece: |_| "{\"a\":0},".repeat(1 << 10),
        count: 1 << 10,
        end: "0]}",
    },
    Answer {
        name: "many small objects",
        begin: "[",
        piece: |_| "{\"a\":0},".repeat(1 << 10),
        count: 8 << 10,
        end: "0]",
    },
    Answer {
        name: "groups",
        begin: "{\"success\":true,\"groups\":[",
        piece: |at| format!("{{\"jid\":\"{at}@g.us\"}},"),
        count: 200_000,
        end: "0]}",
    },
    Answer {
        name: "named groups",
        begin: "{\"success\":true,\"groups\":[",
        piece: group,
        count: 140_000,
        end: "null]}",
    },
    Answer {
        name: "groups with long names",
        begin: "{\"success\":true,\"groups\":[",
        piece: |at| format!("{{\"jid\":\"{at}@g.us\",\"name\":\"{}\"}},", "n".repeat(495)),
        count: 50_000,
        end: "null]}",
    },
    Answer { name: "named pages", begin: "[", piece: group, count: 140_000, end: "null]" },
    Answer {
        name: "no UTF-8",
        begin: "{\"groups\":[\"",
        piece: |_| "ÿ".repeat(1 << 10),
        count: 9 << 10,
        end: "\"]}",
    },
    Answer {
        name: "no end",
        begin: "{\"groups\":[",
        piece: |_| "[".repeat(1 << 10),
        count: 1 << 16,
        end: "",
    },
    Answer {
        name: "one text",
        begin: "{\"message\":\"",
        piece: |_| "x".repeat(1 << 10),
        count: 1 << 16,
        end: "\"}",
    },
];

/// Runs the program against an answer, with each gateway's client.
fn try_with(answer: &Answer) {
    let port = serve(answer.packed());
    for gateway in ["ryzeapi", "zapi"] {
        let sandbox = CliSandbox::alone();
        sandbox.write(
            "config.toml",
            &format!(
                "[[instance]]\nname = \"ops\"\ngateway = \"{gateway}\"\nbase_url = \"http://127.0.0.1:{port}\"\n\
                 instance = \"ops-instance\"\ntoken = \"canary-token-5511\"\n"
            ),
        );
        // The doctor reads no list of groups, but it reads the list of instances.
        let last = if answer.begin.contains("instances") { "doctor" } else { "list groups" };
        for command in ["list groups --json", last] {
            let script = format!("ulimit -d {MOST} && exec \"$SYNOD\" {command} >out");
            let ended = sandbox.shell(&script);
            let code = ended.code.unwrap_or(-1);
            assert!((0..=7).contains(&code), "{}, {gateway}, {command}: {ended:?}", answer.name);
            assert!(!ended.stderr.contains("allocation"), "{}: {ended:?}", answer.name);
        }
    }
}

#[test]
fn no_answer_makes_the_program_exceed_its_memory_limit() {
    // Most of the time passes in waits between repeated reads.
    std::thread::scope(|scope| {
        for answer in &ANSWERS {
            scope.spawn(move || try_with(answer));
        }
    });
}
