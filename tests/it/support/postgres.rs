//! A real `PostgreSQL` server in a temporary folder, for the tests of the shared store. Without its programs these tests say that they
//! are skipped, and how to install them.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
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

/// Makes the server's user the owner of a file or folder.
pub(crate) fn give(path: &Path) {
    if let Some((user, group)) = user() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

impl Postgres {
    /// Starts a server of its own for a test; `None` with a message if that cannot be done here.
    pub(crate) fn start(settings: &[&str]) -> Option<Self> {
        Self::begin(settings, false, |_| ())
    }

    /// The same with a certificate and its key.
    pub(crate) fn start_encrypted(certificate: &[u8], key: &[u8]) -> Option<Self> {
        Self::begin(&["ssl=on"], false, |data| {
            for (name, content) in [("server.crt", certificate), ("server.key", key)] {
                let file = data.join(name);
                fs::write(&file, content).unwrap();
                fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
                give(&file);
            }
        })
    }

    fn begin(settings: &[&str], is_shared: bool, prepare: impl FnOnce(&Path)) -> Option<Self> {
        let Some(programs) = programs() else {
            skipped(
                "the tests of the shared store need PostgreSQL: install the package postgresql, or put initdb into PATH",
            );
            return None;
        };
        let folder = TempDir::with_prefix("synod-pg").unwrap();
        give(folder.path());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let mut server = Self { folder, programs, port, settings, is_shared, guard: None };
        let mut initdb = server.command("initdb");
        initdb.args(["-U", "synod", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
        let made = process::run(initdb.arg(server.folder.path().join("data")), None);
        assert!(made.status.success(), "{made:?}");
        prepare(&server.folder.path().join("data"));
        server.run();
        Some(server)
    }

    /// One server for all tests that do not stop it.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        SERVER.get_or_init(|| Self::begin(&[], true, |_| ())).as_ref()
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
        self.spawn();
        let began = Instant::now();
        while !self.sql("postgres", "SELECT 1").status.success() {
            assert!(began.elapsed() < PATIENCE, "the server does not start");
            thread::park_timeout(Duration::from_millis(50));
            // It does not start while a process of a killed one is still there.
            if self.guard.as_mut().is_some_and(|guard| guard.try_wait().unwrap().is_some()) {
                self.spawn();
            }
        }
    }

    fn spawn(&mut self) {
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
    }

    /// Stops the server; it can be started again.
    pub(crate) fn stop(&mut self) {
        self.end();
    }

    /// A copy of everything that a stopped server has.
    pub(crate) fn copy(&self) -> PathBuf {
        let copy = self.folder.path().join("copy");
        let copied = self.in_folder("cp", &["-a", "data", "copy"]);
        assert!(copied.status.success(), "{copied:?}");
        copy
    }

    /// Puts a copy in place of what a stopped server has.
    pub(crate) fn restore(&self, copy: &Path) {
        let removed = self.in_folder("rm", &["-rf", "data"]);
        assert!(removed.status.success(), "{removed:?}");
        fs::rename(copy, self.folder.path().join("data")).unwrap();
    }

    /// From its next start on, this stopped server is a standby.
    pub(crate) fn stand_by(&self) {
        let file = self.folder.path().join("data/standby.signal");
        fs::write(&file, "").unwrap();
        give(&file);
    }

    /// Makes a standby the primary server.
    pub(crate) fn promote(&self) {
        let promoted = self.sql("postgres", "SELECT pg_promote()");
        assert!(promoted.status.success(), "{promoted:?}");
    }

    fn in_folder(&self, program: &str, arguments: &[&str]) -> std::process::Output {
        let mut command = process::command(program);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.current_dir(self.folder.path()).args(arguments);
        if let Some((user, group)) = user() {
            command.uid(user).gid(group);
        }
        process::run(&mut command, None)
    }

    /// Holds every append back until the result is dropped, and returns when one waits.
    pub(crate) async fn block_appends(&self, database: &str) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(&self.url(database), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("BEGIN; LOCK TABLE events IN SHARE MODE").await.unwrap();
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass";
        let wait = async {
            while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("nothing is appended");
        client
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

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its folder, which its user can read.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
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
