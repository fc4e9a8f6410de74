//! State files in TOML. It owns the meaning of their keys, and ensures that a mistake neither hides nor causes others; `state_file` owns
//! which files these are.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use crate::domain::{
    desired::{Given, Section},
    message::Message,
    name::Name,
};

/// The keys of a state file.
const KEYS: [&str; 2] = ["community", "standalone"];
const COMMUNITY_KEYS: [&str; 4] = ["instance", "community", "groups", "only"];
const STANDALONE_KEYS: [&str; 2] = ["instance", "groups"];

/// Reads a state file. A statement that is not valid TOML is reported and does not affect the others.
pub(super) fn read(content: &str) -> (Vec<Section>, Vec<(usize, Message)>) {
    let statements = Statements::of(content);
    let (table, errors) = DeTable::parse_recoverable(&statements.valid);
    let line_ends = statements.valid.match_indices('\n').map(|(end, _)| end).collect();
    let mut reader = Reader { line_ends, sections: Vec::new(), faults: Vec::new(), statements: &statements };
    for (line, _) in &statements.invalid {
        reader.faults.push((*line, Message::new("state-no-toml")));
    }
    for error in errors {
        // The parser's own message repeats the file.
        let key = if error.message().contains("duplicate") { "state-twice" } else { "state-no-toml" };
        reader.fault(&error.span().unwrap_or_default(), Message::new(key));
    }
    let root = table.get_ref();
    reader.refuse_unknown(root, &KEYS);
    for key in KEYS {
        let Some(value) = root.get(key) else { continue };
        let DeValue::Array(sections) = value.get_ref() else {
            reader.fault(&value.span(), Message::new("state-want-tables").put("key", key));
            continue;
        };
        for section in sections {
            match section.get_ref() {
                DeValue::Table(table) => reader.section(table, &section.span(), key == "community"),
                _ => reader.fault(&section.span(), Message::new("state-want-tables").put("key", key)),
            }
        }
    }
    let Reader { sections, mut faults, .. } = reader;
    // A mistake may confuse the parser more than once in the same line.
    faults.sort_by_key(|(line, _)| *line);
    faults.dedup();
    (sections, faults)
}

/// The statements of a state file: the headers of sections, and keys with their values.
struct Statements {
    /// The content with blank lines in place of the invalid statements.
    valid: String,
    /// The invalid statements, each with the line of its mistake and its key; an empty key for a header.
    invalid: Vec<(usize, String)>,
    /// The lines of the headers.
    headers: Vec<usize>,
}

impl Statements {
    fn of(content: &str) -> Self {
        let mut all = Self { valid: content.to_owned(), invalid: Vec::new(), headers: Vec::new() };
        if DeTable::parse(content).is_ok() {
            return all;
        }
        all.valid.clear();
        // The keys after an invalid header belong to no section.
        let mut is_in_section = true;
        let lines: Vec<&str> = content.split_inclusive('\n').collect();
        let mut begin = 0;
        while begin < lines.len() {
            let next = lines[begin + 1..].iter().position(|line| begins(line).is_some());
            let end = next.map_or(lines.len(), |after| begin + 1 + after);
            let text = lines[begin..end].concat();
            let key = begins(lines[begin]);
            let mistake = mistake(&text).map(|line| begin + line);
            if key == Some("") {
                all.headers.push(begin + 1);
                is_in_section = mistake.is_none();
            }
            if let Some(line) = mistake.filter(|_| is_in_section || key == Some("")) {
                all.invalid.push((line, key.unwrap_or_default().to_owned()));
            }
            if mistake.is_none() && is_in_section {
                all.valid.push_str(&text);
            } else {
                all.valid.extend(text.matches('\n'));
            }
            begin = end;
        }
        all
    }

    /// Whether the value of a key is invalid in the section that begins in this line.
    fn is_invalid(&self, section: usize, key: &str) -> bool {
        let next = self.headers.iter().find(|line| **line > section);
        let is_here = |line: usize| line >= section && next.is_none_or(|next| line < *next);
        self.invalid.iter().any(|(line, invalid)| invalid == key && is_here(*line))
    }
}

/// The key of the statement that begins in a line; empty for a header, `None` if the line continues a statement.
fn begins(line: &str) -> Option<&str> {
    let line = line.trim();
    let is_of_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if line.strip_prefix('[').is_some_and(|rest| rest.starts_with(|c: char| c == '[' || is_of_key(c))) {
        return Some("");
    }
    let (key, rest) = line.split_at(line.find(|c: char| !is_of_key(c))?);
    (!key.is_empty() && rest.trim_start().starts_with('=')).then_some(key)
}

/// The line of the mistake in a statement, counted from 1; `None` if it is valid.
fn mistake(statement: &str) -> Option<usize> {
    let error = DeTable::parse(statement).err()?;
    let begin = error.span().map_or(0, |span| span.start).min(statement.trim_end().len());
    Some(statement[..begin].matches('\n').count() + 1)
}

struct Reader<'a> {
    /// Where the lines end.
    line_ends: Vec<usize>,
    sections: Vec<Section>,
    faults: Vec<(usize, Message)>,
    statements: &'a Statements,
}

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.line_ends.partition_point(|end| *end < span.start) + 1
    }

    fn fault(&mut self, span: &Range<usize>, what: Message) {
        self.faults.push((self.line(span), what));
    }

    fn refuse_unknown(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let given = Name::new(key.get_ref());
            let what =
                Message::new("state-unknown-key").put("key", given.shown()).put("known", known.join(", "));
            self.fault(&key.span(), what);
        }
    }

    fn section(&mut self, table: &DeTable<'_>, span: &Range<usize>, is_community: bool) {
        self.refuse_unknown(table, if is_community { &COMMUNITY_KEYS } else { &STANDALONE_KEYS });
        let instance = table.get("instance").map(|value| self.text(value, "instance"));
        let community =
            table.get("community").filter(|_| is_community).map(|value| self.text(value, "community"));
        let line = self.line(span);
        let is_invalid = |key: &str| self.statements.is_invalid(line, key);
        let lacks_groups = is_invalid("groups");
        // Without its instance or its community, the section would mean something else.
        let is_unclear = is_invalid("instance") || is_invalid("community");
        if is_community && community.is_none() && !is_invalid("community") {
            self.fault(span, Message::new("state-missing-key").put("key", "community"));
        }
        let is_only =
            match table.get("only").filter(|_| is_community).map(|only| (only.get_ref(), only.span())) {
                None => false,
                Some((DeValue::Boolean(only), _)) => *only,
                Some((_, span)) => {
                    self.fault(&span, Message::new("state-want-bool").put("key", "only"));
                    false
                }
            };
        let groups = match table.get("groups").map(|groups| (groups.get_ref(), groups.span())) {
            None if lacks_groups => Vec::new(),
            None => {
                self.fault(span, Message::new("state-missing-key").put("key", "groups"));
                Vec::new()
            }
            Some((DeValue::Array(groups), _)) => self.groups(groups),
            Some((_, span)) => {
                self.fault(&span, Message::new("state-want-groups").put("key", "groups"));
                Vec::new()
            }
        };
        // What cannot be read has been reported, and the rest of the section would mean something else without it.
        let (Ok(instance), Ok(community)) = (instance.transpose(), community.transpose()) else { return };
        if !is_unclear && (!is_community || community.is_some()) {
            self.sections.push(Section { instance, community, groups, is_only });
        }
    }

    fn groups(&mut self, groups: &DeArray<'_>) -> Vec<Given> {
        groups.iter().filter_map(|group| self.text(group, "groups").ok()).collect()
    }

    /// A text that is not empty.
    fn text(&mut self, value: &Spanned<DeValue<'_>>, key: &'static str) -> Result<Given, ()> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                Ok(Given { line: self.line(&value.span()), readings: vec![text.as_ref().to_owned()] })
            }
            _ => {
                self.fault(&value.span(), Message::new("state-want-text").put("key", key));
                Err(())
            }
        }
    }
}
