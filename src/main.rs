//! The `synod` program.

use std::process::ExitCode;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};
use synod::tui::event_loop::{Exit, Program, Sources, TerminalEffect, run};
use synod::tui::input::{Input, spawn_reader};
use synod::tui::panic_key::PanicKey;
use synod::tui::signals::{Signal, listen};
use synod::tui::terminal::{TerminalScreen, check, install_panic_hook};
use synod::tui::theme::{MARKER, Theme};

struct App {
    theme: Theme,
    at: usize,
    top: usize,
    rows: usize,
    help: bool,
    filter: Option<String>,
    panic: PanicKey,
    effects: Vec<TerminalEffect>,
}

impl Program for App {
    type Event = ();
    fn on_input(&mut self, input: Input) {
        self.panic.check(&input);
        match input {
            Input::Resize { rows, .. } => self.rows = usize::from(rows),
            Input::Paste(text) => {
                if let Some(f) = &mut self.filter {
                    f.push_str(&text);
                }
            }
            Input::Key(k) => match (k.code, &mut self.filter) {
                (KeyCode::Esc, _) => {
                    self.help = false;
                    self.filter = None;
                }
                (KeyCode::Char(c), Some(f)) => f.push(c),
                (KeyCode::Char('z'), None) if k.modifiers == KeyModifiers::CONTROL => {
                    self.effects.push(TerminalEffect::Suspend);
                }
                (KeyCode::Char('l'), None) if k.modifiers == KeyModifiers::CONTROL => {
                    self.effects.push(TerminalEffect::Repaint);
                }
                (KeyCode::Char('q'), None) => self.effects.push(TerminalEffect::Quit(0)),
                (KeyCode::Char('?'), None) => self.help = true,
                (KeyCode::Char('/'), None) => self.filter = Some(String::new()),
                (KeyCode::Char('j') | KeyCode::Down, None) => self.at = (self.at + 1).min(999),
                (KeyCode::Char('k') | KeyCode::Up, None) => self.at = self.at.saturating_sub(1),
                _ => {}
            },
        }
        let height = self.rows.saturating_sub(3).max(1);
        self.top = self.top.clamp((self.at + 1).saturating_sub(height), self.at);
    }
    fn on_event(&mut self, (): ()) {}
    fn on_signal(&mut self, _: Signal) {}
    fn on_tick(&mut self) {}
    fn tick(&self) -> Option<Duration> {
        None
    }
    fn perform(&mut self) -> Vec<TerminalEffect> {
        std::mem::take(&mut self.effects)
    }
    fn draw(&mut self, frame: &mut Frame<'_>) {
        let theme = &self.theme;
        let area = frame.area();
        let lines: Vec<Line<'_>> = (self.top..self.top + self.rows)
            .map(|n| {
                let here = n == self.at;
                Line::from(vec![
                    Span::raw(if here { MARKER } else { " " }),
                    Span::raw(" "),
                    Span::styled(
                        format!("Community {n:03} north"),
                        if here { theme.selected } else { theme.text },
                    ),
                ])
            })
            .collect();
        let block = Block::bordered()
            .title(Span::styled("Communities", theme.title))
            .border_style(theme.border_focused);
        frame.render_widget(Paragraph::new(lines).block(block), area);
        if let Some(f) = &self.filter {
            frame.render_widget(
                Span::styled(f.as_str(), theme.input),
                Rect::new(0, area.height - 1, area.width, 1),
            );
        }
        if self.help {
            frame.render_widget(Clear, area);
            frame.render_widget(Paragraph::new("?").block(Block::bordered().title("Keys")), area);
        }
    }
}

#[expect(clippy::print_stderr, reason = "stand-in")]
fn main() -> ExitCode {
    if let Err(error) = check() {
        eprintln!("synod: {error}");
        return ExitCode::from(2);
    }
    install_panic_hook();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::FAILURE;
    };
    let exit = runtime.block_on(async {
        let signals = match listen() {
            Ok(s) => s,
            Err(e) => return Exit::Failed(e),
        };
        let mut screen = match TerminalScreen::take() {
            Ok(s) => s,
            Err(e) => return Exit::Failed(e),
        };
        let input = match spawn_reader() {
            Ok(s) => s,
            Err(e) => return Exit::Failed(e),
        };
        let (_sender, events) = tokio::sync::mpsc::unbounded_channel();
        let mut app = App {
            theme: Theme::from_environment(),
            at: 0,
            top: 0,
            rows: 0,
            help: false,
            filter: None,
            panic: PanicKey::from_environment(),
            effects: vec![],
        };
        run(&mut app, &mut screen, Sources { input, events, signals }).await
    });
    runtime.shutdown_background();
    if let Exit::Failed(error) = &exit {
        eprintln!("synod: {error}");
    }
    ExitCode::from(exit.code())
}
