//! The promises in `docs/security.md`: each promise names the tests that check it, and these tests exist.

use crate::conventions::exists;

const PAGE: &str = include_str!("../../docs/security.md");

/// The promises on a page: each bullet point, joined into one line.
fn promises(page: &str) -> Vec<String> {
    let mut promises: Vec<String> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        if let Some(begin) = line.strip_prefix("* ") {
            promises.push(begin.to_owned());
            is_inside = true;
        } else if let (true, Some(rest), Some(promise)) =
            (is_inside, line.strip_prefix("  "), promises.last_mut())
        {
            promise.push(' ');
            promise.push_str(rest.trim());
        } else {
            is_inside = false;
        }
    }
    promises
}

/// The tests that a text names.
fn named(text: &str) -> Vec<&str> {
    let words = text.split('`').skip(1).step_by(2);
    words.filter(|word| word.starts_with("it::") || word.starts_with("synod::")).collect()
}

#[test]
fn every_promise_names_tests_that_exist() {
    let promises = promises(PAGE);
    assert!(promises.len() > 20, "the promises are not found");
    let mut wrong: Vec<String> = promises
        .iter()
        .filter(|promise| named(promise).is_empty())
        .map(|promise| format!("no test checks: {promise}"))
        .collect();
    wrong.extend(
        named(PAGE).iter().filter(|name| !exists(name)).map(|name| format!("there is no test {name}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rule_of_promises_can_fail() {
    let page =
        "# A\n\n* One thing\n  and more (`it::a::b`, `code`).\n* Two.\n\nText `synod::c::d`.\n  no promise\n";
    assert_eq!(promises(page), ["One thing and more (`it::a::b`, `code`).", "Two."]);
    assert_eq!(named(page), ["it::a::b", "synod::c::d"]);
    assert_eq!(named("Two."), Vec::<&str>::new());
}
