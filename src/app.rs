//! The state of the screen, and [`update()`], the one place that changes it.
//!
//! Synchronous and pure: no I/O, no terminal, no clock but the stamp on what comes in. What has to be done outside
//! comes out as [`Effect`]s.

pub mod action;
pub mod effect;
pub mod event;
pub mod filter;
pub mod guide;
pub mod instance;
pub mod layout;
pub mod list;
pub mod modal;
pub mod mouse;
pub mod notice;
pub mod progress;
pub mod scroll;
pub mod search;
pub mod selection;
pub mod shelf;
mod update;

use std::{sync::Arc, time::Duration};

use action::Action;
use effect::{Effect, Ticket};
use event::Event;
use guide::Guide;
use instance::{Instance, Profile};
use layout::{Fit, Layout, Pane};
use modal::{Modal, connect::Stage, plan::Confirm};
use mouse::Mouse;
use notice::Notice;

use crate::domain::{instance::InstanceKey, operation::Phase, time::Millis};

pub use update::start;

/// Everything that the screen shows.
#[derive(Clone, Debug)]
pub struct State {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// When the last thing happened.
    pub now: Millis,
    /// When the program started: what was read before is an earlier run's.
    pub started: Millis,
    /// Nothing may be written.
    pub read_only: bool,
    /// The configured instances.
    pub instances: Vec<Instance>,
    /// Which of them is shown.
    pub current: usize,
    /// The pane that has the focus.
    pub focus: Pane,
    /// The pane with groups that had the focus last: where only two panes fit, it stands beside the communities.
    pub beside: Pane,
    /// The windows over the panes, the topmost last.
    pub modals: Vec<Modal>,
    /// What is told until the next key.
    pub notice: Option<Notice>,
    /// What can be asked for, in words.
    pub guide: Arc<Guide>,
    /// The themes that the screen can have, by name.
    pub themes: Vec<&'static str>,
    /// Which of them it has.
    pub theme: usize,
    next_ticket: u64,
    interrupted: bool,
}

/// Something that comes in.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// The operator asked for something.
    Action(Action),
    /// The operator asked for something that was not done, because its key came faster than a hand.
    Hurried(Hurry),
    /// The operator pasted a text.
    Pasted(String),
    /// The operator used the mouse.
    Mouse(Mouse),
    /// Something happened outside.
    Event(Event),
}

/// What was not done because its key came faster than a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hurry {
    /// A mark, a plan, or another command.
    Act,
    /// A plan was not confirmed by its key.
    Confirm,
    /// The last character of what confirms a plan was not taken.
    Typed,
}

/// Where a key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// The panes.
    Panes,
    /// The field of a pane's filter.
    Filter,
    /// What a plan needs is being read.
    Planning,
    /// A plan that a key confirms.
    Plan,
    /// A plan that a number confirms: digits go to its field.
    PlanCount,
    /// A plan that a text confirms: letters go to its field.
    PlanText,
    /// A community is chosen; letters go to its field.
    Target,
    /// The pane with the operation.
    Operation,
    /// The operations and their history.
    Operations,
    /// What is known of a group or community.
    Details,
    /// One item of an operation.
    Item,
    /// A text that is only read.
    Page,
    /// A file name is typed.
    FileName,
    /// The instances.
    Instances,
    /// An instance is connected.
    Connect,
    /// The number of an instance that is connected is typed; digits go to its field.
    ConnectNumber,
    /// The communities, and the search for more.
    Finding,
    /// A community is named; letters go to its field.
    FindingAdd,
    /// The keys.
    Help,
    /// The field in which a line of the help is looked for.
    HelpFilter,
    /// The palette; letters go to its field.
    Palette,
    /// Whether to leave although something runs.
    Quit,
}

impl State {
    /// Nothing is remembered of any instance, so that there is nothing to wait for.
    pub fn expect_nothing(&mut self) {
        self.instances.iter_mut().for_each(|instance| instance.is_recalled = true);
    }

    /// The state before anything was read.
    pub fn new(profiles: Vec<Profile>, size: (u16, u16), read_only: bool, now: Millis) -> Self {
        let mut state = Self {
            size,
            now,
            started: now,
            read_only,
            instances: profiles.into_iter().map(Instance::new).collect(),
            current: 0,
            focus: Pane::default(),
            beside: Pane::Subgroups,
            modals: Vec::new(),
            notice: None,
            guide: Arc::default(),
            themes: Vec::new(),
            theme: 0,
            next_ticket: 0,
            interrupted: false,
        };
        state.settle();
        state
    }

    /// The instance that is shown.
    pub fn instance(&self) -> Option<&Instance> {
        self.instances.get(self.current)
    }

    fn instance_mut(&mut self) -> Option<&mut Instance> {
        self.instances.get_mut(self.current)
    }

    /// The instance that is known by this key.
    pub fn instance_of(&self, key: &InstanceKey) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.key() == key)
    }

    fn instance_of_mut(&mut self, key: &InstanceKey) -> Option<&mut Instance> {
        self.instances.iter_mut().find(|instance| instance.key() == key)
    }

    /// Where keys go now.
    pub fn context(&self) -> Context {
        match self.modals.last() {
            None if self.is_filtering() => Context::Filter,
            None if self.focus == Pane::Operation => Context::Operation,
            None => Context::Panes,
            Some(Modal::Planning(_)) => Context::Planning,
            Some(Modal::Plan(window)) => match window.confirm {
                Confirm::Key => Context::Plan,
                Confirm::Count(_) => Context::PlanCount,
                Confirm::Text { .. } => Context::PlanText,
            },
            Some(Modal::Target(_)) => Context::Target,
            Some(Modal::Operations(_)) => Context::Operations,
            Some(Modal::Help(help)) if help.filter.is_open => Context::HelpFilter,
            Some(Modal::Details(_)) => Context::Details,
            Some(Modal::Item(_)) => Context::Item,
            Some(Modal::Pasted(_) | Modal::Command(_)) => Context::Page,
            Some(Modal::Save(_)) => Context::FileName,
            Some(Modal::Instances(_)) => Context::Instances,
            Some(Modal::Connect(window)) => match window.stage {
                Stage::Typing(_) => Context::ConnectNumber,
                _ => Context::Connect,
            },
            Some(Modal::Finding(window)) if window.adding.is_some() => Context::FindingAdd,
            Some(Modal::Finding(_)) => Context::Finding,
            Some(Modal::Help(_)) => Context::Help,
            Some(Modal::Palette(_)) => Context::Palette,
            Some(Modal::Quit) => Context::Quit,
        }
    }

    /// Whether an action would carry out the plan that is shown.
    pub fn would_confirm(&self, action: Action) -> bool {
        match self.modals.last() {
            Some(Modal::Plan(window)) => window.would_confirm(action),
            _ => false,
        }
    }

    fn is_filtering(&self) -> bool {
        let filter = self.instance().and_then(|instance| instance.filter(self.focus));
        filter.is_some_and(|filter| filter.is_open)
    }

    /// Where everything stands on the screen.
    pub fn layout(&self) -> Layout {
        let items =
            self.instance().and_then(Instance::current_operation).map(|operation| operation.items.len());
        Layout::of(self.size.0, self.size.1, self.focus, self.beside, items)
    }

    /// Whether any instance has an operation that runs or waits.
    pub fn is_busy(&self) -> bool {
        self.instances.iter().any(Instance::is_busy)
    }

    /// How often the screen has to be drawn although nothing happens: only while it shows time that passes.
    pub fn tick(&self) -> Option<Duration> {
        let shows_time = |instance: &Instance| {
            instance
                .operations
                .iter()
                .any(|operation| operation.is_live() && operation.phase != Phase::Waiting)
                || instance.discovery.as_ref().is_some_and(search::Search::is_running)
        };
        // A plan on its way says how long is left, or when requests may be sent again; what is offered to a phone ends.
        let tells = |modal: &Modal| match modal {
            Modal::Planning(_) => true,
            Modal::Connect(window) => window.stage.shows_time(),
            _ => false,
        };
        let waits = self.instance().is_some_and(|instance| instance.wait.is_some());
        let is_wanted = waits || self.modals.iter().any(tells) || self.instances.iter().any(shows_time);
        is_wanted.then_some(Duration::from_secs(1))
    }

    /// Takes how many lines the topmost window of running text has; the view knows.
    pub fn set_lines(&mut self, lines: usize) {
        if let Some(scroll) = self.modals.last_mut().and_then(Modal::scroll_mut) {
            scroll.set_lines(lines);
        }
        let layout = self.layout();
        update::settle_modals(self, &layout);
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    /// Brings everything that follows from the state up to date: rows, cursors, offsets. Called before a frame is drawn.
    pub fn settle(&mut self) {
        if matches!(self.focus, Pane::Subgroups | Pane::Groups) {
            self.beside = self.focus;
        }
        let layout = self.layout();
        if layout.fit != Fit::One && layout.pane(self.focus).is_none() {
            self.focus = Pane::Communities;
        }
        let layout = self.layout();
        if let Some(instance) = self.instance_mut() {
            instance.settle(&layout);
        }
        update::settle_modals(self, &layout);
    }
}

/// Takes what came in, and says what is to be done about it.
///
/// What happens outside changes the rows with the next frame: many things may happen before it, and until then a key acts
/// on the rows that are on the screen.
pub fn update(state: &mut State, incoming: Incoming, now: Millis) -> Vec<Effect> {
    state.now = now;
    let waits_for_the_frame =
        matches!(&incoming, Incoming::Event(event) if !matches!(event, Event::Resized { .. }));
    let effects = match incoming {
        Incoming::Action(action) => update::on_action(state, action),
        Incoming::Hurried(hurry) => {
            state.notice = Some(Notice::Hurried(hurry));
            Vec::new()
        }
        Incoming::Pasted(text) => update::on_paste(state, &text),
        Incoming::Mouse(mouse) => update::on_mouse(state, mouse),
        Incoming::Event(event) => update::on_event(state, event),
    };
    if !waits_for_the_frame {
        state.settle();
    }
    effects
}
