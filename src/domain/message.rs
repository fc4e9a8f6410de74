//! A message for people, as data: its key and its parameters. The code that knows what to say creates one; `text` holds the words
//! in each language.

/// A message, by its key in the catalogues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    key: &'static str,
    parts: Vec<(&'static str, Part)>,
}

/// A parameter of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A text to show as it is.
    Text(String),
    Message(Message),
}

/// Something that has a message for people.
pub trait ToMessage {
    /// The message.
    fn message(&self) -> Message;
}

impl Message {
    /// The message with this key.
    pub fn new(key: &'static str) -> Self {
        Self { key, parts: Vec::new() }
    }

    /// The same message with a named parameter.
    #[must_use]
    pub fn put(mut self, name: &'static str, part: impl Into<Part>) -> Self {
        self.parts.push((name, part.into()));
        self
    }

    /// Its key.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// The parameters by name.
    pub fn parts(&self) -> &[(&'static str, Part)] {
        &self.parts
    }
}

impl ToMessage for Message {
    fn message(&self) -> Message {
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

impl From<Message> for Part {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}
