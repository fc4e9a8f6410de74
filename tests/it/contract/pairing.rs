//! Connecting an instance, listing the instances of a token, and adding communities, on both contracts.

use std::time::Duration;

use rstest::rstest;
use synod::domain::{
    failure::FailureKind,
    instance::{ConnectionState, GatewayKind},
    pairing::{Offer, Way},
    private::Private,
};
use tokio::time::sleep;

use super::rig::Rig;

fn number() -> Way {
    Way::Number(Private::new("5511900000001").unwrap())
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_code_arrives_and_the_instance_is_connected_later(
    #[values(Way::Qr, number(), Way::Session)] way: Way,
) {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "");
        rig.simulator.set_state("harbor", "disconnected");
        let offer = rig.gateway.writes().unwrap().connect(&way).await;
        if way == Way::Session && !rig.gateway.capabilities().pairing.reconnects {
            assert_eq!(offer.unwrap_err().kind, FailureKind::Unsupported);
            continue;
        }
        match (&way, offer.unwrap()) {
            (Way::Qr, Offer::Qr(code)) => {
                assert!(code.expose().starts_with("2@") && code.expose().len() > 180);
            }
            (Way::Qr, Offer::Picture) => assert!(gives_pictures(kind), "{kind:?}"),
            (Way::Number(_), Offer::Code(code)) => assert_eq!(code.expose().replace('-', "").len(), 8),
            (Way::Session, Offer::OnItsWay) => {}
            (way, offer) => panic!("{offer:?} for {way:?}"),
        }
        assert!(!rig.gateway.connection().await.unwrap().is_connected());
        sleep(Duration::from_secs(6)).await;
        assert!(rig.gateway.connection().await.unwrap().is_connected());
        rig.assert_matches_the_contract();
    }
}

/// Whether the gateway gives a QR code as a picture only.
fn gives_pictures(kind: GatewayKind) -> bool {
    matches!(kind, GatewayKind::Whatsmiau | GatewayKind::Uazapi)
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn every_code_is_new_and_only_the_accepted_one_connects() {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "[settings]\nscanned_code = 2\n");
        rig.simulator.set_state("harbor", "loggedout");
        let first = rig.gateway.writes().unwrap().connect(&Way::Qr).await.unwrap();
        sleep(Duration::from_secs(20)).await;
        assert!(!rig.gateway.connection().await.unwrap().is_connected());
        let second = rig.gateway.writes().unwrap().connect(&Way::Qr).await.unwrap();
        assert!(gives_pictures(kind) || second != first, "{kind:?}");
        sleep(Duration::from_secs(3)).await;
        let state = rig.gateway.connection().await.unwrap().state;
        // Z-API has no state between the two.
        let between = if kind == GatewayKind::RyzeApi { state == ConnectionState::Connecting } else { true };
        assert!(between && state != ConnectionState::Connected);
        sleep(Duration::from_secs(3)).await;
        assert!(rig.gateway.connection().await.unwrap().is_connected());
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_connected_instance_is_not_touched(#[values(Way::Qr, number(), Way::Session)] way: Way) {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "");
        assert!(matches!(rig.gateway.writes().unwrap().connect(&way).await, Ok(Offer::Connected(_))));
        assert!(rig.simulator.requests().iter().all(|request| request.verb == "instances"));
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn each_shape_of_zapis_code_is_read() {
    for (shape, expected) in [("text", true), ("bare", true), ("picture", false)] {
        let rig = Rig::new(GatewayKind::Zapi, &format!("[zapi]\nqr_code = \"{shape}\"\n"));
        rig.simulator.set_state("harbor", "disconnected");
        let offer = rig.gateway.writes().unwrap().connect(&Way::Qr).await.unwrap();
        assert_eq!(matches!(offer, Offer::Qr(_)), expected, "{shape}");
        assert_eq!(offer == Offer::Picture, !expected, "{shape}");
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_session_is_refused_with_the_gateways_words() {
    let rig = Rig::new(GatewayKind::RyzeApi, "");
    rig.simulator.set_state("harbor", "loggedout");
    let failure = rig.gateway.writes().unwrap().connect(&Way::Session).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.words.unwrap().shown().starts_with("Instance has no saved session"));
    rig.assert_matches_the_contract();
}

#[tokio::test(start_paused = true)]
async fn an_accounts_token_lists_its_instances_and_an_instances_token_only_itself() {
    let more = "[[instance]]\nname = \"annex\"\nstate = \"disconnected\"\n";
    for (is_account, expected) in [(true, vec!["annex", "harbor"]), (false, vec!["annex"])] {
        let rig = Rig::with(GatewayKind::RyzeApi, more, |instance| {
            if is_account {
                instance.token = instance.account_token.clone().unwrap();
            }
        });
        let listed = rig.gateway.instances().await.unwrap();
        let names: Vec<&str> = listed.iter().map(|instance| instance.name.shown()).collect();
        assert_eq!(names, expected);
        assert!(!listed[0].connection.is_connected());
        rig.assert_matches_the_contract();
    }
    let rig = Rig::new(GatewayKind::Zapi, "");
    assert_eq!(rig.gateway.instances().await.unwrap_err().kind, FailureKind::Unsupported);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_community_is_found_by_its_id_and_nothing_else_is_believed() {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, "[ryzeapi]\ninfo_community_fields = true\n");
        let find = async |text: &str| rig.gateway.find_community(&Private::new(text).unwrap()).await;
        let id = rig.harbor();
        let bare = id.as_str().trim_end_matches("@g.us").to_owned();
        for given in [id.as_str(), bare.as_str()] {
            assert_eq!(find(given).await.unwrap().community, id);
        }
        for given in [rig.parking().as_str(), "120363999999999999", "Harbor Clinics", "https://example.com/x"]
        {
            assert!(find(given).await.is_err(), "{given}");
        }
        if kind == GatewayKind::RyzeApi {
            // A link of one of its groups leads to it; a link of a group in no community does not.
            let link = rig.gateway.invite_link(&rig.reception()).await.unwrap().unwrap();
            assert_eq!(find(link.expose()).await.unwrap().community, id);
            let link = rig.gateway.invite_link(&rig.parking()).await.unwrap().unwrap();
            assert_eq!(find(link.expose()).await.unwrap_err().kind, FailureKind::NoListing);
        }
        rig.assert_matches_the_contract();
    }
}
