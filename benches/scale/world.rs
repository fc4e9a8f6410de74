//! A hundred thousand groups of one number, loaded from the simulated gateway through the real client.

use std::{sync::Arc, time::Instant};

use secrecy::SecretString;
use synod::{
    app::{
        Incoming, State,
        effect::{Effect, Ticket, Work},
        event::AppEvent,
        instance::Profile,
        start, update,
    },
    config::instance_key,
    domain::{
        base_url::BaseUrl,
        community::{CommunityListing, CommunityRef, GroupKind, GroupList, GroupRef},
        id::CommunityId,
        instance::{EntryPlace, GatewayKind, InstanceKey},
        reading::Loaded as Part,
        settings::OperationSettings,
        time::Millis,
    },
    gateway::{BudgetBook, ClientParts, InstanceSpec, open},
    simulator::{Simulator, World},
};

use crate::{table::Times, transport::transport_over};

const BASE_URL: &str = "https://gateway.test";

/// The loaded parts, and how long loading took.
pub(crate) struct Loaded {
    pub(crate) list: Arc<GroupList>,
    pub(crate) listings: Vec<Arc<CommunityListing>>,
    profile: Profile,
    pub(crate) took: Times,
    pub(crate) bare: Times,
}

impl Loaded {
    /// The instance.
    pub(crate) fn key(&self) -> &InstanceKey {
        &self.profile.key
    }

    /// A screen with all of it, not drawn yet.
    pub(crate) fn state(&self) -> State {
        let (mut state, ticket) = self.loading();
        let done = AppEvent::Loaded { ticket, part: Part::Done };
        update(&mut state, Incoming::Event(done), Millis(1));
        state
    }

    /// The same while the load has not ended.
    pub(crate) fn loading(&self) -> (State, Ticket) {
        let mut state = State::new(vec![self.profile.clone()], (120, 40), false, Millis(0));
        let ticket = start(&mut state).into_iter().find_map(|effect| ticket(&effect)).expect("a load begins");
        let mut tell = |part| {
            update(&mut state, Incoming::Event(AppEvent::Loaded { ticket, part }), Millis(1));
        };
        tell(Part::Groups(Ok(Arc::clone(&self.list))));
        for listing in &self.listings {
            tell(Part::Community(listing.community.clone(), Ok(Arc::clone(listing))));
        }
        (state, ticket)
    }
}

fn ticket(effect: &Effect) -> Option<Ticket> {
    match effect {
        Effect::Work(Work::Load { ticket, .. }) => Some(*ticket),
        _ => None,
    }
}

/// Loads the world.
pub(crate) fn load() -> Loaded {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(load_all())
}

async fn load_all() -> Loaded {
    let simulator = Simulator::new(World::built_in("hundred_thousand_at_once").unwrap());
    let info = simulator.instances().remove(0);
    let router = simulator.router();
    let transport = transport_over(router.clone());
    let clock = synod::clock::Clock::fixed(Millis(1));
    let name = SecretString::from(info.id.clone());
    let spec = InstanceSpec {
        kind: GatewayKind::RyzeApi,
        base_url: BaseUrl::parse(BASE_URL).unwrap(),
        instance: Some(name.clone()),
        token: SecretString::from(info.token.clone()),
        client_token: None,
    };
    let parts = ClientParts {
        timeouts: OperationSettings::default().timeout,
        clock,
        budgets: BudgetBook::new(),
        transport,
        scrubber: Arc::default(),
    };
    let gateway = open(&spec, &parts).unwrap();
    let (mut list, mut took) = (GroupList::default(), Vec::new());
    for _ in 0..3 {
        let started = Instant::now();
        list = gateway.groups().await.unwrap();
        took.push(started.elapsed());
    }
    let mut listings = Vec::new();
    for group in list.groups.iter().filter(|group| group.kind() == GroupKind::Community) {
        listings.push(Arc::new(gateway.listing(&CommunityId::from(&group.to_id())).await.unwrap()));
    }
    let key = instance_key(GatewayKind::RyzeApi, &BaseUrl::parse(BASE_URL).unwrap(), &name);
    let configured = listings
        .iter()
        .map(|listing: &Arc<CommunityListing>| CommunityRef { id: listing.community.clone(), name: None });
    let profile = Profile {
        key,
        label: "ops".to_owned(),
        entry: EntryPlace { label: "ops".to_owned(), line: 1, version: 0 },
        gateway: GatewayKind::RyzeApi.label(),
        address: synod::app::instance::Address {
            gateway: "ryzeapi",
            base_url: "https://gateway.test".to_owned(),
            instance: None,
            is_insecure: false,
        },
        capabilities: gateway.capabilities(),
        settings: OperationSettings::default(),
        configured: configured.collect(),
    };
    let text = serde_json::to_vec(&list.groups.iter().map(GroupRef::to_group).collect::<Vec<_>>()).unwrap();
    let bare = crate::table::time(3, || {
        std::hint::black_box(serde_json::from_slice::<serde_json::Value>(&text).unwrap());
    });
    Loaded { list: Arc::new(list), listings, profile, took: Times::new(took), bare }
}
