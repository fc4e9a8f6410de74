//! The roles of the number: shown in each row, read in the background, stored, and used by plans.

use std::{sync::Arc, time::Duration};

use synod::simulator::Logged;
use tempfile::TempDir;

use crate::support::harness::{Harness, Setup};

/// Two communities, and 61 groups in none. The number administers all groups but two.
const WORLD: &str = r#"
seed = 1
[settings]
latency_ms = [100, 100]
[ryzeapi]
list_community_fields = true

[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", { name = "Board", role = "member" }]

[[community]]
name = "North Schools"
id = "120363400000001001"
groups = ["Class 1A"]

[standalone]
groups = [{ name = "Ward", copies = 60 }, { name = "Archive", role = "member" }]
"#;

fn world() -> Setup {
    Harness::toml(WORLD).reading_roles()
}

/// The groups whose details were read.
fn details(requests: &[Logged]) -> usize {
    requests.iter().filter(|request| is_details(request)).count()
}

fn is_details(request: &Logged) -> bool {
    request.path.contains("group/info")
}

/// The sign at the end of a row of a pane.
fn sign(synod: &Harness, name: &str) -> char {
    let line = synod.line(name);
    let rest = line.split(name).nth(1).and_then(|rest| rest.split('│').next());
    rest.and_then(|rest| rest.trim_end().chars().last()).unwrap_or_else(|| panic!("no sign: {line}"))
}

/// Whether a row on the screen has a role that is not known.
fn shows_unknown(synod: &Harness) -> bool {
    let ends = |part: &str| part.trim_end().ends_with(" ?");
    synod.text().lines().any(|line| line.split('│').any(ends))
}

async fn settled(setup: Setup) -> Harness {
    let mut synod = setup.start().await;
    synod.loaded().await.pass(Duration::from_secs(300)).await;
    synod
}

#[tokio::test(start_paused = true)]
async fn rows_show_the_role_and_an_unknown_one_is_read_in_the_background() {
    let mut synod = world().size(120, 20).start().await;
    synod.loaded().await;
    assert!(synod.line("Archive").contains('?'), "{}", synod.text());
    synod.pass(Duration::from_secs(60)).await;
    assert_eq!(sign(&synod, "Archive"), '·');
    assert_eq!(sign(&synod, "Board"), '·');
    assert_eq!(sign(&synod, "Ward 12"), '★');
    assert!(synod.line("▸ Harbor Clinics").contains("★"), "{}", synod.text());
    synod.end().await;
}

/// Synod reads only the roles of rows on the screen, and sends no request once it knows them.
#[tokio::test(start_paused = true)]
async fn nothing_is_read_while_everything_visible_is_known() {
    let mut synod = settled(world().size(120, 20)).await;
    assert!(!shows_unknown(&synod), "{}", synod.text());
    let before = synod.requests().len();
    let rows = details(&synod.requests());
    assert!((10..=24).contains(&rows), "only the rows on the screen: {rows}");
    synod.pass(Duration::from_secs(3600)).await;
    assert_eq!(synod.requests().len(), before);
    synod.keys("<tab><tab>G").await;
    synod.pass(Duration::from_secs(300)).await;
    assert!(!shows_unknown(&synod), "{}", synod.text());
    assert!(details(&synod.requests()) > rows, "other rows came on the screen");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn at_least_half_of_the_requests_are_left() {
    // The screen shows more rows than half of a minute's requests.
    let mut synod = world().size(120, 70).start().await;
    synod.loaded().await.pass(Duration::from_secs(40)).await;
    let spent = synod.requests().len();
    assert!((40..=50).contains(&spent), "{spent}");
    synod.shows("quota 50/100");
    synod.pass(Duration::from_secs(120)).await;
    assert!(!shows_unknown(&synod), "{}", synod.text());
    synod.end().await;
}

/// How long an operation takes that begins while roles would be read, from its confirmation, and how many requests it makes.
async fn operation(setup: Setup) -> (Duration, usize) {
    let mut synod = setup.size(120, 50).start().await;
    synod.loaded().await.keys("<tab><tab>/ward<enter>").await;
    for _ in 0..12 {
        synod.keys(" ").await;
    }
    synod.keys("l").await;
    synod.until("Press [y]").await;
    let (begun, before) = (tokio::time::Instant::now(), synod.requests().len());
    synod.keys("y").await;
    synod.until_done().await;
    let taken = begun.elapsed();
    let requests = synod.requests().len() - before;
    synod.end().await;
    (taken, requests)
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_starts_in_the_middle_is_as_fast_as_without() {
    let (with, requests) = operation(world()).await;
    let (without, expected) = operation(Harness::toml(WORLD)).await;
    assert_eq!((with, requests), (without, expected));
}

#[tokio::test(start_paused = true)]
async fn a_plan_uses_the_roles_that_the_screen_shows() {
    let mut synod = settled(world().size(120, 40)).await;
    let before = details(&synod.requests());
    assert_eq!((sign(&synod, "Archive"), sign(&synod, "Ward 12")), ('·', '★'));
    synod.keys("<tab><tab>  l").await;
    let plan = synod.until("link 1 group to Harbor").await;
    assert!(plan.contains("not an admin of this group") && plan.contains("Ward 1"), "{plan}");
    let unknown = synod.words.with("plan-roles-unknown", &[("count", 1_u64.into())]);
    synod.hides(&unknown);
    // The role in the target, and the role that would block a group.
    assert_eq!(details(&synod.requests()) - before, 2);
    synod.end().await;
    let mut synod = Harness::toml(WORLD).size(120, 40).start().await;
    synod.loaded().await.keys("<tab><tab><down> l").await;
    synod.until("link 1 group").await;
    synod.shows(&unknown);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn roles_are_stored_with_their_age_and_read_again_when_they_are_old() {
    let folder: Arc<TempDir> = Arc::new(tempfile::tempdir().unwrap());
    let synod = settled(world().size(120, 20).after(Arc::clone(&folder), Duration::ZERO)).await;
    assert!(!shows_unknown(&synod), "{}", synod.text());
    synod.end().await;
    // The next day they are still known, and nothing is read but what every start reads.
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let synod = settled(world().size(120, 20).after(Arc::clone(&folder), hours(20))).await;
    assert!(!shows_unknown(&synod), "{}", synod.text());
    assert_eq!(details(&synod.requests()), 0);
    synod.end().await;
    let synod = settled(world().size(120, 20).after(folder, hours(40))).await;
    assert!(!shows_unknown(&synod), "{}", synod.text());
    assert!(details(&synod.requests()) > 10, "they were too old");
    synod.end().await;
}

/// A gateway that never says the role is not asked for every row.
#[tokio::test(start_paused = true)]
async fn a_gateway_that_gives_no_roles_is_soon_left_alone() {
    let hidden = WORLD
        .replace("list_community_fields = true", "list_community_fields = true\nparticipant_ids = \"lid\"");
    let synod = settled(Harness::toml(&hidden).reading_roles()).await;
    assert!(details(&synod.requests()) <= 8, "{}", details(&synod.requests()));
    synod.end().await;
}

/// A filter that asks about roles hides every row without one, so these are read too.
#[tokio::test(start_paused = true)]
async fn a_filter_that_asks_about_roles_is_answered_in_time() {
    let mut synod = world().size(120, 14).start().await;
    synod.loaded().await.keys("<tab><tab>/is:notadmin<enter>").await;
    synod.shows("not known");
    synod.pass(Duration::from_secs(300)).await;
    synod.hides("not known").shows("  Archive").hides("  Ward");
    let before = synod.requests().len();
    synod.pass(Duration::from_secs(600)).await;
    assert_eq!(synod.requests().len(), before, "everything is known");
    synod.end().await;
}

/// Also of lists that are too long to be built again for each role.
#[tokio::test(start_paused = true)]
async fn roles_are_read_however_long_the_list_is() {
    let world = format!("{WORLD}\n[generate]\ntotal = 21000\n");
    let mut synod = Harness::toml(&world).reading_roles().size(120, 14).start().await;
    synod.loaded().await.pass(Duration::from_secs(60)).await;
    assert!(!shows_unknown(&synod), "{}", synod.text());
    synod.shows("★");
    synod.end().await;
}

/// On a gateway where a community is no group, its announcement group shows the role.
#[tokio::test(start_paused = true)]
async fn the_role_in_a_community_that_is_no_group_is_that_in_its_announcement_group() {
    let setup = Harness::world("harbor").on_zapi().reading_roles().size(120, 30);
    let mut synod = settled(setup).await;
    assert!(synod.line("▸ Harbor Clinics").contains('★'), "{}", synod.text());
    let before = synod.requests().len();
    synod.pass(Duration::from_secs(600)).await;
    assert_eq!(synod.requests().len(), before, "everything on the screen is known");
    synod.end().await;
}

/// A community is a row of the view over all instances too, also if only one of them is in it.
#[tokio::test(start_paused = true)]
async fn the_view_over_all_instances_reads_the_roles_in_communities() {
    let world = WORLD
        .replacen(
            "[[community]]",
            "[[instance]]\nname = \"ops\"\n[[instance]]\nname = \"annex\"\n[[community]]",
            1,
        )
        .replace(
            "groups = [\"Class 1A\"]",
            "roles = { ops = \"none\" }\ngroups = [{ name = \"Class 1A\", roles = { ops = \"none\" } }]",
        );
    assert!(world.contains("roles = { ops"), "{world}");
    let mut synod = Harness::toml(&world).all_instances().reading_roles().size(140, 24).start().await;
    synod.loaded().await.keys("0").await.until("2 of 2 connected").await;
    synod.pass(Duration::from_secs(300)).await;
    for community in ["▸ Harbor Clinics", "North Schools"] {
        assert!(synod.line(community).contains('★'), "{community}: {}", synod.text());
    }
    synod.end().await;
}
