//! Adding a gateway touches only the files that CONTRIBUTING.md lists: the last gateway is named in no other.

use std::{fs, path::Path};

/// The gateway that was added last, as files name it.
const LAST: &str = "uazapi";

/// The files below these places that name the last gateway.
fn naming(place: &Path, found: &mut Vec<String>) {
    if place.is_dir() {
        for entry in fs::read_dir(place).unwrap() {
            naming(&entry.unwrap().path(), found);
        }
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = place.strip_prefix(root).unwrap().to_str().unwrap();
    let is_named = fs::read_to_string(place).is_ok_and(|text| text.to_lowercase().contains(LAST));
    if is_named || path.to_lowercase().contains(LAST) {
        found.push(path.to_owned());
    }
}

/// The paragraph of CONTRIBUTING.md about gateways.
fn paragraph() -> String {
    let text = include_str!("../../../CONTRIBUTING.md");
    let (_, rest) = text.split_once("* **A gateway**").unwrap();
    rest.split_once("\n* **").unwrap().0.to_owned()
}

#[test]
fn the_last_gateway_touched_only_the_files_that_the_page_lists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for place in ["src", "assets", "docs", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "tests/it"] {
        naming(&root.join(place), &mut found);
    }
    assert!(found.len() > 10, "{found:?}");
    let paragraph = paragraph();
    let is_listed = |path: &String| paragraph.contains(&format!("`{}`", path.replace(LAST, "NAME")));
    let unlisted: Vec<&String> = found.iter().filter(|path| !is_listed(path)).collect();
    assert!(unlisted.is_empty(), "CONTRIBUTING.md does not list {unlisted:#?}");
}

#[test]
fn the_page_lists_no_file_that_does_not_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paragraph = paragraph();
    let paths =
        paragraph.split('`').skip(1).step_by(2).filter(|word| word.contains('/') || word.contains(".md"));
    for path in paths.map(|path| path.replace("NAME", LAST)) {
        assert!(root.join(&path).exists(), "{path}");
    }
}
