//! The rows of a small world: starts, a cursor that moves, rest, memory, endings, and what a terminal can do to a program.

use std::{path::Path, time::Duration};

use crate::{
    endings::{endings, is_alike, steady},
    gateway::{Gateway, record},
    measure::{Presses, Start, contains, lead, moves, rest, starts, used},
    programs::{Program, write_lines},
    pty::{How, Pty},
    table::{Row, Table, ms},
};

/// What each reference shows in place of the small world.
const ROWS: usize = 200;

/// How often each program is started.
const STARTS: usize = 9;

const QUIET: Duration = Duration::from_millis(600);

struct Found {
    start: Start,
    moves: Option<Presses>,
    pty: Pty,
}

/// Adds the rows.
pub(crate) fn rows(table: &mut Table, folder: &Path) {
    let lines = folder.join("lines");
    write_lines(&lines, ROWS);
    let [gateway, recorded] = [(); 2].map(|()| {
        let gateway = Gateway::start("harbor", usize::MAX);
        gateway.remember();
        gateway
    });
    record(&recorded.state(), 10, 10_000);
    let references = [Some(Program::bare(ROWS)), Program::less(&lines), Program::fzf(&lines)];
    let synod = |gateway| Some(Program::synod(gateway, &["\t", "\t"]));
    let own = [synod(&gateway), synod(&recorded), Some(Program::demo())];
    let programs: Vec<_> = own.into_iter().chain(references.clone()).collect();
    let started = programs.iter().zip(starts(&programs, STARTS, QUIET));
    let mut found: Vec<Option<Found>> =
        started.map(|(program, started)| Some(measure(program.as_ref()?, started?))).collect();
    let [Some(recorded), Some(demo)] = [found.remove(1), found.remove(1)] else { return };
    start_rows(table, &found, &demo.start);
    key_rows(table, &found);
    let programs: Vec<_> = [Some(Program::demo())].into_iter().chain(references).collect();
    ending_rows(table, &programs);
    terminal_rows(table, &programs);
    // Meanwhile the remains of the start have ended: connections that are kept open a while, threads that wait for work.
    if let Some(plain) = &found[0] {
        journal_rows(table, plain, &recorded);
    }
    rest_rows(table, found);
}

fn resident(found: &Found) -> f64 {
    used(&found.pty).map_or(0.0, |usage| usage.resident)
}

/// What a long journal adds.
fn journal_rows(table: &mut Table, plain: &Found, recorded: &Found) {
    let more = [Some(recorded.start.full - plain.start.full)];
    let row = Row::new("first full frame with ten operations of 10,000 groups, ms more than without", "≤ 2");
    table.add(row.found(&more, |more| format!("{more:.1}")).reached(more[0] <= Some(2.0)));
    let more = [Some(resident(recorded) - resident(plain))];
    let row = Row::new("resident size with these, MB more than without", "≤ 0.5");
    table.add(row.found(&more, |more| format!("{more:.1}")).reached(more[0] <= Some(0.5)));
}

fn measure(program: &Program, (start, mut pty): (Start, Pty)) -> Found {
    pty.pump(Duration::from_secs(1), Duration::from_secs(10));
    lead(&mut pty, program.enter);
    let moves = program.has_cursor.then(|| moves(&mut pty));
    Found { start, moves, pty }
}

fn each<T>(found: &[Option<Found>], part: impl Fn(&Found) -> Option<T>) -> Vec<Option<T>> {
    found.iter().map(|found| found.as_ref().and_then(&part)).collect()
}

fn start_rows(table: &mut Table, found: &[Option<Found>], demo: &Start) {
    let full = each(found, |found| Some(found.start.full));
    let own = full[0].unwrap_or_default();
    let bare = full[1];
    let row = Row::new("exec to first full frame, ms", "≤ 2 × the bare loop").found(&full, |full| ms(*full));
    table.add(row.ratio(own, bare).reached(bare.is_some_and(|bare| own <= 2.0 * bare)));

    let first = each(found, |found| found.start.first);
    let row = Row::new("exec to first frame, whatever it shows, ms", "").found(&first, |first| ms(*first));
    table.add(row.ratio(first[0].unwrap_or_default(), first[1]));
    let first = demo.first.unwrap_or_default();
    let row = Row::new("the same of the demo, which remembers nothing, ms", "≤ 2 ×");
    let row = row.found(&[Some(first)], |first| ms(*first)).ratio(first, bare);
    table.add(row.reached(bare.is_some_and(|bare| first <= 2.0 * bare)));

    let frames = each(found, |found| (found.start.frames > 0.0).then_some(found.start.frames));
    let row =
        Row::new("writes until the first full frame", "1").found(&frames, |frames| format!("{frames:.0}"));
    let writes = frames[0].unwrap_or_default();
    table.add(row.reached((0.5..1.5).contains(&writes)));
    let asked = each(found, |found| Some(found.start.asked));
    let row = Row::new("the terminal is asked something on the way", "no");
    let row = row.found(&asked, |asked| if *asked { "yes" } else { "no" }.to_owned());
    table.add(row.reached(asked[0] == Some(false)));
    let bytes = each(found, |found| Some(found.start.bytes));
    let row =
        Row::new("bytes until the first full frame", "≤ 6,000").found(&bytes, |bytes| format!("{bytes:.0}"));
    let own = bytes[0].unwrap_or_default();
    table.add(row.ratio(own, bytes[1]).reached(own <= 6000.0));
}

fn key_rows(table: &mut Table, found: &[Option<Found>]) {
    let moves = each(found, |found| found.moves.clone());
    let median = |at: usize| moves[at].as_ref().map(Presses::median);
    // A busy machine delays the bare loop as well: what both suffer is not Synod's.
    let row =
        Row::new("cursor move, median ms (99 %)", "≤ 1.5 × the bare loop (≤ 1 ms, or as the bare loop)");
    let row = row.found(&moves, |moves| format!("{} ({})", ms(moves.median()), ms(moves.p99())));
    let (own, bare) = (median(0).unwrap_or_default(), median(1));
    let worst = |at: usize| moves[at].as_ref().map_or(f64::MAX, Presses::p99);
    let is_steady = worst(0) <= 1.0_f64.max(worst(1));
    let row = row.ratio(own, bare);
    table.add(row.reached(bare.is_some_and(|bare| own <= 1.5 * bare) && is_steady));
    let bytes = each(found, |found| found.moves.as_ref().map(Presses::bytes));
    let row = Row::new("bytes a cursor move", "≤ 220").found(&bytes, |bytes| format!("{bytes:.0}"));
    let own = bytes[0].unwrap_or_default();
    table.add(row.ratio(own, bytes[1]).reached(own <= 220.0));
}

fn rest_rows(table: &mut Table, found: Vec<Option<Found>>) {
    let resident = each(&found, |found| used(&found.pty).map(|usage| usage.resident));
    let mut ptys: Vec<Option<Pty>> = found.into_iter().map(|found| found.map(|found| found.pty)).collect();
    let idle = rest(&mut ptys, Duration::from_secs(20));
    let row = Row::new(
        "idle for 20 s, two minutes after the last key: bytes, waits a second, share of a core",
        "0, ≤ 0.1",
    );
    let row = row.found(&idle, |(bytes, waits, share)| format!("{bytes:.0}, {waits:.2}, {share:.3} %"));
    let is_still = idle[0].is_some_and(|(bytes, waits, _)| bytes < 1.0 && waits <= 0.1);
    table.add(row.reached(is_still));
    let row = Row::new("resident size, MB", "≤ 12").found(&resident, |size| format!("{size:.1}"));
    let own = resident[0].unwrap_or(f64::MAX);
    table.add(row.ratio(own, resident[1]).reached(own <= 12.0));
}

fn ending_rows(table: &mut Table, programs: &[Option<Program>]) {
    let ended: Vec<_> = programs.iter().map(|program| program.as_ref().map(endings)).collect();
    let row = Row::new(
        "leaves the terminal as it was: SIGTERM, SIGHUP, SIGINT, lost terminal, the same with SIGHUP ignored, Ctrl-Z, panic",
        "7 of 7",
    );
    let row = row.found(&ended, |(badly, tried)| {
        let but = if badly.is_empty() { String::new() } else { format!(" (not {})", badly.join(", ")) };
        format!("{} of {tried}{but}", tried - badly.len())
    });
    table.add(row.reached(ended[0].as_ref().is_some_and(|(badly, tried)| badly.is_empty() && *tried == 7)));
}

fn terminal_rows(table: &mut Table, programs: &[Option<Program>]) {
    let split = |program: &Program| program.has_cursor.then(|| [1, 10].map(|gap| bears_split(program, gap)));
    let split: Vec<_> = programs.iter().map(|program| program.as_ref().and_then(split)).collect();
    let row = Row::new("arrow key split at 1, 10 ms", "an arrow");
    let say = |is_arrow: bool| if is_arrow { "an arrow" } else { "misread" };
    let row = row.found(&split, |[one, ten]| format!("{}, {}", say(*one), say(*ten)));
    table.add(row.reached(split[0] == Some([true, true])));
    let alive: Vec<_> = programs.iter().map(|program| program.as_ref().map(lives_at_one)).collect();
    let row = Row::new("alive at 1×1, and whole when it is larger again", "yes");
    let row = row.found(&alive, |alive| if *alive { "yes" } else { "no" }.to_owned());
    table.add(row.reached(alive[0] == Some(true)));
}

/// Whether an arrow key whose first byte comes earlier does what it does whole.
fn bears_split(program: &Program, gap: u64) -> bool {
    let mut pty = Pty::start(program, How::Alone);
    pty.await_answer(Duration::from_secs(1), Duration::from_secs(10));
    lead(&mut pty, &["\x1b[B"]);
    let wanted = steady(&pty.text());
    lead(&mut pty, &["\x1b[A"]);
    let before = steady(&pty.text());
    pty.send("\x1b");
    std::thread::sleep(Duration::from_millis(gap));
    lead(&mut pty, &["[B"]);
    steady(&pty.text()) == wanted && wanted != before
}

/// Whether it survives the least size, and draws itself again.
fn lives_at_one(program: &Program) -> bool {
    let mut pty = Pty::start(program, How::Alone);
    pty.await_answer(Duration::from_secs(1), Duration::from_secs(10));
    let before = pty.text();
    for (columns, rows) in [(1, 1), (120, 40)] {
        pty.bytes.clear();
        pty.resize(columns, rows);
        pty.await_answer(Duration::from_millis(500), Duration::from_secs(3));
    }
    !pty.has_ended() && !contains(&pty.bytes, "panicked") && is_alike(&pty.text(), &before)
}
