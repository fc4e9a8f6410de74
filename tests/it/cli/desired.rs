//! Files that say where groups belong: `diff` and `apply`, and the lists that write such files.

/// The settings of a world on both gateways.
macro_rules! settings {
    ($rest:expr) => {
        concat!(
            r#"
seed = 3

[settings]
latency_ms = [0, 1]
link_delay_ms = 0
listing_lag_ms = [0, 0]

[ryzeapi]
rate_limit = 100000
not_a_community = "plain_words"
list_community_fields = true
info_community_fields = true

"#,
            $rest
        )
    };
}

mod many;
mod mistakes;
mod recipes;
mod spreadsheet;
mod states;

use std::collections::BTreeMap;

use synod::simulator::{GatewayKind, Kind, Simulator, World};

use super::sandbox::{CliSandbox, Ended};
use crate::support::{simulated, worlds::two_communities};

/// Two communities and some groups with difficult names, on both gateways.
const WORLD: &str = settings!(concat!(
    r#"
[zapi]
link_delay_ms = 1

[[instance]]
name = "harbor"

[[instance]]
name = "shop"
gateway = "zapi"

"#,
    two_communities!(
        r#"
[standalone]
groups = ["Kitchen", "Night nurses", "Parking", "Same", "Same", "=HYPERLINK(\"x\")", "Board; old, \"x\"", "-dash"]
"#
    )
));

/// The program, and the simulated gateways that it uses.
struct Desk {
    sandbox: CliSandbox,
    simulator: Simulator,
}

impl Desk {
    fn new() -> Self {
        Self::with(WORLD)
    }

    fn with(world: &str) -> Self {
        Self::of(World::parse(world, "world.toml").unwrap())
    }

    fn of(world: World) -> Self {
        let (sandbox, simulator) = CliSandbox::watching_all(world);
        Self { sandbox, simulator }
    }

    /// Runs the program and checks its exit code.
    fn expect(&self, code: i32, arguments: &[&str]) -> Ended {
        self.sandbox.expect(code, arguments)
    }

    /// The requests so far that may change something, by the gateway's own log.
    fn writes(&self) -> usize {
        self.simulator.requests().iter().filter(|request| request.kind == Kind::Write).count()
    }

    /// Runs the program, checks its exit code, and that it sends nothing.
    fn expect_unsent(&self, code: i32, arguments: &[&str]) -> Ended {
        let before = self.writes();
        let ended = self.expect(code, arguments);
        assert_eq!(self.writes(), before, "{arguments:?}: {ended:?}");
        ended
    }

    /// Links or unlinks a group as another admin would, without Synod. The ids are those of the world.
    fn by_hand(&self, kind: GatewayKind, verb: &str, community: &str, group: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let got = runtime.block_on(simulated::change(&self.simulator, kind, verb, community, group));
        assert_eq!(got.status, 200, "{}", got.text);
    }

    /// The real state: the names of the groups in each community.
    fn places(&self) -> BTreeMap<String, Vec<String>> {
        let truth = self.simulator.truth();
        let standing = &truth.instances["harbor"];
        let names = |groups: &std::collections::BTreeSet<String>| {
            let mut names: Vec<String> = groups.iter().map(|id| standing.names[id].clone()).collect();
            names.sort();
            names
        };
        standing.communities.iter().map(|(id, groups)| (standing.names[id].clone(), names(groups))).collect()
    }

    /// The names of the groups in a community, as they really are.
    fn groups(&self, community: &str) -> Vec<String> {
        self.places().remove(community).unwrap()
    }

    /// The list of groups with their places, as the program exports it.
    fn exported(&self, kind: GatewayKind) -> String {
        self.expect_unsent(0, &["list", "groups", "--csv", "--instance", name(kind)]).stdout
    }

    fn operations(&self) -> usize {
        self.expect(0, &["operations", "--json"]).events().len()
    }
}

/// The name of the instance on a gateway.
fn name(kind: GatewayKind) -> &'static str {
    match kind {
        GatewayKind::Ryzeapi => "harbor",
        _ => "shop",
    }
}
