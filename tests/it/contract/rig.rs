//! A real client over the simulated gateway in the same process. Every exchange is checked against the contract.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use secrecy::SecretString;
use synod::{
    clock::Clock,
    config::keys,
    domain::{
        base_url::BaseUrl,
        id::{CommunityId, GroupId},
        instance::GatewayKind,
        settings::Timeouts,
        time::Millis,
    },
    gateway::{BudgetBook, ClientParts, FnTransport, Gateway, InstanceSpec, open},
    simulator::{InstanceInfo, InstanceStanding, Simulator, World},
};

use super::spec::Spec;
use crate::{simulator::EPOCH, support::transport::ask};

pub(crate) struct Rig {
    pub(crate) kind: GatewayKind,
    pub(crate) simulator: Simulator,
    pub(crate) gateway: Gateway,
    journal: Arc<Mutex<Journal>>,
}

/// The recorded exchanges.
#[derive(Default)]
struct Journal {
    exchanges: usize,
    wrong: Vec<String>,
}

/// The gateways that have calls to link and unlink.
pub(crate) fn linking() -> impl Iterator<Item = GatewayKind> {
    GatewayKind::ALL.into_iter().filter(|kind| *kind != GatewayKind::Evolution)
}

/// One world for all gateways; `extra` goes before it.
pub(crate) fn world(kind: GatewayKind, extra: &str) -> Simulator {
    let instance = match kind {
        GatewayKind::RyzeApi => "",
        GatewayKind::Zapi => "id = \"INSTANCE\"\nclient_token = \"CLIENT\"",
        _ => "id = \"INSTANCE\"",
    };
    let word = kind.word();
    let text = format!(
        r#"{extra}
[[instance]]
name = "harbor"
token = "TOKEN"
number = "5511900000001"
gateway = "{word}"
{instance}

[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = [{{ name = "Reception", id = "120363400000000011" }}, {{ name = "Lab results", id = "120363400000000012" }}]

[[community]]
name = "North Schools"
id = "120363400000001001"
groups = [{{ name = "Class 1A", id = "120363400000001011" }}, {{ name = "Class 1B", id = "120363400000001012" }}]

[standalone]
groups = [
  {{ name = "Parking", id = "120363400000000021", members = 4 }},
  {{ name = "Kitchen", id = "120363400000000022" }},
  {{ name = "Member only", id = "120363400000000023", role = "member" }},
  {{ name = "Old form", id = "5511900000001-1600000000" }},
]
"#
    );
    Simulator::with_epoch(World::parse(&text, "contract.toml").unwrap(), EPOCH)
}

impl Rig {
    pub(crate) fn new(kind: GatewayKind, extra: &str) -> Self {
        Self::with(kind, extra, |_| {})
    }

    /// A rig that changes its instance's credentials before it opens the client.
    #[expect(clippy::print_stderr, reason = "if a scenario fails, its output says where")]
    pub(crate) fn with(kind: GatewayKind, extra: &str, change: impl FnOnce(&mut InstanceInfo)) -> Self {
        eprintln!("{kind:?}");
        let simulator = world(kind, extra);
        let journal = Arc::new(Mutex::new(Journal::default()));
        let mut instance = simulator.instances().remove(0);
        change(&mut instance);
        let secret = |text: String| SecretString::from(text);
        let spec = InstanceSpec {
            kind,
            base_url: BaseUrl::parse("http://127.0.0.1:1").unwrap(),
            instance: keys::key(kind, "instance").map(|_| secret(instance.id)),
            token: secret(instance.token),
            client_token: instance.client_token.map(secret),
        };
        let parts = ClientParts {
            timeouts: Timeouts::default(),
            clock: Clock::fixed(Millis(EPOCH)),
            budgets: BudgetBook::new(),
            transport: recorded(&simulator, kind, Arc::clone(&journal)),
            scrubber: Arc::default(),
        };
        let gateway = open(&spec, &parts).unwrap();
        Self { kind, simulator, gateway, journal }
    }

    /// The community with this number, by the gateway's ID.
    pub(crate) fn community(&self, number: &str) -> CommunityId {
        let standing = self.standing();
        let is_meant = |id: &&String| id.trim_end_matches("@g.us").ends_with(number);
        CommunityId::parse(standing.communities.keys().find(is_meant).unwrap()).unwrap()
    }

    pub(crate) fn harbor(&self) -> CommunityId {
        self.community("120363400000000001")
    }

    /// The group with this number, by the gateway's ID.
    pub(crate) fn group(&self, number: &str) -> GroupId {
        let id = match self.kind {
            GatewayKind::Zapi if number.contains('-') => number.to_owned(),
            GatewayKind::Zapi => format!("{number}-group"),
            _ => format!("{number}@g.us"),
        };
        GroupId::parse(&id).unwrap()
    }

    pub(crate) fn parking(&self) -> GroupId {
        self.group("120363400000000021")
    }

    pub(crate) fn reception(&self) -> GroupId {
        self.group("120363400000000011")
    }

    /// The real state of the world.
    pub(crate) fn standing(&self) -> InstanceStanding {
        self.simulator.truth().instances["harbor"].clone()
    }

    pub(crate) fn is_linked(&self, group: &GroupId) -> bool {
        self.standing().is_linked(group.as_str(), self.harbor().as_str())
    }

    /// Whether a listing of the harbour's community shows the group now.
    pub(crate) async fn lists(&self, group: &GroupId) -> bool {
        self.gateway.listing(&self.harbor()).await.unwrap().has(group)
    }

    /// The end of every scenario: there were exchanges, and all of them match the contract.
    pub(crate) fn assert_matches_the_contract(&self) {
        let journal = self.journal.lock().unwrap();
        assert!(journal.exchanges > 0, "nothing went over the wire");
        assert!(journal.wrong.is_empty(), "{:?}: {:#?}", self.kind, journal.wrong);
    }
}

fn recorded(
    simulator: &Simulator,
    kind: GatewayKind,
    journal: Arc<Mutex<Journal>>,
) -> Arc<dyn synod::gateway::Transport> {
    let spec = Arc::new(Spec::read(kind.word()));
    let router = simulator.router();
    Arc::new(FnTransport::new(move |request: Request<Bytes>| {
        let (router, spec, journal) = (router.clone(), Arc::clone(&spec), Arc::clone(&journal));
        async move {
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let note = |wrong: Vec<String>| {
                let wrong = wrong.into_iter().map(|why| format!("{method} {path}: {why}"));
                journal.lock().unwrap().wrong.extend(wrong);
            };
            journal.lock().unwrap().exchanges += 1;
            note(spec.request(&request));
            let response = ask(router, request).await?;
            note(spec.response(&method, &path, &response));
            Ok(response)
        }
    }))
}
