//! Another admin changes groups of the simulated world just before a request is worked on.

use std::time::Duration;
use tokio::time::sleep;

use crate::support::simulated::{
    BOTH, HARBOR, PARKING, RECEPTION, SCHOOLS, built_in, change, group_id, is_linked, list, subgroups,
    two_gateways_with,
};

#[tokio::test(start_paused = true)]
async fn another_admin_moves_links_and_unlinks_before_the_nth_request() {
    for kind in BOTH {
        let more = "group = \"Reception\"\nto = \"North Schools\"\nnth = 2";
        let simulator = two_gateways_with("groups", "moved_by_another", more);
        list(&simulator, kind).await;
        assert!(is_linked(&simulator, RECEPTION, HARBOR));
        assert_eq!(list(&simulator, kind).await.status, 200, "the request goes on");
        assert!(is_linked(&simulator, RECEPTION, SCHOOLS) && !is_linked(&simulator, RECEPTION, HARBOR));
        sleep(Duration::from_secs(3)).await;
        assert!(subgroups(&simulator, kind, SCHOOLS).await.contains(&group_id(kind, RECEPTION)));

        let more = "group = \"Parking\"\nto = \"North Schools\"\nnth = 1";
        let simulator = two_gateways_with("link", "linked_by_another", more);
        let got = change(&simulator, kind, "link", HARBOR, PARKING).await;
        assert_eq!(got.json["success"], false, "it is elsewhere by now");
        assert!(is_linked(&simulator, PARKING, SCHOOLS));

        let simulator = two_gateways_with("unlink", "unlinked_by_another", "group = \"Reception\"\nnth = 1");
        let got = change(&simulator, kind, "unlink", HARBOR, RECEPTION).await;
        assert_eq!(got.json["success"], false, "there is nothing left to do");
        assert!(!is_linked(&simulator, RECEPTION, HARBOR));
    }
}

#[tokio::test(start_paused = true)]
async fn another_admin_acts_beside_other_faults_and_not_more_often_than_the_world_says() {
    for kind in BOTH {
        let more = "group = \"Parking\"\nto = \"North Schools\"\ntimes = 1\n[[fault]]\non = \"link\"\nthen = \"drop_after\"";
        let simulator = two_gateways_with("any_write", "linked_by_another", more);
        assert_eq!(change(&simulator, kind, "link", HARBOR, PARKING).await.status, 0, "both strike");
        assert!(is_linked(&simulator, PARKING, SCHOOLS));
        change(&simulator, kind, "unlink", SCHOOLS, PARKING).await;
        assert!(!is_linked(&simulator, PARKING, SCHOOLS), "only once");
    }
}

#[tokio::test(start_paused = true)]
async fn the_world_of_another_admin_moves_radiology() {
    let simulator = built_in("another_admin");
    let radiology = "120363400000000013";
    let kind = BOTH[0];
    assert!(is_linked(&simulator, radiology, HARBOR));
    change(&simulator, kind, "unlink", HARBOR, RECEPTION).await;
    assert!(is_linked(&simulator, radiology, SCHOOLS));
}
