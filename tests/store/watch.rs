//! What is kept for whoever watches: daemons and their hosts, how the time of visits was spent, bodies that could not be read.

use tidings::model::{FailedBody, Phases};

use super::*;

#[tokio::test]
async fn daemons_say_that_they_are_there_and_are_told_with_what_they_hold() {
    on_both(|store| async move {
        furnish(&store).await;
        assert!(store.daemons(at(0), 10).await.unwrap().is_empty());
        store.present("one", 64, at(30)).await.unwrap();
        store.present("two", 2, at(30)).await.unwrap();
        store.present("one", 8, at(40)).await.unwrap();
        assert_eq!(store.daemon_lanes(at(1)).await.unwrap(), [8, 2], "the last word counts");
        assert!(store.claim("a.example", "one", at(0), at(60)).await.unwrap());
        assert!(store.claim("b.example", "dead", at(0), at(20)).await.unwrap());
        let told = async |now| {
            let all = store.daemons(now, 10).await.unwrap();
            all.into_iter().map(|d| (d.holder, d.lanes_max, d.hosts, d.until)).collect::<Vec<_>>()
        };
        let expected =
            [("dead".to_owned(), 0, 1, at(20)), ("one".to_owned(), 8, 1, at(60)), ("two".to_owned(), 2, 0, at(30))];
        assert_eq!(told(at(1)).await, expected);
        assert_eq!(told(at(35)).await, [("one".to_owned(), 8, 1, at(60))]);
        assert_eq!(store.daemons(at(1), 1).await.unwrap().len(), 1);
        let held = store.held(at(1), 10).await.unwrap();
        let held: Vec<_> = held.iter().map(|l| (l.host.as_str(), l.holder.as_str(), l.until)).collect();
        assert_eq!(held, [("a.example", "one", at(60)), ("b.example", "dead", at(20))]);
        assert!(!store.claim_free("a.example", "one", at(2), at(70)).await.unwrap(), "not even by who has it");
        assert!(store.claim_free("c.example", "one", at(2), at(70)).await.unwrap());
        store.release_until("c.example", "one", at(69)).await.unwrap();
        assert_eq!(store.held_count(at(3)).await.unwrap(), 3, "prolonged since");
        store.release_until("c.example", "one", at(70)).await.unwrap();
        assert_eq!(store.held(at(1), 1).await.unwrap().len(), 1);
        assert_eq!((store.held_count(at(1)).await.unwrap(), store.held_count(at(60)).await.unwrap()), (2, 0));
        store.leave("one", at(0)).await.unwrap();
        assert_eq!(store.daemon_lanes(at(1)).await.unwrap(), [2]);
        store.leave("nobody", at(31)).await.unwrap();
        assert!(store.daemon_lanes(at(1)).await.unwrap().is_empty(), "who was last there long ago is forgotten");
    })
    .await;
}

#[tokio::test]
async fn the_listing_that_waits_longest_is_told() {
    on_both(|store| async move {
        assert_eq!(store.oldest_listing_due(at(1)).await.unwrap(), None);
        furnish(&store).await;
        assert_eq!(store.oldest_listing_due(at(-1)).await.unwrap(), None, "not due yet");
        assert_eq!(store.oldest_listing_due(at(90)).await.unwrap(), Some(at(0)));
        for host in ["a.example", "b.example"] {
            store.put_off(due(&store, host, at(1)).await[0].id, at(50)).await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        let page = Entry::at("https://a.example/1".parse().unwrap());
        assert!(tx.add_target("a", "a.example/1", "a.example", &page, at(3), Some(at(3))).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.oldest_listing_due(at(40)).await.unwrap(), None, "pages wait for their turn by design");
        assert_eq!(store.oldest_listing_due(at(90)).await.unwrap(), Some(at(50)));
    })
    .await;
}

fn body(bytes: &[u8]) -> FailedBody {
    FailedBody {
        url: "https://a.example/final".parse().unwrap(),
        content_type: Some("text/html; charset=\0gbk".into()),
        bytes: bytes.to_vec(),
        whole_bytes: 5000,
    }
}

#[tokio::test]
async fn a_visit_is_kept_with_its_phases_and_the_body_that_could_not_be_read() {
    on_both(|store| async move {
        furnish(&store).await;
        let target = due(&store, "a.example", at(1)).await.remove(0);
        let failure =
            Failure { kind: FailureKind::Unreadable, status: None, reason: "no feed\0".into(), retry_after_s: None };
        let mut made = visit(target, Outcome::Failed(failure), Some(at(60)), at(1));
        made.phases = Phases { turn_ms: 1, connect_ms: 2, first_byte_ms: 3, body_ms: 4, read_ms: 5 };
        let remember = async |made: &Visit| {
            let mut tx = store.begin().await.unwrap();
            tx.record_visits(&[store::Ended::of(made)], at(0)).await.unwrap();
            tx.commit().await.unwrap();
        };
        remember(&made).await;
        let row = store.visits("a", None).await.unwrap().remove(0);
        let phases = [row.turn_ms, row.connect_ms, row.first_byte_ms, row.body_ms, row.read_ms];
        assert_eq!(phases, [Some(1), Some(2), Some(3), Some(4), Some(5)]);
        assert_eq!(store.failed_body("a", None).await.unwrap(), None);
        made.failed_body = Some(body(&[0, 159, 255]));
        remember(&made).await;
        (made.started_at, made.failed_body) = (at(5), Some(body(b"later")));
        remember(&made).await;
        let kept = store.failed_body("a", None).await.unwrap().unwrap();
        assert_eq!((kept.body.as_slice(), kept.whole_bytes, kept.at), (b"later".as_slice(), 5000, at(5)));
        assert_eq!((kept.kind.as_str(), kept.url.as_str()), ("listing", "https://a.example/final"));
        assert!(kept.why.unwrap().starts_with("no feed"));
        assert_eq!(store.failed_body("a", Some(TargetKind::Article)).await.unwrap(), None);
        made.target.kind = TargetKind::Article;
        (made.started_at, made.failed_body) = (at(9), Some(body(&[0, 159, 255])));
        remember(&made).await;
        let newest = store.failed_body("a", None).await.unwrap().unwrap();
        assert_eq!((newest.kind.as_str(), newest.body), ("article", vec![0, 159, 255]));
        assert!(store.failed_body("a", Some(TargetKind::Listing)).await.unwrap().is_some(), "one of each");
        assert_eq!(store.forget_bodies(at(6)).await.unwrap(), 1);
        store.sync_sources(&[source("b", "https://b.example:8443/list")], at(10)).await.unwrap();
        assert_eq!(store.forget_bodies(at(6)).await.unwrap(), 1, "its source was removed");
    })
    .await;
}
