//! The output of Synod as lines and files: JSON, tables for spreadsheets, plans. It owns the formats, which `docs/json.md`
//! describes, how a file is written, and how lists of groups are read back. Other modules decide the content.

use std::sync::Arc;

use self::operation::CommunityNames;
use crate::{
    domain::{
        community::CommunityRef,
        operation::{Form, Operation},
    },
    text::Text,
};

pub mod csv;
pub mod file;
pub mod group_list;
pub mod json;
pub mod operation;
pub mod plan_file;
pub mod state_file;
mod state_toml;
mod table;

/// Exports operations in the language of the program.
#[derive(Clone, Debug)]
pub struct Exporter {
    text: Arc<Text>,
}

impl Exporter {
    /// An exporter that uses these texts.
    pub fn new(text: Text) -> Self {
        Self { text: Arc::new(text) }
    }

    /// An operation of the named instance, in this format; `communities` are those whose names are known.
    pub fn operation(
        &self,
        form: Form,
        instance: &str,
        operation: &Operation,
        communities: &[CommunityRef],
    ) -> String {
        match form {
            Form::Csv => csv::csv(&self.text, operation),
            Form::Json => operation::lines(instance, operation, &CommunityNames::new(communities), false),
        }
    }
}
