//! The report of a command while it works: lines for people, or JSON. It owns the choice between the two, and the status line
//! that is redrawn on a terminal. Neither form counts anything: the operation's fold does.

mod human;
pub(super) mod json;

use super::{Fault, Instance, Session, exit, out, out::Out};
use crate::{
    clock::Clock,
    domain::{
        community::CommunityRef,
        directory::Directory,
        event::Record,
        operation::{Operation, Totals},
        plan::{Plan, estimate::Estimate},
    },
    export::operation::CommunityNames,
    text::Text,
};

pub(super) use self::human::{changed_item_line, counts, operation_title, plan_lines};

/// Reports events.
pub(super) struct Reporter<'a> {
    pub(super) text: &'a Text,
    clock: Clock,
    is_json: bool,
    /// Whether the report leaves out successes.
    is_quiet: bool,
    pub(super) out: Out,
    progress: ProgressLine,
    /// The names that were known when the plan was reported.
    names: CommunityNames,
}

impl<'a> Reporter<'a> {
    /// A report; with `--quiet`, it leaves out successes, unless a person is asked to confirm the plan.
    pub(super) fn new(session: &'a Session, is_json: bool, is_unattended: bool) -> Self {
        let Session { text, clock, console, .. } = session;
        let (out, progress) = (console.output(), ProgressLine::new());
        Self {
            text,
            clock: *clock,
            is_json,
            is_quiet: is_unattended && out::is_quiet(),
            out,
            progress,
            names: CommunityNames::default(),
        }
    }

    /// Reports the plan.
    pub(super) fn plan(
        &mut self,
        instance: &Instance,
        plan: &Plan,
        directory: &Directory,
        estimate: &Estimate,
    ) {
        self.names = known(plan, directory);
        if self.is_json {
            json::plan(&mut self.out, &instance.label, plan, &self.names, estimate);
        } else if !self.is_quiet || (plan.sent() == 0 && exit::of_unsent(plan) != 0) {
            self.lines(&plan_lines(self.text, plan, directory, estimate));
            if instance.is_insecure && plan.sent() > 0 {
                self.lines(&[self.text.say("plan-insecure").into_owned()]);
            }
        }
    }

    /// Reports a plan that sends nothing, because nothing needs to be sent or may be sent.
    pub(super) fn nothing_sent(&mut self, instance: &Instance, plan: &Plan, code: u8) {
        if self.is_json {
            json::nothing_sent(&mut self.out, &instance.label, plan, &self.names, self.clock.now(), code);
        } else if !self.is_quiet || code != 0 {
            self.out.line(&self.text.say("cli-nothing-sent"));
        }
    }

    /// Reports that an operation is in the journal.
    pub(super) fn started(&mut self, instance: &Instance, operation: &Operation) {
        if self.is_json {
            json::started(&mut self.out, &instance.label, operation, &self.names);
        }
        self.draw(operation);
    }

    /// Reports an event of an operation; `operation` is its state after the event.
    pub(super) fn happened(&mut self, operation: &Operation, record: &Record) {
        if self.is_json {
            json::happened(&mut self.out, operation, &self.names, record);
        } else {
            self.lines(&human::happened(self.text, operation, record, self.is_quiet));
        }
        self.draw(operation);
    }

    /// Reports that another process runs an operation from now on: with `--quiet`, only its number.
    pub(super) fn detached(&mut self, instance: &Instance, operation: &Operation) {
        self.progress.clear();
        if self.is_json {
            json::detached(&mut self.out, &instance.label, operation);
        } else {
            let words = if self.is_quiet {
                operation.id.to_string()
            } else {
                self.text.with("cli-detached", &[("number", operation.id.to_string().into())])
            };
            self.out.line(&words);
        }
    }

    /// Ends the report of an operation.
    pub(super) fn ended(&mut self, instance: &Instance, operation: &Operation, code: u8) {
        self.progress.clear();
        if self.is_json {
            json::ended(&mut self.out, &instance.label, operation, self.clock.now(), code);
        } else if !self.is_quiet || code != 0 {
            self.lines(&human::ended(self.text, operation));
        }
    }

    /// Ends the report of operations that ran side by side.
    pub(super) fn all_ended(&mut self, totals: &Totals, code: u8) {
        self.progress.clear();
        if self.is_json {
            json::all_ended(&mut self.out, totals, self.clock.now(), code);
        } else if !self.is_quiet || code != 0 {
            self.out.line(&self.text.with("cli-all-ended", &[("counts", counts(self.text, totals).into())]));
        }
    }

    /// The same report without the status line: several would overwrite each other.
    pub(super) fn without_status_line(mut self) -> Self {
        self.progress.can_draw = false;
        self
    }

    /// Reports a failure, after which the report may continue.
    pub(super) fn fault(&mut self, fault: &Fault) {
        if self.is_json {
            json::fault(&mut self.out, fault, self.clock.now());
        }
        self.tell(&fault.words);
    }

    /// Prints a message for people that reports no failure.
    pub(super) fn note(&mut self, words: &str) {
        self.progress.clear();
        out::note(words);
    }

    /// Prints a message for people that is not data.
    pub(super) fn tell(&mut self, words: &str) {
        self.progress.clear();
        out::tell(words);
    }

    fn lines(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.progress.clear();
        self.out.line(&lines.join("\n"));
    }

    fn draw(&mut self, operation: &Operation) {
        self.progress.show(&human::bar(self.text, operation));
    }
}

/// The names of the communities that a plan may mention.
fn known(plan: &Plan, directory: &Directory) -> CommunityNames {
    let communities = directory.communities().iter();
    let named: Vec<CommunityRef> =
        communities.map(|known| CommunityRef { id: known.id.clone(), name: known.name.clone() }).collect();
    CommunityNames::new(named.iter().chain(&plan.target))
}

/// Reports why a command failed: to people and, with `--json`, as an event too.
pub fn fault(fault: &Fault, clock: Clock, is_json: bool) {
    if is_json {
        event(fault, clock);
    }
    out::tell(&fault.words);
}

/// Writes why a command failed as an event.
pub fn event(fault: &Fault, clock: Clock) {
    json::fault(&mut Out::stdout(), fault, clock.now());
}

/// The status line on standard error, which is redrawn; nothing is drawn if that is not a terminal.
#[derive(Debug)]
pub(super) struct ProgressLine {
    can_draw: bool,
    is_drawn: bool,
}

impl ProgressLine {
    pub(super) fn new() -> Self {
        Self { can_draw: out::can_draw(), is_drawn: false }
    }

    /// Draws the line.
    pub(super) fn show(&mut self, words: &str) {
        if self.can_draw {
            self.is_drawn = true;
            out::draw_over(words);
        }
    }

    /// Removes the line.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            out::clear_line();
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.clear();
    }
}
