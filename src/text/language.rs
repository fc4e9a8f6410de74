//! The available languages, and the choice of one. It reads no environment: the caller passes in the values.

/// A language in which all text for people exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, which is completed before the others.
    #[default]
    English,
    Portuguese,
    Spanish,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 3] = [Self::English, Self::Portuguese, Self::Spanish];

    /// The BCP 47 tag that selects it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt-BR",
            Self::Spanish => "es",
        }
    }

    /// Its name in the language itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Portuguese => "português",
            Self::Spanish => "español",
        }
    }

    /// The language of a tag; the country, the letter case and the kind of dash do not matter: `pt`, `pt-PT`, `es_MX`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let mut parts = tag.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let is_tag = parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        match language.as_str() {
            "en" if is_tag => Some(Self::English),
            "pt" if is_tag => Some(Self::Portuguese),
            "es" if is_tag => Some(Self::Spanish),
            _ => None,
        }
    }

    /// The language of a POSIX locale such as `pt_BR.UTF-8` or `es_ES@euro`; English for an unknown one.
    pub fn of_locale(locale: &str) -> Self {
        let tag = locale.split(['.', '@']).next().unwrap_or_default();
        Self::of_tag(tag).unwrap_or_default()
    }

    /// The language of an environment: the first of these variables that is not empty decides, whether or not its language is
    /// known (POSIX, 8.2).
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        locale.map_or_else(Self::default, |locale| Self::of_locale(&locale))
    }
}

/// Whether an environment's locale is UTF-8 according to POSIX: without any variable the locale is `C`.
pub fn is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
