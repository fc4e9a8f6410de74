//! A simulated gateway beside the program, and a directory that Synod remembers of it.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rusqlite::Connection;
use synod::{
    domain::{
        event::{Fate, OperationEvent, Order, OrderItem, Record, SeenBefore},
        id::{CommunityId, GroupId},
        instance::InstanceKey,
        name::Name,
        outcome::{Claim, Outcome, Shows},
        plan::{Step, Verb},
        time::Millis,
    },
    engine::journal::Journal,
    store::FileStore,
};
use tempfile::TempDir;

use crate::{
    programs::{Program, SYNOD},
    pty::{How, Pty},
};

/// A gateway; dropping it ends it.
pub(crate) struct Gateway {
    child: Child,
    folder: TempDir,
}

impl Gateway {
    /// Serves a world, and writes the configuration of its first instance with this many communities.
    pub(crate) fn start(world: &str, communities: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(SYNOD);
        command.args(["simulate", "--listen", "127.0.0.1:0", "--lang", "en", "--world", world]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines: Vec<String> = Vec::new();
        while !lines.last().is_some_and(|line| line.starts_with("communities")) {
            lines.push(said.next().expect("the gateway says how to reach it"));
        }
        let mut config: toml::Table = toml::from_str(&lines.join("\n")).unwrap();
        let instance = config["instance"][0].as_table_mut().unwrap();
        instance["communities"].as_array_mut().unwrap().truncate(communities);
        let gateway = Self { child, folder };
        fs::write(gateway.config(), config.to_string()).unwrap();
        // Tokens stand in it, which Synod reads from nobody else's file.
        fs::set_permissions(gateway.config(), Permissions::from_mode(0o600)).unwrap();
        gateway
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Lets Synod load everything once, so that the next start finds it remembered.
    pub(crate) fn remember(&self) {
        let mut pty = Pty::start(&Program::synod(self, &[]), How::Alone);
        pty.pump(Duration::from_secs(4), Duration::from_secs(120));
        assert!(!pty.has_ended(), "Synod runs:\n{}", pty.text());
        pty.send("q");
        assert!(pty.ends(), "Synod ends when it is asked to:\n{}", pty.text());
    }
}

/// Operations that took groups out of a community, all verified, in a journal that Synod has begun.
pub(crate) fn record(state: &Path, operations: usize, groups: usize) {
    let store = FileStore::open(state).unwrap();
    let file = Connection::open(store.file()).unwrap();
    let key: String = file.query_row("SELECT instance FROM communities", [], |row| row.get(0)).unwrap();
    let item = |at: usize| OrderItem {
        group: GroupId::parse(&format!("1203639{at:011}@g.us")).unwrap(),
        name: Name::new(&format!("Group number {at}")),
        steps: vec![Step::Unlink(CommunityId::parse("120363400000000001@g.us").unwrap())],
        done: 0,
        fate: Fate::Send,
        reason: None,
        evidence: SeenBefore::default(),
        sent_before: false,
        subgroups: Vec::new(),
    };
    let events = (0..groups).flat_map(|item| {
        [
            OperationEvent::Sending { item, step: 0, attempt: 1, timeout_ms: Some(65_000) },
            OperationEvent::Answered { item, claim: Claim::Yes, failure: None },
            OperationEvent::LookBegan { items: vec![item] },
            OperationEvent::Looked { seen: vec![(item, Shows::Wanted)] },
            OperationEvent::ItemFinished { item, outcome: Outcome::Verified, reason: None },
        ]
    });
    let events: Vec<OperationEvent> = events.chain([OperationEvent::Ended]).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..operations {
            let order = Order {
                verb: Verb::Unlink,
                target: None,
                parent: None,
                items: (0..groups).map(item).collect(),
            };
            let Record { instance, operation, at, .. } =
                store.begin(&InstanceKey::new(&key), Millis(1), order).await.unwrap();
            let records = events.iter().cloned().zip(1..);
            let records = records.map(|(event, sequence)| {
                let instance = instance.clone();
                Record { instance, operation, sequence, at, writer: None, event }
            });
            store.append(records.collect()).await.unwrap();
        }
    });
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
