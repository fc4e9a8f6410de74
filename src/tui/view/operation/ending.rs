//! The line below an operation that has ended: its result, and the actions that are possible next.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{joined, outcomes};
use crate::{
    app::{
        Context, State,
        action::{Action, FocusChange, FollowUp},
        instance::Instance,
        layout::Pane,
    },
    domain::{
        operation::{Phase, Summary},
        outcome::Outcome,
        plan::again,
    },
    tui::view::context::ViewContext,
};

/// A key, and what it does.
struct Next {
    key: String,
    words: String,
}

/// The line, and whether it has the number of groups per outcome.
pub(super) struct Ending<'a> {
    spans: Vec<Span<'a>>,
    pub(super) has_counts: bool,
}

impl<'a> Ending<'a> {
    /// The line in an area of this width. With little room, the counts have signs instead of words, or are left to the title.
    pub(super) fn of(
        state: &State,
        instance: &Instance,
        operation: &Summary,
        look: ViewContext<'a>,
        columns: u16,
    ) -> Self {
        let room = usize::from(columns.saturating_sub(2));
        let wide = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
        let mut next = next(state, instance, operation, look);
        let after = wide(&keys(&next, look));
        let forms = [Some(true), Some(false), None].map(|counts| (said(operation, look, counts), counts));
        let fits = |(spans, _): &(Vec<Span<'_>>, Option<bool>)| wide(spans) + after <= room;
        let last = || (said(operation, look, None), None);
        let (mut spans, counts) = forms.into_iter().find(fits).unwrap_or_else(last);
        while wide(&spans) + wide(&keys(&next, look)) > room && next.pop().is_some() {}
        spans.extend(keys(&next, look));
        Self { spans, has_counts: counts.is_some() }
    }

    pub(super) fn draw(&self, line: Rect, buffer: &mut Buffer) {
        let mut x = line.x + 1;
        for span in &self.spans {
            x = buffer.set_span(x, line.y, span, line.right().saturating_sub(x)).0;
        }
    }
}

/// How the operation ended, with the number of groups per outcome: in words, with signs, or not at all.
fn said<'a>(operation: &Summary, look: ViewContext<'_>, counts: Option<bool>) -> Vec<Span<'a>> {
    let key = match operation.phase {
        Phase::Ended(Some(_)) => "operation-stopped",
        _ => "operation-done",
    };
    let mut words = look.text.with(key, &[("operation", operation.id.to_string().into())]);
    if counts.is_some() {
        words.push(':');
    }
    let counted = counts.map(|in_words| {
        let between = if in_words { ", " } else { " " };
        [Span::raw(" ")].into_iter().chain(joined(outcomes(operation, look, in_words), between))
    });
    [Span::styled(words, look.theme.text)].into_iter().chain(counted.into_iter().flatten()).collect()
}

fn keys<'a>(next: &[Next], look: ViewContext<'_>) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    for (at, Next { key, words }) in next.iter().enumerate() {
        spans.push(Span::styled(if at == 0 { "   " } else { " · " }, look.theme.dim));
        spans.push(Span::styled(key.clone(), look.theme.key));
        spans.push(Span::styled(format!(" {words}"), look.theme.dim));
    }
    spans
}

/// What can be done with the operation, the most useful first.
fn next(state: &State, instance: &Instance, operation: &Summary, look: ViewContext<'_>) -> Vec<Next> {
    let text = look.text;
    let context = if state.focus == Pane::Operation { Context::Operation } else { Context::Ended };
    let mut all = Vec::new();
    let mut add = |key: Option<String>, words: String| all.extend(key.map(|key| Next { key, words }));
    if operation.needs_attention() || operation.totals.of(Outcome::Blocked) > 0 {
        add(way_to_reasons(state, look), text.say("ending-why").into_owned());
    }
    if again::may_retry(operation) {
        // The number is known only if its groups are in memory.
        let count = instance.operations.whole(operation.id).map(again::count_retried);
        let words = match count {
            Some(count) => text.with("ending-retry", &[("count", count.into())]),
            None => text.say("hint-retry").into_owned(),
        };
        if count != Some(0) {
            add(look.label(context, Action::FollowUp(FollowUp::Retry)), words);
        }
    }
    if again::may_undo(operation) {
        add(look.label(context, Action::FollowUp(FollowUp::Undo)), text.say("hint-undo").into_owned());
    }
    if again::may_go_on(operation) {
        add(look.label(context, Action::FollowUp(FollowUp::Resume)), text.say("hint-resume").into_owned());
    }
    add(Some(look.back()), text.say("ending-dismiss").into_owned());
    all
}

/// The key that shows why a group failed; from another pane, the keys that lead to the pane of the operation.
fn way_to_reasons(state: &State, look: ViewContext<'_>) -> Option<String> {
    let label = |action| look.label(Context::Panes, action);
    match state.focus {
        Pane::Operation => look.label(Context::Operation, Action::Accept),
        Pane::Communities => label(Action::Focus(FocusChange::Previous)),
        Pane::Groups => label(Action::Focus(FocusChange::Next)),
        Pane::Subgroups => label(Action::Focus(FocusChange::Next)).map(|key| format!("{key} {key}")),
    }
}
