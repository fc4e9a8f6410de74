//! All text for people on the screen and in reports: sentences from one catalogue per language, numbers and times from
//! `format`, widths from `width`. It does not decide which text appears when, and knows no colours.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, LazyLock},
};

use crate::domain::{
    message::{Message, Part, ToMessage},
    name::NameRef,
};

mod catalogue;
mod entries;
mod facts;
pub mod format;
mod language;
pub mod width;
pub mod words;

pub use catalogue::Arg;
pub use facts::DiagnosisKeys;
pub use language::{Language, is_utf8};

use catalogue::Catalogue;

/// The texts of one language; clones share them.
#[derive(Clone)]
pub struct Text {
    language: Language,
    catalogue: Catalogue,
    states_width: usize,
    /// The keys that open the window with the instances, and an entry there.
    entry_keys: Option<Arc<(String, String)>>,
}

impl Text {
    /// The texts of a language, which are built in.
    pub fn of(language: Language) -> Self {
        let mut text =
            Self { language, catalogue: Catalogue::of(language), states_width: 0, entry_keys: None };
        text.states_width = words::states_width(&text);
        text
    }

    /// The texts for a screen on which these keys open the window with the instances, and an entry there: advice about an entry of
    /// the configuration names them.
    #[must_use]
    pub fn correcting_entries(self, instances: String, edit: String) -> Self {
        Self { entry_keys: Some(Arc::new((instances, edit))), ..self }
    }

    /// The English texts.
    pub fn english() -> Self {
        Self::of(Language::English)
    }

    /// The width in cells of the longest word for an item's progress or outcome.
    pub fn states_width(&self) -> usize {
        self.states_width
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key, without arguments. A key that the catalogue lacks is shown itself.
    pub fn say(&self, key: &'static str) -> Cow<'_, str> {
        self.catalogue.format(key, &[])
    }

    /// The text of a key with its arguments filled in. Numbers are grouped, and choose the plural.
    pub fn with(&self, key: &'static str, args: &[(&'static str, Arg<'_>)]) -> String {
        self.catalogue.format(key, args).into_owned()
    }

    /// A value in words.
    pub fn tell(&self, what: &impl ToMessage) -> String {
        self.render(&what.message())
    }

    fn render(&self, message: &Message) -> String {
        let part = |(name, part): &(&'static str, Part)| match part {
            Part::Text(text) => (*name, Arg::from(text.clone())),
            Part::Message(inner) => (*name, Arg::from(self.render(inner))),
        };
        let parts: Vec<_> = message.parts().iter().map(part).collect();
        self.with(message.key(), &parts)
    }

    /// Whether the catalogue has the key.
    pub fn has(&self, key: &str) -> bool {
        self.catalogue.has(key)
    }
}

/// The English text, for logs and for callers of the library.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static ENGLISH: LazyLock<Text> = LazyLock::new(Text::english);
        f.write_str(&ENGLISH.render(self))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("language", &self.language).finish_non_exhaustive()
    }
}

/// A name from outside in its display form; a name without visible characters becomes `(no name) …1234` with the tail of its id.
pub fn shown_name<'a>(text: &Text, name: impl Into<NameRef<'a>>, tail: &str) -> Cow<'a, str> {
    let name = name.into();
    if name.shown().is_empty() {
        return Cow::Owned(text.with("name-none", &[("tail", tail.into())]));
    }
    Cow::Borrowed(name.shown())
}
