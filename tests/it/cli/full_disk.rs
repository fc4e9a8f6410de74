//! A disk that is full while something runs: nothing more is sent than is on record, and once there is room again what is
//! left goes on.

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

/// How far a run came with so much room; true when it had sent some and not all of it.
fn ran_with_room_for(blocks: usize) -> bool {
    let (sandbox, simulator) = CliSandbox::watching(&world());
    let rooms: Vec<String> = (1..=GROUPS).map(|at| format!("Room {at}")).collect();
    sandbox.write("rooms.txt", &rooms.join("\n"));
    // What is read and remembered has its room, so that it is the journal of the run that finds none.
    sandbox.expect(0, &["list", "communities"]);
    // A file that would grow beyond this gets the error of a full disk's kind, if the signal does not end the program.
    let ended = sandbox.shell(&format!(
        "ulimit -f {blocks}; \
         exec \"$SYNOD\" link --groups-from rooms.txt --to House --yes --json >/dev/null"
    ));
    let first = sent(&simulator.requests());
    assert!(!ended.stderr.contains("panicked"), "{blocks}: {ended:?}");
    if ended.code == Some(0) {
        return false;
    }
    assert!(ended.stderr.starts_with("synod: ") && ended.stderr.contains("Make room"), "{blocks}: {ended:?}");
    assert!(first.len() < GROUPS, "{blocks}: all was sent without a journal");
    let response: BTreeSet<&str> = ended.stderr.lines().collect();
    assert_eq!(response.len(), ended.stderr.lines().count(), "{blocks}: something is told twice: {ended:?}");
    let codes: &[i32] = if first.is_empty() { &[1] } else { &[3, 4] };
    assert!(ended.code.is_some_and(|code| codes.contains(&code)), "{blocks}: {ended:?}");
    // There is room again: what is on record is no less than what was sent, and the rest goes on.
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
fn a_full_disk_stops_the_sending_and_what_is_left_goes_on_when_there_is_room() {
    // A shell counts blocks of 512 or of 1024 bytes; in both some of these leave off in the middle of the run.
    let stopped = [80, 120, 200, 300, 440, 640].into_iter().filter(|blocks| ran_with_room_for(*blocks));
    assert!(stopped.count() > 0, "no run was stopped in its middle");
}
