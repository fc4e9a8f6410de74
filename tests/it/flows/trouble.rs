//! Faults on the way to the gateway: a message says what to do, and the screen stays usable.

use std::time::Duration;

use super::plain;
use crate::support::harness::{Harness, Weather};

/// The screen reacts, the token appears nowhere, and nothing was written.
async fn is_usable(synod: &mut Harness) {
    synod.keys("?").await.shows("Keys").keys("<esc>").await.hides("page up");
    synod.keys("<tab>/abc").await.shows("/abc").keys("<esc><backtab>").await;
    synod.resize(80, 24).await.resize(50, 12).await.resize(120, 40).await;
    assert!(synod.is_running());
    assert!(synod.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token() {
    let mut synod = plain().wrong_token().start().await;
    synod.until_said("the gateway does not accept the token").await;
    synod.until_said("Put the right token where the configuration takes it from").await;
    is_usable(&mut synod).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_instance() {
    let mut synod = plain().unknown_instance().start().await;
    synod.until_said("the gateway does not know this instance").await;
    synod.until_said("Check the instance's name in the configuration").await;
    is_usable(&mut synod).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_not_connected() {
    let mut synod = plain().connection("disconnected").start().await;
    synod.until_said("not connected").await;
    synod
        .until_said(
            "Connect it in the gateway's panel, then try again. Or press [I] to connect it from here, or [r]",
        )
        .await;
    is_usable(&mut synod).await;
    synod.simulator.set_state("harbor", "connected");
    synod.keys("r").await;
    synod.until("● connected").await;
    synod.loaded().await.shows("  Parking").hides("not connected").hides("panel");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_cannot_be_reached() {
    comes_back(Weather::Unreachable, "the gateway cannot be reached", "Check the network and base_url").await;
}

#[tokio::test(start_paused = true)]
async fn a_page_instead_of_json() {
    comes_back(Weather::Page, "a proxy or protection page answered with 200", "any proxy in between").await;
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_not_accepted() {
    comes_back(Weather::WrongCertificate, "certificate was not accepted", "ca_file").await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_another_shape() {
    comes_back(
        Weather::Nonsense,
        "the answer is not in the gateway's documented format",
        "look for a newer version of Synod",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_reached_while_reading() {
    comes_back(
        Weather::TooMany,
        "request limit is reached",
        "wait a minute and try again. Press [r] to read again",
    )
    .await;
}

/// The screen explains the problem and the fix; afterwards, `r` reads everything.
async fn comes_back(weather: Weather, what: &str, advice: &str) {
    let mut synod = plain().weather(weather).start().await;
    synod.until_said(what).await;
    synod.until_said(advice).await;
    is_usable(&mut synod).await;
    synod.weather(Weather::Fine);
    synod.pass(Duration::from_secs(60)).await;
    synod.keys("r").await;
    synod.until("● connected").await;
    synod.loaded().await.shows("  Parking").shows(" 3/50 ").hides(what);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_written_sends_nothing_and_says_so() {
    let mut synod = plain().unwritable_journal().start().await;
    synod.loaded().await.shows("Parking");
    synod.until_said("Nothing can be sent").await;
    synod.keys("<tab><tab> l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.pass(Duration::from_secs(30)).await;
    synod.says("Not started: the state directory").says("choose another with --state-dir");
    synod
        .keys("<esc>")
        .await
        .says("Nothing can be sent: the state directory")
        .says("choose another with --state-dir")
        .shows("Space mark");
    assert!(synod.writes().is_empty());
    // Once the journal can be written, it continues.
    std::fs::remove_file(synod.state_dir().join("state")).unwrap();
    synod.keys("r").await;
    synod.until_gone("Nothing can be sent").await;
    synod.keys("gl").await;
    synod.confirmed().await;
    synod.shows("1 verified");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_network_fails_in_the_middle_of_an_operation() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("accepted").await;
    synod.weather(Weather::Unreachable);
    synod.until_done().await;
    synod.hides("5 verified");
    let linked = synod.writes().len();
    assert!(linked < 5);
    synod.weather(Weather::Fine);
    synod.keys("r").await;
    synod.loaded().await.shows("● connected");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_community_in_the_configuration_is_reported_and_the_others_work() {
    let mut synod = Harness::world("no_fields")
        .communities(&["120363400000000001@g.us", "120363499999999999@g.us"])
        .start()
        .await;
    synod.loaded().await;
    synod.shows(" 3/50 ").shows("! ?");
    synod.keys("<down>").await.says("The community's group list could not be read");
    synod.end().await;
}
