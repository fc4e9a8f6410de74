//! The keys, as one table: help, footer and lookup all use it.

mod field;
mod key;
mod table;

use std::{borrow::Cow, collections::HashMap};

use crossterm::event::KeyEvent;

use crate::{
    app::{Context, action::Action},
    domain::message::{Message, ToMessage},
};

pub use self::key::Key;
pub use self::table::{BINDINGS, Binding, Hint, Section};

/// Which action each key triggers in each context.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Bound>,
}

/// A row of the table with its current keys.
#[derive(Clone, Debug)]
pub struct Bound {
    pub row: &'static Binding,
    /// Its keys, built-in or from the configuration.
    pub keys: Cow<'static, [Key]>,
}

/// Why keys from the configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// No action has this name.
    Action(String),
    /// No key has this name.
    Name(String),
    /// The key is listed twice.
    Twice(String),
    /// Terminals send a different key for it, or nothing.
    Unsent(String),
    /// The key already has a meaning in that context.
    Taken {
        key: String,
        /// The action it should trigger.
        action: String,
        /// The action it already triggers.
        other: &'static str,
    },
    /// A text field takes the key as text.
    Typed {
        key: String,
        /// The action it should trigger.
        action: String,
    },
}

impl ToMessage for KeyError {
    fn message(&self) -> Message {
        match self {
            Self::Action(action) => Message::new("key-no-action").put("action", action.as_str()),
            Self::Name(key) => Message::new("key-no-key").put("key", key.as_str()),
            Self::Twice(key) => Message::new("key-twice").put("key", key.as_str()),
            Self::Unsent(key) => Message::new("key-unsent").put("key", key.as_str()),
            Self::Taken { key, action, other } => Message::new("key-taken")
                .put("key", key.as_str())
                .put("action", action.as_str())
                .put("other", *other),
            Self::Typed { key, action } => {
                Message::new("key-typed").put("key", key.as_str()).put("action", action.as_str())
            }
        }
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: BINDINGS.iter().map(|row| Bound { row, keys: Cow::Borrowed(row.keys) }).collect() }
    }
}

impl Keymap {
    /// Replaces the keys of an action. The error contains the index of the wrong key in `keys`, or 0 if the action is
    /// unknown.
    pub fn rebind(&mut self, action: &str, keys: &[&str]) -> Result<(), (usize, KeyError)> {
        let mut named = Vec::with_capacity(keys.len());
        for (at, text) in keys.iter().enumerate() {
            let wrong = |error: fn(String) -> KeyError| (at, error((*text).to_owned()));
            let key = Key::named(text).ok_or_else(|| wrong(KeyError::Name))?;
            if !key.is_sent() {
                return Err(wrong(KeyError::Unsent));
            }
            if named.contains(&key) {
                return Err(wrong(KeyError::Twice));
            }
            named.push(key);
        }
        let mut is_first = true;
        for bound in self.bindings.iter_mut().filter(|bound| bound.row.name == action) {
            // Several rows with the same name are one action in several contexts; the first row covers all of them.
            bound.keys = Cow::Owned(if is_first { named.clone() } else { Vec::new() });
            is_first = false;
        }
        if is_first {
            return Err((0, KeyError::Action(action.to_owned())));
        }
        Ok(())
    }

    /// Checks that every key has only one meaning in each context; call it after all changes. The error contains the
    /// names of the actions concerned.
    pub fn check(&self) -> Result<(), ([&'static str; 2], KeyError)> {
        let mut seen: HashMap<(Context, Key), &'static str> = HashMap::new();
        for Bound { row, keys } in &self.bindings {
            for (context, key) in
                row.contexts.iter().flat_map(|context| keys.iter().map(move |key| (context, *key)))
            {
                let text = || key.to_string();
                if let Some(other) = seen.insert((context, key), row.name).filter(|other| *other != row.name)
                {
                    return Err((
                        [row.name, other],
                        KeyError::Taken { key: text(), action: row.name.to_owned(), other },
                    ));
                }
                if field::edit(context.takes(), key).is_some() {
                    return Err((
                        [row.name; 2],
                        KeyError::Typed { key: text(), action: row.name.to_owned() },
                    ));
                }
            }
        }
        Ok(())
    }

    /// The action for a key in a context. While a text field has the focus, no letter is a command.
    pub fn action(&self, context: Context, event: KeyEvent) -> Option<Action> {
        let key = Key::from(event);
        self.bound(context, key).or_else(|| field::edit(context.takes(), key).map(Action::Edit))
    }

    fn bound(&self, context: Context, key: Key) -> Option<Action> {
        let means = |bound: &&Bound| bound.keys.contains(&key) && bound.row.contexts.contains(context);
        self.bindings.iter().find(means).map(|bound| bound.row.action)
    }

    /// The label of the first key of an action in a context.
    pub fn label(&self, context: Context, action: Action) -> Option<String> {
        self.key(context, action).map(|key| key.to_string())
    }

    /// The first key of an action in a context.
    pub fn key(&self, context: Context, action: Action) -> Option<Key> {
        let fits = |bound: &&Bound| bound.row.action == action && bound.row.contexts.contains(context);
        let bound = self.bindings.iter().filter(fits).find(|bound| !bound.keys.is_empty())?;
        bound.keys.first().copied()
    }

    /// The actions that the footer shows in a context.
    pub fn hints(&self, context: Context) -> impl Iterator<Item = (Action, Hint)> {
        let rows = self.bindings.iter().map(|bound| bound.row);
        rows.filter(move |row| row.contexts.contains(context)).filter_map(|row| Some((row.action, row.hint?)))
    }

    /// All bindings, in table order.
    pub fn bindings(&self) -> &[Bound] {
        &self.bindings
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_key_has_one_meaning_in_a_context() {
        let mut seen = HashSet::new();
        for binding in BINDINGS {
            for context in binding.contexts.iter() {
                for key in binding.keys {
                    assert!(seen.insert((context, *key)), "{key} twice in {context:?}");
                }
            }
        }
    }

    #[test]
    fn no_letter_is_a_command_while_a_field_accepts_it() {
        for binding in BINDINGS {
            for context in binding.contexts.iter() {
                for key in binding.keys {
                    assert!(
                        field::edit(context.takes(), *key).is_none(),
                        "{key} in {context:?} is typed, not a command"
                    );
                }
            }
        }
    }

    #[test]
    fn enter_confirms_nothing() {
        for binding in BINDINGS.iter().filter(|binding| binding.action == Action::Confirm) {
            assert_eq!(binding.keys, [Key::Char('y')]);
        }
    }

    #[test]
    fn an_action_gets_other_keys_and_loses_its_own() {
        let mut keys = Keymap::default();
        keys.rebind("link", &["ctrl-o", "f5"]).unwrap();
        keys.check().unwrap();
        let link = Action::Plan(crate::app::action::Planned::Link);
        assert_eq!(keys.label(Context::Panes, link).as_deref(), Some("Ctrl-o"));
        let press = |text: &str| keys.bound(Context::Panes, Key::named(text).unwrap());
        assert_eq!((press("f5"), press("l")), (Some(link), None));
    }

    #[test]
    fn unbindable_keys_are_reported() {
        let mut keys = Keymap::default();
        assert_eq!(keys.rebind("lnik", &["x"]), Err((0, KeyError::Action("lnik".to_owned()))));
        assert_eq!(keys.rebind("link", &["x", "hyper-x"]), Err((1, KeyError::Name("hyper-x".to_owned()))));
        assert_eq!(keys.rebind("link", &["x", "x"]), Err((1, KeyError::Twice("x".to_owned()))));
        keys.rebind("link", &["u"]).unwrap();
        assert!(matches!(keys.check(), Err((["unlink", "link"], KeyError::Taken { .. }))));
        let mut keys = Keymap::default();
        keys.rebind("choose", &["x"]).unwrap();
        assert!(matches!(keys.check(), Err((["choose", _], KeyError::Typed { .. }))));
    }

    #[test]
    fn a_key_that_needs_a_keyboard_protocol_is_refused() {
        for text in ["ctrl-i", "ctrl-m", "ctrl-[", "ctrl-1", "shift-enter", "shift-esc", "shift-backspace"] {
            assert_eq!(
                Keymap::default().rebind("link", &[text]),
                Err((0, KeyError::Unsent(text.to_owned())))
            );
        }
        for text in ["ctrl-o", "shift-tab", "shift-f5", "shift-right", "f12", "é"] {
            assert_eq!(Keymap::default().rebind("link", &[text]), Ok(()), "{text}");
        }
        assert!(BINDINGS.iter().flat_map(|row| row.keys).all(|key| key.is_sent()));
    }

    #[test]
    fn the_built_in_keys_are_sound() {
        assert_eq!(Keymap::default().check(), Ok(()));
    }
}
