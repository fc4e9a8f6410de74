//! Z-API's other spellings in the simulated gateway: of numbers, of pages, and of the light details.

use http::Method;
use serde_json::json;
use synod::simulator::{GatewayKind::Zapi, World};

use crate::{
    simulator::strings,
    support::simulated::{PARKING, RECEPTION, built_in, community_id, group_id, two_gateways, zapi},
};

#[tokio::test(start_paused = true)]
async fn a_number_has_many_spellings() {
    for (form, spelled) in [
        ("digits", "5511900000002"),
        ("international", "+55 11 90000-0002"),
        ("national", "(11) 90000-0002"),
        ("without_ninth", "551100000002"),
        ("c_us", "5511900000002@c.us"),
        ("device", "5511900000002:12@s.whatsapp.net"),
    ] {
        let simulator = two_gateways(&format!("[zapi]\ndevice_number = \"{form}\""));
        assert_eq!(zapi(&simulator, Method::GET, "device", None).await.json["phone"], spelled);
        let simulator = two_gateways(&format!("[zapi]\nparticipant_number = \"{form}\""));
        assert_eq!(zapi(&simulator, Method::GET, "device", None).await.json["phone"], "5511900000002");
        let path = format!("group-metadata/{}", group_id(Zapi, PARKING));
        let got = zapi(&simulator, Method::GET, &path, None).await;
        assert!(strings(&got.json["participants"], "phone").contains(&spelled.to_owned()), "{}", got.text);
    }
    let simulator = built_in("odd_numbers");
    assert_eq!(zapi(&simulator, Method::GET, "device", None).await.json["phone"], "+55 11 90000-0002");
}

#[tokio::test(start_paused = true)]
async fn pages_can_be_short_in_the_middle_and_lose_nothing() {
    let simulator = built_in("short_pages");
    let (mut lengths, mut all) = (Vec::new(), Vec::new());
    for nth in 1..=6 {
        let got = zapi(&simulator, Method::GET, &format!("groups?page={nth}&pageSize=100"), None).await;
        let page = strings(&got.json, "phone");
        lengths.push(page.len());
        all.extend(page);
    }
    assert_eq!(lengths, [100, 99, 71, 61, 0, 0]);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 331, "no entry is missing, and none comes twice");
    let got = zapi(&simulator, Method::GET, "groups?page=2&pageSize=10", None).await;
    assert_eq!(got.json.as_array().unwrap().len(), 10, "never more than was asked for");
}

#[tokio::test(start_paused = true)]
async fn light_details_can_have_a_name_and_no_community() {
    let simulator = built_in("light_details");
    let get = async |route: &str| {
        zapi(&simulator, Method::GET, &format!("{route}/{}", group_id(Zapi, RECEPTION)), None).await.json
    };
    let light = get("light-group-metadata").await;
    assert_eq!((&light["name"], light.get("communityId")), (&json!("Reception"), None));
    let whole = get("group-metadata").await;
    assert_eq!(
        (whole.get("name"), &whole["communityId"]),
        (None, &json!(community_id(Zapi, "120363400000000001")))
    );
}

#[test]
fn mistakes_in_the_newer_faults_and_settings_are_reported_with_an_example() {
    let community = "[[community]]\nname = \"A\"\ngroups = [\"B\"]\n";
    for (text, parts) in [
        ("[[fault]]\non = \"groups\"\nthen = \"cut\"\n", &["line 2", "`cut` needs the field `entries`"][..]),
        (
            "[[fault]]\non = \"link\"\nthen = \"stale\"\n",
            &["line 2", "`stale` strikes `groups`", "not `link`"],
        ),
        (
            "[[fault]]\non = \"info\"\nthen = \"blank\"\n",
            &["line 2", "`blank` strikes `groups`, and not `info`"],
        ),
        ("[[fault]]\non = \"any_write\"\nthen = \"incomplete\"\n", &["line 2", "not `any_write`"]),
        (
            "[[fault]]\non = \"groups\"\nthen = \"incomplete\"\npart = 2.0\n",
            &["line 2", "part 2 is not between 0 and 1"],
        ),
        (
            "[[fault]]\non = \"groups\"\nthen = \"stale\"\nentries = 3\n",
            &["`stale` does not use the field `entries`"],
        ),
        ("[[fault]]\non = \"groups\"\nthen = \"cut\"\nentries = \"few\"\n", &["line 4", "entries = 6"]),
        ("[[fault]]\non = \"groups\"\nthen = \"stale\"\ngroup = \"B\"\n", &["`groups` names no group"]),
        ("[[fault]]\non = \"link\"\nthen = \"moved_by_another\"\ngroup = \"B\"\n", &["needs the field `to`"]),
        ("[[fault]]\non = \"link\"\nthen = \"unlinked_by_another\"\n", &["needs the field `group`"]),
        (
            "[[fault]]\non = \"link\"\nthen = \"unlinked_by_another\"\ngroup = \"A\"\n",
            &["line 4", "not an ordinary group"],
        ),
        (
            "[[fault]]\non = \"link\"\nthen = \"moved_by_another\"\ngroup = \"B\"\nto = \"Nowhere\"\n",
            &["line 5", "Nowhere"],
        ),
        ("[[fault]]\non = \"link\"\nthen = \"lie\"\nto = \"A\"\n", &["`lie` does not use the field `to`"]),
        ("[ryzeapi]\nlisting_id = \"roman\"\n", &["line 2", "roman", "nested", "listing_id = \"nested\""]),
        ("[zapi]\ndevice_number = \"spoken\"\n", &["line 2", "spoken", "international", "device_number = "]),
        ("[zapi]\npages = 100\n", &["line 2", "pages = [100, 99, 71]"]),
        ("[ryzeapi]\nnot_a_community = \"shrug\"\n", &["line 2", "shrug", "plain_words"]),
    ] {
        let message = World::parse(&format!("{text}{community}"), "mine.toml").unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{part} is missing in: {message}");
        }
    }
}
