//! The look of the screens at the important sizes: as text, and at one size as runs of style, too. Read a snapshot before you
//! accept it.

use std::{fmt::Write, time::Duration};

use ratatui::{
    buffer::{Buffer, Cell},
    style::Color,
};
use synod::tui::theme::Depth;

use crate::support::{
    harness::{Harness, Setup, Weather},
    screen::text,
};

const VAST: (u16, u16) = (200, 60);
const WIDE: (u16, u16) = (120, 40);
const USUAL: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (60, 15);
const ONE_PANE: (u16, u16) = (50, 12);
const TINY: (u16, u16) = (30, 8);

/// A world in which a link of every group has a different result.
pub(crate) const MIXED: &str = r#"
seed = 3
[settings]
latency_ms = [100, 100]
subgroup_limit = 6
[ryzeapi]
list_community_fields = true
failed_items = "objects"
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
group = "Night nurses"
then = "drop_before"
[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", "Lab results"]
[[community]]
name = "North Schools"
id = "120363400000001001"
groups = ["Class 1A", "Class 1B"]
[standalone]
groups = [
  "Cleaning rota", "Kitchen", "Night nurses", "Parking", "Pharmacy night shift", "Volunteers of the summer fair 2026",
  { name = "Board", role = "member" },
]
"#;

/// The screen in a test's form: its text, then each run of cells whose style is not the plain one.
pub(crate) fn picture(buffer: &Buffer) -> String {
    let mut picture = text(buffer);
    picture.push_str("---\n");
    for (y, row) in buffer.content().chunks(usize::from(buffer.area.width)).enumerate() {
        let mut x = 0;
        let mut line = String::new();
        for run in row.chunk_by(|one, other| one.style() == other.style()) {
            let style = named(&run[0]);
            if !style.is_empty() && run.iter().any(|cell| cell.symbol() != " ") {
                let _ = write!(line, " {}-{}:{style}", x, x + run.len() - 1);
            }
            x += run.len();
        }
        if !line.is_empty() {
            let _ = writeln!(picture, "{y:>2}{line}");
        }
    }
    picture
}

fn named(cell: &Cell) -> String {
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string().to_lowercase());
    }
    words.extend(cell.modifier.iter_names().map(|(name, _)| name.to_lowercase()));
    if cell.bg != Color::Reset {
        words.push(format!("on-{}", cell.bg).to_lowercase());
    }
    words.join("+")
}

/// Takes the snapshot of a screen at each size, the present one last.
async fn look(synod: &mut Harness, name: &str, sizes: &[(u16, u16)]) {
    for (columns, rows) in sizes {
        synod.resize(*columns, *rows).await;
        let buffer = synod.buffer();
        let shown = if (*columns, *rows) == USUAL { picture(&buffer) } else { text(&buffer) };
        insta::assert_snapshot!(format!("{name}@{columns}x{rows}"), shown);
    }
    synod.resize(WIDE.0, WIDE.1).await;
}

async fn loaded(setup: Setup) -> Harness {
    let mut synod = setup.start().await;
    synod.loaded().await;
    synod
}

#[tokio::test(start_paused = true)]
async fn the_panes() {
    let mut synod = loaded(Harness::world("harbor")).await;
    look(&mut synod, "panes", &[VAST, WIDE, USUAL, SMALL, ONE_PANE, TINY]).await;
    synod.keys("<tab><tab>   <down>v<down><down>").await;
    look(&mut synod, "marks", &[VAST, WIDE, USUAL, ONE_PANE]).await;
    synod.keys("v/er").await;
    look(&mut synod, "filter_open", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<enter>").await;
    look(&mut synod, "filter_kept", &[USUAL]).await;
    synod.keys("<esc>t").await;
    look(&mut synod, "all_groups", &[VAST, WIDE, USUAL]).await;
    synod.keys("?").await;
    look(&mut synod, "help", &[VAST, WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_palette() {
    let mut synod = loaded(Harness::toml(MIXED)).await;
    synod.keys(":").await;
    look(&mut synod, "palette", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("mark all<down>").await;
    look(&mut synod, "palette_found", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("qq").await;
    look(&mut synod, "palette_none", &[USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn help_is_searched() {
    let mut synod = loaded(Harness::toml(MIXED)).await;
    synod.keys("?/mark").await;
    look(&mut synod, "help_search", &[USUAL, ONE_PANE]).await;
    synod.keys("<enter>").await;
    look(&mut synod, "help_found", &[USUAL]).await;
    synod.keys("/qq").await;
    look(&mut synod, "help_search_none", &[USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn loading() {
    let slow = "seed = 1\n[settings]\nlatency_ms = [20000, 20000]\n[standalone]\ngroups = [\"Kitchen\"]\n";
    let mut synod = Harness::toml(slow).start().await;
    // The first request is on its way.
    synod.until("quota 99/100").await;
    look(&mut synod, "loading", &[WIDE, USUAL]).await;
    synod.loaded().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn plans() {
    let mut synod = loaded(Harness::toml(MIXED).settings(|settings| settings.subgroup_limit = 6)).await;
    // All four heads: to do, risky, blocked with its reasons, and already done.
    synod.keys("<tab>a<backtab><down><tab>a<backtab><up><tab><tab>al").await;
    synod.until("Plan:").await;
    look(&mut synod, "plan_link", &[VAST, WIDE, USUAL, SMALL, ONE_PANE]).await;
    synod.keys("<esc><backtab><backtab>g<tab><tab>cgX").await;
    synod.until("Plan: leave").await;
    look(&mut synod, "plan_leave", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc><backtab><backtab>X").await;
    synod.until("leave the community").await;
    synod.keys("Harb").await;
    look(&mut synod, "plan_leave_community", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc><tab>cau").await;
    synod.until("Plan: unlink").await;
    look(&mut synod, "plan_unlink", &[WIDE, USUAL]).await;
    synod.keys("<esc>m").await;
    look(&mut synod, "target", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("nor").await;
    look(&mut synod, "target_found", &[USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn planning() {
    let mut synod = Harness::toml(&MIXED.replace("[100, 100]", "[3000, 3000]")).start().await;
    synod.loaded().await.keys("<tab><tab>aX").await;
    synod.pass(Duration::from_secs(4)).await;
    look(&mut synod, "planning", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_operation() {
    let mut synod = loaded(Harness::toml(MIXED)).await;
    synod.keys("<tab><tab>a<backtab><down> <backtab><down><tab><down> <backtab><up>l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("contradicted").await;
    look(&mut synod, "running", &[VAST, WIDE, USUAL, SMALL, ONE_PANE]).await;
    synod.keys("q").await;
    look(&mut synod, "quit", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc>p").await;
    synod.until("paused by you").await;
    look(&mut synod, "paused", &[USUAL]).await;
    synod.keys("p").await;
    synod.until_done().await;
    look(&mut synod, "ended", &[VAST, WIDE, USUAL, SMALL]).await;
    synod.keys("<esc><tab><tab>").await;
    look(&mut synod, "ended_read", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_stopped() {
    let mut synod = loaded(Harness::toml(MIXED)).await;
    synod.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("sending").await;
    synod.keys("S").await;
    synod.until_done().await;
    look(&mut synod, "stopped", &[WIDE, USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn errors() {
    let plain = || Harness::toml(MIXED);
    for (name, setup) in [
        ("wrong_token", plain().wrong_token()),
        ("unknown_instance", plain().unknown_instance()),
        ("not_connected", plain().connection("disconnected")),
        ("banned", plain().connection("banned")),
        ("unreachable", plain().weather(Weather::Unreachable)),
        ("no_json", plain().weather(Weather::Page)),
        ("used_up", plain().weather(Weather::TooMany)),
    ] {
        let mut synod = setup.start().await;
        synod.loaded().await;
        look(&mut synod, &format!("error_{name}"), &[WIDE, USUAL]).await;
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_cannot_be_read() {
    let fault = "[[fault]]\non = \"subgroups\"\ncommunity = \"North Schools\"\nthen = \"empty_listing\"\n[[community]]\n";
    let mut synod = loaded(Harness::toml(&MIXED.replacen("[[community]]\n", fault, 1))).await;
    synod.keys("<down>").await.until_said("could not be read").await;
    look(&mut synod, "listing_unread", &[WIDE, USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn no_community_is_known() {
    let mut synod = loaded(Harness::world("no_fields")).await;
    look(&mut synod, "no_community_known", &[WIDE, USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn hostile_names() {
    let mut synod = loaded(Harness::world("hostile_names").communities(&["120363400000000001@g.us"])).await;
    look(&mut synod, "hostile_names", &[WIDE, USUAL]).await;
    synod.keys("<tab>au").await;
    synod.until("Plan:").await;
    look(&mut synod, "hostile_names_plan", &[WIDE, USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_comparison_with_a_file() {
    let mut synod = loaded(Harness::world("harbor")).await;
    let state = "[[community]]\ncommunity = \"Harbor Clinics\"\nonly = true\n\
                 groups = [\"Reception\", \"Sopranos & altos\", \"Parking\", \"Nobody knows it\"]\n\
                 [[standalone]]\ngroups = [\"Tenors & basses\"]\n";
    std::fs::write(synod.state_dir().join("clinics.toml"), state).unwrap();
    synod.keys("Dclinics.toml").await;
    look(&mut synod, "compare_file", &[USUAL, ONE_PANE]).await;
    synod.keys("<enter>").await.until("between").await;
    synod.keys(" ").await;
    look(&mut synod, "comparison", &[VAST, WIDE, USUAL, ONE_PANE]).await;
    let table = "group,community\nParking,Nowhere\n,Choir\n";
    std::fs::write(synod.state_dir().join("clinics.toml"), table).unwrap();
    synod.keys("r").await.until("2 faults").await;
    look(&mut synod, "comparison_faults", &[USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn without_colours() {
    let mut synod = loaded(Harness::toml(MIXED).colourless()).await;
    synod.keys("<tab><tab>  <down>v<down>").await;
    look(&mut synod, "mono_panes", &[USUAL]).await;
    synod.keys("l").await;
    synod.until("Plan:").await;
    look(&mut synod, "mono_plan", &[USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn in_ascii() {
    let mut synod = loaded(Harness::toml(MIXED).in_ascii()).await;
    synod.keys("<tab><tab>  <down>").await;
    look(&mut synod, "ascii_panes", &[VAST, WIDE, USUAL]).await;
    synod.keys("l").await;
    synod.until("Plan:").await;
    look(&mut synod, "ascii_plan", &[WIDE, USUAL]).await;
    synod.keys("y").await;
    synod.until_done().await;
    look(&mut synod, "ascii_ended", &[WIDE, USUAL]).await;
    assert!(synod.text().is_ascii(), "{}", synod.text());
    synod.end().await;
}

/// An operation in which groups ended in every way, under each theme; the words and glyphs are the same in all.
#[tokio::test(start_paused = true)]
async fn themes() {
    let mut texts = Vec::new();
    for (name, theme, depth) in [
        ("dark", "dark", Depth::True),
        ("light", "light", Depth::True),
        ("contrast", "contrast", Depth::True),
        ("mono", "mono", Depth::True),
        ("no_color", "dark", Depth::None),
        ("dark_256", "dark", Depth::Indexed),
        ("dark_16", "dark", Depth::Sixteen),
        ("light_16", "light", Depth::Sixteen),
        ("contrast_16", "contrast", Depth::Sixteen),
        ("terminal_16", "terminal", Depth::Sixteen),
    ] {
        let mut synod = loaded(Harness::toml(MIXED).theme(theme, depth)).await;
        synod.keys("<tab><tab>al").await;
        synod.until("Press [y]").await;
        synod.keys("y").await;
        synod.until_done().await;
        synod.keys("<esc><tab>").await;
        look(&mut synod, &format!("theme_{name}"), &[USUAL]).await;
        texts.push(synod.text());
        synod.end().await;
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "no information depends on colour alone");
}

#[tokio::test(start_paused = true)]
async fn read_only() {
    let mut synod = loaded(Harness::toml(MIXED).read_only()).await;
    synod.keys("<tab><tab> l").await;
    synod.until("Plan:").await;
    look(&mut synod, "read_only_plan", &[WIDE, USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn details() {
    let mut synod = loaded(Harness::toml(MIXED)).await;
    synod.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until_done().await;
    synod.keys("<esc><backtab>/parking<enter><enter>").await;
    synod.until("up to date;").await;
    look(&mut synod, "details_group", &[VAST, WIDE, USUAL, ONE_PANE]).await;
    synod.keys("i").await;
    synod.until("chat.whatsapp.com").await;
    look(&mut synod, "details_invite_link", &[USUAL]).await;
    synod.keys("<esc><esc><backtab>i").await;
    synod.until("up to date;").await;
    look(&mut synod, "details_community", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn details_of_hostile_names() {
    let mut synod = loaded(Harness::world("hostile_names").communities(&["120363400000000001@g.us"])).await;
    synod.keys("<tab><down><enter>").await;
    synod.until("up to date;").await;
    look(&mut synod, "details_hostile", &[WIDE, USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_happened_to_one_group() {
    let mut synod = loaded(Harness::toml(MIXED)).await;
    synod.keys("<tab><tab>/kitchen<enter> l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until_done().await;
    synod.keys("<esc><tab><enter>").await;
    synod.until("Press [r]").await;
    look(&mut synod, "item", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc>ow").await;
    look(&mut synod, "export", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc>Y").await;
    look(&mut synod, "command", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn files_and_pastes() {
    let mut synod = loaded(Harness::toml(MIXED)).await;
    synod.paste("Parking\nkitch\nnobody\nHarbor Clinics\n").await;
    look(&mut synod, "pasted", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc>l").await;
    synod.until("Plan:").await;
    synod.keys("w").await;
    look(&mut synod, "write_plan", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_instances() {
    let more = "[[instance]]\nname = \"harbor\"\n[[instance]]\nname = \"annex\"\nstate = \"disconnected\"\n[[instance]]\nname = \"shop\"\ngateway = \"zapi\"\n[[community]]\n";
    let world = MIXED.replacen("[[community]]\n", more, 1);
    let mut synod = loaded(Harness::toml(&world).all_instances()).await;
    synod.keys("I").await;
    synod.until_gone("asking the gateway").await;
    look(&mut synod, "instances", &[VAST, WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<down>").await;
    look(&mut synod, "instances_not_connected", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
    let mut synod = loaded(Harness::toml(&world).account_token()).await;
    synod.keys("I").await;
    synod.until("not configured").await;
    synod.keys("<down>").await;
    look(&mut synod, "instances_not_configured", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn connecting() {
    let world = MIXED.replacen("[settings]\n", "[settings]\nscanned_code = 0\n", 1);
    let mut synod = loaded(Harness::toml(&world).connection("disconnected")).await;
    synod.keys("I").await;
    synod.until_gone("asking the gateway").await;
    synod.keys("c").await;
    synod.until("scan this code").await;
    look(&mut synod, "connect_qr", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("n").await;
    look(&mut synod, "connect_number", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("5511900000001<enter>").await;
    synod.until("Type this on the phone").await;
    look(&mut synod, "connect_code", &[WIDE, USUAL, ONE_PANE]).await;
    synod.until("The code was not used").await;
    look(&mut synod, "connect_unused", &[USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn finding_communities() {
    let mut synod = loaded(Harness::world("no_fields").communities(&["120363400000000001@g.us"])).await;
    synod.keys("F").await;
    look(&mut synod, "finding", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("p").await;
    synod.until("4 of").await;
    look(&mut synod, "finding_running", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("p<esc>").await;
    look(&mut synod, "finding_paused", &[WIDE, USUAL]).await;
    synod.keys("Fp").await;
    synod.until("found 1").await;
    synod.keys("anonsense<enter>").await;
    synod.until("Not added: this number is in no such community").await;
    look(&mut synod, "finding_added", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc>x").await;
    look(&mut synod, "finding_forgotten", &[USUAL]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_form_for_an_instance() {
    let mut synod = Harness::toml(MIXED).configuration("").start().await;
    synod.until("Add an instance").await;
    look(&mut synod, "entry_first", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<down>https://gateway.test<down>harbor<down>canary-5d1e-wrong<enter>").await;
    synod.until("✗ Token").await;
    look(&mut synod, "entry_refused", &[WIDE, USUAL, ONE_PANE]).await;
    synod.weather(Weather::Unreachable);
    synod.keys("<enter>").await;
    synod.until("saves it anyway").await;
    look(&mut synod, "entry_unreachable", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<up><right><tab><tab><tab><c-t>ZAPI_TOKEN<tab>").await;
    look(&mut synod, "entry_secrets", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc>").await;
    look(&mut synod, "no_instance", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn changing_and_removing_an_instance() {
    let entry = "[[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\nbase_url = \"https://gateway.test\"\n\
                 instance = \"harbor\"\ntoken = \"canary-5d1e-wrong\"\n";
    let mut synod = Harness::toml(MIXED).configuration(entry).start().await;
    synod.until("does not accept the token").await;
    synod.keys("Ie").await;
    synod.until("(as it is)").await;
    look(&mut synod, "entry_changed", &[WIDE, USUAL, ONE_PANE]).await;
    synod.keys("<esc>d").await;
    look(&mut synod, "removal", &[WIDE, USUAL, ONE_PANE]).await;
    synod.end().await;
}
