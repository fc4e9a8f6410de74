//! The form for an entry of the configuration, and the question whether to remove one. The form holds secrets: only the screen shows
//! that they are there, and they are dropped with the window.

use tui_input::Input;

use crate::{
    app::{
        context::Context,
        effect::Ticket,
        entry::{
            ChosenEntry, EntryField, EntryRefusal, EntryTrouble, EntryValues, GatewayChoice, GivenSecret,
            SecretOrigin,
        },
        modal::window::Window,
    },
    domain::private::{Private, may_be_token},
};

/// The form for an entry.
#[derive(Clone, Debug)]
pub struct EntryWindow {
    /// The entry that is changed; `None` for a new one.
    pub old: Option<ChosenEntry>,
    /// Whether the program began with it, because there is no instance yet.
    pub is_first: bool,
    /// The gateways to choose from.
    pub gateways: Vec<GatewayChoice>,
    /// The index of the chosen gateway.
    pub gateway: usize,
    pub address: TextField,
    pub instance: TextField,
    pub token: TextField,
    pub client_token: TextField,
    pub name: TextField,
    /// The field that takes the keys.
    pub focus: EntryField,
    pub progress: EntryProgress,
}

/// A field for text, which may be a secret.
#[derive(Clone, Default)]
pub struct TextField {
    pub input: Input,
    /// Where the secret comes from, if the field is for one.
    pub origin: SecretOrigin,
}

impl std::fmt::Debug for TextField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TextField(***)")
    }
}

/// What happens with the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryProgress {
    Editing,
    /// The values of the entry are being read.
    Reading(Ticket),
    /// It is being tried, and then written.
    Trying(Ticket),
    Refused(EntryRefusal),
}

impl TextField {
    fn of(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()), origin: SecretOrigin::Typed }
    }

    fn of_given(given: &GivenSecret) -> Self {
        let text = given.text.as_ref().map_or("", Private::expose);
        Self { input: Input::new(text.to_owned()), origin: given.origin }
    }

    /// Whether its text is a secret, or may be one in the place of a reference.
    pub fn is_hidden(&self) -> bool {
        let text = self.input.value();
        match self.origin {
            SecretOrigin::Typed => true,
            SecretOrigin::Variable => {
                may_be_token(text) || !text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
            }
            SecretOrigin::File | SecretOrigin::Command => may_be_token(text),
            SecretOrigin::Kept => false,
        }
    }

    fn given(&self) -> GivenSecret {
        let text = Private::new(self.input.value()).filter(|_| self.origin != SecretOrigin::Kept);
        GivenSecret { origin: self.origin, text }
    }
}

impl EntryWindow {
    /// An empty form.
    pub fn new(gateways: Vec<GatewayChoice>) -> Self {
        Self {
            old: None,
            is_first: false,
            gateways,
            gateway: 0,
            address: TextField::default(),
            instance: TextField::default(),
            token: TextField::default(),
            client_token: TextField::default(),
            name: TextField::default(),
            focus: EntryField::Gateway,
            progress: EntryProgress::Editing,
        }
    }

    /// Shows the values of an entry, to be changed.
    pub fn fill(&mut self, values: &EntryValues) {
        let is_its = |choice: &GatewayChoice| choice.word == values.gateway;
        self.gateway = self.gateways.iter().position(is_its).unwrap_or_default();
        self.address = TextField::of(&values.address);
        self.instance = TextField::of_given(&values.instance);
        self.token = TextField::of_given(&values.token);
        self.client_token = TextField::of_given(&values.client_token);
        self.name = TextField::of(&values.label);
        self.focus = EntryField::Token;
        self.progress = EntryProgress::Editing;
    }

    /// The values in the fields.
    pub fn values(&self) -> EntryValues {
        let choice = self.choice();
        let given =
            |field, given: &TextField| if self.has(field) { given.given() } else { GivenSecret::default() };
        EntryValues {
            gateway: choice.map(|choice| choice.word.to_owned()).unwrap_or_default(),
            address: self.address.input.value().trim().to_owned(),
            instance: given(EntryField::Instance, &self.instance),
            token: self.token.given(),
            client_token: given(EntryField::ClientToken, &self.client_token),
            label: self.name.input.value().trim().to_owned(),
        }
    }

    /// The chosen gateway.
    pub fn choice(&self) -> Option<&GatewayChoice> {
        self.gateways.get(self.gateway)
    }

    /// The fields that the chosen gateway needs, from top to bottom.
    pub fn fields(&self) -> Vec<EntryField> {
        let all = [
            EntryField::Gateway,
            EntryField::Address,
            EntryField::Instance,
            EntryField::Token,
            EntryField::ClientToken,
            EntryField::Name,
        ];
        all.into_iter().filter(|field| self.has(*field)).collect()
    }

    /// Whether the chosen gateway has a field.
    fn has(&self, field: EntryField) -> bool {
        matches!(field, EntryField::Gateway | EntryField::Name) || self.help(field).is_some()
    }

    /// Whether the entry can be called like the instance on the gateway.
    pub fn has_plain_instance(&self) -> bool {
        self.has(EntryField::Instance) && !self.is_secret(EntryField::Instance)
    }

    /// The key of the help on a field that only some gateways have.
    pub fn help(&self, field: EntryField) -> Option<&'static str> {
        let fields = &self.choice()?.fields;
        fields.iter().find(|(own, _)| *own == field).map(|(_, help)| *help)
    }

    /// Whether a field is for a secret.
    pub fn is_secret(&self, field: EntryField) -> bool {
        match field {
            EntryField::Instance => self.choice().is_some_and(|choice| choice.keeps_name_secret),
            EntryField::Token | EntryField::ClientToken => true,
            EntryField::Gateway | EntryField::Address | EntryField::Name => false,
        }
    }

    /// A field for text; the gateway is chosen.
    pub fn text(&self, field: EntryField) -> Option<&TextField> {
        match field {
            EntryField::Gateway => None,
            EntryField::Address => Some(&self.address),
            EntryField::Instance => Some(&self.instance),
            EntryField::Token => Some(&self.token),
            EntryField::ClientToken => Some(&self.client_token),
            EntryField::Name => Some(&self.name),
        }
    }

    /// The field for text that takes the keys.
    pub fn focused_mut(&mut self) -> Option<&mut TextField> {
        match self.focus {
            EntryField::Gateway => None,
            EntryField::Address => Some(&mut self.address),
            EntryField::Instance => Some(&mut self.instance),
            EntryField::Token => Some(&mut self.token),
            EntryField::ClientToken => Some(&mut self.client_token),
            EntryField::Name => Some(&mut self.name),
        }
    }

    /// The first field that must not be empty and is.
    pub fn missing(&self) -> Option<EntryField> {
        let choice = self.choice();
        let has_plain_name = self.has_plain_instance() && !self.instance.given().is_missing();
        // Without an instance, the gateway is asked which ones there are.
        let can_ask = choice.is_some_and(|choice| choice.lists_instances);
        let is_named = !self.name.input.value().trim().is_empty() || has_plain_name || can_ask;
        let needs_address = choice.is_some_and(|choice| choice.usual_address.is_none());
        let needs_instance = choice.is_some_and(|choice| choice.needs_instance) && !can_ask;
        [
            (EntryField::Address, self.address.input.value().trim().is_empty() && needs_address),
            (EntryField::Instance, self.instance.given().is_missing() && needs_instance),
            (EntryField::Token, self.token.given().is_missing()),
            (EntryField::Name, !is_named),
        ]
        .into_iter()
        .find_map(|(field, is_missing)| is_missing.then_some(field))
    }

    /// Whether the entry was refused in a way that does not forbid to write it.
    pub fn may_pass(&self) -> bool {
        matches!(&self.progress, EntryProgress::Refused(refusal) if refusal.may_pass())
    }

    /// Reports that a field is empty, and moves there.
    pub fn require(&mut self, field: EntryField) {
        self.focus = field;
        let why = EntryTrouble::Missing;
        self.progress = EntryProgress::Refused(EntryRefusal { field: Some(field), why });
    }

    /// Whether it waits for something.
    pub fn is_waiting(&self) -> bool {
        matches!(self.progress, EntryProgress::Reading(_) | EntryProgress::Trying(_))
    }
}

impl Window for EntryWindow {
    fn context(&self) -> Context {
        Context::Entry
    }
}

/// The question whether to remove an entry.
#[derive(Clone, Debug)]
pub struct RemovalWindow {
    pub entry: ChosenEntry,
}

impl Window for RemovalWindow {
    fn context(&self) -> Context {
        Context::Removal
    }
}
