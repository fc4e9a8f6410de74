//! Data from an earlier run is shown at once with its age; it decides nothing.

use std::time::Duration;

use super::plain;
use crate::support::harness::{Harness, Weather};

const THREE_HOURS: Duration = Duration::from_secs(3 * 3_600 + 120);

/// A program that starts three hours after one that read everything, on the same world in its original state.
async fn second(weather: Weather) -> Harness {
    let mut first = plain().start().await;
    first.loaded().await;
    let left = first.left_behind();
    first.end().await;
    plain().after(left, THREE_HOURS).weather(weather).start().await
}

#[tokio::test(start_paused = true)]
async fn a_start_shows_the_last_readings_with_their_age_until_new_ones_arrive() {
    let mut synod = second(Weather::Unreachable).await;
    synod.until_said("the gateway cannot be reached").await;
    synod.shows("  Parking").shows("Harbor Clinics").shows("read 3 h ago");
    synod.weather(Weather::Fine);
    synod.keys("r").await.loaded().await.shows("  Parking").hides("read 3 h ago");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn no_plan_relies_on_the_last_readings() {
    let mut synod = second(Weather::Unreachable).await;
    synod.until_said("the gateway cannot be reached").await;
    synod.keys("<tab><tab> l").await.until_said("Nothing can run now").await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_saves_the_newer_listing() {
    let mut first = plain().start().await;
    first.loaded().await;
    first.keys("<tab><tab>/night<enter> l").await.until("Press [y]").await;
    first.keys("y").await.until("1 verified").await;
    let left = first.left_behind();
    first.end().await;
    let mut second = plain().after(left, THREE_HOURS).weather(Weather::Unreachable).start().await;
    second.until_said("the gateway cannot be reached").await;
    second.keys("<tab>/night").await.shows("▸  Night nurses");
    // This gateway's world is unchanged: the new reading counts, and the last one no longer does.
    second.weather(Weather::Fine);
    second.keys("<esc>r").await.loaded().await.keys("<tab>/night").await.shows("▸  Night nurses");
    second.end().await;
}
