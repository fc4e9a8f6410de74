//! The pictures of the documentation: the program over the simulated gateway, each screen in dark and light.
//! `cargo test --test it -- --ignored pictures::` writes them; the result is the same on every machine.

use std::{fs, path::PathBuf};

use synod::tui::theme::Depth;

use crate::support::{
    harness::Harness,
    svg::{Paper, svg},
};

const DARK: Paper = Paper { background: "#15181e", foreground: "#dde1e6", edge: "#3b424e" };
const LIGHT: Paper = Paper { background: "#fcfcfb", foreground: "#1f2328", edge: "#d0d7de" };

/// Faults, so that the pictures show more than success.
const FAULTS: &str = r#"
[[fault]]
on = "link"
group = "Cleaning rota"
then = "lie"
[[fault]]
on = "link"
group = "Kitchen"
then = "refuse"
text = "not-authorized"
[[fault]]
on = "link"
group = "IT support"
then = "drop_before"
"#;

const MARKED: &str = "Ambulance standby\nBloco A\nBlood drive\nCleaning rota\nEmergencias\nFirst aid trainers\nIT support\nKitchen\nNight nurses\nPharmacy night shift\n";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/screenshots")
}

struct Album<'a> {
    synod: &'a Harness,
    theme: &'a str,
    paper: Paper,
}

impl Album<'_> {
    fn take(&self, name: &str, title: &str) {
        let picture = svg(&self.synod.buffer(), title, self.paper);
        fs::write(folder().join(format!("{name}-{}.svg", self.theme)), picture).unwrap();
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "writes assets/screenshots, for whoever changed how the screens look"]
async fn they_are_taken() {
    for (theme, paper) in [("dark", DARK), ("light", LIGHT)] {
        let world = format!("{}\n{FAULTS}", include_str!("../../assets/worlds/harbor.toml"));
        let mut synod =
            Harness::toml(&world).theme(theme, Depth::True).reading_roles().size(120, 32).start().await;
        synod.loaded().await.keys("<down><down><down><tab><tab>").await;
        // The roles of the rows on the screen are read in the background.
        synod.until_gone(" ? │").await;
        synod.paste(MARKED).await.keys("<down><down><down>").await;
        let album =
            |synod: &Harness, name: &str, title: &str| Album { synod, theme, paper }.take(name, title);
        album(
            &synod,
            "panes",
            "Communities, the subgroups of one, and the groups in none, some of them marked",
        );

        synod.keys("l").await;
        synod.until("Press [y]").await;
        album(&synod, "plan", "A plan: what will be done, what is blocked, and why");

        synod.keys("y").await;
        synod.until("✓ verified").await;
        album(&synod, "running", "A running operation: verified, checking, sending and queued groups");

        synod.until_done().await;
        synod.keys("o<enter>").await;
        album(&synod, "operations", "What became of each group of an operation");

        synod.keys("<esc><esc>:link").await;
        album(&synod, "palette", "Every action by its name");
        synod.keys("<esc>?").await;
        album(&synod, "help", "The keys");
        synod.end().await;
    }
}

#[test]
fn the_documented_pictures_exist() {
    let page = include_str!("../../README.md");
    assert_eq!(
        page.matches("<picture>").count() * 2,
        page.matches("assets/screenshots/").count(),
        "each dark and light"
    );
    let shown: Vec<&str> =
        page.split("assets/screenshots/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!shown.is_empty());
    for name in shown {
        let picture =
            fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"), "{name}");
        assert!(!picture.contains("<image") && !picture.contains("href"), "{name} needs nothing else");
    }
}
