//! Who began which operation: in the list, in one operation, in JSON and in exports.

use super::{sandbox::CliSandbox, team::share};

/// Makes this operator the one who is recorded.
fn as_operator(sandbox: &CliSandbox, name: &str) {
    share(sandbox, &format!("operator = {name:?}"));
}

const LINK: [&str; 5] = ["link", "Kitchen", "--to", "Harbor Clinics", "--yes"];
const UNLINK: [&str; 3] = ["unlink", "Kitchen", "--yes"];

/// A journal with an operation of each of two operators.
fn two() -> CliSandbox {
    let sandbox = CliSandbox::new();
    as_operator(&sandbox, "ana");
    sandbox.expect(0, &LINK);
    as_operator(&sandbox, "ben");
    sandbox.expect(0, &UNLINK);
    sandbox
}

#[test]
fn a_list_names_the_operators_if_there_are_several() {
    let sandbox = CliSandbox::new();
    as_operator(&sandbox, "ana");
    sandbox.expect(0, &LINK);
    let alone = sandbox.expect(0, &["operations"]).stdout;
    assert!(!alone.contains("ana@"), "it says nothing new: {alone}");
    as_operator(&sandbox, "ben");
    sandbox.expect(0, &UNLINK);
    let listed = sandbox.expect(0, &["operations", "list"]).stdout;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].contains("ben@") && lines[1].contains("ana@"), "{listed}");
    let shown = sandbox.expect(0, &["operations", "show", "1"]).stdout;
    assert!(shown.lines().next().unwrap().contains("  ana@"), "{shown}");
    let events = sandbox.expect(0, &["operations", "list", "--json"]).events();
    assert_eq!((&events[0]["operator"], &events[1]["operator"]), (&"ben".into(), &"ana".into()));
    assert!(events[0]["host"].as_str().is_some_and(|host| !host.is_empty()), "{events:?}");
}

#[test]
fn a_list_is_limited_to_an_operator_and_to_a_time() {
    let sandbox = two();
    let numbers = |arguments: &[&str]| -> Vec<u64> {
        let all = ["operations", "list", "--json"].iter().chain(arguments).copied().collect::<Vec<_>>();
        let events = sandbox.expect(0, &all).events();
        events.iter().map(|event| event["operation"].as_u64().unwrap()).collect()
    };
    let host = sandbox.expect(0, &["operations", "list", "--json"]).events()[0]["host"].clone();
    let at_host = format!("ben@{}", host.as_str().unwrap());
    assert_eq!(numbers(&["--by", "ANA"]), [1]);
    assert_eq!(numbers(&["--by", &at_host]), [2]);
    assert_eq!(numbers(&["--by", at_host.trim_start_matches("ben")]), [2, 1], "the machine");
    assert_eq!(numbers(&["--by", "ana@elsewhere"]), [0; 0]);
    // The limit counts only operations that match the other options.
    assert_eq!(numbers(&["--by", "ana", "--newest", "1"]), [1]);
    assert_eq!(numbers(&["--since", "1d"]), [2, 1]);
    assert_eq!(numbers(&["--since", "2w", "--by", "ben"]), [2]);
    assert_eq!(numbers(&["--since", "2020-01-31"]), [2, 1]);
    assert_eq!(numbers(&["--since", "2999-12-31"]), [0; 0]);
    assert_eq!(numbers(&["--since", "0s"]), [0; 0]);
    for wrong in ["yesterday", "2026-02-30", "5", "-1d", "1y"] {
        let told = sandbox.expect(2, &["operations", "list", &format!("--since={wrong}")]).stderr;
        assert!(told.contains("12h, 1d or 2w, or a day such as 2026-11-01"), "{wrong}: {told}");
    }
    let told = sandbox.expect(2, &["operations", "list", "--by", " "]).stderr;
    assert!(told.contains("operator@host"), "{told}");
    // A filter in front of another command would do nothing.
    let told = sandbox.expect(2, &["operations", "--by", "ana", "show", "1"]).stderr;
    assert!(told.contains("--by"), "{told}");
}

#[test]
fn an_export_says_who_began_the_operation() {
    let sandbox = two();
    let table = sandbox.expect(0, &["operations", "export", "2"]).stdout;
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert!(lines[0].ends_with(",attempts,last_attempt,operator,host"), "{table}");
    assert!(lines[1].contains(",ben,"), "{table}");
    let json = sandbox.expect(0, &["operations", "export", "2", "--format", "json"]).events();
    assert_eq!(json[0]["operator"], "ben");
}

/// Without a name in the configuration, the login name is recorded.
#[test]
fn the_login_name_is_recorded_by_default() {
    let sandbox = CliSandbox::new();
    assert_eq!(sandbox.run_in(&LINK, &[("LOGNAME", "carla")]).code, Some(0));
    let events = sandbox.expect(0, &["operations", "list", "--json"]).events();
    assert_eq!(events[0]["operator"], "carla");
}
