//! What each action does: in the topmost window, or in the panes.

use super::{
    again, loading, marking, panes, planning, running,
    windows::{Handle, Reply, details, drift, finding, instances, item, operations, palette},
};
use crate::app::{
    action::Action,
    effect::{Effect, Terminal},
    layout::Pane,
    modal::{Modal, help::Help, with_window},
    notice::Notice,
    state::State,
};

/// Handles an action of the operator.
pub(super) fn on_action(state: &mut State, action: Action) -> Vec<Effect> {
    state.notice = None;
    let was_interrupted = std::mem::take(&mut state.interrupted);
    match action {
        Action::Repaint => return vec![Effect::Terminal(Terminal::Repaint)],
        Action::Suspend => return running::suspend(state),
        Action::Interrupt => return running::interrupt(state, was_interrupted),
        // In these two windows, the same keys close them.
        Action::Palette if !matches!(state.modals.last(), Some(Modal::Palette(_))) => {
            palette::open(state, state.context());
            return Vec::new();
        }
        Action::Help if !matches!(state.modals.last(), Some(Modal::Help(_))) => {
            state.modals.push(Modal::Help(Help::new(state.context())));
            return Vec::new();
        }
        _ => {}
    }
    let Some(mut modal) = state.modals.pop() else { return on_panes(state, action) };
    // The windows that this one opens are above it.
    let at = state.modals.len();
    let (stays, effects) = match with_window!(&mut modal, window => window.handle(state, action)) {
        Reply::Stay(effects) => (true, effects),
        Reply::Close(effects) => (false, effects),
        Reply::Instead(action) => return on_action(state, action),
    };
    if stays {
        state.modals.insert(at, modal);
    }
    effects
}

fn on_panes(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Go(motion) => panes::go(state, motion),
        Action::Focus(change) => panes::change_focus(state, change),
        Action::Mark(marking) => marking::mark(state, marking),
        Action::Plan(verb) => return planning::plan(state, verb),
        Action::Run(running) => return running::run(state, running),
        Action::FollowUp(again) => return again::current(state, again),
        Action::Operations => operations::open(state),
        Action::Filter => panes::open_filter(state),
        Action::Edit(request) => panes::edit_filter(state, request),
        Action::Complete => panes::complete_filter(state),
        Action::Accept if state.is_filtering() => panes::close_filter(state),
        Action::Accept if state.focus == Pane::Communities => panes::enter(state),
        Action::Accept | Action::Details if state.focus == Pane::Operation => {
            return item::open_current(state);
        }
        Action::Accept | Action::Details => return details::open_row(state),
        Action::Zoom => state.sizes.is_zoomed = !state.sizes.is_zoomed,
        Action::Divide(side) => return panes::divide(state, side),
        Action::Cancel => panes::cancel(state),
        Action::ToggleAllGroups => panes::toggle_groups(state),
        Action::Sort => panes::sort(state),
        Action::Refresh => return loading::load(state),
        Action::FindCommunities => return finding::open(state),
        Action::CompareFile => drift::open(state),
        Action::Instances => return instances::open(state),
        Action::AllInstances => return all_instances(state),
        Action::NextInstance => return instances::step(state, 1),
        Action::PreviousInstance => return instances::step(state, state.instances.len().saturating_sub(1)),
        Action::Copy => return panes::copy(state),
        Action::NextTheme => next_theme(state),
        Action::Detach => return running::detach(state),
        Action::Quit => return running::quit(state),
        _ => {}
    }
    Vec::new()
}

fn next_theme(state: &mut State) {
    state.theme = (state.theme + 1) % state.themes.len().max(1);
    state.notice = state.themes.get(state.theme).map(|name| Notice::Theme(name));
}

/// Shows all instances as one, and reads those that have not been read; or shows the one that was there before.
fn all_instances(state: &mut State) -> Vec<Effect> {
    let Some(wide) = &mut state.wide else {
        state.notice = Some(Notice::OneInstance);
        return Vec::new();
    };
    if wide.is_shown {
        wide.hide(&mut state.instances);
        return Vec::new();
    }
    wide.show(&state.instances, state.now);
    (0..state.instances.len()).flat_map(|at| loading::load_new(state, at)).collect()
}
