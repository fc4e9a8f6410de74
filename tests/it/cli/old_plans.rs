//! A question that stays open so long that its plan is old: Synod checks the plan again. The clock is paused.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use clap::Parser;
use synod::{
    cli::{
        Instance, Session,
        args::{Arguments, Command},
        change,
        console::Console,
        interrupt::Interrupts,
        out::Out,
    },
    domain::{
        id::{CommunityId, GroupId},
        instance::{GatewayKind, InstanceKey},
        plan::Step,
    },
    engine::instance_lock::FileLocks,
    gateway::{Gateway, Reads},
    store::FileStore,
    text::Text,
};
use tempfile::TempDir;

use crate::support::{
    fake_gateway::{self, FakeGateway, clock, group},
    rig::steady,
};

const HARBOR: &str = "120363400000000001";

fn harbor() -> CommunityId {
    fake_gateway::community(HARBOR)
}

/// Answers yes to everything after a while; meanwhile somebody else links a group.
#[derive(Debug)]
struct Slow {
    thinks: Duration,
    meanwhile: Option<GroupId>,
    gateway: Arc<FakeGateway>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Console for Slow {
    fn can_ask(&self) -> bool {
        true
    }

    async fn ask(&self, question: &str) -> Option<String> {
        self.asked.lock().unwrap().push(question.to_owned());
        tokio::time::sleep(self.thinks).await;
        if let Some(group) = &self.meanwhile {
            self.gateway.settle(&Step::Link(harbor()), group);
        }
        Some("y".to_owned())
    }

    fn output(&self) -> Out {
        Out::to(Box::new(io::sink()))
    }
}

/// Links two groups, with this much time between the question and the answer. Returns the code, the questions, the groups
/// that were sent, and the number of reads.
async fn link(seconds: u64, meanwhile: Option<GroupId>) -> (u8, Vec<String>, Vec<GroupId>, usize) {
    let directory = TempDir::new().unwrap();
    let clock = clock();
    let gateway = FakeGateway::new(clock).linked(&harbor(), []).member_of([group(1), group(2)]);
    let gateway = Arc::new(gateway);
    let thinks = Duration::from_secs(seconds);
    let console =
        Arc::new(Slow { thinks, meanwhile, gateway: Arc::clone(&gateway), asked: Mutex::default() });
    let instance = Instance {
        key: InstanceKey::new("ryzeapi-test"),
        former_keys: Vec::new(),
        label: "ops".to_owned(),
        kind: GatewayKind::RyzeApi,
        capabilities: gateway.as_ref().capabilities(),
        is_insecure: false,
        settings: steady(),
        configured: Vec::new(),
        gateway: Gateway::new(Arc::clone(&gateway)),
    };
    let session = Session {
        instances: vec![instance],
        store: Arc::new(FileStore::open(directory.path()).unwrap()),
        locks: FileLocks::new(directory.path().join("locks")),
        clock,
        text: Text::english(),
        outlives_terminal: false,
        options: Vec::new(),
        read_only: false,
        deadline: None,
        wait_lock_until: None,
        console: Arc::clone(&console) as Arc<dyn Console>,
    };
    let (one, two) = (group(1), group(2));
    let words = ["synod", "link", one.as_str(), two.as_str(), "--to", HARBOR];
    let Some(Command::Link(arguments)) = Arguments::parse_from(words).command else { panic!("it is linked") };
    let interrupts = Interrupts::new(&session.text, None).unwrap();
    let code = change::change(&session, arguments.into(), interrupts).await.unwrap();
    let sent = gateway.writes().into_iter().map(|write| write.group).collect();
    let asked = console.asked.lock().unwrap().clone();
    (code, asked, sent, gateway.reads())
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_confirmed_within_a_minute_is_sent_unchanged() {
    let (code, asked, sent, reads) = link(59, None).await;
    assert_eq!((code, asked.len(), sent), (0, 1, vec![group(1), group(2)]));
    let (_, _, _, at_once) = link(0, None).await;
    assert_eq!(reads, at_once, "nothing is read again");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_confirmed_too_late_is_checked_and_sent_if_it_is_still_valid() {
    let (code, asked, sent, reads) = link(61, None).await;
    assert_eq!((code, asked.len(), sent), (0, 1, vec![group(1), group(2)]));
    let (_, _, _, at_once) = link(0, None).await;
    assert!(reads > at_once, "it was not checked: {reads} reads");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_confirmed_too_late_and_is_no_longer_valid_is_asked_about_again() {
    let (code, asked, sent, _) = link(61, Some(group(1))).await;
    assert_eq!((code, sent), (0, vec![group(2)]), "a group that is already there is not sent");
    assert_eq!(asked, ["Run this plan for 2 groups? y or n:", "Run this plan? y or n:"]);
}
