//! Stopping and pausing what runs, and ending or suspending the program.

use crate::{
    app::{
        action::Running,
        effect::{Effect, Terminal, Work},
        modal::{Modal, quit::Quit},
        notice::Notice,
        state::State,
    },
    domain::operation::{RunControl, Summary},
};

pub(super) fn run(state: &mut State, action: Running) -> Vec<Effect> {
    let control = match action {
        Running::Stop => RunControl::Stop,
        // If some run and others pause, all pause.
        Running::Pause if state.are_paused() => RunControl::Resume,
        Running::Pause => RunControl::Pause,
    };
    let work = |operation: &Summary| Work::Control { instance: operation.instance.clone(), control };
    let effects: Vec<Effect> = state.running().into_iter().map(work).map(Effect::Work).collect();
    if effects.is_empty() {
        state.notice = Some(Notice::NothingRuns);
    } else if control == RunControl::Stop {
        state.notice = Some(Notice::Stopping);
    }
    effects
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
    } else if state.survival.can_detach {
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
