//! How commands handle a listing that lacks many groups which an earlier command read.

use std::fmt::Write;

use super::sandbox::CliSandbox;

/// A community of thirty groups. Its listing is complete once; the next reads end after these numbers of entries.
fn world(entries: &[usize]) -> String {
    let mut world =
        String::from("seed = 3\n[settings]\nlisting_lag_ms = [0, 0]\n[ryzeapi]\nrate_limit = 100000\n");
    for entries in entries {
        // A fault counts only the reads that the earlier faults let through.
        let fault = format!("on = \"subgroups\"\nskip = 1\ntimes = 1\nthen = \"cut\"\nentries = {entries}");
        let _ = writeln!(world, "[[fault]]\n{fault}");
    }
    world.push_str("[[instance]]\nname = \"ops\"\ntoken = \"canary-token-5511\"\n");
    let groups: Vec<String> = (0..30).map(|at| format!("\"Class {at:02}\"")).collect();
    let groups = groups.join(", ");
    let _ = writeln!(
        world,
        "[[community]]\nname = \"North Schools\"\nid = \"120363400000001001\"\ngroups = [{groups}]"
    );
    world
}

/// The entry in the list of communities: the number of groups, and whether it may be incomplete.
fn listed(sandbox: &CliSandbox) -> (u64, bool) {
    let ended = sandbox.expect(0, &["list", "communities", "--json"]);
    let community = &ended.events()[0];
    (community["subgroups"].as_u64().unwrap(), community["incomplete"].as_bool().unwrap())
}

#[test]
fn a_command_compares_its_readings_with_those_of_another() {
    let (sandbox, _simulator) = CliSandbox::watching(&world(&[9, 20]));
    assert_eq!(listed(&sandbox), (30, false));
    assert_eq!(listed(&sandbox), (19, true));
    assert_eq!(listed(&sandbox), (30, false));
    let (sandbox, _simulator) = CliSandbox::watching(&world(&[9, 9]));
    listed(&sandbox);
    assert_eq!(listed(&sandbox), (8, false), "two in a row agree");
}
