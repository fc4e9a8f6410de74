//! Mistakes in the faults of a world file: a fault that cannot strike, a field that it does not use, a name that the world does
//! not have.

use super::super::description::{FaultDef, On, Then};
use super::super::state::{Mistake, State, WorldPlace};

/// Reports a fault that cannot strike, or only by accident, as a mistake in the file.
pub(super) fn check(definition: &FaultDef) -> Result<(), Mistake> {
    let found = wrong_number(definition)
        .or_else(|| wrong_request(definition))
        .or_else(|| missing_field(definition))
        .or_else(|| unused_field(definition));
    found.map_or(Ok(()), |what| Err(Mistake { offender: definition.on.name().to_owned(), what }))
}

fn wrong_number(definition: &FaultDef) -> Option<String> {
    let is_part = |part: f64| (0.0..=1.0).contains(&part);
    if let Some(share) = definition.share.filter(|share| !is_part(*share)) {
        return Some(format!("share {share} is not between 0 and 1"));
    }
    if let Some(part) = definition.part.filter(|part| !is_part(*part)) {
        return Some(format!("part {part} is not between 0 and 1"));
    }
    if let Some(seconds) = definition.seconds.filter(|seconds| !(0.0..=1e6).contains(seconds)) {
        return Some(format!("seconds {seconds} is not between 0 and 1000000"));
    }
    let status = definition.status.filter(|status| !(200..600).contains(status))?;
    Some(format!("status {status} is not one of HTTP's"))
}

fn wrong_request(definition: &FaultDef) -> Option<String> {
    let FaultDef { on, then, .. } = *definition;
    let (on_name, then_name) = (on.name(), then.name());
    let is_sole_read = !on.is_write() && on != On::Any;
    if then == Then::Lie && is_sole_read {
        return Some(format!("`lie` needs something that changes the world, and `{on_name}` only reads"));
    }
    let reads = then.reads()?;
    let fits = if on.is_class() { on != On::AnyWrite } else { reads.contains(&on) };
    let names: Vec<String> = reads.iter().map(|read| format!("`{}`", read.name())).collect();
    (!fits).then(|| format!("`{then_name}` strikes {}, and not `{on_name}`", names.join(", ")))
}

fn missing_field(definition: &FaultDef) -> Option<String> {
    let then = definition.then;
    let needs_to = matches!(then, Then::MovedByAnother | Then::LinkedByAnother);
    let missing = match then {
        Then::Cut if definition.entries.is_none() => "entries",
        _ if then.is_by_another() && definition.group.is_none() => "group",
        _ if needs_to && definition.to.is_none() => "to",
        _ => return None,
    };
    Some(format!("`{}` needs the field `{missing}`", then.name()))
}

fn unused_field(definition: &FaultDef) -> Option<String> {
    let FaultDef { on, then, .. } = *definition;
    let uses_to = matches!(then, Then::MovedByAnother | Then::LinkedByAnother | Then::OtherCommunity);
    let uses_part = matches!(then, Then::Incomplete | Then::Blank);
    let uses_group =
        !matches!(on, On::Groups | On::Communities) || then.names_entries(on) || then.is_by_another();
    let unused = if definition.entries.is_some() && then != Then::Cut {
        "entries"
    } else if definition.part.is_some() && !uses_part {
        "part"
    } else if definition.to.is_some() && !uses_to {
        "to"
    } else if definition.group.is_some() && !uses_group {
        return Some(format!("a request for `{}` names no group, so `group` never matches", on.name()));
    } else {
        return None;
    };
    Some(format!("`{}` does not use the field `{unused}`", then.name()))
}

/// The ids of a name or an id, with or without a gateway's suffix.
pub(super) fn meant(state: &State, given: &str, is_group: bool) -> Result<Vec<String>, Mistake> {
    let bare = given.strip_suffix("@g.us").or_else(|| given.strip_suffix("-group")).unwrap_or(given);
    let ids: Vec<String> = match state.place(bare) {
        Some(WorldPlace::Group(_)) if is_group => vec![bare.to_owned()],
        Some(WorldPlace::Community(_)) => vec![bare.to_owned()],
        Some(WorldPlace::Group(_)) => Vec::new(),
        None if is_group => {
            state.groups.iter().filter(|group| &*group.name == given).map(|g| g.id.to_string()).collect()
        }
        None => {
            state.communities.iter().filter(|known| known.name == given).map(|c| c.id.to_string()).collect()
        }
    };
    let what = || format!("no group or community of this world has the id or name `{given}`");
    if ids.is_empty() { Err(Mistake { offender: given.to_owned(), what: what() }) } else { Ok(ids) }
}

/// Only an ordinary group can be moved, linked or unlinked.
pub(super) fn ordinary(
    state: &State,
    definition: &FaultDef,
    groups: Option<Vec<String>>,
) -> Result<Option<Vec<String>>, Mistake> {
    let is_ordinary = |id: &String| matches!(state.place(id), Some(WorldPlace::Group(group)) if state.groups[group].announces.is_none());
    let kept: Vec<String> = groups.into_iter().flatten().filter(is_ordinary).collect();
    if !kept.is_empty() {
        return Ok(Some(kept));
    }
    let offender = definition.group.clone().unwrap_or_default();
    let what = format!("`{offender}` is not an ordinary group, and `{}` needs one", definition.then.name());
    Err(Mistake { offender, what })
}
