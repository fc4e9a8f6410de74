//! The window with the instances: those in the configuration, the broken ones after the others, and instances that only a gateway
//! lists.

use crate::{
    app::{
        broken::BrokenEntry,
        context::Context,
        effect::{Effect, Ticket},
        instance::{Address, Instance},
        layout::{INSTANCES_BELOW, INSTANCES_SIZE, instances_list},
        list::List,
        modal::window::{Scene, Window},
    },
    domain::{
        failure::Failure,
        instance::{Connection, InstanceKey},
        name::Name,
    },
};

/// The configured instances, and others that a gateway lists.
#[derive(Clone, Debug, Default)]
pub struct InstancesWindow {
    pub rows: List<InstanceRow>,
    /// The instances whose state is being read, with their tickets.
    pub asked: Vec<(InstanceKey, Ticket)>,
    /// The instances that a gateway lists but the configuration does not name.
    pub others: Vec<OtherInstance>,
    /// Those of the others that the operator has ticked, to add them to the configuration.
    pub ticked: Vec<Address>,
    /// The lists of instances that could not be read, by the instance that was asked.
    pub unread: Vec<(InstanceKey, Failure)>,
    /// What each row is about, whatever its place: the cursor follows it.
    subjects: Vec<RowSubject>,
}

/// What a row is about. An entry keeps its subject if it becomes broken, or usable.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RowSubject {
    /// The entry with this label, and how many entries before it have the same label or the same lack of one.
    Entry(Option<String>, usize),
    /// An instance that is not in the configuration.
    Other(Address),
}

/// A row of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceRow {
    Configured(InstanceKey),
    /// An entry of the configuration that cannot be used, by its index in [`State::broken`](crate::app::State::broken).
    Broken(usize),
    /// An instance that is not in the configuration, by its index in [`InstancesWindow::others`].
    Other(usize),
}

/// An instance that a gateway lists but the configuration does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherInstance {
    pub name: Name,
    /// Whether it is connected.
    pub connection: Connection,
    /// The configured instance whose token lists it.
    pub listed_by: InstanceKey,
    pub address: Address,
}

impl InstancesWindow {
    /// Whether an instance's state is being read.
    pub fn is_asking(&self, instance: &InstanceKey) -> bool {
        self.asked.iter().any(|(asked, _)| asked == instance)
    }

    /// Cancels the reads in progress.
    pub fn cancel(&self) -> Vec<Effect> {
        Effect::cancel(self.asked.iter().map(|(_, ticket)| *ticket))
    }

    /// The instance under the cursor, if it is not in the configuration.
    pub fn other(&self) -> Option<&OtherInstance> {
        match self.rows.selected()? {
            InstanceRow::Other(at) => self.others.get(*at),
            InstanceRow::Configured(_) | InstanceRow::Broken(_) => None,
        }
    }

    /// The instance under the cursor, if it is in the configuration.
    pub fn configured(&self) -> Option<&InstanceKey> {
        match self.rows.selected()? {
            InstanceRow::Configured(key) => Some(key),
            InstanceRow::Other(_) | InstanceRow::Broken(_) => None,
        }
    }

    /// The index of the broken entry under the cursor.
    pub fn broken(&self) -> Option<usize> {
        match self.rows.selected()? {
            InstanceRow::Broken(at) => Some(*at),
            InstanceRow::Configured(_) | InstanceRow::Other(_) => None,
        }
    }

    /// Adds the instances that one token lists, except those already known from the configuration or from another token
    /// of the account.
    pub fn take_listed(
        &mut self,
        instances: &[Instance],
        by: &Instance,
        listed: Vec<crate::domain::pairing::ListedInstance>,
    ) {
        for instance in listed {
            let address = by.profile.address.beside(&instance.name);
            let is_configured = instances.iter().any(|known| known.profile.address == address);
            let is_known = self.others.iter().any(|other| other.address == address);
            if !is_configured && !is_known {
                let (name, connection) = (instance.name, instance.connection);
                self.others.push(OtherInstance { name, connection, listed_by: by.key().clone(), address });
            }
        }
        self.others.sort_by(|one, other| one.name.shown().cmp(other.name.shown()));
    }

    /// What the rows are about, in their order.
    fn subjects_of(&self, scene: Scene<'_>) -> Vec<RowSubject> {
        let usable = scene.instances.iter().map(|instance| Some(instance.profile.label.clone()));
        let label_of = |entry: &BrokenEntry| entry.place.as_ref().map(|place| place.label.clone());
        let labels: Vec<Option<String>> = usable.chain(scene.broken.iter().map(label_of)).collect();
        let entry = |at: usize| {
            let before = labels[..at].iter().filter(|label| **label == labels[at]).count();
            RowSubject::Entry(labels[at].clone(), before)
        };
        let others = self.others.iter().map(|other| RowSubject::Other(other.address.clone()));
        (0..labels.len()).map(entry).chain(others).collect()
    }

    /// The size of the window with its border; its height grows with its rows.
    pub fn size(&self) -> (u16, u16) {
        let rows = u16::try_from(self.rows.rows().len()).unwrap_or(u16::MAX);
        (INSTANCES_SIZE.0, rows.saturating_add(INSTANCES_BELOW + 3).min(INSTANCES_SIZE.1))
    }
}

impl Window for InstancesWindow {
    fn context(&self) -> Context {
        Context::Instances
    }

    fn settle(&mut self, scene: Scene<'_>) {
        let configured =
            scene.instances.iter().map(|instance| InstanceRow::Configured(instance.key().clone()));
        let broken = (0..scene.broken.len()).map(InstanceRow::Broken);
        let others = (0..self.others.len()).map(InstanceRow::Other);
        let subjects = self.subjects_of(scene);
        let before = self.subjects.get(self.rows.cursor());
        let is_renamed = self.configured().is_some_and(|key| scene.instance(key).is_some());
        let now = before.and_then(|before| subjects.iter().position(|subject| subject == before));
        self.rows.set_rows(configured.chain(broken).chain(others).collect());
        if let Some(at) = now.filter(|at| !is_renamed && *at != self.rows.cursor()) {
            self.rows.go_to(at);
        }
        self.subjects = subjects;
        let inner = scene.lines(self.size());
        self.rows.set_height(usize::from(instances_list(self.rows.rows().len(), inner)));
    }
}
