//! A simulated gateway on a real socket, a configuration for it, and the real program as child processes.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Lines, Read, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use serde_json::Value;
use synod::{
    config::instance_key,
    domain::{
        base_url::BaseUrl,
        instance::{GatewayKind, InstanceKey},
    },
    simulator::{InstanceStanding, Simulator, World},
};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::support::process::{self, Process};

/// The maximum wait for an expected event.
const PATIENCE: Duration = Duration::from_secs(30);

/// Four communities and a hundred groups in none; changes show soon.
const WORLD: &str = "seed = 5
[settings]
link_delay_ms = 3
listing_lag_ms = [0, 0]
subgroup_limit = 200
[ryzeapi]
rate_limit = 1000000
list_community_fields = true
[generate]
seed = 3
communities = 4
groups = [12, 14]
standalone = 100
";

pub(super) struct Stage {
    pub(super) simulator: Simulator,
    folder: Arc<TempDir>,
    /// The folder inside that with the configuration, the journal and the home of a machine.
    home: PathBuf,
    /// The gateway runs until this is dropped.
    serving: Arc<oneshot::Sender<()>>,
}

impl Stage {
    /// The gateway with these faults, and a configuration with almost no pauses and with these read-back times.
    pub(super) fn new(faults: &str, looks: &[&str]) -> Self {
        Self::with_timeout(faults, looks, "2s")
    }

    /// The same with a time for which a request may be in flight, also after the death of its sender.
    pub(super) fn with_timeout(faults: &str, looks: &[&str], timeout: &str) -> Self {
        let world = World::parse(&format!("{WORLD}{faults}"), "world.toml").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let simulator = Simulator::new(world);
        let (serving, stop) = oneshot::channel();
        let served = simulator.clone();
        // A separate thread, because the test blocks while it waits for its children.
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                served.serve(listener, stop).await
            })
        });
        let folder = Arc::new(TempDir::new().unwrap());
        let home = folder.path().to_owned();
        let mut config = String::new();
        for instance in simulator.instances() {
            write!(
                config,
                "[[instance]]\nname = {:?}\ngateway = \"ryzeapi\"\nbase_url = \"http://{address}\"\n\
                 instance = {:?}\ntoken = {:?}\ncommunities = {:?}\n",
                instance.name, instance.id, instance.token, instance.communities,
            )
            .unwrap();
        }
        let pace = "{ link = \"2ms\", unlink = \"2ms\", leave = \"2ms\", jitter = 0.0 }";
        let timeout = format!("timeout = {{ request = {timeout:?} }}");
        write!(
            config,
            "[operations]\nsubgroup_limit = 200\npace = {pace}\nread_back = {looks:?}\n{timeout}\n"
        )
        .unwrap();
        let stage = Self { simulator, folder, home, serving: Arc::new(serving) };
        stage.configure(&config);
        stage
    }

    fn configure(&self, config: &str) {
        let file = self.home.join("config.toml");
        fs::write(&file, config).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    }

    /// The machine of an operator who uses the same gateway, with a home of its own and the journal on this server.
    pub(super) fn machine(&self, operator: &str, url: &str) -> Self {
        let config = fs::read_to_string(self.home.join("config.toml")).unwrap();
        let home = self.folder.path().join(operator);
        fs::create_dir(&home).unwrap();
        let (folder, serving) = (Arc::clone(&self.folder), Arc::clone(&self.serving));
        let machine = Self { simulator: self.simulator.clone(), folder, home, serving };
        machine.configure(&format!("{config}[store]\nurl = {url:?}\noperator = {operator:?}\n"));
        machine
    }

    /// The arguments with the paths of the configuration and the journal.
    pub(super) fn places(&self) -> Vec<String> {
        let place = |name: &str| self.home.join(name).display().to_string();
        vec!["--config".to_owned(), place("config.toml"), "--state-dir".to_owned(), place("state")]
    }

    /// Writes a file beside the configuration; returns its path.
    pub(super) fn write(&self, name: &str, content: &str) -> String {
        let file = self.home.join(name);
        fs::write(&file, content).unwrap();
        file.display().to_string()
    }

    /// Removes the journal and the locks.
    pub(super) fn remove_state(&self) {
        fs::remove_dir_all(self.home.join("state")).unwrap();
    }

    /// Writes the address of the gateway with another name of this machine.
    pub(super) fn spell_address(&self, host: &str) {
        let file = self.home.join("config.toml");
        let config = fs::read_to_string(&file).unwrap();
        fs::write(&file, config.replace("127.0.0.1", host)).unwrap();
    }

    /// Changes the time between two requests.
    pub(super) fn pace(&self, pace: &str) {
        let file = self.home.join("config.toml");
        let config = fs::read_to_string(&file).unwrap();
        fs::write(&file, config.replace("\"2ms\"", &format!("{pace:?}"))).unwrap();
    }

    /// The folder of the journal and the locks.
    pub(super) fn state(&self) -> PathBuf {
        self.home.join("state")
    }

    /// Adds an instance that no gateway has, before or after the others.
    pub(super) fn add_instance(&self, is_first: bool) -> InstanceKey {
        const ADDRESS: &str = "http://127.0.0.1:9";
        let name = SecretString::from("barred".to_owned());
        let barred = format!(
            "[[instance]]\nname = \"barred\"\ngateway = \"ryzeapi\"\nbase_url = \"{ADDRESS}\"\n\
             instance = \"barred\"\ntoken = \"barred\"\n",
        );
        let config = fs::read_to_string(self.home.join("config.toml")).unwrap();
        self.configure(&if is_first { barred + &config } else { config + &barred });
        instance_key(GatewayKind::RyzeApi, &BaseUrl::parse(ADDRESS).unwrap(), &name)
    }

    /// The process that holds the lock of the instance.
    pub(super) fn writer(&self) -> Option<u32> {
        let locks = fs::read_dir(self.home.join("state/locks")).ok()?;
        locks.filter_map(Result::ok).find_map(|lock| {
            let file = fs::File::open(lock.path()).unwrap();
            if file.try_lock_shared().is_ok() {
                return None;
            }
            let holder = fs::read_to_string(lock.path()).unwrap();
            holder.split_once(' ')?.0.parse().ok()
        })
    }

    /// An operation, as the journal has it.
    pub(super) fn operation(&self, number: u64) -> Value {
        self.events(&["operations", "show", &number.to_string(), "--json"]).remove(0)
    }

    /// How many of its groups have which outcome.
    pub(super) fn totals(&self, number: u64) -> Value {
        self.operation(number)["totals"].clone()
    }

    fn command(&self, arguments: &[impl AsRef<str>]) -> Command {
        let mut command = process::command(env!("CARGO_BIN_EXE_synod"));
        command.env("HOME", &self.home).env("LANG", "C.UTF-8");
        command.args(self.places()).args(arguments.iter().map(AsRef::as_ref));
        command.stdin(Stdio::null());
        command
    }

    /// Says in the journal that another process may take an operation over, for ten minutes.
    pub(super) fn offer(&self, number: u64) {
        let journal = rusqlite::Connection::open(self.home.join("state/synod.db")).unwrap();
        let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(600);
        let until = i64::try_from(until.as_millis()).unwrap();
        let sql = format!("UPDATE operations SET handed_over_until = {until} WHERE id = {number}");
        assert_eq!(journal.execute(&sql, []).unwrap(), 1);
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, arguments: &[impl AsRef<str>]) -> Output {
        process::run(&mut self.command(arguments), None)
    }

    /// The output of a successful command.
    pub(super) fn events(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        output.stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    }

    /// Starts the program.
    pub(super) fn start(&self, arguments: &[impl AsRef<str>]) -> Running {
        Self::started(self.command(arguments))
    }

    /// The same with a standard input that stays open after these words.
    pub(super) fn start_with_input(&self, arguments: &[impl AsRef<str>], words: &str) -> Running {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        let mut running = Self::started(command);
        running.child.stdin.as_mut().unwrap().write_all(words.as_bytes()).unwrap();
        running
    }

    fn started(mut command: Command) -> Running {
        let mut child = Process::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let stderr = child.stderr.take().unwrap();
        Running { child, lines, stderr: BufReader::new(stderr) }
    }

    /// The numbers of all operations, the oldest first.
    pub(super) fn operations(&self) -> Vec<u64> {
        let all = self.events(&["operations", "list", "--newest", "1000", "--json"]);
        let mut numbers: Vec<u64> = all.iter().map(|event| event["operation"].as_u64().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The real state of the world.
    pub(super) fn truth(&self) -> InstanceStanding {
        self.simulator.truth().instances.into_values().next().unwrap()
    }

    /// The communities, by ID.
    pub(super) fn communities(&self) -> Vec<String> {
        self.truth().communities.into_keys().collect()
    }

    /// The groups in no community, by ID.
    pub(super) fn standalone(&self) -> Vec<String> {
        let truth = self.truth();
        let is_free = |group: &&String| truth.communities.values().all(|linked| !linked.contains(*group));
        truth.groups.iter().filter(is_free).cloned().collect()
    }

    /// Waits until the gateway's log satisfies the condition.
    pub(super) fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "timed out waiting for {what}");
            // The gateway does not announce requests, so the test polls its log.
            thread::park_timeout(Duration::from_millis(1));
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A process in the background must not outlive a test that has failed.
        let writer = self.writer().and_then(|writer| Pid::from_raw(writer.try_into().ok()?));
        if let Some(writer) = writer.filter(|writer| *writer != rustix::process::getpid()) {
            let _ = kill_process(writer, Signal::KILL);
        }
    }
}

/// How a life of the program ended.
pub(super) enum Life {
    Killed,
    /// On its own, with this code and this standard error.
    Ended(Option<i32>, String),
}

/// The running program.
pub(super) struct Running {
    child: Process,
    lines: Lines<BufReader<ChildStdout>>,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Reads until such an event.
    pub(super) fn until(&mut self, is_so: impl Fn(&Value) -> bool) {
        let mut events = self.lines.by_ref().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        assert!(events.any(|event| is_so(&event)), "the program ended first");
    }

    /// Reads until this line.
    pub(super) fn until_line(&mut self, line: &str) {
        assert!(self.lines.any(|read| read.unwrap() == line), "the program ended first");
    }

    /// Reads standard error until a line contains this text, and returns all lines up to that one.
    pub(super) fn until_said(&mut self, text: &str) -> String {
        let mut said = String::new();
        while !said.contains(text) {
            assert!(self.stderr.read_line(&mut said).unwrap() > 0, "the program ended first: {said}");
        }
        said
    }

    pub(super) fn signal(&self, signal: Signal) {
        self.child.signal(signal);
    }

    /// Kills the program after this many lines of output, unless it ends before.
    pub(super) fn killed_after(mut self, lines: usize) -> Life {
        let read = self.lines.by_ref().take(lines).map(|line| drop(line.unwrap())).count();
        if read == lines {
            self.child.kill().unwrap();
        }
        let (status, said) = self.ended();
        if status.code().is_some() { Life::Ended(status.code(), said) } else { Life::Killed }
    }

    /// Waits for its end, and returns its standard error.
    pub(super) fn ended(&mut self) -> (ExitStatus, String) {
        self.lines.by_ref().for_each(drop);
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (self.child.wait(), said)
    }
}
