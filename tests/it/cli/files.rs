//! Files that somebody else could have placed, files that never end, and the environment of a command for a secret.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

use rustix::process::geteuid;
use synod::simulator::Simulator;

use super::sandbox::{CliSandbox, Ended, WORLD, is_sentence};

/// Another user, and a group of other users.
const STRANGER: u32 = 47_110;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn sandbox() -> (CliSandbox, Simulator) {
    CliSandbox::watching(WORLD)
}

/// The command at the end of a message.
fn command(said: &str) -> &str {
    let line = said.lines().find(|line| line.contains("chmod") || line.contains("chown")).unwrap_or(said);
    line.rfind("chmod").or_else(|| line.rfind("chown")).map_or(line, |at| &line[at..]).trim()
}

/// Ways in which another user could control a file, each with the command that fixes it. Cases that need root run only as
/// root.
fn tampered(file: &Path, quoted: &str) -> Vec<(Box<dyn Fn()>, String)> {
    let own = |mode| {
        let file = file.to_owned();
        let change: Box<dyn Fn()> = Box::new(move || set_mode(&file, mode));
        (change, format!("chmod go-w {quoted}"))
    };
    let mut ways = vec![own(0o666), own(0o602), own(0o646)];
    if geteuid().is_root() {
        let path = file.to_owned();
        let group: Box<dyn Fn()> = Box::new(move || {
            chown(&path, None, Some(STRANGER)).unwrap();
            set_mode(&path, 0o660);
        });
        ways.push((group, format!("chmod go-w {quoted}")));
        let path = file.to_owned();
        let owner: Box<dyn Fn()> = Box::new(move || chown(&path, Some(STRANGER), None).unwrap());
        ways.push((owner, format!("chown 0 {quoted}")));
    }
    ways
}

#[test]
fn files_that_others_can_write_are_refused_with_a_command_that_fixes_them() {
    let (sandbox, _simulator) = sandbox();
    let dir = sandbox.dir.path();
    let (marker, folder) = (sandbox.path("ran"), sandbox.path("it's a folder"));
    fs::create_dir(&folder).unwrap();
    let plain = sandbox.read("config.toml");
    let token = plain.lines().find(|line| line.starts_with("token")).unwrap();
    let script = format!("touch {}; echo canary-token-5511", marker.display());
    let config = folder.join("config.toml");
    let shell_word = |name: &str| format!("'{}/it'\\''s a folder{name}'", dir.display());
    let mut ways = tampered(&config, &shell_word("/config.toml"));
    let open_folder = folder.clone();
    ways.push((Box::new(move || set_mode(&open_folder, 0o777)), format!("chmod go-w {}", shell_word(""))));
    for (change, mends) in ways {
        let text = plain.replace(token, &format!("token = {{ command = [\"sh\", \"-c\", {script:?}] }}"));
        fs::write(&config, text).unwrap();
        set_mode(&config, 0o600);
        set_mode(&folder, 0o755);
        change();
        let path = config.to_str().unwrap();
        for (code, arguments) in [
            (2, &["list", "groups"][..]),
            (2, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]),
            (2, &["operations"]),
            (2, &["apply", "none.json"]),
            (1, &["doctor"]),
        ] {
            let ended = sandbox.expect(code, &[arguments, &["--config", path]].concat());
            let said = ended.stdout + &ended.stderr;
            assert!(said.contains(&mends) || arguments[0] == "apply", "{arguments:?}, {mends}: {said}");
        }
        assert!(!marker.exists(), "{mends}: the command ran");
        let said = sandbox.run(&["list", "groups", "--config", path]).stderr;
        let mended = sandbox.shell(command(&said));
        assert_eq!(mended.code, Some(0), "{said}: {mended:?}");
        sandbox.expect(0, &["list", "groups", "--config", path]);
        fs::remove_file(&marker).unwrap();
        fs::remove_file(&config).unwrap();
    }
}

/// A link in the middle of the path to the configuration is in a folder that other users can write.
#[test]
fn every_link_on_the_path_to_a_configuration_is_checked() {
    let (sandbox, _simulator) = sandbox();
    let (open, own) = (sandbox.path("open"), sandbox.path("own"));
    for folder in [&open, &own] {
        fs::create_dir(folder).unwrap();
        set_mode(folder, 0o755);
    }
    fs::rename(sandbox.path("config.toml"), own.join("real.toml")).unwrap();
    symlink("../own/real.toml", open.join("middle.toml")).unwrap();
    symlink("open/middle.toml", sandbox.path("first.toml")).unwrap();
    symlink("../own", open.join("folder")).unwrap();
    let paths = [sandbox.path("first.toml"), open.join("folder/real.toml"), open.join("middle.toml")];
    for path in &paths {
        let path = path.to_str().unwrap();
        set_mode(&open, 0o755);
        sandbox.expect(0, &["list", "groups", "--config", path]);
        set_mode(&open, 0o777);
        let ended = sandbox.expect(2, &["list", "groups", "--config", path]);
        assert!(ended.stderr.contains("chmod go-w") && ended.stderr.contains("open"), "{path}: {ended:?}");
    }
    // In a folder such as /tmp nobody can replace another user's link.
    set_mode(&open, 0o1777);
    sandbox.expect(0, &["list", "groups", "--config", paths[0].to_str().unwrap()]);
}

#[test]
fn a_shared_folder_is_accepted_if_nobody_can_replace_the_file() {
    let (sandbox, _simulator) = sandbox();
    set_mode(sandbox.dir.path(), 0o1777);
    sandbox.expect(0, &["list", "groups"]);
    // The folder of a link's target counts as well.
    let folder = sandbox.path("elsewhere");
    fs::create_dir(&folder).unwrap();
    fs::rename(sandbox.path("config.toml"), folder.join("real.toml")).unwrap();
    symlink(folder.join("real.toml"), sandbox.path("config.toml")).unwrap();
    sandbox.expect(0, &["list", "groups"]);
    set_mode(&folder, 0o777);
    let said = sandbox.expect(2, &["list", "groups"]).stderr;
    assert!(said.contains(&format!("chmod go-w {}", folder.display())), "{said}");
}

#[test]
fn token_files_and_certificates_are_checked_like_the_configuration() {
    let (sandbox, _simulator) = sandbox();
    let plain = sandbox.read("config.toml");
    let line = |begin: &str| plain.lines().find(|line| line.starts_with(begin)).unwrap().to_owned();
    let file = sandbox.write("secret", "canary-token-5511");
    let token = plain.replace(&line("token"), "token = { file = \"secret\" }");
    let ca = plain.replace(&line("base_url"), "base_url = \"https://127.0.0.1:9\"\nca_file = \"secret\"");
    for text in [token, ca] {
        sandbox.write("config.toml", &text);
        for (change, mends) in tampered(&file, file.to_str().unwrap()) {
            fs::remove_file(&file).unwrap();
            sandbox.write("secret", "canary-token-5511");
            change();
            let listed = sandbox.expect(2, &["list", "groups"]).stderr;
            let checked = sandbox.expect(1, &["doctor"]).stdout;
            for said in [listed, checked] {
                assert!(said.contains(&mends) && !said.contains("canary"), "{mends}: {said}");
            }
        }
    }
}

#[test]
fn a_state_directory_that_others_can_write_is_refused() {
    let (sandbox, _simulator) = sandbox();
    let state = sandbox.path("state");
    sandbox.expect(0, &["operations"]);
    for (change, mends) in tampered(&state, state.to_str().unwrap()) {
        set_mode(&state, 0o755);
        change();
        let linked = sandbox.expect(1, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]);
        assert!(is_sentence(&linked.stderr) && linked.stderr.contains(&mends), "{linked:?}");
        let log = sandbox.expect(1, &["operations", "--log-level", "debug"]);
        assert!(log.stderr.contains(&mends), "{log:?}");
        let checked = sandbox.expect(1, &["doctor"]);
        assert!(checked.stdout.contains(&mends), "{checked:?}");
        assert!(!state.join("log").exists() && !state.join("locks").exists());
        if geteuid().is_root() {
            chown(&state, Some(0), Some(0)).unwrap();
        }
        set_mode(&state, 0o755);
    }
    assert!(!sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
}

/// A file of another user; checks that nothing happened to it.
struct Precious(PathBuf);

impl Precious {
    fn new(sandbox: &CliSandbox) -> Self {
        let path = sandbox.write("precious", "precious");
        set_mode(&path, 0o644);
        Self(path)
    }

    fn check(&self, what: &str) {
        assert_eq!(fs::read_to_string(&self.0).unwrap(), "precious", "{what}");
        assert_eq!(self.0.metadata().unwrap().permissions().mode() & 0o777, 0o644, "{what}");
    }
}

#[test]
fn no_file_of_synods_own_is_written_through_a_link() {
    let (sandbox, _simulator) = sandbox();
    let precious = Precious::new(&sandbox);
    let run = ["link", "Kitchen", "--to", "Harbor Clinics", "--yes", "--log-level", "debug"];
    sandbox.expect(0, &run);
    let state = sandbox.path("state");
    let locks = fs::read_dir(state.join("locks")).unwrap().flatten().map(|entry| entry.file_name());
    let locks = locks.map(|name| format!("locks/{}", name.to_str().unwrap()));
    let mut own = ["log/synod.log", "synod.db", "synod.db-wal", "synod.db-shm", "synod.db-journal"]
        .map(str::to_owned)
        .to_vec();
    own.extend(locks);
    assert!(own.len() > 5, "{own:?}");
    let run = ["unlink", "Kitchen", "--yes", "--log-level", "debug"];
    for name in &own {
        let (path, kept) = (state.join(name), state.join("kept"));
        let was_there = fs::rename(&path, &kept).is_ok();
        for target in [precious.0.as_path(), &sandbox.path("nothing")] {
            symlink(target, &path).unwrap();
            let ended = sandbox.run(&run);
            assert_eq!(ended.code, Some(1), "{name}: {ended:?}");
            assert!(ended.stderr.contains(&format!("rm {}", path.display())), "{name}: {ended:?}");
            sandbox.run(&["operations"]);
            sandbox.run(&["doctor"]);
            precious.check(name);
            assert!(!sandbox.path("nothing").exists(), "{name} was created through a link");
            fs::remove_file(&path).unwrap();
        }
        if was_there {
            fs::rename(&kept, &path).unwrap();
        }
    }
    for name in ["log", "locks"] {
        let (path, elsewhere) = (state.join(name), sandbox.path("elsewhere"));
        fs::create_dir_all(&elsewhere).unwrap();
        fs::rename(&path, state.join("kept")).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let ended = sandbox.run(&run);
        assert_eq!(ended.code, Some(1), "{name}: {ended:?}");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "{name}");
        fs::remove_file(&path).unwrap();
        fs::rename(state.join("kept"), &path).unwrap();
    }
    assert!(sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()), "something was sent");
    sandbox.expect(0, &run);
}

/// The state directory itself may be a link, if the link belongs to the user.
#[test]
fn the_state_directory_may_be_reached_through_a_link() {
    let (sandbox, _simulator) = sandbox();
    fs::create_dir(sandbox.path("disk")).unwrap();
    symlink(sandbox.path("disk"), sandbox.path("state")).unwrap();
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]);
    assert!(sandbox.path("disk/synod.db").is_file());
}

#[test]
fn only_regular_files_of_limited_size_are_read() {
    let (sandbox, _simulator) = sandbox();
    let plain = sandbox.read("config.toml");
    let line = |begin: &str| plain.lines().find(|line| line.starts_with(begin)).unwrap().to_owned();
    let pipe = sandbox.path("pipe");
    assert_eq!(sandbox.shell("mkfifo -m 600 pipe").code, Some(0));
    let huge = sandbox.path("huge");
    fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    set_mode(&huge, 0o600);
    for path in [pipe.to_str().unwrap(), huge.to_str().unwrap(), "/dev/zero", "/dev/stdin", "."] {
        let says = |ended: Ended| {
            assert_eq!(ended.code, Some(2), "{path}: {ended:?}");
            assert!(is_sentence(&ended.stderr), "{path}: {ended:?}");
        };
        says(sandbox.run_with(&["list", "groups", "--config", path], "x"));
        says(sandbox.run_with(&["apply", path, "--yes"], "x"));
        says(
            sandbox.run_with(&["link", "--groups-from", path, "--to", "Harbor Clinics", "--yes"], "Kitchen"),
        );
        says(sandbox.run_with(&["simulate", "--world", path], "x"));
        let of_token = format!("token = {{ file = {path:?} }}");
        let of_ca = format!("base_url = \"https://127.0.0.1:9\"\nca_file = {path:?}");
        for (key, other) in [("token", of_token), ("base_url", of_ca)] {
            sandbox.write("other.toml", &plain.replace(&line(key), &other));
            says(sandbox.run_with(&["list", "groups", "--config", "other.toml"], "x"));
            sandbox.expect(1, &["doctor", "--config", "other.toml"]);
        }
    }
    let listed =
        sandbox.run_with(&["link", "--groups-from", "-", "--to", "Harbor Clinics", "--yes"], "Kitchen");
    assert_eq!(listed.code, Some(0), "{listed:?}");
}

/// Two instances: the command of one must not see the variable that holds the other's secret.
#[test]
fn a_command_for_a_secret_gets_no_other_secret() {
    let (sandbox, _simulator) = sandbox();
    let plain = sandbox.read("config.toml");
    let token = plain.lines().find(|line| line.starts_with("token")).unwrap();
    sandbox.write("helper", "#!/bin/sh\nenv > seen\necho canary-token-5511\n");
    set_mode(&sandbox.path("helper"), 0o700);
    let other = "[[instance]]\nname = \"shop\"\ngateway = \"zapi\"\ninstance = { env = \"SHOP_ID\" }\n\
                 token = { env = \"SHOP_TOKEN\" }\nclient_token = { env = \"SHOP_CLIENT\" }\n";
    let text = plain.replace(token, "token = { command = [\"./helper\"] }");
    fs::create_dir(sandbox.path("away")).unwrap();
    sandbox.write("config.toml", &format!("{text}\n{other}"));
    let secrets = [("SHOP_ID", "canary-id"), ("SHOP_TOKEN", "canary-one"), ("SHOP_CLIENT", "canary-two")];
    for arguments in [&["operations"][..], &["list", "groups", "--instance", "ops"]] {
        let mut command = sandbox.command(arguments);
        // The helper is beside the configuration; the program's working directory does not matter.
        command.envs(secrets).env("HARMLESS", "kept").current_dir(sandbox.path("away"));
        let ended = super::sandbox::ended(crate::support::process::run(&mut command, None));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let seen = sandbox.read("away/seen");
        assert!(seen.contains("HARMLESS=kept") && !seen.contains("canary"), "{seen}");
    }
}

#[test]
fn a_failed_command_is_reported_with_its_first_line_and_without_secrets() {
    let (sandbox, _simulator) = sandbox();
    let plain = sandbox.read("config.toml");
    let token = plain.lines().find(|line| line.starts_with("token")).unwrap();
    sandbox.write("file.token", "canary-of-a-file");
    let other = "[[instance]]\nname = \"shop\"\ngateway = \"zapi\"\ninstance = { file = \"file.token\" }\n\
                 token = \"canary-inline\"\nclient_token = { env = \"SHOP_CLIENT\" }\n";
    let complaint = "echo canary-output; printf '\\n  agent: no key for canary-\\342\\200\\213output, canary-of-a-file, \
                     canary-inline, canary-of-env\\033[31m\\nsecond line\\n' >&2; exit 3";
    let text = plain.replace(token, &format!("token = {{ command = [\"sh\", \"-c\", {complaint:?}] }}"));
    sandbox.write("config.toml", &format!("{text}\n{other}"));
    for (code, arguments) in
        [(0, &["operations"][..]), (2, &["operations", "--instance", "ops"]), (1, &["doctor"])]
    {
        let ended = sandbox.run_in(arguments, &[("SHOP_CLIENT", "canary-of-env")]);
        assert_eq!(ended.code, Some(code), "{ended:?}");
        let said = ended.stdout + &ended.stderr;
        assert!(said.contains("agent: no key for ") && said.contains("***"), "{said}");
        assert!(!said.contains("second line") && !said.contains('\u{1b}'), "{said}");
        assert!(!said.contains("canary-o") && !said.contains("canary-i"), "{said}");
    }
    // A large output neither blocks the command nor fills the memory.
    let script = "yes x | head -c 3000000 >&2; exit 3";
    let text = plain.replace(token, &format!("token = {{ command = [\"sh\", \"-c\", {script:?}] }}"));
    sandbox.write("config.toml", &text);
    let said = sandbox.expect(2, &["operations"]).stderr;
    assert!(said.contains("“x”"), "{said}");
}
