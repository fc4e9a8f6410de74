//! The screen in ASCII signs, over a world whose names are ASCII too.

use crate::support::harness::Harness;

const WORLD: &str = r#"
seed = 3

[ryzeapi]
list_community_fields = true
info_community_fields = true

[[instance]]
name = "ops"
gateway = "ryzeapi"
token = "canary-token-5511"

[[fault]]
on = "link"
group = "Parking"
then = "refuse"
text = "not-authorized"

[[community]]
name = "Harbor Clinics"
groups = ["Reception", "Lab results"]

[standalone]
groups = ["Kitchen", "Night nurses", "Parking", "A name that is far too long for the pane in which it has to stand, and is cut"]
"#;

#[tokio::test(start_paused = true)]
async fn every_window_is_drawn_in_ascii() {
    let mut synod = Harness::toml(WORLD).in_ascii().start().await;
    synod.loaded().await.shows("+ Communities").shows(">").keys("<tab><tab>  v<down>v").await.shows("[x]");
    for keys in ["?", "o", "I", ":", "F", "/zz"] {
        synod.keys(keys).await.keys("<esc>").await;
    }
    synod.keys("<enter>").await.keys("<esc>").await.keys("<tab><tab><tab> l").await;
    synod.until("Press y").await;
    synod.keys("y").await;
    synod.until_done().await;
    synod.keys("o<enter>").await.keys("<enter>").await;
    for frame in synod.frames() {
        let other = frame.chars().find(|letter| !letter.is_ascii());
        assert_eq!(other, None, "in\n{frame}");
    }
    synod.end().await;
}
