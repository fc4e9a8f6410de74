//! Resolves the invite links among the names to groups. Links are secrets: none is shown, and none is sent anywhere except to
//! the gateway. So a link that cannot be followed is reported by its position among the names.

use super::{Fault, FaultCode, groups::Named, survey::Survey};
use crate::domain::{
    failure::{Failure, FailureKind},
    id::GroupId,
    invite::InviteLink,
    lookup::{Invited, Lookup, invited},
    name::Name,
};

/// A group as the operator named it.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// By an id or a name.
    Text(Named),
    /// By an invite link, which led to this group.
    Group(GroupId, Name),
}

/// Follows the invite links among the names, and any text that is not a name but may be an invite code. Changes nothing.
pub(super) async fn follow(survey: &Survey<'_>, names: &[Named]) -> Result<Vec<Given>, Fault> {
    let lookup = Lookup::groups(&survey.directory, None);
    let mut all = Vec::with_capacity(names.len());
    let mut complaints = Vec::new();
    for (at, name) in names.iter().enumerate() {
        // The link is the reading without the surrounding text of the line.
        let link = name.readings().into_iter().rev().find_map(|reading| match invited(reading) {
            Some(Invited::Link(link)) => Some(link),
            Some(Invited::PerhapsCode(code)) if !lookup.knows(reading) => Some(code),
            _ => None,
        });
        let Some(link) = link else {
            all.push(Given::Text(name.clone()));
            continue;
        };
        match found(survey, &link).await {
            Ok(group) => all.push(group),
            Err(failure) if failure.stops_everything() || failure.is_passing() => {
                let code = FaultCode::Gateway(failure.kind);
                return Err(Fault::new(code, complaint(survey, name.line.unwrap_or(at + 1), &failure)));
            }
            Err(failure) => complaints.push(complaint(survey, name.line.unwrap_or(at + 1), &failure)),
        }
    }
    if complaints.is_empty() {
        Ok(all)
    } else {
        Err(Fault::new(FaultCode::NoSuchGroup, complaints.join("\n")))
    }
}

async fn found(survey: &Survey<'_>, link: &InviteLink) -> Result<Given, Failure> {
    let details = survey.instance.gateway.invited(link).await?;
    Ok(Given::Group(details.id, details.name))
}

fn complaint(survey: &Survey<'_>, at: usize, failure: &Failure) -> String {
    let text = &survey.session.text;
    let position = ("position", at.into());
    match failure.kind {
        FailureKind::Unsupported => text.with("cli-invite-unsupported", &[position]),
        _ => text.with("cli-invite-unfollowed", &[position, ("why", text.failure(failure).into())]),
    }
}
