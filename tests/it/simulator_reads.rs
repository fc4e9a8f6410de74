//! Reads of the simulated gateways that are well-formed and wrong: incomplete, cut, out of date, blank, or of another
//! community.

use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

use crate::support::simulated::{
    BOTH, HARBOR, PARKING, RECEPTION, SCHOOLS, built_in, change, community_id, entries, group_id, ids, leave,
    listing, ryze, subgroups, two_gateways, two_gateways_with, zapi,
};
use synod::simulator::GatewayKind::{Ryzeapi, Zapi};

#[tokio::test(start_paused = true)]
async fn an_incomplete_list_lacks_about_a_fifth_and_never_the_announcement_group() {
    for kind in BOTH {
        let simulator = two_gateways_with("any_read", "incomplete", "");
        let whole = two_gateways("");
        let all = ids(&whole, kind).await;
        let some = ids(&simulator, kind).await;
        assert_eq!(all.len() - some.len(), 3, "{kind:?}: {some:?}");
        assert!(some.iter().all(|id| all.contains(id)));
        let (all, some) = (subgroups(&whole, kind, HARBOR).await, subgroups(&simulator, kind, HARBOR).await);
        assert_eq!((all.len(), some.len()), (7, 5), "a fifth of six, rounded up");
        assert_eq!(all[0], some[0], "the announcement group stays");
        assert_ne!(some, subgroups(&simulator, kind, HARBOR).await, "each occurrence omits others");
        let again = two_gateways_with("any_read", "incomplete", "");
        ids(&again, kind).await;
        assert_eq!(some, subgroups(&again, kind, HARBOR).await, "chance comes from the seed");
        let none = two_gateways_with("subgroups", "incomplete", "part = 1.0");
        assert_eq!(subgroups(&none, kind, HARBOR).await, all[..1]);
    }
    let simulator = two_gateways_with("communities", "incomplete", "community = \"North Schools\"");
    let got = zapi(&simulator, Method::GET, "communities", None).await;
    assert_eq!(got.json, json!([{ "name": "Harbor Clinics", "id": community_id(Zapi, HARBOR) }]));
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_list_can_lack_the_group_that_the_fault_names() {
    for kind in BOTH {
        for on in ["groups", "subgroups"] {
            let simulator = two_gateways_with(on, "incomplete", "group = \"Reception\"\nnth = 2");
            let mut have = Vec::new();
            for _ in 0..3 {
                let found = match on {
                    "groups" => ids(&simulator, kind).await,
                    _ => subgroups(&simulator, kind, HARBOR).await,
                };
                have.push((found.contains(&group_id(kind, RECEPTION)), found.len()));
            }
            let [(true, before), (false, during), (true, after)] = have[..] else { panic!("{have:?}") };
            assert!(before == after && during == before - 1, "exactly that group: {have:?}");
        }
        let announcements = format!("group = \"{}\"", 120_363_400_000_000_002_u64);
        let simulator = two_gateways_with("subgroups", "incomplete", &announcements);
        assert_eq!(
            subgroups(&simulator, kind, HARBOR).await.len(),
            6,
            "the announcement group, when it is named"
        );
        let simulator = two_gateways_with("subgroups", "incomplete", "community = \"North Schools\"");
        assert_eq!(subgroups(&simulator, kind, HARBOR).await.len(), 7);
        assert_eq!(subgroups(&simulator, kind, SCHOOLS).await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_can_be_cut_once_or_always() {
    for kind in BOTH {
        let simulator = two_gateways_with("any_read", "cut", "entries = 3\nfirst = 2");
        assert_eq!(ids(&simulator, kind).await.len(), 3);
        assert_eq!(subgroups(&simulator, kind, HARBOR).await.len(), 3);
        assert_eq!(subgroups(&simulator, kind, HARBOR).await.len(), 7);
        let simulator = two_gateways("ryzeapi.list_cap = 6\nzapi.list_cap = 6");
        assert_eq!(ids(&simulator, kind).await.len(), 6, "always");
        assert_eq!(
            subgroups(&simulator, kind, HARBOR).await.len(),
            7,
            "a community's listing is no list of groups"
        );
    }
    let simulator = two_gateways("zapi.list_cap = 6");
    let page = async |nth: u32| {
        let path = format!("groups?page={nth}&pageSize=4");
        zapi(&simulator, Method::GET, &path, None).await.json.as_array().unwrap().len()
    };
    assert_eq!((page(1).await, page(2).await, page(3).await), (4, 2, 0), "the cap is for all pages together");
}

#[tokio::test(start_paused = true)]
async fn details_can_lack_participants() {
    let path = format!("group/info/harbor?identifier={}", group_id(Ryzeapi, RECEPTION));
    let simulator = two_gateways_with("info", "cut", "entries = 10\ngroup = \"Reception\"");
    let got = ryze(&simulator, Method::GET, &path, None).await;
    let details = &got.json["group"];
    assert_eq!(details["participantCount"], 30, "the count says what is missing");
    assert_eq!(details["participants"].as_array().unwrap().len(), 10);
    let path = format!("light-group-metadata/{}", group_id(Zapi, RECEPTION));
    let got = zapi(&simulator, Method::GET, &path, None).await;
    assert_eq!(got.json["participants"].as_array().unwrap().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_shows_the_past_but_nothing_before_the_first_read() {
    for kind in BOTH {
        let simulator = two_gateways_with("subgroups", "stale", "seconds = 60");
        let has = async || subgroups(&simulator, kind, HARBOR).await.contains(&group_id(kind, PARKING));
        assert_eq!(change(&simulator, kind, "link", HARBOR, PARKING).await.status, 200);
        sleep(Duration::from_secs(5)).await;
        assert!(has().await, "the first read cannot be from before");
        change(&simulator, kind, "unlink", HARBOR, PARKING).await;
        sleep(Duration::from_secs(40)).await;
        assert!(has().await, "forty seconds ago it was there");
        sleep(Duration::from_secs(30)).await;
        assert!(!has().await);
        change(&simulator, kind, "link", HARBOR, PARKING).await;
        sleep(Duration::from_secs(5)).await;
        assert!(!has().await);
        simulator.forget_reads();
        assert!(has().await, "as if it were read for the first time");
    }
}

#[tokio::test(start_paused = true)]
async fn stale_details_still_have_who_left() {
    for kind in BOTH {
        let simulator = two_gateways_with("any_read", "stale", "seconds = 20\nskip = 2");
        let status = async || {
            let group = group_id(kind, PARKING);
            match kind {
                Ryzeapi => {
                    ryze(&simulator, Method::GET, &format!("group/info/harbor?identifier={group}"), None)
                        .await
                }
                _ => zapi(&simulator, Method::GET, &format!("light-group-metadata/{group}"), None).await,
            }
            .status
        };
        assert_eq!((status().await, ids(&simulator, kind).await.is_empty()), (200, false));
        sleep(Duration::from_secs(30)).await;
        assert_eq!(leave(&simulator, kind, PARKING).await.status, 200);
        sleep(Duration::from_secs(10)).await;
        assert_eq!(status().await, 200);
        assert!(ids(&simulator, kind).await.contains(&group_id(kind, PARKING)));
        sleep(Duration::from_secs(20)).await;
        assert_eq!(status().await, 404);
        assert!(!ids(&simulator, kind).await.contains(&group_id(kind, PARKING)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_alternating_answer_is_old_every_second_time() {
    for kind in BOTH {
        let simulator = two_gateways_with("groups", "alternating", "seconds = 60\nskip = 1");
        let has = async || ids(&simulator, kind).await.contains(&group_id(kind, PARKING));
        assert!(has().await);
        leave(&simulator, kind, PARKING).await;
        sleep(Duration::from_secs(10)).await;
        assert_eq!([has().await, has().await, has().await, has().await], [false, true, false, true]);
        sleep(Duration::from_secs(60)).await;
        assert_eq!([has().await, has().await], [false, false], "both know it now");
    }
}

#[tokio::test(start_paused = true)]
async fn blank_entries_say_nothing_but_their_id() {
    let fields = "ryzeapi.list_community_fields = true\n";
    let blank = |more: &str| format!("{fields}[[fault]]\non = \"groups\"\nthen = \"blank\"\n{more}\n");
    let names_of = |list: &[Value]| -> Vec<String> {
        list.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    for kind in BOTH {
        let list = entries(&two_gateways(&blank("")), kind).await;
        assert!(names_of(&list).iter().all(String::is_empty));
        let list = entries(&two_gateways(&blank("part = 0.5")), kind).await;
        let count = names_of(&list).iter().filter(|name| name.is_empty()).count();
        assert_eq!(count, list.len().div_ceil(2));
        let list = entries(&two_gateways(&blank("group = \"Parking\"")), kind).await;
        let named: Vec<_> = list.iter().filter(|entry| entry["name"] == "").collect();
        assert_eq!(named.len(), 1);
        if kind == Ryzeapi {
            let zero = json!({
                "groupJid": group_id(kind, PARKING), "name": "", "memberCount": 0, "isParent": false,
                "isDefaultSubGroup": false, "linkedParentJid": "",
            });
            assert_eq!(*named[0], zero);
        } else {
            assert_eq!(
                (&named[0]["phone"], &named[0]["lastMessageTime"]),
                (&json!(group_id(kind, PARKING)), &json!("0"))
            );
        }
    }
    let list = entries(&two_gateways(&blank("community = \"North Schools\"")), Ryzeapi).await;
    let community = list.iter().find(|entry| entry["groupJid"] == community_id(Ryzeapi, SCHOOLS)).unwrap();
    assert_eq!(
        (&community["name"], &community["isParent"]),
        (&json!(""), &json!(false)),
        "a community can be blank"
    );
}

#[tokio::test(start_paused = true)]
async fn a_listing_can_be_of_another_community() {
    for kind in BOTH {
        let key = if kind == Ryzeapi { "communityJid" } else { "id" };
        for to in ["", "\nto = \"North Schools\""] {
            let more = format!("community = \"Harbor Clinics\"\nnth = 1{to}");
            let simulator = two_gateways_with("subgroups", "other_community", &more);
            let got = listing(&simulator, kind, HARBOR).await;
            assert_eq!(got.json[key], community_id(kind, SCHOOLS), "{}", got.text);
            assert!(!got.text.contains("Reception") && got.text.contains("Class 1A"));
            assert_eq!(listing(&simulator, kind, HARBOR).await.json[key], community_id(kind, HARBOR));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_listing_can_be_a_number_or_nested() {
    let simulator = built_in("number_ids");
    let got = listing(&simulator, Ryzeapi, HARBOR).await;
    assert_eq!(got.json["communityJid"], json!(120_363_400_000_000_001_u64));
    let got = listing(&simulator, Zapi, HARBOR).await;
    assert!(got.text.contains("\"id\":98120363400000000001"), "all twenty digits: {}", got.text);
    assert!(got.json["id"].is_number() && got.json["subGroups"].is_array());
    let simulator = built_in("nested_ids");
    let got = listing(&simulator, Ryzeapi, HARBOR).await;
    assert_eq!((&got.json["success"], got.json.get("communityJid")), (&json!(true), None));
    assert_eq!(got.json["data"]["communityJid"], community_id(Ryzeapi, HARBOR));
    assert_eq!(got.json["data"]["subgroups"].as_array().unwrap().len(), 7);
    let got = listing(&simulator, Zapi, HARBOR).await;
    assert_eq!((&got.json["data"]["id"], got.json.get("id")), (&json!(community_id(Zapi, HARBOR)), None));
    assert_eq!(got.json["data"]["subGroups"].as_array().unwrap().len(), 7);
}
