//! From marks to outcomes on all gateways: a plan from fresh reads, the engine, and the outcome of each group. Every
//! exchange is checked against the contract.

use rstest::rstest;
use synod::{
    clock::Clock,
    domain::{
        directory::Directory,
        event::{ItemReason, OperationEvent, StopReason},
        failure::FailureKind,
        id::GroupId,
        instance::{GatewayKind, InstanceKey},
        name::Name,
        operation::{Operation, Phase},
        outcome::Outcome::{self, AlreadySo, Blocked, Contradicted, Refused, Verified},
        plan::{Head, Mark, Plan, Request, Task},
        settings::OperationSettings,
        time::Millis,
    },
    engine::{Engine, EngineEvent},
};

use super::rig::{Rig, linking};
use crate::{
    simulator::EPOCH,
    support::{memory_journal::MemoryJournal, planning::planned, rig::in_time},
};

fn key() -> InstanceKey {
    InstanceKey::new("contract")
}

/// The plan for these groups, from fresh reads.
pub(super) async fn plan(rig: &Rig, task: &Task, groups: &[&GroupId]) -> Plan {
    let source = (*task == Task::Unlink).then(|| rig.harbor());
    let mark =
        |group: &&GroupId| Mark { group: (*group).clone(), name: Name::new(""), source: source.clone() };
    let marks = groups.iter().map(mark).collect();
    let request = Request::new(key(), task, marks);
    let mut directory = Directory::default();
    // The communities are known, as after a load.
    for number in ["120363400000000001", "120363400000001001"] {
        let listing = rig.gateway.listing(&rig.community(number)).await.unwrap();
        directory.take_listing(&std::sync::Arc::new(listing));
    }
    planned(&rig.gateway, Clock::fixed(Millis(EPOCH)), &directory, request, 50).await
}

/// Runs a plan as it is, and returns the outcomes in the order of the marks.
async fn run(rig: &Rig, plan: &Plan) -> Vec<Outcome> {
    let operation = watched(rig, plan, |_| {}).await;
    operation.items.iter().map(|item| item.outcome.unwrap()).collect()
}

/// Runs a plan as it is; `watch` sees each event before the next request.
async fn watched(rig: &Rig, plan: &Plan, watch: impl Fn(&OperationEvent)) -> Operation {
    assert_eq!(plan.obstacle, None);
    let (engine, mut engine_events) = Engine::new(MemoryJournal::new(), Clock::fixed(Millis(EPOCH)));
    let gateway = rig.gateway.clone();
    engine.add_instance(key(), gateway, OperationSettings::default());
    engine.submit(&key(), plan.order(), Some(u64::MAX)).await.unwrap();
    let mut operation: Option<Operation> = None;
    while operation.as_ref().is_none_or(|operation| operation.is_live()) {
        if let EngineEvent::Recorded(record) = in_time(engine_events.recv()).await.unwrap() {
            watch(&record.event);
            match &mut operation {
                Some(operation) => operation.apply(&record),
                None => operation = Operation::begin(&record),
            }
        }
    }
    operation.unwrap()
}

pub(super) async fn outcomes(rig: &Rig, task: &Task, groups: &[&GroupId]) -> Vec<Outcome> {
    let plan = plan(rig, task, groups).await;
    run(rig, &plan).await
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn links_end_as_the_listing_shows_them() {
    for kind in linking() {
        let extra = r#"fault = [
        { on = "link", group = "Kitchen", then = "lie" },
        { on = "link", group = "Old form", then = "drop_after" },
        { on = "link", group = "Member only", then = "refuse", text = "forbidden" },
    ]"#;
        let rig = Rig::new(kind, extra);
        let kitchen = rig.group("120363400000000022");
        let (member_only, old) = (rig.group("120363400000000023"), rig.group("5511900000001-1600000000"));
        let elsewhere = rig.group("120363400000001011");
        let (parking, reception) = (rig.parking(), rig.reception());
        let mut groups = vec![&parking, &kitchen, &member_only, &reception, &elsewhere];
        let shows_roles = matches!(kind, GatewayKind::WsApi | GatewayKind::Uazapi);
        // If the list shows that the number is no admin, nothing is sent.
        let not_admin = if shows_roles { Blocked } else { Refused };
        let mut expected = vec![Verified, Contradicted, not_admin, AlreadySo, Blocked];
        // uazapi does not take ids of the older form.
        if kind != GatewayKind::Uazapi {
            groups.push(&old);
            expected.push(Verified);
        }
        let ended = outcomes(&rig, &Task::Link(rig.harbor()), &groups).await;
        assert_eq!(ended, expected, "{kind:?}");
        rig.assert_matches_the_contract();
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn an_unlink_is_verified_and_a_lie_is_not(
    #[values("", "fault = [{ on = \"unlink\", then = \"lie\" }]\n")] extra: &str,
) {
    for kind in linking() {
        let rig = Rig::new(kind, extra);
        let ended = outcomes(&rig, &Task::Unlink, &[&rig.reception()]).await;
        assert_eq!(ended, [if extra.is_empty() { Outcome::Verified } else { Outcome::Contradicted }]);
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn on_zapi_the_last_subgroup_stays() {
    let rig = Rig::new(GatewayKind::Zapi, "");
    let lab = rig.group("120363400000000012");
    let ended = outcomes(&rig, &Task::Unlink, &[&rig.reception(), &lab]).await;
    assert_eq!(ended, [Outcome::Verified, Outcome::Blocked]);
    rig.assert_matches_the_contract();
}

#[rstest]
#[case("", Outcome::Verified)]
#[case("[zapi]\ninfo_after_leave = \"without\"\nlist_left_groups = true\n", Outcome::Verified)]
#[case("fault = [{ on = \"leave\", then = \"drop_after\" }]\n", Outcome::Verified)]
#[case("fault = [{ on = \"leave\", then = \"lie\" }]\n", Outcome::Contradicted)]
#[tokio::test(start_paused = true)]
async fn a_leave_ends_as_the_reads_show_it(#[case] extra: &str, #[case] outcome: Outcome) {
    for kind in GatewayKind::ALL {
        let rig = Rig::new(kind, &format!("{extra}\n[ryzeapi]\nnot_a_community = \"bad_request\"\n"));
        let plan = plan(&rig, &Task::Leave, &[&rig.parking()]).await;
        assert_eq!(plan.rows[0].head, Head::WillDo, "{:?}", plan.rows[0].reasons);
        assert_eq!(plan.rows[0].remarks, [], "there is an invite link");
        assert_eq!(run(&rig, &plan).await, [outcome]);
        rig.assert_matches_the_contract();
    }
}

#[tokio::test(start_paused = true)]
async fn on_zapi_a_leave_that_hidden_ids_do_not_show_is_unknown() {
    let extra = "[zapi]\nparticipant_ids = \"lid\"\ninfo_after_leave = \"without\"\n";
    let rig = Rig::new(GatewayKind::Zapi, extra);
    assert_eq!(outcomes(&rig, &Task::Leave, &[&rig.parking()]).await, [Outcome::Unknown]);
    assert!(!rig.standing().is_in(rig.parking().as_str()));
    rig.assert_matches_the_contract();
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_meanwhile_is_no_refusal(
    #[values("disconnected", "loggedout", "offline")] state: &str,
) {
    for kind in GatewayKind::ALL {
        // Only WSAPI has a state in which the phone is paired and the socket is dead.
        if state == "offline" && kind != GatewayKind::WsApi {
            continue;
        }
        let rig = Rig::new(kind, "[ryzeapi]\nnot_a_community = \"bad_request\"\n");
        let plan = plan(&rig, &Task::Leave, &[&rig.parking(), &rig.group("120363400000000022")]).await;
        let lost = |event: &OperationEvent| {
            if matches!(event, OperationEvent::Answered { item: 0, .. }) {
                rig.simulator.set_state("harbor", state);
            }
        };
        let operation = watched(&rig, &plan, lost).await;
        let Phase::Ended(Some(StopReason::Failure(why))) = &operation.phase else {
            panic!("{kind:?} {state}: {:?}", operation.phase)
        };
        assert_eq!(why.kind, FailureKind::NotConnected, "{kind:?} {state}");
        for item in &operation.items {
            assert!(
                matches!(item.outcome, Some(Outcome::NotSent | Outcome::Unknown)),
                "{kind:?} {state}: {:?} {:?}",
                item.outcome,
                item.reason
            );
        }
        let Some(ItemReason::Halted(why) | ItemReason::NoListing(why)) = &operation.items[1].reason else {
            panic!("{kind:?} {state}: {:?}", operation.items[1].reason)
        };
        assert_eq!(why.kind, FailureKind::NotConnected, "{kind:?} {state}");
        rig.assert_matches_the_contract();
    }
}
