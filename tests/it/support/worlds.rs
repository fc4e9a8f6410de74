//! World files that the tests of several topics use.

use std::fmt::Write;

/// Settings of a world with quick answers, in which the list of groups names their communities.
macro_rules! quick {
    ($rest:expr) => {
        concat!(
            r#"
seed = 1

[settings]
latency_ms = [1, 2]

[ryzeapi]
list_community_fields = true

"#,
            $rest
        )
    };
}

/// The same with three numbers, the last of them on another gateway.
macro_rules! three_numbers {
    ($rest:expr) => {
        $crate::support::worlds::quick!(concat!(
            r#"
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

"#,
            $rest
        ))
    };
}

/// The two communities that most tests of commands know.
macro_rules! two_communities {
    ($rest:expr) => {
        concat!(
            r#"
[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", "Lab results", "Radiology"]

[[community]]
name = "North Schools"
id = "120363400000001001"
groups = ["Class 1A", "Class 1B", "Class 1C"]

"#,
            $rest
        )
    };
}

pub(crate) use {quick, three_numbers, two_communities};

/// Two communities, two groups whose names differ only in case, and one group that always refuses.
pub(crate) const WORLD: &str = concat!(
    r#"
seed = 3

[settings]
link_delay_ms = 0
listing_lag_ms = [0, 0]

[ryzeapi]
rate_limit = 100000
failed_items = "objects"
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

"#,
    two_communities!(
        r#"
[standalone]
groups = ["Kitchen", "Night nurses", "Parking", "Pharmacy night shift", "twins", "Twins"]
"#
    )
);

/// A community for a world file.
pub(crate) fn community(name: &str, id: &str, groups: &[&str]) -> String {
    format!("[[community]]\nname = {name:?}\nid = {id:?}\ngroups = {groups:?}\n")
}

/// The id of a community of [`forty`].
pub(crate) fn clinic(at: u64) -> String {
    (120_363_400_000_000_001 + 1_000 * at).to_string()
}

/// Three numbers over forty communities of three groups each: "ops" is in the first 28 of them, "annex" in the last 28, so that they
/// share sixteen, and "shop", on another gateway, in every third. "Clinic 20" is full, and "Clinic 21" nearly. In one group, which
/// "annex" alone is in, the number is not an admin. Seven groups are in no community; two of them, of different numbers, have the
/// same name.
pub(crate) fn forty() -> String {
    let mut world = three_numbers!(
        r#"
[standalone]
groups = [
  { name = "Everybody" },
  { name = "Kitchen", roles = { annex = "none", shop = "none" } },
  { name = "Kitchen", roles = { ops = "none", shop = "none" } },
  { name = "Only ops", roles = { annex = "none", shop = "none" } },
  { name = "Only annex", roles = { ops = "none", annex = "member", shop = "none" } },
  { name = "Canteen", roles = { ops = "none" } },
  { name = "Only shop", roles = { ops = "none", annex = "none" } },
]
"#
    )
    .to_owned();
    for at in 1..=40 {
        let is_in = [("ops", at <= 28), ("annex", at >= 13), ("shop", at % 3 == 0)];
        let out: Vec<String> =
            is_in.iter().filter(|(_, is_in)| !is_in).map(|(name, _)| format!("{name} = \"none\"")).collect();
        let out = out.join(", ");
        let beds = match at {
            20 => 48,
            21 => 46,
            _ => 1,
        };
        let nurses = if at == 35 { out.replace("ops =", "annex = \"member\", ops =") } else { out.clone() };
        let group = |name: &str, more: &str, roles: &str| {
            format!("{{ name = \"{name} {at:02}\", {more} roles = {{ {roles} }} }}")
        };
        let copies = format!("copies = {beds},");
        let groups =
            [group("Reception", "", &out), group("Nurses", "", &nurses), group("Beds", &copies, &out)];
        let groups = groups.join(", ");
        let id = clinic(at);
        let _ = writeln!(
            world,
            "[[community]]\nname = \"Clinic {at:02}\"\nid = \"{id}\"\nroles = {{ {out} }}\ngroups = [{groups}]"
        );
    }
    world
}
