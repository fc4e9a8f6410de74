//! World files that the tests of several topics use.

/// Two communities, two groups whose names differ only in case, and one group that always refuses.
pub(crate) const WORLD: &str = r#"
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

[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", "Lab results", "Radiology"]

[[community]]
name = "North Schools"
id = "120363400000001001"
groups = ["Class 1A", "Class 1B", "Class 1C"]

[standalone]
groups = ["Kitchen", "Night nurses", "Parking", "Pharmacy night shift", "twins", "Twins"]
"#;

/// A community for a world file.
pub(crate) fn community(name: &str, id: &str, groups: &[&str]) -> String {
    format!("[[community]]\nname = {name:?}\nid = {id:?}\ngroups = {groups:?}\n")
}
