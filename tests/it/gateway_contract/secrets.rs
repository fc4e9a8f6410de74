//! Secrets appear only in the request that needs them, whatever a server echoes.

use std::{fmt::Debug, sync::Arc};

use base64::prelude::{BASE64_STANDARD, Engine};
use rstest::rstest;
use serde_json::json;
use synod::{
    domain::base_url::BaseUrl,
    gateway::{OpenError, SocketOptions, open},
    scrub::Scrubber,
    text::Text,
};

use super::{RECEPTION, community, group};
use crate::support::gateway::{CANARY, Server, client_over, harbor, json as answer, parts_over, raw};

/// How a server may spell the token back.
fn spellings() -> [String; 4] {
    let upper = "canary%2F7f3a%2Btok%3Den".to_owned();
    [CANARY.to_owned(), upper.to_lowercase(), CANARY.to_uppercase(), upper]
}

fn assert_clean(what: &impl Debug) {
    let shown = format!("{what:?}").to_lowercase();
    for part in ["canary", "7f3a", "tok=en", "tok%3den"] {
        assert!(!shown.contains(part), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_servers_echo_is_scrubbed_in_every_spelling() {
    for spelling in spellings() {
        for status in [200, 400, 401, 403, 404, 429, 500, 503] {
            let words = format!("bad /api/x?token={spelling} given");
            let body = json!({
                "success": false, "message": words, "error": { "message": words },
                "linked": [], "failed": [{ "jid": RECEPTION, "error": words }],
            });
            let router = Server::new().answering(move |_| std::future::ready(answer(status, body.clone())));
            let client = client_over(router, harbor());
            assert_clean(&client.connection().await);
            assert_clean(&client.groups().await);
            assert_clean(&client.listing(&community()).await);
            assert_clean(&client.probe(&group(RECEPTION)).await);
            assert_clean(&client.details(&group(RECEPTION)).await);
            assert_clean(&client.writes().unwrap().leave(&group(RECEPTION)).await);
            let response = client.writes().unwrap().link(&community(), &group(RECEPTION)).await;
            assert_clean(&response);
            let shown = response.failure.unwrap().words.unwrap();
            assert!(shown.shown().contains("token=*** given"), "{shown:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_tokens_of_a_list_of_instances_are_not_kept() {
    let body = json!({ "instances": [{
        "name": "harbor", "token": CANARY, "connection": { "state": format!("odd {CANARY}") },
    }] });
    let router = Server::new().answering(move |_| std::future::ready(answer(200, body.clone())));
    let connection = client_over(router, harbor()).connection().await.unwrap();
    assert_clean(&connection);
}

#[tokio::test(start_paused = true)]
async fn the_secrets_of_other_instances_are_scrubbed_too() {
    let body = json!({ "error": { "message": "seen other-secret here" } });
    let router = Server::new().answering(move |_| std::future::ready(answer(400, body.clone())));
    let mut parts = parts_over(router);
    parts.scrubber = Arc::new(Scrubber::new(["other-secret".to_owned().into()]));
    let failure = open(&harbor(), &parts).unwrap().groups().await.unwrap_err();
    assert_eq!(failure.words.unwrap().shown(), "seen *** here");
}

#[tokio::test(start_paused = true)]
async fn long_words_are_cut_and_pages_are_not_quoted() {
    let long = json!({ "error": { "message": "x".repeat(5_000) } });
    let router = Server::new().answering(move |_| std::future::ready(answer(400, long.clone())));
    let words = client_over(router, harbor()).groups().await.unwrap_err().words.unwrap();
    assert!(words.exact().chars().count() <= 201);
    let page = format!("<html>{CANARY}</html>");
    let router = Server::new().answering(move |_| std::future::ready(raw(502, "text/html", &page)));
    assert_eq!(client_over(router, harbor()).groups().await.unwrap_err().words, None);
}

#[tokio::test(start_paused = true)]
async fn nothing_derived_from_a_token_shows_it() {
    let parts = parts_over(axum::Router::new());
    assert_clean(&parts);
    assert_clean(&parts.budgets);
    assert_clean(&harbor());
    let mut broken = harbor();
    broken.token = format!("{CANARY}\n").into();
    let error = open(&broken, &parts).err().unwrap();
    assert_eq!(error, OpenError::Token);
    assert_clean(&Text::english().tell(&error));
}

#[rstest]
#[case("https://canary/7f3a+tok=en@ryzeapi.cloud")]
#[case("https://ryzeapi.cloud/?token=canary/7f3a+tok=en")]
#[case("http://canary7f3a.example.com")]
fn a_base_url_that_is_refused_is_not_repeated(#[case] base_url: &str) {
    let error = BaseUrl::parse(base_url).unwrap_err();
    assert_clean(&error);
    assert_clean(&Text::english().tell(&error));
    let options = SocketOptions {
        connect_timeout: std::time::Duration::from_secs(1),
        proxy: Some(format!("http://user:{CANARY}@proxy").into()),
        ca_file: None,
    };
    assert_clean(&options);
}

/// Ways in which a hostile server may disguise the token from a search, while people can still read it.
fn disguises() -> Vec<String> {
    use base64_of as base64;
    let apart = |between: &str| CANARY.chars().map(|c| format!("{c}{between}")).collect::<Vec<_>>().concat();
    let for_urls = |text: String| text.replace('+', "-").replace('/', "_");
    let unseen = [
        "\u{200b}",
        "\u{200d}",
        "\u{ad}",
        "\u{feff}",
        "\u{202e}",
        "\u{1}",
        "\u{9b}",
        "\u{e0041}",
        "\u{fe0f}",
    ];
    let mut all: Vec<String> = unseen.iter().map(|between| apart(between)).collect();
    for credentials in
        [CANARY.to_owned(), format!("user:{CANARY}"), format!("u:{CANARY}"), format!("ab:{CANARY}")]
    {
        all.push(base64(&credentials));
        all.push(base64(&credentials).trim_end_matches('=').to_owned());
        all.push(for_urls(base64(&credentials)));
    }
    all.extend([format!("{}...", &CANARY[..10]), format!("{}…", &CANARY[..14])]);
    all
}

fn base64_of(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// Checks a visible text: it must contain no spelling of the token.
fn assert_unrecognizable(what: &impl Debug, disguise: &str) {
    let shown = format!("{what:?}").replace("\\u{", "").to_lowercase();
    let visible: String = shown.chars().filter(char::is_ascii_graphic).collect();
    let spelled: String = disguise.chars().filter(char::is_ascii_graphic).collect::<String>().to_lowercase();
    assert!(!visible.contains("canary") && !visible.contains(&spelled), "{disguise:?}: {shown}");
}

#[tokio::test(start_paused = true)]
async fn no_disguise_gets_a_secret_past_the_scrubbing_of_words_and_names() {
    for disguise in disguises() {
        let words = format!("bad token {disguise} given");
        let body = json!({ "success": false, "error": { "message": words } });
        let router = Server::new().answering(move |_| std::future::ready(answer(400, body.clone())));
        assert_unrecognizable(&client_over(router, harbor()).groups().await, &disguise);

        let group = json!({ "jid": RECEPTION, "name": format!("x {disguise}"), "description": disguise, "isDefaultSubGroup": true });
        let body = json!({ "success": true, "groups": [group], "subgroups": [group], "group": group });
        let router = Server::new().answering(move |_| std::future::ready(answer(200, body.clone())));
        let client = client_over(router, harbor());
        let listed = client.groups().await.unwrap();
        assert_eq!(listed.groups.iter().count(), 1);
        assert_unrecognizable(&listed, &disguise);
        assert_unrecognizable(&client.listing(&community()).await.unwrap(), &disguise);
        assert_unrecognizable(&client.details(&super::group(RECEPTION)).await.unwrap(), &disguise);
    }
}
