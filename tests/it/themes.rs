//! Themes from their files, in the terminal, and changed while the program runs.

use std::{fs, io::ErrorKind, path::Path};

use ratatui::style::Color;
use rstest::rstest;
use synod::{
    config::{
        ConfigError, ThemeChoice,
        theme::{Attribute, ThemeFile},
    },
    text::Text,
    tui::theme::{Depth, Theme},
};
use tempfile::TempDir;

use crate::support::{
    harness::Harness,
    process::skipped,
    pty::{Pty, Setup, contains, sequences},
};

/// A separate file in a separate folder.
fn written(name: &str, text: &str) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(path: &Path) -> Result<ThemeFile, ConfigError> {
    ThemeFile::load(path, &Theme::roles().collect::<Vec<_>>())
}

#[test]
fn a_file_says_what_differs_from_its_base() {
    let (_folder, path) = written(
        "mine.toml",
        "base = \"dark\"\nok = { fg = \"#00aa55\", bold = true }\nkey = { fg = \"bright-cyan\", bg = \"default\", dim = false }\n",
    );
    let file = load(&path).unwrap();
    assert_eq!(file.base, ThemeChoice::Dark);
    let [ok, key] = &file.roles[..] else { panic!("{file:?}") };
    assert_eq!((ok.role.value.as_str(), ok.role.line, ok.fg), ("ok", 2, Some(Color::Rgb(0, 0xaa, 0x55))));
    assert_eq!(ok.attributes, [(Attribute::Bold, true)]);
    assert_eq!((key.fg, key.bg), (Some(Color::LightCyan), Some(Color::Reset)));
    assert_eq!(key.attributes, [(Attribute::Dim, false)]);
}

#[rstest]
#[case::role("base = \"dark\"\nokk = { bold = true }", 2, "you probably meant `ok`")]
#[case::base("base = \"drak\"", 1, "Known values: terminal, dark, light, contrast, mono.")]
#[case::base_auto("base = \"auto\"", 1, "Known values: terminal, dark")]
#[case::no_table("\n\nok = \"red\"", 3, "must be a table")]
#[case::colour("ok = { fg = \"#00aa5\" }", 1, "`fg` has no such value")]
#[case::name("ok = { fg = \"purple\" }", 1, "bright-magenta")]
#[case::attribute("ok = { bold = 1 }", 1, "true or false")]
#[case::unknown_attribute("ok = { blink = true }", 1, "Known keys: fg, bg, bold")]
#[case::no_toml("ok = {", 1, "is not valid TOML")]
#[case::twice("ok = { bold = true }\nok = { bold = true }", 2, "defined twice")]
fn a_mistake_is_reported_with_its_file_its_line_and_an_example(
    #[case] text: &str,
    #[case] line: usize,
    #[case] what: &str,
) {
    let (_folder, path) = written("mine.toml", text);
    let said = Text::english().tell(&load(&path).unwrap_err());
    assert!(said.starts_with(&format!("{}, line {line}: ", path.display())), "{said}");
    assert!(said.contains(what), "{said}");
    assert!(said.contains("\nFor example: "), "{said}");
}

#[test]
fn a_missing_file_is_reported() {
    let folder = TempDir::new().unwrap();
    let error = load(&folder.path().join("none.toml")).unwrap_err();
    assert!(
        matches!(&error, ConfigError::ThemeUnreadable { source, .. } if source.kind() == Some(ErrorKind::NotFound))
    );
    let said = Text::english().tell(&error);
    assert!(said.contains("docs/themes.md"), "{said}");
}

#[test]
fn endless_files_and_binary_files_are_not_themes() {
    let endless = load(std::path::Path::new("/dev/zero")).unwrap_err();
    assert!(Text::english().tell(&endless).contains("not a regular file"), "{endless}");
    let (_folder, path) = written("mine.toml", "");
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    let bytes = load(&path).unwrap_err();
    assert!(Text::english().tell(&bytes).contains("UTF-8"), "{bytes}");
}

#[test]
fn the_documented_theme_is_valid() {
    let page = include_str!("../../docs/themes.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let (_folder, path) = written("mine.toml", example);
    assert!(!load(&path).unwrap().roles.is_empty());
    for name in Theme::roles().chain(Theme::names()) {
        assert!(page.contains(&format!("`{name}`")), "{name} is not documented");
    }
}

#[tokio::test(start_paused = true)]
async fn the_theme_changes_while_the_program_runs() {
    let mut synod = Harness::world("harbor").theme("dark", Depth::True).start().await;
    synod.loaded().await;
    let dark = synod.buffer();
    synod.keys(":next-theme<enter>").await.shows("Theme: terminal");
    assert_ne!(dark[(1, 1)].fg, synod.buffer()[(1, 1)].fg);
    synod.keys(":next-theme<enter>").await.shows("Theme: light");
    synod.keys(":next-theme<enter>").await.shows("Theme: contrast");
    assert!(synod.buffer().content.iter().all(|cell| cell.bg != ratatui::style::Color::Reset));
    synod.keys(":next-theme<enter>:next-theme<enter>").await.shows("Theme: dark");
    assert_eq!(dark[(1, 1)].fg, synod.buffer()[(1, 1)].fg);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn without_colours_every_theme_is_mono() {
    let mut synod = Harness::world("harbor").theme("light", Depth::None).start().await;
    synod.loaded().await.keys(":next-theme<enter>").await.shows("Theme: mono");
    assert!(synod.buffer().content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    synod.end().await;
}

/// The demo with its own `[ui]` table, in a terminal of this kind.
fn demo(ui: &str, term: &str) -> Option<(Pty, TempDir)> {
    let (folder, path) = written("config.toml", &format!("[ui]\n{ui}\n"));
    let arguments = vec!["demo".to_owned(), "--config".to_owned(), path.display().to_string()];
    let pty = Setup::program(arguments).variable("TERM", term).start()?;
    Some((pty, folder))
}

fn quit(pty: &mut Pty) {
    pty.until_text("Communities");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
}

/// Whether any colour was chosen in this way: `2` for any colour, `5` for one of 256.
fn has_colours(pty: &Pty, way: &str) -> bool {
    let looks = sequences(pty.bytes())
        .into_iter()
        .filter_map(|sequence| sequence.strip_suffix('m').map(str::to_owned));
    let mut looks = looks.map(|look| format!(";{look}"));
    looks.any(|look| look.contains(&format!(";38;{way};")) || look.contains(&format!(";48;{way};")))
}

#[rstest]
#[case("xterm", false, false)]
#[case("xterm-256color", true, false)]
#[case("xterm-direct", false, true)]
fn a_terminal_gets_only_the_colours_that_it_supports(
    #[case] term: &str,
    #[case] indexed: bool,
    #[case] any: bool,
) {
    let Some((mut pty, _folder)) = demo("theme = \"dark\"", term) else { return };
    quit(&mut pty);
    assert_eq!((has_colours(&pty, "5"), has_colours(&pty, "2")), (indexed, any));
}

#[test]
fn a_theme_from_a_file_is_drawn() {
    let (_themes, path) = written("mine.toml", "base = \"light\"\nborder_focused = { fg = \"#123456\" }\n");
    let ui = format!("theme = \"{}\"", path.display());
    let Some((mut pty, _folder)) = demo(&ui, "xterm-direct") else { return };
    quit(&mut pty);
    assert!(contains(pty.bytes(), "38;2;18;52;86"));
}

#[test]
fn a_mistake_in_a_theme_ends_the_program_before_the_screen_is_used() {
    let (_themes, path) = written("mine.toml", "okk = { bold = true }");
    let Some((mut pty, _folder)) = demo(&format!("theme = \"{}\"", path.display()), "xterm") else { return };
    assert_eq!(pty.exit_code(), 2);
    assert!(contains(pty.bytes(), "line 1: ") && contains(pty.bytes(), "For example: ok"), "{}", pty.text());
    assert!(!contains(pty.bytes(), "\x1b["), "the terminal was left alone");
}

/// The number of late answers after which the test gives up.
const ATTEMPTS: usize = 20;

const QUESTION: &str = "\x1b]11;?";

#[rstest]
#[case("ffff/ffff/ffff", "38;2;0;95;135")]
#[case("1010/1010/1010", "38;2;125;207;255")]
fn auto_asks_the_terminal_and_follows_its_answer(#[case] background: &str, #[case] colour: &str) {
    // On a busy machine the answer may arrive when the program has stopped waiting for it; then the test asks again.
    for _ in 0..ATTEMPTS {
        let Some((mut pty, _folder)) = demo("theme = \"auto\"", "xterm-direct") else { return };
        pty.until_bytes(QUESTION);
        pty.send(&format!("\x1b]11;rgb:{background}\x1b\\\x1b[?62;22c"));
        quit(&mut pty);
        if has_colours(&pty, "2") {
            assert!(contains(pty.bytes(), colour), "{}", pty.text());
            return;
        }
    }
    skipped(&format!("the answer of the terminal came too late, {ATTEMPTS} times"));
}

#[test]
fn a_terminal_without_an_answer_gets_the_default() {
    let Some((mut pty, _folder)) = demo("theme = \"auto\"", "xterm-direct") else { return };
    pty.until_bytes(QUESTION);
    quit(&mut pty);
    assert!(!has_colours(&pty, "2") && !has_colours(&pty, "5"));
}

#[rstest]
#[case("theme = \"auto\"", "linux")]
#[case("theme = \"terminal\"", "xterm")]
fn a_terminal_is_not_asked_without_need(#[case] ui: &str, #[case] term: &str) {
    let Some((mut pty, _folder)) = demo(ui, term) else { return };
    quit(&mut pty);
    assert!(!contains(pty.bytes(), "\x1b]"), "a question");
}
