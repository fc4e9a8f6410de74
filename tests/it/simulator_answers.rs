//! Errors and pages of the simulated gateways with any status and text, and changes that an answer denies.

use synod::simulator::GatewayKind::{Ryzeapi, Zapi};

use crate::support::simulated::{
    BOTH, HARBOR, PARKING, RECEPTION, SCHOOLS, built_in, change, is_in, is_linked, last_request, leave, list,
    listing, two_gateways, two_gateways_with,
};

fn text_of(got: &crate::simulator::Got) -> &str {
    got.json["error"]["message"].as_str().or(got.json["error"].as_str()).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn an_error_has_the_status_and_the_words_that_the_world_gives() {
    let words = "info query returned status 429: rate-overlimit";
    for kind in BOTH {
        for status in [400, 404, 500] {
            let more = format!("status = {status}\ntext = \"{words}\"");
            let simulator = two_gateways_with("link", "error", &more);
            let got = change(&simulator, kind, "link", HARBOR, PARKING).await;
            assert_eq!((got.status, text_of(&got)), (status, words));
            assert!(!is_linked(&simulator, PARKING, HARBOR));
            let simulator = two_gateways_with("link", "error", &format!("{more}\nchange = true"));
            assert_eq!(change(&simulator, kind, "link", HARBOR, PARKING).await.status, status);
            assert!(is_linked(&simulator, PARKING, HARBOR));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_of_one_group_meets_its_own_error() {
    let text_of_probe = async |group: &str, then: &str, more: &str| {
        let simulator = two_gateways(&format!(
            "ryzeapi.not_a_community = \"plain_words\"\n[[fault]]\non = \"subgroups\"\ngroup = \"{group}\"\nthen = \"{then}\"\n{more}"
        ));
        let got = listing(&simulator, Ryzeapi, PARKING).await;
        assert_eq!(listing(&simulator, Ryzeapi, HARBOR).await.status, 200);
        (got.status, text_of(&got).to_owned())
    };
    let plain = (400, "JID is not a community".to_owned());
    assert_eq!(text_of_probe("Cleaning", "error", "").await, plain);
    let slow = "status = 400\ntext = \"info query timed out\"";
    assert_eq!(text_of_probe("Parking", "error", slow).await, (400, "info query timed out".to_owned()));
    let simulator = built_in("probe_errors");
    let truth = simulator.truth().instances["harbor"].clone();
    let probe = async |name: &str| {
        let id = truth.names.iter().find(|(_, known)| *known == name).unwrap().0.trim_end_matches("@g.us");
        let got = listing(&simulator, Ryzeapi, id).await;
        (got.status, text_of(&got).to_owned())
    };
    assert_eq!(probe("Throttled").await, (400, "rate-overlimit".to_owned()));
    assert_eq!(probe("Timed out with 500").await, (500, "info query timed out".to_owned()));
    assert_eq!(probe("Not found").await, (404, "item-not-found".to_owned()));
    assert_eq!([probe("Empty at first").await.0, probe("Empty at first").await.0], [200, 200]);
    assert_eq!(probe("Empty at first").await, plain, "only for a moment");
    assert_eq!(probe("Parking").await, plain);
}

#[tokio::test(start_paused = true)]
async fn a_page_comes_with_any_status() {
    for kind in BOTH {
        for (status, title) in
            [(401, "401 Unauthorized"), (403, "403 Forbidden"), (503, "503 Service"), (524, "524")]
        {
            let simulator = two_gateways_with("any", "html", &format!("status = {status}"));
            let got = list(&simulator, kind).await;
            assert_eq!((got.status, &got.headers["content-type"]), (status, &"text/html".parse().unwrap()));
            assert!(got.text.contains(title), "{}", got.text);
            assert_eq!(change(&simulator, kind, "link", HARBOR, PARKING).await.status, status);
            assert!(!is_linked(&simulator, PARKING, HARBOR));
        }
        let simulator = two_gateways_with("link", "html", "status = 200");
        assert!(change(&simulator, kind, "link", HARBOR, PARKING).await.text.contains("Just a moment..."));
        assert!(is_linked(&simulator, PARKING, HARBOR), "a friendly page hides what was done");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_answers_429_can_have_taken_effect() {
    for kind in BOTH {
        for then in ["throttle", "rate_limited"] {
            let simulator = two_gateways_with("any_write", then, "change = true");
            let got = change(&simulator, kind, "link", HARBOR, PARKING).await;
            assert_eq!((got.status, is_linked(&simulator, PARKING, HARBOR)), (429, true), "link, {then}");
            assert!(last_request(&simulator).changed);
            let got = change(&simulator, kind, "unlink", HARBOR, RECEPTION).await;
            assert_eq!(
                (got.status, is_linked(&simulator, RECEPTION, HARBOR)),
                (429, false),
                "unlink, {then}"
            );
            let got = leave(&simulator, kind, RECEPTION).await;
            assert_eq!((got.status, is_in(&simulator, kind, RECEPTION)), (429, false), "leave, {then}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_word_of_whatsapp_comes_with_an_odd_status() {
    let simulator = built_in("whatsapp_words");
    let truth = simulator.truth().instances["harbor"].clone();
    for (name, status, words) in [
        ("Not authorized", 500, "not-authorized"),
        ("Throttled", 404, "rate-overlimit"),
        ("Conflict", 400, "conflict"),
        ("Offline", 500, "websocket not connected"),
        ("Timed out", 400, "timed out"),
    ] {
        let id = truth.names.iter().find(|(_, known)| *known == name).unwrap().0.trim_end_matches("@g.us");
        for kind in BOTH {
            let got = change(&simulator, kind, "link", SCHOOLS, id).await;
            assert!(
                got.status == status && text_of(&got).contains(words),
                "{name}: {} {}",
                got.status,
                got.text
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_demo_says_in_words_that_a_group_is_no_community() {
    let simulator = built_in("harbor");
    let got = listing(&simulator, Ryzeapi, "120363400000000011").await;
    assert_eq!((got.status, text_of(&got)), (400, "JID is not a community"));
    assert_eq!(
        text_of(&listing(&built_in("plain_words"), Ryzeapi, "120363400000000011").await),
        "JID is not a community"
    );
    assert_eq!(text_of(&listing(&two_gateways(""), Zapi, PARKING).await), "Community not found");
}
