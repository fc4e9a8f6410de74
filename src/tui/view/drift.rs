//! The differences between an instance and a file: the groups that are not in their places, by community, with the marks; and the
//! window with the faults of a file.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::{context::ViewContext, page, page::Page};
use crate::{
    app::{
        State,
        layout::{DRIFT_FRAME, Layout},
        modal::drift::{DriftLine, DriftRow, DriftWindow, FaultsWindow, FileFault},
    },
    domain::{desired::DifferenceKind, directory::Directory, id::CommunityId, name::Name},
    text::{
        shown_name,
        width::{cut, pad, width},
    },
    tui::{
        theme::Theme,
        widget::{
            field,
            pane::{line_of, prose, row},
            window::open,
        },
    },
};

/// How many rows to measure for the column widths.
const MEASURED: usize = 200;

pub(super) fn draw(
    state: &State,
    window: &DriftWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let Some(instance) = state.instance_of(&window.instance) else { return };
    let view = View { directory: &instance.directory, window, look };
    let file = Name::new(&window.file);
    let args = [
        ("count", window.rows.len().into()),
        ("instance", instance.profile.label.as_str().into()),
        ("file", file.shown().into()),
    ];
    let inside = open(layout, window.size(), &text.with("drift-title", &args), theme, buffer);
    let below = DRIFT_FRAME.saturating_sub(2);
    let list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(DRIFT_FRAME), ..inside };
    if window.has_field() {
        let shown = window.lines.rows().iter().filter(|line| matches!(line, DriftLine::Row(_))).count();
        let args = [("shown", shown.into()), ("all", window.rows.len().into())];
        let count = Span::styled(text.with("plan-shown", &args), theme.dim);
        row(line_of(inside, 0), &[], &field::filter(&window.filter, theme), Some(count), buffer);
    } else {
        prose(line_of(inside, 0), &view.summary(), theme.text, buffer);
    }
    if window.rows.is_empty() {
        let (key, style) = if window.is_about_others {
            ("drift-none-here", theme.warning)
        } else {
            ("drift-none", theme.ok)
        };
        prose(list, &text.say(key), style, buffer);
    }
    let (kinds, names) = view.widths(usize::from(list.width));
    for (at, line) in window.lines.visible() {
        let offset = at - window.lines.offset();
        if offset >= usize::from(list.height) {
            break;
        }
        let area = line_of(list, offset);
        let is_selected = at == window.lines.cursor();
        match line {
            DriftLine::Head(community, count) => {
                let (base, marker) = theme.row(is_selected);
                let words = format!("{marker} {} · {count}", view.place(community.as_ref()));
                row(area, &[], &[Span::styled(words, base.patch(theme.title))], None, buffer);
            }
            DriftLine::Row(at) => {
                if let Some(drifted) = window.rows.get(*at) {
                    view.draw_row(*at, drifted, is_selected, (kinds, names), area, buffer);
                }
            }
        }
        if is_selected {
            look.theme.bar(area, buffer);
        }
    }
    let rest = Rect { y: list.bottom() + 1, height: below.saturating_sub(1), ..inside };
    prose(rest, &view.below(), theme.dim, buffer);
}

struct View<'a> {
    directory: &'a Directory,
    window: &'a DriftWindow,
    look: ViewContext<'a>,
}

impl View<'_> {
    /// The number of marked rows, and the groups that were not compared.
    fn summary(&self) -> String {
        let (window, text) = (self.window, self.look.text);
        let mut parts = Vec::new();
        if !window.rows.is_empty() {
            parts.push(text.with("drift-marked", &[("count", window.marks.len().into())]));
        }
        if window.for_others > 0 {
            parts.push(text.with("drift-others", &[("count", window.for_others.into())]));
        }
        if let [first, more @ ..] = window.skipped.as_slice() {
            let why = match &first.failure {
                Some(failure) => text.failure(failure),
                None => text.say("state-listing-incomplete").into_owned(),
            };
            let args = [
                ("community", self.place(Some(&first.community)).into()),
                ("why", why.into()),
                ("more", more.len().into()),
            ];
            parts.push(text.with("drift-skipped", &args));
        }
        parts.join("  ")
    }

    fn place(&self, community: Option<&CommunityId>) -> String {
        let text = self.look.text;
        match community {
            Some(id) => {
                let known = self.directory.community(id).and_then(|known| known.name.as_ref());
                text.name_or_tail(known, id)
            }
            None => text.say("diff-in-none").into_owned(),
        }
    }

    fn name(&self, row: &DriftRow) -> String {
        let text = self.look.text;
        match &row.group {
            Some(group) => shown_name(text, &row.name, group.tail(4)).into_owned(),
            None => row.name.shown().to_owned(),
        }
    }

    /// The widths of the kinds and of the names.
    fn widths(&self, room: usize) -> (usize, usize) {
        let measured = || self.window.rows.iter().take(MEASURED);
        let kinds = measured().map(|row| width(&self.look.text.difference(row.kind))).max().unwrap_or(0);
        let names = measured().map(|row| width(&self.name(row))).max().unwrap_or(0);
        (kinds, names.clamp(12, (room * 2 / 5).max(12)))
    }

    /// Where the group is, and why a plan would not move it.
    fn about(&self, row: &DriftRow) -> String {
        let text = self.look.text;
        let from = row.place.as_ref();
        let from = from.map(|place| text.with("diff-from", &[("community", self.place(Some(place)).into())]));
        let line = row.line.map(|line| text.with("drift-line", &[("line", line.into())]));
        let reason = row.reason.as_ref().map(|reason| text.reason(reason));
        from.into_iter().chain(line).chain(reason).collect::<Vec<_>>().join(" · ")
    }

    fn draw_row(
        &self,
        at: usize,
        drifted: &DriftRow,
        is_selected: bool,
        (kinds, names): (usize, usize),
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let ViewContext { theme, text, .. } = self.look;
        let (base, marker) = theme.row(is_selected);
        let is_marked = self.window.marks.contains(&at);
        let (mark, mark_style) = match drifted.wish {
            _ if is_marked => ("[x] ", theme.marked),
            Some(_) => ("[ ] ", theme.dim),
            None => ("    ", theme.dim),
        };
        let left = [Span::styled(format!("{marker} "), base), Span::styled(mark, mark_style)];
        let kind = pad(&text.difference(drifted.kind), kinds);
        let name = pad(&cut(&self.name(drifted), names), names);
        let middle = [
            Span::styled(kind, kind_style(drifted.kind, theme)),
            Span::raw("  "),
            Span::styled(name, base),
            Span::raw("  "),
            Span::styled(self.about(drifted), base.patch(theme.dim)),
        ];
        row(area, &left, &middle, None, buffer);
    }

    /// The row under the cursor, in full.
    fn below(&self) -> String {
        let Some(DriftLine::Row(at)) = self.window.lines.selected() else { return String::new() };
        let Some(row) = self.window.rows.get(*at) else { return String::new() };
        let id = row.group.as_ref().map(ToString::to_string);
        let about = Some(self.about(row)).filter(|about| !about.is_empty());
        [Some(self.name(row)), id, about].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

fn kind_style(kind: DifferenceKind, theme: &Theme) -> Style {
    match kind {
        DifferenceKind::Missing => theme.ok,
        DifferenceKind::Extra => theme.error,
        DifferenceKind::Elsewhere => theme.warning,
        DifferenceKind::Unknown => theme.dim,
    }
}

pub(super) fn draw_faults(
    window: &FaultsWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let file = Name::new(&window.file);
    let args = [("file", file.shown().into()), ("count", window.faults.len().into())];
    let title = look.text.with("faults-title", &args);
    page::draw(&title, &faults_page(window, look, layout), &window.scroll, look, layout, buffer);
}

/// The lines of the window with the faults of a file.
pub(super) fn faults_page(window: &FaultsWindow, look: ViewContext<'_>, layout: &Layout) -> Page {
    let ViewContext { theme, text, .. } = look;
    let mut page = Page::new(layout);
    for (line, fault) in &window.faults {
        let words = match fault {
            FileFault::Form(message) => text.tell(message),
            FileFault::SeveralInstances(name) => {
                text.with("faults-several-instances", &[("name", name.shown().into())])
            }
            FileFault::NoInstance(name) => text.with("faults-no-instance", &[("name", name.shown().into())]),
            FileFault::Entry(error) => text.entry_error(error, "compare-unknown-community"),
        };
        let words = text.with("cli-on-line", &[("line", (*line).into()), ("words", words.into())]);
        let mut lines = words.lines();
        page.hanging("", theme.text, lines.next().unwrap_or_default(), theme.text, 2);
        for line in lines {
            page.hanging("  ", theme.dim, line, theme.dim, 4);
        }
    }
    page.blank();
    page.prose(&text.say("faults-nothing"), theme.dim);
    page
}
