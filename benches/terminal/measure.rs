//! Starts, keys and rest, timed: what each took from the write to what arrived, never what it should take.

use std::time::Duration;

use crate::{
    programs::{DOWN, Program, UP},
    pty::{How, Piece, Pty, SIZE},
    usage::{self, Usage},
};

/// The beginning and the end of a frame that a terminal shows at once.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// One start, or the medians of several.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start {
    /// Until the first frame had ended, where frames are marked.
    pub(crate) first: Option<f64>,
    /// Until nineteen in twenty cells were as they stayed, in ms.
    pub(crate) full: f64,
    /// The output up to that moment.
    pub(crate) bytes: f64,
    /// The frames until then, which are the writes of what marks them.
    pub(crate) frames: f64,
    /// Whether the terminal was asked anything.
    pub(crate) asked: bool,
}

/// Starts each of these programs several times, in turn, because a machine is not equally busy all the time. The last of each is kept.
pub(crate) fn starts(
    programs: &[Option<Program>],
    times: usize,
    quiet: Duration,
) -> Vec<Option<(Start, Pty)>> {
    let mut found: Vec<(Vec<Start>, Option<Pty>)> = programs.iter().map(|_| Default::default()).collect();
    for _ in 0..times {
        for (program, (starts, last)) in programs.iter().zip(&mut found) {
            let Some(program) = program else { continue };
            *last = None;
            let mut pty = Pty::start(program, How::Alone);
            let pieces = pty.await_answer(quiet, Duration::from_secs(120));
            assert!(!pty.has_ended(), "{:?} ended:\n{}", program.command, pty.text());
            starts.push(start(&pty, &pieces));
            *last = Some(pty);
        }
    }
    found.into_iter().map(|(starts, last)| Some((medians(&starts), last?))).collect()
}

fn medians(starts: &[Start]) -> Start {
    let of = |part: fn(&Start) -> f64| median(starts.iter().map(part).collect());
    let marks = starts.iter().all(|start| start.first.is_some());
    Start {
        first: marks.then(|| of(|start| start.first.unwrap_or_default())),
        full: of(|start| start.full),
        bytes: of(|start| start.bytes),
        frames: of(|start| start.frames),
        asked: starts.iter().any(|start| start.asked),
    }
}

fn start(pty: &Pty, pieces: &[Piece]) -> Start {
    let settled = cells(pty.emulator.screen());
    let filled: Vec<usize> =
        (0..settled.len()).filter(|at| !matches!(settled[*at].as_str(), "" | " ")).collect();
    let mut start = Start::default();
    let mut emulator = vt100::Parser::new(SIZE.1, SIZE.0, 0);
    let mut bytes = Vec::new();
    for piece in pieces {
        emulator.process(&piece.bytes);
        bytes.extend_from_slice(&piece.bytes);
        let since = piece.at.duration_since(pty.began).as_secs_f64() * 1e3;
        if start.first.is_none() && contains(&bytes, END) {
            start.first = Some(since);
        }
        let now = cells(emulator.screen());
        let same = filled.iter().filter(|at| now[**at] == settled[**at]).count();
        if !filled.is_empty() && same * 20 >= filled.len() * 19 {
            // The terminal's echo of the go is not the program's.
            let echo = if bytes.starts_with(b"\r\n") { 2 } else { 0 };
            start.full = since;
            start.bytes = float(bytes.len() - echo);
            start.frames = float(count(&bytes, BEGIN));
            start.asked = ["\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[>q", "\x1b[?u", "\x1b]10;?", "\x1b]11;?"]
                .iter()
                .any(|question| contains(&bytes, question));
            break;
        }
    }
    start
}

fn cells(screen: &vt100::Screen) -> Vec<String> {
    let (rows, columns) = screen.size();
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    places
        .map(|(row, column)| screen.cell(row, column).map_or("", |cell| cell.contents()).to_owned())
        .collect()
}

/// Whether these bytes hold this text.
pub(crate) fn contains(bytes: &[u8], text: &str) -> bool {
    count(bytes, text) > 0
}

fn count(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

/// What presses took and wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presses {
    took: Vec<f64>,
    bytes: Vec<f64>,
}

impl Presses {
    pub(crate) fn median(&self) -> f64 {
        median(self.took.clone())
    }

    pub(crate) fn p99(&self) -> f64 {
        let mut took = self.took.clone();
        took.sort_by(f64::total_cmp);
        let at = (took.len() * 99).div_ceil(100).saturating_sub(1);
        took.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> f64 {
        median(self.bytes.clone())
    }
}

/// Presses these keys one after the other, each after the last has been answered and a while that is never the same.
pub(crate) fn press<'a>(pty: &mut Pty, keys: impl IntoIterator<Item = &'a str>, quiet: u64) -> Presses {
    let mut dice = fastrand::Rng::with_seed(7);
    let mut presses = Presses::default();
    for key in keys {
        pty.pump(Duration::from_millis(dice.u64(5..25)), Duration::from_secs(1));
        if let Some((took, bytes)) = pressed(pty, key, Duration::from_millis(quiet)) {
            presses.took.push(took);
            presses.bytes.push(bytes);
        }
    }
    presses
}

/// Presses these keys while the program has other work too: the ms until the next frame that the slowest of them waited for.
pub(crate) fn press_apart<'a>(pty: &mut Pty, keys: impl IntoIterator<Item = &'a str>) -> f64 {
    let mut slowest: f64 = 0.0;
    for key in keys {
        let began = std::time::Instant::now();
        pty.send(key);
        let frame = pty.await_answer(Duration::ZERO, Duration::from_secs(2));
        let answered = frame.first().map_or(2e3, |piece| piece.at.duration_since(began).as_secs_f64() * 1e3);
        slowest = slowest.max(answered);
        pty.pump(Duration::from_millis(8), Duration::from_millis(8));
    }
    slowest
}

/// One write of keys: the ms until the last byte of what it changed, and the bytes.
pub(crate) fn pressed(pty: &mut Pty, keys: &str, quiet: Duration) -> Option<(f64, f64)> {
    let began = std::time::Instant::now();
    pty.send(keys);
    let pieces = pty.await_answer(quiet, Duration::from_secs(2));
    let last = pieces.last()?.at.duration_since(began);
    let bytes = pieces.iter().map(|piece| piece.bytes.len()).sum();
    Some((last.as_secs_f64() * 1e3, float(bytes)))
}

/// Presses keys without measuring them.
pub(crate) fn lead(pty: &mut Pty, keys: &[&str]) {
    for key in keys {
        pty.send(key);
        pty.pump(Duration::from_millis(300), Duration::from_secs(5));
    }
}

/// Twenty rows down and up again, without scrolling.
pub(crate) fn moves(pty: &mut Pty) -> Presses {
    press(pty, (0..200).map(|at| if at / 20 % 2 == 0 { DOWN } else { UP }), 40)
}

/// What several programs used while nothing happened: bytes, waits a second, the share of a core in percent.
pub(crate) fn rest(ptys: &mut [Option<Pty>], span: Duration) -> Vec<Option<(f64, f64, f64)>> {
    for pty in ptys.iter_mut().flatten() {
        // Whatever is still on its way comes first.
        pty.pump(Duration::from_secs(3), Duration::from_secs(120));
    }
    let before: Vec<_> = ptys.iter().map(|pty| pty.as_ref().and_then(used)).collect();
    std::thread::sleep(span);
    let after: Vec<_> = ptys.iter().map(|pty| pty.as_ref().and_then(used)).collect();
    let seconds = span.as_secs_f64();
    let each = ptys.iter_mut().zip(before.into_iter().zip(after));
    each.map(|(pty, (before, after))| {
        let pieces = pty.as_mut()?.pump(Duration::from_millis(1), Duration::from_millis(10));
        let bytes = pieces.iter().map(|piece| piece.bytes.len()).sum();
        let (before, after) = (before?, after?);
        let waits = u32::try_from(after.waits - before.waits).map_or(f64::MAX, f64::from);
        let ran = after.ran.saturating_sub(before.ran).as_secs_f64();
        Some((float(bytes), waits / seconds, ran / seconds * 100.0))
    })
    .collect()
}

/// What the program in a terminal used so far.
pub(crate) fn used(pty: &Pty) -> Option<Usage> {
    usage::of(&pty.pid().to_string())
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}
