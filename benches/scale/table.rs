//! Medians, and the table that they are printed in.

use std::time::{Duration, Instant};

/// What each run of something took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    fn median(&self) -> Duration {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    fn worst(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }
}

/// Times this many runs one by one.
pub(crate) fn time(runs: usize, mut work: impl FnMut()) -> Times {
    time_after(runs, &mut (), |()| (), |()| work())
}

/// Times this many runs one by one, without the preparation of each.
pub(crate) fn time_after<T>(
    runs: usize,
    on: &mut T,
    mut before: impl FnMut(&mut T),
    mut work: impl FnMut(&mut T),
) -> Times {
    let run = |_| {
        before(on);
        let started = Instant::now();
        work(on);
        started.elapsed()
    };
    Times::new((0..runs).map(run).collect())
}

struct Row {
    name: String,
    times: Times,
    baseline: String,
    bare: Times,
}

/// The rows so far.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn row(&mut self, name: &str, times: &Times, baseline: &str, bare: &Times) {
        self.0.push(Row {
            name: name.to_owned(),
            times: times.clone(),
            baseline: baseline.to_owned(),
            bare: bare.clone(),
        });
    }

    pub(crate) fn print(&self) {
        println!("| What | median, ms | worst, ms | beside it | median, ms | ratio |");
        println!("| --- | ---: | ---: | --- | ---: | ---: |");
        for Row { name, times, baseline, bare } in &self.0 {
            let ms = |time: Duration| time.as_secs_f64() * 1e3;
            let (own, other) = (ms(times.median()), ms(bare.median()));
            let ratio = own / other.max(1e-6);
            println!(
                "| {name} | {own:.3} | {:.3} | {baseline} | {other:.3} | {ratio:.1} |",
                ms(times.worst())
            );
        }
    }
}
