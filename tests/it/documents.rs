//! The documents: their links, their place in the documentation site, and that they quote what the program says.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::support::documents::{Block, blocks, page, pages, root};

/// The languages of blocks. Those of commands are run by `it::cli::documents`.
const LANGUAGES: [&str; 11] =
    ["sh", "crontab", "toml", "csv", "json", "jsonl", "text", "yaml", "http", "rust", "dockerfile"];

/// The links of a page: text in square brackets, then a target in round ones. Blocks and code have none.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        // Text between backticks is no link.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        for part in prose.split("](").skip(1) {
            links.extend(part.split_once(')').map(|(target, _)| target.to_owned()));
        }
        for attribute in ["src=\"", "srcset=\""] {
            let parts = prose.split(attribute).skip(1);
            links.extend(parts.filter_map(|part| part.split_once('"').map(|(target, _)| target.to_owned())));
        }
    }
    links
}

/// The anchors of the headings of a page.
fn anchors(text: &str) -> HashSet<String> {
    let mut is_code = false;
    let headings = text.lines().filter(|line| {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        !is_code && line.starts_with('#')
    });
    let anchor = |heading: &str| {
        let title = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// Where a relative link of a page leads, and its anchor; `None` for a link to another place.
fn target(page: &Path, link: &str) -> Option<(PathBuf, String)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let folder = page.parent().unwrap_or(Path::new(""));
    let file = if path.is_empty() { page.to_owned() } else { folder.join(path) };
    Some((file, anchor.to_owned()))
}

fn broken(page: &Path, link: &str) -> Option<String> {
    let (file, anchor) = target(page, link)?;
    let Ok(path) = root().join(&file).canonicalize() else {
        return Some(format!("{}: {link} leads nowhere", page.display()));
    };
    let is_page = path.extension().is_some_and(|extension| extension == "md");
    let has_anchor = || anchors(&fs::read_to_string(&path).unwrap()).contains(&anchor);
    let is_fine = anchor.is_empty() || (is_page && has_anchor());
    (!is_fine).then(|| format!("{}: {link} has no such heading", page.display()))
}

#[test]
fn every_link_leads_somewhere() {
    let wrong: Vec<String> = pages()
        .iter()
        .flat_map(|(path, text)| links(text).into_iter().filter_map(|link| broken(path, &link)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let readme = Path::new("README.md");
    assert!(
        broken(readme, "docs/keys.md#no-such-heading").is_some() && broken(readme, "docs/key.md").is_some()
    );
    assert!(
        broken(readme, "docs/keys.md").is_none()
            && broken(readme, "docs/operations.md#what-counts-as-proof").is_none()
    );
}

#[test]
fn the_site_has_every_page_and_its_pages_link_to_no_file_outside_it() {
    let listed: HashSet<PathBuf> = links(&page("docs/SUMMARY.md"))
        .iter()
        .filter_map(|link| target(Path::new("docs/SUMMARY.md"), link))
        .map(|(file, _)| file)
        .collect();
    for (path, text) in
        pages().iter().filter(|(path, _)| path.starts_with("docs") && !path.ends_with("SUMMARY.md"))
    {
        assert!(listed.contains(path), "docs/SUMMARY.md lacks {}", path.display());
        for (file, _) in links(text).iter().filter_map(|link| target(path, link)) {
            let file = root().join(file).canonicalize().unwrap();
            assert!(file.starts_with(root().join("docs")), "{}: {}", path.display(), file.display());
        }
    }
}

#[test]
fn every_block_names_its_language() {
    for (path, text) in pages() {
        for Block { language, line, .. } in blocks(&text) {
            // Pages for developers show commands and drawings of another kind.
            let is_for_users = path.starts_with("docs") && !path.ends_with("performance.md");
            let is_known = LANGUAGES.contains(&&*language) || (language.is_empty() && !is_for_users);
            assert!(is_known, "{}, line {line}: a block of {language:?}", path.display());
        }
    }
}

#[test]
fn troubleshooting_quotes_the_messages() {
    let catalogue = include_str!("../../assets/text/en.ftl");
    // A variable of a message is a dot, like `…` in a heading.
    let mut plain = String::new();
    let mut depth = 0;
    for letter in catalogue.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
        if letter == '}' && depth == 0 {
            plain.push('…');
        }
    }
    let says = |heading: &str| {
        plain.lines().any(|line| {
            let mut rest = Some(line);
            for part in heading.split('…') {
                rest = rest.and_then(|line| line.split_once(part)).map(|(_, after)| after);
            }
            rest.is_some()
        })
    };
    let text = page("docs/troubleshooting.md");
    let (messages, _) =
        text.split_once("\n## The screen\n").expect("the symptoms that have no message come last");
    let headings: Vec<&str> = messages.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert!(headings.len() > 30);
    for heading in headings {
        assert!(says(heading), "no message says: {heading}");
    }
    assert!(!says("the gateway does not accept the ticket"));
}

#[test]
fn the_page_of_the_registry_needs_nothing_beside_it() {
    assert!(page("Cargo.toml").contains("\nreadme = \"packaging/registry.md\"\n"));
    let page = page("packaging/registry.md");
    let relative: Vec<String> =
        links(&page).into_iter().filter(|link| !link.starts_with("https://")).collect();
    assert!(relative.is_empty() && !page.contains("<img"), "{relative:?}");
}

/// The commands of a workflow.
fn runs(value: &serde_yaml_ng::Value) -> Vec<String> {
    use serde_yaml_ng::Value;
    match value {
        Value::Mapping(entries) => entries
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value.as_str()) {
                (Some("run"), Some(command)) => vec![command.to_owned()],
                _ => runs(value),
            })
            .collect(),
        Value::Sequence(values) => values.iter().flat_map(runs).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_hosted_checks_call_scripts_that_are_here() {
    let mut count = 0;
    for entry in fs::read_dir(root().join(".github/workflows")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for command in runs(&serde_yaml_ng::from_str(&text).unwrap()) {
            if command == "rustup toolchain install" {
                continue;
            }
            let script =
                command.split(' ').find(|word| word.starts_with(".ci/") || word.starts_with("packaging/"));
            let script = script.unwrap_or_else(|| panic!("{command} calls no script of the repository"));
            let mode = fs::metadata(root().join(script)).unwrap().permissions().mode();
            assert!(mode & 0o111 == 0o111, "{script} cannot be run");
            count += 1;
        }
    }
    assert!(count >= 6, "{count} calls");
}

#[test]
fn the_changelog_has_this_version_and_the_manual_pages_its_date() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = page("CHANGELOG.md");
    let heading = changelog.lines().find(|line| line.starts_with(&format!("## [{version}] - ")));
    let date = heading.unwrap_or_else(|| panic!("CHANGELOG.md lacks {version}")).rsplit_once(' ').unwrap().1;
    let source = page("src/cli/manual.rs");
    assert!(
        source.contains(&format!("const DATE: &str = \"{date}\";")),
        "{date} is not the date of the manual pages"
    );
    assert!(changelog.contains("\n## [Unreleased]\n"), "what comes next has a place");
}
