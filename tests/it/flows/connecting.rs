//! Connecting an instance to `WhatsApp` from the window with the instances.

use std::time::Duration;

use synod::simulator::Logged;

use super::with;
use crate::support::harness::{Harness, Setup, Weather};

/// An instance on either gateway, neither of them connected; `settings` says which code a phone accepts.
fn world(settings: &str, more: &str) -> Setup {
    world_after(5, settings, more)
}

/// The same, but the phone needs this many seconds until the instance is connected.
fn world_after(seconds: u32, settings: &str, more: &str) -> Setup {
    let instances = r#"
[[instance]]
name = "harbor"
state = "disconnected"
[[instance]]
name = "shop"
gateway = "zapi"
id = "SHOP-ID-7f3a"
token = "shop-token-91bc"
state = "loggedout"
"#;
    super::with_settings(settings, &format!("pairs_after_seconds = {seconds}\n{more}\n{instances}"))
}

/// The writes so far, by verb.
fn asked(synod: &Harness) -> Vec<String> {
    synod.writes().into_iter().map(|write| write.verb).collect()
}

/// Opens the window on the shown instance.
async fn open(setup: Setup, keys: &str) -> Harness {
    let mut synod = setup.start().await;
    synod.until("not connected").await;
    synod.keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.keys(keys).await;
    synod
}

/// The QR code on the screen, read from its half blocks as a phone sees it: dark is true.
fn modules(synod: &Harness) -> Vec<Vec<bool>> {
    use ratatui::style::Color;
    let buffer = synod.buffer();
    let is_light = |colour| colour == Color::Indexed(231);
    let mut rows = Vec::new();
    for line in buffer.content().chunks(usize::from(buffer.area.width)) {
        let cells: Vec<_> = line
            .iter()
            .filter(|cell| matches!(cell.fg, Color::Indexed(16 | 231)) && cell.symbol() == "▀")
            .collect();
        if !cells.is_empty() {
            rows.push(cells.iter().map(|cell| !is_light(cell.fg)).collect());
            rows.push(cells.iter().map(|cell| !is_light(cell.bg)).collect());
        }
    }
    rows
}

#[tokio::test(start_paused = true)]
async fn a_qr_code_is_shown_and_the_window_closes_when_the_phone_accepts_it() {
    let mut synod = open(world("", ""), "c").await;
    synod.until("scan this code").await;
    synod.says("Valid for 20 s").says("The code is a secret");
    let code = modules(&synod);
    assert!(code.len() > 50 && code.iter().all(|row| row.len() == code[0].len()), "{}", synod.text());
    assert_eq!(asked(&synod), ["connect"]);
    synod.until("ops is connected now.").await;
    synod.loaded().await.shows("● connected").shows(" 3/50 ").hides("Instances");
    assert_eq!(asked(&synod), ["connect"], "one order is one attempt");
    assert!(modules(&synod).is_empty(), "the code is gone");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_validity_of_a_code_counts_down_and_an_expired_code_is_replaced() {
    let mut synod = open(world("scanned_code = 2", ""), "c").await;
    synod.until("Valid for 20 s").await;
    let first = modules(&synod);
    synod.until("Valid for 7 s").await;
    assert_eq!(modules(&synod), first);
    synod.pass(Duration::from_secs(8)).await;
    synod.until("Valid for 1").await;
    assert!(!modules(&synod).is_empty());
    assert_ne!(modules(&synod), first, "another code");
    assert_eq!(asked(&synod), ["connect", "connect"]);
    synod.until("ops is connected now.").await;
    synod.loaded().await;
    assert_eq!(asked(&synod).len(), 2);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn unused_codes_are_not_requested_for_ever() {
    let mut synod = open(world("scanned_code = 0", ""), "c").await;
    synod.until("The code was not used").await;
    assert_eq!(asked(&synod).len(), 6);
    synod.pass(Duration::from_secs(600)).await;
    assert_eq!(asked(&synod).len(), 6);
    assert!(modules(&synod).is_empty());
    synod.keys("r").await;
    synod.until("scan this code").await;
    assert_eq!(asked(&synod).len(), 7);
    synod.keys("<esc>").await.hides("scan this code").shows("Instances");
    synod.pass(Duration::from_secs(600)).await;
    assert_eq!(asked(&synod).len(), 7, "a closed window asks nothing more");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn zapi_is_asked_for_three_codes_as_its_vendor_requires() {
    for shape in ["text", "bare"] {
        let more = format!("[zapi]\nqr_code = \"{shape}\"");
        let mut synod = open(world("scanned_code = 0", &more).on_zapi(), "c").await;
        synod.until("scan this code").await;
        assert!(modules(&synod).len() > 50);
        synod.until("The code was not used").await;
        assert_eq!(asked(&synod), ["connect"; 3]);
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_as_a_picture_is_explained_and_the_alternative_is_offered() {
    let mut synod = open(world("", "[zapi]\nqr_code = \"picture\"").on_zapi(), "c").await;
    synod.until_said("The gateway sent its QR code as a picture").await;
    synod.keys("n").await;
    synod.until("with country code, digits only").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_gets_a_code_that_is_typed_on_the_phone() {
    for setup in [world("", ""), world("", "").on_zapi()] {
        let mut synod = open(setup, "n").await;
        synod.shows("with country code, digits only");
        synod.keys("12<enter>").await.says("Type 7 to 15 digits");
        assert!(synod.writes().is_empty());
        synod.paste("+55 (11) 90000-0001\n").await.keys("<backspace><backspace>").await;
        synod.shows("1255119000000").keys("<enter>").await;
        synod.until("Type this on the phone").await;
        let code = synod.text();
        let is_code = |line: &&str| line.contains(" - ");
        let code = code.lines().find(is_code).unwrap().trim_matches(['│', ' ']).to_owned();
        synod.until("ops is connected now.").await;
        synod.loaded().await;
        assert_eq!(asked(&synod), ["connect"]);
        let (one, other) = code.split_once(" - ").unwrap();
        let plain = format!("{}{}", &one[one.len() - 4..], &other[..4]);
        assert!(!synod.text().contains(&plain) && !synod.text().contains(&code));
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_resumed() {
    for setup in [world("", ""), world("", "").on_zapi()] {
        let mut synod = open(setup, "R").await;
        synod.until("ops is connected now.").await;
        synod.loaded().await.shows("Harbor Clinics");
        assert_eq!(asked(&synod), ["reconnect"]);
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_session_is_reported() {
    let mut synod = open(world("", "").connection("loggedout"), "R").await;
    synod.until_said("Instance has no saved session").await;
    synod.keys("c").await;
    synod.until("scan this code").await;
    synod.until("ops is connected now.").await;
    synod.loaded().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_connected_is_never_connected() {
    for (on_zapi, keys) in
        [(false, "c"), (false, "R"), (false, "n5511900000001<enter>"), (true, "c"), (true, "R")]
    {
        let setup =
            with("[[instance]]\nname = \"harbor\"\n[[instance]]\nname = \"shop\"\ngateway = \"zapi\"");
        let mut synod = if on_zapi { setup.on_zapi() } else { setup }.start().await;
        synod.loaded().await.keys("I").await.keys(keys).await;
        synod.until("ops is already connected; nothing was changed.").await;
        synod.loaded().await.shows("● connected");
        assert!(synod.writes().is_empty(), "{keys}");
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_was_connected_meanwhile_is_not_touched() {
    // The window still says that it is not connected; only the state that is read just before counts.
    let mut synod = open(world("", ""), "").await;
    synod.simulator.set_state("harbor", "connected");
    synod.shows("✗ not connected").keys("c").await;
    synod.until("nothing was changed").await;
    assert!(synod.writes().is_empty());
    synod.loaded().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_whose_state_is_unreadable_is_not_touched() {
    let mut synod = open(world("", ""), "").await;
    synod.weather(Weather::Page);
    synod.keys("c").await;
    synod.until_said("The instance could not be connected").await;
    synod.weather(Weather::Fine);
    synod.pass(Duration::from_secs(120)).await;
    assert!(synod.writes().is_empty(), "nothing is retried automatically");
    synod.keys("c").await;
    synod.until("ops is connected now.").await;
    synod.loaded().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_answer_is_not_requested_again() {
    for then in ["drop_before", "drop_after", "timeout_after", "html_502", "error_500", "empty_body"] {
        let fault = format!("[[fault]]\non = \"connect\"\nthen = \"{then}\"\nchange = false");
        let mut synod = open(world("", &fault), "c").await;
        synod.until_said("The instance could not be connected").await;
        synod.pass(Duration::from_secs(300)).await;
        assert_eq!(asked(&synod), ["connect"], "{then}");
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn read_only_connects_nothing() {
    for keys in ["c", "n", "R"] {
        let mut synod = open(world("", "").read_only(), keys).await;
        synod.says("Synod was started with --read-only and connects nothing");
        synod.pass(Duration::from_secs(60)).await;
        assert!(synod.writes().is_empty());
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_that_does_not_fit_says_how_large_the_terminal_must_be() {
    let mut synod = open(world("scanned_code = 0", "").size(80, 24), "c").await;
    synod.until_said("cells, but the terminal has 80×24").await;
    synod.says("for a code to type on the phone");
    assert!(modules(&synod).is_empty());
    let text = synod.text();
    let needs = text.split("needs ").nth(1).unwrap().split(' ').next().unwrap();
    let (columns, rows) = needs.split_once('×').unwrap();
    let (columns, rows): (u16, u16) = (columns.parse().unwrap(), rows.parse().unwrap());
    synod.resize(columns, rows).await;
    assert!(modules(&synod).len() > 50, "the stated size is sufficient:\n{}", synod.text());
    synod.resize(columns, rows - 4).await;
    assert!(modules(&synod).is_empty());
    synod.resize(50, 12).await.resize(40, 10).await.resize(120, 40).await;
    assert!(modules(&synod).len() > 50);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_accepted_code_is_not_disturbed_by_another_code() {
    // It needs longer than the code is valid.
    let mut synod = open(world_after(31, "", ""), "c").await;
    synod.until_said("The phone accepted it").await;
    synod.until("ops is connected now.").await;
    synod.loaded().await;
    assert_eq!(asked(&synod), ["connect"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn codes_are_in_no_file() {
    let mut synod = open(world("", ""), "n5511977770001<enter>").await;
    synod.until("Type this on the phone").await;
    let line = synod.line(" - ");
    let code = line.trim_matches(['│', ' ']).replace(" - ", "");
    let code = code.split_whitespace().find(|word| word.len() == 8).unwrap_or(&code).to_owned();
    synod.until("ops is connected now.").await;
    synod.loaded().await;
    let mut folders = vec![synod.state_dir().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            files += 1;
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
            assert!(!text.contains(&code) && !text.contains("5511977770001"), "{:?}", entry.path());
        }
    }
    assert!(files > 0);
    // The simulated gateway's log, which tests print, contains neither.
    let log: Vec<Logged> = synod.requests();
    assert!(!format!("{log:?}").contains(&code) && !format!("{log:?}").contains("5511977770001"));
    synod.end().await;
}
