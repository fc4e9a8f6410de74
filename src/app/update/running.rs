//! Stopping and pausing what runs, and ending or suspending the program.

use crate::{
    app::{
        action::Running,
        effect::{Effect, Terminal, Work},
        modal::{Modal, quit::Quit},
        notice::Notice,
        state::State,
    },
    domain::operation::{Phase, RunControl, Summary},
};

fn running(state: &State) -> Option<&Summary> {
    let operation = state.operating()?.current_operation()?;
    (operation.is_live() && operation.phase != Phase::Waiting).then_some(operation)
}

pub(super) fn run(state: &mut State, running_action: Running) -> Vec<Effect> {
    let Some(operation) = running(state) else {
        state.notice = Some(Notice::NothingRuns);
        return Vec::new();
    };
    let instance = operation.instance.clone();
    let control = match (running_action, &operation.phase) {
        (Running::Stop, _) => RunControl::Stop,
        (Running::Pause, Phase::Paused(_)) => RunControl::Resume,
        (Running::Pause, _) => RunControl::Pause,
    };
    if control == RunControl::Stop {
        state.notice = Some(Notice::Stopping);
    }
    vec![Effect::Work(Work::Control { instance, control })]
}

/// Stops the running operations; the second time, quits the program.
pub(super) fn interrupt(state: &mut State, again: bool) -> Vec<Effect> {
    if again {
        return stop_and_quit(state);
    }
    state.interrupted = true;
    let effects = stop_all(state);
    state.notice = Some(if effects.is_empty() { Notice::AgainToQuit } else { Notice::Stopping });
    effects
}

/// Stops the running operations and quits the program.
pub(super) fn stop_and_quit(state: &State) -> Vec<Effect> {
    stop_all(state).into_iter().chain([Effect::Terminal(Terminal::Quit)]).collect()
}

fn stop_all(state: &State) -> Vec<Effect> {
    let busy = state.instances.iter().filter(|instance| instance.operations.is_running_own());
    busy.map(|instance| Effect::Work(Work::StopOwn(instance.key().clone()))).collect()
}

/// Quits the program, and lets the operations that it runs go on in the background.
pub(super) fn detach(state: &mut State) -> Vec<Effect> {
    if !state.is_running_own() {
        state.notice = Some(Notice::NothingRuns);
    } else if state.can_detach {
        return vec![Effect::Terminal(Terminal::Detach)];
    } else {
        state.notice = Some(Notice::CannotDetach);
    }
    Vec::new()
}

pub(super) fn suspend(state: &mut State) -> Vec<Effect> {
    if state.is_running_own() {
        state.notice = Some(Notice::CannotSuspend);
        return Vec::new();
    }
    vec![Effect::Terminal(Terminal::Suspend)]
}

pub(super) fn quit(state: &mut State) -> Vec<Effect> {
    if state.is_running_own() {
        state.modals.push(Modal::Quit(Quit));
        return Vec::new();
    }
    vec![Effect::Terminal(Terminal::Quit)]
}
