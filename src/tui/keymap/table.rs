//! The table itself: one row per binding.

use crossterm::event::KeyCode;

use super::key::Key;
use crate::app::{
    State,
    action::{Action, By, FocusChange, FollowUp, InWindow, Marking, Motion, Planned, Running, Side},
    applies,
    context::{Context, Takes},
};

/// One or more keys, and the action that they trigger.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub contexts: Contexts,
    /// The keys; the first one is shown.
    pub keys: &'static [Key],
    pub action: Action,
    /// The action's name in the configuration.
    pub name: &'static str,
    /// The section of the help in which it appears.
    pub section: Section,
    /// The key of its text in the help. Bindings with the same text are on one line.
    pub help: &'static str,
    /// What the footer shows, if anything.
    pub hint: Option<Hint>,
}

/// What the footer shows of a binding.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    pub text: &'static str,
    /// Whether the action can do something now; otherwise the footer omits it.
    pub applies: fn(&State) -> bool,
}

/// Contexts, as a rule or a list.
#[derive(Clone, Copy, Debug)]
pub enum Contexts {
    Everywhere,
    /// Those with rows or text to move in.
    Moving,
    /// The same, unless letters go to a text field.
    MovingByLetter,
    /// Those in which letters do not go to a text field.
    ByLetter,
    /// Those in which they do.
    Typing,
    In(&'static [Context]),
}

impl Contexts {
    /// Whether a context is one of them.
    pub fn contains(self, context: Context) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Moving => context.can_move(),
            Self::MovingByLetter => context.can_move() && context.takes() != Takes::Text,
            Self::ByLetter => context.takes() != Takes::Text,
            Self::Typing => context.takes() == Takes::Text,
            Self::In(contexts) => contexts.contains(&context),
        }
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Context> {
        Context::ALL.iter().copied().filter(move |context| self.contains(*context))
    }
}

/// The sections of the help, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Marking,
    Acting,
    Planning,
    Moving,
    Instances,
    Program,
}

const PANES: Contexts = In(&[Context::Panes, Context::Ended, Context::Operation]);
const GROUPS: Contexts = In(&[Context::Panes, Context::Ended]);
const OPERATIONS: Contexts = In(&[Context::Operation, Context::Operations, Context::Item, Context::Ended]);
const UNDOES: Contexts =
    In(&[Context::Operation, Context::Operations, Context::Item, Context::Ended, Context::Panes]);
const LISTS_OF_ITEMS: Contexts = In(&[Context::Operation, Context::Operations]);
const PLANS: Contexts = In(&[Context::Plan, Context::PlanCount]);
const READ: Contexts = In(&[Context::Panes, Context::Connect, Context::Finding, Context::Drift]);
const DRIFT: Contexts = In(&[Context::Drift]);
const RUNS: Contexts = In(&[Context::Panes, Context::Ended, Context::Operation, Context::Finding]);
const CONNECTS: Contexts = In(&[Context::Instances, Context::Connect]);

const fn row(
    contexts: Contexts,
    keys: &'static [Key],
    action: Action,
    name: &'static str,
    section: Section,
    help: &'static str,
) -> Binding {
    Binding { contexts, keys, action, name, section, help, hint: None }
}

impl Binding {
    /// The same, shown in the footer.
    const fn hint(self, text: &'static str) -> Self {
        self.hint_if(text, |_| true)
    }

    /// The same, shown in the footer while the action can do something.
    const fn hint_if(mut self, text: &'static str, applies: fn(&State) -> bool) -> Self {
        self.hint = Some(Hint { text, applies });
        self
    }
}

use Contexts::{ByLetter, Everywhere, In, Moving as Lists, MovingByLetter, Typing};
use Key::{Char, Code, Ctrl, Shift};
use Section::{Acting, Instances, Marking as Marks, Moving, Planning, Program};

/// All bindings; within a section, the help shows them in this order.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    row(Lists, &[Code(KeyCode::Up)], Action::Go(Motion::Up), "up", Moving, "help-up-down"),
    row(Lists, &[Code(KeyCode::Down)], Action::Go(Motion::Down), "down", Moving, "help-up-down"),
    row(MovingByLetter, &[Char('k')], Action::Go(Motion::Up), "up", Moving, "help-up-down"),
    row(MovingByLetter, &[Char('j')], Action::Go(Motion::Down), "down", Moving, "help-up-down"),
    row(Lists, &[Code(KeyCode::PageUp)], Action::Go(Motion::PageUp), "page-up", Moving, "help-page"),
    row(Lists, &[Code(KeyCode::PageDown)], Action::Go(Motion::PageDown), "page-down", Moving, "help-page"),
    row(MovingByLetter, &[Ctrl('u')], Action::Go(Motion::HalfPageUp), "half-page-up", Moving, "help-half-page"),
    row(MovingByLetter, &[Ctrl('d')], Action::Go(Motion::HalfPageDown), "half-page-down", Moving, "help-half-page"),
    row(MovingByLetter, &[Char('g'), Code(KeyCode::Home)], Action::Go(Motion::First), "first", Moving, "help-first-last"),
    row(MovingByLetter, &[Char('G'), Code(KeyCode::End)], Action::Go(Motion::Last), "last", Moving, "help-first-last"),
    row(PANES, &[Code(KeyCode::Tab), Code(KeyCode::Right)], Action::Focus(FocusChange::Next), "next-pane", Moving, "help-pane").hint_if("hint-next-pane", applies::leave_communities),
    row(PANES, &[Code(KeyCode::BackTab)], Action::Focus(FocusChange::Previous), "previous-pane", Moving, "help-pane"),
    row(PANES, &[Code(KeyCode::Left), Char('h')], Action::Focus(FocusChange::Back), "previous-pane", Moving, "help-pane"),
    row(GROUPS, &[Code(KeyCode::Enter)], Action::Accept, "enter", Moving, "help-enter").hint_if("hint-enter", applies::leave_communities),
    row(PANES, &[Char('+')], Action::Zoom, "zoom", Moving, "help-zoom"),
    row(GROUPS, &[Char('<')], Action::Divide(Side::Left), "divider-left", Moving, "help-divider"),
    row(GROUPS, &[Char('>')], Action::Divide(Side::Right), "divider-right", Moving, "help-divider"),
    row(In(&[Context::Panes, Context::Ended, Context::Help]), &[Char('/')], Action::Filter, "filter", Moving, "help-filter").hint("hint-filter"),
    row(PANES, &[Char('t')], Action::ToggleAllGroups, "toggle-all-groups", Moving, "help-toggle-all-groups"),
    row(PANES, &[Char('s')], Action::Sort, "sort", Moving, "help-sort"),

    row(GROUPS, &[Char(' ')], Action::Mark(Marking::Toggle), "mark", Marks, "help-mark").hint_if("hint-mark", applies::mark),
    row(GROUPS, &[Char('v')], Action::Mark(Marking::Range), "range", Marks, "help-range").hint_if("hint-range", applies::mark),
    row(GROUPS, &[Shift(KeyCode::Up)], Action::Mark(Marking::ExtendUp), "extend-up", Marks, "help-extend"),
    row(GROUPS, &[Shift(KeyCode::Down)], Action::Mark(Marking::ExtendDown), "extend-down", Marks, "help-extend"),
    row(GROUPS, &[Char('a')], Action::Mark(Marking::All), "mark-all", Marks, "help-mark-all"),
    row(GROUPS, &[Char('V')], Action::Mark(Marking::Invert), "invert-marks", Marks, "help-invert-marks"),
    row(GROUPS, &[Char('c')], Action::Mark(Marking::Clear), "clear-marks", Marks, "help-clear-marks"),
    row(GROUPS, &[Char('*')], Action::Mark(Marking::OnlyMarked), "only-marked", Marks, "help-only-marked"),

    row(GROUPS, &[Char('l')], Action::Plan(Planned::Link), "link", Acting, "help-link").hint_if("hint-link", applies::link),
    row(GROUPS, &[Char('u')], Action::Plan(Planned::Unlink), "unlink", Acting, "help-unlink").hint_if("hint-unlink", applies::unlink),
    row(GROUPS, &[Char('m')], Action::Plan(Planned::Move), "move", Acting, "help-move").hint_if("hint-move", applies::move_groups),
    row(GROUPS, &[Char('X')], Action::Plan(Planned::Leave), "leave", Acting, "help-leave").hint_if("hint-leave", applies::leave),
    row(RUNS, &[Char('S')], Action::Run(Running::Stop), "stop", Acting, "help-stop"),
    row(RUNS, &[Char('p')], Action::Run(Running::Pause), "pause", Acting, "help-pause"),
    row(RUNS, &[Char('d')], Action::Detach, "detach", Acting, "help-detach"),
    row(OPERATIONS, &[Char('r')], Action::FollowUp(FollowUp::Retry), "retry", Acting, "help-retry").hint_if("hint-retry", applies::retry),
    row(UNDOES, &[Char('z')], Action::FollowUp(FollowUp::Undo), "undo", Acting, "help-undo").hint_if("hint-undo", applies::undo),
    row(OPERATIONS, &[Char('R')], Action::FollowUp(FollowUp::Resume), "resume", Acting, "help-resume").hint_if("hint-resume", applies::resume),
    row(In(&[Context::Operation, Context::Operations, Context::Ended]), &[Char('L')], Action::FollowUp(FollowUp::Look), "look-again", Acting, "help-look-again"),
    row(LISTS_OF_ITEMS, &[Code(KeyCode::Enter)], Action::Accept, "open", Acting, "help-open").hint_if("hint-open", applies::take_up),
    row(In(&[Context::Item]), &[Code(KeyCode::Enter)], Action::Accept, "open", Acting, "help-open").hint("hint-details"),
    row(GROUPS, &[Char('i')], Action::Details, "details", Acting, "help-details").hint_if("hint-details", applies::mark),
    row(In(&[Context::Operation, Context::Operations, Context::Item, Context::Finding]), &[Char('i')], Action::Details, "details", Acting, "help-details"),
    row(In(&[Context::Details]), &[Char('i')], Action::InWindow(InWindow::InviteLink), "invite-link", Acting, "help-invite-link").hint("hint-invite-link"),
    row(In(&[Context::Operations]), &[Code(KeyCode::Tab), Char('/')], Action::Filter, "next-outcome", Acting, "help-next-outcome").hint_if("hint-next-outcome", applies::next_outcome),
    row(In(&[Context::Operations]), &[Char('w')], Action::InWindow(InWindow::Write), "export", Acting, "help-export").hint_if("hint-export", applies::take_up),
    row(In(&[Context::Operations]), &[Char('Y')], Action::Copy, "copy-command", Acting, "help-copy-command").hint_if("hint-copy-command", applies::take_up),
    row(In(&[Context::Panes, Context::Ended, Context::Operation, Context::Operations]), &[Char('o')], Action::Operations, "operations", Acting, "help-operations").hint_if("hint-operations", applies::see_operations),
    row(READ, &[Char('r')], Action::Refresh, "refresh", Acting, "help-refresh"),
    row(In(&[Context::Instances]), &[Char('r')], Action::Refresh, "refresh", Acting, "help-refresh").hint("hint-read-again"),
    row(In(&[Context::Details]), &[Char('r')], Action::Refresh, "refresh", Acting, "help-refresh").hint("hint-refresh"),
    row(RUNS, &[Char('F')], Action::FindCommunities, "find-communities", Acting, "help-find-communities"),
    row(In(&[Context::Finding]), &[Char('a')], Action::AddCommunity, "add-community", Acting, "help-add-community").hint("hint-add-community"),
    row(In(&[Context::Finding]), &[Char('x')], Action::ForgetCommunity, "forget-community", Acting, "help-forget-community").hint("hint-forget-community"),
    row(PANES, &[Char('Y')], Action::Copy, "copy", Acting, "help-copy"),
    row(In(&[Context::Details, Context::Item, Context::Page]), &[Char('Y')], Action::Copy, "copy", Acting, "help-copy").hint_if("hint-copy", applies::copy),
    row(In(&[Context::Item]), &[Char('L')], Action::FollowUp(FollowUp::Look), "look-again", Acting, "help-look-again").hint_if("hint-look-again", applies::look_again),

    row(PLANS, &[Char(' ')], Action::Mark(Marking::Toggle), "tick", Planning, "help-tick").hint_if("hint-tick", applies::tick),
    row(PLANS, &[Char('a')], Action::Mark(Marking::All), "tick-all", Planning, "help-tick-all").hint_if("hint-tick-all", applies::tick_all),
    row(PLANS, &[Char('i')], Action::Mark(Marking::Invert), "invert-plan", Planning, "help-invert-plan"),
    row(PLANS, &[Char('t')], Action::ChangeTarget, "change-target", Planning, "help-change-target").hint_if("hint-change-target", applies::change_target),
    row(PLANS, &[Char('m')], Action::TurnIntoMoves, "turn-into-moves", Planning, "help-turn-into-moves").hint_if("hint-turn-into-moves", applies::turn),
    row(PLANS, &[Char('n')], Action::HandOver, "other-number", Planning, "help-other-number").hint_if("hint-other-number", applies::hand_over),
    row(PLANS, &[Char('/')], Action::Filter, "filter-plan", Planning, "help-filter-plan").hint("hint-filter"),
    row(In(&[Context::Plan]), &[Char('y')], Action::Confirm, "confirm", Planning, "help-confirm").hint_if("hint-confirm", applies::send),
    row(PLANS, &[Char('w')], Action::InWindow(InWindow::Write), "write-plan", Planning, "help-write-plan").hint_if("hint-write-plan", applies::send),
    row(In(&[Context::PlanText]), &[Ctrl('s')], Action::InWindow(InWindow::Write), "write-plan", Planning, "help-write-plan").hint_if("hint-write-plan", applies::send),
    row(In(&[Context::FileName]), &[Code(KeyCode::Enter)], Action::Accept, "save", Program, "help-save").hint("hint-save"),
    row(In(&[Context::FileName]), &[Code(KeyCode::Tab)], Action::InWindow(InWindow::NextForm), "next-form", Program, "help-next-form").hint_if("hint-next-form", applies::next_form),
    row(In(&[Context::Planning]), &[Char('s')], Action::SkipChecks, "skip-checks", Planning, "help-skip-checks").hint("hint-skip-checks"),
    row(In(&[Context::Quit]), &[Char('y')], Action::Confirm, "confirm-quit", Planning, "help-confirm-quit").hint("hint-confirm-quit"),
    row(GROUPS, &[Char('D')], Action::CompareFile, "compare-file", Acting, "help-compare-file"),
    row(In(&[Context::StateFile]), &[Code(KeyCode::Enter)], Action::Accept, "compare", Planning, "help-compare").hint("hint-compare"),
    row(DRIFT, &[Char(' ')], Action::Mark(Marking::Toggle), "drift-mark", Planning, "help-mark-difference").hint_if("hint-mark", applies::plan_differences),
    row(DRIFT, &[Char('a')], Action::Mark(Marking::All), "drift-mark-all", Planning, "help-mark-all-differences").hint_if("hint-mark-all", applies::plan_differences),
    row(DRIFT, &[Char('V')], Action::Mark(Marking::Invert), "drift-invert", Planning, "help-invert-marks"),
    row(DRIFT, &[Char('c')], Action::Mark(Marking::Clear), "drift-clear", Planning, "help-clear-marks"),
    row(DRIFT, &[Char('l')], Action::Plan(Planned::Link), "drift-plan", Planning, "help-plan-differences").hint_if("hint-plan-differences", applies::plan_differences),
    row(DRIFT, &[Char('/')], Action::Filter, "drift-filter", Planning, "help-filter-differences").hint_if("hint-filter", applies::plan_differences),
    row(In(&[Context::Target, Context::Instances, Context::Finding]), &[Code(KeyCode::Enter)], Action::Accept, "choose", Planning, "help-choose").hint_if("hint-choose", applies::choose),

    row(In(&[Context::Panes, Context::Ended, Context::Operation, Context::Instances]), &[Char('I')], Action::Instances, "instances", Instances, "help-instances"),
    row(PANES, &[Char('0')], Action::AllInstances, "all-instances", Instances, "help-all-instances").hint_if("hint-all-instances", applies::show_all_instances),
    row(PANES, &[Char(']')], Action::NextInstance, "next-instance", Instances, "help-step-instance"),
    row(PANES, &[Char('[')], Action::PreviousInstance, "previous-instance", Instances, "help-step-instance"),
    row(CONNECTS, &[Char('c')], Action::Connect(By::Qr), "connect", Instances, "help-connect").hint_if("hint-connect", applies::connect),
    row(CONNECTS, &[Char('n')], Action::Connect(By::Number), "connect-by-number", Instances, "help-connect-by-number").hint_if("hint-connect-by-number", applies::connect),
    row(CONNECTS, &[Char('R')], Action::Connect(By::Session), "reconnect", Instances, "help-reconnect").hint_if("hint-reconnect", applies::connect),
    row(In(&[Context::Instances]), &[Char('a')], Action::AddInstance, "add-instance", Instances, "help-add-instance").hint_if("hint-add-instance", applies::add_instance),
    row(In(&[Context::Instances]), &[Char(' ')], Action::Mark(Marking::Toggle), "tick-instance", Instances, "help-tick-instance").hint_if("hint-tick", applies::tick_listed),
    row(In(&[Context::Instances]), &[Char('e')], Action::EditInstance, "edit-instance", Instances, "help-edit-instance").hint_if("hint-edit-instance", applies::edit_instance),
    row(In(&[Context::Instances]), &[Char('d')], Action::RemoveInstance, "remove-instance", Instances, "help-remove-instance").hint_if("hint-remove-instance", applies::remove_instance),
    row(In(&[Context::Removal]), &[Char('y')], Action::Confirm, "confirm-removal", Instances, "help-confirm-removal").hint("hint-confirm-removal"),
    row(In(&[Context::Entry]), &[Code(KeyCode::Enter)], Action::Accept, "save-instance", Instances, "help-save-instance").hint_if("hint-save-instance", applies::save_entry),
    row(In(&[Context::Entry]), &[Ctrl('s')], Action::InWindow(InWindow::SaveAnyway), "save-anyway", Instances, "help-save-anyway").hint_if("hint-save-anyway", applies::save_anyway),
    row(In(&[Context::Entry]), &[Code(KeyCode::Tab), Code(KeyCode::Down)], Action::Focus(FocusChange::Next), "next-field", Instances, "help-field").hint_if("hint-next-field", applies::save_entry),
    row(In(&[Context::Entry]), &[Code(KeyCode::BackTab), Code(KeyCode::Up)], Action::Focus(FocusChange::Previous), "previous-field", Instances, "help-field"),
    row(In(&[Context::Entry]), &[Ctrl('t')], Action::InWindow(InWindow::NextOrigin), "next-origin", Instances, "help-next-origin").hint_if("hint-next-origin", applies::next_origin),
    row(In(&[Context::ConnectNumber, Context::FindingAdd]), &[Code(KeyCode::Enter)], Action::Accept, "take-text", Instances, "help-take-text").hint("hint-take-text"),

    row(In(&[Context::Filter]), &[Code(KeyCode::Tab)], Action::Complete, "complete-term", Program, "help-complete-term").hint_if("hint-complete-term", applies::complete),
    row(In(&[Context::Filter, Context::PlanFilter, Context::HelpFilter]), &[Code(KeyCode::Enter)], Action::Accept, "keep-filter", Program, "help-keep-filter").hint("hint-keep-filter"),
    row(ByLetter, &[Char(':'), Ctrl('p')], Action::Palette, "palette", Program, "help-palette").hint("hint-palette"),
    row(Typing, &[Ctrl('p')], Action::Palette, "palette", Program, "help-palette"),
    row(In(&[Context::Palette]), &[Code(KeyCode::Enter)], Action::Accept, "run", Program, "help-run").hint("hint-run"),
    row(ByLetter, &[Char('?'), Code(KeyCode::F(1))], Action::Help, "help", Program, "help-help").hint("hint-help"),
    row(Typing, &[Code(KeyCode::F(1))], Action::Help, "help", Program, "help-help"),
    row(PANES, &[], Action::NextTheme, "next-theme", Program, "help-next-theme"),
    row(Everywhere, &[Code(KeyCode::Esc)], Action::Cancel, "back", Program, "help-back"),
    row(Everywhere, &[Ctrl('l')], Action::Repaint, "repaint", Program, "help-repaint"),
    row(Everywhere, &[Ctrl('z')], Action::Suspend, "suspend", Program, "help-suspend"),
    row(Everywhere, &[Ctrl('c')], Action::Interrupt, "interrupt", Program, "help-interrupt"),
    row(In(&[Context::Panes, Context::Ended, Context::Operation, Context::Operations, Context::Instances, Context::Connect, Context::Finding, Context::Details, Context::Item, Context::Page, Context::Drift, Context::Help]), &[Char('q')], Action::Quit, "quit", Program, "help-quit"),
];
