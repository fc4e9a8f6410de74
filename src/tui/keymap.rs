//! The keys, as one table: help, footer and look-up all come from it.

mod field;
mod key;
mod table;

use std::collections::HashMap;

use crossterm::event::KeyEvent;

use crate::app::{Context, action::Action};

pub use self::key::Key;
pub use self::table::{BINDINGS, Binding, Section};

/// Which action a key stands for, where.
#[derive(Clone, Debug)]
pub struct Keymap {
    actions: HashMap<(Context, Key), Action>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut actions = HashMap::new();
        for binding in BINDINGS {
            for context in binding.contexts {
                for key in binding.keys {
                    actions.insert((*context, *key), binding.action);
                }
            }
        }
        Self { actions }
    }
}

impl Keymap {
    /// What a key asks for, where keys go to this context. While a text field has the focus no letter is a command.
    pub fn action(&self, context: Context, event: KeyEvent) -> Option<Action> {
        let key = Key::from(event);
        self.actions
            .get(&(context, key))
            .copied()
            .or_else(|| field::edit(field::takes(context), key).map(Action::Edit))
    }

    /// The first key of an action in a context, as people call it.
    pub fn label(&self, context: Context, action: Action) -> Option<String> {
        let binding = BINDINGS
            .iter()
            .find(|binding| binding.action == action && binding.contexts.contains(&context))?;
        binding.keys.first().map(ToString::to_string)
    }

    /// The bindings that the footer shows in a context.
    pub fn hints(&self, context: Context) -> impl Iterator<Item = &'static Binding> {
        BINDINGS.iter().filter(move |binding| binding.is_hint && binding.contexts.contains(&context))
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
            for context in binding.contexts {
                for key in binding.keys {
                    assert!(seen.insert((*context, *key)), "{key} twice in {context:?}");
                }
            }
        }
    }

    #[test]
    fn no_letter_is_a_command_where_a_field_takes_it() {
        for binding in BINDINGS {
            for context in binding.contexts {
                for key in binding.keys {
                    assert!(
                        field::edit(field::takes(*context), *key).is_none(),
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
}
