//! No set of files imports each other in a circle. A parent may use its children, which may use what the parent defines; what tests
//! import does not count.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, sources};

/// The files that each file needs.
fn needs(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let modules: BTreeSet<&str> = sources.iter().map(|source| source.module.as_str()).collect();
    let file_of = |segments: &[String]| {
        let path = segments.strip_prefix(&["crate".to_owned()])?;
        (1..=path.len()).rev().map(|end| path[..end].join("::")).find(|path| modules.contains(path.as_str()))
    };
    let needed = |source: &Source| {
        let found =
            source.needed().iter().filter_map(|named| file_of(&named.segments)).collect::<BTreeSet<_>>();
        let below = format!("{}::", source.module);
        let is_beside = |module: &String| *module != source.module && !module.starts_with(&below);
        found.into_iter().filter(is_beside).collect()
    };
    sources.iter().map(|source| (source.module.clone(), needed(source))).collect()
}

/// The sets of files that reach each other.
fn circles(needs: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Vec<String>> {
    let reach = |start: &String| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(module) = open.pop() {
            for next in needs.get(module).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        needs.keys().map(|module| (module, reach(module))).collect();
    let together = |module: &&String| reached[*module].contains(*module);
    let circle = |module: &String| {
        let mates =
            needs.keys().filter(|other| reached[module].contains(other) && reached[other].contains(module));
        mates.cloned().collect::<Vec<_>>()
    };
    needs.keys().filter(together).map(circle).collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let found = circles(&needs(&sources()));
    let lines: Vec<String> = found.iter().map(|circle| circle.join(", ")).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn the_rule_of_circles_can_fail() {
    let of = |files: &[(&str, &str)]| {
        let sources: Vec<Source> = files.iter().map(|(path, text)| Source::of(path, text)).collect();
        circles(&needs(&sources)).len()
    };
    let two = [("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "use crate::a::A; pub struct B;")];
    assert_eq!(of(&two), 1);
    let passed_on =
        [("a.rs", "mod b; pub use b::B; pub struct A;"), ("a/b.rs", "use super::A; pub struct B;")];
    assert_eq!(of(&passed_on), 0, "a parent and its child");
    let in_tests =
        [("a.rs", "pub struct A;"), ("b.rs", "use crate::a::A; #[cfg(test)] mod tests { use crate::b::B; }")];
    assert_eq!(of(&in_tests), 0);
}
