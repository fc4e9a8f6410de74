//! `synod init`: adding instances to the configuration, with options and by answering questions.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use rstest::rstest;
use rustix::process::Signal;

use super::sandbox::{CliSandbox, Ended, PROGRAM, is_sentence};
use crate::support::{
    process::{self, Process},
    pty::Setup,
    worlds::WORLD,
};

const OWN: &str = "[[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\ntoken = \"canary-token-5511\"\n";
const OTHERS: &str = "[[instance]]\nname = \"away\"\ngateway = \"ryzeapi\"\ntoken = \"canary-token-away\"\n\
                      state = \"disconnected\"\n\n\
                      [[instance]]\nname = \"shop\"\ngateway = \"zapi\"\nid = \"canary-id-shop\"\n\
                      token = \"canary-token-shop\"\n";

/// A sandbox with two instances of one gateway, one of the other, and no configuration; and the address of the gateways.
fn sandbox() -> (CliSandbox, String) {
    assert!(WORLD.contains(OWN));
    let sandbox = CliSandbox::with(&WORLD.replace(OWN, &format!("{OWN}\n{OTHERS}")), "");
    let config = sandbox.read("config.toml");
    let address = config.split_once("base_url = \"").unwrap().1.split_once('"').unwrap().0.to_owned();
    fs::remove_file(sandbox.path("config.toml")).unwrap();
    (sandbox, address)
}

/// The arguments that add the first instance.
fn ops<'a>(address: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let own = ["init", "--gateway", "ryzeapi", "--base-url", address, "--instance", "ops"];
    [&own[..], more].concat()
}

/// The arguments that add the instance on the other gateway.
fn shop<'a>(address: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let own =
        ["init", "--gateway", "zapi", "--base-url", address, "--instance-env", "SHOP_ID", "--name", "shop"];
    [&own[..], more].concat()
}

const SHOP: [(&str, &str); 1] = [("SHOP_ID", "canary-id-shop")];

fn run_in(sandbox: &CliSandbox, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Ended {
    let mut command = sandbox.command(arguments);
    command.envs(variables.iter().copied());
    super::sandbox::ended(process::run(&mut command, Some(input)))
}

/// Every file below the sandbox's folder, except those of the world.
fn files(sandbox: &CliSandbox) -> Vec<String> {
    fn below(folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                below(&path, into);
            }
            into.push(path.display().to_string());
        }
    }
    let mut all = Vec::new();
    below(sandbox.dir.path(), &mut all);
    all.retain(|path| !path.ends_with("world.toml"));
    all.sort();
    all
}

#[test]
fn instances_of_both_gateways_are_added_and_work() {
    let (sandbox, address) = sandbox();
    let added =
        run_in(&sandbox, &ops(&address, &["--token-env", "RYZE"]), &[("RYZE", "canary-token-5511")], "");
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.stdout.contains("Added “ops”") && added.stdout.contains("connected"), "{added:?}");
    assert_eq!(sandbox.mode("config.toml"), 0o600);
    let first = sandbox.read("config.toml");
    assert!(first.contains("token = { env = \"RYZE\" }") && !sandbox.path("secrets").exists(), "{first}");
    // The token of the other one comes from standard input, and gets a file.
    let added = run_in(&sandbox, &shop(&address, &[]), &SHOP, "canary-token-shop\n");
    assert_eq!(added.code, Some(0), "{added:?}");
    let second = sandbox.read("config.toml");
    assert!(
        second.starts_with(&first) && second.contains("token = { file = \"secrets/shop.token\" }"),
        "{second}"
    );
    assert_eq!((sandbox.mode("secrets"), sandbox.mode("secrets/shop.token")), (0o700, 0o600));
    assert_eq!(sandbox.read("secrets/shop.token"), "canary-token-shop\n");
    for text in [&second, &added.stdout, &added.stderr] {
        assert!(!text.contains("canary"), "{text}");
    }
    let variables = [("RYZE", "canary-token-5511"), ("SHOP_ID", "canary-id-shop")];
    for arguments in [
        &["doctor"][..],
        &["list", "groups", "--instance", "ops"],
        &["list", "communities", "--instance", "shop"],
    ] {
        let ended = sandbox.run_in(arguments, &variables);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}

#[test]
fn files_and_commands_are_referred_to_and_read() {
    let (sandbox, address) = sandbox();
    sandbox.write("my token", "canary-token-5511\n");
    sandbox.expect(0, &ops(&address, &["--token-file", "my token"]));
    let path = sandbox.path("my token").display().to_string();
    assert!(sandbox.read("config.toml").contains(&format!("token = {{ file = {path:?} }}")));
    let command = "cat 'my token'";
    let away =
        ["init", "--gateway", "ryzeapi", "--base-url", &address, "--instance", "away", "--token-command"];
    let refused = sandbox.expect(1, &[&away[..], &[command]].concat());
    assert!(refused.stderr.contains("does not know this instance"), "{refused:?}");
    sandbox.write("away token", "canary-token-away");
    let added = sandbox.expect(0, &[&away[..], &["cat 'away token'"]].concat());
    assert!(sandbox.read("config.toml").contains("token = { command = [\"cat\", \"away token\"] }"));
    // Paths begin where the command runs, whatever the configuration's folder is, or in the home folder.
    sandbox.write("tok.sh", "#!/bin/sh\ncat 'my token'\n");
    fs::set_permissions(sandbox.path("tok.sh"), PermissionsExt::from_mode(0o700)).unwrap();
    let home = sandbox.path("").display().to_string();
    for (option, from) in
        [("--token-command", "./tok.sh"), ("--token-command", "~/tok.sh"), ("--token-file", "~/my token")]
    {
        let arguments = ops(&address, &["--config", "below/config.toml", option, from]);
        let below = run_in(&sandbox, &arguments, &[("HOME", &home)], "");
        assert_eq!(below.code, Some(0), "{option} {from}: {below:?}");
        fs::remove_file(sandbox.path("below/config.toml")).unwrap();
    }
    // An instance without a phone is added: Synod can connect it.
    assert!(
        added.stdout.contains("not connected") && added.stdout.contains("connect it in the window"),
        "{added:?}"
    );
}

#[test]
fn comments_order_and_line_ends_stay() {
    let (sandbox, address) = sandbox();
    let before = "# Mine.\r\n[ui]\r\nmouse = true # really\r\n\r\n[[instance]]\r\nname = \"far\"\r\ngateway=\"zapi\"\r\n\
                  instance = { env = \"A\" }\r\ntoken = { env = \"B\" }\r\n# The end.";
    sandbox.write("real.toml", before);
    fs::set_permissions(sandbox.path("real.toml"), PermissionsExt::from_mode(0o644)).unwrap();
    symlink("real.toml", sandbox.path("config.toml")).unwrap();
    sandbox.expect(0, &ops(&address, &["--token-env", "RYZE", "--no-check", "--name", "Ação 1"]));
    assert!(sandbox.path("config.toml").is_symlink());
    assert_eq!(sandbox.mode("real.toml"), 0o600);
    let after = sandbox.read("config.toml");
    let expected = format!(
        "{before}\r\n\r\n[[instance]]\r\nname = \"Ação 1\"\r\ngateway = \"ryzeapi\"\r\nbase_url = \"{address}\"\r\n\
         instance = \"ops\"\r\ntoken = {{ env = \"RYZE\" }}\r\n"
    );
    assert_eq!(after, expected);
    let listed = sandbox.expect(0, &["list", "instances", "--json"]).events();
    assert_eq!(listed.len(), 2);
}

#[test]
fn the_same_name_and_the_same_instance_are_refused_with_their_line() {
    let (sandbox, address) = sandbox();
    sandbox.write("token", "canary-token-5511");
    sandbox.expect(0, &ops(&address, &["--token-file", "token"]));
    assert_eq!(run_in(&sandbox, &shop(&address, &[]), &SHOP, "canary-token-shop").code, Some(0));
    let before = (sandbox.read("config.toml"), files(&sandbox));
    let local = address.replace("127.0.0.1", "localhost");
    let other = [("OTHER_ID", "canary-id-shop")];
    let zapi =
        ["init", "--gateway", "zapi", "--base-url", &local, "--instance-env", "OTHER_ID", "--name", "two"];
    for (arguments, variables, words) in [
        (
            ops(&address, &["--token-file", "token", "--name", "OPS"]),
            &SHOP[..],
            ":1: the name “OPS” is taken",
        ),
        (
            ops(&local, &["--token-file", "token", "--name", "two"]),
            &SHOP[..],
            ":1: the entry in this line is the same",
        ),
        (zapi.to_vec(), &[SHOP[0], other[0]][..], ":8: the entry in this line is the same"),
    ] {
        let ended = run_in(&sandbox, &arguments, variables, "canary-token-shop");
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(is_sentence(&ended.stderr) && ended.stderr.contains(words), "{words}: {ended:?}");
        assert_eq!((sandbox.read("config.toml"), files(&sandbox)), before);
    }
}

#[rstest]
#[case::scheme(&["--base-url", "ftp://host"], "", 2, "--base-url: A base URL must begin with https://")]
#[case::user(&["--base-url", "https://ana:canary@host"], "", 2, "must not contain a user name or a password")]
#[case::name(&["--name", "a\u{1b}]0;x\u{7}"], "", 2, "--name: `name` must have 1 to 40 visible characters")]
#[case::instance(&["--instance", "a/b\nc"], "", 2, "--instance: `instance` must be")]
#[case::variable(&["--token-env", "canary token"], "", 2, "not the secret itself")]
#[case::unset(&["--token-env", "SYNOD_TEST_UNSET"], "", 2, "SYNOD_TEST_UNSET is not set")]
#[case::no_file(&["--token-file", "none"], "", 2, "none cannot be read")]
#[case::command(&["--token-command", "pass 'show"], "", 2, "--token-command: `command` must be a list of texts")]
#[case::failing(&["--token-command", "false"], "", 2, "false failed")]
#[case::silent(&["--token-command", "true"], "", 2, "The command true printed nothing")]
#[case::chatty(&["--token-command", "echo canary canary"], "", 2, "The output of echo contains white space")]
#[case::token_as_command(&["--token-command", "canary5511token0042"], "", 2, "The command that the configuration names")]
#[case::blank(&[], "canary token\n", 2, "standard input: `token` is empty, or contains white space")]
#[case::two_lines(&[], "canary\ntoken\n", 2, "standard input: `token` is empty, or contains white space")]
#[case::long(&[], "long", 2, "standard input: `token`")]
#[case::none(&[], "\n", 2, "Standard input is empty")]
#[case::wrong(&[], "canary-wrong\n", 1, "Copy the token from the gateway")]
#[case::unknown(&["--instance", "nobody"], "canary-token-5511", 1, "Nothing was written")]
#[case::unreachable(&["--base-url", "http://127.0.0.1:9", "--timeout", "20s"], "canary-token-5511", 7, "--no-check")]
#[case::client_token(&["--client-token-env", "X"], "canary", 2, "RyzeAPI does not take `client_token`")]
#[case::read_only(&["--read-only"], "canary", 2, "--read-only")]
#[case::two_sources(&["--token-env", "X", "--token-file", "y"], "", 2, "cannot be used with")]
fn bad_input_is_explained_and_nothing_is_written(
    #[case] more: &[&str],
    #[case] input: &str,
    #[case] code: i32,
    #[case] words: &str,
) {
    let (sandbox, address) = sandbox();
    let sound = ["--gateway", "ryzeapi", "--base-url", &address, "--instance", "ops"];
    let kept = sound.chunks(2).filter(|pair| !more.contains(&pair[0])).flatten().copied();
    let arguments: Vec<&str> = ["init"].into_iter().chain(kept).chain(more.iter().copied()).collect();
    let input = if input == "long" { "x".repeat(10_000) } else { input.to_owned() };
    let ended = run_in(&sandbox, &arguments, &[], &input);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(ended.stderr.contains(words), "{words}: {ended:?}");
    assert!(!ended.stderr.contains("panicked") && ended.stdout.is_empty(), "{ended:?}");
    assert!(!ended.stderr.contains("canary") && !ended.stderr.contains('\u{1b}'), "{ended:?}");
    assert_eq!(files(&sandbox), Vec::<String>::new());
    // Programs get the same as an event.
    let json = run_in(&sandbox, &[&arguments[..], &["--json"]].concat(), &[], &input);
    let error = json.events();
    assert_eq!((json.code, &error[0]["event"]), (Some(code), &"error".into()), "{json:?}");
    assert!(!json.stdout.contains("canary"), "{json:?}");
}

#[test]
fn missing_options_are_named() {
    let (sandbox, _) = sandbox();
    for (arguments, words) in [
        (&["init"][..], "--gateway, --instance, --name"),
        (&["init", "--gateway", "zapi", "--token-env", "A"], "Missing: --instance-env, --name"),
        (&["init", "--gateway", "zapi", "--instance", "canary"], "other users can see command lines"),
    ] {
        let ended = run_in(&sandbox, arguments, &[], "canary-token");
        assert!(ended.code == Some(2) && ended.stderr.contains(words), "{words}: {ended:?}");
        assert!(!ended.stderr.contains("canary"), "{ended:?}");
    }
    assert_eq!(files(&sandbox), Vec::<String>::new());
}

#[test]
fn a_place_that_cannot_be_written_is_explained_and_nothing_is_left() {
    let (sandbox, address) = sandbox();
    let arguments = ops(&address, &[]);
    let at = |place: &str| {
        run_in(&sandbox, &[&arguments[..], &["--config", place]].concat(), &[], "canary-token-5511")
    };
    // Nobody can create a file there, not even root.
    let ended = at("/sys/synod/config.toml");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("cannot be written") && ended.stderr.contains("permissions"), "{ended:?}");
    // Others could put another configuration in its place.
    fs::create_dir(sandbox.path("open")).unwrap();
    fs::set_permissions(sandbox.path("open"), PermissionsExt::from_mode(0o777)).unwrap();
    let ended = at("open/config.toml");
    assert!(ended.code == Some(2) && ended.stderr.contains("chmod go-w"), "{ended:?}");
    assert_eq!(fs::read_dir(sandbox.path("open")).unwrap().count(), 0);
    // The same for the file, and for the folder of the secrets.
    fs::set_permissions(sandbox.path("open"), PermissionsExt::from_mode(0o700)).unwrap();
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    symlink("../elsewhere", sandbox.path("open/secrets")).unwrap();
    let ended = at("open/config.toml");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("Nothing was written: ") && ended.stderr.contains("link"), "{ended:?}");
    fs::remove_file(sandbox.path("open/secrets")).unwrap();
    sandbox.write("open/config.toml", "#\n");
    fs::set_permissions(sandbox.path("open/config.toml"), PermissionsExt::from_mode(0o666)).unwrap();
    let ended = at("open/config.toml");
    assert!(ended.code == Some(2) && ended.stderr.contains("chmod go-w"), "{ended:?}");
    // A file that is no text is not blamed on its permissions.
    fs::write(sandbox.path("open/config.toml"), b"# caf\xe9\n").unwrap();
    fs::set_permissions(sandbox.path("open/config.toml"), PermissionsExt::from_mode(0o600)).unwrap();
    for (place, words) in [("open/config.toml", "is not UTF-8 text"), ("open", "is not a regular file")] {
        let ended = at(place);
        assert!(ended.code == Some(2) && ended.stderr.contains(words), "{ended:?}");
        assert!(!ended.stderr.contains("permissions"), "{ended:?}");
    }
    sandbox.write("open/config.toml", "instance = []\n");
    let ended = at("open/config.toml");
    assert!(ended.code == Some(2) && ended.stderr.contains("line 1: An instance must begin"), "{ended:?}");
    let config = sandbox.path("open/config.toml").display().to_string();
    let listed = sandbox.expect(2, &["list", "instances", "--config", &config]);
    assert!(listed.stderr.contains("line 1: An instance must begin"), "{listed:?}");
    for place in ["open", "elsewhere"] {
        fs::remove_dir_all(sandbox.path(place)).unwrap();
    }
    sandbox.write("config.toml", "name = ops\n");
    let ended = at("config.toml");
    assert!(
        ended.code == Some(2) && ended.stderr.contains("line 1: This line is not valid TOML"),
        "{ended:?}"
    );
    assert_eq!((sandbox.read("config.toml"), files(&sandbox).len()), ("name = ops\n".to_owned(), 1));
    fs::remove_file(sandbox.path("config.toml")).unwrap();
    assert_eq!(files(&sandbox), Vec::<String>::new());
}

#[test]
fn on_a_full_disk_nothing_is_half_written() {
    let (sandbox, address) = sandbox();
    let config = format!("# {}\n", "x".repeat(4000));
    sandbox.write("config.toml", &config);
    for blocks in [0, 1] {
        let ended = sandbox.shell(&format!(
            "ulimit -f {blocks}; printf canary-token-5511 | exec \"$SYNOD\" init --gateway ryzeapi \
             --base-url {address} --instance ops"
        ));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended.stderr.contains("cannot be written") && ended.stderr.contains("free space"),
            "{ended:?}"
        );
        assert_eq!((sandbox.read("config.toml"), files(&sandbox).len()), (config.clone(), 1));
    }
}

#[test]
fn many_at_once_lose_nothing() {
    let (sandbox, address) = sandbox();
    let add = |at: usize| {
        let name = format!("n{at}");
        let mut command =
            sandbox.command(&["init", "--gateway", "ryzeapi", "--base-url", &address, "--no-check"]);
        command.args(["--instance", &name, "--token-env", "RYZE"]);
        Process::spawn(command.env("SYNOD", PROGRAM))
    };
    let mut running: Vec<Process> = (0..12).map(add).collect();
    for process in &mut running {
        assert_eq!(process.wait().code(), Some(0));
    }
    let listed = sandbox.expect(0, &["list", "instances", "--json"]).events();
    assert_eq!(listed.len(), 12);
    assert_eq!(files(&sandbox).len(), 1);
}

#[test]
fn the_result_is_an_event_with_a_schema() {
    let (sandbox, address) = sandbox();
    let added = run_in(&sandbox, &ops(&address, &["--json"]), &[], "canary-token-5511");
    let events = added.events();
    let schema = include_str!("../../../docs/json/event.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    assert!(events.len() == 1 && schema.is_valid(&events[0]), "{added:?}");
    assert_eq!((&events[0]["event"], &events[0]["connected"]), (&"instance_added".into(), &true.into()));
    let quiet = run_in(&sandbox, &shop(&address, &["--quiet"]), &SHOP, "canary-token-shop");
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (Some(0), "", ""));
}

fn asking(sandbox: &CliSandbox, more: &[&str]) -> Setup {
    let arguments: Vec<String> = ["init", "--config"]
        .into_iter()
        .map(str::to_owned)
        .chain([sandbox.path("config.toml").display().to_string()])
        .chain(more.iter().map(|word| (*word).to_owned()))
        .collect();
    Setup::program(arguments).variable("LANG", "C.UTF-8")
}

#[test]
fn in_a_terminal_it_asks_hides_the_token_and_asks_again_after_a_mistake() {
    let (sandbox, address) = sandbox();
    let Some(mut pty) = asking(&sandbox, &[]).start() else { return };
    pty.until_text("Gateway (ryzeapi, zapi, ");
    pty.send("\r");
    pty.until_text("Address of the gateway [https://ryzeapi.cloud]:");
    pty.send("ftp://x\r");
    pty.until_text("must begin with https://");
    pty.send(&format!("{address}\r"));
    pty.until_text("Name of the instance on the gateway:");
    pty.send("ops\r");
    pty.until_text("Token of the instance (not shown):");
    pty.send("canary-wrong\r");
    pty.until_text("Your name for it [ops]:");
    pty.send("Operations\r");
    pty.until("the second question", |screen| {
        screen.contents().matches("Token of the instance").count() == 2
    });
    pty.send("canary-token-5511\r");
    pty.until_text("Added “Operations”");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
    assert!(!String::from_utf8_lossy(pty.bytes()).contains("canary"));
    assert_eq!(sandbox.read("secrets/Operations.token"), "canary-token-5511\n");
    sandbox.expect(0, &["doctor"]);
    // The other gateway, whose ID and token are both secret.
    let Some(mut pty) = asking(&sandbox, &[]).start() else { return };
    pty.until_text("[ryzeapi]:");
    pty.send("zapi\r");
    pty.until_text("[https://api.z-api.io]:");
    pty.send(&format!("{address}\r"));
    pty.until_text("ID of the instance (not shown):");
    pty.send("canary-id-shop\r");
    pty.until_text("Token of the instance (not shown):");
    pty.send("canary-token-shop\r");
    pty.until_text("Client token of the account");
    pty.send("\r");
    pty.until_text("Your name for it:");
    pty.send("shop\r");
    pty.until_text("Added “shop”");
    assert_eq!(pty.exit_code(), 0);
    assert!(!String::from_utf8_lossy(pty.bytes()).contains("canary"));
    assert_eq!(sandbox.read("secrets/shop.instance"), "canary-id-shop\n");
    sandbox.expect(0, &["doctor"]);
}

#[test]
fn leaving_the_questions_writes_nothing_and_gives_the_terminal_back() {
    let (sandbox, address) = sandbox();
    let more = ["--gateway", "ryzeapi", "--base-url", &address, "--instance", "ops"];
    for leave in [Signal::INT, Signal::TERM, Signal::QUIT] {
        let Some(mut pty) = asking(&sandbox, &more).start() else { return };
        pty.until_text("Token of the instance (not shown):");
        pty.send("canary");
        pty.signal(leave);
        assert_eq!(pty.exit_code(), 5);
        pty.assert_given_back();
        assert!(pty.text().contains("Interrupted"), "{}", pty.text());
    }
    assert_eq!(files(&sandbox), Vec::<String>::new());
}

#[test]
fn the_end_of_the_input_is_no_answer() {
    let (sandbox, address) = sandbox();
    let more = ["--gateway", "ryzeapi", "--base-url", &address, "--instance", "ops"];
    let named = [&more[..], &["--token-env", "SYNOD_TEST_UNSET"]].concat();
    for (more, question, keys) in [
        (&[][..], "[ryzeapi]:", "\x04"),
        (&[][..], "[ryzeapi]:", "ryze\x04\x04"),
        (&more[..], "Token of the instance (not shown):", "\x04"),
        (&more[..], "Token of the instance (not shown):", "canary\x04\x04"),
        (&named[..], "Your name for it [ops]:", "\x04"),
    ] {
        let Some(mut pty) = asking(&sandbox, more).start() else { return };
        pty.until_text(question);
        pty.send(keys);
        assert_eq!(pty.exit_code(), 5, "{question} {}", pty.text());
        pty.assert_given_back();
        assert!(pty.text().contains("Interrupted: nothing was written"), "{}", pty.text());
        assert!(!pty.text().contains("canary"), "{}", pty.text());
    }
    assert_eq!(files(&sandbox), Vec::<String>::new());
}

#[test]
fn from_an_empty_home_to_the_first_verified_link_in_the_terminal_program() {
    let (sandbox, address) = sandbox();
    let home = sandbox.path("home");
    fs::create_dir(&home).unwrap();
    let place = |name: &str| home.join(name).display().to_string();
    let setup = Setup::program(Vec::new())
        .variable("HOME", &place(""))
        .variable("XDG_CONFIG_HOME", &place("config"))
        .variable("XDG_STATE_HOME", &place("state"));
    let Some(mut pty) = setup.start() else { return };
    pty.until_text("Welcome to Synod");
    for keys in ["\x1b[B", &address, "\x1b[B", "ops", "\t", "canary-token-5511"] {
        pty.send(keys);
    }
    pty.until_text("typed: •••");
    pty.types("\r");
    pty.until_text("ops @ RyzeAPI");
    pty.until_text("Kitchen");
    pty.types("\t\t l");
    pty.until_text("Press [y]");
    pty.types("y");
    pty.until_text("1 verified");
    pty.types("q");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
    assert!(!crate::support::pty::contains(pty.bytes(), "canary"));
    let config = place("config/synod/config.toml");
    assert!(!fs::read_to_string(&config).unwrap().contains("canary"));
    let secret = fs::metadata(place("config/synod/secrets/ops.token")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    let state = place("state/synod");
    let variables = [("SYNOD_CONFIG", config.as_str()), ("SYNOD_STATE_DIR", state.as_str())];
    let doctor = sandbox.run_in(&["doctor"], &variables);
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
}

#[test]
fn a_program_that_may_not_write_still_says_how_to_begin() {
    let (sandbox, _) = sandbox();
    let home = sandbox.path("").display().to_string();
    let setup = Setup::program(vec!["--read-only".to_owned()]).variable("XDG_CONFIG_HOME", &home);
    let Some(mut pty) = setup.start() else { return };
    assert_eq!(pty.exit_code(), 2);
    assert!(pty.text().contains("There is no configuration yet"), "{}", pty.text());
}
