//! A disk that fills up while something runs: Synod sends nothing that it cannot record. When there is room again, the
//! rest continues.

use std::collections::BTreeSet;

use synod::simulator::{Kind, Logged};

use super::sandbox::CliSandbox;

const GROUPS: usize = 8;

fn world() -> String {
    let names: Vec<String> = (1..=GROUPS).map(|at| format!("\"Room {at}\"")).collect();
    format!(
        "seed = 4\n\n[settings]\nlink_delay_ms = 0\nlisting_lag_ms = [0, 0]\n\n[ryzeapi]\nrate_limit = 100000\n\n\
         [[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\ntoken = \"canary\"\n\n\
         [[community]]\nname = \"House\"\ngroups = [\"Attic\", \"Cellar\"]\n\n[standalone]\ngroups = [{}]\n",
        names.join(", ")
    )
}

/// The groups that writes were sent for, in order.
fn sent(requests: &[Logged]) -> Vec<String> {
    let writes = requests.iter().filter(|asked| asked.kind == Kind::Write);
    writes.flat_map(|asked| asked.groups.clone()).collect()
}

/// Runs with this file size limit; true if it sent some of the requests but not all.
fn ran_with_room_for(blocks: usize) -> bool {
    let (sandbox, simulator) = CliSandbox::watching(&world());
    let rooms: Vec<String> = (1..=GROUPS).map(|at| format!("Room {at}")).collect();
    sandbox.write("rooms.txt", &rooms.join("\n"));
    // Reading and remembering have enough room, so only the journal of the run fills the disk.
    sandbox.expect(0, &["list", "communities"]);
    // A file that would exceed this limit gets an error like that of a full disk, unless the signal ends the program.
    let ended = sandbox.shell(&format!(
        "ulimit -f {blocks}; \
         exec \"$SYNOD\" link --groups-from rooms.txt --to House --yes --json >/dev/null"
    ));
    let first = sent(&simulator.requests());
    assert!(!ended.stderr.contains("panicked"), "{blocks}: {ended:?}");
    if ended.code == Some(0) {
        return false;
    }
    assert!(
        ended.stderr.starts_with("synod: ") && ended.stderr.contains("Free some space"),
        "{blocks}: {ended:?}"
    );
    assert!(first.len() < GROUPS, "{blocks}: everything was sent without a journal");
    let told: BTreeSet<&str> = ended.stderr.lines().collect();
    assert_eq!(told.len(), ended.stderr.lines().count(), "{blocks}: something is reported twice: {ended:?}");
    let codes: &[i32] = if first.is_empty() { &[1] } else { &[3, 4] };
    assert!(ended.code.is_some_and(|code| codes.contains(&code)), "{blocks}: {ended:?}");
    // There is room again: everything that was sent is on record, and the rest continues.
    if first.is_empty() {
        sandbox.expect(0, &["link", "--groups-from", "rooms.txt", "--to", "House", "--yes"]);
    } else {
        let resumed = sandbox.run(&["operations", "resume", "--yes", "--json"]);
        assert_eq!(resumed.code, Some(0), "{blocks}: {resumed:?}");
    }
    let all = sent(&simulator.requests());
    let each: BTreeSet<&String> = all.iter().collect();
    assert_eq!(
        (all.len(), each.len()),
        (GROUPS, GROUPS),
        "{blocks}: something was sent twice, or not at all"
    );
    assert_eq!(sandbox.members("House").len(), GROUPS + 2, "{blocks}");
    !first.is_empty()
}

#[test]
fn a_full_disk_stops_the_sending_and_the_rest_continues_when_there_is_room() {
    // A shell counts blocks of 512 or of 1024 bytes; with both, some of these limits end the run in the middle.
    let stopped = [80, 120, 200, 300, 440, 640].into_iter().filter(|blocks| ran_with_room_for(*blocks));
    assert!(stopped.count() > 0, "no run was stopped in its middle");
}
