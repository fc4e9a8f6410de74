//! Comparing an instance with a file: reads the file, finds what its entries mean, reads the instance, and shows the differences.

use super::{Handle, Reply};
use crate::{
    app::{
        action::{Action, Marking, Planned},
        effect::{Effect, Ticket, Work},
        modal::{
            Modal,
            drift::{Comparison, DriftChoices, DriftWindow, FaultsWindow, FileFault},
            file::{FileProgress, FileWindow},
            planning::Purpose,
        },
        notice::Notice,
        scroll::Scroll,
        state::State,
        update::planning,
    },
    domain::{
        desired::{Desired, Given, Section, StateFile},
        instance::InstanceKey,
        lookup::{Accept, meant},
        message::Message,
        name::Name,
        plan::{Request, Verb},
        reading::Scope,
    },
};

/// Asks for the name of the file.
pub(crate) fn open(state: &mut State) {
    if let Some(instance) = state.instance() {
        let window = FileWindow::compare(instance.key().clone(), String::new());
        state.modals.push(Modal::File(window));
    }
}

/// Reads the file that a window names.
pub(super) fn read_state(state: &mut State, window: &mut FileWindow) -> Vec<Effect> {
    let ticket = state.ticket();
    window.progress = FileProgress::Working(ticket);
    vec![Effect::Work(Work::ReadState { ticket, file: window.name().to_owned() })]
}

/// Handles the content of a file, or why it could not be read.
pub(crate) fn on_state_read(
    state: &mut State,
    ticket: Ticket,
    result: Result<Box<StateFile>, Message>,
) -> Vec<Effect> {
    let waits =
        |modal: &Modal| matches!(modal, Modal::File(file) if file.progress == FileProgress::Working(ticket));
    let Some(at) = state.modals.iter().position(waits) else { return Vec::new() };
    let Some(Modal::File(window)) = state.modals.get_mut(at) else { return Vec::new() };
    let (key, name, choices) = (window.instance.clone(), window.name().to_owned(), window.choices.clone());
    let unread = state.instances.iter().any(|one| *one.key() == key && one.directory.groups().is_none());
    let why = match result {
        Ok(_) if unread => Message::new("groups-unread"),
        Ok(file) => {
            state.modals.remove(at);
            return compare(state, &key, (name, choices), *file);
        }
        Err(why) => why,
    };
    if let Some(Modal::File(window)) = state.modals.get_mut(at) {
        window.progress = FileProgress::Unreadable(why);
    }
    Vec::new()
}

/// Finds what the entries for an instance mean, and reads the instance, or shows the faults of the file.
fn compare(
    state: &mut State,
    key: &InstanceKey,
    (name, choices): (String, DriftChoices),
    file: StateFile,
) -> Vec<Effect> {
    let Some(instance) = state.instance_of(key) else { return Vec::new() };
    let usable = state.instances.iter().map(|one| one.profile.label.as_str());
    let broken = state.broken.iter().filter_map(|one| Some(one.place.as_ref()?.label.as_str()));
    let labels: Vec<&str> = usable.chain(broken).collect();
    let is_for = |section: &Section| match &section.instance {
        Some(given) => named(given, &labels).is_ok_and(|label| label == instance.profile.label),
        None => true,
    };
    let given = file.sections.iter().filter_map(|section| section.instance.as_ref());
    let unknown: Vec<(usize, FileFault)> =
        given.filter_map(|given| Some((given.line, named(given, &labels).err()?))).collect();
    let (sections, others): (Vec<Section>, Vec<Section>) = file.sections.into_iter().partition(is_for);
    let find = |accept| Desired::of(&sections, &instance.directory, accept, |_| None);
    let mut desired = find(Accept::Whole);
    if !desired.is_complete() {
        desired = find(Accept::Beginning);
    }
    let form = file.faults.into_iter().map(|(line, what)| (line, FileFault::Form(what)));
    let entries = desired.faults.iter().map(|fault| (fault.line, FileFault::Entry(fault.why.clone())));
    let mut faults: Vec<(usize, FileFault)> = form.chain(unknown).chain(entries).collect();
    if !faults.is_empty() {
        faults.sort_by_key(|(line, _)| *line);
        let scroll = Scroll::default();
        state.modals.push(Modal::Faults(FaultsWindow { file: name, faults, scroll }));
        return Vec::new();
    }
    let for_others = others.iter().map(|section| section.groups.len()).sum();
    let scopes: Vec<Scope> = desired.only.iter().cloned().map(Scope::Community).collect();
    let wishes = desired.wishes.clone();
    let request = Request { instance: key.clone(), verb: Verb::Move, wishes, parent: None };
    let mut comparison = Comparison { file: name, desired, for_others, skipped: None, choices };
    if scopes.is_empty() {
        comparison.skipped = Some(Vec::new());
        return planning::read(state, request, Purpose::Compare(Box::new(comparison)));
    }
    planning::begin(state, request, Purpose::Compare(Box::new(comparison)), scopes, None)
}

/// The label that a line of a file names, in the first of its readings that names any.
fn named<'a>(given: &Given, labels: &[&'a str]) -> Result<&'a str, FileFault> {
    for reading in given.readings.iter().map(|reading| reading.trim()) {
        match meant(reading, labels.iter().copied()).as_slice() {
            [] => {}
            [first, others @ ..] if others.is_empty() || labels[*first] == reading => {
                return Ok(labels[*first]);
            }
            _ => return Err(FileFault::SeveralInstances(Name::new(reading))),
        }
    }
    Err(FileFault::NoInstance(Name::new(given.readings.first().map_or("", |name| name))))
}

impl Handle for DriftWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel if self.has_field() => {
                self.filter.clear();
                self.relist();
            }
            Action::Cancel | Action::Quit => return Reply::CLOSE,
            Action::Filter => self.filter.is_open = true,
            Action::Accept if self.filter.is_open => self.filter.is_open = false,
            Action::Edit(request) if self.filter.is_open => {
                self.filter.input.handle(request);
                self.relist();
            }
            Action::Mark(Marking::Toggle) if !self.toggle_here() => {
                state.notice = Some(Notice::CannotPlanDifference);
            }
            Action::Mark(Marking::All) if !self.toggle_all() => {
                state.notice = Some(Notice::CannotPlanDifference);
            }
            Action::Mark(Marking::Invert) if !self.invert() => {
                state.notice = Some(Notice::CannotPlanDifference);
            }
            Action::Mark(Marking::Clear) => self.marks.clear(),
            Action::Plan(Planned::Link) => {
                let wishes = self.wishes();
                if wishes.is_empty() {
                    state.notice = Some(Notice::CannotPlanDifference);
                    return Reply::STAY;
                }
                let instance = self.instance.clone();
                let request = Request { instance, verb: Verb::Move, wishes, parent: None };
                return Reply::Stay(planning::read(state, request, Purpose::Plan));
            }
            Action::Refresh => {
                let mut window = FileWindow::compare(self.instance.clone(), self.file.clone());
                window.choices = self.choices();
                let effects = read_state(state, &mut window);
                state.modals.push(Modal::File(window));
                return Reply::Close(effects);
            }
            Action::Go(motion) => self.lines.go(motion),
            _ => {}
        }
        Reply::STAY
    }
}
