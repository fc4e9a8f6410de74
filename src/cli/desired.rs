//! A file that says where groups belong, on the command line: its instances, its names, and every fault with its line.
//! `domain::desired` decides what the entries mean, and `export::state_file` the form of the file.

use std::path::Path;

use serde::Serialize;

use super::{
    Fault, FaultCode, Instance, Session,
    interrupt::Interrupts,
    json::{self, Why},
    out::{self, Out},
    plan_file,
    planning::{self, MadePlan},
    survey::Survey,
    target::{self, unfound},
    wait::telling,
};
use crate::{
    config::{BrokenInstance, Config, ConfigEntry, InstanceConfig, NoEntry},
    domain::{
        community::CommunityRef,
        desired::{Desired, EntryError, EntryFault, Given, NotCompared, Section, StateFile, UnknownGroup},
        directory::KnownFrom,
        id::CommunityId,
        lookup::{Accept, LookupError},
        name::Name,
        plan::{Head, Request, Verb},
    },
    export::{plan_file::PlanFile, state_file},
    gateway::check_community_id,
    text::Text,
};

/// The content of a file.
#[derive(Debug)]
pub enum Content {
    Plan(Box<PlanFile>),
    State(StateFile),
}

/// Reads a plan, a state file or a table; `-` is standard input.
pub async fn read(file: &Path, text: &Text) -> Result<Content, Fault> {
    let content = plan_file::content(file, text).await?;
    if state_file::is_plan(&content) {
        return Ok(Content::Plan(Box::new(plan_file::parse(file, &content, text)?)));
    }
    let state = state_file::read(&content);
    if state.sections.is_empty() && state.faults.is_empty() {
        out::note(&text.say("cli-empty-list"));
    }
    Ok(Content::State(state))
}

/// The desired state of some instances.
#[derive(Debug)]
pub struct State {
    /// The sections of each instance.
    sections: Vec<Vec<Section>>,
    faults: LineFaults,
}

impl State {
    /// Finds the instances of the sections in the configuration; `default` is the name of the instance of sections that name none.
    /// Returns the instances in the order of the state. Fails if nothing is left to read.
    pub fn of(
        path: &Path,
        file: StateFile,
        config: &Config,
        default: Option<&str>,
        text: &Text,
    ) -> Result<(Self, Vec<InstanceConfig>), Fault> {
        let mut faults = LineFaults::of(path);
        for (line, what) in &file.faults {
            faults.add(*line, Fault::usage(text, what));
        }
        let entries = config.entries();
        let mut broken: Vec<&BrokenInstance> = Vec::new();
        let mut instances: Vec<InstanceConfig> = Vec::new();
        let mut sections: Vec<Vec<Section>> = Vec::new();
        for section in file.sections {
            let found = match (&section.instance, default, entries.as_slice()) {
                (Some(given), ..) => named(config, given),
                (None, Some(name), _) => config.entry(name).map_err(|error| (1, error)),
                (None, None, [only]) => Ok(*only),
                (None, None, _) => {
                    let line = first_line(&section);
                    let names = entries.iter().filter_map(ConfigEntry::label).map(Name::shown);
                    faults.add(line, Fault::which_instance(text, names));
                    continue;
                }
            };
            let instance = match found {
                Ok(ConfigEntry::Usable(instance)) => instance,
                Ok(ConfigEntry::Broken(entry)) => {
                    if broken.iter().all(|known| known.line != entry.line) {
                        broken.push(entry);
                    }
                    continue;
                }
                Err((line, error)) => {
                    faults.add(line, Fault::no_entry(text, &error));
                    continue;
                }
            };
            let label = &instance.label;
            let at = instances.iter().position(|known| known.label == *label).unwrap_or_else(|| {
                instances.push(instance.clone());
                sections.push(Vec::new());
                instances.len() - 1
            });
            sections[at].push(section);
        }
        if instances.is_empty() || !broken.is_empty() {
            faults.check_with(broken.into_iter().map(|entry| Fault::usage(text, entry)).collect(), text)?;
        }
        Ok((Self { sections, faults }, instances))
    }

    /// Why its instances cannot be read, together with the mistakes of the file that are known without reading them.
    pub fn unread(&self, why: Fault, text: &Text) -> Fault {
        if why.code == FaultCode::Interrupted {
            return why;
        }
        self.faults.check_with(vec![why.clone()], text).err().unwrap_or(why)
    }
}

/// The entry that a line names, in the first of its readings that names any.
fn named<'a>(config: &'a Config, given: &Given) -> Result<ConfigEntry<'a>, (usize, NoEntry)> {
    let mut found = given.readings.iter().map(|name| config.entry(name));
    let known = found.clone().find(|found| !matches!(found, Err(NoEntry::Unknown { .. })));
    let first = || found.next().unwrap_or_else(|| config.entry(""));
    known.unwrap_or_else(first).map_err(|error| (given.line, error))
}

fn first_line(section: &Section) -> usize {
    let lines = section.community.iter().chain(&section.groups).map(|given| given.line);
    lines.min().unwrap_or(1)
}

/// The faults of a file, with their lines.
#[derive(Clone, Debug)]
struct LineFaults {
    file: String,
    faults: Vec<(usize, Fault)>,
}

impl LineFaults {
    fn of(path: &Path) -> Self {
        Self { file: plan_file::shown(path), faults: Vec::new() }
    }

    fn add(&mut self, line: usize, fault: Fault) {
        self.faults.push((line, fault));
    }

    /// Fails with all faults, in the order of their lines.
    fn check(&self, text: &Text) -> Result<(), Fault> {
        self.check_with(Vec::new(), text)
    }

    /// Fails with all faults, in the order of their lines, and with the obstacles that may hide others. A mistake in the file
    /// decides the exit code: running the same command again does not help until it is fixed.
    fn check_with(&self, obstacles: Vec<Fault>, text: &Text) -> Result<(), Fault> {
        let mut faults: Vec<&(usize, Fault)> = self.faults.iter().collect();
        faults.sort_by_key(|(line, _)| *line);
        let words = |(line, fault): &(usize, Fault)| {
            let args = [("line", (*line).into()), ("words", fault.words.as_str().into())];
            Fault::new(fault.code, text.with("cli-on-line", &args))
        };
        let mut words: Vec<Fault> = faults.into_iter().map(words).collect();
        words.dedup();
        let args = [("file", self.file.as_str().into()), ("count", words.len().into())];
        let head = text.with("state-faults", &args);
        let mistakes = Fault::all(words).map(|all| Fault::new(all.code, format!("{head}\n{}", all.words)));
        Fault::all(mistakes.into_iter().chain(obstacles).collect()).map_or(Ok(()), Err)
    }
}

/// How groups that nothing matches count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    Fault,
    /// A difference like any other.
    Difference,
}

/// The desired state of an instance, with its names resolved.
pub(super) struct Resolved<'a> {
    pub(super) survey: Survey<'a>,
    pub(super) desired: Desired,
    /// The communities where other groups stay because their listings are incomplete.
    pub(super) skipped: Vec<NotCompared>,
}

/// Resolves all names of a state. Fails with every fault of the file at once, even if some of the instances cannot be read.
pub(super) async fn resolve<'a>(
    session: &'a Session,
    state: &State,
    only_shown: bool,
    unresolved: Unresolved,
    interrupts: &mut Interrupts,
) -> Result<Vec<Resolved<'a>>, Fault> {
    let text = &session.text;
    let mut faults = state.faults.clone();
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    for (instance, sections) in session.instances.iter().zip(&state.sections) {
        let one = Box::pin(resolve_one(session, instance, sections, only_shown));
        let one = match interrupts.end(telling(text, session.clock, instance, one)).await {
            Ok(one) => one,
            Err(fault) if fault.code == FaultCode::Interrupted => return Err(fault),
            Err(fault) if fault.code == FaultCode::DeadlineExceeded => {
                unread.push(fault);
                break;
            }
            Err(Fault { code, words }) => {
                let label = [("instance", instance.label.as_str().into())];
                let is_only = session.instances.len() == 1;
                let words = if is_only { words } else { text.with("diff-instance", &label) + ": " + &words };
                unread.push(Fault { code, words });
                continue;
            }
        };
        for EntryFault { line, why } in &one.desired.faults {
            faults.add(*line, fault(text, why));
        }
        for unknown in one.desired.unknown.iter().filter(|_| unresolved == Unresolved::Fault) {
            faults.add(unknown.line, unknown_group(text, unknown));
        }
        all.push(one);
    }
    faults.check_with(unread, text)?;
    Ok(all)
}

async fn resolve_one<'a>(
    session: &'a Session,
    instance: &'a Instance,
    sections: &[Section],
    only_shown: bool,
) -> Result<Resolved<'a>, Fault> {
    let mut survey = Survey::recall(session, instance, only_shown).await?;
    survey.overview().await?;
    let new_community = |given: &str| check_community_id(instance.kind, given).ok();
    let mut desired = Desired::of(sections, &survey.directory, Accept::Whole, new_community);
    if !desired.is_complete() {
        survey.whole().await?;
        desired = Desired::of(sections, &survey.directory, Accept::Beginning, new_community);
    }
    for (id, _) in &desired.communities {
        if survey.directory.community(id).is_none() {
            let community = CommunityRef { id: id.clone(), name: None };
            survey.directory.learn(community, KnownFrom::Configuration);
        }
    }
    survey.communities(&desired.only).await;
    let skipped = desired.unlink_others(&survey.directory);
    Ok(Resolved { survey, desired, skipped })
}

fn fault(text: &Text, why: &EntryError) -> Fault {
    let code = match why {
        EntryError::Community(LookupError::Unknown { .. }) => FaultCode::NoSuchCommunity,
        EntryError::Group(LookupError::Unknown { .. }) => FaultCode::NoSuchGroup,
        EntryError::Community(LookupError::Ambiguous { .. })
        | EntryError::Group(LookupError::Ambiguous { .. }) => FaultCode::AmbiguousName,
        EntryError::NoId(_) | EntryError::InviteLink | EntryError::InTwoPlaces { .. } => FaultCode::Usage,
    };
    Fault::new(code, text.entry_error(why, "cli-unknown-community"))
}

pub(super) fn unknown_group(text: &Text, unknown: &UnknownGroup) -> Fault {
    unfound(text, &unknown.why, FaultCode::NoSuchGroup, "cli-unknown-group")
}

/// The plan of a desired state.
pub(super) struct Planned<'a> {
    pub(super) survey: Survey<'a>,
    pub(super) desired: Desired,
    pub(super) skipped: Vec<NotCompared>,
    pub(super) made: MadePlan,
}

/// Makes one plan per instance. Fails with all communities that turn out not to exist.
pub(super) async fn plan<'a>(
    session: &'a Session,
    state: &State,
    resolved: Vec<Resolved<'a>>,
    include_risky: bool,
    interrupts: &mut Interrupts,
) -> Result<Vec<Planned<'a>>, Fault> {
    let mut faults = LineFaults { file: state.faults.file.clone(), faults: Vec::new() };
    let mut all = Vec::new();
    for Resolved { mut survey, desired, skipped } in resolved {
        let instance = survey.instance;
        let wishes = desired.wishes.clone();
        let request = Request { instance: instance.key.clone(), verb: Verb::Move, wishes, parent: None };
        let made = Box::pin(planning::make(&mut survey, &request, include_risky));
        let made = interrupts.end(telling(&session.text, session.clock, instance, made)).await?;
        let is_needed = made.plan.rows.iter().any(|row| row.head != Head::AlreadySo);
        for (community, line) in desired.communities.iter().filter(|_| is_needed) {
            if let Some(Err(failure)) = made.readings.communities.get(community)
                && let Some(fault) = target::missing(&session.text, &survey.directory, community, failure)
            {
                faults.add(*line, fault);
            }
        }
        all.push(Planned { survey, desired, skipped, made });
    }
    faults.check(&session.text)?;
    Ok(all)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct NotComparedBody<'a> {
    instance: &'a str,
    community: &'a CommunityId,
    community_name: Option<&'a str>,
    /// Why its listing could not be read; null if it may be incomplete.
    reason: Option<Why>,
}

/// Reports that a community keeps the groups that the file does not name, and why.
pub(super) fn not_compared(survey: &Survey<'_>, skipped: &NotCompared, out: &mut Out, is_json: bool) {
    let (text, session) = (&survey.session.text, survey.session);
    let known = survey.directory.community(&skipped.community).and_then(|known| known.name.as_ref());
    if is_json {
        let body = NotComparedBody {
            instance: &survey.instance.label,
            community: &skipped.community,
            community_name: known.map(Name::exact),
            reason: skipped.failure.as_ref().map(Why::failure),
        };
        return json::write(out, "not_compared", session.clock.now(), body);
    }
    let why = match &skipped.failure {
        Some(failure) => text.failure(failure),
        None => text.say("state-listing-incomplete").into_owned(),
    };
    let community = text.name_or_tail(known, &skipped.community);
    out.line(&text.with("state-not-compared", &[("community", community.into()), ("why", why.into())]));
}
