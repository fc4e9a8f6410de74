//! All instances in one view.

mod plans;

use crate::support::{
    harness::{Harness, Setup},
    worlds::three_numbers,
};

/// Three numbers, the last on another gateway. All are in the first community, two in the second. Each is in some groups alone.
const THREE: &str = three_numbers!(
    r#"
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
"#
);

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

/// The known roles are the same for all numbers, so the first connected number acts.
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

/// The column names two numbers; the details name all of them, with their roles if these are known.
#[tokio::test(start_paused = true)]
async fn the_details_of_a_group_name_every_number_that_is_in_it() {
    let mut synod = three().reading_roles().start().await;
    synod.loaded().await.keys("0").await.until("3 of 3 connected").await;
    synod.pass(std::time::Duration::from_secs(300)).await;
    synod.keys("<tab><tab>/everybody<enter>i").await.until("Numbers").await;
    let line = synod.line("Numbers");
    assert!(line.contains("ops (member), annex (member), shop (admin)"), "{line}");
    synod.keys("<esc><esc>").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_single_instance_has_no_such_view() {
    let mut synod = super::plain().start().await;
    synod.loaded().await.keys("0").await.shows("There is only one instance.");
    synod.end().await;
}

/// The questions that somebody with many numbers asks, each answered in fewer than ten keys, for three numbers in forty communities.
mod questions {
    use std::time::Duration;

    use super::Harness;
    use crate::support::{
        harness::{Setup, parse},
        worlds::forty,
    };

    /// A program that has read what the first number knows.
    async fn started(world: &str) -> Harness {
        let mut synod = of(world).start().await;
        synod.loaded().await;
        synod
    }

    fn of(world: &str) -> Setup {
        Harness::toml(world).all_instances().size(140, 44)
    }

    /// Presses fewer than ten keys, and waits until everything has been read.
    async fn asks(synod: &mut Harness, keys: &str) {
        let count: usize = parse(keys).iter().map(Vec::len).sum();
        assert!(count < 10, "{keys}: {count}");
        synod.keys(keys).await.loaded().await;
        synod.shows("all 3 numbers").shows("Communities 40");
    }

    #[tokio::test(start_paused = true)]
    async fn which_groups_are_in_no_community_on_any_number() {
        let mut synod = started(&forty()).await;
        asks(&mut synod, "0").await;
        synod.shows("In no known community 7");
        for group in ["Everybody", "Kitchen", "Only ops", "Only annex", "Canteen", "Only shop"] {
            synod.shows(&format!("  {group}"));
        }
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn where_am_i_not_an_admin() {
        let mut synod = of(&forty()).reading_roles().start().await;
        synod.loaded().await;
        // In the communities' groups too.
        asks(&mut synod, "0<backtab>t/is:n<tab>").await;
        synod.pass(Duration::from_secs(1200)).await;
        synod.shows("/is:notadmin").shows("2 of 219").hides("not known");
        assert!(synod.line("  Nurses 35").contains("annex"), "{}", synod.text());
        assert!(synod.line("  Only annex").contains("annex"), "{}", synod.text());
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn which_groups_have_the_same_name() {
        let mut synod = started(&forty()).await;
        asks(&mut synod, "0<backtab>/is:d<tab>").await;
        synod.shows("/is:duplicate").shows("2 of 7");
        let screen = synod.text();
        let rows: Vec<&str> = screen.lines().filter(|line| line.contains("  Kitchen")).collect();
        let of =
            |row: &str, number: &str| row.split("Kitchen").last().is_some_and(|end| end.contains(number));
        assert!(rows.len() == 2 && of(rows[0], " ops ") && of(rows[1], " annex "), "{rows:#?}");
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn which_communities_are_full_or_nearly() {
        let mut synod = started(&forty()).await;
        asks(&mut synod, "0s").await;
        synod.shows("by size");
        let screen = synod.text();
        let rows: Vec<&str> = screen.lines().filter(|line| line.contains("/50 ")).take(3).collect();
        assert_eq!(rows.len(), 3);
        for (row, (name, size)) in rows.iter().zip([("20 ", "50/50"), ("21 ", "48/50"), ("01 ", "3/50")]) {
            assert!(row.contains(&format!("Clinic {name}")) && row.contains(size), "{screen}");
        }
        synod.end().await;
        let mut synod = started(&forty()).await;
        synod.keys("0").await.loaded().await.keys("/is:f<tab>").await;
        synod.until("Communities 1 of 40").await;
        synod.shows("Clinic 20").hides("Clinic 21").hides("not known");
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn which_number_is_in_this_group() {
        let mut synod = started(&forty()).await;
        asks(&mut synod, "0<backtab>/cante").await;
        assert!(synod.line("  Canteen").contains("  annex, shop"), "{}", synod.line("  Canteen"));
        synod.hides("  Everybody");
        synod.end().await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_today() {
        let fault = "[[fault]]\non = \"link\"\ngroup = \"Only ops\"\nthen = \"refuse\"\n";
        let mut synod = started(&forty().replacen("[[instance]]", &format!("{fault}[[instance]]"), 1)).await;
        synod.keys("<backtab>/only ops<enter> l").await.confirmed().await;
        synod.keys("]").await.loaded().await.keys("/canteen<enter> l").await.confirmed().await;
        synod.shows("1 verified").keys("[").await;
        asks(&mut synod, "0o/").await;
        synod.shows("1 needs you").shows("those that need you").shows("#1 link").shows("1 refused");
        let screen = synod.text();
        // The pane below the list shows that operation, too.
        let rows: Vec<&str> = screen.lines().filter(|line| line.contains("#1 link")).collect();
        let is_of_first = rows.iter().all(|row| row.contains("ops"));
        assert!(rows.len() == 2 && is_of_first, "only that of the first number: {rows:#?}");
        synod.end().await;
    }
}
