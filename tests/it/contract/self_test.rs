//! The checker finds mistakes: without this test, a checker that checks nothing would pass.

use bytes::Bytes;
use http::{Method, Request, Response};
use rstest::rstest;
use serde_json::{Value, json};

use super::spec::Spec;

const RYZEAPI: &str = "/api/community/link/harbor";
const ZAPI: &str = "/instances/ID/token/TOKEN";

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.map(ToString::to_string).unwrap_or_default())).unwrap()
}

fn good_link(name: &str) -> (String, Vec<(&'static str, &'static str)>, Value) {
    let json = ("content-type", "application/json");
    match name {
        "ryzeapi" => (
            RYZEAPI.to_owned(),
            vec![("token", "T"), json],
            json!({ "communityJid": "1@g.us", "groupJid": ["2@g.us"] }),
        ),
        _ => (
            format!("{ZAPI}/communities/link"),
            vec![("client-token", "C"), json],
            json!({ "communityId": "1", "groupsPhones": ["2-group"] }),
        ),
    }
}

#[rstest]
fn correct_exchanges_pass_and_each_fault_is_found(#[values("ryzeapi", "zapi")] name: &str) {
    let spec = Spec::read(name);
    let (uri, headers, body) = good_link(name);
    let wrong = |method: &str, uri: &str, headers: &[(&str, &str)], body: Option<&Value>| {
        spec.request(&request(method, uri, headers, body))
    };
    assert_eq!(wrong("POST", &uri, &headers, Some(&body)), Vec::<String>::new());
    assert_ne!(wrong("PUT", &uri, &headers, Some(&body)), Vec::<String>::new(), "method");
    assert_ne!(
        wrong("POST", &format!("{uri}/more/of/it"), &headers, Some(&body)),
        Vec::<String>::new(),
        "path"
    );
    assert_ne!(wrong("POST", &format!("{uri}?x=1"), &headers, Some(&body)), Vec::<String>::new(), "query");
    assert_ne!(wrong("POST", &uri, &headers[..1], Some(&body)), Vec::<String>::new(), "content type");
    assert_ne!(wrong("POST", &uri, &headers, None), Vec::<String>::new(), "no body");
    assert_ne!(wrong("POST", &uri, &headers, Some(&json!({}))), Vec::<String>::new(), "nothing in the body");
    let with = |name: &'static str| [headers.clone(), vec![(name, "1")]].concat();
    assert_ne!(wrong("POST", &uri, &with("x-other"), Some(&body)), Vec::<String>::new(), "header");
    assert_ne!(wrong("POST", &uri, &with("authorization"), Some(&body)), Vec::<String>::new(), "two tokens");
    let mut more = body.clone();
    more["extra"] = json!(1);
    assert_ne!(wrong("POST", &uri, &headers, Some(&more)), Vec::<String>::new(), "unknown member");
    let mut other = body.clone();
    for value in other.as_object_mut().unwrap().values_mut() {
        *value = json!(120_363_400_000_000_001_u64);
    }
    assert_eq!(wrong("POST", &uri, &headers, Some(&other)).len(), 2, "ids as numbers");
}

#[rstest]
#[case("/groups?page=1&pageSize=10", true)]
#[case("/groups?page=1", false)]
#[case("/groups?page=one&pageSize=10", false)]
#[case("/groups?page=1&page=2&pageSize=10", false)]
#[case("/communities-metadata/120363500000000001", true)]
#[case("/communities-metadata/", false)]
#[case("/communities-metadata", false)]
fn parameters_are_counted_and_typed(#[case] operation: &str, #[case] is_right: bool) {
    let wrong = Spec::read("zapi").request(&request("GET", &format!("{ZAPI}{operation}"), &[], None));
    assert_eq!(wrong.is_empty(), is_right, "{wrong:?}");
}

#[rstest]
#[case("ryzeapi", RYZEAPI, 200, json!({ "success": true, "linked": ["1@g.us"], "failed": null }), true)]
#[case("ryzeapi", RYZEAPI, 200, json!({ "success": "yes" }), false)]
#[case("ryzeapi", RYZEAPI, 200, json!({ "linked": "1@g.us" }), false)]
#[case("ryzeapi", RYZEAPI, 400, json!({ "success": true, "error": { "message": "no" } }), false)]
#[case("ryzeapi", RYZEAPI, 400, json!({ "success": false, "error": { "message": "no" } }), true)]
#[case("zapi", "/instances/ID/token/TOKEN/communities/link", 200, json!({ "success": true }), true)]
#[case("zapi", "/instances/ID/token/TOKEN/communities/link", 200, json!({ "success": "true" }), false)]
#[case("zapi", "/instances/ID/token/TOKEN/communities/link", 200, json!([]), false)]
#[case("zapi", "/instances/ID/token/TOKEN/communities/link", 409, json!({ "error": 1 }), false)]
fn wrong_answers_are_found(
    #[case] name: &str,
    #[case] path: &str,
    #[case] status: u16,
    #[case] body: Value,
    #[case] is_right: bool,
) {
    let response = Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap();
    let wrong = Spec::read(name).response(&Method::POST, path, &response);
    assert_eq!(wrong.is_empty(), is_right, "{wrong:?}");
}

#[test]
fn headers_and_bodies_of_answers_are_checked() {
    let spec = Spec::read("ryzeapi");
    let answer = |limit: &str, body: &'static str| {
        Response::builder()
            .header("x-ratelimit-limit", limit)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    };
    assert!(spec.response(&Method::POST, RYZEAPI, &answer("100", "{}")).is_empty());
    assert_eq!(spec.response(&Method::POST, RYZEAPI, &answer("many", "{}")).len(), 1);
    assert_eq!(spec.response(&Method::POST, RYZEAPI, &answer("100", "<html>")).len(), 1);
}
