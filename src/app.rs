//! The state of the screen, and [`update()`], the only function that changes it.
//!
//! Synchronous and pure: no I/O, no terminal, no clock except the timestamp on each input. Work to be done outside is
//! returned as [`Effect`]s.

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
    /// The time of the last input.
    pub now: Millis,
    /// When the program started. Data read before this comes from an earlier run.
    pub started: Millis,
    /// Whether writing is forbidden.
    pub read_only: bool,
    /// The configured instances.
    pub instances: Vec<Instance>,
    /// The index of the instance on the screen.
    pub current: usize,
    /// The pane that has the focus.
    pub focus: Pane,
    /// The pane of groups that last had the focus. If only two panes fit, it is shown beside the communities.
    pub beside: Pane,
    /// The windows over the panes, topmost last.
    pub modals: Vec<Modal>,
    /// The message in the footer until the next key.
    pub notice: Option<Notice>,
    /// The texts of the commands and the help.
    pub guide: Arc<Guide>,
    /// The names of the available themes.
    pub themes: Vec<&'static str>,
    /// The index of the current theme.
    pub theme: usize,
    next_ticket: u64,
    interrupted: bool,
}

/// An input to [`update()`].
#[derive(Clone, Debug)]
pub enum Incoming {
    /// The operator asked for something.
    Action(Action),
    /// The operator asked for something, but the key came faster than a person types, so it was not done.
    Hurried(Hurry),
    /// The operator pasted text.
    Pasted(String),
    /// The operator used the mouse.
    Mouse(Mouse),
    /// Something happened outside.
    Event(Event),
}

/// An input that was refused because its key came faster than a person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hurry {
    /// A mark, a plan, or another command.
    Act,
    /// The key that would have confirmed a plan.
    Confirm,
    /// The last character of a typed confirmation.
    Typed,
}

/// What receives the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// The panes.
    Panes,
    /// The filter field of a pane.
    Filter,
    /// The data for a plan is being read.
    Planning,
    /// A plan that is confirmed with a key.
    Plan,
    /// A plan that is confirmed by typing a number: digits go to its field.
    PlanCount,
    /// A plan that is confirmed by typing a text: letters go to its field.
    PlanText,
    /// The choice of a community; letters go to its field.
    Target,
    /// The operation pane.
    Operation,
    /// The operations and their history.
    Operations,
    /// The details of a group or community.
    Details,
    /// One item of an operation.
    Item,
    /// A window of text that is only read.
    Page,
    /// The field for a file name.
    FileName,
    /// The instances.
    Instances,
    /// The window that connects an instance.
    Connect,
    /// The field for the phone number of the instance to connect; digits go to it.
    ConnectNumber,
    /// The communities, and the search for more.
    Finding,
    /// The field for a community to add; letters go to it.
    FindingAdd,
    /// The help.
    Help,
    /// The filter field of the help.
    HelpFilter,
    /// The palette; letters go to its field.
    Palette,
    /// The question whether to quit while something is running.
    Quit,
}

impl State {
    /// Marks every instance as recalled: no earlier run left anything, so there is nothing to wait for.
    pub fn expect_nothing(&mut self) {
        self.instances.iter_mut().for_each(|instance| instance.is_recalled = true);
    }

    /// The state before anything has been read.
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

    /// The instance on the screen.
    pub fn instance(&self) -> Option<&Instance> {
        self.instances.get(self.current)
    }

    fn instance_mut(&mut self) -> Option<&mut Instance> {
        self.instances.get_mut(self.current)
    }

    /// The instance with this key.
    pub fn instance_of(&self, key: &InstanceKey) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.key() == key)
    }

    fn instance_of_mut(&mut self, key: &InstanceKey) -> Option<&mut Instance> {
        self.instances.iter_mut().find(|instance| instance.key() == key)
    }

    /// What receives the keys now.
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

    /// Whether an action would carry out the plan on the screen.
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

    /// The position of everything on the screen.
    pub fn layout(&self) -> Layout {
        let items =
            self.instance().and_then(Instance::current_operation).map(|operation| operation.items.len());
        Layout::of(self.size.0, self.size.1, self.focus, self.beside, items)
    }

    /// Whether any instance has an operation that is running or waiting.
    pub fn is_busy(&self) -> bool {
        self.instances.iter().any(Instance::is_busy)
    }

    /// How often the screen must be redrawn although nothing happens; only while it shows passing time.
    pub fn tick(&self) -> Option<Duration> {
        let shows_time = |instance: &Instance| {
            instance
                .operations
                .iter()
                .any(|operation| operation.is_live() && operation.phase != Phase::Waiting)
                || instance.discovery.as_ref().is_some_and(search::Search::is_running)
        };
        // A plan in preparation shows the time left, or when requests may be sent again. An offer to the phone expires.
        let tells = |modal: &Modal| match modal {
            Modal::Planning(_) => true,
            Modal::Connect(window) => window.stage.shows_time(),
            _ => false,
        };
        let waits = self.instance().is_some_and(|instance| instance.wait.is_some());
        let is_wanted = waits || self.modals.iter().any(tells) || self.instances.iter().any(shows_time);
        is_wanted.then_some(Duration::from_secs(1))
    }

    /// Sets how many lines the topmost text window has; only the view knows.
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

    /// Brings everything derived from the state up to date: rows, cursors, offsets. Called before each frame is drawn.
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

/// Handles an input and returns the effects to carry out.
///
/// Events change the rows only with the next frame: many may arrive before it, and until then a key must act on the
/// rows that are on the screen.
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
