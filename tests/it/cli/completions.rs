//! What shells complete: the answers of the program, and the scripts in real shells.

use std::{fs, os::unix::fs::symlink};

use rstest::rstest;

use super::{
    sandbox::{CliSandbox, Ended, PROGRAM, WORLD, ended, exists, is_sentence},
    team::share,
};
use crate::support::{
    process::{self, tool},
    pty::{Pty, Setup},
};

/// A sandbox whose groups are remembered. One of them has a name that a shell must not run.
fn remembering() -> CliSandbox {
    let world = WORLD.replace(
        "\"twins\", ",
        "\"Zed $(touch pwned) `touch pwned` \\\"q\\\"'s\", \"-rf\", \"twofold\", \"twofold\", \"twins\", ",
    );
    let sandbox = CliSandbox::with(&world, "");
    share(&sandbox, "operator = \"ana\"");
    sandbox.expect(0, &["list", "state"]);
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]);
    sandbox
}

/// The answer to a shell.
fn answer(sandbox: &CliSandbox, shell: &str, words: &[&str]) -> Ended {
    let ended = sandbox.run_in(&[&["--", "synod"], words].concat(), &[("SYNOD_COMPLETE", shell)]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{words:?}: {ended:?}");
    ended
}

/// The lines of the answer to fish, which shows them without quotation marks.
fn answers(sandbox: &CliSandbox, words: &[&str]) -> Vec<String> {
    answer(sandbox, "fish", words).stdout.lines().map(str::to_owned).collect()
}

#[test]
fn each_argument_is_completed_with_what_synod_knows() {
    let sandbox = remembering();
    for (words, expected) in [
        (
            &["list", "groups", "--community", ""][..],
            &["Harbor Clinics\t120363400000000001@g.us", "North Schools\t120363400000001001@g.us"][..],
        ),
        (&["link", "x", "--to", "Nor"], &["North Schools\t120363400000001001@g.us"]),
        (&["link", "x", "--to=Nor"], &["--to=North Schools\t120363400000001001@g.us"]),
        (&["unlink", "x", "--from", "harb"], &["Harbor Clinics\t120363400000000001@g.us"]),
        (&["unlink", "Recep"], &["Reception\tHarbor Clinics"]),
        (&["leave", "x", "--exclude", "Class 1A"], &["Class 1A\tNorth Schools"]),
        (&["list", "groups", "--instance", ""], &["ops\tRyzeAPI"]),
        (&["operations", "show", ""], &["1\tlink 1 group to Harbor Clinics"]),
        (&["operations", "undo", ""], &["1\tlink 1 group to Harbor Clinics"]),
        (&["operations", "list", "--by", ""], &["ana"]),
        (&["demo", "--world", "har"], &["harbor"]),
        (&["simulate", "--world", "./"], &[":"]),
        (&["--lang", "p"], &["pt-BR\tportuguês"]),
        (&["--theme", "con"], &["contrast"]),
        (&["init", "--gateway", "z"], &["zapi"]),
        (&["init", "--token-env", "SYNOD_STATE"], &["SYNOD_STATE_DIR"]),
        (&["completions", "f"], &["fish"]),
        (&["operations", "exp"], &["export\tPrint an operation with all its groups"]),
        (
            &["list", "groups", "--cac"],
            &[
                "--cached\tShow what an earlier command or session read, and print how old it is; sends no request",
            ],
        ),
        // Paths are the shell's own matter, and nothing else is completed with files.
        (&["apply", ""], &[":"]),
        (&["--config", ""], &[":"]),
        (&["man", "--dir", ""], &[":/"]),
        (&["init", "--name", ""], &[]),
        (&["link", "x", "--timeout", ""], &[]),
        (&["link", "no such group"], &[]),
    ] {
        assert_eq!(answers(&sandbox, words), expected, "{words:?}");
    }
    let groups = answers(&sandbox, &["link", ""]);
    assert!(groups.contains(&"Night nurses".to_owned()), "{groups:?}");
    // A name that looks like an option is offered by its ID, and so is a name that two groups have.
    assert!(!groups.iter().any(|group| group.starts_with('-')), "{groups:?}");
    for name in ["-rf", "twofold"] {
        let offered: Vec<_> =
            groups.iter().filter(|group| group.ends_with(&format!("@g.us\t{name}"))).collect();
        assert_eq!(offered.len(), if name == "-rf" { 1 } else { 2 }, "{groups:?}");
    }
    assert!(!groups.contains(&"twofold".to_owned()));
    let ids = answers(&sandbox, &["unlink", "12036340000000"]);
    assert!(ids.len() > 3 && ids.iter().all(|id| id.contains("@g.us\t")), "{ids:?}");
}

#[test]
fn an_answer_runs_nothing_creates_nothing_and_complains_about_nothing() {
    let sandbox = CliSandbox::alone();
    // The completions without the options.
    let values = |words: &[&str]| {
        answers(&sandbox, words).into_iter().filter(|value| !value.starts_with("--")).collect::<Vec<_>>()
    };
    assert_eq!(values(&["link", ""]), Vec::<String>::new());
    let touch = |name: &str| format!("{{ command = [\"touch\", {:?}] }}", sandbox.path(name));
    sandbox.write(
        "config.toml",
        &format!(
            "[[instance]]\nname = \"shop\"\ngateway = \"zapi\"\ninstance = {}\ntoken = {}\n",
            touch("one"),
            touch("two")
        ),
    );
    assert_eq!(answers(&sandbox, &["list", "groups", "--instance", ""]), ["shop\tZ-API"]);
    for words in [&["link", ""][..], &["operations", "show", ""], &["link", "--to", ""]] {
        assert_eq!(values(words), Vec::<String>::new());
    }
    let files: Vec<_> =
        fs::read_dir(sandbox.dir.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["config.toml"]);
    // An unknown shell gets no answer.
    let unknown = sandbox.run_in(&["--", "synod", ""], &[("SYNOD_COMPLETE", "tcsh")]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(0), ""));
    // A configuration that cannot be used is not reported either.
    sandbox.write("config.toml", "no [ configuration");
    assert_eq!(values(&["link", ""]), Vec::<String>::new());
}

#[test]
fn no_name_can_run_anything_in_bash() {
    let sandbox = remembering();
    for (mark, open) in [("", ""), ("\"", "\""), ("'", "'")] {
        let line = answer(&sandbox, "bash", &["link", &format!("{open}Zed")]).stdout;
        let mut command = process::command("bash");
        sandbox.dress(&mut command);
        command.args(["-c", "eval \"set -- $LINE\"; printf %s \"$1\""]);
        command.env("LINE", format!("{mark}{}{mark}", line.trim_end()));
        let ended = ended(process::run(&mut command, None));
        assert_eq!(ended.stdout, "Zed $(touch pwned) `touch pwned` \"q\"'s", "{line} {ended:?}");
    }
    assert!(!exists(&sandbox.path("pwned")));
}

/// A shell with the completions, in the sandbox's directory.
fn shell(sandbox: &CliSandbox, name: &str) -> Option<Pty> {
    tool(name)?;
    // Each shell finds the program by its name, as after an installation.
    let programs = sandbox.path("bin");
    fs::create_dir_all(&programs).unwrap();
    symlink(PROGRAM, programs.join("synod")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let setup = Setup::program(Vec::new())
        .variable("PATH", &path)
        .variable("SYNOD_CONFIG", sandbox.path("config.toml").to_str().unwrap())
        .variable("SYNOD_STATE_DIR", sandbox.path("state").to_str().unwrap())
        .variable("SYNOD_LOADED", "and");
    let (words, load): (&[&str], _) = match name {
        "bash" => (&["bash", "--norc", "--noprofile", "-i"], "source <(synod completions bash)"),
        "zsh" => {
            (&["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u -D; source <(synod completions zsh)")
        }
        _ => (&["fish", "--no-config", "--interactive"], "synod completions fish | source"),
    };
    let mut pty = setup.start_other(words)?;
    pty.send(&format!("cd '{}'; {load}; echo loaded-$SYNOD_LOADED-now\r", sandbox.dir.path().display()));
    pty.until_text("loaded-and-now");
    Some(pty)
}

#[rstest]
#[case("bash")]
#[case("zsh")]
#[case("fish")]
fn a_real_shell_completes_names_and_only_the_files_that_belong(#[case] name: &str) {
    let sandbox = remembering();
    sandbox.write("zebra.toml", "");
    let Some(mut pty) = shell(&sandbox, name) else { return };
    for (typed, wanted) in [
        ("synod list groups --community Har\t", "--community Harbor\\ Clinics"),
        ("synod list groups --community=Nor\t", "--community=North\\ Schools"),
        ("synod link \"Phar\t", "link \"Pharmacy night shift\""),
        ("synod unlink 'Class 1C\t", "unlink 'Class 1C'"),
        ("synod unlink Recep\t--from Harb\t", "unlink Reception --from Harbor\\ Clinics"),
        ("synod apply zeb\t", "apply zebra.toml"),
        // No group has this name, so nothing is added.
        ("synod leave zeb\tX", "leave zebX"),
        ("synod operations reti\tre\tX", "operations retireX"),
    ] {
        pty.send(typed);
        pty.until_text(wanted);
        pty.send("\x15");
    }
    // A name with everything that shells obey is one word, and is not run.
    pty.send("synod leave Zed\t");
    pty.until_text("pwned");
    pty.send(" --dry-run; echo ended-$SYNOD_LOADED-now\r");
    pty.until_text("ended-and-now");
    assert!(pty.text().contains("Zed $(touch pwned)"), "{}", pty.text());
    assert!(!exists(&sandbox.path("pwned")));
    pty.send("exit\r");
}

#[test]
fn a_script_can_be_written_into_a_directory_that_does_not_exist() {
    let sandbox = CliSandbox::alone();
    for (shell, file) in [
        ("bash", "synod"),
        ("zsh", "_synod"),
        ("fish", "synod.fish"),
        ("elvish", "synod.elv"),
        ("powershell", "_synod.ps1"),
    ] {
        let printed = sandbox.expect(0, &["completions", shell]).stdout;
        let written = sandbox.expect(0, &["completions", shell, "--dir", "new/completions"]);
        assert_eq!(
            (sandbox.read(&format!("new/completions/{file}")), written.stdout.as_str()),
            (printed, "")
        );
    }
    sandbox.write("taken", "");
    let refused = sandbox.expect(1, &["completions", "bash", "--dir", "taken"]);
    assert!(is_sentence(&refused.stderr) && refused.stderr.contains("taken"), "{}", refused.stderr);
}
