//! What only a terminal shows, and what bulk work costs: tables of medians, each figure beside references of the same run.
//! `cargo bench --bench terminal` prints them; the ratio is what counts, and no figure fails anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "terminal/bare.rs"]
mod bare;
#[path = "terminal/bulk.rs"]
mod bulk;
#[path = "terminal/endings.rs"]
mod endings;
#[path = "terminal/gateway.rs"]
mod gateway;
#[path = "terminal/large.rs"]
mod large;
#[path = "terminal/measure.rs"]
mod measure;
#[path = "terminal/programs.rs"]
mod programs;
#[path = "terminal/pty.rs"]
mod pty;
#[path = "terminal/small.rs"]
mod small;
#[path = "terminal/table.rs"]
mod table;
#[path = "../tests/it/support/transport.rs"]
mod transport;
#[path = "terminal/usage.rs"]
mod usage;

use table::Table;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, rows] = arguments.as_slice()
        && flag == "--bare"
    {
        std::process::exit(bare::run(rows.parse().unwrap()).into());
    }
    let is_wanted = |part: &str| {
        let named: Vec<_> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
        named.is_empty() || named.iter().any(|named| part == *named)
    };
    for name in ["less", "fzf"] {
        if !programs::is_installed(name) {
            println!("{name} is not installed, so nothing is held against it.");
        }
    }
    if usage::of("self").is_none() {
        println!("There is no /proc here, so memory, waits and processor time are left out.");
    }
    let folder = tempfile::tempdir().unwrap();
    let references = ["bare loop", "less", "fzf"];
    if is_wanted("small") {
        let mut table = Table::beside(&references);
        small::rows(&mut table, folder.path());
        table.print();
    }
    if is_wanted("large") {
        let mut table = Table::beside(&references);
        large::rows(&mut table, folder.path());
        table.print();
    }
    if is_wanted("bulk") {
        let mut table = Table::beside(&["beside it"]);
        bulk::rows(&mut table);
        table.print();
    }
}
