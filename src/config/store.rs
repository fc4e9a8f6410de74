//! The `[store]` table: the server that several machines share, and who writes to it.

use crate::domain::message::Message;

use super::{
    ConfigError,
    reader::Table,
    secrets::{self, SecretSource},
};

const OPERATOR: &str = "operator = \"ana\"";
/// The most letters of an operator's name.
const LONGEST: usize = 32;

/// Where the journal is, and who writes to it.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Where the server's URL comes from; without one the store is a file on this machine.
    pub url: Option<SecretSource>,
    /// The name of the operator for the records; without one, the login name.
    pub operator: Option<String>,
}

/// Reads the table under `store`.
pub(super) fn read(root: &Table<'_>) -> Result<Option<StoreConfig>, ConfigError> {
    let Some(value) = root.get("store") else { return Ok(None) };
    let table = value.table("[store]")?;
    table.refuse_unknown("[store]", &["url", "operator"])?;
    let url = table.get("url").map(|url| secrets::read("url", &url)).transpose()?;
    let operator = match table.get("operator") {
        None => None,
        Some(value) => {
            let name = value.text(OPERATOR)?.trim();
            let is_plain = |letter: char| letter.is_alphanumeric() || "-_.@ ".contains(letter);
            if name.is_empty() || name.chars().count() > LONGEST || !name.chars().all(is_plain) {
                return Err(value.problem(Message::new("config-store-operator"), OPERATOR));
            }
            Some(name.to_owned())
        }
    };
    Ok(Some(StoreConfig { url, operator }))
}
