//! The window for the name of a file: one to which a plan or an operation is written, or one that says where groups belong. An
//! existing file is never overwritten.

use tui_input::Input;

use crate::{
    app::{
        context::Context,
        effect::Ticket,
        modal::{drift::DriftChoices, window::Window},
        scroll::Scroll,
    },
    domain::{
        id::OperationId,
        instance::InstanceKey,
        message::Message,
        operation::Form,
        plan::{Plan, Verb},
    },
};

/// The window in which the operator types a file name.
#[derive(Clone, Debug)]
pub struct FileWindow {
    pub instance: InstanceKey,
    pub purpose: FilePurpose,
    pub field: Input,
    /// The state of the write or read.
    pub progress: FileProgress,
    /// What the operator chose in the comparison that is repeated.
    pub choices: DriftChoices,
}

/// What the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePurpose {
    /// The plan in the window below is written to it.
    Plan,
    /// An operation is written to it.
    Operation(OperationId),
    /// It says where groups belong, and the instance is compared with it.
    Compare,
}

/// The state of the write or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProgress {
    /// The operator is typing the name.
    Typing,
    /// A file of this name already exists; another name is proposed.
    Taken(String),
    /// It could not be written.
    Failed(String),
    /// It could not be read, or contains nothing that can be compared.
    Unreadable(Message),
    /// It is being written or read.
    Working(Ticket),
}

/// The window with the command line equivalent to an operation.
#[derive(Clone, Debug)]
pub struct CommandWindow {
    pub words: String,
    /// The visible part of the text.
    pub scroll: Scroll,
}

impl FileWindow {
    /// A window for a plan.
    pub fn plan(instance: InstanceKey, plan: &Plan) -> Self {
        let verb = match plan.request.verb {
            Verb::Link => "link",
            Verb::Unlink => "unlink",
            Verb::Move => "move",
            Verb::Leave => "leave",
            Verb::Rejoin => "rejoin",
        };
        Self::new(instance, FilePurpose::Plan, format!("synod-plan-{verb}.json"))
    }

    /// A window for an operation.
    pub fn operation(instance: InstanceKey, operation: OperationId) -> Self {
        Self::new(instance, FilePurpose::Operation(operation), format!("synod-operation-{operation}.csv"))
    }

    /// A window for a file to compare an instance with.
    pub fn compare(instance: InstanceKey, name: String) -> Self {
        Self::new(instance, FilePurpose::Compare, name)
    }

    fn new(instance: InstanceKey, purpose: FilePurpose, name: String) -> Self {
        let (field, choices) = (Input::new(name), DriftChoices::default());
        Self { instance, purpose, field, progress: FileProgress::Typing, choices }
    }

    /// The name as typed.
    pub fn name(&self) -> &str {
        self.field.value().trim()
    }

    /// The name of the file for one of several numbers.
    pub fn name_for(&self, label: &str) -> String {
        let (stem, extension) = split(self.name());
        let label = label.replace(|character: char| !character.is_alphanumeric(), "-");
        format!("{stem}-{label}{extension}")
    }

    /// Whether the file can have one of several formats.
    pub fn has_forms(&self) -> bool {
        matches!(self.purpose, FilePurpose::Operation(_))
    }

    /// The format that the name's extension requests.
    pub fn form(&self) -> Form {
        if has_extension(self.name(), "json") || has_extension(self.name(), "jsonl") {
            Form::Json
        } else {
            Form::Csv
        }
    }

    /// Switches to the other format by changing the name's extension.
    pub fn next_form(&mut self) {
        let extension = match self.form() {
            Form::Csv => "json",
            Form::Json => "csv",
        };
        let stem = ["csv", "jsonl", "json"].into_iter().find_map(|known| {
            has_extension(self.name(), known).then(|| &self.name()[..self.name().len() - known.len() - 1])
        });
        let name = format!("{}.{extension}", stem.unwrap_or(self.name()));
        self.field = Input::new(name);
    }

    /// Reports that the name is taken, and proposes the next one.
    pub fn propose_another(&mut self) {
        let taken = self.name().to_owned();
        self.field = Input::new(next_name(&taken));
        self.progress = FileProgress::Taken(taken);
    }
}

impl Window for FileWindow {
    fn context(&self) -> Context {
        if self.purpose == FilePurpose::Compare { Context::StateFile } else { Context::FileName }
    }
}

impl Window for CommandWindow {
    fn context(&self) -> Context {
        Context::Page
    }

    fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        Some(&mut self.scroll)
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    let rest = name.len().checked_sub(extension.len() + 1).and_then(|at| name.get(at..));
    rest.is_some_and(|rest| rest.starts_with('.') && rest[1..].eq_ignore_ascii_case(extension))
}

/// A name without its extension, and the extension with its dot.
fn split(name: &str) -> (&str, &str) {
    let file_at = name.rfind('/').map_or(0, |at| at + 1);
    let dot = name[file_at..].rfind('.').filter(|at| *at > 0).map_or(name.len(), |at| file_at + at);
    name.split_at(dot)
}

/// The same name with the next number before its extension.
fn next_name(name: &str) -> String {
    let (stem, extension) = split(name);
    let counted = stem.rsplit_once('-').and_then(|(stem, number)| {
        let is_count = number.len() < 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        // A number right after `operation` is the operation's, not a count.
        let is_first = stem.ends_with("operation");
        number.parse::<u32>().ok().filter(|_| is_count && !is_first).map(|number| (stem, number))
    });
    match counted {
        Some((stem, number)) => format!("{stem}-{}{extension}", number + 1),
        None => format!("{stem}-2{extension}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_name_gets_the_next_number() {
        for (name, next) in [
            ("synod-operation-14.csv", "synod-operation-14-2.csv"),
            ("synod-operation-14-2.csv", "synod-operation-14-3.csv"),
            ("synod-plan-link.json", "synod-plan-link-2.json"),
            ("/tmp/v1.2/plan", "/tmp/v1.2/plan-2"),
            ("./.hidden", "./.hidden-2"),
            ("à-9.ü", "à-10.ü"),
        ] {
            assert_eq!(next_name(name), next);
        }
    }

    #[test]
    fn the_form_follows_the_extension_and_can_be_changed() {
        let mut window = FileWindow::operation(InstanceKey::new("ops"), OperationId(3));
        assert_eq!((window.name(), window.form()), ("synod-operation-3.csv", Form::Csv));
        window.next_form();
        assert_eq!((window.name(), window.form()), ("synod-operation-3.json", Form::Json));
        window.next_form();
        assert_eq!(window.name(), "synod-operation-3.csv");
        window.field = Input::new("ü".to_owned());
        window.next_form();
        assert_eq!(window.name(), "ü.json");
    }
}
