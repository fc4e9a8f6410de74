//! Changes to the text of a configuration: an entry is added, changed or removed, and everything else stays as it is, with its
//! comments and its order. These functions are pure; `save` writes the result.

use std::path::Path;

use toml::{Spanned, de::DeTable};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table as EditTable, Value};

use super::{
    BrokenInstance, ConfigError, InstanceConfig, InstanceFault, InstanceName, file, instances,
    reader::{Source, Table},
};
use crate::domain::{
    base_url::BaseUrl,
    instance::{EntryPlace, GatewayKind},
    message::{Message, ToMessage},
    name::{Name, fold::Folded},
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
    /// The value that the entry has already, which may be a secret in the configuration itself.
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

/// An entry to be written. [`check`](super::check) makes its values.
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
    /// Its lines are invalid, so no form can show it.
    ByHand { label: String },
    /// Several entries have this name, and the file is not the one that was read.
    Changed { label: String },
    /// The entries are a list, and not tables with headings.
    NoTables { at: String },
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
            Self::ByHand { label } => Message::new("entry-by-hand").put("name", label.as_str()),
            Self::Changed { label } => Message::new("edit-changed").put("name", label.as_str()),
            Self::NoTables { at } => Message::new("edit-no-tables").put("at", at.as_str()),
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
    let name = Folded::new(draft.label.shown());
    let has_name = |label: &Name| Folded::new(label.shown()).is_same_name(&name);
    let taken = before.in_order().into_iter().find(|(_, label)| label.as_ref().is_some_and(has_name));
    if let Some((line, _)) = taken {
        let at = place(current.path, &[line]);
        return Err(EditError::NameTaken { at, label: draft.label.clone() });
    }
    let mut document = document(current)?;
    if document.contains_key("instance") && tables(&mut document).is_none() {
        let at = place(current.path, &[before.line.unwrap_or(1)]);
        return Err(EditError::NoTables { at });
    }
    let mut table = EditTable::new();
    write(draft, &mut table);
    let text = appended(current.text, table);
    checked(ConfigText { text: &text, ..current }, &draft.label)?;
    Ok(text)
}

/// Adds an entry for another instance of the same account: like this entry, but with a name and an instance of its own.
/// Settings in tables of their own, and communities, are not taken over.
pub fn add_like(
    current: ConfigText<'_>,
    entry: &EntryPlace,
    name: &Name,
    instance: &str,
) -> Result<String, EditError> {
    let (mut document, at) = found(current, entry)?;
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

/// Changes an entry to a draft. Keys that a draft does not have, such as `communities`, stay.
pub fn change(current: ConfigText<'_>, entry: &EntryPlace, draft: &EntryDraft) -> Result<String, EditError> {
    let (mut document, at) = found(current, entry)?;
    if let Some(table) = tables(&mut document).and_then(|tables| tables.get_mut(at)) {
        write(draft, table);
    }
    let text = with_line_ends_of(current.text, document.to_string());
    checked(ConfigText { text: &text, ..current }, &draft.label)?;
    Ok(text)
}

/// A draft with the present values of an entry, for a person to change. An entry with invalid lines has none.
pub fn draft_of(current: ConfigText<'_>, entry: &EntryPlace) -> Result<EntryDraft, EditError> {
    let (mut document, at) = found(current, entry)?;
    let has_address = tables(&mut document)
        .and_then(|tables| tables.get(at))
        .is_some_and(|table| table.contains_key("base_url"));
    let source = source(current);
    let parsed = parsed(&source)?;
    let mut each = instances::each(&Table::root(&source, parsed.get_ref()))?;
    let instance = if at < each.len() { each.swap_remove(at) } else { None };
    let instance = instance.ok_or_else(|| EditError::ByHand { label: entry.label.clone() })?;
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

/// Removes an entry, with the comments directly above it.
pub fn remove(current: ConfigText<'_>, entry: &EntryPlace) -> Result<String, EditError> {
    let (mut document, at) = found(current, entry)?;
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

/// The files to which the entries of a text refer for secrets, as it spells them.
pub(super) fn files(text: &str) -> Vec<String> {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return Vec::new() };
    let file = |table: &EditTable, key: &str| {
        Some(table.get(key)?.as_table_like()?.get("file")?.as_str()?.to_owned())
    };
    let of = |table: &EditTable| {
        ["instance", "token", "client_token"]
            .into_iter()
            .filter_map(|key| file(table, key))
            .collect::<Vec<_>>()
    };
    tables(&mut document).into_iter().flat_map(|tables| tables.iter()).flat_map(of).collect()
}

/// The entries of a text.
struct Entries {
    usable: Vec<InstanceConfig>,
    broken: Vec<BrokenInstance>,
    /// Where they begin, if there is anything.
    line: Option<usize>,
    /// Stands for the text.
    version: u64,
}

impl Entries {
    /// The line and the name of each entry, in the order of the file.
    fn in_order(&self) -> Vec<(usize, Option<Name>)> {
        let usable = self.usable.iter().map(|one| (one.line, Some(one.label.clone())));
        let broken = self.broken.iter().map(|one| (one.line, one.label.clone()));
        let mut all: Vec<(usize, Option<Name>)> = usable.chain(broken).collect();
        all.sort_by_key(|(line, _)| *line);
        all
    }
}

fn source(current: ConfigText<'_>) -> Source<'_> {
    // Whether others can read the file matters only for secrets in it, which stay as they are.
    Source::new(current.path, current.text, true, None)
}

fn parsed<'a>(source: &Source<'a>) -> Result<Spanned<DeTable<'a>>, ConfigError> {
    DeTable::parse(source.text).map_err(|error| file::unreadable(source, &error, file::NAME))
}

/// Reads the entries; the other tables of a configuration do not matter here.
fn read(current: ConfigText<'_>) -> Result<Entries, EditError> {
    let source = source(current);
    let parsed = parsed(&source)?;
    let root = Table::root(&source, parsed.get_ref());
    let (usable, broken) = instances::read(&root, &OperationSettings::default())?;
    let line = root.get("instance").map(|list| list.line);
    Ok(Entries { usable, broken, line, version: source.version() })
}

/// Checks that the entry with this label has the wanted values in the new text, and that no other entry is the same instance.
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

/// The parsed text and the index of an entry. If several entries are written with its name, its line decides, provided that the
/// file is the one that was read.
fn found(current: ConfigText<'_>, entry: &EntryPlace) -> Result<(DocumentMut, usize), EditError> {
    let entries = read(current)?;
    let label = || entry.label.clone();
    let all = entries.in_order();
    let has_name = |label: &Option<Name>| label.as_ref().is_some_and(|own| own.exact() == entry.label);
    let named: Vec<usize> = (0..all.len()).filter(|at| has_name(&all[*at].1)).collect();
    let at = match named.as_slice() {
        [] => return Err(EditError::NoSuchEntry { label: label() }),
        [only] => *only,
        several => {
            let is_it = |at: &&usize| all[**at].0 == entry.line && entries.version == entry.version;
            *several.iter().find(is_it).ok_or_else(|| EditError::Changed { label: label() })?
        }
    };
    let mut document = document(current)?;
    if tables(&mut document).is_none_or(|tables| at >= tables.len()) {
        return Err(EditError::NoTables { at: place(current.path, &[all[at].0]) });
    }
    Ok((document, at))
}

/// The text for changes, with line feeds as its line ends.
fn document(current: ConfigText<'_>) -> Result<DocumentMut, EditError> {
    let text = current.text.replace("\r\n", "\n");
    text.parse().map_err(|_| {
        // The other parser has accepted it.
        let problem = source(current).problem(1, Message::new("config-no-toml"), file::NAME);
        EditError::Unreadable(problem)
    })
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

/// The new value of a key.
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
