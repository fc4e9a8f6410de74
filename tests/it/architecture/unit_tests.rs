//! Where tests are: the sources contain the program and short unit tests. Longer tests are in `tests/it`, and in the folders
//! listed here each file has the path of the source that it tests.

use std::path::Path;

use super::{
    check,
    source::{Source, below},
};

/// The maximum number of lines of the unit tests of a module.
const LONGEST_TESTS: usize = 150;
/// The tests that are longer, and why they cannot be in `tests/it`.
const BESIDE_THE_CODE: &[(&str, &str)] = &[
    ("cli::json", "the schemas are derived from the types only in a test build of the library"),
    ("engine::readbacks::shows", "what a readback shows is known only within the engine"),
];
/// The folders of `tests/it` whose files mirror those of `src`; in the others, each file has a topic.
const MIRRORED: &[&str] = &["app", "domain", "export", "scrub", "text", "tui"];

/// The module that the unit tests in a file are about, and how many lines they have.
fn unit_tests(source: &Source) -> Option<(&str, usize)> {
    if let Some(tested) = source.module.strip_suffix("::tests") {
        return Some((tested, source.text.lines().count()));
    }
    let begins = source.text.find("#[cfg(test)]\nmod tests {")?;
    Some((&source.module, source.text[begins..].lines().count()))
}

fn is_beside_the_code(tested: &str) -> bool {
    BESIDE_THE_CODE.iter().any(|(module, _)| *module == tested)
}

fn long_unit_tests(source: &Source) -> Vec<String> {
    let long =
        unit_tests(source).filter(|(tested, lines)| *lines > LONGEST_TESTS && !is_beside_the_code(tested));
    long.map(|(_, lines)| format!("{}: {lines} lines of tests; move them to tests/it", source.path))
        .into_iter()
        .collect()
}

/// Whether a file of tests mirrors a source, or is in a folder that does.
fn mirrors(path: &str, is_source: impl Fn(&Path) -> bool) -> bool {
    let path = Path::new(path);
    let is_mirrored = MIRRORED.iter().any(|room| path.starts_with(room));
    let folder = path.parent().map(|folder| folder.with_extension("rs"));
    !is_mirrored || is_source(path) || folder.is_some_and(|folder| is_source(&folder))
}

#[test]
fn long_tests_are_not_in_the_sources() {
    check(long_unit_tests);
}

#[test]
fn the_files_of_a_mirrored_room_have_the_paths_of_what_they_test() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let tests = below("tests/it");
    let strays = tests.iter().filter(|test| !mirrors(&test.path, |path| sources.join(path).is_file()));
    let strays: Vec<&str> = strays.map(|test| test.path.as_str()).collect();
    assert!(strays.is_empty(), "there is no such file in src: {strays:?}");
    for room in MIRRORED {
        let path = format!("{room}.rs");
        assert!(tests.iter().any(|test| test.path == path), "{path}");
    }
}

#[test]
fn the_tests_that_stay_beside_the_code_are_still_long() {
    for (module, why) in BESIDE_THE_CODE {
        let path = format!("{}/tests.rs", module.replace("::", "/"));
        let sources = below("src");
        let tests = sources.iter().find(|source| source.path == path);
        let lines = tests.and_then(unit_tests).map_or(0, |(_, lines)| lines);
        assert!(lines > LONGEST_TESTS && !why.is_empty(), "{module}: remove it from the list");
    }
}

#[test]
fn the_rules_of_unit_tests_can_fail() {
    let tests = |lines: usize| format!("//! Owns a.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(lines));
    assert_eq!(long_unit_tests(&Source::of("a/b.rs", &tests(LONGEST_TESTS))).len(), 1);
    assert!(long_unit_tests(&Source::of("a/b.rs", &tests(LONGEST_TESTS - 3))).is_empty());
    assert_eq!(long_unit_tests(&Source::of("a/b/tests.rs", &"\n".repeat(LONGEST_TESTS + 1))).len(), 1);
    let is_source = |path: &Path| path == Path::new("domain/plan/rules.rs");
    for good in ["domain/plan/rules.rs", "domain/plan/rules/places.rs", "panes.rs"] {
        assert!(mirrors(good, is_source), "{good}");
    }
    assert!(!mirrors("domain/plan/places.rs", is_source));
}
