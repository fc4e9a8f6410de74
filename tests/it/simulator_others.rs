//! Another admin changes groups of the simulated world just before a request is handled.

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
        assert_eq!(change(&simulator, kind, "link", HARBOR, PARKING).await.status, 0, "both occur");
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

/// The clock stands still and jumps when everybody waits, so nobody waits for it.
#[rstest::rstest]
#[case::nothing(b"")]
#[case::half_a_head(b"GET /health HTTP/1.1\r\nhost: x\r\nx-")]
#[case::half_a_body(
    b"POST /api/group/join/harbor HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{"
)]
#[tokio::test(start_paused = true)]
async fn an_unfinished_request_is_abandoned(#[case] sent: &'static [u8]) {
    use synod::simulator::{Simulator, World};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let simulator = Simulator::new(World::parse("seed = 1", "world.toml").unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { simulator.serve(listener, std::future::pending::<()>()).await });
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    serving.abort();
}
