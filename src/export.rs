//! What leaves Synod as lines and files: JSON, tables for spreadsheets, plans. It owns the formats, which `docs/json.md`
//! describes, how a file is written, and how lists of groups are read back; what is in them is decided elsewhere.

use std::sync::Arc;

use crate::{domain::operation::Operation, text::Text};

pub mod csv;
pub mod file;
pub mod group_list;
pub mod json;
pub mod operation;
pub mod plan_file;

/// The forms in which an operation leaves Synod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table for spreadsheets.
    Csv,
    /// One event a line.
    Json,
}

/// Writes operations in the language of the program.
#[derive(Clone, Debug)]
pub struct Exporter {
    text: Arc<Text>,
}

impl Exporter {
    /// One that takes its words from these texts.
    pub fn new(text: Text) -> Self {
        Self { text: Arc::new(text) }
    }

    /// An operation of the instance of that name, as it leaves Synod.
    pub fn operation(&self, form: Form, instance: &str, operation: &Operation) -> String {
        match form {
            Form::Csv => csv::csv(&self.text, operation),
            Form::Json => operation::lines(instance, operation),
        }
    }
}
