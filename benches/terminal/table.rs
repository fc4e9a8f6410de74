//! Prints the tables: each measurement beside the references of the same run and its target.

/// A row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    what: String,
    /// Synod, and each reference in the table's order.
    found: Vec<Option<String>>,
    ratio: Option<f64>,
    wanted: String,
    is_reached: Option<bool>,
}

impl Row {
    pub(crate) fn new(what: &str, wanted: &str) -> Self {
        Self { what: what.to_owned(), wanted: wanted.to_owned(), ..Self::default() }
    }

    /// The measurements, Synod first.
    pub(crate) fn found<T>(mut self, found: &[Option<T>], say: impl Fn(&T) -> String) -> Self {
        self.found = found.iter().map(|found| found.as_ref().map(&say)).collect();
        self
    }

    /// The ratio to the first reference.
    pub(crate) fn ratio(mut self, own: f64, other: Option<f64>) -> Self {
        self.ratio = other.filter(|other| *other > 0.0).map(|other| own / other);
        self
    }

    pub(crate) fn reached(mut self, is_reached: bool) -> Self {
        self.is_reached = Some(is_reached);
        self
    }
}

/// The rows so far.
pub(crate) struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Row>,
}

impl Table {
    /// A table whose references are these.
    pub(crate) fn beside(references: &[&'static str]) -> Self {
        Self { columns: references.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn print(&self) {
        println!("\n| What | Synod | {} | ratio | wanted | |", self.columns.join(" | "));
        println!("| --- | ---: |{} ---: | --- | --- |", " ---: |".repeat(self.columns.len()));
        for row in &self.rows {
            let found = (0..=self.columns.len()).map(|at| {
                let found = row.found.get(at).cloned().flatten();
                found.unwrap_or_else(|| "–".to_owned())
            });
            let ratio = row.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.1}"));
            let reached = match row.is_reached {
                Some(true) => "reached",
                Some(false) => "**not reached**",
                None => "",
            };
            let found: Vec<String> = found.collect();
            println!("| {} | {} | {ratio} | {} | {reached} |", row.what, found.join(" | "), row.wanted);
        }
    }
}

/// Milliseconds.
pub(crate) fn ms(value: f64) -> String {
    match value {
        ..1.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
