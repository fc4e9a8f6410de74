//! The plan in its window: the line under the cursor, and the text typed to confirm it.

use std::sync::Arc;

use tui_input::{Input, InputRequest};

use crate::{
    app::{
        action::{Action, Motion},
        context::Context,
        layout::{PLAN_FRAME, PLAN_SIZE, plan_parts},
        list::List,
        modal::window::{Scene, Window},
    },
    domain::{
        instance::InstanceKey,
        plan::{Head, Plan, Verb},
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
    pub confirm: Confirm,
    /// Whether the operator skipped some checks.
    pub skipped: bool,
}

/// A line of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The heading of a section, with the number of its rows.
    Head(Head, usize),
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

/// The order in which the sections are shown.
pub const HEADS: [Head; 4] = [Head::WillDo, Head::Risky, Head::Blocked, Head::AlreadySo];

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
        let mut window = Self { instance, plan, readings, lines: List::default(), confirm, skipped };
        window.relist();
        window.lines.go(Motion::Down);
        window
    }

    /// The size of its window: no higher than its content.
    pub fn size(&self) -> (u16, u16) {
        let lines = u16::try_from(self.lines.rows().len()).unwrap_or(u16::MAX);
        (PLAN_SIZE.0, PLAN_SIZE.1.min(lines.max(3).saturating_add(PLAN_FRAME + 2)))
    }

    /// Whether a row can be ticked or swapped in the plan's current state.
    pub fn can_toggle(&self) -> bool {
        (0..self.plan.rows.len()).any(|at| self.plan.can_toggle(at))
    }

    /// Whether another community can be chosen to link to.
    pub fn can_change_target(&self) -> bool {
        self.plan.request.target().is_some() && !self.plan.request.leaves_community()
    }

    /// Rebuilds the lines from the plan.
    fn relist(&mut self) {
        let mut lines = Vec::with_capacity(self.plan.rows.len() + HEADS.len());
        for head in HEADS {
            let rows: Vec<Line> = self.plan.under(head).map(|(at, _)| Line::Row(at)).collect();
            if !rows.is_empty() {
                lines.push(Line::Head(head, rows.len()));
                lines.extend(rows);
            }
        }
        self.lines.set_rows(lines);
    }

    /// Ticks or swaps the row under the cursor. Returns whether anything changed.
    pub fn toggle(&mut self) -> bool {
        let Some(Line::Row(at)) = self.lines.selected().copied() else { return false };
        let before = self.plan.clone();
        self.plan.toggle(at);
        let changed = self.plan != before;
        if changed {
            if let Confirm::Count(field) = &mut self.confirm {
                *field = Input::default();
            }
            self.relist();
            self.lines.select(&Line::Row(at));
        }
        changed
    }

    /// Ticks all risky rows of the plan, or unticks them if all are ticked. Returns whether it has any.
    pub fn toggle_all(&mut self) -> bool {
        let risky: Vec<usize> = self.plan.under(Head::Risky).map(|(at, _)| at).collect();
        let all = risky.iter().all(|at| self.plan.rows[*at].ticked);
        for at in &risky {
            if self.plan.rows[*at].ticked == all {
                self.plan.toggle(*at);
            }
        }
        if let Confirm::Count(field) = &mut self.confirm {
            *field = Input::default();
        }
        !risky.is_empty()
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
            Confirm::Key => Context::Plan,
            Confirm::Count(_) => Context::PlanCount,
            Confirm::Text { .. } => Context::PlanText,
        }
    }

    fn settle(&mut self, scene: Scene<'_>) {
        self.lines.set_height(usize::from(plan_parts(scene.lines(self.size())).list));
    }
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
