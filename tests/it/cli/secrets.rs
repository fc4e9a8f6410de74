//! The program's output, files and log never contain the token of an instance, though a gateway repeats it in every way.

use std::fs;

use base64::prelude::{BASE64_STANDARD, Engine};

use super::sandbox::{CliSandbox, REPORTS, WORLD};

const TOKEN: &str = "canary-token-5511";

/// The token with invisible characters between its letters.
fn apart() -> String {
    TOKEN.chars().map(|c| format!("{c}\\u200b")).collect::<Vec<_>>().concat()
}

fn base64() -> String {
    BASE64_STANDARD.encode(format!("user:{TOKEN}"))
}

/// Whether a text shows the token to a person who looks at it.
fn shows(text: &str) -> bool {
    let seen: String = text.replace("\\u200b", "").chars().filter(char::is_ascii_graphic).collect();
    seen.to_lowercase().contains(TOKEN) || seen.contains(&base64())
}

/// A world whose refusals and names repeat the token.
fn world() -> String {
    WORLD
        .replace("\"not-authorized\"", &format!("\"no {} {} {}...\"", apart(), base64(), &TOKEN[..12]))
        .replace("\"Kitchen\"", &format!("\"Kitchen {}\"", apart()))
        .replace("\"Night nurses\"", &format!("\"Night {}\"", base64()))
}

#[test]
fn no_output_file_or_log_shows_a_token_that_a_gateway_repeats() {
    let sandbox = CliSandbox::with(&world(), "");
    let mut said = Vec::new();
    for arguments in [
        &["list", "groups"][..],
        &["list", "groups", "--json"],
        &["link", "Parking", "Twins", "--to", "Harbor Clinics", "--plan", "plan.json"],
        &["link", "Parking", "Twins", "--to", "Harbor Clinics", "--yes", "--log-level", "debug"],
        &["link", "Parking", "--to", "North Schools", "--yes", "--json", "--log-level", "debug"],
    ]
    .into_iter()
    .chain(REPORTS)
    {
        let ended = sandbox.run(arguments);
        assert!(!shows(&ended.stdout) && !shows(&ended.stderr), "{arguments:?}: {ended:?}");
        said.push(ended.stdout);
    }
    assert!(said[0].contains("Kitchen ***") && said[0].contains("Night ***"), "{}", said[0]);
    assert!(said[6].contains("no *** *** ***"), "{}", said[6]);
    for file in ["plan.json", "state/log/synod.log"] {
        let text = sandbox.read(file);
        assert!(!text.is_empty() && !shows(&text), "{file}: {text}");
    }
    for file in fs::read_dir(sandbox.path("state"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.is_file())
    {
        assert!(!shows(&String::from_utf8_lossy(&fs::read(&file).unwrap())), "{}", file.display());
    }
}

/// The token in a record of an earlier version is masked on output.
#[test]
fn a_token_in_the_journal_is_masked_on_output() {
    let sandbox = CliSandbox::new();
    sandbox.run(&["link", "Parking", "--to", "Harbor Clinics", "--yes"]);
    let journal = rusqlite::Connection::open(sandbox.path("state/synod.db")).unwrap();
    let changed = journal
        .execute(
            "UPDATE events SET body = replace(replace(body, 'not-authorized', ?1), 'Parking', ?2)",
            [format!("no {TOKEN}"), format!("Park {}", base64())],
        )
        .unwrap();
    assert!(changed > 0);
    drop(journal);
    for arguments in &REPORTS[1..5] {
        let ended = sandbox.expect(0, arguments);
        assert!(
            ended.stdout.contains("no ***") || ended.stdout.contains("Park ***"),
            "{arguments:?}: {ended:?}"
        );
        assert!(!shows(&ended.stdout), "{arguments:?}: {ended:?}");
    }
}
