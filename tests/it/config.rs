//! The configuration file: its settings, and the message for each mistake, which has a line number and never a value.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use synod::{
    config::{
        BrokenInstance, Config, ConfigEntry, ConfigError, Environment, InstanceFault, InstanceName, NoEntry,
        Problem, SecretError, ThemeChoice, former_instance_keys, instance_key, paths,
    },
    domain::{
        base_url::BaseUrl,
        instance::GatewayKind,
        message::ToMessage,
        name::Name,
        settings::{OnHangup, OperationSettings},
    },
    text::{Language, Text},
};
use tempfile::TempDir;

use crate::support::process::forking;

/// The English message. Every language has one, and none contains a value.
fn said(error: &impl ToMessage) -> String {
    for language in Language::ALL {
        let told = Text::of(language).tell(error);
        assert!(!told.to_lowercase().contains("5f1e0d"), "{told}");
    }
    Text::english().tell(error)
}

const CANARY: &str = "CANARY5f1e0d";

const WHOLE: &str = r#"
[[instance]]
name = "ops"
gateway = "ryzeapi"
base_url = "https://RYZEAPI.cloud/"
instance = "harbor"
token = { env = "RYZE_TOKEN" }
communities = ["120363400000000001@g.us",
  "120363400000000002@g.us"]
[instance.operations]
subgroup_limit = 40

[[instance]]
name = "shop"
gateway = "zapi"
instance = { file = "zapi.instance" }
token = { command = ["pass", "show", "zapi"] }
client_token = { env = "ZAPI_CLIENT_TOKEN" }
proxy = "http://proxy.example:3128"
ca_file = "~/company.pem"

[operations]
pace = { link = "250ms", jitter = 0 }
read_back = ["1s", "2m"]
timeout = { list = "3m" }
throttle_pause = { first = "5s" }
keep_invite_links = false

[ui]
theme = "dark"
mouse = true
notify = false
roles = false
keys = { link = "L", leave = ["X", "ctrl-x"] }
"#;

/// A folder with a configuration file of the given mode.
struct Folder(TempDir);

impl Folder {
    fn new(text: &str, mode: u32) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put("config.toml", text, mode);
        folder
    }

    fn put(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn load(&self) -> Result<Config, ConfigError> {
        let home = Some(PathBuf::from("/home/ana"));
        let file = self.0.path().join("config.toml");
        Config::load(Some(&file), None, &Environment { home, ..Environment::default() })
    }
}

impl Folder {
    /// The mistake in the file, or in its only broken entry.
    fn problem(&self) -> Problem {
        match self.load() {
            Err(ConfigError::Invalid(problem)) => problem,
            Ok(Config { broken, .. }) => match broken.as_slice() {
                [BrokenInstance { fault: InstanceFault::Invalid(problem), .. }] => problem.clone(),
                other => panic!("{other:?}"),
            },
            Err(error) => panic!("{error}"),
        }
    }
}

/// A valid instance; one line replaces another, or is added.
fn with_line(key: &str, line: &str) -> String {
    let mut lines = vec!["[[instance]]", "name = \"ops\"", "gateway = \"ryzeapi\"", "instance = \"harbor\""];
    lines.push("token = { env = \"RYZE_TOKEN\" }");
    match lines.iter().position(|old| old.starts_with(key)) {
        Some(place) => lines[place] = line,
        None => lines.push(line),
    }
    lines.join("\n")
}

#[test]
fn everything_is_read_and_instances_override_the_top_table() {
    let config = Folder::new(WHOLE, 0o644).load().unwrap();
    let [ops, shop] = config.instances.as_slice() else { panic!("two instances") };
    assert_eq!((ops.label.shown(), ops.gateway), ("ops", GatewayKind::RyzeApi));
    assert_eq!(ops.base_url.as_str(), "https://ryzeapi.cloud");
    assert!(matches!(&ops.instance, InstanceName::Plain(name) if name == "harbor"));
    let ids: Vec<_> = ops.communities.iter().map(|id| (id.value.as_str(), id.line)).collect();
    assert_eq!(ids, [("120363400000000001@g.us", 8), ("120363400000000002@g.us", 9)]);
    assert_eq!(ops.operations.subgroup_limit, 40);
    assert_eq!(ops.operations.pace.link, Duration::from_millis(250));

    assert_eq!(shop.base_url.as_str(), "https://api.z-api.io");
    assert_eq!(shop.ca_file.as_deref(), Some(Path::new("/home/ana/company.pem")));
    assert!(shop.client_token.is_some());
    let operations = &shop.operations;
    assert_eq!(operations.subgroup_limit, 50);
    assert_eq!(operations.pace.leave, Duration::from_secs(3));
    assert!(operations.pace.jitter.abs() < f64::EPSILON);
    assert_eq!(operations.read_back, [Duration::from_secs(1), Duration::from_secs(120)]);
    assert_eq!(operations.timeout.list, Duration::from_secs(180));
    assert_eq!(operations.throttle_pause.most, Duration::from_secs(300));
    assert!(!operations.keep_invite_links);

    assert_eq!(config.ui.theme, ThemeChoice::Dark);
    assert!(config.ui.mouse && config.ui.no_roles && config.ui.no_notifications);
    let keys: Vec<_> =
        config.ui.keys.iter().map(|binding| (&*binding.action.value, binding.keys.len())).collect();
    assert_eq!(keys, [("link", 1), ("leave", 2)]);
    assert_eq!(config.ui.keys[0].action.line, 34);
    assert_eq!(config.state_dir, Path::new("/home/ana/.local/state/synod"));
    assert!(matches!(config.entry("OPS"), Ok(ConfigEntry::Usable(one)) if one.label.shown() == "ops"));
    assert!(matches!(config.entry("none"), Err(NoEntry::Unknown { .. })));
}

#[test]
fn without_tables_everything_has_its_documented_default() {
    let config = Folder::new(&with_line("name", "name = \"ops\""), 0o644).load().unwrap();
    assert_eq!(config.operations, OperationSettings::default());
    assert_eq!(config.instances[0].operations, OperationSettings::default());
    assert_eq!((config.ui.theme, config.ui.mouse), (ThemeChoice::Terminal, false));
}

#[rstest]
#[case::no_quotes("name", "name = CANARY5f1e0d", 2, "is not valid TOML")]
#[case::open_quote("token", "token = \"CANARY5f1e0d", 5, "is not valid TOML")]
#[case::bare("token", "CANARY5f1e0d", 5, "is not valid TOML")]
#[case::twice("extra", "name = \"CANARY5f1e0d\"", 6, "defined twice")]
#[case::unknown_key("extra", "tokn = \"CANARY5f1e0d\"", 6, "you probably meant `token`")]
#[case::strange_key("extra", "CANARY5f1e0d = 1", 6, "unknown in [[instance]]")]
#[case::unknown_gateway("gateway", "gateway = \"CANARY5f1e0d\"", 3, "Known values: ryzeapi, zapi")]
#[case::number("name", "name = 7", 2, "must be a text in quotes")]
#[case::blank_name("name", "name = \" \"", 2, "visible characters")]
#[case::steering_name("name", "name = \"a\\u001bCANARY5f1e0d\"", 2, "visible characters")]
#[case::inline_secret("token", "token = \"CANARY5f1e0d\"", 5, "chmod 600")]
#[case::secret_in_env("token", "token = { env = \"CANARY-5f1e0d/+\" }", 5, "not the secret itself")]
#[case::two_sources("token", "token = { env = \"A\", file = \"CANARY5f1e0d\" }", 5, "one of the keys")]
#[case::no_source("token", "token = {}", 5, "one of the keys")]
#[case::unknown_source("token", "token = { keyring = \"CANARY5f1e0d\" }", 5, "unknown in `token`")]
#[case::command_text("token", "token = { command = \"echo CANARY5f1e0d\" }", 5, "a list of texts")]
#[case::plain_http("extra", "base_url = \"http://CANARY5f1e0d.example\"", 6, "Plain http")]
#[case::user_info("extra", "base_url = \"https://a:CANARY5f1e0d@host\"", 6, "user name or a password")]
#[case::query("extra", "base_url = \"https://host?token=CANARY5f1e0d\"", 6, "query")]
#[case::proxy_password("extra", "proxy = \"http://a:CANARY5f1e0d@host\"", 6, "contains a password")]
#[case::client_token("extra", "client_token = \"CANARY5f1e0d\"", 6, "RyzeAPI does not take `client_token`")]
#[case::communities("extra", "communities = [\n  \"1@g.us\",\n  5\n]", 8, "a list of IDs")]
#[case::slash("instance", "instance = \"a/CANARY5f1e0d\"", 4, "no slashes")]
#[case::span_of_time("extra", "operations.pace.link = \"1 CANARY5f1e0d\"", 6, "duration")]
#[case::jitter("extra", "operations = { pace = { jitter = 2 } }", 6, "from 0 to 1")]
#[case::looks(
    "extra",
    "[instance.operations]\nread_back = [\"3s\", \"3s\"]",
    7,
    "each later than the one before"
)]
#[case::limit("extra", "[operations]\nsubgroup_limit = 0", 7, "from 1 to 10000")]
#[case::time_out("extra", "[operations]\ntimeout = { list = \"0s\" }", 7, "greater than 0")]
#[case::throttle("extra", "[operations]\nthrottle_pause = { first = \"9m\" }", 7, "first pause")]
#[case::operations_key("extra", "[operations]\npaces = 1", 7, "you probably meant `pace`")]
#[case::theme("extra", "[ui]\ntheme = \"CANARY5f1e0d\"", 7, "Known values: terminal")]
#[case::mouse("extra", "[ui]\nmouse = \"yes\"", 7, "true or false")]
#[case::keys("extra", "[ui]\nkeys = { link = 1 }", 7, "A key must be a text")]
#[case::top_key("extra", "[operation]\npace = 1", 6, "you probably meant `operations`")]
fn a_mistake_is_reported_with_its_line_and_without_a_value(
    #[case] key: &str,
    #[case] line: &str,
    #[case] expected: usize,
    #[case] words: &str,
) {
    let problem = Folder::new(&with_line(key, line), 0o644).problem();
    let text = said(&problem);
    assert_eq!(problem.line, expected, "{text}");
    assert!(text.contains(words) && text.contains("For example: "), "{text}");
    assert!(text.contains(&format!("config.toml, line {expected}: ")), "{text}");
    for shown in [text, format!("{problem:?}")] {
        assert!(!shown.contains("5f1e0d"), "{shown}");
    }
}

#[rstest]
#[case("name", "name")]
#[case("gateway", "gateway")]
#[case("instance =", "instance")]
#[case("token", "token")]
fn a_missing_key_is_reported_at_the_heading_of_its_instance(#[case] key: &str, #[case] named: &str) {
    let error = said(&Folder::new(&with_line(key, ""), 0o644).problem());
    assert!(error.contains(&format!("line 1: `{named}` is missing here.")), "{error}");
}

/// An entry with this name, for this instance.
fn entry(name: &str, instance: &str) -> String {
    with_line("name", &format!("name = \"{name}\"")).replace("\"harbor\"", instance) + "\n"
}

#[test]
fn two_entries_with_one_name_are_both_broken_and_the_others_work() {
    let text = entry("ops", "\"a\"") + &entry("shop", "\"b\"") + &entry("OPS", "\"c\"");
    let config = Folder::new(&text, 0o644).load().unwrap();
    assert_eq!(config.instances.iter().map(|one| one.label.shown()).collect::<Vec<_>>(), ["shop"]);
    let [first, second] = config.broken.as_slice() else { panic!("{:?}", config.broken) };
    assert!(matches!(&first.fault, InstanceFault::SameName { others, .. } if *others == [11]));
    assert!(matches!(&second.fault, InstanceFault::SameName { others, .. } if *others == [1]));
    let (first, second) = (said(first), said(second));
    assert!(first.contains("line 2: The instance in line 11 already has this name"), "{first}");
    assert!(second.contains("line 12: The instance in line 1 already has this name"), "{second}");
    for (name, line) in [("ops", 1), ("OPS", 11)] {
        assert!(matches!(config.entry(name), Ok(ConfigEntry::Broken(one)) if one.line == line), "{name}");
    }
    let error = config.entry("Ops").unwrap_err();
    assert!(
        said(&error).contains("means several instances of the configuration: \"ops\", \"OPS\""),
        "{error:?}"
    );
    assert_eq!(config.names(), "\"ops\", \"shop\", \"OPS\"");
    // The same letters in another encoding, and other blanks, are the same name.
    for (one, other) in [("Jos\u{e9}", "Jose\u{301}"), ("a  b", "A b"), ("stra\u{df}e", "STRASSE")] {
        let text = entry(one, "\"a\"") + &entry(other, "\"b\"");
        let config = Folder::new(&text, 0o644).load().unwrap();
        assert_eq!((config.instances.len(), config.broken.len()), (0, 2), "{one}");
    }
}

#[test]
fn a_name_means_the_entry_that_is_most_like_it() {
    let text =
        ["Jos\u{e9}", "Jose", "Nu\u{f1}ez", "Nu\u{fa}nez"].map(|name| entry(name, &format!("{name:?}")));
    let config = Folder::new(&text.concat(), 0o644).load().unwrap();
    let found = |name: &str| match config.entry(name) {
        Ok(ConfigEntry::Usable(one)) => one.label.shown().to_owned(),
        Ok(ConfigEntry::Broken(one)) => panic!("{one:?}"),
        Err(error) => said(&error),
    };
    for (given, label) in [
        ("Jos\u{e9}", "Jos\u{e9}"),
        ("JOS\u{c9}", "Jos\u{e9}"),
        ("jose\u{301}", "Jos\u{e9}"),
        ("Jose", "Jose"),
        ("jose", "Jose"),
        (" JOSE", "Jose"),
        ("nunez", "Nu\u{f1}ez"),
        ("nuunez", "Nu\u{fa}nez"),
        ("zoe", "no instance"),
        ("J\u{f3}se", "no instance"),
    ] {
        assert!(found(given).contains(label), "{given}: {}", found(given));
    }
    let text = ["Jos\u{e9}", "Jos\u{e8}"].map(|name| entry(name, &format!("{name:?}"))).concat();
    let config = Folder::new(&text, 0o644).load().unwrap();
    let error = config.entry("jose").unwrap_err();
    assert!(said(&error).contains("\"Jos\u{e9}\", \"Jos\u{e8}\""), "{error:?}");
}

#[test]
fn two_entries_for_one_instance_are_both_broken_however_they_spell_it() {
    let at = |name: &str, url: &str| entry(name, "\"harbor\"") + &format!("base_url = {url:?}\n");
    let text =
        at("one", "http://localhost:8080") + &at("two", "HTTP://[::1]:8080/") + &entry("far", "\"harbor\"");
    let config = Folder::new(&text, 0o644).load().unwrap();
    assert_eq!(config.instances.iter().map(|one| one.label.shown()).collect::<Vec<_>>(), ["far"]);
    let faults: Vec<String> = config.broken.iter().map(said).collect();
    assert!(faults[0].contains("line 1: The entry in line 7 is the same instance"), "{faults:?}");
    assert!(faults[1].contains("line 7: The entry in line 1 is the same instance"), "{faults:?}");
    // On Z-API, the name is a secret: the same source is the same instance.
    let zapi = |name: &str| entry(name, "{ env = \"ZAPI_INSTANCE\" }").replace("ryzeapi", "zapi");
    let config = Folder::new(&(zapi("one") + &zapi("two")), 0o644).load().unwrap();
    assert_eq!((config.instances.len(), config.broken.len()), (0, 2));
}

#[test]
fn a_mistake_in_an_entry_breaks_only_that_entry() {
    let bad = entry("bad", "\"b\"").replace("ryzeapi", "CANARY5f1e0d") + "[instance.operations]\npaces = 1\n";
    let nameless = entry(" ", "\"c\"");
    let text = entry("ops", "\"a\"") + &bad + &nameless + &entry("shop", "\"d\"");
    let config = Folder::new(&text, 0o644).load().unwrap();
    assert_eq!(config.instances.iter().map(|one| one.label.shown()).collect::<Vec<_>>(), ["ops", "shop"]);
    let [bad, nameless] = config.broken.as_slice() else { panic!("{:?}", config.broken) };
    assert_eq!((bad.label.as_ref().map(Name::shown), bad.line, bad.gateway), (Some("bad"), 6, None));
    assert_eq!((&nameless.label, nameless.line, nameless.gateway), (&None, 13, Some(GatewayKind::RyzeApi)));
    assert_eq!(said(&nameless.title()), "(line 13)");
    let lines: Vec<usize> = config.entries().iter().map(ConfigEntry::line).collect();
    assert_eq!(lines, [1, 6, 13, 18]);
}

#[test]
fn without_a_configuration_the_message_says_how_to_start() {
    let empty = Folder::new("", 0o644);
    let error = empty.load().unwrap_err();
    assert!(matches!(error, ConfigError::NoInstances { .. }));
    let home = empty.0.path().to_owned();
    let environment = Environment { home: Some(home), ..Environment::default() };
    let none = Config::load(None, None, &environment).unwrap_err();
    assert!(matches!(none, ConfigError::None { .. }));
    let missing = Config::load(Some(Path::new("/nowhere/c.toml")), None, &environment).unwrap_err();
    assert!(matches!(missing, ConfigError::Missing { .. }));
    for error in [error, none, missing] {
        let text = said(&error);
        assert!(text.contains("synod demo") && text.contains("[[instance]]"), "{text}");
    }
}

#[test]
fn paths_come_from_the_argument_then_the_environment_then_the_home_folder() {
    let mut environment = Environment { home: Some("/home/ana".into()), ..Environment::default() };
    let file = |asked: Option<&str>, environment: &Environment| {
        paths::config_file(asked.map(Path::new), environment).unwrap().path
    };
    let state = |environment: &Environment| paths::state_dir(None, environment).unwrap();
    assert_eq!(file(None, &environment), Path::new("/home/ana/.config/synod/config.toml"));
    environment.config_home = Some("relative".into());
    assert_eq!(file(None, &environment), Path::new("/home/ana/.config/synod/config.toml"));
    environment.config_home = Some("/xdg".into());
    environment.state_home = Some("/xdg-state".into());
    assert_eq!(file(None, &environment), Path::new("/xdg/synod/config.toml"));
    assert_eq!(state(&environment), Path::new("/xdg-state/synod"));
    environment.config = Some("/own.toml".into());
    environment.state_dir = Some("/own-state".into());
    assert_eq!(file(None, &environment), Path::new("/own.toml"));
    assert_eq!(state(&environment), Path::new("/own-state"));
    assert_eq!(file(Some("/asked.toml"), &environment), Path::new("/asked.toml"));
    let nowhere = said(&paths::state_dir(None, &Environment::default()).unwrap_err());
    assert!(nowhere.contains("--state-dir"), "{nowhere}");
    let nowhere = said(&paths::config_file(None, &Environment::default()).unwrap_err());
    assert!(
        nowhere.contains("neither HOME nor XDG_CONFIG_HOME") && nowhere.contains("--config"),
        "{nowhere}"
    );
}

/// The token, or the error, of an instance with this line.
async fn token(folder: &Folder, line: &str, mode: u32) -> Result<SecretString, SecretError> {
    folder.put("config.toml", &with_line("token", line), mode);
    let config = folder.load().unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains(CANARY), "{shown}");
    // This process starts a command.
    let _forking = forking();
    config.instances[0].token.read().await
}

#[tokio::test]
async fn secrets_are_read_from_every_source() {
    let folder = Folder::new("", 0o644);
    folder.put("ryze.token", &format!("{CANARY}\n"), 0o600);
    let inline = format!("token = \"{CANARY}\"");
    let command = format!("token = {{ command = [\"echo\", \" {CANARY} \"] }}");
    for (line, mode) in
        [("token = { file = \"ryze.token\" }", 0o644), (inline.as_str(), 0o600), (command.as_str(), 0o644)]
    {
        let secret = token(&folder, line, mode).await.unwrap();
        assert_eq!(secret.expose_secret(), CANARY, "{line}");
        assert!(!format!("{secret:?}").contains(CANARY));
    }
}

#[tokio::test]
async fn an_unreadable_secret_is_explained_without_its_value() {
    let folder = Folder::new("", 0o644);
    folder.put("open.token", CANARY, 0o602);
    folder.put("long.token", &CANARY.repeat(6000), 0o600);
    folder.put("empty.token", " \n", 0o600);
    folder.put("two.token", &format!("{CANARY} {CANARY}"), 0o600);
    for (source, words) in [
        ("file = \"open.token\"", "open.token: check its contents, then run: chmod go-w /"),
        ("file = \"long.token\"", "longer than 4 KiB"),
        ("command = [\"head\", \"-c\", \"70000\", \"/dev/zero\"]", "longer than 4 KiB"),
        ("file = \"empty.token\"", "is empty"),
        ("file = \"two.token\"", "white space"),
        ("file = \"none.token\"", "cannot be read"),
        ("file = \".\"", "not a file"),
        ("env = \"SYNOD_TEST_NOT_SET\"", "SYNOD_TEST_NOT_SET is not set"),
        ("env = \"C4NARY5F1E0D\"", "that the configuration names is not set"),
        ("command = [\"sh\", \"-c\", \"echo CANARY5f1e0d; echo CANARY5f1e0d >&2; exit 3\"]", "sh failed"),
        ("command = [\"sh\", \"-c\", \"cat\"]", "sh printed nothing"),
        ("command = [\"synod-no-such-program\"]", "cannot be run"),
    ] {
        let error = token(&folder, &format!("token = {{ {source} }}"), 0o644).await.unwrap_err();
        let text = said(&error);
        assert!(text.contains(words), "{text}");
        for shown in [text, format!("{error:?}")] {
            assert!(!shown.to_lowercase().contains("5f1e0d"), "{shown}");
        }
    }
}

#[test]
fn a_secret_may_only_be_in_a_configuration_that_nobody_else_can_access() {
    let text = with_line("token", &format!("token = \"{CANARY}\""));
    for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
        let folder = Folder::new(&text, 0o600 | bit);
        let (text, error) = match folder.load() {
            Err(error) => (said(&error), format!("{error:?}")),
            Ok(config) => (said(&config.broken[0]), format!("{config:?}")),
        };
        let is_written = bit & 0o002 != 0;
        // The user's own group may write it, but may not read a secret in it.
        let mended = text.contains("chmod 600") || bit == 0o020 && text.contains("chmod go-w");
        assert!(if is_written { text.contains("chmod go-w") } else { mended }, "with {bit:o}: {text}");
        assert!(!format!("{text} {error}").contains(CANARY), "with {bit:o}: {text}");
    }
    for mode in [0o600, 0o400, 0o700] {
        assert!(Folder::new(&text, mode).load().unwrap().broken.is_empty(), "with {mode:o}");
    }
}

/// Files of root, such as those in /run/secrets, need only be readable; the user's own files must be private.
#[tokio::test]
async fn a_token_file_that_others_can_read_is_accepted_only_from_root() {
    let folder = Folder::new("", 0o644);
    for mode in [0o444, 0o440, 0o644, 0o604] {
        folder.put("shared.token", CANARY, mode);
        let read = token(&folder, "token = { file = \"shared.token\" }", 0o644).await;
        if rustix::process::geteuid().is_root() {
            assert_eq!(read.unwrap().expose_secret(), CANARY, "{mode:o}");
        } else {
            assert!(said(&read.unwrap_err()).contains("chmod 600 /"), "{mode:o}");
        }
        fs::remove_file(folder.0.path().join("shared.token")).unwrap();
    }
}

#[tokio::test]
async fn a_token_file_is_read_without_its_byte_order_mark_and_through_a_link() {
    let folder = Folder::new("", 0o644);
    let target = folder.put("data", &format!("\u{feff}{CANARY}\r\n"), 0o600);
    std::os::unix::fs::symlink(target, folder.0.path().join("link.token")).unwrap();
    let secret = token(&folder, "token = { file = \"link.token\" }", 0o644).await.unwrap();
    assert_eq!(secret.expose_secret(), CANARY);
}

#[tokio::test]
async fn a_helper_is_searched_beside_the_configuration() {
    let folder = Folder::new("", 0o644);
    let helper = folder.put("helper", &format!("#!/bin/sh\necho {CANARY}\n"), 0o755);
    let line = "token = { command = [\"./helper\"] }";
    assert_eq!(token(&folder, line, 0o644).await.unwrap().expose_secret(), CANARY);
    // Anyone who can write it decides which program runs.
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o757)).unwrap();
    let text = said(&token(&folder, line, 0o644).await.unwrap_err());
    assert!(text.contains("helper: check its contents, then run: chmod go-w /"), "{text}");
    fs::remove_file(&helper).unwrap();
    let text = said(&token(&folder, line, 0o644).await.unwrap_err());
    assert!(text.contains("cannot be run"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_does_not_end_is_stopped() {
    let folder = Folder::new("", 0o644);
    let error = token(&folder, "token = { command = [\"sleep\", \"1000\"] }", 0o644).await.unwrap_err();
    assert!(said(&error).contains("30 seconds"), "{error}");
}

#[test]
fn an_instance_is_identified_by_its_gateway_and_not_by_its_name() {
    let key = |gateway, url, instance: &str| {
        instance_key(gateway, &BaseUrl::parse(url).unwrap(), &SecretString::from(instance))
    };
    let harbor = key(GatewayKind::RyzeApi, "https://ryzeapi.cloud", "harbor");
    // Locks and journal rows use this key: it must never change.
    assert_eq!(harbor.as_str(), "ryzeapi-75950dab3a0636c0");
    assert_eq!(harbor, key(GatewayKind::RyzeApi, "https://RyzeAPI.cloud:443/", "harbor"));
    assert_ne!(harbor, key(GatewayKind::RyzeApi, "https://ryzeapi.cloud", "harbor2"));
    assert_ne!(harbor, key(GatewayKind::Zapi, "https://ryzeapi.cloud", "harbor"));
}

#[test]
fn all_spellings_of_an_address_are_one_instance_with_one_history() {
    let name = SecretString::from("harbor");
    let spellings =
        ["http://localhost:8080", "http://127.0.0.1:8080/", "http://[::1]:8080", "HTTP://LOCALHOST:8080"];
    // Keys as earlier versions made them.
    let recorded = ["ryzeapi-8e5fa5ae3e1746e9", "ryzeapi-15dc747fb1a4438d", "ryzeapi-7e2e71103e40f0d6"];
    for spelling in spellings {
        let base_url = BaseUrl::parse(spelling).unwrap();
        let key = instance_key(GatewayKind::RyzeApi, &base_url, &name);
        assert_eq!(key.as_str(), recorded[0], "{spelling}");
        let former = former_instance_keys(GatewayKind::RyzeApi, &base_url, &name);
        for recorded in &recorded[1..] {
            assert!(former.iter().any(|key| key.as_str() == *recorded), "{spelling}: {former:?}");
        }
        assert!(!former.contains(&key));
    }
    let usual = BaseUrl::parse("https://ryzeapi.cloud").unwrap();
    assert_eq!(former_instance_keys(GatewayKind::RyzeApi, &usual, &name), []);
}

#[test]
fn what_happens_when_the_terminal_goes_away_is_a_setting_of_the_whole_program() {
    let instance = "[[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\ninstance = \"harbor\"\ntoken = { env = \"T\" }\n";
    let read = |text: &str| {
        let environment = Environment::default();
        Config::of_text(Path::new("/x/config.toml"), text, Some(Path::new("/state")), &environment)
    };
    assert_eq!(read(instance).unwrap().on_hangup, OnHangup::Auto);
    for (name, expected) in [("auto", OnHangup::Auto), ("finish", OnHangup::Finish), ("stop", OnHangup::Stop)]
    {
        let text = format!("[operations]\non_hangup = {name:?}\n{instance}");
        assert_eq!(read(&text).unwrap().on_hangup, expected);
    }
    let wrong = read(&format!("[operations]\non_hangup = \"ask\"\n{instance}")).unwrap_err().to_string();
    assert!(wrong.contains("auto, finish, stop") && wrong.contains("line 2"), "{wrong}");
    let one = read(&format!("{instance}[instance.operations]\non_hangup = \"stop\"\n")).unwrap();
    assert!(one.instances.is_empty() && one.broken.len() == 1, "an instance cannot have it: {one:?}");
    assert!(OnHangup::Auto.finishes(true) && !OnHangup::Auto.finishes(false));
    assert!(OnHangup::Finish.finishes(false) && !OnHangup::Stop.finishes(true));
}

#[test]
fn a_shared_store_is_named_by_a_secret_and_keeps_no_invite_links() {
    let instance = "[[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\ninstance = \"harbor\"\ntoken = { env = \"T\" }\n";
    let read = |text: &str| {
        let environment = Environment::default();
        Config::of_text(
            Path::new("/x/config.toml"),
            &format!("{text}\n{instance}"),
            Some(Path::new("/state")),
            &environment,
        )
    };
    let alone = read("").unwrap();
    assert!(alone.store.is_none() && alone.operations.keep_invite_links);
    let named = read("[store]\noperator = \"ana\"").unwrap();
    assert!(named.store.unwrap().url.is_none() && named.operations.keep_invite_links);
    let shared = read("[store]\nurl = { env = \"SYNOD_STORE_URL\" }\noperator = \"ana\"").unwrap();
    assert_eq!(shared.store.unwrap().operator.as_deref(), Some("ana"));
    assert!(!shared.operations.keep_invite_links && !shared.instances[0].operations.keep_invite_links);
    for (wrong, said) in [
        ("[store]\nurl = 5", "line 2"),
        ("[store]\nurl = { env = \"U\" }\noperator = \"a\\u001bb\"", "at most 32 letters"),
        ("[store]\nurl = { env = \"U\" }\nkey = \"x\"", "key"),
    ] {
        let told = read(wrong).unwrap_err().to_string();
        assert!(told.contains(said), "{wrong}: {told}");
    }
}
