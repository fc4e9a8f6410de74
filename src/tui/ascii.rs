//! The screen on a terminal that shows ASCII alone: Synod's own lines and signs become characters of the same width. Names
//! are left as they are; what their letters look like there, the terminal decides.

use ratatui::buffer::Buffer;

/// Replaces the signs of a frame that have a likeness in ASCII.
pub fn plain(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        let mut letters = symbol.chars();
        if let (Some(letter), None) = (letters.next(), letters.next())
            && let Some(likeness) = likeness(letter)
        {
            cell.set_char(likeness);
        }
    }
}

/// The sign that stands for another of one cell.
fn likeness(letter: char) -> Option<char> {
    Some(match letter {
        '─' | '━' | '–' | '—' => '-',
        '│' | '┃' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' => {
            '+'
        }
        '▸' | '→' | '›' => '>',
        '←' | '‹' => '<',
        '↑' => '^',
        '↓' | '✓' => 'v',
        '✗' | '×' => 'x',
        '⊘' => '!',
        '●' | '•' => '*',
        '○' => 'o',
        '◆' | '▓' | '█' => '#',
        '◌' | '░' | '…' | '·' => '.',
        '“' | '”' | '«' | '»' => '"',
        '‘' | '’' => '\'',
        _ => return None,
    })
}
