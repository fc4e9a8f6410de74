//! What the bare loop shows: lines, the marker of the one under the cursor, and what a filter leaves of them.

use crossterm::event::KeyCode;
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use ratatui::{
    Frame,
    layout::{Position, Rect},
    style::Style,
};

const WORDS: [&str; 8] =
    ["Avisos", "Pais e mestres", "Turma", "Voluntarios", "Night shift", "Library", "Vecinos", "Ensaios"];

/// The n-th name of the lists that all references show.
pub(crate) fn name(index: usize) -> String {
    let word = WORDS[index * 5 % WORDS.len()];
    let other = WORDS[index / 7 % WORDS.len()];
    format!("{word} {} {other} {index:06}", index % 97)
}

/// The list.
pub(crate) struct List {
    names: Vec<String>,
    /// The lines that passed each letter of the filter; the last set is on the screen.
    found: Vec<Vec<u32>>,
    filter: String,
    is_typing: bool,
    cursor: usize,
    top: usize,
    matcher: Matcher,
}

impl List {
    pub(super) fn new(rows: usize) -> Self {
        let names = (0..rows).map(name).collect();
        let all = (0..u32::try_from(rows).unwrap()).collect();
        Self {
            names,
            found: vec![all],
            filter: String::new(),
            is_typing: false,
            cursor: 0,
            top: 0,
            matcher: Matcher::new(Config::DEFAULT),
        }
    }

    /// Folds a key; false when it ends the program.
    pub(super) fn key(&mut self, code: KeyCode) -> bool {
        let last = self.shown().len().saturating_sub(1);
        match code {
            KeyCode::Char(letter) if self.is_typing => self.narrow(letter),
            KeyCode::Backspace if self.found.len() > 1 => {
                self.filter.pop();
                self.found.pop();
                self.cursor = 0;
            }
            KeyCode::Esc | KeyCode::Enter => self.is_typing = false,
            KeyCode::Char('/') => self.is_typing = true,
            KeyCode::Char('j') | KeyCode::Down => self.cursor = last.min(self.cursor + 1),
            KeyCode::Char('k') | KeyCode::Up => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Char('P') => panic!("the panic key was typed"),
            KeyCode::Char('q') => return false,
            _ => {}
        }
        true
    }

    fn shown(&self) -> &[u32] {
        self.found.last().map_or(&[], Vec::as_slice)
    }

    /// Looks through what the letters before let through.
    fn narrow(&mut self, letter: char) {
        self.filter.push(letter);
        let pattern = Pattern::new(&self.filter, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
        let (names, matcher, mut room) = (&self.names, &mut self.matcher, Vec::new());
        let before = self.found.last().map_or(&[][..], Vec::as_slice);
        let mut is_found = |index: &u32| {
            let text = Utf32Str::new(&names[*index as usize], &mut room);
            pattern.score(text, matcher).is_some()
        };
        let found = before.iter().copied().filter(|index| is_found(index)).collect();
        self.found.push(found);
        self.cursor = 0;
    }

    pub(super) fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let height = usize::from(area.height.saturating_sub(1));
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(height.max(1)));
        let found = self.found.last().map_or(&[][..], Vec::as_slice);
        let buffer = frame.buffer_mut();
        for (row, index) in found.iter().skip(self.top).take(height).enumerate() {
            let is_chosen = self.top + row == self.cursor;
            let (marker, style) =
                if is_chosen { ("▸ ", Style::new().reversed()) } else { ("  ", Style::new()) };
            let y = area.y + u16::try_from(row).unwrap_or_default();
            buffer.set_string(area.x, y, marker, style);
            let width = usize::from(area.width.saturating_sub(2));
            buffer.set_stringn(area.x.saturating_add(2), y, &self.names[*index as usize], width, style);
            // The cursor is a bar over the whole row.
            if is_chosen {
                buffer.set_style(Rect { y, height: 1, ..area }, style);
            }
        }
        let foot = Position::new(area.x, area.bottom().saturating_sub(1));
        if area.contains(foot) {
            let text = format!("{} of {} {}", found.len(), self.names.len(), self.filter);
            buffer.set_stringn(foot.x, foot.y, text, usize::from(area.width), Style::new());
        }
    }
}
