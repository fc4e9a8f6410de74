//! A real `PostgreSQL` server in a temporary folder, for the tests of the shared store. Without its programs these tests say that they
//! are skipped, and how to install them.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use synod::domain::writer::Writer;
use synod::store::{FileStore, ServerAddress, ServerStore};
use tempfile::TempDir;

use super::process::{self, forking, skipped};

const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the server as its child, and ends it when nobody holds standard input any more: with the tests, however they end.
const GUARD: &str = r#"program=$1; folder=$2; port=$3; shift 3
"$program" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 -c fsync=off "$@" &
server=$!; echo "$server" >"$folder/pid"; read -r _; kill -QUIT "$server"; wait "$server"
[ -z "$REMOVE" ] || rm -rf "$folder""#;

/// A running server.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    settings: Vec<String>,
    is_shared: bool,
    guard: Option<Child>,
}

/// The folder with the programs of the server.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres", "createdb", "psql"].iter().all(|name| folder.join(name).exists())
    };
    folders.into_iter().find(has_all)
}

/// The user and group to run the server as: it refuses to run as root.
fn user() -> Option<(u32, u32)> {
    if !rustix::process::getuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody"))
}

impl Postgres {
    /// Starts a server of its own for a test; `None` with a message if that cannot be done here.
    pub(crate) fn start(settings: &[&str]) -> Option<Self> {
        Self::begin(settings, false)
    }

    fn begin(settings: &[&str], is_shared: bool) -> Option<Self> {
        let Some(programs) = programs() else {
            skipped(
                "the tests of the shared store need PostgreSQL: install the package postgresql, or put initdb into PATH",
            );
            return None;
        };
        let folder = TempDir::with_prefix("synod-pg").unwrap();
        if let Some((user, group)) = user() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let mut server = Self { folder, programs, port, settings, is_shared, guard: None };
        let mut initdb = server.command("initdb");
        initdb.args(["-U", "synod", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
        let made = process::run(initdb.arg(server.folder.path().join("data")), None);
        assert!(made.status.success(), "{made:?}");
        server.run();
        Some(server)
    }

    /// One server for all tests that do not stop it.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        SERVER.get_or_init(|| Self::begin(&[], true)).as_ref()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = process::command(self.programs.join(program));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C");
        command.current_dir(self.folder.path());
        if let Some((user, group)) = user() {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts the server again after it was stopped, and waits until it accepts connections.
    pub(crate) fn run(&mut self) {
        let mut guard = self.command("/bin/sh");
        let program = self.programs.join("postgres");
        guard.args(["-c", GUARD, "sh"]).arg(program).arg(self.folder.path()).arg(self.port.to_string());
        self.settings.iter().for_each(|setting| _ = guard.arg("-c").arg(setting));
        guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        if self.is_shared {
            guard.env("REMOVE", "1");
        }
        let forking = forking();
        self.guard = Some(guard.spawn().unwrap());
        drop(forking);
        let began = Instant::now();
        while !self.sql("postgres", "SELECT 1").status.success() {
            assert!(began.elapsed() < PATIENCE, "the server does not start");
            thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// Runs a statement as the owner.
    pub(crate) fn sql(&self, database: &str, statement: &str) -> std::process::Output {
        let mut psql = self.command("psql");
        psql.args(["-X", "-A", "-t", "-U", "synod", "-p", &self.port.to_string(), "-h"]);
        process::run(psql.arg(self.folder.path()).args(["-d", database, "-c", statement]), None)
    }

    /// Kills the server, as a power failure would.
    pub(crate) fn kill(&mut self) {
        let process = fs::read_to_string(self.folder.path().join("pid")).unwrap();
        let process = rustix::process::Pid::from_raw(process.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(process, Signal::KILL).unwrap();
        self.end();
    }

    fn end(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            guard.wait().unwrap();
        }
    }

    /// A new database; returns its name.
    pub(crate) fn database(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let made = self.sql("postgres", &format!("CREATE DATABASE {name}"));
        assert!(made.status.success(), "{made:?}");
        name
    }

    /// The URL of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://synod@127.0.0.1:{}/{database}", self.port)
    }

    /// A store on a database, as one machine sees it; `local` is its state directory.
    pub(crate) fn store(&self, database: &str, operator: &str, local: &Path) -> ServerStore {
        let address = ServerAddress::parse(&self.url(database)).unwrap();
        let writer = Writer::new(operator, "desk");
        ServerStore::new(address, writer, FileStore::open(local).unwrap())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end();
    }
}
