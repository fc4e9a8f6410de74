//! The rows of bulk work: its duration on a paused clock, its requests to the gateway, whether its reports are true, and
//! its cost for the machine.

#[path = "bulk/rig.rs"]
mod rig;
#[path = "bulk/truth.rs"]
mod truth;

use std::{collections::BTreeMap, time::Duration};

use synod::{
    domain::{
        event::Order,
        id::{CommunityId, GroupId},
        outcome::{Claim, Outcome},
        plan::Task,
    },
    simulator::{Kind, Logged, World},
};

use self::{
    rig::{Rig, link, paused},
    truth::{alone, is_done, is_wrong, wishes},
};
use crate::{
    table::{Row, Table, ms},
    transport, usage,
};

/// One number, one community with room for fifty, fifty groups in none. A link takes the gateway a second, and listings
/// follow one to three seconds later.
const FIFTY: &str = r#"
seed = 50
[ryzeapi]
list_community_fields = true
[[instance]]
name = "ops"
[[community]]
name = "Harbor Clinics"
[standalone]
groups = [{ name = "Reception", copies = 50 }]
"#;

/// A thousand groups and a community for every fifty; nothing is counted or slow.
const THOUSAND: &str = r"
seed = 1000
[settings]
link_delay_ms = 0
[ryzeapi]
rate_limit = 1000000
list_community_fields = true
[generate]
instances = 1
communities = 20
groups = [0, 0]
standalone = 1000
";

/// Fifty numbers, each with a community and thirty groups of its own.
const SIDE_BY_SIDE: &str = r"
seed = 51
[ryzeapi]
list_community_fields = true
[generate]
instances = 50
communities = 50
groups = [0, 0]
standalone = 1500
spread = true
";

/// Adds the rows.
pub(crate) fn rows(table: &mut Table) {
    paused(fifty(table));
    paused(requests_per_group(table));
    for world in ["one_in_five", "one_in_five_reads"] {
        paused(faults(table, world));
    }
    paused(work(table));
    paused(long_list(table));
    side_by_side(table);
}

async fn fifty(table: &mut Table) {
    let looped = {
        let rig = Rig::over(FIFTY);
        let (target, began) = (CommunityId::parse(&rig.infos[0].communities[0]).unwrap(), rig.now());
        for group in alone(&rig.standing(0)) {
            rig.gateways[0].writes().unwrap().link(&target, &GroupId::parse(&group).unwrap()).await;
        }
        rig.now().since(began).as_secs_f64()
    };
    let mut rig = Rig::over(FIFTY);
    let began = rig.now();
    let order = link(&rig.infos[0].communities[0], alone(&rig.standing(0)));
    let took = rig.run([(0, order)]).await.as_secs_f64();
    let verified: Vec<f64> = rig.verified().iter().map(|at| at.since(began).as_secs_f64()).collect();
    let (first, last) =
        (verified.first().copied().unwrap_or(f64::MAX), verified.last().copied().unwrap_or(f64::MAX));
    let seconds = |seconds: &f64| format!("{seconds:.1}");
    let row = Row::new(
        "50 links into one community, to the last verified, s (beside it: a loop of calls, claims only)",
        "≤ 60",
    );
    let row = row.found(&[Some(last), Some(looped)], seconds).ratio(last, Some(looped));
    table.add(row.reached(verified.len() == 50 && last <= 60.0));
    let row = Row::new("the first verified, s", "≤ 5").found(&[Some(first)], seconds);
    table.add(row.reached(first <= 5.0));
    let steps = verified.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    let row = Row::new("the longest silence between two, s", "").found(&[Some(steps)], seconds);
    table.add(row);

    let asked = rig.asked(0);
    let each = count(asked.len()) / 50.0;
    let row = Row::new("requests a group, looks included", "≤ 1.5")
        .found(&[Some(each)], |each| format!("{each:.2}"));
    table.add(row.reached(each <= 1.5));
    let most = asked.iter().map(|one| asked.iter().filter(|other| is_within(one, other)).count()).max();
    let most = most.unwrap_or_default();
    let row = Row::new("the most within any minute", "≤ 100").found(&[Some(most)], ToString::to_string);
    table.add(row.reached(most <= 100));
    let most = in_flight(&asked);
    let row = Row::new("writes in flight", "1").found(&[Some(most)], ToString::to_string);
    table.add(row.reached(most == 1));
    println!("The fifty links and the end of the operation: {took:.1} s.");
}

/// What the plan and the operation ask of the gateway for each of fifty groups, all looks included.
async fn requests_per_group(table: &mut Table) {
    let world = |instance: &str, settings: &str| {
        format!(
            "seed = 20\n{settings}\n[[instance]]\nname = \"ops\"\n{instance}\n[[community]]\nname = \"Harbor\"\n\
             groups = [{{ name = \"Ward\", copies = 50 }}]\n[standalone]\ngroups = [{{ name = \"Alone\", copies = 50 }}]\n"
        )
    };
    let fields = "[ryzeapi]\nlist_community_fields = true\n";
    let words = "[ryzeapi]\nnot_a_community = \"plain_words\"\n";
    let zapi = "gateway = \"zapi\"\nid = \"INSTANCE\"\n";
    let cases = [
        ("an unlink, RyzeAPI with fields in its list", Task::Unlink, world("", fields), 1.75),
        ("an unlink, RyzeAPI without", Task::Unlink, world("", words), 1.75),
        ("an unlink, Z-API", Task::Unlink, world(zapi, ""), 1.75),
        ("a leave, RyzeAPI with fields in its list", Task::Leave, world("", fields), 3.5),
        ("a leave with a probe, RyzeAPI without", Task::Leave, world("", words), 4.5),
        ("a leave, Z-API", Task::Leave, world(zapi, ""), 4.5),
    ];
    for (what, task, world, most) in cases {
        let mut rig = Rig::over(&world);
        let community = rig.infos[0].communities[0].clone();
        let groups: Vec<(String, Option<String>)> = match task {
            Task::Unlink => {
                let subgroups = rig.standing(0).communities[&community].clone();
                subgroups.into_iter().take(49).map(|group| (group, Some(community.clone()))).collect()
            }
            _ => alone(&rig.standing(0)).into_iter().map(|group| (group, None)).collect(),
        };
        let order = rig.planned(&task, &groups).await;
        rig.run([(0, order)]).await;
        let verified = rig.verified().len();
        let each = count(rig.asked(0).len()) / count(groups.len());
        let row = Row::new(&format!("requests for {what}"), &format!("≤ {most}"));
        let row = row.found(&[Some(each)], |each| format!("{each:.2}"));
        table.add(row.reached(verified == groups.len() && each <= most));
    }
}

/// Whether a request came within the minute that another begins.
fn is_within(one: &Logged, other: &Logged) -> bool {
    (0..60_000).contains(&(other.received_at - one.received_at))
}

/// The most writes of one instance that were worked on at once.
fn in_flight(asked: &[Logged]) -> usize {
    let writes: Vec<&Logged> = asked.iter().filter(|logged| logged.kind == Kind::Write).collect();
    let at_once = |one: &&Logged| {
        let runs = |other: &&&Logged| {
            other.received_at <= one.received_at
                && other.answered_at.is_none_or(|at| at > one.received_at || std::ptr::eq(**other, *one))
        };
        writes.iter().filter(runs).count()
    };
    writes.iter().map(at_once).max().unwrap_or_default()
}

async fn faults(table: &mut Table, world: &str) {
    let mut rig = Rig::over(World::built_in_text(world).unwrap());
    let (mut wrong, mut verified, mut unknown, mut said) = (0, 0, 0, 0);
    for order in wishes(&rig.standing(0), &rig.infos[0].communities) {
        // No answer is older than the plan's own reading.
        rig.simulator.forget_reads();
        rig.run([(0, order)]).await;
        // The last operation is compared with the present state; later ones may change it.
        let (truth, outcomes) = (rig.standing(0), rig.outcomes());
        for (item, outcome) in &outcomes[said..] {
            wrong += usize::from(is_wrong(*outcome, is_done(item, &truth)));
            verified += usize::from(*outcome == Outcome::Verified);
            unknown += usize::from(*outcome == Outcome::Unknown);
        }
        said = outcomes.len();
    }
    let claims = rig.claims();
    let asked = rig.asked(0);
    let writes = asked.iter().filter(|logged| logged.kind == Kind::Write);
    let believed =
        writes.zip(&claims).filter(|(write, claim)| write.changed != (**claim == Some(Claim::Yes)));
    let believed = format!("{} of {} answers", believed.count(), claims.len());
    let own = format!("{wrong} of {said} ({verified} verified, {unknown} unknown)");
    let what = format!("wrong outcomes in the world {world} (beside it: answers that were not so)");
    let row = Row::new(&what, "0");
    let row = row.found(&[Some(own), Some(believed)], Clone::clone);
    table.add(row.reached(wrong == 0 && said == 300));
}

async fn work(table: &mut Table) {
    let mut rig = Rig::over(THOUSAND);
    let (groups, targets) = (alone(&rig.standing(0)), rig.infos[0].communities.clone());
    let orders: Vec<_> =
        targets.iter().zip(groups.chunks(50)).map(|(to, of)| (0, link(to, of.to_vec()))).collect();
    let before = usage::of("self");
    rig.run(orders).await;
    let spent = usage::of("self").zip(before).map(|(after, before)| after.ran.saturating_sub(before.ran));
    let verified = count(rig.verified().len());
    let each = spent.map(|spent| spent.as_secs_f64() * 1e3 / verified.max(1.0));
    let row =
        Row::new("processor time a group, ms: engine, journal, client, and the simulated gateway", "≤ 1");
    let row = row.found(&[each], |each| ms(*each));
    table.add(row.reached(verified > 999.0 && each.is_some_and(|each| each <= 1.0)));
}

/// 200 unlinks by a number that is in a hundred thousand groups, from a plan that has read them.
async fn long_list(table: &mut Table) {
    const UNLINKS: usize = 200;
    let world = World::built_in_text("hundred_thousand_at_once").unwrap();
    let groups = |rig: &Rig| -> Vec<(String, Option<String>)> {
        let communities = rig.standing(0).communities;
        let all_but_a_few = communities.iter().flat_map(|(community, groups)| {
            let few = groups.len().saturating_sub(3);
            groups.iter().take(few).map(|group| (group.clone(), Some(community.clone())))
        });
        all_but_a_few.take(UNLINKS).collect()
    };
    let mut rig = Rig::over(world);
    let order = rig.planned(&Task::Unlink, &groups(&rig)).await;
    let (before, planned) = (usage::of("self"), rig.asked(0).len());
    rig.run([(0, order)]).await;
    let (after, own) = (usage::of("self"), spent(before));
    let is_whole = rig.verified().len() == UNLINKS;
    let asked = rig.asked(0).split_off(planned);
    let lists = asked.iter().filter(|logged| logged.path.contains("group/list")).count();
    let before = usage::of("self");
    for logged in &asked {
        ask_again(&rig, logged).await;
    }
    let gateway = spent(before);
    let each = |spent: Option<f64>| spent.map(|spent| spent / count(UNLINKS));
    let row = Row::new(
        "200 unlinks at 100,000 groups: processor time per item, without the simulated gateway, ms (beside it: the gateway)",
        "≤ 2",
    );
    let found = [each(own.zip(gateway).map(|(own, gateway)| own - gateway)), each(gateway)];
    let row = row.found(&found, |each| ms(*each)).ratio(found[0].unwrap_or(f64::MAX), found[1]);
    table.add(row.reached(is_whole && found[0].is_some_and(|each| each <= 2.0)));
    let grown = after.zip(before).map(|(after, before)| after.resident - before.resident);
    let row = Row::new(
        "200 unlinks at 100,000 groups: resident MB, beyond the plan and the simulated gateway",
        "≤ 80",
    );
    let row = row.found(&[grown], |grown| format!("{grown:.0}"));
    table.add(row.reached(grown.is_some_and(|grown| grown <= 80.0)));
    let found = [format!("{:.2}", count(asked.len()) / count(UNLINKS)), lists.to_string()];
    let row = Row::new("their requests each (beside it: how often the whole list was read)", "≤ 1.75");
    table.add(row.found(&found.map(Some), Clone::clone).reached(asked.len() * 100 <= UNLINKS * 175));
}

/// Has the simulated gateway answer a request once more, without a client.
async fn ask_again(rig: &Rig, logged: &Logged) {
    let (info, group) = (&rig.infos[0], logged.groups.first().cloned().unwrap_or_default());
    let community = logged.community.clone().unwrap_or_default();
    let query = format!("includeMembers=false&communityJid={community}&identifier={group}&participants=true");
    let body = format!(r#"{{"communityJid":"{community}","groupJid":["{group}"]}}"#);
    let request = http::Request::builder()
        .method(logged.method.as_str())
        .uri(format!("{}?{query}", logged.path))
        .header("token", &info.token)
        .header("content-type", "application/json")
        .body(body.into());
    let answer = transport::ask(rig.simulator.router(), request.unwrap()).await;
    assert_eq!(answer.unwrap().status().as_u16(), 200);
}

/// The processor time since then, in milliseconds.
fn spent(before: Option<usage::Usage>) -> Option<f64> {
    let ran = usage::of("self")?.ran.saturating_sub(before?.ran);
    Some(ran.as_secs_f64() * 1e3)
}

fn side_by_side(table: &mut Table) {
    let orders = |rig: &Rig| -> BTreeMap<usize, Order> {
        let order = |at: usize| {
            let groups = alone(&rig.standing(at));
            (at, link(&rig.infos[at].communities[0], groups.into_iter().take(5 + at * 7 % 16)))
        };
        (0..rig.infos.len()).map(order).collect()
    };
    let mut slowest = Duration::ZERO;
    for at in 0..50 {
        let took = paused(async {
            let mut rig = Rig::over(SIDE_BY_SIDE);
            let order = orders(&rig).remove(&at).unwrap();
            rig.run([(at, order)]).await
        });
        slowest = slowest.max(took);
    }
    let (took, is_whole) = paused(async {
        let mut rig = Rig::over(SIDE_BY_SIDE);
        let orders = orders(&rig);
        let items: usize = orders.values().map(|order| order.items.len()).sum();
        (rig.run(orders).await, rig.verified().len() == items)
    });
    let (own, other) = (took.as_secs_f64(), slowest.as_secs_f64());
    let row = Row::new("50 instances side by side, s (beside it: the slowest alone)", "the slowest");
    let row = row.found(&[Some(own), Some(other)], |seconds| format!("{seconds:.1}")).ratio(own, Some(other));
    table.add(row.reached(is_whole && own <= other * 1.02));
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}
