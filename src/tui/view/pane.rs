//! What the panes have in common: the title, its parts of the title, and the letters that the filter matched.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use super::context::ViewContext;
use crate::{
    app::{
        Context, State,
        action::Action,
        filter::{Filter, Is, Problem, Searched},
        instance::Instance,
        layout::Pane,
        order::SortBy,
    },
    domain::community::Role,
    text::{Arg, format, width::width},
    tui::{
        theme::Theme,
        widget::{field, pane::heading},
    },
};

/// How many instances a row names; of the others it shows the number.
const MOST_LABELS: usize = 2;

/// A pane to be drawn, and its instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct PaneView<'a> {
    pub(super) state: &'a State,
    pub(super) instance: &'a Instance,
    pub(super) pane: Pane,
    pub(super) look: ViewContext<'a>,
}

impl<'a> PaneView<'a> {
    /// Whether it receives the keys that move a cursor. While a window is open, no pane does.
    pub(super) fn has_focus(self) -> bool {
        self.state.focus == self.pane && self.state.modals.is_empty()
    }

    /// The name in the title.
    pub(super) fn name(self, words: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
        let theme = self.look.theme;
        Span::styled(words, if self.has_focus() { theme.focused_title() } else { theme.title })
    }

    /// Draws the title, with this text at its right end. Returns the area of the rows.
    pub(super) fn heading(
        self,
        area: Rect,
        title: Vec<Span<'_>>,
        mut right: Option<Line<'_>>,
        buffer: &mut Buffer,
    ) -> Rect {
        let unknown = match self.pane {
            Pane::Communities => self.instance.communities.rows.unknown,
            pane => self.instance.group_list(pane).map_or(0, |rows| rows.unknown),
        };
        if unknown > 0 {
            let count = self.look.text.with("pane-unknown", &[("count", unknown.into())]);
            let count = Span::styled(format!(" {count} "), self.look.theme.warning);
            let mut spans = right.take().map(|line| line.spans).unwrap_or_default();
            spans.insert(0, count);
            right = Some(Line::from(spans));
        }
        right = self.zoomed(right);
        heading(area, title, right, buffer)
    }

    /// The right end of the title; in a pane that takes the whole screen, with the key that brings the others back.
    fn zoomed(self, right: Option<Line<'_>>) -> Option<Line<'_>> {
        let key = self.look.label(Context::Panes, Action::Zoom).filter(|_| self.state.sizes.is_zoomed);
        let Some(key) = key else { return right };
        let words = self.look.text.with("pane-zoomed", &[("key", key.into())]);
        let mut spans = vec![Span::styled(format!(" {words} "), self.look.theme.accent)];
        spans.extend(right.into_iter().flat_map(|line| line.spans));
        Some(Line::from(spans))
    }

    /// Shows where the cursor is, in a row that is already drawn: a bar in the focused pane. In the others, the marker is enough.
    pub(super) fn cursor(self, is_selected: bool, line: Rect, buffer: &mut Buffer) {
        if is_selected && self.has_focus() {
            self.look.theme.bar(line, buffer);
        }
    }

    /// The marker of a row: faint if the pane does not have the focus.
    pub(super) fn marker(self, is_selected: bool) -> Span<'static> {
        let theme = self.look.theme;
        let (style, marker) = theme.row(is_selected);
        Span::styled(marker, if self.has_focus() { style } else { theme.dim })
    }

    /// The order of the rows, if it is not the default. With a filter it is `None`: the best match comes first.
    pub(super) fn order(self) -> Option<Span<'a>> {
        let Self { instance, pane, look, .. } = self;
        if instance.filter(pane).is_some_and(|filter| filter.is_open || !filter.is_empty()) {
            return None;
        }
        let by = if pane == Pane::Communities { instance.communities.sort } else { instance.groups.sort };
        let order = match by {
            SortBy::Name => return None,
            SortBy::Size => look.text.say("sorted-by-size"),
            SortBy::Role => look.text.say("sorted-by-role"),
            SortBy::Capacity => look.text.say("sorted-by-capacity"),
        };
        Some(Span::styled(format!(" · {order}"), look.theme.dim))
    }

    /// In the view over all instances: the labels of these instances. A row names only the first few.
    pub(super) fn labels(self, holders: &[usize]) -> Option<String> {
        self.state.wide()?;
        let label = |at: &usize| self.state.instances.get(*at).map(|one| one.profile.label.as_str());
        let words = holders.iter().take(MOST_LABELS).filter_map(label).collect::<Vec<_>>().join(", ");
        let more = holders.len().saturating_sub(MOST_LABELS);
        Some(if more > 0 { format!("{words} +{more}") } else { words })
    }

    /// The filter, for the title.
    pub(super) fn filter(self) -> Vec<Span<'a>> {
        let Self { instance, pane, look, .. } = self;
        let Some(filter) = instance.filter(pane) else { return Vec::new() };
        if !filter.is_open && filter.is_empty() {
            return Vec::new();
        }
        let mut spans = vec![Span::styled("  ", look.theme.accent)];
        spans.extend(field::filter(filter, look.theme));
        spans
    }

    /// Why the filter of the pane matches nothing, if a word looks like a search term but is not a valid one.
    pub(super) fn problem(self) -> Option<String> {
        let Self { instance, pane, look, .. } = self;
        let searched = pane.searched();
        let problem = instance.filter(pane)?.query(searched).problem?;
        let terms = terms(searched, look);
        let args: &[(&str, Arg<'_>)] = match &problem {
            Problem::Unfinished => &[("terms", (&*terms).into())],
            Problem::Unknown(given) => &[("terms", (&*terms).into()), ("given", given.into())],
        };
        let key = if problem == Problem::Unfinished { "filter-unfinished" } else { "filter-no-term" };
        Some(look.text.with(key, args))
    }
}

/// The sign of a role in a row. A star is an admin, a dot a member.
pub(super) fn role_sign(role: Role) -> char {
    match role {
        Role::Admin => '★',
        Role::Member => '·',
        Role::Unknown => '?',
    }
}

/// The style of that sign: only an admin can change anything.
pub(super) fn role_style(role: Role, theme: &Theme) -> Style {
    if role == Role::Admin { theme.text } else { theme.dim }
}

/// The search terms for such rows.
pub(super) fn terms(searched: Searched, look: ViewContext<'_>) -> String {
    let facts = Is::ALL.into_iter().filter(|fact| fact.applies_to(searched)).map(Is::word);
    let facts = format!("is:{}", facts.collect::<Vec<_>>().join(" "));
    if searched == Searched::Groups {
        let name = look.text.say("filter-term-name");
        format!("{facts} · in:\"{name}\" · members:>500")
    } else {
        facts
    }
}

/// The number of rows shown, and the total if some are hidden.
pub(super) fn count(shown: usize, all: usize, look: ViewContext<'_>) -> Option<Span<'_>> {
    let shown_text = format::number(look.text, shown as u64);
    let content = if shown == all {
        format!(" {shown_text}")
    } else {
        let all = format::number(look.text, all as u64);
        format!(" {}", look.text.with("pane-count-of", &[("shown", shown_text.into()), ("all", all.into())]))
    };
    (all > 0).then(|| Span::styled(content, look.theme.dim))
}

/// The part of a pane's title that says that the list may be incomplete.
pub(super) fn incomplete(is_cut: bool, look: ViewContext<'_>) -> Option<Span<'_>> {
    is_cut.then(|| Span::styled(format!(" · {}", look.text.say("pane-incomplete")), look.theme.warning))
}

/// Highlights the letters of a name that the filter matched, in a row already drawn; the name begins at `x`.
pub(super) fn show_hits(
    (name, filter): (&str, &Filter),
    x: u16,
    end: u16,
    line: Rect,
    look: ViewContext<'_>,
    buffer: &mut Buffer,
) {
    let hits = filter.hits(name);
    let mut hits = hits.iter().copied().peekable();
    let mut at = x;
    for (place, cluster) in (0..).zip(name.graphemes(true)) {
        if hits.peek().is_none() {
            return;
        }
        let next = at.saturating_add(u16::try_from(width(cluster)).unwrap_or(0));
        if next > end {
            return;
        }
        if hits.next_if_eq(&place).is_some() {
            let cells = Rect { x: at, width: next - at, ..line };
            buffer.set_style(cells, look.theme.accent.add_modifier(Modifier::UNDERLINED));
        }
        at = next;
    }
}

/// The end of the visible letters of a name that begins at `x`. If the name is cut, its last cell holds something else.
pub(super) fn cut_end(name: &str, x: u16, end: u16) -> u16 {
    let is_cut = width(name) > usize::from(end.saturating_sub(x));
    end.saturating_sub(u16::from(is_cut))
}
