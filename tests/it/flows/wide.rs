//! All instances in one view.

mod plans;

use crate::support::harness::{Harness, Setup};

/// Three numbers, the last on another gateway. All are in the first community, two in the second. Each is in some groups alone.
const THREE: &str = r#"
seed = 1

[settings]
latency_ms = [1, 2]

[ryzeapi]
list_community_fields = true

[[instance]]
name = "ops"
number = "5511900000001"

[[instance]]
name = "annex"
number = "5511900000002"

[[instance]]
name = "shop"
gateway = "zapi"
id = "SHOP-ID-7f3a"
token = "shop-token-91bc"
number = "5511900000003"

[[community]]
name = "Harbor Clinics"
groups = ["Reception", { name = "Lab results", roles = { shop = "none" } }]

[[community]]
name = "North Schools"
roles = { shop = "none" }
groups = [{ name = "Class 1A", roles = { shop = "none" } }]

[standalone]
groups = [
  { name = "Everybody", roles = { ops = "member", annex = "member", shop = "admin" } },
  { name = "Only ops", roles = { annex = "none", shop = "none" } },
  { name = "Only annex", roles = { ops = "none", shop = "none" } },
  { name = "Only shop", roles = { ops = "none", annex = "none" } },
  { name = "Parking", roles = { shop = "none" } },
]
"#;

async fn wide() -> Harness {
    let mut synod = three().start().await;
    synod.loaded().await.keys("0").await.until("3 of 3 connected").await;
    synod.loaded().await;
    synod
}

fn three() -> Setup {
    Harness::toml(THREE).all_instances().size(140, 44)
}

#[tokio::test(start_paused = true)]
async fn each_group_and_community_is_one_row_with_the_numbers_that_are_in_it() {
    let mut synod = wide().await;
    synod.shows("all 3 numbers").shows("Communities 2").shows("In no known community 5");
    synod.shows("Harbor Clinics · 2+ of 50 · ops, annex +1");
    assert!(synod.line("Everybody").contains("ops, annex +1"));
    assert!(synod.line("Only shop").contains("shop"));
    assert!(synod.line("Parking").contains("ops, annex "));
    // The number of an instance is one key away, and so is the way back.
    synod.keys("0").await.shows("ops @ RyzeAPI 1/3").hides("Only shop").keys("0").await.shows("Only shop");
    synod.keys("]").await.shows("annex @ RyzeAPI 2/3").hides("all 3 numbers");
    synod.end().await;
}

/// The instance that asked for each write, with the names of the groups.
fn asked(synod: &Harness) -> Vec<(String, String)> {
    let mut asked: Vec<(String, String)> =
        synod.writes().iter().map(|write| (write.instance.clone(), write.groups.concat())).collect();
    asked.sort();
    asked
}

#[tokio::test(start_paused = true)]
async fn groups_of_three_numbers_are_linked_by_the_right_ones_side_by_side() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/only<enter>a<esc>").await.shows("3 marked").keys("l").await;
    synod.until("Plan for 3 numbers: link 3 groups to Harbor Clinics").await;
    for number in ["ops", "annex", "shop"] {
        let row = synod.line(&format!("→   Only {number}"));
        assert!(row.contains(&format!("  {number} ")), "{row}");
    }
    synod.shows("3 to do").shows("2 of 50 now, 5 after").shows("Press [y] to run it for 3 groups");
    assert!(synod.writes().is_empty());
    synod.keys("y").await.until("3 running").await;
    synod.until_gone("running").await;
    synod.hides("need").hides("marked");
    for (group, instance) in [("Only ops", "ops"), ("Only annex", "annex"), ("Only shop", "shop")] {
        assert!(synod.is_linked(group, "Harbor Clinics"), "{group}");
        let id = synod.group(group).trim_end_matches("@g.us").to_owned();
        let by = asked(&synod).into_iter().find(|(_, group)| group.contains(&id));
        assert_eq!(by.map(|(by, _)| by).as_deref(), Some(instance), "{group}: {:?}", asked(&synod));
    }
    assert_eq!(asked(&synod).len(), 3);
    synod.end().await;
}

/// What is known of the roles is the same for all, so a connected number acts, the first of several.
#[tokio::test(start_paused = true)]
async fn a_shared_group_is_acted_on_by_a_number_that_is_connected() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/everybody<enter> l").await.until("Plan for ops").await;
    synod.keys("<esc>").await;
    synod.end().await;
    let world = THREE.replace("name = \"ops\"\n", "name = \"ops\"\nstate = \"disconnected\"\n");
    let mut synod = Harness::toml(&world).all_instances().size(140, 44).start().await;
    synod.loaded().await.keys("0").await.until("2 of 3 connected").await;
    synod.loaded().await.keys("<tab><tab>/everybody<enter> l").await.until("Plan for annex").await;
    synod.keys("<esc>").await;
    synod.end().await;
}

/// The plan names the number that acts, and a key gives its rows to the next one that can.
#[tokio::test(start_paused = true)]
async fn another_number_takes_over_rows_of_a_plan() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/everybody<enter> <esc>/only ops<enter> <esc>l").await;
    synod.until("Plan for ops: link 2 groups to Harbor Clinics").await;
    synod.keys("n").await.until("Plan for 2 numbers: link 2 groups to Harbor Clinics").await;
    assert!(synod.line("▸   →   Everybody").contains("  annex "), "{}", synod.text());
    synod.keys("n").await.until("▸   →   Everybody        shop ").await;
    assert!(synod.line("→   Only ops").contains("  ops "), "{}", synod.text());
    synod.keys("/only<enter>n").await.shows("No other number is in these groups");
    synod.keys("<esc>y").await.until("2 running").await;
    synod.until_gone("running").await;
    let by: Vec<String> = asked(&synod).into_iter().map(|(by, _)| by).collect();
    assert_eq!(by, ["ops", "shop"]);
    assert!(synod.is_linked("Everybody", "Harbor Clinics") && synod.is_linked("Only ops", "Harbor Clinics"));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn groups_that_no_number_can_put_into_the_community_are_left_out() {
    let mut synod = wide().await;
    synod.keys("<down><tab><tab>/only<enter>a<esc>l").await;
    synod.until("1 group is left out: no number is in both").await;
    synod.until("Plan for 2 numbers: link 2 groups to North Schools").await;
    synod.keys("<esc><esc>").await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

/// The gateway of the third number names the communities otherwise; which number comes first does not matter.
#[tokio::test(start_paused = true)]
async fn a_community_is_one_row_whichever_gateway_comes_first() {
    let (head, rest) = THREE.split_once("[[instance]]\nname = \"ops\"").unwrap();
    let (others, rest) = rest.split_once("[[instance]]\nname = \"shop\"").unwrap();
    let (shop, rest) = rest.split_once("[[community]]").unwrap();
    let world = format!(
        "{head}[[instance]]\nname = \"shop\"{shop}[[instance]]\nname = \"ops\"{others}[[community]]{rest}"
    );
    let mut synod = Harness::toml(&world).all_instances().size(140, 44).start().await;
    synod.loaded().await.keys("0").await.until("3 of 3 connected").await;
    synod.loaded().await.shows("Communities 2").shows("Harbor Clinics · 2+ of 50");
    synod.keys("<tab><tab>/only ops<enter> l").await.until("Plan for ops: link 1 group to Harbor").await;
    synod.confirmed().await;
    synod.shows("1 verified");
    assert_eq!(asked(&synod).len(), 1);
    synod.end().await;
}

/// A group is taken out of its community by a number that is in that community.
#[tokio::test(start_paused = true)]
async fn the_number_that_acts_is_in_the_community_where_the_group_was_marked() {
    let world = THREE.replace(
        "roles = { shop = \"none\" }\ngroups = [{ name = \"Class 1A\", roles = { shop = \"none\" } }]",
        "roles = { ops = \"none\", shop = \"none\" }\ngroups = [\"Class 1A\", \"Class 1B\"]",
    );
    assert_ne!(world, THREE);
    let mut synod = Harness::toml(&world).all_instances().size(140, 44).start().await;
    synod.loaded().await.keys("0").await.until("3 of 3 connected").await;
    synod.loaded().await.keys("<down><tab>/1a<enter> ").await;
    synod.keys("u").await.until("Plan for annex: unlink 1 group").await;
    synod.keys("<esc>m").await.until("To which community?").await;
    synod.keys("harbor<enter>").await.until("Plan for annex: move 1 group to Harbor Clinics").await;
    synod.keys("<esc>").await;
    synod.end().await;
}

/// Leaving cannot be undone.
#[tokio::test(start_paused = true)]
async fn a_group_that_several_numbers_are_in_is_left_only_by_a_number_that_was_chosen() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/everybody<enter>X").await.shows("1 group is left out: several of your numbers");
    synod.keys("<esc>/only ops<enter>X").await.until("Plan for ops: leave 1 group").await;
    synod.keys("<esc>").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_community_is_left_only_by_a_number_that_was_chosen() {
    let mut synod = wide().await;
    synod.keys("X").await.shows("Several of your numbers are in this community");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_operations_of_all_instances_are_listed_and_those_that_failed_alone() {
    let fault = "[[fault]]\non = \"link\"\ngroup = \"Only annex\"\nthen = \"refuse\"\n";
    let world = THREE.replacen("[[instance]]", &format!("{fault}[[instance]]"), 1);
    let mut synod = Harness::toml(&world).all_instances().size(140, 44).start().await;
    synod.loaded().await.keys("0").await.until("3 of 3 connected").await;
    synod.loaded().await.keys("<tab><tab>/only<enter>a<esc>l").await;
    synod.until("Plan for 3 numbers").await;
    synod.keys("y").await.until("3 running").await;
    synod.until_gone("running").await;
    synod.shows("1 needs you").keys("o").await;
    synod.shows("Operations of all instances").shows("#1 link").shows("#2 link").shows("#3 link");
    for number in ["ops", "annex", "shop"] {
        synod.shows(&format!("{number:<5}  #"));
    }
    synod.keys("/").await.shows("those that need you").shows("annex  #").hides("ops    #").hides("shop   #");
    synod.keys("<enter>").await.until("refused").await;
    synod.keys("<esc>r").await.until("Plan for annex").await;
    synod.keys("<esc><esc>").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn details_are_those_of_a_number_that_is_in_the_group() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/only shop<enter><enter>").await.until("Members").await;
    let details = synod.requests().into_iter().rev().find(|asked| asked.instance == "shop");
    assert!(details.is_some());
    synod.keys("<esc>").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_single_instance_has_no_such_view() {
    let mut synod = super::plain().start().await;
    synod.loaded().await.keys("0").await.shows("There is only one instance.");
    synod.end().await;
}

/// The questions that somebody with many numbers asks, each answered in fewer than ten keys.
mod questions {
    use super::{Harness, THREE};

    /// Presses keys from the start of the program, counted as an operator counts them.
    async fn pressed(world: &str, keys: &[&str]) -> Harness {
        assert!(keys.len() < 10, "{keys:?}");
        let mut synod = Harness::toml(world).all_instances().size(140, 44).start().await;
        synod.loaded().await;
        for key in keys {
            synod.keys(key).await;
            synod.loaded().await;
        }
        synod
    }

    #[tokio::test(start_paused = true)]
    async fn which_groups_are_in_no_community_on_any_number() {
        let mut synod = pressed(THREE, &["0"]).await;
        synod.shows("Only ops").shows("Only annex").shows("Only shop").shows("Parking");
        // It is in a community, as two of the numbers know.
        assert_eq!(synod.text().matches("Lab results").count(), 1, "not in the right pane: {}", synod.text());
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn where_am_i_not_an_admin() {
        let keys = ["0", "<tab>", "<tab>", "/", "i", "s", ":", "n", "<tab>"];
        let world = THREE.replace("shop = \"admin\"", "shop = \"member\"");
        let mut synod = Harness::toml(&world).all_instances().reading_roles().size(140, 44).start().await;
        synod.loaded().await;
        for key in keys {
            synod.keys(key).await;
        }
        synod.until("1 of 5").await;
        synod.shows("/is:notadmin").shows("Everybody");
        assert!(!synod.text().contains("Only shop"), "{}", synod.text());
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn which_groups_have_the_same_name() {
        let world = THREE.replace("name = \"Parking\"", "name = \"Everybody\"");
        let mut synod = pressed(&world, &["0", "<tab>", "<tab>", "/", "is", ":d", "<tab>"]).await;
        synod.shows("/is:duplicate").shows("2 of 5");
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn which_communities_are_full_or_nearly() {
        let mut synod = pressed(THREE, &["0", "s"]).await;
        let (harbor, north) = (synod.place("Harbor Clinics "), synod.place("North Schools "));
        synod.shows("by size");
        assert!(harbor.1 < north.1, "the fullest comes first");
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn which_number_is_in_this_group() {
        let synod = pressed(THREE, &["0", "<tab>", "<tab>", "/", "s", "h", "o", "p"]).await;
        assert!(synod.line("Only shop").contains("  shop"), "{}", synod.line("Only shop"));
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_today() {
        let fault = "[[fault]]\non = \"link\"\ngroup = \"Only ops\"\nthen = \"refuse\"\n";
        let world = THREE.replacen("[[instance]]", &format!("{fault}[[instance]]"), 1);
        let mut synod = Harness::toml(&world).all_instances().size(140, 44).start().await;
        synod.loaded().await.keys("<tab><tab>/only ops<enter> l").await;
        synod.confirmed().await;
        synod.keys("0").await.loaded().await.shows("1 needs you");
        synod.keys("o").await.keys("/").await.shows("those that need you").shows("1 refused");
        synod.end().await;
    }
}
