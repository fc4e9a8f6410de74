//! Lists instances from the configuration, and communities and groups from the gateway.

use std::collections::HashMap;

use serde::Serialize;

use super::{
    Fault, FaultCode, Instance, Session,
    args::{ListArgs, Listed},
    json,
    out::{self, Out},
    survey::Survey,
    table::Table,
    target,
    wait::telling,
};
use crate::{
    clock::Clock,
    config::Config,
    domain::{
        community::{CommunityRef, GroupKind, GroupRef, Parent, Role},
        desired::present,
        directory::{Community, Directory, Entry, Slot},
        failure::Failure,
        id::{CommunityId, tail},
        lookup::Accept,
        name::{Name, fold::sort_key},
    },
    export::state_file,
    text::{Text, format, shown_name},
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct InstanceBody<'a> {
    instance: &'a str,
    gateway: &'a str,
}

/// Lists the instances of a configuration, without contacting any.
pub fn instances(config: &Config, clock: Clock, is_json: bool) -> Result<u8, Fault> {
    let mut out = Out::stdout();
    let mut table = Table::default();
    for instance in &config.instances {
        let (label, gateway) = (instance.label.shown(), instance.gateway.label());
        if is_json {
            json::write(&mut out, "instance", clock.now(), InstanceBody { instance: label, gateway });
        } else {
            table.push([label.to_owned(), gateway.to_owned()]);
        }
    }
    print(&mut out, &table);
    out.finish(0)
}

/// Lists the communities or groups of an instance.
pub async fn list(session: &Session, args: &ListArgs) -> Result<u8, Fault> {
    let instance = session.instance()?;
    let refused = |key| Err(Fault::new(FaultCode::Usage, session.text.say(key)));
    if !matches!(args.what, Listed::Groups | Listed::State) && args.community.is_some() {
        return refused("cli-list-community");
    }
    if args.what != Listed::Groups && args.csv {
        return refused("cli-list-csv");
    }
    if args.what == Listed::State && args.json {
        return refused("cli-list-state-json");
    }
    telling(&session.text, session.clock, instance, read(session, instance, args)).await
}

async fn read(session: &Session, instance: &Instance, args: &ListArgs) -> Result<u8, Fault> {
    let mut survey = Survey::afresh(session, instance).await?;
    let mut out = Out::stdout().buffered();
    if let Some(given) = args.community.as_deref() {
        let community = meant(&mut survey, given).await?;
        known(session, instance, &mut survey.directory, &community).await?;
        survey.confirm().await;
        let community = known(session, instance, &mut survey.directory, &community).await?;
        survey.remember().await?;
        if shows_places(args) {
            write_places(&survey, Some(&community.id), args, &mut out);
            return out.finish(0);
        }
        subgroups(session, instance, &survey.directory, &community, args.json, &mut out);
        return out.finish(0);
    }
    // A file of places and the sizes of communities need their listings.
    if args.what == Listed::Groups && !shows_places(args) {
        survey.places().await?;
    } else {
        survey.whole().await?;
    }
    if shows_places(args) {
        write_places(&survey, None, args, &mut out);
        return out.finish(0);
    }
    let directory = &survey.directory;
    match args.what {
        Listed::Groups => groups(session, instance, directory, args.json, &mut out),
        _ => communities(session, instance, directory, args.json, &mut out),
    }
    out.finish(0)
}

/// Whether the list says where groups are, in a form that `synod apply` reads.
fn shows_places(args: &ListArgs) -> bool {
    args.csv || args.what == Listed::State
}

/// Writes where groups are, all of them or those of a community. Groups whose place is unknown are left out: the file would say
/// something about them that nobody knows.
fn write_places(survey: &Survey<'_>, within: Option<&CommunityId>, args: &ListArgs, out: &mut Out) {
    let (text, label) = (&survey.session.text, &survey.instance.label);
    let (mut places, unknown) = present(&survey.directory);
    if let Some(within) = within {
        let is_meant = |community: &CommunityRef| community.id.same_as(within);
        places.retain(|place| place.community.as_ref().is_some_and(is_meant));
    } else if unknown > 0 {
        out::tell(&text.with("state-left-out", &[("count", unknown.into())]));
    }
    let content = if args.csv { state_file::table(label, &places) } else { state_file::toml(label, &places) };
    out.cells(&content);
}

/// The named community: the list of groups and the remembered data resolve most names; otherwise everything is read.
async fn meant(survey: &mut Survey<'_>, given: &str) -> Result<CommunityRef, Fault> {
    survey.overview().await?;
    let (text, instance) = (&survey.session.text, survey.instance);
    match target::community(text, instance, &mut survey.directory, given, Accept::Whole) {
        Err(fault) if fault.is_usage() => {
            survey.whole().await?;
            target::community(text, instance, &mut survey.directory, given, Accept::Beginning)
        }
        found => found,
    }
}

fn print(out: &mut Out, table: &Table) {
    let lines = table.lines();
    if !lines.is_empty() {
        out.line(&lines.join("\n"));
    }
}

/// A community with its listing, which is read now if it was not known before.
async fn known(
    session: &Session,
    instance: &Instance,
    directory: &mut Directory,
    community: &CommunityRef,
) -> Result<Community, Fault> {
    let held = |directory: &Directory| directory.community(&community.id).cloned();
    let is_open = |known: &Community| known.listing.is_none() && known.failure.is_none();
    if held(directory).is_none_or(|known| is_open(&known)) {
        match instance.gateway.listing(&community.id).await {
            Ok(listing) => directory.take_listing(&listing),
            Err(failure) => directory.take_listing_failure(&community.id, failure),
        }
    }
    let unread = |failure: &Failure| {
        Fault::new(
            FaultCode::Gateway(failure.kind),
            session
                .text
                .with("cli-listing-unread", &[("why", session.text.failure_and_advice(failure).into())]),
        )
    };
    match held(directory) {
        Some(Community { listing: None, failure: Some(failure), .. }) => {
            let missing = target::missing(&session.text, directory, &community.id, &failure);
            Err(missing.unwrap_or_else(|| unread(&failure)))
        }
        Some(known) => Ok(known),
        None => Err(Fault::new(FaultCode::NoSuchCommunity, session.text.say("obstacle-no-target"))),
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CommunityBody<'a> {
    instance: &'a str,
    community: &'a CommunityId,
    name: Option<&'a str>,
    subgroups: Option<usize>,
    at_least: bool,
    /// Much of the earlier content is missing, or the list ends at a length where gateways cut lists.
    incomplete: bool,
    limit: usize,
    failure: Option<json::Why>,
}

fn communities(session: &Session, instance: &Instance, directory: &Directory, is_json: bool, out: &mut Out) {
    let limit = instance.settings.subgroup_limit;
    let mut rows: Vec<&Community> = directory.communities().iter().collect();
    rows.sort_by_cached_key(|community| {
        (community.name.is_none(), community.name.as_ref().map(|name| sort_key(name.shown())))
    });
    let mut table = Table::default();
    for community in rows {
        let incomplete = community.listing.as_ref().is_some_and(|listing| listing.is_cut);
        if is_json {
            let body = CommunityBody {
                instance: &instance.label,
                community: &community.id,
                name: community.name.as_ref().map(Name::exact),
                subgroups: community.size(),
                at_least: !instance.capabilities.lists_every_subgroup,
                incomplete,
                limit,
                failure: community.failure.as_ref().map(json::Why::failure),
            };
            json::write(out, "community", session.clock.now(), body);
        } else {
            let name = session.text.name_or_tail(community.name.as_ref(), &community.id);
            let size = match (community.size(), &community.failure) {
                (_, Some(failure)) => session.text.failure(failure),
                (Some(size), None) if incomplete => {
                    format!("{size}/{limit} · {}", session.text.say("pane-incomplete"))
                }
                (Some(size), None) => format!("{size}/{limit}"),
                (None, None) => "?".to_owned(),
            };
            table.push([name, size, community.id.to_string()]);
        }
    }
    print(out, &table);
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct GroupBody<'a> {
    instance: &'a str,
    #[cfg_attr(test, schemars(with = "crate::domain::id::GroupId"))]
    group: &'a str,
    name: &'a str,
    members: Option<u32>,
    role: Role,
    kind: GroupKind,
    community: Option<&'a CommunityId>,
    /// Whether it is known to be in no community.
    standalone: bool,
    community_name: Option<&'a str>,
}

/// A group as a row: from the list of groups, or only from a community's listing.
struct Shown<'a> {
    slot: Slot,
    group: Entry<'a>,
    kind: GroupKind,
}

fn groups(session: &Session, instance: &Instance, directory: &Directory, is_json: bool, out: &mut Out) {
    let listed = directory.groups().into_iter().flat_map(|list| list.groups.iter());
    let shown = listed.map(|group| Shown {
        slot: Slot::at(group.place()),
        kind: kind(directory, group),
        group: Entry::Listed(group),
    });
    write_groups(session, instance, directory, shown, is_json, out);
}

fn kind(directory: &Directory, group: GroupRef<'_>) -> GroupKind {
    let slot = Slot::at(group.place());
    if directory.is_announcements_at(slot) {
        GroupKind::Announcements
    } else if directory.is_community_at(slot) {
        GroupKind::Community
    } else if directory.is_known_ordinary_at(slot) {
        GroupKind::Ordinary
    } else {
        group.kind()
    }
}

fn subgroups(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
    community: &Community,
    is_json: bool,
    out: &mut Out,
) {
    let Some(listing) = &community.listing else { return };
    let announcements = listing.announcements.iter().map(|slot| (*slot, GroupKind::Announcements));
    let ordinary = listing.subgroups.iter().map(|slot| (*slot, GroupKind::Ordinary));
    let shown = announcements
        .chain(ordinary)
        .filter_map(|(slot, kind)| Some(Shown { slot, group: directory.entry(slot)?, kind }));
    let mut shown: Vec<Shown<'_>> = shown.collect();
    shown.sort_by_cached_key(|row| sort_key(row.group.name().shown()));
    write_groups(session, instance, directory, shown.into_iter(), is_json, out);
}

fn write_groups<'a>(
    session: &Session,
    instance: &Instance,
    directory: &'a Directory,
    rows: impl Iterator<Item = Shown<'a>>,
    is_json: bool,
    out: &mut Out,
) {
    let text = &session.text;
    let announced = announced_in(directory);
    let mut table = Table::default();
    for row in rows {
        let (id, name, listed) = (row.group.id(), row.group.name(), row.group.listed());
        let named = listed.filter(|_| row.kind == GroupKind::Announcements).map(GroupRef::parent);
        let named = named.and_then(|parent| match parent {
            Parent::Community(id) => Some(id),
            Parent::Unknown | Parent::None => None,
        });
        let community = directory.parent_at(row.slot).or_else(|| announced.get(&row.slot).copied()).or(named);
        let community_name =
            community.and_then(|id| directory.community(id)).and_then(|known| known.name.as_ref());
        let role = listed.map(GroupRef::role).unwrap_or_default();
        let members = listed.and_then(GroupRef::members);
        if is_json {
            let says_none = listed.is_some_and(|group| group.parent() == Parent::None);
            let body = GroupBody {
                instance: &instance.label,
                group: id,
                name: name.exact(),
                members,
                role,
                kind: row.kind,
                community,
                standalone: community.is_none() && says_none && row.kind != GroupKind::Community,
                community_name: community_name.map(Name::exact),
            };
            json::write(out, "group", session.clock.now(), body);
        } else {
            let members = members.map_or_else(|| "?".to_owned(), |count| format::number(text, count.into()));
            let community = community.map(|id| text.name_or_tail(community_name, id));
            let place = place(text, row.kind, community);
            let name = shown_name(text, name, tail(id, 4)).into_owned();
            table.push([name, members, place, id.to_owned()]);
        }
    }
    print(out, &table);
}

/// The communities by their announcement groups.
fn announced_in(directory: &Directory) -> HashMap<Slot, &CommunityId> {
    let listed = directory.communities().iter().filter_map(|known| Some((known, known.listing.as_ref()?)));
    let announced = listed.filter_map(|(known, listing)| Some((listing.announcements?, &known.id)));
    announced.collect()
}

fn place(text: &Text, kind: GroupKind, community: Option<String>) -> String {
    match (kind, community) {
        (GroupKind::Community, _) => text.say("cli-is-community").into_owned(),
        (GroupKind::Announcements, Some(community)) => {
            text.with("cli-announcements-of", &[("community", community.into())])
        }
        (_, Some(community)) => community,
        (_, None) => "-".to_owned(),
    }
}
