//! The measured programs: Synod in its several states, and its baselines. This module knows how to start each and which keys
//! lead where; it measures nothing.

use std::{env, fs, path::Path, sync::LazyLock};

use crate::{bare, gateway::Gateway};

/// Synod as it was built with this bench.
pub(crate) const SYNOD: &str = env!("CARGO_BIN_EXE_synod");

static INSTALLED: LazyLock<String> = LazyLock::new(|| installed(Path::new(SYNOD)));
static INSTALLED_BARE: LazyLock<String> = LazyLock::new(|| installed(&env::current_exe().unwrap()));

/// A copy of a program, as an installation makes one. Linux keeps what a linker has just written in smaller pieces, which take
/// longer to map.
fn installed(program: &Path) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("installed");
    fs::create_dir_all(&folder).unwrap();
    let copy = folder.join(program.file_name().unwrap());
    // One that still runs can be removed, but not written.
    let _ = fs::remove_file(&copy);
    fs::copy(program, &copy).unwrap();
    path(&copy)
}

/// A program and its keys.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    pub(crate) variables: Vec<(&'static str, String)>,
    /// What leads from the first screen into the longest list.
    pub(crate) enter: &'static [&'static str],
    /// Whether the cursor is a row of its own; a pager has none.
    pub(crate) has_cursor: bool,
    /// What begins a filter, and what clears and leaves it.
    pub(crate) filter: Option<(&'static str, &'static str)>,
    /// The key that makes it panic.
    pub(crate) panic: Option<&'static str>,
}

pub(crate) const DOWN: &str = "j";
pub(crate) const UP: &str = "k";

impl Program {
    fn new<const N: usize>(command: [&str; N]) -> Self {
        Self {
            command: command.map(str::to_owned).to_vec(),
            variables: Vec::new(),
            enter: &[],
            has_cursor: true,
            filter: None,
            panic: None,
        }
    }

    /// `synod demo`.
    pub(crate) fn demo() -> Self {
        let variables = vec![("SYNOD_PANIC_KEY", "%".to_owned())];
        Self { variables, panic: Some("%"), ..Self::new([&INSTALLED, "demo"]) }
    }

    /// Synod on a gateway, with what it remembers of it.
    pub(crate) fn synod(gateway: &Gateway, enter: &'static [&'static str]) -> Self {
        let (config, state) = (path(&gateway.config()), path(&gateway.state()));
        let command = [&*INSTALLED, "--config", &config, "--state-dir", &state];
        Self { enter, filter: Some(("/", "\x15\x1b")), ..Self::new(command) }
    }

    /// The bare loop over this many lines.
    pub(crate) fn bare(rows: usize) -> Self {
        let program = Self::new([&*INSTALLED_BARE, "--bare", &rows.to_string()]);
        Self { panic: Some(bare::PANIC), filter: Some(("/", "\x1b")), ..program }
    }

    /// `less` over a file.
    pub(crate) fn less(file: &Path) -> Option<Self> {
        let less = Self::new(["less", &path(file)]);
        is_installed("less").then_some(Self { has_cursor: false, ..less })
    }

    /// `fzf` over a file.
    pub(crate) fn fzf(file: &Path) -> Option<Self> {
        // Its moving keys are bound to the letters that the others have; a filter would take them.
        let script = r#"exec fzf --layout=reverse --no-info --bind=j:down,k:up <"$0""#;
        is_installed("fzf").then(|| Self::new(["sh", "-c", script, &path(file)]))
    }

    /// The same with letters that filter.
    pub(crate) fn filtering(mut self) -> Self {
        if let Some(script) = self.command.iter_mut().find(|word| word.contains("fzf")) {
            r#"exec fzf --layout=reverse --no-info <"$0""#.clone_into(script);
            self.filter = Some(("", ""));
        }
        self
    }

    /// As it is typed in a shell.
    pub(crate) fn as_typed(&self) -> String {
        let quoted: Vec<String> = self.command.iter().map(|word| format!("'{word}'")).collect();
        quoted.join(" ")
    }
}

/// Writes the lines that every reference shows.
pub(crate) fn write_lines(file: &Path, rows: usize) {
    let lines: String = (0..rows).map(|index| bare::name(index) + "\n").collect();
    fs::write(file, lines).unwrap();
}

/// Whether a program is on the path.
pub(crate) fn is_installed(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
