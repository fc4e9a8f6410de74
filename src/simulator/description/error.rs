//! A mistake in a world file, reported as a sentence: the file, the line, the mistake, and a correct example.

use std::{fmt, ops::Range};

/// Why a world could not be loaded; its `Display` is a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldError {
    sentence: String,
}

impl fmt::Display for WorldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl std::error::Error for WorldError {}

/// For each table of a world file: correct lines, the most instructive first.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("", &["seed = 7"]),
    (
        "settings",
        &[
            "listing_lag_ms = [1000, 3000]",
            "latency_ms = [40, 120]",
            "link_delay_ms = 1000",
            "subgroup_limit = 50",
            "limit_counts_announcements = false",
            "member_link = \"suggest\"",
        ],
    ),
    (
        "ryzeapi",
        &[
            "silent_extra = \"neither\"",
            "failed_items = \"objects\"",
            "already_linked = \"linked\"",
            "last_subgroup = \"stays\"",
            "not_a_community = \"plain_words\"",
            "listing_id = \"nested\"",
            "list_cap = 500",
            "participant_ids = \"lid\"",
            "foreign_token = \"unauthorized\"",
            "list_community_fields = true",
            "rate_limit = 100",
            "rate_window_seconds = 60",
            "rate_drain_per_second = 0.5",
            "rate_headers = true",
        ],
    ),
    (
        "zapi",
        &[
            "partial = \"named\"",
            "info_after_leave = \"not_found\"",
            "max_page_size = 20",
            "page_ignored = true",
            "pages = [100, 99, 71]",
            "list_cap = 500",
            "listing_id = \"number\"",
            "device_number = \"international\"",
            "participant_number = \"c_us\"",
            "light_name = true",
            "light_community_id = false",
        ],
    ),
    (
        "wsapi",
        &["not_paired_status = 403", "is_single = true", "only_own_subgroups = true", "list_cap = 500"],
    ),
    ("whatsmiau", &["opened_announcements = true", "participant_ids = \"lid\""]),
    ("evolution", &["list_cap = 500", "participant_ids = \"lid\""]),
    (
        "uazapi",
        &["force_only_starts = true", "null_lists = true", "names_nothing = true", "omits_kind = true"],
    ),
    ("instance", &["name = \"ops\"", "gateway = \"ryzeapi\"", "state = \"connected\"", "role = \"admin\""]),
    (
        "community",
        &[
            "groups = [\"Reception\", { name = \"Lab\", members = 41, role = \"member\" }]",
            "name = \"Harbor Clinics\"",
            "role = \"admin\"",
            "roles = { shop = \"member\" }",
        ],
    ),
    ("standalone", &["groups = [\"Parking\", { name = \"Cleaning rota\", members = 9 }]"]),
    (
        "generate",
        &[
            "communities = 40",
            "groups = [5, 50]",
            "standalone = 200",
            "total = 10000",
            "instances = 2",
            "admin_share = 0.9",
            "seed = 7",
        ],
    ),
    (
        "fault",
        &[
            "on = \"link\"",
            "then = \"timeout_after\"",
            "share = 0.2",
            "times = 1",
            "first = 2",
            "nth = 3",
            "seconds = 90",
            "status = 503",
            "change = true",
            "entries = 6",
            "part = 0.2",
            "to = \"North Schools\"",
        ],
    ),
];

impl WorldError {
    pub(crate) fn new(sentence: String) -> Self {
        Self { sentence }
    }

    pub(crate) fn from_toml(error: &toml::de::Error, text: &str, file: &str) -> Self {
        let Range { start, .. } = error.span().unwrap_or(0..0);
        let line = text.get(..start).unwrap_or(text).matches('\n').count();
        Self::at_line(file, text, line, error.message())
    }

    /// A mistake that shows only in the whole file; its place is the first line that contains `offender` in quotes.
    pub(crate) fn about(file: &str, text: &str, offender: &str, what: &str) -> Self {
        let quoted = format!("\"{offender}\"");
        let line = text.lines().position(|line| line.contains(&quoted)).unwrap_or(0);
        Self::at_line(file, text, line, what)
    }

    /// `line` counts from 0.
    fn at_line(file: &str, text: &str, line: usize, what: &str) -> Self {
        let what = what.replace('\n', ", ");
        let section = section_of(text, line);
        let key = text.lines().nth(line).unwrap_or_default().split('=').next().unwrap_or_default().trim();
        let known = EXAMPLES.iter().find(|(name, _)| *name == section).map_or(&[][..], |(_, lines)| *lines);
        // The message names a missing field; the line does not show it.
        let missing = what.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let wanted = missing.unwrap_or(key);
        let same_key = known.iter().find(|example| example.split(" = ").next() == Some(wanted));
        let doubled = format!("[[{section}]]");
        let is_single = what.starts_with("invalid type: map, expected a sequence");
        let plain = same_key.or(known.first()).copied().unwrap_or("[[community]]");
        let example = if is_single { &doubled } else { plain };
        let place = if section.is_empty() { "at the top".to_owned() } else { format!("under `{section}`") };
        Self::new(format!(
            "{file}, line {}: {what}. An example of what is right {place}: {example}",
            line + 1
        ))
    }
}

/// The table that contains a line, or "".
fn section_of(text: &str, line: usize) -> String {
    text.lines()
        .take(line + 1)
        .filter_map(|line| line.trim().strip_prefix('['))
        .filter_map(|rest| rest.trim_start_matches('[').split(']').next())
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()))
        .last()
        .unwrap_or_default()
        .to_owned()
}
