//! An operator's actions, from the key to the result, through the whole program over the simulated gateway.

mod again;
mod any_keys;
mod ascii;
mod configuring;
mod connecting;
mod control;
mod desktop;
mod details;
mod diagnosis;
mod drift;
mod files;
mod finding;
mod gateways;
mod instances;
mod journal;
mod listings;
mod marks;
mod memory;
mod mouse;
mod outcomes;
mod palette;
mod plans;
mod progress;
mod rebound;
mod roles;
mod safety;
mod screen;
mod trouble;
mod truth;
mod typing;
mod verbs;
mod walk;
mod wide;
mod widths;
mod witnesses;

use crate::support::harness::{Harness, Setup};

/// Two communities and five groups in none; nothing misbehaves.
const PLAIN: &str = r#"
[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", "Lab results", "Radiology"]

[[community]]
name = "North Schools"
id = "120363400000001001"
groups = ["Class 1A", "Class 1B"]

[standalone]
groups = ["Cleaning rota", "Kitchen", "Night nurses", "Parking", "Pharmacy night shift"]
"#;

/// The plain world, whose list of groups marks communities.
fn plain() -> Setup {
    with("")
}

/// The plain world with a prefix: faults, settings.
fn with(head: &str) -> Setup {
    with_settings("", head)
}

/// The same with lines for the world's `[settings]`.
fn with_settings(settings: &str, head: &str) -> Setup {
    let base = "[settings]\nlatency_ms = [100, 100]";
    let fields = "[ryzeapi]\nlist_community_fields = true";
    Harness::toml(&format!("seed = 1\n{base}\n{settings}\n{fields}\n{head}\n{PLAIN}"))
}

/// The states that a group went through on the operation pane, each as often as the group entered it.
fn states(synod: &Harness, group: &str) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    for frame in synod.frames() {
        // In the rows of the panes above there is a line.
        let row = frame.lines().find(|line| line.contains(group) && !line.contains('│'));
        let Some(row) = row else { continue };
        let word: String = row.chars().skip(3).take(13).collect();
        if states.last().is_none_or(|last| last != word.trim()) {
            states.push(word.trim().to_owned());
        }
    }
    states
}
