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

/// How many communities a gateway has whose listings are read.
const COMMUNITIES: usize = 60;

/// An answer that is made piece by piece, so the test never holds all of it in memory either.
#[derive(Clone, Copy)]
struct Answer {
    name: &'static str,
    begin: &'static str,
    piece: fn(usize) -> String,
    count: usize,
    end: &'static str,
}

impl Answer {
    fn packed(&self) -> Vec<u8> {
        let begin = std::iter::once(self.begin.to_owned());
        packed(begin.chain((0..self.count).map(self.piece)).chain([self.end.to_owned()]))
    }
}

fn packed(pieces: impl IntoIterator<Item = String>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for piece in pieces {
        packed.write_all(latin(&piece).as_slice()).unwrap();
    }
    packed.finish().unwrap()
}

/// The text with a raw byte for each `ÿ`, so it is not UTF-8.
fn latin(text: &str) -> Vec<u8> {
    let bytes = |c: char| if c == 'ÿ' { vec![0xff] } else { c.to_string().into_bytes() };
    text.chars().flat_map(bytes).collect()
}

/// A part of a request's path, and the compressed answer to it.
type Route = (&'static str, Vec<u8>);

/// A gateway that gives a request the answer of the first route in its path.
fn serve(routes: Vec<Route>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let routes = Arc::new(routes);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let routes = Arc::clone(&routes);
            std::thread::spawn(move || converse(stream, &routes));
        }
    });
    port
}

/// Answers until the client hangs up.
fn converse(stream: TcpStream, routes: &[Route]) -> Option<()> {
    let mut requests = BufReader::new(stream.try_clone().ok()?).lines();
    let mut stream = stream;
    loop {
        let request = requests.next()?.ok()?;
        while !requests.next()?.ok()?.is_empty() {}
        let (_, answer) = routes.iter().find(|(part, _)| request.contains(part))?;
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

/// Listings of one community: as long as a whole list of groups, and about as long as a listing may be.
static LISTINGS: [Answer; 3] = [
    Answer { piece: |at| subgroup(at, ""), count: 100_000, ..LISTING },
    Answer { name: "long listings", piece: |at| subgroup(at, &"n".repeat(1000)), count: 990, ..LISTING },
    Answer {
        name: "the longest listings",
        piece: |at| subgroup(at, &"é\u{200b}".repeat(20)),
        count: 999,
        ..LISTING
    },
];

fn subgroup(at: usize, name: &str) -> String {
    let id = 120_363_400_000_000_100 + at;
    format!("{{\"jid\":\"{id}@g.us\",\"phone\":\"{id}-group\",\"name\":\"{name}\"}},")
}

const LISTING: Answer = Answer {
    name: "listings",
    begin: "{\"success\":true,\"subgroups\":[",
    piece: |_| String::new(),
    count: 0,
    end: "{\"jid\":\"120363400000000099@g.us\",\"phone\":\"120363400000000099-group\",\"isDefaultSubGroup\":true,\"isGroupAnnouncement\":true}]}",
};

/// Runs the program against an answer, with each gateway's client.
fn try_answer(answer: &Answer) {
    // The doctor reads no list of groups, but it reads the list of instances.
    let last = if answer.begin.contains("instances") { "doctor" } else { "list groups" };
    for gateway in ["ryzeapi", "zapi"] {
        let port = serve(vec![("", answer.packed())]);
        run(answer.name, &format!("gateway = \"{gateway}\""), port, ["list groups --json", last]);
    }
}

/// Runs the program against the listings of many communities, with each gateway's client.
fn try_listing(listing: &Answer) {
    let ids: Vec<String> = (0..COMMUNITIES).map(|at| format!("1203634000000{at:05}")).collect();
    let commands = ["list groups", "list communities --json"];

    let routes =
        [("listSubGroups", listing.packed()), ("", packed(["{\"success\":true,\"groups\":[]}".to_owned()]))];
    let configured: Vec<String> = ids.iter().map(|id| format!("{id}@g.us")).collect();
    let config = format!("gateway = \"ryzeapi\"\ncommunities = {configured:?}");
    run(listing.name, &config, serve(routes.into()), commands);

    let listed: Vec<String> =
        ids.iter().map(|id| format!("{{\"id\":\"{id}\",\"name\":\"Harbor\"}}")).collect();
    let routes = [
        ("communities-metadata", Answer { begin: "{\"subGroups\":[", ..*listing }.packed()),
        ("communities?page=1&", packed([format!("[{}]", listed.join(","))])),
        ("", packed(["[]".to_owned()])),
    ];
    run(listing.name, "gateway = \"zapi\"", serve(routes.into()), commands);
}

fn run(name: &str, config: &str, port: u16, commands: [&str; 2]) {
    let sandbox = CliSandbox::alone();
    sandbox.write(
        "config.toml",
        &format!(
            "[[instance]]\nname = \"ops\"\n{config}\nbase_url = \"http://127.0.0.1:{port}\"\n\
             instance = \"ops-instance\"\ntoken = \"canary-token-5511\"\n"
        ),
    );
    for command in commands {
        let script = format!("ulimit -d {MOST} && exec \"$SYNOD\" {command} >out");
        let ended = sandbox.shell(&script);
        let code = ended.code.unwrap_or(-1);
        assert!((0..=7).contains(&code), "{name}, {config}, {command}: {ended:?}");
        assert!(!ended.stderr.contains("allocation"), "{name}, {config}, {command}: {ended:?}");
    }
}

#[test]
fn no_answer_makes_the_program_exceed_its_memory_limit() {
    // Most of the time passes in waits between repeated reads.
    std::thread::scope(|scope| {
        for answer in &ANSWERS {
            scope.spawn(move || try_answer(answer));
        }
    });
}

#[test]
fn no_listings_of_communities_make_the_program_exceed_its_memory_limit() {
    std::thread::scope(|scope| {
        for listing in &LISTINGS {
            scope.spawn(move || try_listing(listing));
        }
    });
}
