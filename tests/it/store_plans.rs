//! Plan files of earlier versions stay readable. The files in `golden/plans` were written by version 0.1.

use synod::{
    domain::{
        id::{CommunityId, OperationId},
        plan::{Earlier, Origin, Request, Step, Verb, Want},
    },
    export::plan_file::PlanFile,
};

const HARBOR: &str = "120363400000000001@g.us";
const CHOIR: &str = "120363400000002001@g.us";
const PADRES: &str = "120363400000006001@g.us";

fn id(text: &str) -> CommunityId {
    CommunityId::parse(text).unwrap()
}

/// Reads a file, checks that writing it again gives the same text, and returns its request and the steps of its rows.
fn read(content: &str) -> (Request, Vec<Vec<Step>>) {
    let file = PlanFile::parse(content).unwrap();
    assert_eq!(file.content().unwrap(), content);
    let plan = file.plan();
    (plan.request.clone(), plan.rows.into_iter().map(|row| row.steps).collect())
}

macro_rules! golden {
    ($name:literal) => {
        read(include_str!(concat!("golden/plans/", $name, ".json")))
    };
}

fn wishes(request: &Request) -> Vec<(Want, Origin, Option<Earlier>)> {
    request.wishes.iter().map(|wish| (wish.want.clone(), wish.from.clone(), wish.earlier)).collect()
}

#[test]
fn a_file_with_marks_gives_the_same_request_as_the_command_that_wrote_it() {
    let (link, steps) = golden!("link");
    assert_eq!((link.verb, link.parent), (Verb::Link, None));
    assert_eq!(wishes(&link), vec![(Want::In(id(CHOIR)), Origin::Nowhere, None); 2]);
    assert_eq!(steps[0], [Step::Link(id(CHOIR))]);
    let (unlink, _) = golden!("unlink");
    assert_eq!(wishes(&unlink), vec![(Want::InNone, Origin::Only(id(PADRES)), None); 2]);
    let (anywhere, steps) = golden!("unlink-anywhere");
    assert_eq!(wishes(&anywhere), [(Want::InNone, Origin::Anywhere, None)]);
    assert_eq!(steps, [[Step::Unlink(id(PADRES))]]);
    let (moved, _) = golden!("move");
    assert_eq!((moved.verb, moved.target()), (Verb::Move, Some(&id(HARBOR))));
    assert_eq!(wishes(&moved), vec![(Want::In(id(HARBOR)), Origin::Anywhere, None); 2]);
    let (left, _) = golden!("leave");
    assert_eq!(wishes(&left), [(Want::Left, Origin::Anywhere, None)]);
}

#[test]
fn a_file_that_leaves_a_community_leaves_that_community() {
    let (request, steps) = golden!("leave-community");
    assert!(request.leaves_community());
    assert_eq!(wishes(&request), [(Want::CommunityLeft(id(CHOIR)), Origin::Anywhere, None)]);
    assert_eq!(steps, [[Step::LeaveCommunity(id(CHOIR))]]);
}

#[test]
fn a_file_that_continues_an_operation_takes_each_group_only_from_its_last_place() {
    let earlier = Some(Earlier::default());
    let (request, _) = golden!("undo-move");
    assert_eq!((request.verb, request.parent), (Verb::Move, Some(OperationId(1))));
    assert_eq!(wishes(&request), [(Want::In(id(PADRES)), Origin::Only(id(HARBOR)), earlier)]);
    let (request, _) = golden!("undo-link");
    assert_eq!((request.verb, request.parent), (Verb::Unlink, Some(OperationId(2))));
    assert_eq!(wishes(&request), [(Want::InNone, Origin::Only(id(CHOIR)), earlier)]);
}

#[test]
fn a_link_without_a_community_is_not_a_plan() {
    let content = include_str!("golden/plans/link.json");
    let community = content.find("\"community\": {").unwrap();
    let end = community + content[community..].find('}').unwrap() + 1;
    let without = format!("{}\"community\": null{}", &content[..community], &content[end..]);
    assert!(PlanFile::parse(&without).is_err());
}
