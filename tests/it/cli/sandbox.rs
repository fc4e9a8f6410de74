//! The real program against a simulated gateway in a child process, with its own configuration.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{ChildStdout, Command, Output, Stdio},
};

use serde_json::Value;
use synod::simulator::{GatewayKind, InstanceInfo, Simulator, World};
use tempfile::TempDir;

use crate::support::process::{self, Process};
pub(super) use crate::support::worlds::WORLD;

pub(super) const PROGRAM: &str = env!("CARGO_BIN_EXE_synod");

/// Paces and read-backs that keep nobody waiting.
pub(super) const QUICK: &str = "pace = { link = \"1ms\", unlink = \"1ms\", leave = \"1ms\", jitter = 0 }\n\
                     read_back = [\"10ms\", \"40ms\", \"120ms\"]\n";

/// Commands that print operations and findings, as text and as JSON.
pub(super) const REPORTS: [&[&str]; 7] = [
    &["operations"],
    &["operations", "show", "1"],
    &["operations", "show", "1", "--json"],
    &["operations", "export", "1"],
    &["operations", "export", "1", "--format", "json"],
    &["doctor"],
    &["doctor", "--json"],
];

/// A simulated gateway, and a place for a configuration and a state.
pub(super) struct CliSandbox {
    pub(super) dir: TempDir,
    // The other side of its output stays open, so the simulator can always write to it.
    _simulator: Option<(Process, BufReader<ChildStdout>)>,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ended {
    /// The lines of its output as JSON.
    pub(super) fn events(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The outcomes of its items, by the group names in the plan.
    pub(super) fn outcomes(&self) -> Vec<(String, String)> {
        let events = self.events();
        let plan = events.iter().find(|event| event["event"] == "plan").unwrap();
        let name = |id: &Value| {
            let groups = plan["groups"].as_array().unwrap();
            let group = groups.iter().find(|group| group["group"] == *id).unwrap();
            group["name"].as_str().unwrap().to_owned()
        };
        let ends = events.iter().filter(|event| event["event"] == "item_finished");
        ends.map(|end| (name(&end["group"]), end["outcome"].as_str().unwrap().to_owned())).collect()
    }
}

impl CliSandbox {
    pub(super) fn new() -> Self {
        Self::with(WORLD, "")
    }

    /// Creates a sandbox without a gateway and without a configuration.
    pub(super) fn alone() -> Self {
        Self { dir: TempDir::new().unwrap(), _simulator: None }
    }

    /// Creates a sandbox with a world, and with lines of `[operations]` before the quick ones.
    pub(super) fn with(world: &str, operations: &str) -> Self {
        Self::with_instances(world, operations, 1)
    }

    /// The same with the first instances of the world in the configuration.
    pub(super) fn with_instances(world: &str, operations: &str, count: usize) -> Self {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("world.toml"), world).unwrap();
        let mut command = process::command(PROGRAM);
        command.args(["simulate", "--listen", "127.0.0.1:0", "--world"]).arg(dir.path().join("world.toml"));
        command.env("LANG", "C.UTF-8").stdin(Stdio::null()).stdout(Stdio::piped());
        let mut simulator = Process::spawn(&mut command);
        let mut said = BufReader::new(simulator.stdout.take().unwrap());
        let mut instance = String::new();
        while instance.matches("\ncommunities = ").count() < count {
            assert!(said.read_line(&mut instance).unwrap() > 0, "the simulator ended: {instance}");
        }
        let sandbox = Self { dir, _simulator: Some((simulator, said)) };
        let quick = if operations.is_empty() { QUICK } else { operations };
        sandbox.write("config.toml", &format!("[operations]\n{quick}\n{instance}"));
        sandbox
    }

    /// Creates a sandbox with a simulated gateway in this process, whose log can be read; it has only the first instance.
    pub(super) fn watching(world: &str) -> (Self, Simulator) {
        let (sandbox, simulator, address) = Self::served(World::parse(world, "world.toml").unwrap());
        let instance = configured("ops", &simulator.instances()[0], address);
        sandbox.write("config.toml", &format!("[operations]\n{QUICK}\n{instance}"));
        (sandbox, simulator)
    }

    /// The same with all instances, under their names in the world.
    pub(super) fn watching_all(world: World) -> (Self, Simulator) {
        let (sandbox, simulator, address) = Self::served(world);
        let instances = simulator.instances();
        let instances = instances.iter().map(|instance| configured(&instance.name, instance, address));
        let instances = instances.collect::<String>();
        sandbox.write("config.toml", &format!("[operations]\n{QUICK}\n{instances}"));
        (sandbox, simulator)
    }

    fn served(world: World) -> (Self, Simulator, SocketAddr) {
        let simulator = Simulator::new(world);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = simulator.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                serving.serve(listener, std::future::pending::<()>()).await
            })
        });
        (Self { dir: TempDir::new().unwrap(), _simulator: None }, simulator, address)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file that only its owner can read.
    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        let mut file =
            fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&path).unwrap();
        file.write_all(content.as_bytes()).unwrap();
        path
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(super) fn mode(&self, name: &str) -> u32 {
        self.path(name).metadata().unwrap().permissions().mode() & 0o777
    }

    /// Sets the environment and the working directory of the program.
    pub(super) fn dress(&self, command: &mut Command) {
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("TERM", "dumb")
            .env("LANG", "C.UTF-8")
            .env("SYNOD", PROGRAM)
            .env("SYNOD_CONFIG", self.path("config.toml"))
            .env("SYNOD_STATE_DIR", self.path("state"))
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
    }

    /// The program, ready to start.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::command(PROGRAM);
        self.dress(&mut command);
        command.args(arguments);
        command
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        ended(process::run(&mut self.command(arguments), None))
    }

    /// Runs the program to its end with additional environment variables.
    pub(super) fn run_in(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        ended(process::run(&mut command, None))
    }

    /// Runs the program to its end with a standard input.
    pub(super) fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        ended(process::run(&mut self.command(arguments), Some(input)))
    }

    /// Runs a shell script in which `$SYNOD` is the program.
    pub(super) fn shell(&self, script: &str) -> Ended {
        let mut command = process::command("sh");
        self.dress(&mut command);
        command.args(["-c", script]);
        ended(process::run_group(&mut command, None))
    }

    /// Runs the program, checks its exit code and returns its result.
    pub(super) fn expect(&self, code: i32, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        ended
    }

    /// The names of a community's groups, as the gateway lists them now.
    pub(super) fn members(&self, community: &str) -> Vec<String> {
        let listed = self.expect(0, &["list", "groups", "--community", community, "--json"]);
        let ordinary = listed.events().into_iter().filter(|group| group["kind"] == "ordinary");
        ordinary.map(|group| group["name"].as_str().unwrap().to_owned()).collect()
    }
}

/// An instance in the configuration.
fn configured(name: &str, instance: &InstanceInfo, address: SocketAddr) -> String {
    let gateway = if instance.gateway == GatewayKind::Zapi { "zapi" } else { "ryzeapi" };
    let client_token = instance.client_token.as_ref().map(|token| format!("client_token = {token:?}\n"));
    format!(
        "[[instance]]\nname = {name:?}\ngateway = {gateway:?}\nbase_url = \"http://{address}\"\n\
         instance = {:?}\ntoken = {:?}\n{}communities = {:?}\n",
        instance.id,
        instance.token,
        client_token.unwrap_or_default(),
        instance.communities
    )
}

pub(super) fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Whether a text can be shown to people: it has words, and no trace of a panic.
pub(super) fn is_sentence(text: &str) -> bool {
    text.starts_with("synod: ") && text.len() > 20 && !text.contains("panicked")
}

pub(super) fn exists(path: &Path) -> bool {
    path.exists()
}
