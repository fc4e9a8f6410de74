//! The window with the communities, and the search for more.

use std::time::Duration;

use crate::support::{
    harness::{Harness, Setup, Weather},
    simulated::CLINICS,
};

/// The two communities of the plain world among this many groups, and a list of groups without flags.
fn blind(groups: usize, head: &str) -> Setup {
    let listed: Vec<String> = (1..=groups).map(|at| format!("\"Group {at:02}\"")).collect();
    let listed = listed.join(", ");
    Harness::toml(&format!(
        r#"
seed = 4
[settings]
latency_ms = [100, 100]
[ryzeapi]
{head}
{CLINICS}
[[community]]
name = "North Schools"
id = "120363400000001001"
groups = ["Class 1A"]
[standalone]
groups = [{listed}]
"#
    ))
}

const HARBOR: &str = "120363400000000001@g.us";

fn probes(synod: &Harness) -> usize {
    synod.requests().iter().filter(|request| request.verb == "subgroups").count()
}

#[tokio::test(start_paused = true)]
async fn the_cost_is_shown_before_anything_is_asked() {
    let mut synod = blind(40, "").communities(&[HARBOR]).start().await;
    synod.loaded().await;
    let before = probes(&synod);
    synod.keys("F").await.shows("Communities of ops").shows("configuration").shows("2 groups");
    // 40 alone, two of Harbor in its listing, North Schools with its announcement group and its group.
    synod.says(
        "43 groups might be communities. Asking them takes 44 requests, about 31 s. Press [p] to start",
    );
    synod.pass(Duration::from_secs(60)).await;
    assert_eq!(probes(&synod), before);
    synod.keys("<esc>").await.hides("Communities of ops");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_search_pauses_continues_and_asks_no_group_twice() {
    let mut synod = blind(40, "").communities(&[HARBOR]).start().await;
    synod.loaded().await;
    let before = probes(&synod);
    synod.keys("Fp").await.says("First a known one, Harbor Clinics");
    synod.until("10 of 43 groups asked").await;
    synod.shows("Asking now:").keys("p").await.says("Paused: 10 of 43 groups asked");
    let paused = probes(&synod);
    synod.pass(Duration::from_secs(120)).await;
    assert_eq!(probes(&synod), paused);
    synod.keys("<esc>").await.shows("search paused at 10/43").keys("Fp").await;
    synod.until("1 community was found").await;
    synod.says("The search asked 43 groups and found 1").shows("North Schools").shows("found");
    // The control twice, and at most one whose answer was already on its way at the pause.
    assert!((45..=46).contains(&(probes(&synod) - before)), "{}", probes(&synod) - before);
    synod.says("All groups have been checked");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn it_continues_while_the_window_is_closed_and_everything_else_works() {
    let mut synod = blind(60, "").communities(&[HARBOR]).start().await;
    synod.loaded().await.keys("FF<esc>").await;
    synod.until("searching for communities 3/63").await;
    synod.shows(" s left").keys("<tab><tab>/group 07<enter> l").await;
    synod.until("Press [y]").await;
    synod.shows("searching for communities").keys("y").await;
    synod.until("1 verified").await;
    for (size, words) in [((80, 24), " s left"), ((60, 15), "/63")] {
        synod.resize(size.0, size.1).await.shows(words);
    }
    synod.resize(120, 40).await;
    synod.until("1 community was found").await;
    synod.until_gone("searching for communities").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn it_is_stopped_and_its_results_stay() {
    let mut synod = blind(60, "").communities(&[HARBOR]).start().await;
    synod.loaded().await.keys("FF").await;
    synod.until("1 found").await;
    synod.keys("S").await.says("The search asked").hides("Asking now");
    let stopped = probes(&synod);
    synod.pass(Duration::from_secs(60)).await;
    assert_eq!(probes(&synod), stopped);
    synod.keys("<esc>").await.shows("North Schools").hides("searching for communities");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_turns_blind_during_a_pause_proves_nothing() {
    // Every listing is empty after the search continues: no group may count as ordinary because of that.
    let head = "[[fault]]\non = \"subgroups\"\nskip = 8\nthen = \"empty_listing\"";
    let mut synod = blind(40, head).communities(&[HARBOR]).start().await;
    synod.loaded().await.keys("FF").await;
    synod.until("3 of 43 groups asked").await;
    synod.keys("p").await;
    synod.pass(Duration::from_secs(5)).await;
    while probes(&synod) < 8 {
        synod.keys("p").await;
        synod.pass(Duration::from_millis(300)).await;
        synod.keys("p").await;
    }
    let groups = synod.text();
    assert!(groups.contains("Paused"), "{groups}");
    synod.keys("p").await;
    synod.until_said("The search ended early").await;
    synod.says("its announcement group is missing");
    synod.keys("<esc><tab><tab>/group 40<enter>X").await;
    synod.until("Plan:").await;
    synod.shows("Risky, sent only when ticked");
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_search_waits_for_the_quota_and_shows_how_long() {
    let mut synod = blind(60, "rate_limit = 40").communities(&[HARBOR]).start().await;
    synod.loaded().await.keys("FF").await;
    synod.until("resets in").await;
    synod.until("1 community was found").await;
    assert!(synod.requests().iter().all(|request| request.status != Some(429)));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_gateway_ends_it_and_the_rest_can_be_asked_later() {
    let mut synod = blind(40, "").communities(&[HARBOR]).start().await;
    synod.loaded().await.keys("FF").await;
    synod.until("10 of 43 groups asked").await;
    synod.simulator.set_state("harbor", "disconnected");
    synod.until_said("The search ended early, after").await;
    synod.says("the instance is not connected");
    synod.simulator.set_state("harbor", "connected");
    synod.keys("p").await;
    synod.until("was found").await;
    synod.says("All groups have been checked");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_community_is_added_by_its_id_once_its_listing_was_read() {
    let mut synod = blind(4, "").start().await;
    synod.loaded().await.keys("F").await.says("No community is known yet");
    for given in ["120363400000000001", "120363400000001001@g.us"] {
        synod.keys("a").await.paste(given).await.keys("<enter>").await;
        synod.until("is a community and was added").await;
    }
    synod.shows("Harbor Clinics").shows("North Schools").shows("added by you");
    synod.keys("a120363400000001001<enter>").await;
    synod.until("North Schools is already known").await;
    synod.keys("<enter>").await;
    synod.shows("North Schools · 1+ of 50").shows("Class 1A");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_not_a_community_is_not_added() {
    let mut synod = blind(4, "").start().await;
    synod.loaded().await.keys("F").await;
    let group = synod.group("Group 01");
    for given in
        [group.as_str(), "999999999999", "nonsense", "https://chat.whatsapp.com/AAAAAAAAAAAAAAAAAAAAAA"]
    {
        synod.keys("a").await.paste(given).await.keys("<enter>").await;
        synod.until_said("Not added: this number is in no such community (").await;
        synod.keys("<esc>").await;
    }
    synod.says("No community is known yet");
    synod.weather(Weather::Unreachable);
    synod.keys("a120363400000000001<enter>").await;
    synod.until_said("Not added, because it could not be checked: the gateway cannot be reached").await;
    synod.weather(Weather::Fine);
    synod.keys("<enter>").await;
    synod.until("is a community and was added").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn removing_a_community_says_whether_it_comes_back() {
    let mut synod = blind(4, "").communities(&[HARBOR]).start().await;
    synod.loaded().await.keys("Fa120363400000001001<enter>").await;
    synod.until("North Schools is a community").await;
    synod.keys("x").await.says("North Schools was removed from the list.").hides("added by you");
    synod.keys("x").await.says("Harbor Clinics was removed until Synod starts again");
    synod.says("No community is known yet");
    // A removed community is not an ordinary group: a plan to leave it asks.
    synod.keys("<esc><tab><tab>/north schools<enter>aX").await;
    synod.until("Plan:").await;
    synod.shows("this is a community");
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_lists_its_communities_says_so() {
    let world = "[[instance]]\nname = \"shop\"\ngateway = \"zapi\"\n[[community]]\nname = \"Harbor Clinics\"\ngroups = [\"Reception\"]";
    let mut synod = Harness::toml(world).on_zapi().start().await;
    synod.loaded().await.keys("F").await;
    synod
        .says("This gateway lists its communities: [r] reads the list again")
        .shows("listed")
        .hides("p begin");
    synod.keys("p").await.says("Nothing to search");
    synod.keys("x").await.says("was removed until the next refresh");
    synod.keys("r").await;
    synod.loaded().await.shows("Harbor Clinics");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn hostile_names_control_nothing_in_the_window() {
    let mut synod = Harness::world("hostile_names").communities(&[HARBOR]).start().await;
    synod.loaded().await.keys("FF").await;
    for size in [(80, 24), (60, 15), (50, 12), (40, 10), (120, 40)] {
        synod.resize(size.0, size.1).await;
        synod.pass(Duration::from_secs(3)).await;
    }
    synod.keys("a").await.paste("\u{1b}]0;x\u{7}\u{202e}").await.keys("<enter>").await;
    synod.pass(Duration::from_secs(60)).await;
    // Every frame is checked at the end.
    synod.end().await;
}

/// Forty communities with groups of other names, and two numbers in all of them.
fn forum() -> String {
    use std::fmt::Write;

    let mut world = "seed = 9\n[settings]\nlatency_ms = [20, 20]\n".to_owned();
    for instance in ["first", "second"] {
        write!(world, "[[instance]]\nname = \"{instance}\"\n").unwrap();
    }
    for at in 0..40 {
        write!(
            world,
            "[[community]]\nname = \"Zone {at}\"\n\
            announcements = {{ name = \"News {at}\" }}\ngroups = [{{ name = \"Group {at}\", copies = 4 }}]\n"
        )
        .unwrap();
    }
    world
}

/// After how many requests of an instance each community was asked about.
fn cost_of_all(synod: &Harness, instance: &str) -> usize {
    let requests = synod.requests();
    let own: Vec<_> = requests.iter().filter(|request| request.instance == instance).collect();
    let truth = synod.simulator.truth();
    let communities: Vec<String> = truth.instances[instance].communities.keys().cloned().collect();
    assert_eq!(communities.len(), 40);
    let asks = |id: &String| {
        let asked = |community: &String| community.split('@').next() == id.split('@').next();
        own.iter().position(|request| request.community.as_ref().is_some_and(asked)).unwrap() + 1
    };
    communities.iter().map(asks).max().unwrap()
}

#[tokio::test(start_paused = true)]
async fn communities_of_one_number_are_asked_about_first_for_the_others() {
    let mut synod = Harness::toml(&forum()).all_instances().start().await;
    synod.loaded().await.keys("Fp").await;
    synod.pass(Duration::from_secs(420)).await;
    assert!(cost_of_all(&synod, "first") > 150, "nothing is known yet: {}", cost_of_all(&synod, "first"));
    synod.keys("<esc>]").await;
    synod.loaded().await.keys("Fp").await;
    synod.pass(Duration::from_secs(420)).await;
    let cost = cost_of_all(&synod, "second");
    assert!(cost <= 60, "{cost}");
    synod.end().await;
}
