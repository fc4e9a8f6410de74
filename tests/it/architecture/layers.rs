//! Allowed dependencies: the table of the layers as data, and a check of every `use` and inline path against it.

use super::source::{Source, sources};

/// A module, and the paths that it may name.
struct Layer {
    /// The module. The row also applies to its submodules, unless they have their own row.
    module: &'static str,
    /// Allowed modules of this crate.
    ours: &'static [&'static str],
    /// Allowed crates and their modules, written as in a path.
    others: &'static [&'static str],
}

/// Allowed everywhere.
const FREE: &[&str] = &["std", "core", "alloc", "serde", "thiserror"];
/// Allowed from the gateway layer upward.
const FREE_ABOVE: &[&str] = &["futures_util", "bytes", "async_trait", "tracing"];
/// For the layers below the gateway, which do not use them.
const BELOW: &[&str] = &[
    "domain",
    "scrub",
    "clock",
    "text",
    "files",
    "config",
    "telemetry",
    "export",
    "app",
    "simulator",
    "tui::view",
    "tui::widget",
];

/// Means everything, in either list.
const ALL: &str = "*";

const LAYERS: &[Layer] = &[
    Layer {
        module: "domain",
        ours: &[],
        others: &["hashbrown", "icu_normalizer", "schemars", "strsim", "unicode_segmentation"],
    },
    Layer { module: "scrub", ours: &["domain"], others: &["base64", "secrecy", "serde_json"] },
    Layer { module: "clock", ours: &["domain"], others: &["tokio::time", "jiff"] },
    Layer {
        module: "text",
        ours: &["domain"],
        others: &[
            "fluent_bundle",
            "fluent_syntax",
            "hashbrown",
            "unic_langid",
            "unicode_segmentation",
            "unicode_width",
        ],
    },
    Layer { module: "files", ours: &["domain"], others: &["rustix", "tempfile"] },
    Layer {
        module: "gateway",
        ours: &["domain", "clock", "scrub", "files"],
        others: &[
            "reqwest",
            "rustls",
            "http",
            "hyper_util",
            "tokio",
            "secrecy",
            "backon",
            "serde_json",
            "percent_encoding",
            "jiff",
            "sha2",
        ],
    },
    Layer {
        module: "engine",
        ours: &["domain", "gateway", "listing", "clock", "files"],
        others: &["tokio", "tokio_util", "fastrand"],
    },
    Layer {
        module: "store",
        ours: &["domain", "engine::journal", "engine::locks", "scrub", "files"],
        others: &[
            "rusqlite",
            "tokio",
            "serde_json",
            "postcard",
            "tokio_postgres",
            "tokio_rustls",
            "rustls",
            "rustls_native_certs",
            "age",
            "sha2",
        ],
    },
    Layer { module: "listing", ours: &["domain", "gateway", "clock"], others: &["tokio", "tokio_util"] },
    Layer {
        module: "export",
        ours: &["domain", "text", "clock"],
        others: &["csv", "serde_json", "tempfile", "toml"],
    },
    Layer {
        module: "app",
        ours: &["domain"],
        others: &["tui_input", "nucleo_matcher", "unicode_segmentation"],
    },
    Layer {
        module: "runtime",
        ours: &[
            "app", "listing", "engine", "export", "gateway", "store", "files", "domain", "clock", "scrub",
        ],
        others: &["tokio", "tokio_util"],
    },
    Layer {
        module: "tui::view",
        ours: &["app", "domain", "text", "tui::theme", "tui::keymap", "tui::widget"],
        others: &["ratatui", "unicode_segmentation"],
    },
    Layer {
        module: "tui::widget",
        ours: &["app", "text", "tui::theme"],
        others: &["ratatui", "qrcode", "tui_input"],
    },
    Layer {
        module: "tui",
        ours: &["app", "domain", "text", "clock", "scrub"],
        others: &["ratatui", "crossterm", "rustix", "tokio", "tui_input", "terminal_colorsaurus"],
    },
    Layer {
        module: "cli",
        ours: &[
            "listing", "engine", "export", "store", "gateway", "config", "domain", "text", "clock", "scrub",
            "files",
        ],
        others: &["clap", "clap_complete", "rustix", "secrecy", "tokio", "tokio_util"],
    },
    Layer {
        module: "simulator",
        ours: &[],
        others: &[
            "axum",
            "tokio",
            "toml",
            "serde_json",
            "tower",
            "hyper",
            "hyper_util",
            "http",
            "bytes",
            "fastrand",
            "jiff",
        ],
    },
    Layer {
        module: "config",
        ours: &["domain", "files"],
        others: &[
            "toml",
            "toml_edit",
            "secrecy",
            "strsim",
            "sha2",
            "etcetera",
            "tokio",
            "rustix",
            "ratatui::style",
        ],
    },
    Layer {
        module: "telemetry",
        ours: &["domain", "scrub", "files"],
        others: &["tracing", "tracing_subscriber", "tracing_appender"],
    },
    Layer { module: "bootstrap", ours: &[ALL], others: &[ALL] },
    Layer { module: "main", ours: &["bootstrap"], others: &[] },
    Layer { module: "", ours: &[], others: &[] },
];

/// Crates of Cargo.toml. A path whose first segment is neither one of these nor a keyword is a local name.
fn crates() -> Vec<String> {
    let manifest: toml::Table = include_str!("../../../Cargo.toml").parse().unwrap();
    let tables = ["dependencies", "dev-dependencies"].map(|name| manifest[name].as_table().unwrap());
    tables.into_iter().flat_map(|table| table.keys().map(|name| name.replace('-', "_"))).collect()
}

fn is_within(path: &str, module: &str) -> bool {
    module == ALL
        || path == module
        || path.strip_prefix(module).is_some_and(|rest| module.is_empty() || rest.starts_with("::"))
}

fn layer(module: &str) -> Option<&'static Layer> {
    let fits = |layer: &&Layer| {
        if layer.module.is_empty() { module.is_empty() } else { is_within(module, layer.module) }
    };
    LAYERS.iter().filter(fits).max_by_key(|layer| layer.module.len())
}

/// The paths in a file that its layer may not name.
fn forbidden(source: &Source, crates: &[String]) -> Vec<String> {
    // Unit tests in a separate file may name whatever they need, like those inside a file.
    if source.module.ends_with("::tests") {
        return Vec::new();
    }
    let Some(layer) = layer(&source.module) else {
        return vec![format!("{}: no row of the table covers this module", source.path)];
    };
    let is_free =
        |name: &str| FREE.contains(&name) || FREE_ABOVE.contains(&name) && !BELOW.contains(&layer.module);
    let mut wrong = Vec::new();
    for named in source.named(false) {
        let path = named.segments.join("::");
        let allowed = if let Some(ours) = path.strip_prefix("crate::") {
            !layer.module.is_empty() && is_within(ours, layer.module)
                || layer.ours.iter().any(|module| is_within(ours, module))
        } else if crates.contains(&named.segments[0]) {
            is_free(&named.segments[0]) || layer.others.iter().any(|other| is_within(&path, other))
        } else {
            true
        };
        if !allowed {
            wrong.push(format!("{}: {} may not name {path}", source.path, layer.module));
        }
    }
    wrong
}

#[test]
fn imports_only_point_downward() {
    let crates = crates();
    let wrong: Vec<String> = sources().iter().flat_map(|source| forbidden(source, &crates)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A permission that nothing uses would hide a change of the design.
#[test]
fn no_row_allows_what_nobody_names() {
    let sources = sources();
    let mut unused = Vec::new();
    for row in LAYERS {
        let files =
            sources.iter().filter(|source| layer(&source.module).is_some_and(|own| own.module == row.module));
        let named: Vec<String> =
            files.flat_map(|source| source.named(false)).map(|named| named.segments.join("::")).collect();
        let ours = row.ours.iter().map(|module| format!("crate::{module}"));
        for allowed in ours.chain(row.others.iter().map(|other| (*other).to_owned())) {
            let is_all = allowed.ends_with(ALL);
            if !is_all && !named.iter().any(|path| is_within(path, &allowed)) {
                unused.push(format!("{}: {allowed}", row.module));
            }
        }
    }
    assert!(unused.is_empty(), "\n{}", unused.join("\n"));
}

#[test]
fn the_rule_of_layers_can_fail() {
    let crates = crates();
    for (path, bad) in [
        ("domain/plan.rs", "use crate::gateway::Gateway;"),
        ("domain/plan.rs", "use tokio::time::Instant;"),
        ("domain/plan.rs", "fn f() { tokio::spawn(async {}); }"),
        ("domain/plan.rs", "fn f() { let x: ::jiff::Timestamp = now(); }"),
        ("domain/plan.rs", "fn f() { info!(\"{}\", crate::text::format::number(1)); }"),
        ("domain/plan.rs", "use super::super::text::Text;"),
        ("domain.rs", "mod plan { use super::super::text::Text; }"),
        ("clock.rs", "use tokio::net::TcpStream;"),
        ("app/update.rs", "use {std::fmt, crate::{domain::id, engine::{self, Engine}}};"),
        ("app/update.rs", "use ratatui as r;"),
        ("app/update.rs", "fn f() { vec![crossterm::event::read(); 3]; }"),
        ("store.rs", "use crate::engine::worker::Worker;"),
        ("tui/view/panes.rs", "use crate::runtime::Runtime;"),
        ("tui/view/panes.rs", "use crate::tui::terminal::Terminal;"),
        ("tui.rs", "use crate::cli::args;"),
        ("cli/list.rs", "use crate::tui::Tui;"),
        ("simulator/world.rs", "use crate::domain::id::GroupId;"),
        ("simulator/world.rs", "use synod::domain::id::GroupId;"),
        ("new_thing.rs", "use std::fmt;"),
    ] {
        assert!(!forbidden(&Source::of(path, bad), &crates).is_empty(), "{path}: {bad}");
    }
}

#[test]
fn the_rule_of_layers_accepts_allowed_imports() {
    let crates = crates();
    for (path, good) in [
        ("domain/plan.rs", "use std::fmt; use super::{id::GroupId, name}; use serde::Serialize;"),
        ("domain/plan.rs", "#[cfg(test)] mod tests { use proptest::prelude::*; }"),
        ("clock.rs", "use tokio::time::{Instant, sleep};"),
        ("store.rs", "use crate::engine::journal::Journal; use rusqlite::params;"),
        ("gateway/http.rs", "use bytes::Bytes; fn f() { text.len(); http::Uri::from_static(\"/\"); }"),
        ("tui.rs", "use crate::{app::State, tui::view}; use self::theme::Theme;"),
        ("bootstrap.rs", "use crate::{cli, tui, simulator}; use reqwest::Client;"),
    ] {
        assert_eq!(forbidden(&Source::of(path, good), &crates), Vec::<String>::new(), "{path}: {good}");
    }
}
