//! Gateways that lack a call, or that are reached without encryption, on the screen.

use synod::simulator::GatewayKind;

use crate::support::{harness::Harness, worlds::WORLD};

#[tokio::test(start_paused = true)]
async fn a_gateway_without_a_call_says_so_and_leaves() {
    let world = WORLD.replace("gateway = \"ryzeapi\"", "gateway = \"evolution\"");
    let mut synod = Harness::toml(&world).on(GatewayKind::Evolution).start().await;
    synod.loaded().await.keys("<tab><tab>/kitchen<enter>").await.hides("l link").hides("m move");
    synod.keys("l").await.shows("Evolution API has no call to link groups.");
    synod.keys("m").await.shows("Evolution API has no calls to move groups.");
    synod.keys("u").await.shows("Evolution API has no call to unlink groups.");
    assert!(synod.writes().is_empty());
    synod.keys("X").await.until("Plan: leave 1 group").await;
    synod.keys("1<enter>").await.until_done().await;
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn one_view_unites_an_instance_of_each_gateway() {
    let mut synod = Harness::world("harbor").every_gateway().size(140, 44).start().await;
    synod.loaded().await.shows("1/6").keys("I").await;
    for gateway in ["RyzeAPI", "Z-API", "WSAPI", "whatsmiau", "Evolution API", "uazapi"] {
        synod.shows(gateway);
    }
    synod.keys("<esc>0").await.until("6 of 6 connected").await;
    synod.loaded().await.shows("Harbor Clinics").shows("Igreja da Praia");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn plain_http_to_another_machine_is_said_in_the_header_and_in_the_plan() {
    let mut synod = Harness::toml(WORLD).insecure().start().await;
    synod.loaded().await.shows("plain http");
    synod.keys("<tab><tab>/kitchen<enter>l").await.until("Press [y]").await;
    synod.shows("The requests go over the network unencrypted");
    synod.end().await;
}
