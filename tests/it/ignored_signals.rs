//! The tests themselves, started with ignored signals: by `nohup`, or in the background of a script.

use crate::support::process::{command, run_group};

#[test]
fn tests_of_signals_pass_if_signals_are_ignored() {
    let mut started = command("sh");
    started
        .args(["-c", "trap '' HUP INT QUIT TERM\nexec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap());
    started.args(["pty::a_signal_ends_it", "pty::it_ends_when", "cli::signals::"]);
    started.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let ended = run_group(&mut started, None);
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(said.contains("test result: ok") && !said.contains(" 0 passed"), "{said}");
}
