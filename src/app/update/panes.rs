//! Moving in the panes, their filters and their order.

use tui_input::InputRequest;

use crate::{
    app::{
        action::{FocusChange, Motion},
        effect::{Effect, Terminal},
        instance::{Instance, Stale},
        layout::Pane,
        list::List,
        notice::Notice,
        order::Shown,
        state::State,
    },
    domain::id::CommunityId,
};

pub(super) fn go(state: &mut State, motion: Motion) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    match focus {
        Pane::Communities => choose(instance, |communities| communities.go(motion)),
        Pane::Subgroups => instance.subgroups.go(motion),
        Pane::Groups => instance.groups.go(motion),
        Pane::Operation => instance.items.go(motion),
    }
}

/// Moves the cursor of the communities. If it moves to another community, that one's groups are shown from the top.
pub(super) fn choose(instance: &mut Instance, go: impl FnOnce(&mut List<CommunityId>)) {
    let before = instance.communities.selected().cloned();
    go(&mut instance.communities);
    if instance.communities.selected() != before.as_ref() {
        instance.subgroups = List::default();
        instance.filters.subgroups.clear();
        instance.stale.subgroups = true;
    }
}

pub(super) fn change_focus(state: &mut State, change: FocusChange) {
    let has_operation = state.instance().is_some_and(|instance| instance.current_operation().is_some());
    let count = if has_operation { Pane::ALL.len() } else { Pane::ALL.len() - 1 };
    let at = Pane::ALL.iter().position(|pane| *pane == state.focus).unwrap_or(0);
    let step = match change {
        FocusChange::Next => 1,
        FocusChange::Previous => count - 1,
    };
    state.focus = Pane::ALL[(at + step) % count];
}

pub(super) fn open_filter(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if let Some(filter) = instance.filter_mut(focus) {
        filter.is_open = true;
        // Prepares the filter's data now, before the first key.
        instance.stale.groups = true;
    }
}

pub(super) fn edit_filter(state: &mut State, request: InputRequest) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if let Some(filter) = instance.filter_mut(focus).filter(|filter| filter.is_open) {
        filter.input.handle(request);
        make_stale(&mut instance.stale, focus);
    }
}

pub(super) fn close_filter(state: &mut State) {
    let focus = state.focus;
    if let Some(filter) = state.instance_mut().and_then(|instance| instance.filter_mut(focus)) {
        filter.is_open = false;
    }
}

/// Goes back one level: the range, the filter and its field, then the view of marked groups only. Never quits the
/// program.
pub(super) fn cancel(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if let Some(list) = instance.group_list_mut(focus).filter(|list| list.has_range()) {
        list.end_range();
        return;
    }
    if let Some(filter) = instance.filter_mut(focus)
        && (filter.is_open || !filter.is_empty())
    {
        filter.clear();
        make_stale(&mut instance.stale, focus);
        return;
    }
    if instance.only_marked {
        instance.only_marked = false;
        instance.stale = Stale::ALL;
    }
}

fn make_stale(stale: &mut Stale, pane: Pane) {
    match pane {
        Pane::Communities => stale.communities = true,
        Pane::Subgroups => stale.subgroups = true,
        Pane::Groups => stale.groups = true,
        Pane::Operation => {}
    }
}

pub(super) fn toggle_groups(state: &mut State) {
    if let Some(instance) = state.instance_mut() {
        instance.shown = match instance.shown {
            Shown::Standalone => Shown::All,
            Shown::All => Shown::Standalone,
        };
        instance.groups.end_range();
        instance.stale.groups = true;
    }
}

pub(super) fn sort(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if focus == Pane::Communities {
        instance.communities_by = instance.communities_by.next_of_communities();
        instance.stale.communities = true;
    } else {
        instance.groups_by = instance.groups_by.next_of_groups();
        instance.stale.groups = true;
        instance.stale.subgroups = true;
    }
}

pub(super) fn copy(state: &mut State) -> Vec<Effect> {
    let focus = state.focus;
    let Some(instance) = state.instance() else { return Vec::new() };
    let id = match focus {
        Pane::Communities => instance.communities.selected().map(ToString::to_string),
        Pane::Operation => {
            let item = instance.items.selected().copied();
            let operation = instance.current_operation();
            item.and_then(|at| Some(operation?.items.get(at)?.group.to_string()))
        }
        Pane::Subgroups | Pane::Groups => {
            instance.group_list(focus).and_then(List::selected).map(ToString::to_string)
        }
    };
    let Some(id) = id else { return Vec::new() };
    state.notice = Some(Notice::Copied(id.clone()));
    vec![Effect::Terminal(Terminal::Copy(id))]
}
