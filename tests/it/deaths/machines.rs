//! Two machines with one journal: the real program twice, with two homes, two state directories and two operators, on one server and one
//! gateway.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{
    asked, assert_one_at_a_time, assert_requested, order, outcomes,
    stage::{Running, Stage},
    terminals::{SLOW_SECOND, linking_all},
    wanted, writes,
};
use crate::support::{
    postgres::Postgres,
    proxy::Proxy,
    pty::{Pty, Setup},
};

/// Ana links groups, and Ben watches her.
struct Team {
    ana: Stage,
    ben: Stage,
    running: Running,
    wanted: Vec<super::Wanted>,
}

impl Team {
    fn new(url: &str, faults: &str, groups: usize) -> Self {
        Self::over([url, url], faults, groups)
    }

    /// Ana and Ben reach the server over these addresses.
    fn over([ana, ben]: [&str; 2], faults: &str, groups: usize) -> Self {
        let stage = Stage::new(faults, &["100ms"]);
        stage.pace("150ms");
        let (ana, ben) = (stage.machine("ana", ana), stage.machine("ben", ben));
        let community = stage.communities()[0].clone();
        let wanted = wanted("link", &stage.standalone()[..groups], Some(&community));
        let running = ana.start(&order(&wanted));
        Self { ana, ben, running, wanted }
    }

    fn until_verified(&mut self, count: usize) {
        for _ in 0..count {
            self.running.until(|event| event["event"] == "item_finished");
        }
    }
}

/// How many groups are not finished yet, as the screen shows it.
fn to_go(text: &str) -> Option<usize> {
    let (before, _) = text.split_once(" to go")?;
    before.rsplit(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// Waits until the screen shows at most this many groups that are not finished.
fn until_left(screen: &mut Pty, count: usize) {
    screen
        .until(&format!("{count} to go"), |shown| to_go(&shown.contents()).is_some_and(|left| left <= count));
}

#[test]
fn a_machine_follows_another_takes_over_when_it_is_killed_and_looks_first() {
    let Some(server) = Postgres::shared() else { return };
    let slow = "[[fault]]\non = \"link\"\nnth = 32\nthen = \"slow\"\nseconds = 1.5";
    let mut team = Team::new(&server.url(&server.database()), slow, 40);
    team.until_verified(2);
    let Some(mut screen) = Setup::program(team.ben.places()).start() else { return };
    screen.until_text(" to go");
    // What Ana's program reports is on Ben's screen within a second, and a few more if the machine is busy.
    for finished in 3..=5 {
        team.until_verified(1);
        let reported = Instant::now();
        until_left(&mut screen, 40 - finished);
        assert!(reported.elapsed() < Duration::from_secs(5), "{:?}", reported.elapsed());
    }
    team.ana.until("the slow request", |stage| writes(stage).len() == 32);
    team.running.signal(Signal::KILL);
    let killed_at = writes(&team.ana).len();
    screen.until_text("interrupted");
    team.ben.until("the end of the operation", |ben| ben.operation(1)["phase"] == "ended");
    let settled = team.ben.operation(1);
    assert_eq!(settled["stopped"]["code"], "interrupted", "{settled}");
    assert_eq!(settled["totals"]["not_sent"], 8, "{settled}");
    assert_eq!(writes(&team.ben).len(), killed_at, "taking over sends nothing");
    screen.types("qy");
    let resumed = team.ben.run(&["operations", "resume", "1", "--yes", "--json"]);
    assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
    assert_requested(&team.ben, &team.wanted);
    assert!(outcomes(&team.ana).values().all(|outcome| outcome == "verified"), "both see the same journal");
    assert_eq!(outcomes(&team.ana).len(), 40);
}

#[test]
fn a_command_goes_on_after_a_restart_of_the_server_and_says_so_once() {
    let Some(mut server) = Postgres::start(&["fsync=on"]) else { return };
    let mut team = Team::new(&server.url(&server.database()), "", 30);
    team.until_verified(2);
    server.stop();
    let mut said = team.running.until_said("cannot be reached");
    let sent = writes(&team.ana).len();
    assert!(sent < 30);
    server.run();
    let (status, rest) = team.running.ended();
    said += &rest;
    assert_eq!(status.code(), Some(0), "{said}");
    for text in
        ["The store cannot be reached: nothing is sent. Trying again.", "The store can be reached again."]
    {
        assert_eq!(said.matches(text).count(), 1, "{said}");
    }
    assert_requested(&team.ana, &team.wanted);
    assert!(outcomes(&team.ben).values().all(|outcome| outcome == "verified"));
}

#[test]
fn a_command_says_who_settled_its_operation_while_it_was_cut_off() {
    let Some(server) = Postgres::shared() else { return };
    let (proxy, database) = (Proxy::on_a_thread(server.port()), server.database());
    let mut team = Team::over([&proxy.url(&database), &server.url(&database)], "", 30);
    team.until_verified(2);
    proxy.cut();
    let mut said = team.running.until_said("cannot be reached");
    team.ben.until("the lock that Ana lost", |ben| {
        ben.run(&["operations", "resume", "1", "--dry-run"]);
        ben.operation(1)["phase"] == "ended"
    });
    proxy.restore();
    let (status, rest) = team.running.ended();
    said += &rest;
    assert_eq!(status.code(), Some(3), "{said}");
    assert_eq!(said.matches("The store can be reached again.").count(), 1, "{said}");
    assert!(said.contains("ben@") && said.contains("settled operation 1"), "{said}");
    assert!(said.contains("`synod operations resume 1` continues"), "{said}");
    assert!(!said.contains("Nothing more is sent here"), "nobody holds the lock by then: {said}");
}

#[test]
fn resuming_what_another_machine_runs_unpaused_claims_no_confirmation() {
    let Some(server) = Postgres::shared() else { return };
    let mut team = Team::new(&server.url(&server.database()), "", 30);
    team.until_verified(1);
    let resumed = team.ben.run(&["operations", "resume", "1", "--yes"]);
    let said = String::from_utf8(resumed.stderr).unwrap() + &String::from_utf8(resumed.stdout).unwrap();
    assert!(resumed.status.success() && said.contains("was asked to continue"), "{said}");
    assert!(!said.contains("Operation 1 continues."), "{said}");
    assert_eq!(team.running.ended().0.code(), Some(0));
}

#[test]
fn a_command_can_be_stopped_while_the_server_is_away() {
    for signal in [Signal::TERM, Signal::INT] {
        let Some(mut server) = Postgres::start(&["fsync=on"]) else { return };
        let mut team = Team::new(&server.url(&server.database()), "", 30);
        team.until_verified(2);
        server.stop();
        team.running.until_said("cannot be reached");
        let sent = writes(&team.ana).len();
        team.running.signal(signal);
        let (status, said) = team.running.ended();
        assert_eq!(status.code(), Some(5), "{said}");
        assert!(said.contains("Stopped while the store cannot be reached"), "{said}");
        server.run();
        let resumed = team.ben.run(&["operations", "resume", "1", "--yes", "--json"]);
        assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
        assert!(writes(&team.ben).len() >= sent);
        assert_requested(&team.ben, &team.wanted);
        assert_one_at_a_time(&writes(&team.ben));
        assert!(writes(&team.ben).iter().map(asked).all(|asked| team.wanted.contains(&asked)));
    }
}

#[test]
fn what_cannot_be_handed_over_while_the_server_is_away_goes_on_in_the_foreground() {
    let Some(mut server) = Postgres::start(&["fsync=on"]) else { return };
    let ana = Stage::new(SLOW_SECOND, &["100ms"]).machine("ana", &server.url(&server.database()));
    let Some(mut screen) = linking_all(&ana, Setup::program(ana.places())) else { return };
    server.stop();
    screen.until_text("The store cannot be reached");
    screen.types("d");
    screen.until_bytes("They go on here");
    server.run();
    assert_eq!(screen.exit_code(), 0);
    let linked: Vec<super::Wanted> = outcomes(&ana).into_keys().collect();
    assert_eq!(linked.len(), 100);
    assert!(outcomes(&ana).values().all(|outcome| outcome == "verified"));
    assert_requested(&ana, &linked);
}
