//! The state of the screen: everything that it shows.

use std::{sync::Arc, time::Duration};

use super::{
    action::Action,
    broken::BrokenEntry,
    command_catalog::{self, CommandCatalog, LazyCatalog},
    context::Context,
    effect::Ticket,
    entry::GatewayChoice,
    instance::{Instance, Profile},
    layout::{Arrangement, Fit, Layout, Pane, PaneSizes},
    modal::{
        Modal,
        file::{FilePurpose, FileWindow},
        window::Scene,
    },
    notice::Notice,
    presence::Presence,
    wide::Wide,
};
use crate::domain::{
    id::OperationId,
    instance::InstanceKey,
    operation::{Phase, Summary},
    time::Millis,
};

/// How running operations can go on without the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survival {
    /// Whether they go on if the terminal goes away.
    pub outlives_terminal: bool,
    /// Whether a process in the background can continue them.
    pub can_detach: bool,
}

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
    pub instances: Vec<Instance>,
    /// The entries of the configuration that cannot be used.
    pub broken: Vec<BrokenEntry>,
    /// The gateways that a new entry of the configuration can name; empty if the configuration cannot be changed.
    pub gateways: Vec<GatewayChoice>,
    /// The instance that was added last. If its gateway does not list communities, the search for them begins by itself.
    pub(super) added: Option<InstanceKey>,
    /// The index of the instance on the screen, unless all are shown as one.
    pub current: usize,
    /// The view over all instances, if there are several.
    pub wide: Option<Box<Wide>>,
    pub focus: Pane,
    /// The pane of groups that last had the focus. If only two panes fit, it is shown beside the communities.
    pub beside: Pane,
    pub sizes: PaneSizes,
    /// How many lines the bottom of the screen needs.
    footer: u16,
    /// How many lines the items of the operation take; only the view knows.
    item_height: usize,
    /// The row of the operation that each line of its pane shows; only the view knows, and only the mouse asks.
    pub(super) item_lines: Vec<usize>,
    /// The windows over the panes, topmost last.
    pub modals: Vec<Modal>,
    /// The message in the footer until the next key.
    pub notice: Option<Notice>,
    /// The texts of the commands and the help.
    pub catalog: Arc<LazyCatalog>,
    /// The names of the available themes.
    pub themes: Vec<&'static str>,
    /// The index of the current theme.
    pub theme: usize,
    /// Whether the roles of the rows on the screen are read in the background.
    pub reads_roles: bool,
    pub(super) presence: Presence,
    /// The index of the line between panes on which the mouse was pressed, until it is released.
    pub(super) held_line: Option<usize>,
    pub survival: Survival,
    next_ticket: u64,
    /// Whether the last action was an interrupt.
    pub(super) interrupted: bool,
}

impl State {
    /// Marks every instance as recalled: no earlier run left anything, so there is nothing to wait for.
    pub fn expect_nothing(&mut self) {
        self.instances.iter_mut().for_each(|instance| instance.is_recalled = true);
    }

    /// The state before anything has been read.
    pub fn new(profiles: Vec<Profile>, size: (u16, u16), read_only: bool, now: Millis) -> Self {
        let instances: Vec<Instance> = profiles.into_iter().map(Instance::new).collect();
        let mut state = Self {
            size,
            now,
            started: now,
            read_only,
            wide: Wide::new(&instances).map(Box::new),
            instances,
            broken: Vec::new(),
            gateways: Vec::new(),
            added: None,
            current: 0,
            focus: Pane::default(),
            beside: Pane::Subgroups,
            sizes: PaneSizes::default(),
            footer: 1,
            item_height: 0,
            item_lines: Vec::new(),
            modals: Vec::new(),
            notice: None,
            catalog: Arc::new(command_catalog::lazily(CommandCatalog::default)),
            themes: Vec::new(),
            theme: 0,
            reads_roles: false,
            presence: Presence::default(),
            held_line: None,
            survival: Survival::default(),
            next_ticket: 0,
            interrupted: false,
        };
        state.settle();
        state
    }

    /// What the panes show: an instance, or all of them as one.
    pub fn shown(&self) -> Option<&Instance> {
        self.wide().map(|wide| &wide.view).or(self.instances.get(self.current))
    }

    pub(super) fn shown_mut(&mut self) -> Option<&mut Instance> {
        match &mut self.wide {
            Some(wide) if wide.is_shown => Some(&mut wide.view),
            _ => self.instances.get_mut(self.current),
        }
    }

    /// The view over all instances, if it is on the screen.
    pub fn wide(&self) -> Option<&Wide> {
        self.wide.as_deref().filter(|wide| wide.is_shown)
    }

    /// Shows an instance in the panes.
    pub(super) fn show(&mut self, at: usize) {
        self.current = at;
        if let Some(wide) = self.wide.as_mut().filter(|wide| wide.is_shown) {
            wide.hide(&mut self.instances);
        }
    }

    /// The index of the instance with this key.
    pub(super) fn place_of(&self, key: &InstanceKey) -> Option<usize> {
        self.instances.iter().position(|instance| instance.key() == key)
    }

    /// The instance on the screen, or the one that was there before all were shown as one.
    pub fn instance(&self) -> Option<&Instance> {
        self.instances.get(self.current)
    }

    /// The instance whose operation is in the operation pane: if all are shown as one, the one with a running operation, otherwise one
    /// with an operation that needs somebody's attention, otherwise the one with the newest.
    pub fn operating(&self) -> Option<&Instance> {
        self.instances.get(self.operating_at())
    }

    pub(super) fn operating_mut(&mut self) -> Option<&mut Instance> {
        let at = self.operating_at();
        self.instances.get_mut(at)
    }

    fn operating_at(&self) -> usize {
        if self.wide().is_none() {
            return self.current;
        }
        let rank = |at: &usize| {
            let instance = &self.instances[*at];
            let operation = instance.current_operation()?;
            let is_running = operation.is_live() && operation.phase != Phase::Waiting;
            // One that was closed has been seen.
            let needs_somebody = operation.needs_attention() && instance.dismissed != Some(operation.id);
            Some((is_running, needs_somebody, operation.id))
        };
        (0..self.instances.len()).max_by_key(rank).unwrap_or(self.current)
    }

    /// The instance with this key, or the view over all of them.
    pub fn instance_of(&self, key: &InstanceKey) -> Option<&Instance> {
        let wide = self.wide.iter().map(|wide| &wide.view);
        self.instances.iter().chain(wide).find(|instance| instance.key() == key)
    }

    pub(super) fn instance_of_mut(&mut self, key: &InstanceKey) -> Option<&mut Instance> {
        self.instances.iter_mut().find(|instance| instance.key() == key)
    }

    /// What receives the keys now.
    pub fn context(&self) -> Context {
        match self.modals.last() {
            Some(modal) => modal.context(),
            None if self.is_filtering() => Context::Filter,
            None if self.focus == Pane::Operation => Context::Operation,
            None if self.shows_ended() => Context::Ended,
            None => Context::Panes,
        }
    }

    /// Whether an action would carry out the plan on the screen.
    pub fn would_confirm(&self, action: Action) -> bool {
        match self.modals.last() {
            Some(Modal::Plan(window)) => window.would_confirm(action),
            _ => false,
        }
    }

    pub(super) fn is_filtering(&self) -> bool {
        let filter = self.shown().and_then(|shown| shown.filter(self.focus));
        filter.is_some_and(|filter| filter.is_open)
    }

    /// Whether the screen shows an operation that has ended.
    pub fn shows_ended(&self) -> bool {
        let operation = self.operating().and_then(Instance::current_operation);
        operation.is_some_and(|operation| !operation.is_live()) && self.layout().operation.is_some()
    }

    /// The position of everything on the screen.
    pub fn layout(&self) -> Layout {
        let operation = self.operating().and_then(Instance::current_operation);
        // In place of groups that are not in memory there is a line that says so.
        let items = self.operating().and_then(|instance| {
            let whole = instance.current_whole().map(|operation| operation.items.len().max(self.item_height));
            whole.or(instance.current_operation().map(|_| 1))
        });
        let how = Arrangement {
            focus: self.focus,
            beside: self.beside,
            items,
            has_ended: operation.is_some_and(|operation| !operation.is_live()),
            sizes: self.sizes,
            footer: self.footer,
        };
        Layout::of(self.size.0, self.size.1, &how)
    }

    /// Whether any instance has an operation that is running or waiting.
    pub fn is_busy(&self) -> bool {
        self.instances.iter().any(Instance::is_busy)
    }

    /// The running operation of the instance on the screen; if all are shown as one, those of all.
    pub(super) fn running(&self) -> Vec<&Summary> {
        let shown: Vec<&Instance> = match self.wide() {
            Some(_) => self.instances.iter().collect(),
            None => self.instance().into_iter().collect(),
        };
        let current = shown.into_iter().filter_map(Instance::current_operation);
        current.filter(|operation| operation.is_live() && operation.phase != Phase::Waiting).collect()
    }

    /// Whether the operations that run are all paused.
    pub fn are_paused(&self) -> bool {
        let running = self.running();
        let is_paused = |operation: &&Summary| matches!(operation.phase, Phase::Paused(_));
        !running.is_empty() && running.iter().all(is_paused)
    }

    /// Whether this process runs an operation.
    pub fn is_running_own(&self) -> bool {
        self.instances.iter().any(|instance| instance.operations.is_running_own())
    }

    /// How often the screen must be redrawn although nothing happens; only while it shows passing time.
    pub fn tick(&self) -> Option<Duration> {
        let shows_time = |instance: &Instance| {
            instance
                .operations
                .iter()
                .any(|operation| operation.is_live() && operation.phase != Phase::Waiting)
                || instance.discovery.is_running()
        };
        let waits = self.instances.iter().any(|instance| instance.wait.is_some());
        let is_wanted =
            waits || self.modals.iter().any(Modal::shows_time) || self.instances.iter().any(shows_time);
        is_wanted.then_some(Duration::from_secs(1))
    }

    /// Sets how many lines the bottom of the screen needs; only the view knows.
    pub fn set_footer(&mut self, lines: u16) {
        self.footer = lines;
    }

    /// Sets how many lines the items of the operation on the screen take.
    pub fn set_item_height(&mut self, lines: usize) {
        self.item_height = lines;
    }

    /// Sets which row of the operation each line of its pane shows.
    pub fn set_item_lines(&mut self, lines: Vec<usize>) {
        self.item_lines = lines;
    }

    /// Sets how many lines the topmost text window has; only the view knows.
    pub fn set_lines(&mut self, lines: usize) {
        if let Some(scroll) = self.modals.last_mut().and_then(Modal::scroll_mut) {
            scroll.set_lines(lines);
        }
        let layout = self.layout();
        self.settle_windows(&layout);
    }

    /// The operations whose groups the focused pane or a window shows, each with the index of its instance.
    pub(super) fn shown_operations(&self) -> Vec<(usize, OperationId)> {
        let of =
            |key: &InstanceKey, operation: Option<&OperationId>| Some((self.place_of(key)?, *operation?));
        let in_pane = self.operating().filter(|_| self.focus == Pane::Operation);
        let in_pane = in_pane.and_then(Instance::current_operation);
        let in_pane = in_pane.map(|known| (self.operating_at(), known.id));
        let in_windows = self.modals.iter().filter_map(|modal| match modal {
            Modal::Operations(window) if window.shows_items || window.then.is_some() => {
                let (instance, operation) = window.chosen(&self.instances)?;
                of(instance.key(), Some(&operation.id))
            }
            Modal::Item(window) => of(&window.instance, Some(&window.operation)),
            Modal::File(FileWindow { instance, purpose: FilePurpose::Operation(id), .. }) => {
                of(instance, Some(id))
            }
            _ => None,
        });
        in_pane.into_iter().chain(in_windows).collect()
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    /// Brings everything derived from the state up to date: rows, cursors, offsets. Called before each frame is drawn.
    pub fn settle(&mut self) {
        if matches!(self.focus, Pane::Subgroups | Pane::Groups) {
            self.beside = self.focus;
        }
        let layout = self.layout();
        // A window that is too small shows no pane. The focus stays, so the same pane is back when the window grows.
        if matches!(layout.fit, Fit::Two | Fit::Wide) && layout.pane(self.focus).is_none() {
            self.focus = Pane::Communities;
        }
        let layout = self.layout();
        if let Some(wide) = self.wide.as_mut().filter(|wide| wide.is_shown) {
            wide.settle(&self.instances, self.now);
        }
        if let Some(shown) = self.shown_mut() {
            shown.settle(&layout);
        }
        let has_focus = self.focus == Pane::Operation;
        if let Some(operating) = self.operating_mut() {
            operating.show_items(has_focus);
            operating.operation.items.set_height(layout.list_height(Pane::Operation));
        }
        self.settle_windows(&layout);
    }

    /// The data on which the content of a window depends.
    pub(super) fn scene<'a>(&'a self, layout: &'a Layout) -> Scene<'a> {
        let (instances, catalog) = (&self.instances, &self.catalog);
        Scene { instances, wide: self.wide(), broken: &self.broken, catalog, layout }
    }

    fn settle_windows(&mut self, layout: &Layout) {
        if layout.fit == Fit::TooSmall {
            return;
        }
        let mut modals = std::mem::take(&mut self.modals);
        let scene = self.scene(layout);
        for modal in &mut modals {
            modal.settle(scene);
        }
        self.modals = modals;
    }
}
