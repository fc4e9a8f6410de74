//! Resolves the names of groups and communities to ids, and words the messages for names that cannot be resolved.

use super::{Fault, Instance, groups::no_groups, invites::Given};
use crate::{
    domain::{
        community::CommunityRef,
        directory::{Directory, KnownFrom},
        id::{CommunityId, GroupId},
        lookup::{Accept, Candidate, Lookup, LookupError, invited, looks_like_id},
        name::Name,
        plan::Mark,
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
                .map_err(|error| Fault::Usage(text.tell(&error)))?;
            let community = CommunityRef { id, name: None };
            directory.learn(community.clone(), KnownFrom::Configuration);
            Ok(community)
        }
        // An invite link is a secret, and not repeated.
        Err(LookupError::Unknown { .. }) if invited(given).is_some() => {
            Err(Fault::Usage(text.say("cli-invite-of-community").into_owned()))
        }
        Err(error) => Err(Fault::Usage(unfound(text, &error, "cli-unknown-community"))),
    }
}

/// The named groups, each once, in the order in which they were named. All unresolved names are reported together.
pub(super) fn groups(
    text: &Text,
    directory: &Directory,
    given: &[Given],
    source: Option<&CommunityId>,
    accept: Accept,
) -> Result<Vec<Mark>, Fault> {
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
        let (group, shown) = match Lookup::find_in(&lookups, &readings, accept) {
            Ok(found) => (found.id.clone(), found.name.clone()),
            Err(error) => {
                let id = readings.iter().rev().map(|reading| reading.trim()).find(|id| looks_like_id(id));
                let parsed = id.filter(|_| matches!(error, LookupError::Unknown { .. })).map(GroupId::parse);
                match parsed {
                    Some(Ok(id)) => (id, Name::new("")),
                    Some(Err(error)) => {
                        complaints.push(name.complaint(text, text.tell(&error)));
                        continue;
                    }
                    None if name.is_optional && matches!(error, LookupError::Unknown { .. }) => continue,
                    None => {
                        let words = unfound(text, &error, "cli-unknown-group");
                        complaints.push(name.complaint(text, words));
                        continue;
                    }
                }
            }
        };
        if seen.insert(group.clone()) {
            marks.push(Mark { group, name: shown, source: source.cloned() });
        }
    }
    if !complaints.is_empty() {
        return Err(Fault::Usage(complaints.join("\n")));
    }
    // A list may consist of comments.
    if marks.is_empty() && !given.is_empty() { Err(no_groups(text)) } else { Ok(marks) }
}

fn unfound<Id: AsRef<str>>(text: &Text, error: &LookupError<Id>, unknown: &'static str) -> String {
    let (head, candidates) = match error {
        LookupError::Unknown { given, near } => {
            let mut head = text.with(unknown, &[("given", given.shown().into())]);
            if !near.is_empty() {
                head = format!("{head} {}", text.say("cli-unknown-near"));
            }
            (head, near)
        }
        LookupError::Ambiguous { given, candidates } => {
            let args = [("given", given.shown().into()), ("count", candidates.len().into())];
            (text.with("cli-ambiguous", &args), candidates)
        }
    };
    let lines = candidates.iter().map(|candidate| format!("\n  {}", candidate_line(text, candidate)));
    std::iter::once(head).chain(lines).collect()
}

fn candidate_line<Id: AsRef<str>>(text: &Text, candidate: &Candidate<Id>) -> String {
    let name = text.name_or_tail(Some(&candidate.name), &candidate.id);
    text.candidate(
        format!("{}  {name}", candidate.id.as_ref()),
        candidate.community.as_ref(),
        candidate.members,
    )
}
