//! The application as the loop's program: keys become actions, actions change the state, the state is drawn.

use std::{sync::Arc, time::Duration};

use ratatui::Frame;

use super::{
    event_loop::{Program, TerminalEffect},
    input::Input,
    keymap::Keymap,
    panic_key::PanicKey,
    signals::Signal,
    theme::Theme,
    view::{self, Look},
};
use crate::{
    app::{
        self, Incoming, State,
        effect::{Effect, Terminal, Work},
        event::Event,
    },
    clock::{self, Clock},
    domain::time::Millis,
    text::Text,
};

/// The application with what it needs to be shown and to have its work done.
pub struct Ui<Worker> {
    state: State,
    themes: Vec<Theme>,
    text: Text,
    keys: Keymap,
    clock: Clock,
    time: fn(Millis) -> String,
    worker: Worker,
    panic_key: PanicKey,
    asked: Vec<TerminalEffect>,
}

impl<Worker> std::fmt::Debug for Ui<Worker> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").finish_non_exhaustive()
    }
}

impl<Worker: FnMut(Work)> Ui<Worker> {
    /// The application on a state, with the themes that it can have, the first of them to begin with; `worker` begins
    /// each piece of work and returns at once.
    pub fn new(
        mut state: State,
        themes: Vec<Theme>,
        text: Text,
        keys: Keymap,
        clock: Clock,
        worker: Worker,
    ) -> Self {
        state.guide = Arc::new(view::guide(&keys, &text));
        state.themes = themes.iter().map(|theme| theme.name).collect();
        let panic_key = PanicKey::from_environment();
        let time = clock::local_time;
        Self { state, themes, text, keys, clock, time, worker, panic_key, asked: Vec::new() }
    }

    /// The same with points in time shown otherwise than in the zone of the machine.
    #[must_use]
    pub fn telling_time(self, time: fn(Millis) -> String) -> Self {
        Self { time, ..self }
    }

    /// Begins what is to be done at the start.
    pub fn start(&mut self) {
        let effects = app::start(&mut self.state);
        self.take(effects);
    }

    /// The state, to look at.
    pub fn state(&self) -> &State {
        &self.state
    }

    fn update(&mut self, incoming: Incoming) {
        let now = self.clock.now();
        let effects = app::update(&mut self.state, incoming, now);
        let theme = self.theme();
        if let Some(lines) = view::page_length(&self.state, self.look(&theme)) {
            self.state.set_lines(lines);
        }
        self.take(effects);
    }

    fn theme(&self) -> Theme {
        self.themes.get(self.state.theme).copied().unwrap_or_default()
    }

    fn look<'a>(&'a self, theme: &'a Theme) -> Look<'a> {
        Look { theme, text: &self.text, keys: &self.keys, time: self.time }
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
                Effect::Terminal(Terminal::Quit) => self.asked.push(TerminalEffect::Quit(0)),
            }
        }
    }
}

impl<Worker: FnMut(Work)> Program for Ui<Worker> {
    type Event = Event;

    fn on_input(&mut self, input: Input) {
        self.panic_key.check(&input);
        match input {
            Input::Key(key) => {
                if let Some(action) = self.keys.action(self.state.context(), key) {
                    self.update(Incoming::Action(action));
                }
            }
            // The loop's decoder makes keys of them.
            Input::Bytes(_) => {}
            Input::Paste(text) => self.update(Incoming::Pasted(text)),
            Input::Mouse(mouse) => self.update(Incoming::Mouse(mouse)),
            Input::Resize { columns, rows } => {
                self.update(Incoming::Event(Event::Resized { columns, rows }));
            }
        }
    }

    fn on_event(&mut self, event: Event) {
        self.update(Incoming::Event(event));
    }

    fn on_signal(&mut self, _: Signal) {}

    fn on_tick(&mut self) {
        self.update(Incoming::Event(Event::Ticked));
    }

    fn is_opening(&self) -> bool {
        self.state.instance().is_some_and(|instance| !instance.is_recalled)
    }

    fn tick(&self) -> Option<Duration> {
        self.state.tick()
    }

    fn perform(&mut self) -> Vec<TerminalEffect> {
        std::mem::take(&mut self.asked)
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        self.state.settle();
        let theme = self.theme();
        view::view(&self.state, self.look(&theme), frame);
    }
}
