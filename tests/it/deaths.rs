//! The real program dies, by every signal and with its terminal, and a new one continues the work. Each group reaches the
//! wanted state, the journal records it, and the gateway saw no unnecessary request.

mod machines;
mod stage;
mod terminals;

use std::collections::BTreeMap;
use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

use rstest::rstest;
use rustix::process::Signal;
use serde_json::Value;
use synod::simulator::{InstanceStanding, Kind, Logged};

use self::stage::{Life, Stage};
use crate::support::pty::Setup;

/// The maximum number of deaths in a run.
const MOST_LIVES: usize = 60;

/// A verb, a group, and the community to link it to or unlink it from.
type Wanted = (String, String, Option<String>);

fn wanted(verb: &str, groups: &[String], community: Option<&String>) -> Vec<Wanted> {
    groups.iter().map(|group| (verb.to_owned(), group.clone(), community.cloned())).collect()
}

fn is_so(truth: &InstanceStanding, (verb, group, community): &Wanted) -> bool {
    match (verb.as_str(), community) {
        ("link" | "move", Some(community)) => truth.is_linked(group, community),
        ("unlink", Some(community)) => !truth.is_linked(group, community),
        ("leave", None) => !truth.is_in(group),
        _ => panic!("unknown task: {verb} {community:?}"),
    }
}

/// Carries out the task in several lives; each dies after at most this many lines. Returns the number of deaths.
fn live_and_die(stage: &Stage, dice: &mut fastrand::Rng, wanted: &[Wanted], lines: usize) -> usize {
    live_and_die_on(stage, dice, &order(wanted), wanted, lines)
}

/// The same for a command that carries out the task.
fn live_and_die_on(
    stage: &Stage,
    dice: &mut fastrand::Rng,
    order: &[String],
    wanted: &[Wanted],
    lines: usize,
) -> usize {
    let before = stage.operations().len();
    let (mut kills, mut is_begun) = (0, false);
    for _ in 0..MOST_LIVES {
        let arguments = if is_begun { resumption(stage, wanted) } else { order.to_vec() };
        match stage.start(&arguments).killed_after(dice.usize(1..=lines)) {
            Life::Killed => (kills, is_begun) = (kills + 1, true),
            Life::Ended(code, said) => {
                assert_eq!(code, Some(0), "{arguments:?}: {said}");
                if wanted.iter().all(|wanted| is_so(&stage.truth(), wanted)) {
                    return kills;
                }
                // It died before anything was on record: there is nothing to continue.
                assert_eq!(stage.operations().len(), before, "the rest is not continued: {said}");
                is_begun = false;
            }
        }
    }
    panic!("{MOST_LIVES} lives were not enough: {:?}", stage.operations());
}

fn order(wanted: &[Wanted]) -> Vec<String> {
    let (verb, _, community) = &wanted[0];
    let mut order = vec![verb.clone()];
    order.extend(wanted.iter().map(|(_, group, _)| group.clone()));
    match community {
        Some(community) => {
            let preposition = if verb == "link" { "--to" } else { "--from" };
            order.extend([preposition.to_owned(), community.clone()]);
        }
        None => order.extend(["--count".to_owned(), wanted.len().to_string()]),
    }
    order.extend(["--yes", "--json"].map(str::to_owned));
    order
}

/// The arguments that continue the rest; leaving groups needs the number of groups.
fn resumption(stage: &Stage, wanted: &[Wanted]) -> Vec<String> {
    let mut resume = ["operations", "resume", "--yes", "--json"].map(str::to_owned).to_vec();
    if wanted[0].0 == "leave" {
        let plan = stage.events(&["operations", "resume", "--dry-run", "--json"]);
        let count = plan.first().map_or(0, |plan| plan["send"].as_u64().unwrap());
        resume.extend(["--count".to_owned(), count.to_string()]);
    }
    resume
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The last journal record of each group in the task.
fn outcomes(stage: &Stage) -> BTreeMap<Wanted, String> {
    let mut outcomes = BTreeMap::new();
    for number in stage.operations() {
        for item in stage.events(&["operations", "show", &number.to_string(), "--json"]) {
            if item["event"] == "item" {
                let community = item["community"].as_str().map(str::to_owned);
                outcomes
                    .insert((text(&item["verb"]), text(&item["group"]), community), text(&item["outcome"]));
            }
        }
    }
    outcomes
}

fn writes(stage: &Stage) -> Vec<Logged> {
    let mut requests = stage.simulator.requests();
    requests.retain(|request| request.kind == Kind::Write);
    requests
}

fn asked(write: &Logged) -> Wanted {
    (write.verb.clone(), write.groups.concat(), write.community.clone())
}

/// Every change is on record as verified, and was requested once, one request at a time.
fn assert_each_done_once(stage: &Stage, wanted: &[Wanted]) {
    let verified: BTreeMap<Wanted, String> =
        wanted.iter().map(|wanted| (wanted.clone(), "verified".to_owned())).collect();
    assert_eq!(outcomes(stage), verified);
    assert_requested(stage, wanted);
}

/// Each of these requests was made once, and no other; one at a time.
fn assert_requested(stage: &Stage, requests: &[Wanted]) {
    let writes = writes(stage);
    // In a world without faults, a request changes nothing only if the group was already in the wanted state.
    let idle: Vec<&Logged> = writes.iter().filter(|write| !write.changed).collect();
    assert!(idle.is_empty(), "it was already in the wanted state: {idle:#?}");
    let mut seen: Vec<Wanted> = writes.iter().map(asked).collect();
    let mut once = requests.to_vec();
    seen.sort();
    once.sort();
    assert_eq!(seen, once, "each was requested once");
    assert_one_at_a_time(&writes);
}

fn assert_one_at_a_time(writes: &[Logged]) {
    for pair in writes.windows(2) {
        let ended = pair[0].answered_at.expect("it was handled");
        assert!(ended <= pair[1].received_at, "two requests at a time: {pair:#?}");
    }
}

#[test]
fn links_into_two_communities_survive_any_number_of_kills() {
    let stage = Stage::new("", &["600ms"]);
    let mut dice = fastrand::Rng::with_seed(11);
    let (free, communities) = (stage.standalone(), stage.communities());
    let first = wanted("link", &free[..6], Some(&communities[0]));
    let second = wanted("link", &free[6..12], Some(&communities[1]));
    for wanted in [&first, &second] {
        let kills = live_and_die(&stage, &mut dice, wanted, 6);
        assert!(kills >= 3, "only {kills} lives were cut short");
    }
    assert_each_done_once(&stage, &[first, second].concat());
}

#[test]
fn unlinks_survive_any_number_of_kills() {
    let stage = Stage::new("", &["600ms"]);
    let community = stage.communities()[0].clone();
    let linked: Vec<String> = stage.truth().communities[&community].iter().take(6).cloned().collect();
    let wanted = wanted("unlink", &linked, Some(&community));
    let kills = live_and_die(&stage, &mut fastrand::Rng::with_seed(12), &wanted, 6);
    assert!(kills >= 3, "only {kills} lives were cut short");
    assert_each_done_once(&stage, &wanted);
}

#[test]
fn leaves_survive_any_number_of_kills() {
    let stage = Stage::new("", &["600ms"]);
    let wanted = wanted("leave", &stage.standalone()[..6], None);
    let kills = live_and_die(&stage, &mut fastrand::Rng::with_seed(13), &wanted, 6);
    assert!(kills >= 3, "only {kills} lives were cut short");
    assert_each_done_once(&stage, &wanted);
}

/// A table that links groups to two communities, unlinks some, and moves some between communities: its path, the wanted changes, and
/// the requests that they take.
fn table_of_many_targets(stage: &Stage, links: usize, others: usize) -> (String, Vec<Wanted>, Vec<Wanted>) {
    let (free, communities) = (stage.standalone(), stage.communities());
    let linked =
        |community: &String| stage.truth().communities[community].iter().cloned().collect::<Vec<_>>();
    let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| &communities[at]);
    let mut wanted = wanted("link", &free[..links], Some(first));
    wanted.extend(self::wanted("link", &free[links..2 * links], Some(second)));
    wanted.extend(self::wanted("unlink", &linked(third)[..others], Some(third)));
    let moved = linked(fourth)[..others].to_vec();
    let mut requests = wanted.clone();
    requests.extend(self::wanted("unlink", &moved, Some(fourth)));
    requests.extend(self::wanted("link", &moved, Some(second)));
    wanted.extend(self::wanted("move", &moved, Some(second)));
    let place = |(verb, _, community): &Wanted| match verb.as_str() {
        "unlink" => String::new(),
        _ => community.clone().unwrap(),
    };
    let rows = wanted.iter().map(|wanted| format!("{},{}\n", wanted.1, place(wanted)));
    let table = format!("group,community\n{}", rows.collect::<String>());
    (stage.write("state.csv", &table), wanted, requests)
}

fn applied(table: &str) -> [String; 4] {
    ["apply", table, "--yes", "--json"].map(str::to_owned)
}

/// The newest record of each group says that the change was verified. An operation that continues another one names only the
/// steps that are left.
fn assert_last_verified(stage: &Stage, wanted: &[Wanted]) {
    let mut last = BTreeMap::new();
    for number in stage.operations() {
        let items = stage.events(&["operations", "show", &number.to_string(), "--json"]);
        let items = items.iter().filter(|event| event["event"] == "item");
        last.extend(items.map(|item| (text(&item["group"]), text(&item["outcome"]))));
    }
    let verified = wanted.iter().map(|(_, group, _)| (group.clone(), "verified".to_owned()));
    assert_eq!(last, verified.collect());
}

#[test]
fn a_table_of_many_targets_survives_any_number_of_kills() {
    let stage = Stage::new("", &["600ms"]);
    let (table, wanted, requests) = table_of_many_targets(&stage, 3, 2);
    let kills = live_and_die_on(&stage, &mut fastrand::Rng::with_seed(15), &applied(&table), &wanted, 6);
    assert!(kills >= 3, "only {kills} lives were cut short");
    assert_last_verified(&stage, &wanted);
    assert_requested(&stage, &requests);
}

#[test]
#[ignore = "takes a minute: eighty groups for five places and thirty kills, for whoever changed the engine or the journal"]
fn a_table_of_many_targets_survives_thirty_kills() {
    let stage = Stage::new("", &["20ms", "60ms", "150ms"]);
    let (table, wanted, requests) = table_of_many_targets(&stage, 30, 10);
    let kills = live_and_die_on(&stage, &mut fastrand::Rng::with_seed(16), &applied(&table), &wanted, 12);
    assert!(kills >= 30, "only {kills} lives were cut short");
    assert_last_verified(&stage, &wanted);
    assert_requested(&stage, &requests);
}

#[test]
#[ignore = "takes minutes: two hundred groups and more than fifty kills, for whoever changed the engine or the journal"]
fn two_hundred_groups_survive_fifty_kills() {
    let stage = Stage::new("", &["20ms", "60ms", "150ms"]);
    let mut dice = fastrand::Rng::with_seed(14);
    let (free, communities) = (stage.standalone(), stage.communities());
    let (one, two) = (Some(&communities[0]), Some(&communities[1]));
    let phases = [
        wanted("link", &free[..30], one),
        wanted("link", &free[30..60], two),
        wanted("unlink", &free[..30], one),
        wanted("unlink", &free[30..60], two),
        wanted("link", &free[..30], two),
        wanted("leave", &free[40..90], None),
    ];
    let kills: Vec<usize> = phases.iter().map(|wanted| live_and_die(&stage, &mut dice, wanted, 12)).collect();
    assert!(kills.iter().sum::<usize>() >= 50, "{kills:?}");
    assert_each_done_once(&stage, &phases.concat());
    eprintln!(
        "{} groups, {kills:?} kills, {} requests",
        phases.concat().len(),
        stage.simulator.requests().len()
    );
}

/// A request that the gateway still works on, and one that it never handles.
const MADE: &str = "then = \"slow\"\nseconds = 0.3";
const NOT_MADE: &str = "then = \"timeout_after\"\nseconds = 0.3\nchange = false";

/// Links four groups, and sends the program a signal while the request for the second is under way, which this fault strikes. Returns
/// the wishes, and how the program ended.
fn signalled_during_the_second_request(
    signal: Signal,
    fault: &str,
) -> (Stage, Vec<Wanted>, ExitStatus, String) {
    let stage = Stage::new(&format!("[[fault]]\non = \"link\"\nnth = 2\n{fault}"), &["700ms"]);
    let community = stage.communities()[0].clone();
    let wanted = wanted("link", &stage.standalone()[..4], Some(&community));
    let mut synod = stage.start(&order(&wanted));
    synod.until(|event| event["state"] == "sending" && event["group"] == wanted[1].1.as_str());
    stage.until("the second request", |_| writes(&stage).len() == 2);
    synod.signal(signal);
    let (status, said) = synod.ended();
    (stage, wanted, status, said)
}

/// Resumes the operation: each request was made once, the second this often.
fn assert_resumed(stage: &Stage, wanted: &[Wanted], times: usize) {
    let resumed = stage.run(&["operations", "resume", "--yes", "--json"]);
    assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
    assert!(wanted.iter().all(|wanted| is_so(&stage.truth(), wanted)));
    let writes = writes(stage);
    assert_one_at_a_time(&writes);
    for (at, wanted) in wanted.iter().enumerate() {
        let made = writes.iter().filter(|write| asked(write) == *wanted);
        assert_eq!(made.count(), if at == 1 { times } else { 1 }, "{wanted:?} of {writes:#?}");
    }
}

#[rstest]
#[case::killed_once_it_was_sent(Signal::KILL, MADE, 1)]
#[case::killed_in_vain(Signal::KILL, NOT_MADE, 2)]
#[case::quit_once_it_was_sent(Signal::QUIT, MADE, 1)]
#[case::quit_in_vain(Signal::QUIT, NOT_MADE, 2)]
fn a_signal_during_a_request_leaves_it_on_record_and_it_is_settled_correctly(
    #[case] signal: Signal,
    #[case] fault: &str,
    #[case] times: usize,
) {
    let (stage, wanted, status, said) = signalled_during_the_second_request(signal, fault);
    let code = status.signal().map_or_else(|| status.code().unwrap(), |number| 128 + number);
    assert_eq!(code, 128 + signal.as_raw(), "{said}");

    let shown = String::from_utf8(stage.run(&["operations", "show", "1"]).stdout).unwrap();
    let sending: Vec<&str> = shown.lines().filter(|line| line.contains("sending")).collect();
    assert_eq!(sending.len(), 1, "{shown}");
    assert_eq!(shown.lines().position(|line| line.contains("sending")), Some(2), "the second group: {shown}");

    assert_resumed(&stage, &wanted, times);
    assert!(outcomes(&stage).values().all(|outcome| outcome == "verified"), "{:?}", outcomes(&stage));
}

#[rstest]
#[case::terminated_once_it_was_sent(Signal::TERM, MADE, 1)]
#[case::terminated_in_vain(Signal::TERM, NOT_MADE, 2)]
#[case::hung_up_once_it_was_sent(Signal::HUP, MADE, 1)]
#[case::hung_up_in_vain(Signal::HUP, NOT_MADE, 2)]
fn a_signal_to_stop_lets_the_request_end_and_the_rest_is_resumed(
    #[case] signal: Signal,
    #[case] fault: &str,
    #[case] times: usize,
) {
    let (stage, wanted, status, said) = signalled_during_the_second_request(signal, fault);
    assert_eq!(status.code(), Some(5), "{said}");
    assert_eq!(writes(&stage).len(), 2, "nothing more was sent");
    assert_eq!(stage.operation(1)["phase"], "ended");

    assert_resumed(&stage, &wanted, times);
}

#[test]
fn a_terminal_that_closes_during_a_run_loses_nothing() {
    let stage = Stage::new("[[fault]]\non = \"link\"\nnth = 2\nthen = \"slow\"\nseconds = 1.0", &["1800ms"]);
    let Some(mut pty) = Setup::program(stage.places()).start() else { return };
    pty.until_text("Standalone groups 100");
    pty.types("\t\t   l");
    pty.until_text("Press [y] to run it for 3 groups");
    pty.types("y");
    stage.until("the second request", |_| writes(&stage).len() == 2);
    pty.hang_up();
    assert_eq!(pty.exit_code(), 129);

    let resumed = stage.run(&["operations", "resume", "--yes", "--json"]);
    assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
    let wanted: Vec<Wanted> = outcomes(&stage).into_keys().collect();
    assert_eq!(wanted.len(), 3);
    assert!(wanted.iter().all(|wanted| wanted.0 == "link" && is_so(&stage.truth(), wanted)));
    assert_each_done_once(&stage, &wanted);
}

#[test]
fn a_second_writer_is_refused_and_learns_who_is_writing() {
    let stage = Stage::new("[[fault]]\non = \"link\"\nnth = 1\nthen = \"slow\"\nseconds = 1.5", &["300ms"]);
    let (free, community) = (stage.standalone(), stage.communities()[0].clone());
    let first = wanted("link", &free[..1], Some(&community));
    let mut synod = stage.start(&order(&first));
    synod.until(|event| event["state"] == "sending");
    stage.until("the first request", |_| writes(&stage).len() == 1);

    let second = order(&wanted("link", &free[1..2], Some(&community)));
    let refused = stage.run(&second);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(7), "{said}");
    assert!(said.contains(&format!("another Synod (process {}, since", synod.process())), "{said}");
    assert!(said.contains("is using this instance"), "{said}");

    let (status, said) = synod.ended();
    assert_eq!(status.code(), Some(0), "{said}");
    assert_each_done_once(&stage, &first);
}

#[test]
fn a_request_that_outlives_its_synod_is_not_sent_a_second_time() {
    let slow = "[[fault]]\non = \"link\"\nnth = 2\nthen = \"slow\"\nseconds = 4.5";
    let stage = Stage::with_timeout(slow, &["200ms"], "6s");
    let community = stage.communities()[0].clone();
    let wanted = wanted("link", &stage.standalone()[..3], Some(&community));
    let mut synod = stage.start(&order(&wanted));
    stage.until("the second request", |_| writes(&stage).len() == 2);
    synod.signal(Signal::KILL);
    synod.ended();
    let resumed = stage.run(&["operations", "resume", "--yes", "--json"]);
    assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
    let said = String::from_utf8(resumed.stdout).unwrap();
    assert!(
        said.contains(r#""event":"operation_paused""#) && said.contains(r#""code":"in_flight""#),
        "{said}"
    );
    assert_each_done_once(&stage, &wanted);
}

#[test]
fn a_run_whose_state_directory_is_removed_stops_and_says_why() {
    let stage = Stage::new("[[fault]]\non = \"link\"\nnth = 2\nthen = \"slow\"\nseconds = 1.0", &["200ms"]);
    let community = stage.communities()[0].clone();
    let mut synod = stage.start(&order(&wanted("link", &stage.standalone()[..6], Some(&community))));
    stage.until("the second request", |_| writes(&stage).len() == 2);
    stage.remove_state();
    let (status, said) = synod.ended();
    assert!(status.code().is_some_and(|code| ![0, 5].contains(&code)), "{status:?} {said}");
    assert!(said.contains("was removed or replaced while Synod used it"), "{said}");
    assert_eq!(writes(&stage).len(), 2, "nothing more was sent");
}

#[test]
fn two_spellings_of_one_address_share_the_journal_and_the_lock() {
    let stage = Stage::new("[[fault]]\non = \"link\"\nnth = 1\nthen = \"slow\"\nseconds = 1.5", &["300ms"]);
    let (free, community) = (stage.standalone(), stage.communities()[0].clone());
    let first = wanted("link", &free[..1], Some(&community));
    let mut synod = stage.start(&order(&first));
    stage.until("the first request", |_| writes(&stage).len() == 1);
    stage.spell_address("localhost");
    let refused = stage.run(&order(&wanted("link", &free[1..2], Some(&community))));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(7), "{said}");
    assert!(said.contains(&format!("another Synod (process {}, since", synod.process())), "{said}");
    let (status, said) = synod.ended();
    assert_eq!(status.code(), Some(0), "{said}");
    assert_each_done_once(&stage, &first);
}
