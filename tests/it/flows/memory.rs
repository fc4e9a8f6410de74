//! What an earlier run read is shown at once and with its age; nothing is decided by it.

use std::time::Duration;

use super::plain;
use crate::support::harness::{Harness, Weather};

const THREE_HOURS: Duration = Duration::from_secs(3 * 3_600 + 120);

/// A program that comes three hours after one that read everything, on the same world as it was at the start.
async fn second(weather: Weather) -> Harness {
    let mut first = plain().start().await;
    first.loaded().await;
    let left = first.left_behind();
    first.end().await;
    plain().after(left, THREE_HOURS).weather(weather).start().await
}

#[tokio::test(start_paused = true)]
async fn a_start_shows_what_was_last_read_with_its_age_until_it_is_read_again() {
    let mut synod = second(Weather::Unreachable).await;
    synod.until_said("the gateway cannot be reached").await;
    synod.shows("[ ] Parking").shows("Harbor Clinics").shows("read 3 h ago");
    synod.weather(Weather::Fine);
    synod.keys("r").await.loaded().await.shows("[ ] Parking").hides("read 3 h ago");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_planned_on_what_was_last_read() {
    let mut synod = second(Weather::Unreachable).await;
    synod.until_said("the gateway cannot be reached").await;
    synod.keys("<tab><tab> l").await.until_said("Nothing can run now").await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_leaves_the_newer_listing_behind() {
    let mut first = plain().start().await;
    first.loaded().await;
    first.keys("<tab><tab>/night<enter> l").await.until("Press y").await;
    first.keys("y").await.until("1 verified").await;
    let left = first.left_behind();
    first.end().await;
    let mut second = plain().after(left, THREE_HOURS).weather(Weather::Unreachable).start().await;
    second.until_said("the gateway cannot be reached").await;
    second.keys("<tab>/night").await.shows("▸[ ] Night nurses");
    // This gateway's world is as it was before: what is read now counts, and what was last read no more.
    second.weather(Weather::Fine);
    second.keys("<esc>r").await.loaded().await.keys("<tab>/night").await.shows("▸[ ] Night nurses");
    second.end().await;
}
