//! The built-in worlds with random misbehaviour do misbehave, and not always.

use std::{collections::BTreeSet, time::Duration};
use tokio::time::sleep;

use crate::support::simulated::{
    BOTH, HARBOR, RECEPTION, built_in, change, entries, is_linked, leave, list, listing,
};
use synod::simulator::{GatewayKind, Simulator};

/// The different answers to the same read, with their statuses.
async fn answers(simulator: &Simulator, kind: GatewayKind, of_listing: bool) -> BTreeSet<(u16, String)> {
    let mut found = BTreeSet::new();
    for _ in 0..30 {
        let got =
            if of_listing { listing(simulator, kind, HARBOR).await } else { list(simulator, kind).await };
        found.insert((got.status, got.text));
    }
    found
}

#[tokio::test(start_paused = true)]
async fn wrong_reads_come_and_go() {
    for kind in BOTH {
        for world in ["incomplete", "cut", "other_community"] {
            assert!(answers(&built_in(world), kind, true).await.len() > 1, "{world}");
        }
        assert!(answers(&built_in("blank"), kind, false).await.len() > 1);
        let statuses: BTreeSet<u16> = answers(&built_in("proxy_pages"), kind, false)
            .await
            .into_iter()
            .map(|(status, _)| status)
            .collect();
        assert_eq!(statuses, BTreeSet::from([200, 401, 403, 503, 524]));
    }
}

#[tokio::test(start_paused = true)]
async fn two_servers_answer_in_turn_after_a_change() {
    for world in ["stale", "alternating"] {
        for kind in BOTH {
            let simulator = built_in(world);
            assert_eq!(answers(&simulator, kind, true).await.len(), 1, "nothing has changed yet");
            change(&simulator, kind, "unlink", HARBOR, RECEPTION).await;
            sleep(Duration::from_secs(10)).await;
            assert_eq!(answers(&simulator, kind, true).await.len(), 2, "{world}");
            sleep(Duration::from_secs(30)).await;
            assert_eq!(answers(&simulator, kind, true).await.len(), 1, "{world} has caught up");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn writes_are_throttled_before_or_after_they_take_effect() {
    for (world, status, is_done) in [("rate_overlimit", 500, false), ("throttled_after", 429, true)] {
        for kind in BOTH {
            let simulator = built_in(world);
            let mut struck = 0;
            for nth in 1..=5 {
                let group = format!("12036340025000000{nth}");
                let got = change(&simulator, kind, "link", HARBOR, &group).await;
                assert!([200, status].contains(&got.status), "{world}: {}", got.text);
                struck += u32::from(got.status == status);
                assert_eq!(is_linked(&simulator, &group, HARBOR), got.status == 200 || is_done, "{world}");
            }
            assert!((1..5).contains(&struck), "{world}: {struck}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_in_five_reads_is_about_one_in_five() {
    let simulator = built_in("one_in_five_reads");
    let kind = GatewayKind::Ryzeapi;
    let whole = entries(&simulator, kind).await;
    let (mut short, mut blank) = (0, 0);
    for _ in 0..200 {
        let found = entries(&simulator, kind).await;
        short += u32::from(found.len() < whole.len());
        blank += u32::from(found.iter().all(|entry| entry["name"] == ""));
    }
    assert!((5..=20).contains(&short) && (5..=20).contains(&blank), "{short} short, {blank} blank");
    let group = whole.last().unwrap()["groupJid"].as_str().unwrap().to_owned();
    let mut is_gone = false;
    while !is_gone {
        leave(&simulator, kind, group.trim_end_matches("@g.us")).await;
        is_gone = !simulator.truth().instances["harbor"].is_in(&group);
    }
    sleep(Duration::from_secs(4)).await;
    let mut old = 0;
    for _ in 0..200 {
        old += u32::from(entries(&simulator, kind).await.iter().any(|entry| entry["groupJid"] == *group));
    }
    assert!((8..=36).contains(&old), "{old} from before the leave");
}
