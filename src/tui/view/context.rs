//! What every view needs besides the state.

use crate::{
    app::{Context, State, action::Action, applies},
    domain::time::Millis,
    text::Text,
    tui::{
        keymap::{Key, Keymap},
        theme::Theme,
    },
};

/// What every view needs besides the state: the styles, the texts and the keys.
#[derive(Clone, Copy, Debug)]
pub struct ViewContext<'a> {
    pub theme: &'a Theme,
    pub text: &'a Text,
    pub keys: &'a Keymap,
    /// Formats a point in time as the time of day.
    pub time: fn(Millis) -> String,
}

impl ViewContext<'_> {
    /// The label of the first key of an action in a context.
    pub(super) fn label(&self, context: Context, action: Action) -> Option<String> {
        self.keys.key(context, action).map(|key| self.name(key))
    }

    /// The label of the key that goes back; it is the same in every context.
    pub(super) fn back(&self) -> String {
        self.label(Context::Panes, Action::Cancel).unwrap_or_default()
    }

    /// The label of a key.
    pub(super) fn name(&self, key: Key) -> String {
        key_name(self.text, key)
    }
}

/// The texts with the keys that correct an entry of the configuration, if the screen can change that.
pub fn correcting_entries(state: &State, keys: &Keymap, text: Text) -> Text {
    let label = |context, action| keys.key(context, action).map(|key| key_name(&text, key));
    let instances = label(Context::Panes, Action::Instances).filter(|_| applies::add_instance(state));
    match instances.zip(label(Context::Instances, Action::EditInstance)) {
        Some((instances, edit)) => text.correcting_entries(instances, edit),
        None => text,
    }
}

/// The label of a key.
pub(super) fn key_name(text: &Text, key: Key) -> String {
    match key {
        Key::Char(' ') => text.say("key-space").into_owned(),
        key => key.to_string(),
    }
}
