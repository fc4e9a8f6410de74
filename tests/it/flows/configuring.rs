//! Adding, changing and removing instances while the program runs.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use crate::support::harness::{Harness, Setup, Weather};

/// Three instances on one gateway; the second has no phone. Nothing misbehaves.
const WORLD: &str = r#"
seed = 1
[settings]
latency_ms = [100, 100]
[ryzeapi]
list_community_fields = true
[[instance]]
name = "harbor"
token = "canary-token-harbor"
[[instance]]
name = "annex"
token = "canary-token-annex"
state = "disconnected"
[[instance]]
name = "shop"
gateway = "zapi"
id = "canary-id-shop"
token = "canary-token-shop"
[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", "Lab results"]
[standalone]
groups = ["Kitchen", "Parking"]
"#;

/// An entry of the configuration.
fn entry(label: &str, instance: &str, token: &str) -> String {
    format!(
        "[[instance]]\nname = \"{label}\"\ngateway = \"ryzeapi\"\nbase_url = \"https://gateway.test\"\n\
         instance = \"{instance}\"\ntoken = {token}\n\n"
    )
}

/// The entry of the first instance, whose token is in a file beside the configuration.
fn ops() -> String {
    entry("ops", "harbor", "\"canary-token-harbor\"")
}

fn begun(configuration: &str) -> Setup {
    Harness::toml(WORLD).configuration(configuration)
}

/// Types the values of a new instance into the form.
async fn fill(synod: &mut Harness, instance: &str, token: &str, name: &str) {
    synod.keys("<down>https://gateway.test<down>").await;
    synod.keys(instance).await.keys("<tab>").await.keys(token).await.keys("<tab>").await.keys(name).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_configuration_the_form_leads_into_the_panes() {
    let mut synod = begun("").start().await;
    synod.until("Add an instance").await;
    synod.says("Welcome to Synod");
    fill(&mut synod, "harbor", "canary-token-harbor", "ops").await;
    synod.hides("canary").shows("•••");
    synod.keys("<enter>").await;
    synod.until("ops @ RyzeAPI").await;
    synod.loaded().await.shows("Harbor Clinics").shows("Kitchen").hides("Add an instance");
    // The lists of this gateway show communities, so there is nothing to search for.
    synod.hides("Communities of ops");
    let config = fs::read_to_string(synod.config_file()).unwrap();
    assert!(config.contains("token = { file = \"secrets/ops.token\" }"), "{config}");
    assert!(!config.contains("canary"), "{config}");
    let secret = synod.config_file().with_file_name("secrets/ops.token");
    assert_eq!(fs::read_to_string(&secret).unwrap(), "canary-token-harbor\n");
    assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    // The engine knows it too.
    synod.keys("<tab><tab> l").await;
    assert!(synod.confirmed().await.contains("1 verified"));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_lists_no_communities_is_searched_at_once() {
    let world = WORLD.replace("list_community_fields = true", "list_community_fields = false");
    let mut synod = Harness::toml(&world).configuration("").start().await;
    synod.until("Add an instance").await;
    fill(&mut synod, "harbor", "canary-token-harbor", "").await;
    synod.keys("<enter>").await;
    synod.until("Communities of harbor").await;
    synod.until("Harbor Clinics").await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_gateway_refuses_is_corrected_in_the_form() {
    let mut synod = begun("").start().await;
    synod.until("Add an instance").await;
    // Enter leads to the field that has no value yet.
    synod.keys("<enter>").await.shows("✗ Token").says("This is needed");
    synod.keys("<up><up>https://gateway.test<down>harbor<tab>canary-5d1e-wrong<enter>").await;
    synod.until("✗ Token").await;
    synod.says("Copy the token from the gateway's panel").hides("saves it anyway");
    assert!(!synod.config_file().exists());
    synod.keys("<c-u>canary-token-harbor<up><c-u>nobody<enter>").await;
    synod.until("✗ Instance").await;
    synod.keys("<c-s>").await.shows("Add an instance");
    synod.keys("<c-u>harbor<enter>").await;
    synod.until("harbor @ RyzeAPI").await;
    synod.loaded().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_without_a_phone_or_behind_a_lost_network_is_saved_with_its_own_key() {
    let mut synod = begun(&ops()).start().await;
    synod.loaded().await.keys("Ia").await;
    fill(&mut synod, "annex", "canary-token-annex", "second").await;
    synod.weather(Weather::Unreachable);
    synod.keys("<enter>").await;
    synod.until("saves it anyway").await;
    synod.says("cannot be reached").shows("✗ Address");
    synod.weather(Weather::Fine);
    synod.keys("<enter>").await;
    synod.until("no phone is connected").await;
    assert!(!fs::read_to_string(synod.config_file()).unwrap().contains("annex"));
    synod.keys("<c-s>").await;
    synod.until("second @ RyzeAPI").await;
    synod.loaded().await.keys("0").await;
    synod.until("all 2").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_secret_can_come_from_a_file_or_a_command() {
    let mut synod = begun("").start().await;
    let token = synod.state_dir().join("my.token");
    fs::write(&token, "canary-token-harbor\n").unwrap();
    fs::set_permissions(&token, PermissionsExt::from_mode(0o600)).unwrap();
    synod.until("Add an instance").await;
    synod.keys("<down>https://gateway.test<down>harbor<tab>typed<c-t><c-t>").await;
    synod.shows("file:").hides("typed");
    synod.keys("/nowhere<enter>").await;
    synod.until("✗ Token").await;
    synod.keys("<c-u>").await.keys(token.to_str().unwrap()).await.keys("<enter>").await;
    synod.until("harbor @ RyzeAPI").await;
    synod.loaded().await;
    let config = fs::read_to_string(synod.config_file()).unwrap();
    assert!(config.contains(&format!("token = {{ file = {token:?} }}")), "{config}");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_whose_name_is_a_secret_keeps_it() {
    let mut synod = begun("").start().await;
    synod.until("Add an instance").await;
    synod.keys("<right>").await.shows("Z-API").shows("Client token");
    synod.keys("<down>https://gateway.test<down>canary-id-shop<tab>canary-token-shop<tab><tab>").await;
    synod.hides("canary").says("Your own name for the instance, such as").hides("the same as");
    synod.keys("<enter>").await.shows("✗ Your name");
    synod.keys("shop<enter>").await;
    synod.until("shop @ Z-API").await;
    synod.loaded().await.shows("Kitchen");
    let config = fs::read_to_string(synod.config_file()).unwrap();
    assert!(config.contains("instance = { file = \"secrets/shop.instance\" }"), "{config}");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_is_corrected_while_the_program_runs() {
    let wrong = entry("ops", "harbor", "\"canary-5d1e-wrong\"");
    let mut synod = begun(&wrong).start().await;
    synod.until("does not accept the token").await;
    synod.says("To correct it, press [I], then [e].").hides("again").keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.says("Correct it with [e], or in the configuration").keys("e").await;
    synod.until("(as it is)").await;
    synod.shows("https://gateway.test").shows("harbor");
    synod.keys("canary-token-harbor<enter>").await;
    synod.until("Kitchen").await;
    synod.loaded().await.shows("ops @ RyzeAPI").hides("Change ops");
    synod.keys("<tab><tab> l").await;
    assert!(synod.confirmed().await.contains("1 verified"));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_edit_made_meanwhile_survives() {
    let mut synod = begun(&ops()).start().await;
    synod.loaded().await.keys("Ia").await;
    fill(&mut synod, "shop", "canary-token-shop", "").await;
    let path = synod.config_file();
    let edited = format!("# Mine.\n{}[ui]\nmouse = true # really\n", ops());
    fs::write(&path, &edited).unwrap();
    synod.keys("<up><up><c-u>annex<tab><c-u>canary-token-annex<enter>").await;
    synod.until("no phone is connected").await;
    synod.keys("<c-s>").await;
    synod.until("annex @ RyzeAPI").await;
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.starts_with(&edited) && after.contains("name = \"annex\""), "{after}");
    synod.loaded().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_removed_after_a_question_and_its_journal_stays() {
    let both = ops() + &entry("second", "annex", "\"canary-token-annex\"");
    let mut synod = begun(&both).start().await;
    synod.loaded().await.keys("<tab><tab> l").await;
    synod.confirmed().await;
    synod.keys("<esc>Id").await.shows("Remove “ops”");
    synod.keys("<enter>").await.shows("Remove “ops”").keys("<esc>").await.hides("Remove “ops”");
    synod.keys("d").await.pass(Duration::from_secs(1)).await.keys("y").await;
    synod.until("is no longer in the configuration").await;
    assert!(!fs::read_to_string(synod.config_file()).unwrap().contains("ops"));
    synod.keys("<esc>").await.until("second @ RyzeAPI").await;
    // It had not been read yet.
    synod.loaded().await.says("The list of groups could not be read");
    synod.hides("ops").keys("0").await.says("only one instance");
    // Added again, it has its journal.
    synod.keys("Ia").await;
    fill(&mut synod, "harbor", "canary-token-harbor", "again").await;
    synod.keys("<enter>").await;
    synod.until("again @ RyzeAPI").await;
    synod.loaded().await.keys("o").await.shows("link");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_with_a_running_operation_stays_as_it_is() {
    let both = ops() + &entry("second", "annex", "\"canary-token-annex\"");
    let mut synod = begun(&both).start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("sending").await;
    synod.keys("I").await;
    for key in ["e", "d"] {
        synod.keys(key).await.says("“ops” has an operation in progress").hides("Remove");
    }
    // Somebody removes it from the file by hand.
    let second = entry("second", "annex", "\"canary-token-annex\"");
    fs::write(synod.config_file(), second).unwrap();
    synod.keys("r").await;
    synod.until("has an operation in progress, so it stays").await;
    synod.shows("ops").keys("<esc>").await;
    assert!(synod.until_done().await.contains("2 verified"));
    synod.keys("Ir").await;
    synod.until("1 usable instance").await;
    synod.hides("ops (shown)").keys("<esc>").await.until("second @ RyzeAPI").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn ten_instances_of_which_three_are_broken_work_after_a_correction_by_hand() {
    let names: Vec<String> = (0..10).map(|number| format!("n{number}")).collect();
    let own = |name: &String| format!("[[instance]]\nname = \"{name}\"\ntoken = \"canary-token-{name}\"\n");
    let instances: String = names.iter().map(own).collect();
    let world = WORLD.replace("[[community]]", &format!("{instances}[[community]]"));
    let all = |bad: bool| -> String {
        let of = |(at, name): (usize, &String)| match at {
            2 if bad => entry(name, name, "{ env = \"SYNOD_TEST_UNSET\" }"),
            5 if bad => entry(name, name, "{ file = \"/nowhere/token\" }"),
            7 if bad => entry(name, name, "\"x\"").replace("https://gateway.test", "gateway"),
            _ => entry(name, name, &format!("\"canary-token-{name}\"")),
        };
        names.iter().enumerate().map(of).collect()
    };
    let mut synod = Harness::toml(&world).configuration(&all(true)).start().await;
    synod.loaded().await.shows("3 broken").shows("1/7").keys("I").await;
    synod.until_gone("asking the gateway").await;
    assert_eq!(synod.text().matches("✗ broken").count(), 3);
    // A file that is no TOML changes nothing.
    fs::write(synod.config_file(), "[[instance]\n").unwrap();
    synod.keys("r").await;
    synod.until("could not be read").await;
    assert_eq!(synod.text().matches("✗ broken").count(), 3);
    fs::write(synod.config_file(), all(false)).unwrap();
    synod.keys("r").await;
    synod.until("10 usable instances").await;
    synod.until_gone("asking the gateway").await;
    assert_eq!(synod.text().matches("● connected").count(), 10 + 1, "{}", synod.text());
    synod.keys("<esc>").await.hides("broken").shows("1/10");
    // One that was broken works.
    synod.keys("]]").await.until("n2 @ RyzeAPI").await;
    synod.loaded().await.keys("<tab><tab> l").await;
    assert!(synod.confirmed().await.contains("1 verified"));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn marks_survive_a_change_of_the_instances() {
    let mut synod = begun(&(ops() + &entry("second", "annex", "\"canary-token-annex\""))).start().await;
    synod.loaded().await.keys("0").await;
    synod.loaded().await.keys("<tab><tab> ").await.shows("1 marked");
    synod.keys("Ir").await.until("2 usable instances").await;
    synod.keys("<esc>").await.shows("1 marked").shows("all 2");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_changed_in_read_only_mode_or_without_a_configuration() {
    let mut synod = begun(&ops()).read_only().start().await;
    synod.loaded().await.keys("I").await;
    for key in ["a", "e", "d"] {
        synod.keys(key).await.hides("Add an instance").hides("Change").hides("Remove");
    }
    synod.end().await;
    let mut synod = Harness::toml(WORLD).start().await;
    synod.loaded().await.keys("Ia").await.says("The demonstration has no configuration");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn esc_leaves_the_first_form_and_the_screen_says_how_to_go_on() {
    let mut synod = begun("").start().await;
    synod.until("Add an instance").await;
    synod.keys("<esc>").await.says("There is no instance yet");
    synod.keys("I").await.shows("Instances").keys("a").await.shows("Add an instance");
    synod.keys("<esc><esc>").await.says("There is no instance yet").keys("q").await;
    synod.exited().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_accounts_other_instances_are_ticked_and_added_with_its_token() {
    let long = "a-name-of-more-than-forty-characters-on-the-gateway";
    let world = format!("[[instance]]\nname = \"third\"\n[[instance]]\nname = {long:?}\n[[community]]");
    let world = WORLD.replace("[[community]]", &world);
    let probe = Harness::toml(&world).start().await;
    let account = probe.simulator.instances()[0].account_token.clone().unwrap();
    probe.end().await;
    let before =
        format!("# The account.\n{}", entry("ops", "harbor", &format!("{account:?} # of the account")));
    let before = before + "communities = [\"120363400000000001@g.us\"]\n";
    let mut synod = Harness::toml(&world).configuration(&before).start().await;
    synod.loaded().await.keys("I").await;
    synod.until("[ ] third").await;
    synod.keys("<down>").await.says("belongs to its account");
    synod
        .keys(" ")
        .await
        .keys(" ")
        .await
        .shows("[x] annex")
        .keys(" ")
        .await
        .shows("[x] third")
        .keys("a")
        .await;
    synod.until("3 instances were added").await;
    synod.until_gone("asking the gateway").await;
    synod.shows(&long[..15]);
    synod.hides("[x]").hides("[ ] third").shows("no operation running");
    assert!(synod.line("third").contains("● connected"));
    let after = std::fs::read_to_string(synod.config_file()).unwrap();
    let added = after.strip_prefix(&before).unwrap_or_else(|| panic!("{after}"));
    assert_eq!(added.matches(&format!("token = {account:?}\n")).count(), 3, "{added}");
    assert!(added.contains(&format!("name = {:?}\ninstance = {long:?}\n", &long[..36])), "{added}");
    assert!(!added.contains("communities") && !added.contains('#'), "{added}");
    synod.keys("<esc>").await.shows("1/4");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_accounts_token_without_an_instance_names_those_that_there_are() {
    let probe = Harness::toml(WORLD).start().await;
    let account = probe.simulator.instances()[0].account_token.clone().unwrap();
    probe.end().await;
    let mut synod = begun("").start().await;
    synod.until("Add an instance").await;
    synod.keys("<down>https://gateway.test<tab><tab>canary-5d1e-wrong<enter>").await;
    synod.until("✗ Token").await;
    synod.keys("<c-u>canary-token-harbor<enter>").await;
    // An instance's own token lists nothing.
    synod.until("✗ Instance").await;
    synod.keys("<tab><c-u>").await.keys(&account).await.keys("<enter>").await;
    synod.until("the account has").await;
    synod.says("harbor, annex").keys("harbor<enter>").await;
    synod.until("harbor @ RyzeAPI").await;
    synod.loaded().await.keys("I").await.until("[ ] annex").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_chosen_entry_is_removed_and_not_another_with_its_name() {
    let third = entry("n8", "third", "\"canary-token-harbor\"");
    let all = ops() + &entry("n8", "harbor2", "\"canary-token-harbor\"");
    let all = all + &entry("N8", "annex", "\"canary-token-annex\"") + &third;
    let mut synod = begun(&all).start().await;
    synod.loaded().await.keys("I").await;
    synod.until_gone("asking the gateway").await;
    assert_eq!(synod.text().matches("✗ broken").count(), 3);
    // The file has changed, so the line may be that of another entry.
    synod.keys("G").await.says("already has this name").keys("d").await.pass(Duration::from_secs(1)).await;
    let moved = format!("# Mine.\n{all}");
    fs::write(synod.config_file(), &moved).unwrap();
    synod.keys("y").await;
    synod.until_said("the configuration has changed since it was read").await;
    assert_eq!(fs::read_to_string(synod.config_file()).unwrap(), moved);
    synod.keys("r").await.until("1 usable instance").await;
    synod.keys("d").await.pass(Duration::from_secs(1)).await.keys("y").await;
    synod.until("is no longer in the configuration").await;
    assert_eq!(fs::read_to_string(synod.config_file()).unwrap(), moved.replace(&third, ""));
    // The cursor is on the last row, which is now the second of the two.
    synod.keys("d").await.shows("Remove “N8”").pass(Duration::from_secs(1)).await.keys("y").await;
    synod.until_said("“N8” is no longer in the configuration").await;
    let left = fs::read_to_string(synod.config_file()).unwrap();
    assert!(left.contains("\"harbor2\"") && !left.contains("annex"), "{left}");
    // The other one works now, and its state is asked for.
    synod.until_gone("asking the gateway").await;
    synod.hides("broken").shows("n8").hides("asking");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_cursor_stays_on_its_entry_over_a_change_of_the_file() {
    let broken = |name: &str| entry(name, name, "{ env = \"SYNOD_TEST_UNSET\" }");
    let mut synod = begun(&(ops() + &broken("b1") + &broken("b2") + &broken("b3"))).start().await;
    synod.loaded().await.keys("IGk").await;
    synod.until_gone("asking the gateway").await;
    assert!(synod.line("b2").contains('▸'), "{}", synod.text());
    fs::write(synod.config_file(), broken("b0") + &broken("b2") + &ops() + &broken("b3")).unwrap();
    synod.keys("r").await.until("b0").await;
    assert!(synod.line("b2").contains('▸'), "{}", synod.text());
    // It follows an entry that is corrected, and one that breaks.
    fs::write(synod.config_file(), entry("b2", "annex", "\"canary-token-annex\"") + &ops()).unwrap();
    synod.keys("r").await.until("2 usable instances").await;
    assert!(synod.line("b2").contains('▸'), "{}", synod.text());
    fs::write(synod.config_file(), broken("b1") + &ops() + &broken("b2")).unwrap();
    synod.keys("r").await.until("1 usable instance").await;
    assert!(synod.line("b2").contains('▸'), "{}", synod.text());
    synod.keys("d").await.shows("Remove “b2”");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_read_of_the_configuration_never_replaces_a_later_one() {
    let slow = Duration::from_secs(5);
    let mut synod = begun(&ops()).slow_read(slow).start().await;
    synod.loaded().await.keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.keys("r").await;
    fs::write(synod.config_file(), ops() + &entry("second", "annex", "\"canary-token-annex\"")).unwrap();
    synod.keys("r").await;
    synod.until("2 usable instances").await;
    synod.pass(slow * 2).await.shows("second");
    synod.keys("<esc>").await.shows("1/2");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_kept_token_names_the_instances_that_there_are() {
    let probe = Harness::toml(WORLD).start().await;
    let account = probe.simulator.instances()[0].account_token.clone().unwrap();
    probe.end().await;
    let mut synod = begun(&entry("ops", "harbor", &format!("{account:?}"))).start().await;
    synod.loaded().await.keys("Ie").await;
    synod.until("(as it is)").await;
    synod.keys("<up><c-u><enter>").await;
    synod.until("the account has").await;
    synod.says("harbor, annex").shows("✗ Instance").keys("annex<enter>").await;
    synod.until("no phone is connected").await;
    synod.weather(Weather::Unreachable);
    for field in ["", "annex"] {
        synod.keys("<c-u>").await.keys(field).await.keys("<enter>").await;
        synod.until("The gateway cannot be reached").await;
        synod.shows("✗ Address").hides("in the configuration").keys("<down>").await;
    }
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_broken_entry_says_truly_what_corrects_it() {
    let bad = entry("bad", "bad", "\"x\"").replace("https://gateway.test", "gateway");
    let twins = entry("twin", "annex", "\"canary-token-annex\"") + &entry("Twin", "third", "\"canary\"");
    let unnamed = entry("", "none", "\"x\"");
    for (columns, rows) in [(120, 40), (80, 24), (50, 15)] {
        let mut synod = begun(&(ops() + &bad + &twins + &unnamed)).size(columns, rows).start().await;
        synod.loaded().await.keys("I").await;
        synod.until_gone("asking the gateway").await;
        synod.shows("r read again");
        synod.keys("<down>").await.says("Correct it in the configuration; then [r]").hides("e change");
        synod.shows("r read again").keys("e").await;
        synod.until_said("its lines have a mistake: correct them in the configuration").await;
        synod.keys("G").await.hides("e change").hides("d remove").keys("e").await.says("no valid name");
        // The form corrects a name that is there twice.
        synod.keys("k").await.says("Correct it with [e]").shows("e change").keys("e").await;
        synod.until("(as it is)").await;
        synod.keys("<tab><c-u>other<enter>").await;
        synod.until("✗ Token").await;
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn only_an_instance_that_is_not_in_the_configuration_can_be_ticked() {
    let mut synod = begun(&ops()).start().await;
    synod.loaded().await.keys("I ").await.says("is in the configuration already").hides("announcement group");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_corrected_secret_leaves_no_old_one_behind() {
    let mut synod = begun("").start().await;
    synod.until("Add an instance").await;
    fill(&mut synod, "harbor", "canary-5d1e-wrong", "ops").await;
    synod.weather(Weather::Unreachable);
    synod.keys("<enter>").await.until("saves it anyway").await;
    synod.keys("<c-s>").await.until("ops @ RyzeAPI").await;
    synod.weather(Weather::Fine);
    let secrets = synod.config_file().with_file_name("secrets");
    // A file of the user's own stays.
    fs::write(secrets.join("mine.txt"), "mine").unwrap();
    let files = || {
        let names = fs::read_dir(&secrets).unwrap().map(|file| file.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(files(), "mine.txt ops.token");
    for (keys, left) in [
        ("canary-token-harbor", "mine.txt ops-2.token"),
        ("canary-token-harbor", "mine.txt ops.token"),
        ("<c-t>canary-token-harbor", "mine.txt ops-2.token"),
    ] {
        synod.keys("I").await;
        synod.until_gone("asking the gateway").await;
        synod.keys("e").await.until("(as it is)").await;
        synod.keys(keys).await.keys("<enter>").await;
        synod.until_gone("Change ops").await;
        assert_eq!(files(), left);
    }
    synod.loaded().await.shows("Kitchen");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_in_the_field_of_a_reference_is_not_shown() {
    let mut synod = begun("").start().await;
    synod.until("Add an instance").await;
    synod.keys("<down>https://gateway.test<down>harbor<tab><c-t>").await.shows("variable:");
    synod.keys("RYZE_TOKEN").await.shows("RYZE_TOKEN").keys("<c-u>").await;
    synod.paste("canary-5d1e-wrong-7f3a").await.hides("canary").shows("•••");
    synod.keys("<enter>").await.until("not the secret itself").await;
    synod.hides("canary").keys("<c-t><c-t>").await.shows("command:");
    synod.paste("canary-token-harbor").await.hides("canary").keys("<enter>").await;
    synod.until("✗ Token").await;
    synod.says("The command that the configuration names cannot be run").hides("canary");
    synod.keys("<c-u>pass show canary").await.shows("pass show canary");
    synod.end().await;
}
