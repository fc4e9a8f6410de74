//! The plan in its window: the line under the cursor, and the text typed to confirm it.

use std::{collections::HashSet, sync::Arc};

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
        id::{CommunityId, GroupId},
        instance::InstanceKey,
        plan::{Head, Origin, Plan, Request, Row, Verb, Wish},
        reading::Readings,
    },
};

/// A plan that waits for confirmation.
#[derive(Clone, Debug)]
pub struct PlanWindow {
    pub instance: InstanceKey,
    pub plan: Plan,
    pub readings: Arc<Readings>,
    /// Its lines: a heading for each section, followed by its rows.
    pub lines: List<Line>,
    /// The filter on its rows.
    pub filter: Filter,
    pub confirm: Confirm,
    /// Whether the operator skipped some checks.
    pub skipped: bool,
    /// Whether its requests go over the network unencrypted.
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
    pub fn new(instance: InstanceKey, plan: Plan, readings: Arc<Readings>, skipped: bool) -> Self {
        let confirm = if plan.request.leaves_community() {
            Confirm::text(&plan)
        } else if plan.request.verb == Verb::Leave {
            Confirm::Count(Input::default())
        } else {
            Confirm::Key
        };
        let (lines, filter) = (List::default(), Filter::default());
        let mut window =
            Self { instance, plan, readings, lines, filter, confirm, skipped, is_insecure: false };
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
        if let Some(line) = before.lines.selected() {
            self.lines.select(line);
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
    fn meant(&self) -> Vec<usize> {
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

    /// The wishes of the rows that an action on several rows applies to.
    pub fn meant_wishes(&self) -> Vec<Wish> {
        let groups: HashSet<&GroupId> =
            self.meant().into_iter().map(|at| &self.plan.rows[at].group).collect();
        let wishes = self.plan.request.wishes.iter();
        wishes.filter(|wish| groups.contains(&wish.group)).cloned().collect()
    }

    /// The groups for which another community can be chosen now.
    pub fn retargetable(&self) -> HashSet<GroupId> {
        let has_target: HashSet<&GroupId> = self
            .plan
            .request
            .wishes
            .iter()
            .filter(|wish| wish.target().is_some())
            .map(|wish| &wish.group)
            .collect();
        let groups = self.meant().into_iter().map(|at| &self.plan.rows[at].group);
        groups.filter(|group| has_target.contains(group)).cloned().collect()
    }

    /// The request in which rows that are blocked because they are in another community become moves; if there are none, those that
    /// became moves are links again. `None` if there are neither.
    pub fn turned(&self) -> Option<Request> {
        let meant = self.meant();
        let groups = |is_meant: &dyn Fn(&Row) -> bool| -> HashSet<GroupId> {
            let rows = meant.iter().map(|at| &self.plan.rows[*at]);
            rows.filter(|row| is_meant(row)).map(|row| row.group.clone()).collect()
        };
        let elsewhere = groups(&Row::is_elsewhere);
        let mut request = self.plan.request.clone();
        if !elsewhere.is_empty() {
            request.set_origin(&elsewhere, &Origin::Anywhere);
            return Some(request);
        }
        let turned: HashSet<&GroupId> =
            request.wishes.iter().filter(|wish| is_turned(wish)).map(|wish| &wish.group).collect();
        let back = groups(&|row: &Row| turned.contains(&row.group));
        request.set_origin(&back, &Origin::Nowhere);
        (!back.is_empty()).then_some(request)
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
