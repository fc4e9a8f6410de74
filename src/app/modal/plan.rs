//! The plan in its window: the line under the cursor, and the text typed to confirm it. `share` has what each number does.

mod share;

pub use share::Share;

use std::collections::HashSet;

use tui_input::{Input, InputRequest};

use crate::{
    app::{
        action::Action,
        context::Context,
        filter::Filter,
        layout::{PLAN_FRAME, PLAN_SIZE, plan_parts},
        list::List,
        modal::window::{Scene, Window},
    },
    domain::{
        id::CommunityId,
        instance::InstanceKey,
        plan::{Head, Origin, Plan, Row, Verb, Wish},
    },
};

/// A plan that waits for confirmation.
#[derive(Clone, Debug)]
pub struct PlanWindow {
    /// The instance whose ids it shows: the one that acts, or the view over all.
    pub instance: InstanceKey,
    /// The plan as it is shown and edited: the shares of all numbers, one after the other.
    pub plan: Plan,
    /// What each number does; at least one.
    pub shares: Vec<Share>,
    /// Its lines: a heading for each section, followed by its rows.
    pub lines: List<Line>,
    /// The filter on its rows.
    pub filter: Filter,
    pub confirm: Confirm,
    /// Whether requests of any number go over the network unencrypted.
    pub is_insecure: bool,
}

/// A line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The heading of a section, with the number of its rows.
    Head(Head, usize),
    /// In a section of a plan with several targets: one of them, with the number of its rows; `None` for the rows of groups that
    /// belong in no community.
    Target(Head, Option<CommunityId>, usize),
    /// A row, by its index in the plan.
    Row(usize),
}

/// How a plan is confirmed: the greater its effect, the harder.
#[derive(Clone, Debug)]
pub enum Confirm {
    Key,
    /// By typing the number of groups.
    Count(Input),
    Text {
        /// The text to type.
        expected: String,
        /// Whether it is the last digits of the id instead of the name.
        is_tail: bool,
        /// The field with the text typed.
        field: Input,
    },
}

impl PlanWindow {
    /// Opens a window for a plan.
    pub fn new(instance: InstanceKey, plan: Plan, shares: Vec<Share>) -> Self {
        let confirm = if plan.request.leaves_community() {
            Confirm::text(&plan)
        } else if plan.request.verb == Verb::Leave {
            Confirm::Count(Input::default())
        } else {
            Confirm::Key
        };
        let (lines, filter) = (List::default(), Filter::default());
        let mut window = Self { instance, plan, shares, lines, filter, confirm, is_insecure: false };
        window.relist();
        // The heading above the first row stays in sight.
        window.lines.set_height(window.lines.rows().len());
        let first = window.lines.rows().iter().find(|line| matches!(line, Line::Row(_))).cloned();
        if let Some(first) = first {
            window.lines.select(&first);
        }
        window
    }

    /// The same with the filter and the cursor of the window that it replaces.
    #[must_use]
    pub fn placed_like(mut self, before: &Self) -> Self {
        self.filter = before.filter.clone();
        self.relist();
        let line = before.lines.selected().map(|line| match line {
            Line::Row(at) => {
                // Another number may act on the group now, and then its row is in another place.
                let group = &before.plan.rows[*at].group;
                let is_it = |row: &Row| row.group == *group;
                Line::Row(self.plan.rows.iter().position(is_it).unwrap_or(*at))
            }
            heading => heading.clone(),
        });
        if let Some(line) = line {
            self.lines.select(&line);
        }
        self
    }

    /// The size of its window: no higher than its content.
    pub fn size(&self) -> (u16, u16) {
        let lines = u16::try_from(self.lines.rows().len()).unwrap_or(u16::MAX);
        (PLAN_SIZE.0, PLAN_SIZE.1.min(lines.max(3).saturating_add(PLAN_FRAME + 2)))
    }

    /// Whether including rows or leaving them out changes the requests.
    pub fn can_toggle(&self) -> bool {
        self.plan.can_change()
    }

    /// Whether another community can be chosen for a row.
    pub fn can_change_target(&self) -> bool {
        self.plan.request.wishes.iter().any(|wish| wish.target().is_some())
    }

    /// Whether a row can be turned into a move, or a move back into a link.
    pub fn can_turn(&self) -> bool {
        self.plan.rows.iter().any(Row::is_elsewhere) || self.plan.request.wishes.iter().any(is_turned)
    }

    /// Whether the field of the filter is shown.
    pub fn has_field(&self) -> bool {
        self.filter.is_open || !self.filter.is_empty()
    }

    /// Rebuilds the lines from the plan and the filter. The cursor stays on its row.
    pub fn relist(&mut self) {
        let rows: Vec<(usize, &Row)> = self.plan.rows.iter().enumerate().collect();
        let kept = self.filter.keep(rows, |(_, row)| (row.name.shown(), row.group.bare()));
        let kept: HashSet<usize> = kept.into_iter().map(|(at, _)| at).collect();
        let is_grouped = self.plan.targets().len() > 1;
        let mut lines = Vec::with_capacity(kept.len() + Head::ALL.len());
        for head in Head::ALL {
            let rows: Vec<usize> =
                self.plan.under(head).map(|(at, _)| at).filter(|at| kept.contains(at)).collect();
            if rows.is_empty() {
                continue;
            }
            lines.push(Line::Head(head, rows.len()));
            for (target, rows) in self.plan.by_target(&rows) {
                lines.extend(is_grouped.then(|| Line::Target(head, target.cloned(), rows.len())));
                lines.extend(rows.into_iter().map(Line::Row));
            }
        }
        self.lines.set_rows(lines);
    }

    /// The rows that an action on several rows applies to: those that the filter shows; otherwise those below the heading under the
    /// cursor, or the row there. Rows for which a community has no room belong together.
    pub fn meant(&self) -> Vec<usize> {
        let shown = self.lines.rows().iter().filter_map(|line| match line {
            Line::Row(at) => Some(*at),
            Line::Head(..) | Line::Target(..) => None,
        });
        if !self.filter.is_empty() {
            return shown.collect();
        }
        let row = |at: usize| &self.plan.rows[at];
        match self.lines.selected() {
            Some(Line::Head(head, _)) => shown.filter(|at| row(*at).head == *head).collect(),
            Some(Line::Target(head, target, _)) => {
                let rows: Vec<usize> = shown.filter(|at| row(*at).head == *head).collect();
                let mut groups = self.plan.by_target(&rows).into_iter();
                groups.find(|(of, _)| *of == target.as_ref()).map(|(_, rows)| rows).unwrap_or_default()
            }
            Some(Line::Row(at)) if row(*at).is_surplus() => {
                let (why, target) = (row(*at).reasons.first(), row(*at).link_target());
                let is_alike = |other: &Row| {
                    other.is_surplus() && other.reasons.first() == why && other.link_target() == target
                };
                shown.filter(|at| is_alike(row(*at))).collect()
            }
            Some(Line::Row(at)) => vec![*at],
            None => Vec::new(),
        }
    }

    /// The rows for which another community can be chosen now.
    pub fn retargetable(&self) -> Vec<usize> {
        let wishes = self.plan.request.wishes_by_group();
        let has_target = |at: &usize| {
            let wish = wishes.get(&self.plan.rows[*at].group);
            wish.is_some_and(|wish| wish.target().is_some())
        };
        self.meant().into_iter().filter(has_target).collect()
    }

    /// The rows that are blocked because their groups are in another community, and from where these may be taken if they become
    /// moves. If there are none, those that became moves and are links again. `None` if there are neither.
    pub fn turned(&self) -> Option<(Vec<usize>, Origin)> {
        let mut meant = self.meant();
        let elsewhere: Vec<usize> =
            meant.iter().copied().filter(|at| self.plan.rows[*at].is_elsewhere()).collect();
        if !elsewhere.is_empty() {
            return Some((elsewhere, Origin::Anywhere));
        }
        let wishes = self.plan.request.wishes_by_group();
        meant.retain(|at| wishes.get(&self.plan.rows[*at].group).copied().is_some_and(is_turned));
        (!meant.is_empty()).then_some((meant, Origin::Nowhere))
    }

    /// Includes the row under the cursor, or leaves it out, and moves to the next row. Returns whether anything changed.
    pub fn toggle(&mut self) -> bool {
        let Some(Line::Row(at)) = self.lines.selected().cloned() else { return false };
        let below = self.lines.rows().iter().skip(self.lines.cursor() + 1);
        let next = below.clone().find(|line| matches!(line, Line::Row(_))).cloned();
        let has_changed = self.plan.toggle(at);
        if has_changed {
            self.edited();
            // The row itself may be in another section now.
            self.lines.select(&next.unwrap_or(Line::Row(at)));
        }
        has_changed
    }

    /// Includes all shown rows, or leaves them out. Returns whether anything changed.
    pub fn toggle_all(&mut self) -> bool {
        let rows = self.shown();
        let has_changed = self.plan.toggle_all(&rows);
        self.edited();
        has_changed
    }

    /// Leaves out the shown rows that are included, and includes the others. Returns whether anything changed.
    pub fn invert(&mut self) -> bool {
        let rows = self.shown();
        let has_changed = self.plan.invert(&rows);
        self.edited();
        has_changed
    }

    fn shown(&self) -> Vec<usize> {
        let rows = self.lines.rows().iter();
        rows.filter_map(|line| if let Line::Row(at) = line { Some(*at) } else { None }).collect()
    }

    fn edited(&mut self) {
        if let Confirm::Count(field) = &mut self.confirm {
            *field = Input::default();
        }
        self.relist();
    }

    /// Whether an action would carry out the plan.
    pub fn would_confirm(&self, action: Action) -> bool {
        let sent = self.plan.sent();
        let completes = |field: &Input, expected: &str, request: InputRequest| {
            let mut field = field.clone();
            field.handle(request);
            matches!(request, InputRequest::InsertChar(_)) && sent > 0 && field.value() == expected
        };
        match (&self.confirm, action) {
            (Confirm::Key, Action::Confirm) => sent > 0,
            (Confirm::Count(field), Action::Edit(request)) => completes(field, &sent.to_string(), request),
            (Confirm::Text { expected, field, .. }, Action::Edit(request)) => {
                completes(field, expected, request)
            }
            _ => false,
        }
    }

    /// Edits the confirmation field. Returns whether the text now matches.
    pub fn edit(&mut self, request: InputRequest) -> bool {
        let sent = self.plan.sent();
        match &mut self.confirm {
            Confirm::Key => false,
            Confirm::Count(field) => {
                field.handle(request);
                sent > 0 && field.value() == sent.to_string()
            }
            Confirm::Text { expected, field, .. } => {
                field.handle(request);
                sent > 0 && field.value() == expected
            }
        }
    }
}

impl Window for PlanWindow {
    fn context(&self) -> Context {
        match self.confirm {
            _ if self.filter.is_open => Context::PlanFilter,
            Confirm::Key => Context::Plan,
            Confirm::Count(_) => Context::PlanCount,
            Confirm::Text { .. } => Context::PlanText,
        }
    }

    fn settle(&mut self, scene: Scene<'_>) {
        self.lines.set_height(usize::from(plan_parts(scene.lines(self.size())).list));
    }
}

/// Whether a wish moves a group out of whatever community it is in.
fn is_turned(wish: &Wish) -> bool {
    wish.target().is_some() && wish.from == Origin::Anywhere
}

impl Confirm {
    /// The text to type: a community's name if every keyboard can type it, otherwise the last digits of its id.
    fn text(plan: &Plan) -> Self {
        let row = plan.rows.first();
        let name = row.map_or("", |row| row.name.shown());
        let is_tail = name.is_empty() || !name.is_ascii();
        let tail = row.map_or("", |row| row.group.tail(4));
        let expected = if is_tail { tail } else { name }.to_owned();
        Self::Text { expected, is_tail, field: Input::default() }
    }
}
