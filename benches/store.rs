//! The cost of the journal on each store, and the time until another Synod sees a record: a table, each figure beside a reference
//! of the same run. `cargo bench --bench store` prints it; the ratio is what counts, and no figure fails anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "store/appends.rs"]
mod appends;
#[path = "store/following.rs"]
mod following;
#[path = "store/links.rs"]
mod links;
#[path = "../tests/it/support"]
#[allow(dead_code, unused_imports)]
mod support {
    pub(crate) mod domain;
    pub(crate) mod fake_gateway;
    pub(crate) mod memory_journal;
    pub(crate) mod postgres;
    pub(crate) mod prelude;
    pub(crate) mod process;
    pub(crate) mod rig;
}
#[path = "terminal/table.rs"]
mod table;

use support::postgres::Postgres;
use table::Table;

fn main() {
    let server = Postgres::start(&["fsync=on"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut table = Table::beside(&["beside it"]);
    runtime.block_on(async {
        appends::rows(&mut table, server.as_ref()).await;
        links::rows(&mut table, server.as_ref()).await;
        following::rows(&mut table, server.as_ref()).await;
    });
    table.print();
}
