//! How far a text window is scrolled. The view sets how many lines there are, the layout how many fit.

use super::action::Motion;

/// The visible part of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    offset: usize,
    lines: usize,
    height: usize,
}

impl Scroll {
    /// The index of the first visible line.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many lines the text has.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// How many lines are below the visible part.
    pub fn below(&self) -> usize {
        self.lines.saturating_sub(self.offset + self.height)
    }

    /// Sets how many lines the text has.
    pub fn set_lines(&mut self, lines: usize) {
        self.lines = lines;
        self.settle();
    }

    /// Sets how many lines fit.
    pub fn set_height(&mut self, height: usize) {
        self.height = height.max(1);
        self.settle();
    }

    /// Scrolls the text.
    pub fn go(&mut self, motion: Motion) {
        let half = (self.height / 2).max(1);
        self.offset = match motion {
            Motion::Up => self.offset.saturating_sub(1),
            Motion::Down => self.offset + 1,
            Motion::PageUp => self.offset.saturating_sub(self.height),
            Motion::PageDown => self.offset + self.height,
            Motion::HalfPageUp => self.offset.saturating_sub(half),
            Motion::HalfPageDown => self.offset + half,
            Motion::First => 0,
            Motion::Last => self.lines,
        };
        self.settle();
    }

    fn settle(&mut self) {
        self.offset = self.offset.min(self.lines.saturating_sub(self.height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_goes_past_either_end() {
        let mut scroll = Scroll::default();
        scroll.set_height(4);
        scroll.set_lines(10);
        scroll.go(Motion::Up);
        assert_eq!((scroll.offset(), scroll.below()), (0, 6));
        scroll.go(Motion::Last);
        scroll.go(Motion::PageDown);
        assert_eq!((scroll.offset(), scroll.below()), (6, 0));
        scroll.set_lines(2);
        assert_eq!((scroll.offset(), scroll.below()), (0, 0));
    }
}
