//! The window with the instances.

use std::time::Duration;

use super::{plain, with};
use crate::support::harness::{Harness, Weather};

/// Two instances on one gateway and one on the other; the second is not connected.
const THREE: &str = r#"
[[instance]]
name = "harbor"
[[instance]]
name = "annex"
state = "disconnected"
[[instance]]
name = "shop"
gateway = "zapi"
id = "SHOP-ID-7f3a"
token = "shop-token-91bc"
"#;

fn three() -> crate::support::harness::Setup {
    with(THREE)
}

#[tokio::test(start_paused = true)]
async fn all_instances_show_their_state_side_by_side() {
    let mut synod = three().all_instances().start().await;
    synod.loaded().await.keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.shows("ops (shown)").shows("Z-API").shows("no operation running");
    assert!(synod.line("annex").contains("✗ not connected (disconnected)"));
    assert!(synod.line("shop").contains("● connected"));
    assert!(synod.line("shop").contains("5511900000003"));
    assert!(synod.line("▸ ops").contains("/100"));
    // Every one of them was asked, and nothing was changed.
    assert!(synod.writes().is_empty());
    synod.keys("<esc>").await.hides("Instances");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn enter_chooses_and_reads_an_unread_instance() {
    let mut synod = three().all_instances().start().await;
    synod.loaded().await.keys("I<down><down><enter>").await;
    synod.until("shop @ Z-API").await;
    synod.loaded().await.shows("Harbor Clinics").hides("Instances");
    let before = synod.requests().len();
    synod.keys("[").await.shows("annex @ RyzeAPI").keys("[").await.shows("ops @ RyzeAPI 1/3");
    synod.keys("]]").await.shows("shop @ Z-API 3/3");
    synod.loaded().await;
    let read: Vec<String> = synod.requests()[before..].iter().map(|asked| asked.instance.clone()).collect();
    assert!(read.iter().all(|instance| instance == "annex"), "the others had been read: {read:?}");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_shows_where_it_runs() {
    let mut synod = three().all_instances().start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("sending").await;
    synod.keys("I").await;
    synod.until_gone("asking the gateway").await;
    assert!(synod.line("▸ ops").contains("link 5 groups"), "{}", synod.text());
    synod.keys("<esc>").await;
    synod.until_done().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn other_instances_of_an_accounts_token_show_lines_for_the_configuration() {
    let mut synod = three().account_token().start().await;
    synod.loaded().await.keys("I").await;
    synod.until("annex").await;
    assert!(synod.line("annex").contains("not configured"));
    synod.keys("<down>").await;
    synod.says("The token of ops belongs to its account").shows("[[instance]]").shows("instance = \"annex\"");
    synod.shows("gateway = \"ryzeapi\"").shows("base_url = \"https://gateway.test\"");
    synod.keys("<enter>").await.says("This instance is not in the configuration").shows("Instances");
    synod.keys("c").await.says("This instance is not in the configuration");
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_configured_instance_is_not_listed_as_another() {
    let mut synod = three().account_token().all_instances().start().await;
    synod.loaded().await.keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.hides("not configured");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instances_own_token_lists_no_other_instances() {
    let mut synod = three().start().await;
    synod.loaded().await.keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.hides("annex").hides("not configured");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn r_reads_the_states_again_and_a_lost_gateway_is_reported() {
    let mut synod = plain().start().await;
    synod.loaded().await.pass(Duration::from_secs(1)).await.keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.weather(Weather::Unreachable);
    synod.keys("r").await;
    synod.until("the gateway cannot be reached").await;
    synod.says("Check the network and base_url");
    synod.weather(Weather::Fine);
    synod.keys("r").await;
    synod.until_gone("cannot be reached").await;
    synod.simulator.set_state("harbor", "loggedout");
    synod.keys("r").await;
    synod.until("not connected (loggedout)").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn hostile_names_of_other_instances_control_nothing() {
    let names = [r"\u001b]0;x\u0007evil", r"\u202egnp.exe", r"\u200b", r"Ação 🎶 \u0000 \\ \u0022"];
    let instances: Vec<String> =
        names.iter().map(|name| format!("[[instance]]\nname = \"{name}\"\n")).collect();
    let instances = instances.concat();
    let mut synod =
        with(&format!("[[instance]]\nname = \"harbor\"\n{instances}")).account_token().start().await;
    synod.loaded().await.keys("I").await;
    synod.until("not configured").await;
    for _ in 0..names.len() {
        synod.keys("<down>").await;
    }
    for size in [(80, 24), (60, 15), (50, 12), (40, 10), (120, 40)] {
        synod.resize(size.0, size.1).await;
    }
    synod.shows("instance = \"");
    // Every frame is checked at the end.
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_window_ignores_answers() {
    let mut synod = Harness::toml("seed = 1\n[settings]\nlatency_ms = [5000, 5000]\n").start().await;
    synod.loaded().await.keys("I").await.shows("asking the gateway").keys("<esc>").await;
    synod.pass(Duration::from_secs(30)).await;
    synod.hides("Instances").shows("● connected");
    synod.end().await;
}
