//! The application as the loop's program: keys become actions, actions change the state, the state is drawn.

use std::{sync::Arc, time::Duration};

use crossterm::event::KeyEvent;
use ratatui::Frame;
use tokio::time::Instant;

use super::{
    ascii,
    event_loop::{Program, TerminalEffect},
    input::{Arrived, Input},
    keymap::Keymap,
    panic_key::PanicKey,
    signals::Signal,
    theme::Theme,
    typing::{self, Typing, Verdict},
    view::{self, ViewContext},
};
use crate::{
    app::{
        self, Hurry, Incoming, State,
        action::Action,
        command_catalog::lazily,
        effect::{Effect, Terminal, Work},
        event::AppEvent,
        mouse::Mouse,
    },
    clock::{self, Clock},
    domain::{id::OperationId, time::Millis},
    text::Text,
};

/// The application, with everything needed to show it and to start its work.
pub struct Ui<Worker> {
    state: State,
    themes: Vec<Theme>,
    text: Text,
    keys: Keymap,
    clock: Clock,
    time: fn(Millis) -> String,
    worker: Worker,
    panic_key: PanicKey,
    is_ascii: bool,
    has_mouse: bool,
    notifies: bool,
    asked: Vec<TerminalEffect>,
    typing: Typing,
    /// The operation whose items were measured last, its number of events, and the size of the screen.
    measured: Option<(OperationId, u64, (u16, u16))>,
    /// The action that confirms a plan, unless another key follows at once.
    waiting: Option<Waiting>,
}

/// An action that waits to see whether another key follows.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    action: Action,
    since: Instant,
    until: Instant,
}

impl<Worker> std::fmt::Debug for Ui<Worker> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").finish_non_exhaustive()
    }
}

impl<Worker: FnMut(Work)> Ui<Worker> {
    /// Creates the application for a state, with the available themes; it starts with the first one. `worker` starts each
    /// piece of work and returns at once.
    pub fn new(
        mut state: State,
        themes: Vec<Theme>,
        text: Text,
        keys: Keymap,
        clock: Clock,
        worker: Worker,
    ) -> Self {
        let text = view::correcting_entries(&state, &keys, text);
        let (bound, words) = (keys.clone(), text.clone());
        state.catalog = Arc::new(lazily(move || view::command_catalog(&bound, &words)));
        state.themes = themes.iter().map(|theme| theme.name).collect();
        let panic_key = PanicKey::from_environment();
        let time = clock::local_time;
        Self {
            state,
            themes,
            text,
            keys,
            clock,
            time,
            worker,
            panic_key,
            is_ascii: false,
            has_mouse: false,
            notifies: false,
            asked: Vec::new(),
            typing: Typing::default(),
            measured: None,
            waiting: None,
        }
    }

    /// Shows points in time with this function instead of in the machine's time zone.
    #[must_use]
    pub fn telling_time(self, time: fn(Millis) -> String) -> Self {
        Self { time, ..self }
    }

    /// Replaces symbols by ASCII, if requested.
    #[must_use]
    pub fn in_ascii(self, is_ascii: bool) -> Self {
        Self { is_ascii, ..self }
    }

    /// Uses the mouse, if requested. Otherwise a terminal's reports, which nobody asked for, do nothing.
    #[must_use]
    pub fn with_mouse(self, has_mouse: bool) -> Self {
        Self { has_mouse, ..self }
    }

    /// Shows the end of long work on the desktop, if requested.
    #[must_use]
    pub fn notifying(self, notifies: bool) -> Self {
        Self { notifies, ..self }
    }

    /// Carries out the effects of the start.
    pub fn start(&mut self) {
        let effects = app::start(&mut self.state);
        self.take(effects);
    }

    /// The state, read-only.
    pub fn state(&self) -> &State {
        &self.state
    }

    fn update(&mut self, incoming: Incoming) {
        let now = self.clock.now();
        let effects = app::update(&mut self.state, incoming, now);
        let theme = self.theme();
        let footer = view::footer_height(&self.state, self.look(&theme));
        self.state.set_footer(footer);
        self.measure_items(&theme);
        if let Some(lines) = view::page_length(&self.state, self.look(&theme)) {
            self.state.set_lines(lines);
        }
        self.take(effects);
    }

    /// Measures the items of the operation on the screen, whenever they or the width have changed.
    fn measure_items(&mut self, theme: &Theme) {
        let operation = self.state.operating().and_then(|operating| operating.current_whole());
        let measured = operation.map(|operation| (operation.id, operation.next_sequence, self.state.size));
        if self.measured != measured {
            self.measured = measured;
            let height = view::item_height(&self.state, self.look(theme));
            self.state.set_item_height(height);
        }
    }

    fn key(&mut self, key: KeyEvent, arrived: Arrived) {
        if let Some(Waiting { action, since, .. }) = self.waiting.take() {
            if arrived.at.saturating_duration_since(since) >= typing::HOLD {
                self.update(Incoming::Action(action));
            } else {
                // Another key followed the one that would have confirmed, so it was text.
                let hurry = if action == Action::Confirm { Hurry::Confirm } else { Hurry::Typed };
                self.update(Incoming::Hurried(hurry));
            }
        }
        let context = self.state.context();
        let action = self.keys.action(context, key);
        let pace = self.typing.take(key, arrived, action);
        let Some(action) = action else { return };
        match typing::judge(action, context, self.state.would_confirm(action), pace) {
            Verdict::Do => self.update(Incoming::Action(action)),
            Verdict::Wait => {
                let until = Instant::now() + typing::HOLD;
                self.waiting = Some(Waiting { action, since: arrived.at, until });
            }
            Verdict::Refuse(hurry) => self.update(Incoming::Hurried(hurry)),
        }
    }

    /// A press on a key that the screen names does what the key does, but confirms nothing.
    fn mouse(&mut self, mouse: Mouse) {
        let theme = self.theme();
        let pressed = match mouse {
            Mouse::Press { column, row } => view::action_at(&self.state, self.look(&theme), (column, row)),
            _ => None,
        };
        match pressed {
            Some(action) if action == Action::Confirm || self.state.would_confirm(action) => {
                self.update(Incoming::PressedToConfirm);
            }
            Some(action) => self.update(Incoming::Action(action)),
            None => {
                let lines = view::item_lines(&self.state, self.look(&theme));
                self.state.set_item_lines(lines);
                self.update(Incoming::Mouse(mouse));
            }
        }
    }

    fn theme(&self) -> Theme {
        self.themes.get(self.state.theme).copied().unwrap_or_default()
    }

    fn look<'a>(&'a self, theme: &'a Theme) -> ViewContext<'a> {
        ViewContext { theme, text: &self.text, keys: &self.keys, time: self.time }
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Work(work) => (self.worker)(work),
                Effect::Terminal(Terminal::Repaint) => self.asked.push(TerminalEffect::Repaint),
                Effect::Terminal(Terminal::Suspend) => self.asked.push(TerminalEffect::Suspend),
                Effect::Terminal(Terminal::Copy(text)) => self.asked.push(TerminalEffect::Copy(text)),
                Effect::Terminal(Terminal::CopySecret(link)) => {
                    self.asked.push(TerminalEffect::Copy(link.expose().to_owned()));
                }
                Effect::Terminal(Terminal::NotifyEnded(_)) if !self.notifies => {}
                Effect::Terminal(Terminal::NotifyEnded(operation)) => {
                    self.asked.push(TerminalEffect::Notify(view::ended(&self.state, operation, &self.text)));
                }
                Effect::Terminal(Terminal::Quit) => self.asked.push(TerminalEffect::Quit(0)),
                Effect::Terminal(Terminal::Detach) => self.asked.push(TerminalEffect::Detach),
            }
        }
    }
}

impl<Worker: FnMut(Work)> Program for Ui<Worker> {
    type Event = AppEvent;

    fn on_input(&mut self, input: Input, arrived: Arrived) {
        self.panic_key.check(&input);
        match input {
            Input::Key(key) => self.key(key, arrived),
            // The loop's decoder turns these into other inputs.
            Input::Bytes(_) | Input::At(..) => {}
            Input::Mouse(_) if !self.has_mouse => {}
            Input::Focus(has_focus) => self.update(Incoming::Event(AppEvent::Focused(has_focus))),
            Input::Paste(text) => {
                self.waiting = None;
                self.update(Incoming::Pasted(text));
            }
            Input::Mouse(mouse) => {
                self.waiting = None;
                self.mouse(mouse);
            }
            Input::Resize { columns, rows } => {
                self.update(Incoming::Event(AppEvent::Resized { columns, rows }));
            }
        }
    }

    fn on_event(&mut self, event: AppEvent) {
        self.update(Incoming::Event(event));
    }

    fn on_signal(&mut self, _: Signal) {}

    fn on_tick(&mut self) {
        if let Some(action) = self.waiting.take_if(|waiting| waiting.until <= Instant::now()) {
            self.update(Incoming::Action(action.action));
        }
        self.update(Incoming::Event(AppEvent::Ticked));
    }

    fn is_opening(&self) -> bool {
        self.state.instance().is_some_and(|instance| !instance.is_recalled)
    }

    fn tick(&self) -> Option<Duration> {
        let rest = self.waiting.map(|waiting| waiting.until.saturating_duration_since(Instant::now()));
        [self.state.tick(), rest].into_iter().flatten().min()
    }

    fn perform(&mut self) -> Vec<TerminalEffect> {
        std::mem::take(&mut self.asked)
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        self.state.settle();
        // Only the rows of a frame show which roles are worth a request.
        let effects = app::after_frame(&mut self.state);
        self.take(effects);
        let theme = self.theme();
        view::view(&self.state, self.look(&theme), frame);
        if self.is_ascii {
            ascii::plain(frame.buffer_mut());
        }
    }
}
