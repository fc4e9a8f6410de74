//! A sentence for people as data: which one it is, and what is put into it. Whoever finds out what is to be said makes
//! one; its words, a language each, are `text`'s.

use std::fmt;

/// A sentence, by its key in the catalogues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    key: &'static str,
    parts: Vec<(&'static str, Part)>,
}

/// What is put into a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A text as it is to be shown.
    Text(String),
    /// Another sentence.
    Sentence(Sentence),
}

/// Something that has a sentence for people.
pub trait Tell {
    /// What there is to say.
    fn sentence(&self) -> Sentence;
}

impl Sentence {
    /// The sentence under a key.
    pub fn new(key: &'static str) -> Self {
        Self { key, parts: Vec::new() }
    }

    /// The sentence with something put in under a name.
    #[must_use]
    pub fn put(mut self, name: &'static str, part: impl Into<Part>) -> Self {
        self.parts.push((name, part.into()));
        self
    }

    /// Its key.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// What is put in, by name.
    pub fn parts(&self) -> &[(&'static str, Part)] {
        &self.parts
    }
}

/// As a log has it, in no language: the key and what is put in.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)?;
        for (name, part) in &self.parts {
            match part {
                Part::Text(text) => write!(f, " {name}={text:?}")?,
                Part::Sentence(sentence) => write!(f, " {name}=({sentence})")?,
            }
        }
        Ok(())
    }
}

impl Tell for Sentence {
    fn sentence(&self) -> Sentence {
        self.clone()
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Sentence> for Part {
    fn from(sentence: Sentence) -> Self {
        Self::Sentence(sentence)
    }
}
