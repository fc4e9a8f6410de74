//! The screen on a terminal that shows only ASCII: Synod's own lines and symbols become characters of the same width.
//! Names stay as they are; the terminal decides how to show their letters.

use ratatui::buffer::Buffer;

/// Replaces the symbols of a frame that have an ASCII equivalent.
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

/// The ASCII equivalent of a symbol that is one cell wide.
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
        '✗' | '×' | '✔' => 'x',
        '⊘' => '!',
        '●' | '•' | '★' => '*',
        '○' => 'o',
        '◆' | '▓' | '█' => '#',
        '▌' => '=',
        '◌' | '░' | '…' | '·' => '.',
        '“' | '”' | '«' | '»' => '"',
        '‘' | '’' => '\'',
        _ => return None,
    })
}
