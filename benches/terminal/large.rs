//! The rows of a hundred thousand groups: the first frame from remembered data, rows that scroll, many keys at once, a
//! filter, and memory.

use std::{iter::repeat_n, path::Path, time::Duration};

use crate::{
    gateway::Gateway,
    measure::{Presses, Start, lead, median, press, press_apart, pressed, starts, used},
    programs::{DOWN, Program, UP, write_lines},
    pty::{How, Pty},
    table::{Row, Table, ms},
    usage::Usage,
};

const ROWS: usize = 100_000;

/// How many of the communities are configured, so that loading them fits into a minute's requests.
const COMMUNITIES: usize = 50;

/// How often each program is started.
const STARTS: usize = 5;

/// How often everything is read again.
const REFRESHES: usize = 20;

const QUIET: Duration = Duration::from_secs(2);

struct Found {
    start: Start,
    scrolled: Presses,
    /// Two hundred keys in one write: ms and bytes.
    queued: (f64, f64),
    filter: Option<Presses>,
    used: Option<Usage>,
    /// The longest that a key took while a refresh arrived, in ms, and the resident size after many refreshes.
    refreshed: Option<(f64, f64)>,
}

/// Adds the rows.
pub(crate) fn rows(table: &mut Table, folder: &Path) {
    let lines = folder.join("many-lines");
    write_lines(&lines, ROWS);
    let gateway = Gateway::start("hundred_thousand_at_once", COMMUNITIES);
    gateway.remember();
    // The right pane, with every group.
    let synod = Program::synod(&gateway, &["\t", "\t", "t"]);
    let programs = [Some(synod), Some(Program::bare(ROWS)), Program::less(&lines), Program::fzf(&lines)];
    let started = starts(&programs, STARTS, QUIET);
    let mut found: Vec<Option<Found>> = programs
        .iter()
        .zip(started)
        .map(|(program, started)| Some(measure(program.as_ref()?, started?)))
        .collect();
    if let ([Some(synod), ..], [Some(found), ..]) = (&programs[..], &mut found[..]) {
        found.refreshed = Some(refreshed(synod));
    }
    print(table, &found);
}

fn measure(program: &Program, (start, mut pty): (Start, Pty)) -> Found {
    // Threads that wait for work end after ten seconds, and give back what they held.
    pty.pump(Duration::from_secs(12), Duration::from_secs(60));
    let used = used(&pty);
    lead(&mut pty, program.enter);
    // To the last row of the screen, from where on each key scrolls.
    lead(&mut pty, &[&DOWN.repeat(60)]);
    let scrolled = press(&mut pty, repeat_n(DOWN, 100), 40);
    let mut flood = |key: &str| pressed(&mut pty, &key.repeat(200), Duration::from_millis(250));
    let floods: Vec<_> = [DOWN, UP, DOWN, UP, DOWN].into_iter().filter_map(&mut flood).collect();
    let queued = (
        median(floods.iter().map(|(took, _)| *took).collect()),
        median(floods.iter().map(|(_, bytes)| *bytes).collect()),
    );
    drop(pty);
    Found { start, scrolled, queued, filter: filter(program), used, refreshed: None }
}

/// Reads everything again while somebody types into the filter: the ms of the slowest key, and the size afterwards.
fn refreshed(synod: &Program) -> (f64, f64) {
    let synod = synod.clone().filtering();
    let mut pty = Pty::start(&synod, How::Alone);
    pty.await_answer(QUIET, Duration::from_secs(60));
    lead(&mut pty, synod.enter);
    let back = "\x7f";
    let keys = ["a", "v", "i", "s", "o", back, back, back, back, back];
    let mut slowest = Vec::new();
    for _ in 0..REFRESHES {
        pty.send("r");
        pty.send("/");
        slowest.push(press_apart(&mut pty, repeat_n(keys, 20).flatten()));
        lead(&mut pty, &["\x1b"]);
        pty.pump(QUIET, Duration::from_secs(60));
    }
    (median(slowest), used(&pty).map_or(f64::MAX, |used| used.resident))
}

/// Twelve times a name as far as its fifth letter, and back.
fn filter(program: &Program) -> Option<Presses> {
    let program = program.clone().filtering();
    let (open, _) = program.filter?;
    let mut pty = Pty::start(&program, How::Alone);
    pty.await_answer(QUIET, Duration::from_secs(60));
    lead(&mut pty, program.enter);
    lead(&mut pty, &[open]);
    let back = "\x7f";
    let keys = ["a", "v", "i", "s", "o", back, back, back, back, back];
    Some(press(&mut pty, repeat_n(keys, 12).flatten(), 60))
}

fn each<T>(found: &[Option<Found>], part: impl Fn(&Found) -> Option<T>) -> Vec<Option<T>> {
    found.iter().map(|found| found.as_ref().and_then(&part)).collect()
}

fn print(table: &mut Table, found: &[Option<Found>]) {
    let full = each(found, |found| Some(found.start.full));
    let own = full[0].unwrap_or(f64::MAX);
    let row = Row::new("100,000 rows: exec to first full frame, from what is remembered, ms", "≤ 40");
    let row = row.found(&full, |full| ms(*full)).ratio(own, full[1]);
    table.add(row.reached(own <= 40.0));

    let scrolled = each(found, |found| Some(found.scrolled.clone()));
    let row = Row::new("100,000 rows: a scrolled row, median ms (99 %)", "");
    let row = row.found(&scrolled, |found| format!("{} ({})", ms(found.median()), ms(found.p99())));
    let median = |at: usize| scrolled[at].as_ref().map(Presses::median);
    table.add(row.ratio(median(0).unwrap_or_default(), median(1)));
    let bytes = each(found, |found| Some(found.scrolled.bytes()));
    let own = bytes[0].unwrap_or(f64::MAX);
    let row = Row::new("bytes a scrolled row", "≤ 1,300").found(&bytes, |bytes| format!("{bytes:.0}"));
    table.add(row.ratio(own, bytes[1]).reached(own <= 1300.0));

    let queued = each(found, |found| Some(found.queued));
    let row = Row::new("200 queued keys: ms, bytes", "≤ 3, 1,500");
    let row = row.found(&queued, |(took, bytes)| format!("{}, {bytes:.0}", ms(*took)));
    let (took, bytes) = queued[0].unwrap_or((f64::MAX, f64::MAX));
    let row = row.ratio(took, queued[1].map(|(took, _)| took));
    table.add(row.reached(took <= 3.0 && bytes <= 1500.0));

    let filter = each(found, |found| found.filter.clone());
    let row = Row::new("100,000 rows: a key in the filter, median ms (99 %)", "≤ 6 (12)");
    let row = row.found(&filter, |found| format!("{} ({})", ms(found.median()), ms(found.p99())));
    let own = filter[0].as_ref().map_or((f64::MAX, f64::MAX), |filter| (filter.median(), filter.p99()));
    let row = row.ratio(own.0, filter[1].as_ref().map(Presses::median));
    table.add(row.reached(own.0 <= 6.0 && own.1 <= 12.0));

    let used = each(found, |found| found.used);
    let row = Row::new("100,000 rows: resident size, MB (the most so far)", "≤ 40");
    let row = row.found(&used, |used| format!("{:.1} ({:.1})", used.resident, used.peak));
    let own = used[0].map_or(f64::MAX, |used| used.resident);
    table.add(row.ratio(own, used[1].map(|used| used.resident)).reached(own <= 40.0));

    let refreshed = each(found, |found| found.refreshed);
    let (slowest, resident) = refreshed[0].unwrap_or((f64::MAX, f64::MAX));
    let row = Row::new("100,000 rows: the slowest key while a refresh arrives, ms", "≤ 16");
    table.add(row.found(&refreshed, |(slowest, _)| ms(*slowest)).reached(slowest <= 16.0));
    let row = Row::new("100,000 rows: resident size after 20 refreshes, MB", "≤ 60");
    table.add(row.found(&refreshed, |(_, resident)| format!("{resident:.1}")).reached(resident <= 60.0));
}
