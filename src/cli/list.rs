//! Lists instances from the configuration, and communities and groups from the gateway.

pub(super) mod failed;

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use serde::Serialize;

use super::{
    Fault, FaultCode, Instance, Session,
    args::{ListArgs, Listed, OnlyArgs},
    exit, json,
    out::{self, Out},
    survey::Survey,
    table::Table,
    target,
    wait::telling,
};
use crate::{
    clock::{self, Clock},
    config::{BrokenInstance, Config, ConfigEntry},
    domain::{
        community::{CommunityRef, GroupKind, GroupRef, Parent, Role},
        desired::present,
        directory::{Community, Directory, Entry, Slot},
        failure::Failure,
        id::{CommunityId, bare, tail},
        instance::GatewayKind,
        lookup::Accept,
        message::ToMessage,
        name::{
            Name, NameRef,
            fold::{Folded, sort_key},
        },
        time::Millis,
    },
    export::state_file,
    text::{Text, format, shown_name},
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct InstanceBody<'a> {
    /// Absent from an entry without a valid name.
    instance: Option<&'a str>,
    /// Its word in the configuration; absent from an entry without a known gateway.
    gateway: Option<&'a str>,
    /// Why it cannot be used.
    broken: Option<String>,
}

/// Lists the entries of a configuration, without contacting any instance; `broken` are those that cannot be used.
pub fn instances(
    config: &Config,
    broken: &[BrokenInstance],
    clock: Clock,
    is_json: bool,
    text: &Text,
) -> Result<u8, Fault> {
    let mut out = Out::stdout();
    let mut table = Table::default();
    for entry in config.entries() {
        let broken = broken.iter().find(|broken| broken.line == entry.line());
        let gateway = match entry {
            ConfigEntry::Usable(instance) => Some(instance.gateway),
            ConfigEntry::Broken(broken) => broken.gateway,
        };
        if is_json {
            let gateway = gateway.map(GatewayKind::word);
            let instance = entry.label().map(Name::shown);
            let broken = broken.map(|broken| text.tell(&broken.fault.message()));
            json::write(&mut out, "instance", clock.now(), InstanceBody { instance, gateway, broken });
        } else {
            let label = match (entry.label(), broken) {
                (Some(label), _) => label.shown().to_owned(),
                (None, Some(broken)) => text.tell(&broken.title()),
                (None, None) => String::new(),
            };
            let gateway = gateway.map_or("–", GatewayKind::label).to_owned();
            // Only the mark: the messages of several lines would break the table.
            let mark = broken.map_or_else(String::new, |_| format!("✗ {}", text.say("instances-broken")));
            table.push([label, gateway, mark]);
        }
    }
    print(&mut out, &table);
    if !is_json {
        for broken in broken {
            out::tell(&text.tell(broken));
        }
    }
    out.finish(0)
}

/// Lists the communities or groups of the session's instances, which are read side by side.
pub async fn list(session: &Session, args: &ListArgs) -> Result<u8, Fault> {
    let refused = |key| Err(Fault::new(FaultCode::Usage, session.text.say(key)));
    if !matches!(args.what, Listed::Groups | Listed::State) && args.community.is_some() {
        return refused("cli-list-community");
    }
    if args.what != Listed::Groups && args.csv {
        return refused("cli-list-csv");
    }
    if !args.only.suit(args.what) || args.csv && args.only != OnlyArgs::default() {
        return refused("cli-list-filter");
    }
    if args.what == Listed::State && args.json {
        return refused("cli-list-state-json");
    }
    let reads = session
        .instances
        .iter()
        .map(|instance| telling(&session.text, session.clock, instance, read(session, instance, args)));
    let (read, failed) = failed::apart(session, args, join_all(reads).await)?;
    let mut out = Out::stdout().buffered();
    let names = if args.only.duplicate_names { names(&read) } else { Names::default() };
    for (at, one) in read.iter().enumerate() {
        write(one, args, &names, at == 0, &mut out);
    }
    for (instance, fault) in &failed {
        failed::report(session, instance, fault, args.json, &mut out);
    }
    let codes: Vec<u8> = failed.iter().map(|(_, fault)| fault.code.exit_code()).collect();
    out.finish(exit::first_of(&codes))
}

/// The readings of an instance, and the community that the list is limited to.
struct ReadInstance<'a> {
    survey: Survey<'a>,
    within: Option<Community>,
}

async fn read<'a>(
    session: &'a Session,
    instance: &'a Instance,
    args: &ListArgs,
) -> Result<ReadInstance<'a>, Fault> {
    let mut read = if args.cached {
        remembered(session, instance, args).await?
    } else {
        afresh(session, instance, args).await?
    };
    if args.what == Listed::Groups {
        read.survey.recall_roles().await?;
    }
    Ok(read)
}

async fn afresh<'a>(
    session: &'a Session,
    instance: &'a Instance,
    args: &ListArgs,
) -> Result<ReadInstance<'a>, Fault> {
    if args.what == Listed::Groups && args.community.is_none() && !args.csv {
        let mut survey = Survey::overview_afresh(session, instance).await?;
        survey.places().await?;
        return Ok(ReadInstance { survey, within: None });
    }
    let mut survey = Survey::afresh(session, instance).await?;
    let mut within = None;
    if let Some(given) = args.community.as_deref() {
        let community = meant(&mut survey, given).await?;
        known(session, instance, &mut survey.directory, &community).await?;
        survey.confirm().await;
        within = Some(known(session, instance, &mut survey.directory, &community).await?);
        survey.remember().await?;
    } else {
        survey.needed().await?;
    }
    Ok(ReadInstance { survey, within })
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RememberedBody<'a> {
    instance: &'a str,
    /// When the list of groups was read.
    read_at: String,
}

/// The readings of an earlier command or session, with their age. Sends no request.
async fn remembered<'a>(
    session: &'a Session,
    instance: &'a Instance,
    args: &ListArgs,
) -> Result<ReadInstance<'a>, Fault> {
    let text = &session.text;
    let mut survey = Survey::recall(session, instance, true).await?;
    let label = ("instance", instance.label.as_str().into());
    let Some(begun) = survey.directory.groups().map(|list| list.begun) else {
        return Err(Fault::new(FaultCode::Usage, text.with("cli-list-nothing-cached", &[label])));
    };
    if args.json {
        let body = RememberedBody { instance: &instance.label, read_at: clock::rfc3339(begun) };
        json::write(&mut Out::stdout(), "remembered", session.clock.now(), body);
    } else {
        let age = format::age(text, session.clock.now().since(begun));
        out::tell(&text.with("cli-list-cached", &[label, ("age", age.into())]));
    }
    let within = match args.community.as_deref() {
        None => None,
        Some(given) => {
            let found = target::community(text, instance, &mut survey.directory, given, Accept::Beginning)?;
            survey.directory.community(&found.id).cloned()
        }
    };
    Ok(ReadInstance { survey, within })
}

/// Writes the readings of an instance. `is_first` if nothing was written before.
fn write(one: &ReadInstance<'_>, args: &ListArgs, names: &Names, is_first: bool, out: &mut Out) {
    let ReadInstance { survey, within } = one;
    let (session, instance, directory) = (survey.session, survey.instance, &survey.directory);
    if shows_places(args) {
        return write_places(survey, within.as_ref().map(|known| &known.id), args, is_first, out);
    }
    if session.instances.len() > 1 && !args.json {
        let gap = if is_first { "" } else { "\n" };
        let head = session.text.with("diff-instance", &[("instance", instance.label.as_str().into())]);
        out.line(&format!("{gap}{head}"));
    }
    if args.what != Listed::Groups {
        return communities(session, instance, directory, args, out);
    }
    if args.only.ask_about_roles() && !args.json {
        say_age_of_roles(survey);
    }
    let within = within.as_ref();
    // Without its listing, the list of groups may say which groups are in the community.
    let in_list = within.filter(|known| known.listing.is_none()).map(|known| &known.id);
    let limit = instance.settings.subgroup_limit;
    let filter = GroupFilter { only: args.only, is_json: args.json, within: in_list, names, limit };
    match within.filter(|known| known.listing.is_some()) {
        Some(community) => subgroups(session, instance, directory, community, filter, out),
        None => groups(session, instance, directory, filter, out),
    }
}

/// The groups by their folded names, over all instances; a group of several numbers counts once.
type Names = HashMap<String, HashSet<String>>;

fn names(read: &[ReadInstance<'_>]) -> Names {
    let mut names = Names::default();
    for one in read {
        let directory = &one.survey.directory;
        let groups = directory.groups().into_iter().flat_map(|list| list.groups.iter());
        for group in groups.filter(|group| directory.is_ordinary_row(*group)) {
            let name = folded(group.name());
            if !name.is_empty() {
                names.entry(name).or_default().insert(bare(group.id()).to_owned());
            }
        }
    }
    names
}

fn folded(name: NameRef<'_>) -> String {
    Folded::new(name.shown()).accented().to_owned()
}

/// Which groups are listed.
#[derive(Clone, Copy)]
struct GroupFilter<'a> {
    only: OnlyArgs,
    is_json: bool,
    within: Option<&'a CommunityId>,
    names: &'a Names,
    /// How many groups a community can have.
    limit: usize,
}

impl GroupFilter<'_> {
    /// Whether a group is listed. An unknown fact is true of no group.
    fn keeps(
        self,
        directory: &Directory,
        row: &Shown<'_>,
        community: Option<&CommunityId>,
        is_standalone: bool,
    ) -> bool {
        let Self { only, within, names, limit, .. } = self;
        let is_within =
            within.is_none_or(|within| community.is_some_and(|community| community.same_as(within)));
        let is_ordinary = !matches!(row.kind, GroupKind::Community | GroupKind::Announcements);
        let role = directory.role_at(row.slot);
        let members = row.group.listed().and_then(GroupRef::members);
        let is_in_full = || {
            let known = community.and_then(|id| directory.community(id));
            known.is_some_and(|known| directory.is_full(known, limit) == Some(true))
        };
        let is_duplicate = || names.get(&folded(row.group.name())).is_some_and(|groups| groups.len() > 1);
        is_within
            && (!only.standalone || is_standalone)
            && (!only.full || is_ordinary && is_in_full())
            && (!only.admin || is_ordinary && role == Role::Admin)
            && (!only.not_admin || is_ordinary && role == Role::Member)
            && only.members.is_none_or(|range| {
                is_ordinary && members.is_some_and(|members| range.contains(members.into()))
            })
            && (!only.duplicate_names || is_ordinary && is_duplicate())
    }
}

/// Reports the age of the roles that the list of groups does not give.
fn say_age_of_roles(survey: &Survey<'_>) {
    let (text, label) = (&survey.session.text, survey.instance.label.as_str());
    let oldest = survey.directory.roles_since(Millis(i64::MIN)).iter().map(|known| known.begun).min();
    if let Some(oldest) = oldest {
        let age = format::age(text, survey.session.clock.now().since(oldest));
        out::tell(&text.with("cli-list-roles", &[("instance", label.into()), ("age", age.into())]));
    }
}

/// Whether the list gives the places of groups in a form that `synod apply` reads.
fn shows_places(args: &ListArgs) -> bool {
    args.csv || args.what == Listed::State
}

/// Writes the places of all groups, or of those in a community. Leaves out groups whose place is unknown: the file would claim a
/// place that no reading shows.
fn write_places(
    survey: &Survey<'_>,
    within: Option<&CommunityId>,
    args: &ListArgs,
    is_first: bool,
    out: &mut Out,
) {
    let (text, label) = (&survey.session.text, &survey.instance.label);
    let (mut places, unknown) = present(&survey.directory);
    if let Some(within) = within {
        let is_meant = |community: &CommunityRef| community.id.same_as(within);
        places.retain(|place| place.community.as_ref().is_some_and(is_meant));
    } else if unknown > 0 {
        out::tell(&text.with("state-left-out", &[("count", unknown.into())]));
    }
    let content = if args.csv { state_file::table(label, &places) } else { state_file::toml(label, &places) };
    if is_first {
        return out.cells(&content);
    }
    // The rows of the other instances follow without another header, their sections after an empty line.
    match content.split_once('\n').filter(|_| args.csv) {
        Some((_, rows)) => out.cells(rows),
        None => out.cells(&format!("\n{content}")),
    }
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

fn communities(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
    args: &ListArgs,
    out: &mut Out,
) {
    let limit = instance.settings.subgroup_limit;
    let is_listed = |known: &&Community| !args.only.full || directory.is_full(known, limit) == Some(true);
    let mut rows: Vec<&Community> = directory.communities().iter().filter(is_listed).collect();
    rows.sort_by_cached_key(|community| {
        (community.name.is_none(), community.name.as_ref().map(|name| sort_key(name.shown())))
    });
    let mut table = Table::default();
    for community in rows {
        let incomplete = directory.shown_in(community).is_some_and(|listing| listing.is_cut);
        if args.json {
            let body = CommunityBody {
                instance: &instance.label,
                community: &community.id,
                name: community.name.as_ref().map(Name::exact),
                subgroups: directory.size_of(community),
                at_least: !instance.capabilities.lists_every_subgroup,
                incomplete,
                limit,
                failure: community.failure.as_ref().map(json::Why::failure),
            };
            json::write(out, "community", session.clock.now(), body);
        } else {
            let name = session.text.name_or_tail(community.name.as_ref(), &community.id);
            let size = match (directory.size_of(community), &community.failure) {
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
    /// When the role was read, if the list of groups does not say it.
    role_read_at: Option<String>,
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

fn groups(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
    filter: GroupFilter<'_>,
    out: &mut Out,
) {
    let listed = directory.groups().into_iter().flat_map(|list| list.groups.iter());
    let shown = listed.map(|group| Shown {
        slot: Slot::at(group.place()),
        kind: kind(directory, group),
        group: Entry::Listed(group),
    });
    write_groups(session, instance, directory, shown, filter, out);
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
    filter: GroupFilter<'_>,
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
    write_groups(session, instance, directory, shown.into_iter(), filter, out);
}

fn write_groups<'a>(
    session: &Session,
    instance: &Instance,
    directory: &'a Directory,
    rows: impl Iterator<Item = Shown<'a>>,
    filter: GroupFilter<'_>,
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
        let role = directory.role_at(row.slot);
        let members = listed.and_then(GroupRef::members);
        let says_none = listed.is_some_and(|group| group.parent() == Parent::None);
        let standalone = community.is_none() && says_none && row.kind != GroupKind::Community;
        if !filter.keeps(directory, &row, community, standalone) {
            continue;
        }
        if filter.is_json {
            let body = GroupBody {
                instance: &instance.label,
                group: id,
                name: name.exact(),
                members,
                role,
                role_read_at: directory.role_read(&row.group.to_id()).map(clock::rfc3339),
                kind: row.kind,
                community,
                standalone,
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
