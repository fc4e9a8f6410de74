//! An answer counts only for the requested group: its ID is compared in any spelling and at any place in the answer.

use rstest::rstest;
use serde_json::{Value, json};
use synod::domain::{
    failure::FailureKind,
    id::{CommunityId, GroupId},
    instance::GatewayKind::{self, RyzeApi, Zapi},
    outcome::Claim,
    reading::Probe,
};

use super::{HARBOR, LAB, RECEPTION, answering, connected, group};
use crate::support::gateway::{json as answer, raw};

fn listing_of(kind: GatewayKind) -> Value {
    match kind {
        RyzeApi => json!({ "success": true, "subgroups": [
            { "jid": "120363400000000002@g.us", "name": "Harbor", "isDefaultSubGroup": true },
            { "jid": RECEPTION, "name": "Reception" },
        ] }),
        _ => json!({ "name": "Harbor", "subGroups": [
            { "phone": "120363400000000002-group", "name": "Harbor", "isGroupAnnouncement": true },
            { "phone": "120363400000000011-group", "name": "Reception" },
        ] }),
    }
}

/// The answer with these members added, at its top and within its `data`.
fn with(body: &Value, more: &Value) -> [Value; 2] {
    let mut at_top = body.clone();
    at_top.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut within = body.clone();
    within["data"] = more.clone();
    [at_top, within]
}

#[rstest]
#[case(RyzeApi, json!({ "communityJid": 120_363_400_000_000_001_u64 }), true)]
#[case(RyzeApi, json!({ "communityJid": "120363400000000001" }), true)]
#[case(RyzeApi, json!({ "communityJid": "120363400000000001@g.us" }), true)]
#[case(RyzeApi, json!({ "communityJid": null }), true)]
#[case(RyzeApi, json!({ "jid": "120363400000000001@g.us" }), true)]
#[case(RyzeApi, json!({ "community": { "jid": "120363400000000001@g.us" } }), true)]
#[case(RyzeApi, json!({ "communityJid": 120_363_400_000_000_012_u64 }), false)]
#[case(RyzeApi, json!({ "communityJid": 120_363_400_000_000_001_f64 }), false)]
#[case(RyzeApi, json!({ "communityJid": "" }), false)]
#[case(RyzeApi, json!({ "communityJid": true }), false)]
#[case(RyzeApi, json!({ "communityJid": { "user": "120363400000000001" } }), false)]
#[case(RyzeApi, json!({ "communityJid": ["120363400000000001@g.us"] }), false)]
#[case(RyzeApi, json!({ "communityJid": "not an id" }), false)]
#[case(RyzeApi, json!({ "communityId": LAB }), false)]
#[case(RyzeApi, json!({ "jid": LAB }), false)]
#[case(RyzeApi, json!({ "id": 120_363_400_000_000_012_u64 }), false)]
#[case(RyzeApi, json!({ "community": { "jid": LAB } }), false)]
#[case(Zapi, json!({ "id": "120363400000000001" }), true)]
#[case(Zapi, json!({ "id": 120_363_400_000_000_001_u64 }), true)]
#[case(Zapi, json!({ "id": 120_363_400_000_000_012_u64 }), false)]
#[case(Zapi, json!({ "id": "120363400000000012" }), false)]
#[case(Zapi, json!({ "communityId": "120363400000000012" }), false)]
#[case(Zapi, json!({ "id": "" }), false)]
#[case(Zapi, json!({ "id": false }), false)]
#[case(Zapi, json!({ "id": {} }), false)]
#[tokio::test(start_paused = true)]
async fn a_listing_belongs_to_the_requested_community_in_any_spelling(
    #[case] kind: GatewayKind,
    #[case] more: Value,
    #[case] is_listing: bool,
) {
    let asked = CommunityId::parse(if kind == RyzeApi { HARBOR } else { "120363400000000001" }).unwrap();
    for body in with(&listing_of(kind), &more) {
        let sent = body.clone();
        let gateway = connected(kind, move || answer(200, sent.clone()));
        let read = gateway.listing(&asked).await;
        match read {
            Ok(listing) => assert!(is_listing && listing.proves_absence(), "{body}"),
            Err(failure) => assert_eq!((is_listing, failure.kind), (false, FailureKind::Malformed), "{body}"),
        }
        if kind == RyzeApi {
            let probe = gateway.probe(&group(HARBOR)).await;
            assert_eq!(matches!(probe, Probe::Community(_)), is_listing, "{body} {probe:?}");
            assert!(is_listing || matches!(probe, Probe::Failed(_)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_of_more_digits_than_a_number_holds_is_not_compared() {
    let asked = CommunityId::parse("98120363500000000001").unwrap();
    for (id, is_listing) in [("\"98120363500000000001\"", true), ("98120363500000000001", false)] {
        let body = listing_of(Zapi).to_string().replacen('{', &format!("{{\"id\":{id},"), 1);
        let gateway = connected(Zapi, move || raw(200, "application/json", &body));
        let read = gateway.listing(&asked).await.map_err(|failure| failure.kind);
        assert_eq!(
            read.map(|_| true).or_else(|kind| if kind == FailureKind::Malformed {
                Ok(false)
            } else {
                Err(kind)
            }),
            Ok(is_listing)
        );
    }
}

#[rstest]
#[case(RyzeApi, json!({ "jid": RECEPTION, "name": "Reception" }), true)]
#[case(RyzeApi, json!({ "group": { "jid": "120363400000000011", "name": "Reception" } }), true)]
#[case(RyzeApi, json!({ "group": { "jid": 120_363_400_000_000_011_u64, "name": "Reception" } }), true)]
#[case(RyzeApi, json!({ "data": { "group": { "name": "Reception" } } }), true)]
#[case(RyzeApi, json!({ "group": { "jid": 120_363_400_000_000_012_u64, "name": "Lab" } }), false)]
#[case(RyzeApi, json!({ "groupJid": LAB, "group": { "name": "Lab" } }), false)]
#[case(RyzeApi, json!({ "data": { "jid": LAB, "name": "Lab" } }), false)]
#[case(RyzeApi, json!({ "data": { "groupJid": LAB, "group": { "jid": RECEPTION, "name": "Lab" } } }), false)]
#[case(RyzeApi, json!({ "group": { "jid": { "user": "120363400000000011" }, "name": "Lab" } }), false)]
#[case(RyzeApi, json!({ "group": { "jid": "", "name": "Lab" } }), false)]
#[case(Zapi, json!({ "phone": "120363400000000011-group", "subject": "Reception" }), true)]
#[case(Zapi, json!({ "subject": "Reception" }), true)]
#[case(Zapi, json!({ "phone": 120_363_400_000_000_012_u64, "subject": "Lab" }), false)]
#[case(Zapi, json!({ "phone": "", "subject": "Lab" }), false)]
#[case(Zapi, json!({ "groupId": "120363400000000012-group", "subject": "Lab" }), false)]
#[case(Zapi, json!({ "subject": "Lab", "data": { "phone": "120363400000000012-group" } }), false)]
#[tokio::test(start_paused = true)]
async fn details_belong_to_the_requested_group_in_any_spelling(
    #[case] kind: GatewayKind,
    #[case] body: Value,
    #[case] is_asked: bool,
) {
    let asked = GroupId::parse(if kind == RyzeApi { RECEPTION } else { "120363400000000011-group" }).unwrap();
    let details = connected(kind, move || answer(200, body.clone())).details(&asked).await;
    match details {
        Ok(details) => assert!(is_asked && details.name.shown() == "Reception"),
        Err(failure) => assert_eq!((is_asked, failure.kind), (false, FailureKind::Malformed)),
    }
}

#[rstest]
#[case(json!({ "success": true, "groupJid": 120_363_400_000_000_012_u64 }))]
#[case(json!({ "success": true, "data": { "groupJid": LAB } }))]
#[case(json!({ "success": true, "groupJid": {} }))]
#[tokio::test(start_paused = true)]
async fn a_leave_of_another_group_claims_nothing(#[case] body: Value) {
    let response = answering(200, body).writes().unwrap().leave(&group(RECEPTION)).await;
    assert_eq!(response.claim, Claim::Silence);
}
