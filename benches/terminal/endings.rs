//! The seven ways in which a program in a terminal ends or stops, and whether each leaves the terminal as it was.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    measure::contains,
    programs::Program,
    pty::{How, PROMPT, Pty},
};

/// How long an ending may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A way to end.
#[derive(Clone, Copy, Debug)]
enum Way {
    Signal(Signal),
    Lost,
    LostUnheard,
    Stopped,
    Panic,
}

/// The names of the ways in which it did not end well, and how many were tried.
pub(crate) fn endings(program: &Program) -> (Vec<&'static str>, usize) {
    let mut ways = vec![
        ("SIGTERM", Way::Signal(Signal::TERM)),
        ("SIGHUP", Way::Signal(Signal::HUP)),
        ("SIGINT", Way::Signal(Signal::INT)),
        ("lost terminal", Way::Lost),
        ("lost terminal, SIGHUP ignored", Way::LostUnheard),
        ("Ctrl-Z", Way::Stopped),
    ];
    ways.extend(program.panic.map(|_| ("panic", Way::Panic)));
    let tried = ways.len();
    let badly = ways.into_iter().filter(|(_, way)| !is_clean(program, *way));
    (badly.map(|(name, _)| name).collect(), tried)
}

fn is_clean(program: &Program, way: Way) -> bool {
    match way {
        Way::Signal(signal) => job(program, How::AsJob, |pty| tell(pty, signal)),
        Way::Panic => job(program, How::AsJob, |pty| pty.send(program.panic.unwrap_or_default())),
        Way::Lost => lost(program, How::AsJob),
        Way::LostUnheard => lost(program, How::AsDeafJob),
        Way::Stopped => is_stopped_well(program),
    }
}

fn running(program: &Program, how: How) -> Pty {
    let mut pty = Pty::start(program, how);
    pty.await_answer(Duration::from_millis(700), Duration::from_secs(10));
    pty
}

/// Ends it, and compares the terminal with what it was before.
fn job(program: &Program, how: How, end: impl Fn(&mut Pty)) -> bool {
    let mut pty = running(program, how);
    end(&mut pty);
    let until = Instant::now() + PATIENCE;
    while !contains(&pty.bytes, "[ended]") && Instant::now() < until {
        pty.pump(Duration::from_millis(50), Duration::from_millis(200));
    }
    contains(&pty.bytes, "[ended]") && is_as_it_was(&pty)
}

/// Closes its terminal; the shell signals this to the program unless it ignores the signal.
fn lost(program: &Program, how: How) -> bool {
    let mut pty = running(program, how);
    pty.hang_up();
    if how == How::AsJob {
        tell(&mut pty, Signal::HUP);
    }
    let code = pty.stage.path().join("code");
    let until = Instant::now() + PATIENCE;
    while !code.exists() && Instant::now() < until {
        pty.pump(Duration::from_millis(20), Duration::from_millis(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    code.exists()
}

/// Ctrl-Z gives the shell its terminal, and `fg` brings the screen back.
fn is_stopped_well(program: &Program) -> bool {
    let mut pty = running(program, How::InShell);
    let shown = pty.text();
    pty.send("\x1a");
    if !pty.settle(PROMPT) {
        return false;
    }
    let is_given_back = !pty.emulator.screen().alternate_screen() && is_as_it_was(&pty);
    pty.send("fg\r");
    pty.pump(Duration::from_millis(700), PATIENCE);
    is_given_back && is_alike(&pty.text(), &shown)
}

/// A screen without what Synod learns meanwhile: its roles in groups, and how many requests are left.
pub(crate) fn steady(text: &str) -> String {
    let lines = text.lines().skip(1).map(|line| line.replace(['?', '★', '·'], " "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether most lines are the same: a clock may have moved on.
pub(crate) fn is_alike(one: &str, other: &str) -> bool {
    let (one, other) = (steady(one), steady(other));
    let (one, other): (Vec<_>, Vec<_>) = (one.lines().collect(), other.lines().collect());
    let same = one.iter().zip(&other).filter(|(one, other)| one == other).count();
    !one.is_empty() && same * 10 >= other.len().max(one.len()) * 9
}

fn tell(pty: &mut Pty, signal: Signal) {
    let pid = i32::try_from(pty.pid()).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = kill_process(pid, signal);
    }
}

fn is_as_it_was(pty: &Pty) -> bool {
    pty.settings() == pty.settings_before && modes_left_on(&pty.bytes).is_empty()
}

/// The private modes that were switched on and not off again. The wrapping of lines and the cursor are on by default.
fn modes_left_on(bytes: &[u8]) -> Vec<String> {
    let mut modes = std::collections::BTreeMap::new();
    let text = String::from_utf8_lossy(bytes);
    for rest in text.split("\x1b[?").skip(1) {
        let Some(end) = rest.find(|letter: char| letter.is_ascii_alphabetic()) else { continue };
        let is_set = match &rest[end..=end] {
            "h" => true,
            "l" => false,
            _ => continue,
        };
        for number in rest[..end].split(';') {
            modes.insert(number.to_owned(), is_set != matches!(number, "7" | "25"));
        }
    }
    modes.into_iter().filter_map(|(mode, is_on)| is_on.then_some(mode)).collect()
}
