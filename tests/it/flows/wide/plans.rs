//! One plan over the groups of several numbers: who acts, what Synod sends, and whether the gateway's own log agrees.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use synod::simulator::Logged;

use super::{Harness, THREE, asked, three, wide};

/// A program in the view over all instances of a world.
async fn of(world: &str, connected: &str) -> Harness {
    started(Harness::toml(world).all_instances().size(140, 44), connected).await
}

async fn started(setup: crate::support::harness::Setup, connected: &str) -> Harness {
    let mut synod = setup.start().await;
    synod.loaded().await.keys("0").await.until(connected).await;
    synod.loaded().await;
    synod
}

/// The world with another text in place of one that it has.
fn with(text: &str, instead: &str) -> String {
    let world = THREE.replace(text, instead);
    assert_ne!(world, THREE, "{text}");
    world
}

/// Confirms the plan on the screen, and waits until the operations of all numbers have ended.
async fn run(synod: &mut Harness, running: &str) {
    synod.keys("y").await.until(running).await;
    synod.until_gone("running").await;
}

/// The names of the groups that each instance has written to.
fn written(synod: &Harness) -> BTreeMap<String, BTreeSet<String>> {
    let bare = |id: &str| id.trim_end_matches("@g.us").trim_end_matches("-group").to_owned();
    let names: BTreeMap<String, String> =
        synod.truth().names.into_iter().map(|(id, name)| (bare(&id), name)).collect();
    let mut written = BTreeMap::<_, BTreeSet<_>>::new();
    for write in synod.writes() {
        let groups =
            write.groups.iter().map(|id| names.get(&bare(id)).cloned().unwrap_or_else(|| id.clone()));
        written.entry(write.instance.clone()).or_default().extend(groups);
    }
    written
}

/// One key links four groups of each number. The gateway refuses one of these links.
#[tokio::test(start_paused = true)]
async fn three_writers_work_side_by_side_and_each_row_has_one_outcome() {
    let mut world = THREE.to_owned();
    for number in ["ops", "annex", "shop"] {
        world = world
            .replace(&format!("name = \"Only {number}\""), &format!("name = \"Only {number}\", copies = 4"));
    }
    let fault = "[[fault]]\non = \"link\"\ngroup = \"Only annex 2\"\nthen = \"refuse\"\n";
    let world = world.replacen("[[instance]]", &format!("{fault}[[instance]]"), 1);
    let mut synod = of(&world, "3 of 3 connected").await;
    synod.keys("<tab><tab>/only<enter>a<esc>l").await;
    synod.until("Plan for 3 numbers: link 12 groups to Harbor Clinics").await;
    synod.shows("12 to do").shows("2 of 50 now, 14 after");
    run(&mut synod, "3 running").await;
    synod.shows("1 needs you").keys("o").await;
    for (number, verified) in [("ops", "4 verified"), ("annex", "3 verified"), ("shop", "4 verified")] {
        let line = synod.line(&format!("{number:<5}  #"));
        assert!(line.contains("link 4 groups") && line.contains(verified), "{line}");
    }
    // The gateway's own log: one request for each row, by the number that is in the group, one at a time for each number.
    let writes = synod.writes();
    assert_eq!(writes.len(), 12, "{writes:?}");
    assert_eq!(written(&synod).values().map(BTreeSet::len).sum::<usize>(), 12);
    for (number, groups) in written(&synod) {
        assert!(
            groups.iter().all(|group| group.starts_with(&format!("Only {number}"))),
            "{number}: {groups:?}"
        );
        let own: Vec<&Logged> = writes.iter().filter(|write| write.instance == number).collect();
        let is_one_by_one = own.windows(2).all(|pair| pair[0].answered_at.unwrap() <= pair[1].received_at);
        assert!(is_one_by_one, "{number}: {own:?}");
    }
    let span = |number: &str| {
        let of = || writes.iter().filter(|write| write.instance == number).map(|write| write.received_at);
        (of().min().unwrap(), of().max().unwrap())
    };
    let (ops, annex, shop) = (span("ops"), span("annex"), span("shop"));
    let first_end = ops.1.min(annex.1).min(shop.1);
    assert!(
        [ops, annex, shop].iter().all(|span| span.0 < first_end),
        "side by side: {ops:?} {annex:?} {shop:?}"
    );
    synod.end().await;
}

/// A number that cannot act keeps nobody else from acting.
#[tokio::test(start_paused = true)]
async fn the_rows_of_a_number_that_is_not_connected_are_blocked_and_the_others_run() {
    let first = wide().await;
    let left = first.left_behind();
    first.end().await;
    let world = with("name = \"annex\"\n", "name = \"annex\"\nstate = \"disconnected\"\n");
    let later = Harness::toml(&world).all_instances().size(140, 44).after(left, Duration::from_secs(3600));
    let mut synod = started(later, "2 of 3 connected").await;
    synod.keys("<tab><tab>/only<enter>a<esc>l").await;
    synod.until("Plan for 3 numbers: link 2 groups to Harbor Clinics").await;
    synod.shows("2 to do · 1 blocked").shows("Press [y] to run it for 2 groups");
    assert!(synod.line("⊘   Only annex").contains("  annex "), "{}", synod.text());
    synod.keys("/annex<enter>").await;
    synod.shows("Nothing can run now").keys("<esc>").await;
    run(&mut synod, "2 running").await;
    assert_eq!(written(&synod).into_keys().collect::<Vec<_>>(), ["ops", "shop"]);
    // Groups that were not sent stay marked.
    assert!(synod.line("Only annex").contains("✔"), "{}", synod.text());
    synod.keys("l").await.until("Plan for annex").await;
    synod.hides("Press [y]").keys("<esc>").await;
    synod.end().await;
}

/// A gateway without the call keeps nobody from acting whose gateway has it.
#[tokio::test(start_paused = true)]
async fn a_number_whose_gateway_has_the_call_acts() {
    let world = with("name = \"ops\"\n", "name = \"ops\"\ngateway = \"evolution\"\n");
    let mut synod = of(&world, "3 of 3 connected").await;
    synod.keys("<tab><tab>/only ops<enter> <esc>/everybody<enter> <esc>l").await;
    synod.until("Plan for 2 numbers: link 1 group to Harbor Clinics").await;
    synod.shows("1 to do · 1 blocked");
    run(&mut synod, "1 running").await;
    assert_eq!(written(&synod).into_keys().collect::<Vec<_>>(), ["annex"]);
    synod.end().await;
}

/// A mark that was made while one number was shown is for that number, also where leaving cannot be undone.
#[tokio::test(start_paused = true)]
async fn marks_remember_the_number_that_they_were_made_for() {
    let mut synod = three().start().await;
    synod.loaded().await.keys("]").await.shows("annex @ RyzeAPI 2/3").loaded().await;
    synod.keys("<tab><tab>/every<enter> <esc>]").await.shows("shop @ Z-API 3/3").loaded().await;
    synod.keys("/only shop<enter> <esc>0").await.until("3 of 3 connected").await;
    synod.loaded().await.shows("2 marked");
    synod.keys("l").await.until("Plan for 2 numbers: link 2 groups to Harbor Clinics").await;
    assert!(synod.line("→   Everybody").contains("  annex "), "{}", synod.text());
    synod.keys("<esc>X").await.until("Plan for 2 numbers: leave 2 groups").await;
    assert!(synod.line("→   Everybody").contains("  annex "), "{}", synod.text());
    synod.shows("Type 2 to leave them").keys("2").await.until("2 running").await;
    synod.until_gone("running").await;
    let expected = [("annex", "Everybody"), ("shop", "Only shop")];
    let left: Vec<(String, String)> = written(&synod)
        .into_iter()
        .flat_map(|(number, groups)| groups.into_iter().map(move |group| (number.clone(), group)))
        .collect();
    assert_eq!(left, expected.map(|(number, group)| (number.to_owned(), group.to_owned())));
    synod.end().await;
}

/// A mark removed here is removed there, and marks that were made here stay here.
#[tokio::test(start_paused = true)]
async fn marks_go_back_to_their_number() {
    let mut synod = three().start().await;
    synod.loaded().await.keys("<tab><tab>/every<enter> <esc>/only ops<enter> <esc>").await.shows("2 marked");
    synod.keys("0").await.until("3 of 3 connected").await;
    synod.loaded().await.shows("2 marked");
    synod.keys("/every<enter> <esc>/only annex<enter> <esc>").await.shows("2 marked");
    synod.keys("0").await.shows("ops @ RyzeAPI 1/3").shows("1 marked");
    synod.keys("0").await.shows("2 marked");
    assert!(synod.line("Only ops").contains("✔") && synod.line("Only annex").contains("✔"));
    assert!(!synod.line("Everybody").contains("✔"));
    synod.end().await;
}

/// The room of a community is counted once for all numbers, also while the plan is edited.
#[tokio::test(start_paused = true)]
async fn a_community_has_room_once_for_all_numbers() {
    let world = with("[\"Reception\",", "[{ name = \"Reception\", copies = 47 },");
    let mut synod = of(&world, "3 of 3 connected").await;
    synod.keys("<tab><tab>/only<enter>a<esc>l").await;
    synod.until("Plan for 3 numbers: link 2 groups to Harbor Clinics").await;
    synod.shows("2 to do · 1 blocked").shows("48 of 50 now, 50 after");
    assert!(synod.line("⊘   Only shop").contains("over the limit"), "{}", synod.text());
    // The other one is left out, so this one fits.
    synod.keys("/only ops<enter> <esc>/only shop<enter> <esc>").await.shows("2 to do · 1 left out");
    run(&mut synod, "2 running").await;
    assert_eq!(written(&synod).into_keys().collect::<Vec<_>>(), ["annex", "shop"]);
    synod.end().await;
}

/// Each number could take its groups out of the community alone; together they would empty it.
#[tokio::test(start_paused = true)]
async fn numbers_do_not_take_the_last_subgroup_together() {
    let world = with("[\"Reception\", ", "[{ name = \"Reception\", roles = { ops = \"none\" } }, ");
    let mut synod = of(&world, "3 of 3 connected").await;
    synod.keys("<tab>/lab<enter> <esc>/recep<enter> <esc>").await.shows("2 marked").keys("u").await;
    synod.until("Plan for 2 numbers: unlink").await;
    synod.shows("1 to do · 1 ").shows("last");
    synod.keys("<esc>").await;
    synod.end().await;
}

/// If the number of a row is not in the new community, a number that is takes the row. If no number is, the row stays.
#[tokio::test(start_paused = true)]
async fn another_community_may_need_another_number() {
    let mut synod = of(&with("ops = \"member\", ", ""), "3 of 3 connected").await;
    synod.keys("<tab><tab>/every<enter> <esc>/only<enter>a<esc>l").await;
    synod.until("Plan for 3 numbers: link 4 groups to Harbor Clinics").await;
    synod.keys("/every<enter>n").await.until("annex  (no community) → Harbor").await;
    synod.keys("n").await.until("shop   (no community) → Harbor").await;
    synod.keys("<esc>gt").await.until("To which community?").await;
    synod.keys("north<enter>").await;
    synod.until("1 group keeps its community: no number is in both").await;
    synod.until("Plan for 3 numbers: link 4 groups").await;
    assert!(synod.line("→   Everybody").contains("  ops "), "{}", synod.text());
    run(&mut synod, "3 running").await;
    for (group, community) in [
        ("Everybody", "North Schools"),
        ("Only ops", "North Schools"),
        ("Only annex", "North Schools"),
        ("Only shop", "Harbor Clinics"),
    ] {
        assert!(synod.is_linked(group, community), "{group}: {:?}", synod.writes());
    }
    synod.end().await;
}

/// The choices in a plan stay if Synod makes the plan again because it is old.
#[tokio::test(start_paused = true)]
async fn an_old_plan_of_several_numbers_is_checked_again() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/only<enter>a<esc>l").await;
    synod.until("Plan for 3 numbers: link 3 groups").await;
    synod.keys("/only annex<enter> <esc>").await.shows("2 to do · 1 left out");
    synod.pass(Duration::from_secs(90)).await;
    run(&mut synod, "2 running").await;
    assert_eq!(written(&synod).into_keys().collect::<Vec<_>>(), ["ops", "shop"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn reading_for_several_numbers_can_be_cancelled() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/only<enter>a<esc>l").await.shows("Reading the current state");
    synod.keys("<esc>").await.hides("Reading the current state").shows("3 marked");
    synod
        .pass(Duration::from_secs(30))
        .await
        .hides("Plan for")
        .keys("l")
        .await
        .until("Plan for 3 numbers")
        .await;
    synod.keys("n").await.shows("No other number is in these groups").keys("<esc>").await.hides("Plan for");
    assert!(synod.writes().is_empty());
    synod.end().await;
}

/// A plan file is for one number, so there is one for each; none is written if one of them exists.
#[tokio::test(start_paused = true)]
async fn a_plan_of_several_numbers_becomes_a_file_for_each() {
    let mut synod = wide().await;
    synod.keys("<tab><tab>/only<enter>a<esc>l").await.until("Plan for 3 numbers").await;
    let place = |name: &str| synod.state_dir().join(name);
    let files =
        ["ops", "annex", "shop"].map(|number| (number, place(&format!("synod-plan-link-{number}.json"))));
    fs::write(&files[2].1, "dear to me").unwrap();
    synod.keys("w").await.shows("Writes 3 files, one for each number").keys("<enter>").await;
    synod.until("already exists").await;
    assert!(!files[0].1.exists() && !files[1].1.exists());
    fs::remove_file(&files[2].1).unwrap();
    synod.keys("<esc>w<enter>").await.until("The plan was saved to 3 files").await;
    for (number, file) in files {
        let content = fs::read_to_string(file).unwrap();
        let named = ["ops", "annex", "shop"].map(|number| content.contains(&format!("Only {number}")));
        assert_eq!(named.map(usize::from).iter().sum::<usize>(), 1, "{content}");
        assert!(content.contains(&format!("Only {number}")), "{content}");
    }
    synod.keys("<esc>").await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

/// The retry of an operation is a plan of the same number. The operator can give it to another number.
#[tokio::test(start_paused = true)]
async fn a_retry_can_be_given_to_another_number() {
    let fault = "[[fault]]\non = \"link\"\ninstance = \"ops\"\nthen = \"refuse\"\n";
    let world = THREE.replacen("[[instance]]", &format!("{fault}[[instance]]"), 1);
    let mut synod = of(&world, "3 of 3 connected").await;
    synod.keys("<tab><tab>/every<enter> <esc>l").await.until("Plan for ops: link 1 group").await;
    run(&mut synod, "1 running").await;
    synod.keys("or").await.until("Plan for ops: link 1 group").await;
    synod.keys("n").await.until("Plan for annex: link 1 group").await;
    synod.keys("n").await.until("Plan for shop: link 1 group").await;
    run(&mut synod, "1 running").await;
    assert!(synod.is_linked("Everybody", "Harbor Clinics"));
    let by: Vec<String> = asked(&synod).into_iter().map(|(by, _)| by).collect();
    assert_eq!(by, ["ops", "shop"]);
    synod.keys("oz").await.until("Plan for shop: unlink 1 group").await;
    run(&mut synod, "1 running").await;
    assert!(!synod.is_linked("Everybody", "Harbor Clinics"));
    synod.end().await;
}

/// In the view over all instances, one key stops and pauses the operations of all numbers.
#[tokio::test(start_paused = true)]
async fn the_operations_of_all_numbers_are_stopped_and_paused_together() {
    let mut world = THREE.to_owned();
    for number in ["ops", "annex", "shop"] {
        world = world
            .replace(&format!("name = \"Only {number}\""), &format!("name = \"Only {number}\", copies = 9"));
    }
    let mut synod = of(&world, "3 of 3 connected").await;
    synod.keys("<tab><tab>/only<enter>a<esc>l").await.until("Plan for 3 numbers: link 27 groups").await;
    synod.keys("y").await.until("3 running").await;
    synod.keys("p").await;
    synod.pass(Duration::from_secs(20)).await;
    let paused = synod.writes().len();
    assert!(paused < 27, "they have paused");
    synod.pass(Duration::from_secs(60)).await;
    assert_eq!(synod.writes().len(), paused, "nothing is sent while they pause");
    synod.keys("p").await.pass(Duration::from_secs(6)).await;
    assert!(written(&synod).values().all(|groups| groups.len() > 2), "{:?}", written(&synod));
    synod.keys("S").await.until_gone("running").await;
    let stopped = synod.writes().len();
    assert!(stopped < 27, "they have stopped");
    synod.pass(Duration::from_secs(60)).await;
    assert_eq!(synod.writes().len(), stopped);
    synod.shows("3 need you");
    synod.end().await;
}
