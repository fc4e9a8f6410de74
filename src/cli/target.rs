//! Resolves the names of groups and communities to ids, and words the messages for names that cannot be resolved.

use std::sync::Arc;

use super::{Fault, FaultCode, Instance, invites::Given};
use crate::{
    domain::{
        community::{CommunityRef, GroupList},
        directory::{Directory, KnownFrom},
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        lookup::{Accept, Lookup, LookupError, invited, looks_like_id},
        name::Name,
        operation::Item,
        plan::{Mark, Step},
    },
    gateway::check_community_id,
    text::Text,
};

/// The named community. If an id is still unknown, the community becomes known with it: its listing then shows the rest.
pub(super) fn community(
    text: &Text,
    instance: &Instance,
    directory: &mut Directory,
    given: &str,
    accept: Accept,
) -> Result<CommunityRef, Fault> {
    let lookup = Lookup::communities(directory);
    match Lookup::find_in(&[&lookup], &[given], accept) {
        Ok(found) => Ok(CommunityRef {
            id: found.id.clone(),
            name: directory.community(&found.id).and_then(|known| known.name.clone()),
        }),
        Err(LookupError::Unknown { .. }) if looks_like_id(given.trim()) => {
            let id = check_community_id(instance.kind, given.trim())
                .map_err(|error| Fault::usage(text, &error))?;
            let community = CommunityRef { id, name: None };
            directory.learn(community.clone(), KnownFrom::Configuration);
            Ok(community)
        }
        // An invite link is a secret, and not repeated.
        Err(LookupError::Unknown { .. }) if invited(given).is_some() => {
            Err(Fault::new(FaultCode::Usage, text.say("cli-invite-of-community")))
        }
        Err(error) => Err(unfound(text, &error, FaultCode::NoSuchCommunity, "cli-unknown-community")),
    }
}

/// The community with this name that an earlier operation left.
pub(super) fn left_community(left: &[Item], given: &str) -> Option<CommunityRef> {
    let community = |item: &Item| match item.steps.as_slice() {
        [Step::LeaveCommunity(id)] => Some((id.clone(), item.name.clone())),
        _ => None,
    };
    let lookup = Lookup::named(left.iter().filter_map(community));
    let found = Lookup::locate_in(&[&lookup], &[given], Accept::Whole).ok()?;
    Some(CommunityRef { id: found.id.clone(), name: Some(found.name.clone()) })
}

/// The fault that there is no such community, if that is why its listing could not be read: the gateway says so, or it lists
/// nothing and neither the list of groups nor any other reading shows the community.
pub(super) fn missing(
    text: &Text,
    directory: &Directory,
    community: &CommunityId,
    failure: &Failure,
) -> Option<Fault> {
    let is_shown =
        directory.community(community).is_some_and(|known| known.name.is_some() || known.listing.is_some());
    // No listing alone shows nothing; the list of groups must lack the community too.
    let lacks = |list: &Arc<GroupList>| list.proves_absence() && !list.groups.has(&community.as_group());
    let is_missing = match failure.kind {
        FailureKind::NotFound | FailureKind::NotACommunity | FailureKind::NotMember => true,
        FailureKind::NoListing => !is_shown && directory.groups().is_some_and(lacks),
        _ => false,
    };
    let words = || text.with("cli-no-community", &[("community", community.to_string().into())]);
    is_missing.then(|| Fault::new(FaultCode::NoSuchCommunity, words()))
}

/// The named groups, each once, in the order in which they were named. All unresolved names are reported together.
///
/// `left` are groups and communities that an earlier operation left: a name that nothing has now may still mean one of them.
pub(super) fn groups(
    text: &Text,
    directory: &Directory,
    given: &[Given],
    source: Option<&CommunityId>,
    left: &[Item],
    accept: Accept,
) -> Result<Vec<Mark>, Fault> {
    let is_gone = |item: &&Item| item.steps == [Step::Leave] && directory.group(&item.group).is_none();
    let left = Lookup::named(left.iter().filter(is_gone).map(|item| (item.group.clone(), item.name.clone())));
    let all = Lookup::groups(directory, None);
    let inside = source.map(|source| Lookup::groups(directory, Some(source)));
    let mut marks: Vec<Mark> = Vec::new();
    let mut complaints = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for given in given {
        let name = match given {
            Given::Text(name) => name,
            Given::Group(id, name) => {
                if seen.insert(id.clone()) {
                    let (group, name) = (id.clone(), name.clone());
                    marks.push(Mark { group, name, source: source.cloned() });
                }
                continue;
            }
        };
        // A group in the named community takes precedence over a group with the same name elsewhere.
        let lookups: Vec<&Lookup<GroupId>> = inside.iter().chain([&all]).collect();
        let readings = name.readings();
        // A name that a group had which was left means that group, and not another that only begins with it.
        let whole = Lookup::locate_in(&lookups, &readings, Accept::Whole);
        let known = match whole {
            Err(LookupError::Unknown { .. }) => Lookup::locate_in(&[&left], &readings, Accept::Whole),
            found => found,
        };
        let found = match known {
            Err(LookupError::Unknown { .. }) => Lookup::find_in(&lookups, &readings, accept),
            found => found,
        };
        let (group, shown) = match found {
            Ok(found) => (found.id.clone(), found.name.clone()),
            Err(error) => {
                let id = readings.iter().rev().map(|reading| reading.trim()).find(|id| looks_like_id(id));
                let parsed = id.filter(|_| matches!(error, LookupError::Unknown { .. })).map(GroupId::parse);
                match parsed {
                    Some(Ok(id)) => (id, Name::new("")),
                    Some(Err(error)) => {
                        complaints.push(name.complaint(text, Fault::usage(text, &error)));
                        continue;
                    }
                    None if name.is_optional && matches!(error, LookupError::Unknown { .. }) => continue,
                    None => {
                        let fault = unfound(text, &error, FaultCode::NoSuchGroup, "cli-unknown-group");
                        complaints.push(name.complaint(text, fault));
                        continue;
                    }
                }
            }
        };
        if seen.insert(group.clone()) {
            marks.push(Mark { group, name: shown, source: source.cloned() });
        }
    }
    if let Some(fault) = Fault::all(complaints) {
        return Err(fault);
    }
    // A list may be empty, or consist of comments.
    Ok(marks)
}

/// The fault that a name leads nowhere, or to more than one.
pub(super) fn unfound<Id: AsRef<str>>(
    text: &Text,
    error: &LookupError<Id>,
    nothing: FaultCode,
    unknown: &'static str,
) -> Fault {
    let code = match error {
        LookupError::Unknown { .. } => nothing,
        LookupError::Ambiguous { .. } => FaultCode::AmbiguousName,
    };
    Fault::new(code, text.unfound(error, unknown))
}
