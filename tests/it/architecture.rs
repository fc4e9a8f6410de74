//! Rules for the source code itself: allowed dependencies, file lengths, where code may distinguish gateways, and that
//! every requested text exists. Each rule also has a bad snippet that makes it fail.

mod circles;
mod docs;
mod gateways;
mod layers;
mod source;
mod texts;
mod unit_tests;

use source::{Source, below, sources};

/// The maximum number of lines in a file.
const LONGEST: usize = 600;
/// The modules that may match on the kind of gateway; all others ask for capabilities.
const KNOW_GATEWAYS: &[&str] = &["gateway", "config", "bootstrap", "domain::instance", "simulator"];

/// Faults in the form of a file.
fn form(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = source.text.lines().count();
    if lines > LONGEST {
        wrong.push(format!("{}: {lines} lines; split it", source.path));
    }
    if !source.text.starts_with("//!") {
        wrong.push(format!("{}: does not begin with a //! comment", source.path));
    }
    if source.path.ends_with("/mod.rs") {
        wrong.push(format!("{}: use foo.rs beside foo/, not mod.rs", source.path));
    }
    wrong
}

/// Matches that distinguish gateways in a module that may not.
fn gateways_told_apart(source: &Source) -> Vec<String> {
    let known =
        |module: &&str| source.module == **module || source.module.starts_with(&format!("{module}::"));
    if KNOW_GATEWAYS.iter().any(known) {
        return Vec::new();
    }
    let matches = source::matches_on(source, "GatewayKind");
    matches.into_iter().map(|path| format!("{}: distinguishes gateways by {path}", source.path)).collect()
}

fn check(rule: impl Fn(&Source) -> Vec<String>) {
    let wrong: Vec<String> = sources().iter().flat_map(rule).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_sources_are_found() {
    let modules: Vec<String> = sources().into_iter().map(|source| source.module).collect();
    for module in ["", "domain", "domain::name::clean", "config"] {
        assert!(modules.iter().any(|known| known == module), "{module:?} in {modules:?}");
    }
}

/// Tests that start a child process without its deadline.
fn children_without_deadline(path: &str, text: &str) -> Vec<String> {
    let starts = |line: &&str| ["Command::new(", ".spawn_command("].iter().any(|start| line.contains(start));
    let lines = text.lines().filter(starts).filter(|line| !line.contains("\"Command::new("));
    lines.map(|line| format!("{path}: starts a child without support/process.rs: {}", line.trim())).collect()
}

#[test]
fn every_child_of_a_test_has_a_deadline() {
    let of_tests = below("tests/it").into_iter();
    let others = of_tests.filter(|source| {
        !["support/process.rs", "architecture.rs"].iter().any(|own| source.path.ends_with(own))
    });
    let wrong: Vec<String> =
        others.flat_map(|source| children_without_deadline(&source.path, &source.text)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(
        children_without_deadline("a.rs", "let child = std::process::Command::new(program);").len(),
        1
    );
}

#[test]
fn files_are_short_and_begin_with_a_module_comment() {
    check(form);
}

#[test]
fn the_rule_of_form_can_fail() {
    let long = format!("//! Owns much.\n{}", "\n".repeat(LONGEST));
    for (path, text) in [("a.rs", "use std::fmt;"), ("a.rs", long.as_str()), ("a/mod.rs", "//! Owns a.")] {
        assert_eq!(form(&Source::of(path, text)).len(), 1, "{path}");
    }
    assert!(form(&Source::of("a/b.rs", "//! Owns b.")).is_empty());
}

#[test]
fn few_modules_distinguish_gateways() {
    check(gateways_told_apart);
}

#[test]
fn the_rule_of_gateways_can_fail() {
    let on_path =
        "fn f(k: GatewayKind) -> u8 { match k { GatewayKind::RyzeApi => 1, GatewayKind::Zapi => 2 } }";
    let on_use = "use GatewayKind::{RyzeApi, Zapi}; fn f(k: K) { match k { RyzeApi => 1, Zapi => 2 }; }";
    let by_if = "fn f(k: K) -> bool { matches!(k, GatewayKind::Zapi) || k == GatewayKind::Zapi }";
    for bad in [on_path, on_use, by_if] {
        assert!(!gateways_told_apart(&Source::of("app/update.rs", bad)).is_empty(), "{bad}");
        assert!(gateways_told_apart(&Source::of("gateway/zapi.rs", bad)).is_empty());
    }
    let passes_on = "fn f() { build(GatewayKind::Zapi); }";
    assert!(gateways_told_apart(&Source::of("app/update.rs", passes_on)).is_empty());
}

/// Property tests whose names do not begin with `property_`: `.ci/run` selects tests by that prefix for a new seed.
fn unselected_properties(source: &Source) -> Vec<String> {
    let (mut wrong, mut inside) = (Vec::new(), None);
    for line in source.text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        match (inside, line.trim()) {
            (None, "proptest! {") => inside = Some(indent),
            (Some(outer), "}") if outer == indent => inside = None,
            (Some(outer), text)
                if indent.len() == outer.len() + 4
                    && text.starts_with("fn ")
                    && !text.starts_with("fn property_") =>
            {
                wrong.push(format!("{}: {text}", source.path));
            }
            _ => {}
        }
    }
    wrong
}

#[test]
fn property_tests_have_the_prefix() {
    check(unselected_properties);
    let wrong: Vec<String> = below("tests").iter().flat_map(unselected_properties).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rule_of_property_tests_can_fail() {
    let text =
        |name: &str| format!("proptest! {{\n    fn {name}(a in 0..9) {{\n    }}\n}}\nfn helper() {{}}\n");
    assert_eq!(unselected_properties(&Source::of("a.rs", &text("property_of_it"))), Vec::<String>::new());
    assert_eq!(unselected_properties(&Source::of("a.rs", &text("of_it"))).len(), 1);
}
