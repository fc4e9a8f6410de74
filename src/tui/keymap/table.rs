//! The table itself: one row per binding.

use crossterm::event::KeyCode;

use super::Key;
use crate::app::{
    Context,
    action::{Action, Again, By, FocusChange, InWindow, Marking, Motion, Planned, Running},
};

/// One or more keys, and the action that they trigger.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The contexts in which it applies.
    pub contexts: &'static [Context],
    /// The keys; the first one is shown.
    pub keys: &'static [Key],
    /// The action.
    pub action: Action,
    /// The action's name in the configuration; `help-NAME` and `hint-NAME` are its texts.
    pub name: &'static str,
    /// The section of the help in which it appears.
    pub section: Section,
    /// Whether the footer shows it.
    pub is_hint: bool,
}

/// The sections of the help, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Marking.
    Marking,
    /// Acting.
    Acting,
    /// In a plan.
    Planning,
    /// Moving around.
    Moving,
    /// The instances.
    Instances,
    /// The program itself.
    Program,
}

const PANES: &[Context] = &[Context::Panes, Context::Operation];
const GROUPS: &[Context] = &[Context::Panes];
const OPERATIONS: &[Context] = &[Context::Operation, Context::Operations, Context::Item];
const PLANS: &[Context] = &[Context::Plan, Context::PlanCount];
const LISTS: &[Context] = &[
    Context::Panes,
    Context::Operation,
    Context::Operations,
    Context::Plan,
    Context::PlanCount,
    Context::Details,
    Context::Item,
    Context::Page,
    Context::Instances,
    Context::Finding,
    Context::Help,
];
const ALL_LISTS: &[Context] = &[
    Context::Panes,
    Context::Operation,
    Context::Operations,
    Context::Filter,
    Context::Plan,
    Context::PlanCount,
    Context::PlanText,
    Context::Target,
    Context::Details,
    Context::Item,
    Context::Page,
    Context::Instances,
    Context::Finding,
    Context::Help,
    Context::HelpFilter,
    Context::Palette,
];
const EVERYWHERE: &[Context] = &[
    Context::Panes,
    Context::Operation,
    Context::Operations,
    Context::Filter,
    Context::Planning,
    Context::Plan,
    Context::PlanCount,
    Context::PlanText,
    Context::Target,
    Context::Details,
    Context::Item,
    Context::Page,
    Context::FileName,
    Context::Instances,
    Context::Connect,
    Context::ConnectNumber,
    Context::Finding,
    Context::FindingAdd,
    Context::Help,
    Context::HelpFilter,
    Context::Palette,
    Context::Quit,
];
const READ: &[Context] = &[Context::Panes, Context::Instances, Context::Connect, Context::Finding];
const RUNS: &[Context] = &[Context::Panes, Context::Operation, Context::Finding];
const CONNECTS: &[Context] = &[Context::Instances, Context::Connect];

const fn row(
    contexts: &'static [Context],
    keys: &'static [Key],
    action: Action,
    name: &'static str,
    section: Section,
    is_hint: bool,
) -> Binding {
    Binding { contexts, keys, action, name, section, is_hint }
}

use Key::{Char, Code, Ctrl, Shift};
use Section::{Acting, Instances, Marking as Marks, Moving, Planning, Program};

/// All bindings; within a section, the help shows them in this order.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    row(ALL_LISTS, &[Code(KeyCode::Up)], Action::Go(Motion::Up), "up", Moving, false),
    row(ALL_LISTS, &[Code(KeyCode::Down)], Action::Go(Motion::Down), "down", Moving, false),
    row(LISTS, &[Char('k')], Action::Go(Motion::Up), "up", Moving, false),
    row(LISTS, &[Char('j')], Action::Go(Motion::Down), "down", Moving, false),
    row(ALL_LISTS, &[Code(KeyCode::PageUp)], Action::Go(Motion::PageUp), "page-up", Moving, false),
    row(ALL_LISTS, &[Code(KeyCode::PageDown)], Action::Go(Motion::PageDown), "page-down", Moving, false),
    row(LISTS, &[Ctrl('u')], Action::Go(Motion::HalfPageUp), "half-page-up", Moving, false),
    row(LISTS, &[Ctrl('d')], Action::Go(Motion::HalfPageDown), "half-page-down", Moving, false),
    row(LISTS, &[Char('g'), Code(KeyCode::Home)], Action::Go(Motion::First), "first", Moving, false),
    row(LISTS, &[Char('G'), Code(KeyCode::End)], Action::Go(Motion::Last), "last", Moving, false),
    row(PANES, &[Code(KeyCode::Tab), Code(KeyCode::Right)], Action::Focus(FocusChange::Next), "next-pane", Moving, true),
    row(PANES, &[Code(KeyCode::BackTab), Code(KeyCode::Left)], Action::Focus(FocusChange::Previous), "previous-pane", Moving, false),
    row(&[Context::Panes, Context::Help], &[Char('/')], Action::Filter, "filter", Moving, true),
    row(PANES, &[Char('t')], Action::ToggleAllGroups, "toggle-all-groups", Moving, false),
    row(PANES, &[Char('s')], Action::Sort, "sort", Moving, false),

    row(GROUPS, &[Char(' ')], Action::Mark(Marking::Toggle), "mark", Marks, true),
    row(GROUPS, &[Char('v')], Action::Mark(Marking::Range), "range", Marks, true),
    row(GROUPS, &[Shift(KeyCode::Up)], Action::Mark(Marking::ExtendUp), "extend-up", Marks, false),
    row(GROUPS, &[Shift(KeyCode::Down)], Action::Mark(Marking::ExtendDown), "extend-down", Marks, false),
    row(GROUPS, &[Char('a')], Action::Mark(Marking::All), "mark-all", Marks, false),
    row(GROUPS, &[Char('i')], Action::Mark(Marking::Invert), "invert-marks", Marks, false),
    row(GROUPS, &[Char('c')], Action::Mark(Marking::Clear), "clear-marks", Marks, false),
    row(GROUPS, &[Char('*')], Action::Mark(Marking::OnlyMarked), "only-marked", Marks, false),

    row(GROUPS, &[Char('l')], Action::Plan(Planned::Link), "link", Acting, true),
    row(GROUPS, &[Char('u')], Action::Plan(Planned::Unlink), "unlink", Acting, true),
    row(GROUPS, &[Char('m')], Action::Plan(Planned::Move), "move", Acting, true),
    row(GROUPS, &[Char('X')], Action::Plan(Planned::Leave), "leave", Acting, true),
    row(RUNS, &[Char('S')], Action::Run(Running::Stop), "stop", Acting, false),
    row(RUNS, &[Char('p')], Action::Run(Running::Pause), "pause", Acting, false),
    row(OPERATIONS, &[Char('r')], Action::Again(Again::Retry), "retry", Acting, true),
    row(OPERATIONS, &[Char('z')], Action::Again(Again::Undo), "undo", Acting, true),
    row(OPERATIONS, &[Char('R')], Action::Again(Again::Resume), "resume", Acting, true),
    row(&[Context::Operation, Context::Operations], &[Char('L')], Action::Again(Again::Look), "look-again", Acting, false),
    row(&[Context::Operation, Context::Operations], &[Code(KeyCode::Enter)], Action::Accept, "open", Acting, true),
    row(&[Context::Panes], &[Code(KeyCode::Enter)], Action::Accept, "details", Acting, false),
    row(&[Context::Item], &[Code(KeyCode::Enter)], Action::Accept, "details", Acting, true),
    row(&[Context::Details], &[Char('i')], Action::InWindow(InWindow::InviteLink), "invite-link", Acting, true),
    row(&[Context::Operations], &[Code(KeyCode::Tab), Char('/')], Action::Filter, "next-outcome", Acting, true),
    row(&[Context::Operations], &[Char('w')], Action::InWindow(InWindow::Write), "export", Acting, true),
    row(&[Context::Operations], &[Char('Y')], Action::Copy, "copy-command", Acting, true),
    row(&[Context::Panes, Context::Operation, Context::Operations], &[Char('o')], Action::Operations, "operations", Acting, false),
    row(READ, &[Char('r')], Action::Refresh, "refresh", Acting, false),
    row(&[Context::Details], &[Char('r')], Action::Refresh, "refresh", Acting, true),
    row(RUNS, &[Char('F')], Action::FindCommunities, "find-communities", Acting, false),
    row(&[Context::Finding], &[Char('a')], Action::AddCommunity, "add-community", Acting, true),
    row(&[Context::Finding], &[Char('x')], Action::ForgetCommunity, "forget-community", Acting, true),
    row(PANES, &[Char('Y')], Action::Copy, "copy", Acting, false),
    row(&[Context::Details, Context::Item, Context::Page], &[Char('Y')], Action::Copy, "copy", Acting, true),
    row(&[Context::Item], &[Char('L')], Action::Again(Again::Look), "look-again", Acting, true),

    row(PLANS, &[Char(' ')], Action::Mark(Marking::Toggle), "tick", Planning, true),
    row(PLANS, &[Char('a')], Action::Mark(Marking::All), "tick-all", Planning, true),
    row(PLANS, &[Char('t')], Action::ChangeTarget, "change-target", Planning, true),
    row(&[Context::Plan], &[Char('y')], Action::Confirm, "confirm", Planning, true),
    row(PLANS, &[Char('w')], Action::InWindow(InWindow::Write), "write-plan", Planning, true),
    row(&[Context::PlanText], &[Ctrl('s')], Action::InWindow(InWindow::Write), "write-plan", Planning, true),
    row(&[Context::FileName], &[Code(KeyCode::Enter)], Action::Accept, "save", Program, true),
    row(&[Context::FileName], &[Code(KeyCode::Tab)], Action::InWindow(InWindow::NextForm), "next-form", Program, true),
    row(&[Context::Planning], &[Char('s')], Action::SkipChecks, "skip-checks", Planning, true),
    row(&[Context::Quit], &[Char('y')], Action::Confirm, "confirm-quit", Planning, true),
    row(&[Context::Target, Context::Instances, Context::Finding], &[Code(KeyCode::Enter)], Action::Accept, "choose", Planning, true),

    row(&[Context::Panes, Context::Operation, Context::Instances], &[Char('I')], Action::Instances, "instances", Instances, false),
    row(PANES, &[Char(']')], Action::NextInstance, "next-instance", Instances, false),
    row(PANES, &[Char('[')], Action::PreviousInstance, "previous-instance", Instances, false),
    row(CONNECTS, &[Char('c')], Action::Connect(By::Qr), "connect", Instances, true),
    row(CONNECTS, &[Char('n')], Action::Connect(By::Number), "connect-by-number", Instances, true),
    row(CONNECTS, &[Char('R')], Action::Connect(By::Session), "reconnect", Instances, true),
    row(&[Context::ConnectNumber, Context::FindingAdd], &[Code(KeyCode::Enter)], Action::Accept, "take-text", Instances, true),

    row(&[Context::Filter, Context::HelpFilter], &[Code(KeyCode::Enter)], Action::Accept, "keep-filter", Program, true),
    row(&[Context::Panes, Context::Operation, Context::Operations], &[Char(':'), Ctrl('p')], Action::Palette, "palette", Program, false),
    row(&[Context::Palette], &[Code(KeyCode::Enter)], Action::Accept, "run", Program, true),
    row(&[Context::Panes, Context::Operation, Context::Help], &[Char('?'), Code(KeyCode::F(1))], Action::Help, "help", Program, true),
    row(PANES, &[], Action::NextTheme, "next-theme", Program, false),
    row(EVERYWHERE, &[Code(KeyCode::Esc)], Action::Cancel, "back", Program, false),
    row(EVERYWHERE, &[Ctrl('l')], Action::Repaint, "repaint", Program, false),
    row(EVERYWHERE, &[Ctrl('z')], Action::Suspend, "suspend", Program, false),
    row(EVERYWHERE, &[Ctrl('c')], Action::Interrupt, "interrupt", Program, false),
    row(&[Context::Panes, Context::Operation, Context::Operations, Context::Instances, Context::Connect, Context::Finding, Context::Details, Context::Item, Context::Page, Context::Help], &[Char('q')], Action::Quit, "quit", Program, false),
];
