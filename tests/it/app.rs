//! The state behind the screen: each file tests the file of `src/app` with the same path.

mod command_catalog;
mod filter;
mod list;
mod row_facts;
