//! Text in the language of manual pages: escapes, and lines that are short enough for every tool. It knows no page.

/// The longest line of the source of a page, in bytes.
const LONGEST: usize = 78;

/// The source of a manual page.
#[derive(Debug, Default)]
pub(super) struct Roff {
    source: String,
}

impl Roff {
    /// A line of its own: a request with its arguments, or text that is escaped already.
    pub(super) fn line(&mut self, line: &str) {
        self.source.push_str(line);
        self.source.push('\n');
    }

    /// The heading of a section.
    pub(super) fn section(&mut self, title: &str) {
        self.line(&format!(".SH {title}"));
    }

    /// A paragraph under a tag, which is escaped already.
    pub(super) fn item(&mut self, tag: &str, text: &str) {
        self.line(".TP");
        self.line(tag);
        self.text(text);
    }

    /// A paragraph, in several lines if it is long.
    pub(super) fn text(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split_whitespace() {
            let word = escaped(word);
            if !line.is_empty() && line.len() + 1 + word.len() > LONGEST {
                self.line(&guarded(&line));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        if !line.is_empty() {
            self.line(&guarded(&line));
        }
    }

    /// Lines that are not filled, indented. A long one continues in the next line of the source.
    pub(super) fn verbatim(&mut self, lines: &[&str]) {
        self.line(".RS");
        self.line(".nf");
        for line in lines {
            let mut rest = String::new();
            for word in line.split_inclusive(' ') {
                let word = escaped(word);
                if !rest.is_empty() && rest.len() + word.len() > LONGEST {
                    // This joins the next line of the source.
                    self.line(&format!("{}\\c", guarded(&rest)));
                    rest.clear();
                }
                rest.push_str(&word);
            }
            self.line(&guarded(rest.trim_end()));
        }
        self.line(".fi");
        self.line(".RE");
    }

    /// The source.
    pub(super) fn into_source(self) -> String {
        self.source
    }
}

/// Bold text.
pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

/// The word for a value.
pub(super) fn value(text: &str) -> String {
    format!("\\fI{}\\fR", escaped(text))
}

/// A text whose characters mean themselves.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\e"),
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            '`' => escaped.push_str("\\(ga"),
            '~' => escaped.push_str("\\(ti"),
            '^' => escaped.push_str("\\(ha"),
            c if c.is_ascii() => escaped.push(c),
            c => escaped.extend(["\\[u", &format!("{:04X}", u32::from(c)), "]"]),
        }
    }
    escaped
}

/// Keeps a line that begins like a request from being one.
fn guarded(line: &str) -> String {
    if line.starts_with('.') { format!("\\&{line}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_mean_themselves_and_lines_are_short() {
        assert_eq!(escaped(r"a-b\c 'd' `~^ é"), r"a\-b\ec \(aqd\(aq \(ga\(ti\(ha \[u00E9]");
        let mut page = Roff::default();
        page.text(&format!(".config {}", "word ".repeat(40)));
        page.verbatim(&[&"--word ".repeat(30)]);
        let source = page.into_source();
        assert!(source.starts_with("\\&.config word"), "{source}");
        assert!(source.lines().all(|line| line.len() <= LONGEST + 4 && !line.ends_with(' ')), "{source}");
    }
}
