use rstest::rstest;
use synod::domain::count_range::{CountRange, CountRangeError};

const MOST: u64 = u64::MAX;

#[rstest]
#[case("500", &[500], &[499, 501])]
#[case("=500", &[500], &[499, 501])]
#[case(">500", &[501, MOST], &[0, 500])]
#[case(">=500", &[500, MOST], &[499])]
#[case("<500", &[0, 499], &[500, MOST])]
#[case("<=500", &[0, 500], &[501])]
#[case("<1", &[0], &[1])]
#[case("<0", &[], &[0, 1, MOST])]
#[case("100..200", &[100, 200], &[99, 201])]
#[case("100..", &[100, MOST], &[99])]
#[case("..200", &[0, 200], &[201])]
#[case("99999999999999999999", &[MOST], &[MOST - 1])]
fn a_range_contains_what_it_says(#[case] text: &str, #[case] inside: &[u64], #[case] outside: &[u64]) {
    let range = CountRange::parse(text).unwrap();
    assert!(inside.iter().all(|count| range.contains(*count)), "{range:?}");
    assert!(!outside.iter().any(|count| range.contains(*count)), "{range:?}");
}

#[rstest]
#[case("", CountRangeError::Unfinished)]
#[case(">", CountRangeError::Unfinished)]
#[case("<=", CountRangeError::Unfinished)]
#[case("5.", CountRangeError::Unfinished)]
#[case("..", CountRangeError::Unfinished)]
#[case("500..2", CountRangeError::Unfinished)]
#[case("many", CountRangeError::Invalid)]
#[case("><5", CountRangeError::Invalid)]
#[case("-5", CountRangeError::Invalid)]
#[case("5..x", CountRangeError::Invalid)]
fn anything_else_is_none(#[case] text: &str, #[case] why: CountRangeError) {
    assert_eq!(CountRange::parse(text), Err(why));
}
