//! Changes to the text of a configuration: an entry is added, changed or removed, and everything else stays as it is, with its
//! comments and its order. These functions are pure; `save` writes the result.

use std::path::Path;

use toml::de::DeTable;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table as EditTable, Value};

use super::{
    BrokenInstance, ConfigError, InstanceConfig, InstanceFault, InstanceName, file, instances,
    reader::{Source, Table},
};
use crate::domain::{
    base_url::BaseUrl,
    instance::GatewayKind,
    message::{Message, ToMessage},
    name::Name,
    settings::OperationSettings,
};

/// A place in the configuration that refers to a secret. The secret itself is never written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// The name of an environment variable.
    Variable(String),
    /// The path of a file; a relative one starts at the configuration's folder.
    File(String),
    /// A program and its arguments.
    Command(Vec<String>),
    /// Whatever the entry has already, which may be a secret in the configuration itself.
    Kept,
}

/// The name of an instance on its gateway, as an entry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftName {
    Plain(String),
    Secret(SecretReference),
    /// The gateway has none, or it is not given.
    Absent,
}

/// An entry as it shall be written. [`check`](super::check) makes its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDraft {
    pub label: Name,
    pub gateway: GatewayKind,
    /// `None` if it is the gateway's own.
    pub base_url: Option<BaseUrl>,
    pub instance: DraftName,
    pub token: SecretReference,
    pub client_token: Option<SecretReference>,
}

/// The text of a configuration and its path, for messages and relative paths.
#[derive(Clone, Copy, Debug)]
pub struct ConfigText<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

/// Why a text was not changed.
#[derive(Debug)]
pub enum EditError {
    /// It cannot be read as a configuration.
    Unreadable(ConfigError),
    /// An entry has this name already.
    NameTaken { at: String, label: Name },
    /// An entry is the same instance.
    SameInstance { at: String },
    /// No entry has this name.
    NoSuchEntry { label: String },
}

impl EditError {
    /// The instance is in the configuration already, in these lines.
    pub fn same_instance(path: &Path, lines: &[usize]) -> Self {
        Self::SameInstance { at: place(path, lines) }
    }
}

/// A path with its first line.
fn place(path: &Path, lines: &[usize]) -> String {
    format!("{}:{}", path.display(), lines.first().copied().unwrap_or(1))
}

impl ToMessage for EditError {
    fn message(&self) -> Message {
        match self {
            Self::Unreadable(error) => error.message(),
            Self::NameTaken { at, label } => {
                Message::new("edit-name-taken").put("at", at.as_str()).put("name", label.shown())
            }
            Self::SameInstance { at } => Message::new("edit-same-instance").put("at", at.as_str()),
            Self::NoSuchEntry { label } => Message::new("edit-no-entry").put("name", label.as_str()),
        }
    }
}

impl From<ConfigError> for EditError {
    fn from(error: ConfigError) -> Self {
        Self::Unreadable(error)
    }
}

/// Adds an entry at the end. Nothing before it changes, not even a line number.
pub fn add(current: ConfigText<'_>, draft: &EntryDraft) -> Result<String, EditError> {
    let before = read(current)?;
    let name = draft.label.shown().to_lowercase();
    let named = |label: Option<&Name>| label.is_some_and(|label| label.shown().to_lowercase() == name);
    if let Some(line) = before.lines(named).first() {
        let at = place(current.path, &[*line]);
        return Err(EditError::NameTaken { at, label: draft.label.clone() });
    }
    let mut table = EditTable::new();
    write(draft, &mut table);
    let text = appended(current.text, table);
    checked(ConfigText { text: &text, ..current }, &draft.label)?;
    Ok(text)
}

/// Adds an entry for another instance of the same account: like the entry with this label, but with a name and an instance of its own.
/// Settings in tables of their own, and communities, are not taken over.
pub fn add_like(
    current: ConfigText<'_>,
    label: &str,
    name: &Name,
    instance: &str,
) -> Result<String, EditError> {
    let (mut document, at) = found(current, label)?;
    let like = tables(&mut document).and_then(|tables| tables.get(at));
    let mut table = EditTable::new();
    for (key, text) in [("name", name.exact()), ("instance", instance)] {
        table.insert(key, Item::Value(Value::from(text)));
    }
    for (key, item) in like.into_iter().flat_map(EditTable::iter) {
        let Some(value) = item.as_value().filter(|_| !["name", "instance", "communities"].contains(&key))
        else {
            continue;
        };
        let mut value = value.clone();
        value.decor_mut().clear();
        table.insert(key, Item::Value(value));
    }
    let text = appended(current.text, table);
    checked(ConfigText { text: &text, ..current }, name)?;
    Ok(text)
}

/// A text with one more entry at its end.
fn appended(before: &str, table: EditTable) -> String {
    let mut tables = ArrayOfTables::new();
    tables.push(table);
    let mut entry = DocumentMut::new();
    entry.insert("instance", Item::ArrayOfTables(tables));
    let newline = if before.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = before.to_owned();
    if !text.is_empty() {
        if !text.ends_with('\n') {
            text.push_str(newline);
        }
        text.push_str(newline);
    }
    text.push_str(&entry.to_string().trim_start().replace('\n', newline));
    text
}

/// Changes the entry with this name to a draft. Keys that a draft does not have, such as `communities`, stay.
pub fn change(current: ConfigText<'_>, label: &str, draft: &EntryDraft) -> Result<String, EditError> {
    let (mut document, at) = found(current, label)?;
    if let Some(table) = tables(&mut document).and_then(|tables| tables.get_mut(at)) {
        write(draft, table);
    }
    let text = with_line_ends_of(current.text, document.to_string());
    checked(ConfigText { text: &text, ..current }, &draft.label)?;
    Ok(text)
}

/// The draft that changes nothing of the entry with this name, for a person to change. A broken entry has none.
pub fn draft_of(current: ConfigText<'_>, label: &str) -> Result<EntryDraft, EditError> {
    let (mut document, at) = found(current, label)?;
    let has_address = tables(&mut document)
        .and_then(|tables| tables.get(at))
        .is_some_and(|table| table.contains_key("base_url"));
    let wanted = label.to_lowercase();
    let mut usable = read(current)?.usable.into_iter();
    let instance = usable.find(|one| one.label.shown().to_lowercase() == wanted);
    let instance = instance.ok_or_else(|| EditError::NoSuchEntry { label: label.to_owned() })?;
    Ok(EntryDraft {
        label: instance.label,
        gateway: instance.gateway,
        base_url: has_address.then_some(instance.base_url),
        instance: match instance.instance {
            InstanceName::Plain(name) => DraftName::Plain(name),
            InstanceName::Secret(_) => DraftName::Secret(SecretReference::Kept),
            InstanceName::Absent => DraftName::Absent,
        },
        token: SecretReference::Kept,
        client_token: instance.client_token.map(|_| SecretReference::Kept),
    })
}

/// Removes the entry with this name, with the comments directly above it.
pub fn remove(current: ConfigText<'_>, label: &str) -> Result<String, EditError> {
    let (mut document, at) = found(current, label)?;
    let Some(tables) = tables(&mut document) else { return Ok(current.text.to_owned()) };
    let above = tables.get(at).and_then(|table| table.decor().prefix()?.as_str()).unwrap_or_default();
    // A comment that an empty line separates from the entry is not about it.
    let kept = above.rfind("\n\n").map_or(String::new(), |end| above[..=end].to_owned());
    tables.remove(at);
    if !kept.trim().is_empty() {
        if let Some(decor) = tables.get_mut(at).map(EditTable::decor_mut) {
            let own = decor.prefix().and_then(|own| own.as_str()).unwrap_or_default().to_owned();
            decor.set_prefix(kept + &own);
        } else {
            let own = document.trailing().as_str().unwrap_or_default().to_owned();
            document.set_trailing(kept + &own);
        }
    }
    Ok(with_line_ends_of(current.text, document.to_string()))
}

/// The entries of a text.
struct Entries {
    usable: Vec<InstanceConfig>,
    broken: Vec<BrokenInstance>,
}

impl Entries {
    /// The lines of the entries whose names are wanted.
    fn lines(&self, is_wanted: impl Fn(Option<&Name>) -> bool) -> Vec<usize> {
        let usable = self.usable.iter().map(|one| (one.line, Some(&one.label)));
        let broken = self.broken.iter().map(|one| (one.line, one.label.as_ref()));
        let mut lines: Vec<usize> =
            usable.chain(broken).filter(|(_, label)| is_wanted(*label)).map(|(line, _)| line).collect();
        lines.sort_unstable();
        lines
    }
}

/// Reads the entries; the other tables of a configuration do not matter here.
fn read(current: ConfigText<'_>) -> Result<Entries, EditError> {
    // Whether others can read the file matters only for secrets in it, which stay as they are.
    let source = Source::new(current.path, current.text, true, None);
    let parsed =
        DeTable::parse(current.text).map_err(|error| file::unreadable(&source, &error, file::NAME))?;
    let (usable, broken) =
        instances::read(&Table::root(&source, parsed.get_ref()), &OperationSettings::default())?;
    Ok(Entries { usable, broken })
}

/// Checks that the new text says what the entry with this label shall say, and that no other entry is the same instance.
fn checked(new: ConfigText<'_>, label: &Name) -> Result<(), EditError> {
    let entries = read(new)?;
    let is_own = |one: &&BrokenInstance| one.label.as_ref().is_some_and(|own| own.shown() == label.shown());
    match entries.broken.into_iter().find(|one| is_own(&one)).map(|one| one.fault) {
        Some(InstanceFault::SameName { others, .. }) => {
            let at = place(new.path, &others);
            Err(EditError::NameTaken { at, label: label.clone() })
        }
        Some(InstanceFault::SameInstance { others, .. }) => Err(EditError::same_instance(new.path, &others)),
        Some(InstanceFault::Invalid(problem)) => Err(ConfigError::from(problem).into()),
        Some(InstanceFault::Unread { .. } | InstanceFault::Unopened(_)) | None => Ok(()),
    }
}

/// The parsed text and the index of the entry with this name.
fn found(current: ConfigText<'_>, label: &str) -> Result<(DocumentMut, usize), EditError> {
    read(current)?;
    let none = || EditError::NoSuchEntry { label: label.to_owned() };
    let text = current.text.replace("\r\n", "\n");
    let mut document: DocumentMut = text.parse().map_err(|_| none())?;
    let wanted = label.to_lowercase();
    let has_name = |table: &EditTable| {
        table.get("name").and_then(Item::as_str).is_some_and(|name| name.to_lowercase() == wanted)
    };
    let at = tables(&mut document).and_then(|tables| tables.iter().position(has_name)).ok_or_else(none)?;
    Ok((document, at))
}

fn tables(document: &mut DocumentMut) -> Option<&mut ArrayOfTables> {
    document.get_mut("instance")?.as_array_of_tables_mut()
}

/// Writes the values of a draft; a value that stays the same keeps its spelling, and every value keeps its comment.
fn write(draft: &EntryDraft, table: &mut EditTable) {
    let text = |text: &str| New::Value(Value::from(text));
    let instance = match &draft.instance {
        DraftName::Plain(name) => text(name),
        DraftName::Secret(reference) => value(reference),
        DraftName::Absent => New::Nothing,
    };
    let is_insecure = draft.base_url.as_ref().is_some_and(BaseUrl::is_insecure);
    for (key, new) in [
        ("name", text(draft.label.exact())),
        ("gateway", text(draft.gateway.word())),
        ("base_url", draft.base_url.as_ref().map_or(New::Nothing, |url| text(url.as_str()))),
        ("insecure_http", if is_insecure { New::Value(Value::from(true)) } else { New::Kept }),
        ("instance", instance),
        ("token", value(&draft.token)),
        ("client_token", draft.client_token.as_ref().map_or(New::Nothing, value)),
    ] {
        let mut new = match new {
            New::Value(new) => new,
            New::Kept => continue,
            New::Nothing => {
                table.remove(key);
                continue;
            }
        };
        if let Some(old) = table.get(key).and_then(Item::as_value) {
            *new.decor_mut() = old.decor().clone();
            if old.as_str().is_some() && old.as_str() == new.as_str() {
                continue;
            }
        }
        match table.get_mut(key) {
            Some(item) => *item = Item::Value(new),
            None => {
                table.insert(key, Item::Value(new));
            }
        }
    }
}

/// What becomes of a key.
enum New {
    Value(Value),
    Kept,
    Nothing,
}

fn value(reference: &SecretReference) -> New {
    let (key, inner) = match reference {
        SecretReference::Variable(name) => ("env", Value::from(name.as_str())),
        SecretReference::File(path) => ("file", Value::from(path.as_str())),
        SecretReference::Command(words) => ("command", Value::Array(Array::from_iter(words))),
        SecretReference::Kept => return New::Kept,
    };
    let mut table = InlineTable::new();
    table.insert(key, inner);
    New::Value(Value::InlineTable(table))
}

/// The parser writes every line end as a line feed.
fn with_line_ends_of(old: &str, new: String) -> String {
    if old.contains("\r\n") { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new }
}
