//! The rows of a pane: cursor, ranges and marks.

use proptest::prelude::*;

use synod::app::action::*;
use synod::app::list::*;

fn motion() -> impl Strategy<Value = Motion> {
    prop_oneof![
        Just(Motion::Up),
        Just(Motion::Down),
        Just(Motion::PageUp),
        Just(Motion::PageDown),
        Just(Motion::HalfPageUp),
        Just(Motion::HalfPageDown),
        Just(Motion::First),
        Just(Motion::Last),
    ]
}

#[test]
fn until_it_is_moved_the_cursor_stays_on_the_first_row() {
    let mut list = List::default();
    list.set_rows(vec!["b"]);
    list.set_rows(vec!["a", "b"]);
    assert_eq!(list.selected(), Some(&"a"));
}

#[test]
fn scrolling_moves_the_cursor_only_where_it_would_be_out_of_sight() {
    let mut list = List::default();
    list.set_height(4);
    list.set_rows((0..10).collect());
    list.point(3);
    list.scroll(true, 3);
    assert_eq!((list.offset(), list.selected()), (3, Some(&3)));
    list.scroll(true, 30);
    assert_eq!((list.offset(), list.selected()), (6, Some(&6)));
    list.scroll(false, 5);
    assert_eq!((list.offset(), list.selected()), (1, Some(&4)));
    assert!(!list.point(4) && list.point(0));
    assert_eq!(list.selected(), Some(&1));
}

#[test]
fn the_cursor_stays_on_its_row_when_rows_come_before_it() {
    let mut list = List::default();
    list.set_height(3);
    list.set_rows(vec!["b", "d", "f"]);
    list.go(Motion::Down);
    list.set_rows(vec!["a", "b", "c", "d", "e", "f"]);
    assert_eq!(list.selected(), Some(&"d"));
    assert!(list.visible().any(|(_, row)| *row == "d"));
}

proptest! {
    #[test]
    fn property_the_cursor_is_always_on_a_row_that_is_shown(
        sizes in prop::collection::vec((0_usize..60, 0_usize..20, prop::collection::vec(motion(), 0..8)), 1..8)
    ) {
        let mut list = List::default();
        for (rows, height, motions) in sizes {
            list.set_height(height);
            list.set_rows((0..rows).collect());
            for motion in motions {
                list.go(motion);
            }
            prop_assert!(rows == 0 || list.visible().any(|(at, _)| at == list.cursor()));
            prop_assert!(list.visible().count() == rows.min(height.max(1)));
        }
    }
}
