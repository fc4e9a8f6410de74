//! The way back into a group: its invite link, which is a secret, and the join with it (`docs/gateways/ryzeapi.md`, 8.2,
//! 8.6).

use http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use synod::domain::{failure::FailureKind, invite::InviteLink, outcome::Claim};

use super::{LAB, RECEPTION, answering, group};
use crate::support::gateway::{Server, client_over, dropped, error, harbor, json as answer, raw};

/// The number of requests for this group's details, which contain its link.
fn asked_for(server: &Server, group: &str) -> usize {
    let bare = group.trim_end_matches("@g.us");
    server.paths().iter().filter(|path| path.contains("group/info") && path.contains(bare)).count()
}

/// A server whose groups have a link and whose own number is an admin, except in the lab.
fn with_links() -> (Server, synod::gateway::Gateway) {
    let server = Server::new();
    let router = server.answering(|seen| {
        let link = (!seen.path.contains(LAB.trim_end_matches("@g.us"))).then_some(LINK);
        std::future::ready(answer(200, json!({ "group": { "name": "Reception", "inviteLink": link } })))
    });
    (server, client_over(router, harbor()))
}

const LINK: &str = "https://chat.whatsapp.com/Kx7Secret9Code";

fn link() -> InviteLink {
    InviteLink::new(LINK).unwrap()
}

#[rstest]
#[case::the_link(json!({ "groupJid": RECEPTION, "inviteLink": LINK, "inviteCode": "Kx7Secret9Code" }), Some(LINK))]
#[case::the_code_alone(json!({ "groupJid": RECEPTION, "inviteCode": "Kx7Secret9Code" }), Some("Kx7Secret9Code"))]
#[case::within_group(json!({ "group": { "jid": RECEPTION, "inviteLink": LINK } }), Some(LINK))]
#[case::none(json!({ "groupJid": RECEPTION, "name": "Reception" }), None)]
#[case::an_empty_one(json!({ "groupJid": RECEPTION, "inviteLink": " " }), None)]
#[tokio::test(start_paused = true)]
async fn the_link_is_read_from_every_documented_place(#[case] body: Value, #[case] given: Option<&str>) {
    let told = answering(200, body).invite_link(&group(RECEPTION)).await.unwrap();
    assert_eq!(told.as_ref().map(InviteLink::expose), given);
    assert!(!format!("{told:?}").contains("Kx7"));
}

#[tokio::test(start_paused = true)]
async fn another_groups_link_is_not_accepted() {
    let body = json!({ "groupJid": LAB, "inviteLink": LINK });
    let told = answering(200, body).invite_link(&group(RECEPTION)).await;
    assert_eq!(told.unwrap_err().kind, FailureKind::Malformed);
}

#[tokio::test(start_paused = true)]
async fn a_join_is_one_request_with_the_link_in_its_body() {
    let server = Server::new();
    let done = json!({ "success": true, "groupJid": RECEPTION, "requiresApproval": true });
    let client =
        client_over(server.answering(move |_| std::future::ready(answer(200, done.clone()))), harbor());
    assert_eq!(client.writes().unwrap().join(&group(RECEPTION), &link()).await.claim, Claim::Yes);
    assert_eq!(
        client.writes().unwrap().join(&group(LAB), &link()).await.claim,
        Claim::Silence,
        "another group was joined"
    );
    let seen = server.seen();
    assert_eq!(server.paths(), ["/api/group/join/harbor", "/api/group/join/harbor"]);
    assert_eq!((&seen[0].method, &seen[0].body), (&Method::POST, &json!({ "identifier": LINK })));
}

#[rstest]
#[case::dead(|| error(400, "Invite link has been revoked or expired"), Claim::No)]
#[case::dropped(dropped, Claim::Silence)]
#[case::a_proxys_page(|| raw(502, "text/html", "<html>"), Claim::Silence)]
#[case::echoed(|| error(403, "Kx7Secret9Code is not for you"), Claim::No)]
#[case::echoed_in_a_success(|| answer(200, json!({ "success": false, "error": format!("no: {LINK}") })), Claim::No)]
#[tokio::test(start_paused = true)]
async fn a_failed_join_claims_what_it_can_and_never_reveals_the_link(
    #[case] answered: fn() -> axum::response::Response,
    #[case] claim: Claim,
) {
    let server = Server::new();
    let client = client_over(server.answering(move |_| std::future::ready(answered())), harbor());
    let now = crate::support::gateway::clock();
    let client = client.retrying(now);
    let told = client.writes().unwrap().join(&group(RECEPTION), &link()).await;
    assert_eq!(told.claim, claim);
    assert!(!format!("{told:?}").contains("Kx7"), "{told:?}");
    assert_eq!(server.seen().len(), 1, "a join is never repeated");
}

#[tokio::test(start_paused = true)]
async fn only_an_answer_with_an_id_shows_whose_link_it_is() {
    let server = Server::new();
    let found = json!({ "group": { "jid": RECEPTION, "name": "Reception" } });
    let gateway =
        client_over(server.answering(move |_| std::future::ready(answer(200, found.clone()))), harbor());
    let details = gateway.read_only().invited(&link()).await.unwrap();
    assert_eq!((&details.id, details.name.shown()), (&group(RECEPTION), "Reception"));
    let asked = server.seen().pop().unwrap();
    assert_eq!(asked.method, Method::GET);
    assert!(
        asked.path.contains("identifier=https%3A%2F%2Fchat.whatsapp.com%2FKx7Secret9Code"),
        "{}",
        asked.path
    );
    let nameless = answering(200, json!({ "group": { "name": "Reception" } })).invited(&link()).await;
    assert_eq!(nameless.unwrap_err().kind, FailureKind::Malformed);
    let repeated = client_over(
        Server::new().answering(|_| std::future::ready(error(404, "no such code: Kx7Secret9Code"))),
        harbor(),
    );
    let refused = repeated.invited(&link()).await.unwrap_err();
    assert_eq!(refused.words, None);
}

#[rstest]
#[case::a_link(RECEPTION, Some(LINK))]
#[case::that_there_is_none(LAB, None)]
#[tokio::test(start_paused = true)]
async fn a_link_that_details_showed_is_not_requested_again(#[case] id: &str, #[case] link: Option<&str>) {
    let (server, gateway) = with_links();
    let id = group(id);
    for asked in [1, 3] {
        assert_eq!(gateway.details(&id).await.unwrap().has_invite_link, link.is_some());
        tokio::time::advance(std::time::Duration::from_secs(599)).await;
        let told = gateway.invite_link(&id).await.unwrap();
        assert_eq!(told.as_ref().map(InviteLink::expose), link);
        assert_eq!(asked_for(&server, id.as_str()), asked);
        // Taking the link removes it there.
        gateway.invite_link(&id).await.unwrap();
        assert_eq!(asked_for(&server, id.as_str()), asked + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_details_showed_long_ago_is_requested_again() {
    let (server, gateway) = with_links();
    gateway.details(&group(RECEPTION)).await.unwrap();
    tokio::time::advance(std::time::Duration::from_secs(601)).await;
    assert!(gateway.invite_link(&group(RECEPTION)).await.unwrap().is_some());
    assert_eq!(asked_for(&server, RECEPTION), 2);
    assert!(gateway.invite_link(&group(LAB)).await.unwrap().is_none(), "of another group nothing was seen");
    assert_eq!(asked_for(&server, LAB), 1);
}
