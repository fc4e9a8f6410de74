//! The commands in the documents: every block is run as it stands there, against the simulated gateway. What cannot run in a test, such
//! as an installation, is replaced by a program that only records its call.

use std::{fs, os::unix::fs::PermissionsExt};

use super::sandbox::CliSandbox;
use crate::support::documents::{Block, blocks, pages};

/// Records each call of `synod` with its exit code. A simulated gateway ends as soon as it listens, and its configuration becomes that
/// of the gateway that runs already. `init` uses that gateway too, and a configuration of its own.
const SYNOD: &str = r#"#!/bin/sh
words="$*"
case "$1" in
simulate)
    mkfifo "$LOG.fifo"
    "$SYNOD" "$@" >"$LOG.fifo" &
    read -r line <"$LOG.fifo"
    kill -INT "$!"
    wait "$!"
    code=$?
    rm "$LOG.fifo"
    while [ "$#" -gt 1 ]; do
        if [ "$1" = --write-config ]; then grep -q '^gateway = ' "$2" && cp config.toml "$2" || code=1; fi
        shift
    done
    ;;
init)
    "$SYNOD" "$@" --base-url "$BASE_URL" --config "$LOG.$$.toml"
    code=$?
    ;;
*)
    "$SYNOD" "$@"
    code=$?
    ;;
esac
printf '%s %s\n' "$code" "$words" >>"$LOG"
exit "$code"
"#;

/// Records a call, and does nothing else.
const RECORDED: &str = "#!/bin/sh\nprintf '0 %s %s\\n' \"${0##*/}\" \"$*\" >>\"$LOG\"\n";

/// `cargo run -- …` runs the program.
const CARGO: &str = "#!/bin/sh\nprintf '0 cargo %s\\n' \"$*\" >>\"$LOG\"\ncase $1 in run) while [ \"$1\" != -- ]; do shift; done; \
                     shift; exec synod \"$@\" ;; esac\n";

/// The programs that only record their calls.
const OTHERS: [&str; 7] = ["sudo", "docker", "jq", "mdbook", "just", "packaging/build", "packaging/check"];

/// The world `harbor`, without its waits.
pub(super) fn quick_harbor() -> String {
    let slow = "latency_ms = [40, 160]\nlink_delay_ms = 700\n\n[ryzeapi]\n";
    let quick =
        "latency_ms = [0, 0]\nlink_delay_ms = 0\nlisting_lag_ms = [0, 0]\n\n[ryzeapi]\nrate_limit = 100000\n";
    let harbor = include_str!("../../../assets/worlds/harbor.toml");
    assert!(harbor.contains(slow));
    harbor.replace(slow, quick)
}

/// A place in which the commands of a page can run.
struct Stage {
    sandbox: CliSandbox,
    /// The variables that the page has exported so far.
    exported: String,
}

impl Stage {
    fn new() -> Self {
        // The account has no client token, like in the commands.
        let world = quick_harbor().replace("client_token = \"F0shopClientTokenS\"\n", "");
        let sandbox = CliSandbox::with(&world, "");
        for folder in
            ["bin", "packaging", "synod", "config", "secrets", "target/dist/container", ".local/state/synod"]
        {
            fs::create_dir_all(sandbox.path(folder)).unwrap();
        }
        let pass =
            "#!/bin/sh\ncase $2 in zapi) echo A1B2C3D4E5F60718293A4B5C ;; *) echo harbor-token ;; esac\n";
        let programs = OTHERS.map(|name| (name, RECORDED));
        for (name, script) in programs.into_iter().chain([("synod", SYNOD), ("cargo", CARGO), ("pass", pass)])
        {
            let path = if name.contains('/') { sandbox.path(name) } else { sandbox.path("bin").join(name) };
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        sandbox
            .write("clinics.toml", "[[community]]\ncommunity = \"Harbor Clinics\"\ngroups = [\"Kitchen\"]\n");
        sandbox.write("mine.toml", "[ui]\ntheme = \"dark\"\n");
        for list in ["rooms.txt", "synod/rooms.txt"] {
            sandbox.write(list, "Night nurses\n");
        }
        // Pages show the first operation, and the remembered lists.
        sandbox.expect(0, &["link", "Pharmacy night shift", "--to", "Harbor Clinics", "--yes"]);
        Self { sandbox, exported: String::new() }
    }

    /// Runs a script as the user, or as cron, which has none of the user's variables. Returns the recorded calls with their exit codes.
    fn run(&mut self, script: &str, is_cron: bool) -> Vec<(i32, String)> {
        let log = self.sandbox.path("calls");
        fs::write(&log, "").unwrap();
        let base_url = self.sandbox.read("config.toml");
        let base_url = base_url.lines().find_map(|line| line.strip_prefix("base_url = ")).unwrap().to_owned();
        let prelude = format!(
            "PATH=\"$HOME/bin:$PATH\" LOG={} BASE_URL={base_url}\nexport PATH LOG BASE_URL\n\
             export RYZE_TOKEN=harbor-token ZAPI_INSTANCE=3C1D5E7A9B0F2468ACE013579BDF2468\n",
            log.display()
        );
        let exported = if is_cron { "" } else { self.exported.as_str() };
        let ended = self.sandbox.shell(&format!("{prelude}{exported}{script}"));
        assert!(!ended.stderr.contains("not found"), "{script}: {ended:?}");
        self.exported.extend(
            script.lines().filter(|line| line.starts_with("export ")).map(|line| format!("{line}\n")),
        );
        let calls = fs::read_to_string(&log).unwrap();
        let call =
            |line: &str| line.split_once(' ').map(|(code, words)| (code.parse().unwrap(), words.to_owned()));
        calls.lines().filter_map(call).collect()
    }
}

/// The exit code of a documented call in these tests, which have no terminal and nobody to confirm a plan.
fn expected(words: &str) -> i32 {
    let first = words.split(' ').next().unwrap_or_default();
    let draws = matches!(first, "" | "demo" | "--read-only" | "--ascii" | "--theme");
    let has = |options: &[&str]| words.split(' ').any(|word| options.contains(&word));
    let changes = matches!(first, "link" | "unlink" | "move" | "leave" | "apply");
    let asks = changes && !has(&["--yes", "-y", "--dry-run", "--plan"]);
    match first {
        _ if draws || asks => 2,
        // Something differs, as the pages say.
        "diff" if !has(&["groups.csv"]) => 6,
        _ => 0,
    }
}

/// The commands of a block, each as a script.
fn scripts(block: &Block) -> Vec<String> {
    match &*block.language {
        "sh" => vec![block.text.clone()],
        // cron's five fields precede the command.
        "crontab" => {
            let command = |line: &str| line.split_whitespace().skip(5).collect::<Vec<_>>().join(" ");
            block.text.lines().map(command).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_block_of_commands_runs_as_it_stands() {
    let mut count = 0;
    for (path, text) in pages() {
        // Its recipes have tests of their own, with a world and a file for them: `it::cli::desired::recipes`.
        if path.ends_with("desired-state.md") {
            continue;
        }
        let blocks = blocks(&text);
        let mut stage = None;
        for (block, script) in
            blocks.iter().flat_map(|block| scripts(block).into_iter().map(move |script| (block, script)))
        {
            let stage = stage.get_or_insert_with(Stage::new);
            let place = format!("{}, line {}", path.display(), block.line);
            let calls = stage.run(&script, block.language == "crontab");
            let is_quiet = script.lines().all(|line| line.starts_with("export ") || line.starts_with("cp "));
            assert!(is_quiet || !calls.is_empty(), "{place}: nothing was called");
            for (code, words) in calls {
                assert_eq!(code, expected(&words), "{place}: {words}");
            }
            count += 1;
        }
    }
    assert!(count > 20, "only {count} blocks were found");
}

#[test]
fn a_wrong_command_in_a_block_is_found() {
    let mut stage = Stage::new();
    let calls = stage.run("synod list comunities\n", false);
    assert_eq!(calls, [(2, "list comunities".to_owned())]);
    assert_ne!(calls[0].0, expected(&calls[0].1));
}
