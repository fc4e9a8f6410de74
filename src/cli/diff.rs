//! Shows which groups are not where a file says that they belong. Sends nothing that changes anything.

use std::collections::HashMap;

use serde::Serialize;

use super::{
    Fault, Session,
    args::DiffArgs,
    desired::{self, Planned, State, Unresolved},
    exit,
    interrupt::Interrupts,
    json::{self, Why},
    out::Out,
    table::Table,
};
use crate::{
    domain::{
        desired::{Difference, DifferenceKind, differences},
        id::{CommunityId, GroupId},
        name::Name,
    },
    text::{Text, shown_name},
};

/// Compares the instances of the session with a state; returns the exit code. The instances are those of the state, in the same
/// order.
pub async fn diff(
    session: &Session,
    state: &State,
    args: &DiffArgs,
    mut interrupts: Interrupts,
) -> Result<u8, Fault> {
    let resolved = desired::resolve(session, state, true, Unresolved::Difference, &mut interrupts).await?;
    let planned = desired::plan(session, state, resolved, false, &mut interrupts).await?;
    if let Some(obstacle) = planned.iter().find_map(|one| one.made.plan.obstacle.as_ref()) {
        return Err(Fault::obstacle(&session.text, obstacle));
    }
    let mut out = session.console.output().buffered();
    let counts: Vec<usize> = planned.iter().map(|one| instance(session, one, args.json, &mut out)).collect();
    let count = counts.iter().sum();
    let code = if count == 0 { 0 } else { exit::DIFFERS };
    if args.json {
        let body = ComparedBody { differences: count, exit_code: code };
        json::write(&mut out, "compared", session.clock.now(), body);
    } else {
        out.line(&session.text.with("diff-count", &[("count", count.into())]));
    }
    out.finish(code)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ComparedBody {
    differences: usize,
    exit_code: u8,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DifferenceBody<'a> {
    instance: &'a str,
    difference: DifferenceKind,
    /// The community that the group belongs in or, if it is extra, has to leave; null if it belongs in none.
    community: Option<&'a CommunityId>,
    community_name: Option<&'a str>,
    /// Null if nothing known matches its entry.
    group: Option<&'a GroupId>,
    name: &'a str,
    /// The community that it is in, if that is another one.
    from: Option<&'a CommunityId>,
    from_name: Option<&'a str>,
    /// The line of an entry that nothing known matches.
    line: Option<usize>,
    /// Why `apply` would not change it, or only if asked.
    reason: Option<Why>,
}

/// One difference to report.
struct Shown<'a> {
    kind: DifferenceKind,
    community: Option<&'a CommunityId>,
    group: Option<&'a GroupId>,
    name: &'a Name,
    from: Option<&'a CommunityId>,
    line: Option<usize>,
    json_reason: Option<Why>,
    reason: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(text: &Text, difference: &Difference<'a>) -> Self {
        Self {
            kind: difference.kind,
            community: difference.community,
            group: Some(&difference.row.group),
            name: &difference.row.name,
            from: difference.place,
            line: None,
            json_reason: difference.reason.map(Why::plan),
            reason: difference.reason.map(|why| text.reason(why)),
        }
    }
}

/// The differences of each community, in the order in which the communities first occur.
fn by_community(lines: Vec<Shown<'_>>) -> Vec<(Option<&CommunityId>, Vec<Shown<'_>>)> {
    let mut groups: Vec<(Option<&CommunityId>, Vec<Shown<'_>>)> = Vec::new();
    let mut places = HashMap::new();
    for line in lines {
        let at = *places.entry(line.community).or_insert_with(|| {
            groups.push((line.community, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(line);
    }
    groups
}

/// Reports the differences of an instance; returns their number.
fn instance(session: &Session, one: &Planned<'_>, is_json: bool, out: &mut Out) -> usize {
    let text = &session.text;
    let (survey, directory) = (&one.survey, &one.survey.directory);
    let mut lines: Vec<Shown<'_>> =
        differences(&one.made.plan).iter().map(|difference| Shown::of(text, difference)).collect();
    lines.extend(one.desired.unknown.iter().map(|unknown| Shown {
        kind: DifferenceKind::Unknown,
        community: unknown.community.as_ref(),
        group: None,
        name: &unknown.given,
        from: None,
        line: Some(unknown.line),
        json_reason: None,
        reason: None,
    }));
    let known_name = |id: &CommunityId| directory.community(id).and_then(|known| known.name.as_ref());
    let name_of = |id: &CommunityId| text.name_or_tail(known_name(id), id);
    let count = lines.len() + one.skipped.len();
    if is_json {
        for line in lines {
            let body = DifferenceBody {
                instance: &survey.instance.label,
                difference: line.kind,
                community: line.community,
                community_name: line.community.and_then(known_name).map(Name::exact),
                group: line.group,
                name: line.name.exact(),
                from: line.from,
                from_name: line.from.and_then(known_name).map(Name::exact),
                line: line.line,
                reason: line.json_reason,
            };
            json::write(out, "difference", session.clock.now(), body);
        }
    } else {
        if count > 0 && session.instances.len() > 1 {
            out.line(&text.with("diff-instance", &[("instance", survey.instance.label.as_str().into())]));
        }
        // Those of one community stand together, in the order of the file.
        for (community, here) in by_community(lines) {
            let head = match community {
                Some(community) => format!("{}  {community}", name_of(community)),
                None => text.say("diff-in-none").into_owned(),
            };
            out.line(&head);
            let mut table = Table::default();
            for line in &here {
                let name = match (line.group, line.line) {
                    (Some(group), _) => shown_name(text, line.name, group.tail(4)).into_owned(),
                    (None, number) => {
                        let name = line.name.shown();
                        let args = [("line", number.unwrap_or_default().into()), ("words", name.into())];
                        text.with("cli-on-line", &args)
                    }
                };
                let from =
                    line.from.map(|from| text.with("diff-from", &[("community", name_of(from).into())]));
                let about: Vec<String> = from.into_iter().chain(line.reason.clone()).collect();
                let id = line.group.map(ToString::to_string).unwrap_or_default();
                table.push([format!("  {}", text.difference(line.kind)), name, id, about.join("; ")]);
            }
            out.line(&table.lines().join("\n"));
        }
    }
    for skipped in &one.skipped {
        desired::not_compared(survey, skipped, out, is_json);
    }
    count
}
